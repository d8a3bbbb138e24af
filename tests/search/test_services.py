"""The one call of every list: pages, facets, filters, orders; on a kind of 26 letters."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from search.documents import index_groups
from search.models import SearchDocument
from search.registry import Document, Facet, SearchKind, kinds, register
from search.services import SearchResults, page_number, search
from tests.search.conftest import thing
from tests.search.hostile import LANGUAGES, SPECIAL, strings

LETTERS = "abcdefghijklmnopqrstuvwxyz"
NAMES = {letter: f"{letter}{letter} letter" for letter in LETTERS}
START = datetime(2025, 1, 1, tzinfo=UTC)


def letter_document(letter: str) -> Document:
    number = LETTERS.index(letter)
    return Document(
        key=letter,
        language="en",
        path=f"/letters/{letter}/",
        title=NAMES[letter],
        labels={
            "vowel": ["yes" if letter in "aeiou" else "no"],
            "zebra": ["yes"] if letter in "zebra" else [],
        },
        date=START - timedelta(days=number),
        adoptions=number,
    )


@pytest.fixture
def letters(db):
    """A kind of 26 things: letters, some of them vowels, some of them in the word "zebra"."""
    kind = SearchKind(
        name="letters",
        label=lambda: "Letters",
        groups=lambda: LETTERS,
        documents=lambda groups: {letter: [letter_document(letter)] for letter in groups},
        load=lambda keys, language: [SimpleNamespace(letter=key) for key in keys],
        sorts=("newest", "title", "adopted"),
        facets=(
            Facet("vowel", lambda: "Vowel", lambda: [("yes", "Yes"), ("no", "No")]),
            Facet("zebra", lambda: "Zebra", lambda: [("yes", "Yes"), ("never", "Never")]),
        ),
    )
    register(kind)
    index_groups("letters", list(LETTERS))
    yield
    del kinds["letters"]


def letters_found(query: str = "", **options) -> SearchResults:
    return search(query, "ar", kind="letters", **options)


def shown(results: SearchResults) -> str:
    return "".join(one.letter for one in results.hits)


def test_search_without_filters_gives_the_first_page_of_everything(letters):
    results = letters_found()
    assert (shown(results), results.total, results.pages) == ("abcdefghijkl", 26, 3)


def test_pages_follow_each_other_without_gap_or_doubling(letters):
    pages = [shown(letters_found("letter", page=page)) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [12, 12, 2]
    assert sorted("".join(pages)) == list(LETTERS)


def test_facets_narrow_each_other_and_are_counted_without_themselves(letters):
    results = letters_found(filters={"vowel": ["yes"], "zebra": ["yes"]})
    assert shown(results) == "ae"
    counted = {
        facet.name: {choice.value: choice.count for choice in facet.choices}
        for facet in results.facets
    }
    assert counted == {"vowel": {"yes": 2, "no": 3}, "zebra": {"yes": 2}}


def test_values_of_one_facet_are_alternatives(letters):
    assert letters_found(filters={"vowel": ["yes", "no"]}).total == 26
    assert letters_found(filters={"vowel": ["yes"]}).total == 5


def test_words_are_combined_with_facets(letters):
    results = letters_found("ee zz letter", filters={"vowel": ["yes"]})
    assert shown(results)[0] == "e"
    assert {facet.name: [c.count for c in facet.choices] for facet in results.facets} == {
        "vowel": [5, 21],
        "zebra": [2],
    }


def test_only_the_facets_asked_for_are_counted(letters):
    assert [facet.name for facet in letters_found(facets=["zebra"]).facets] == ["zebra"]
    assert letters_found(facets=[]).facets == []


def test_filter_of_a_facet_that_is_not_counted_narrows_all_the_same(letters):
    assert letters_found(filters={"vowel": ["yes"]}, facets=[]).total == 5


def test_unknown_filters_are_ignored_and_told(letters):
    results = letters_found(filters={"vowel": ["yes", "maybe"], "colour": ["red"]})
    assert results.total == 5
    assert results.ignored == [("vowel", "maybe"), ("colour", "red")]


def test_chosen_value_without_results_stays_to_be_taken_away(letters):
    results = letters_found(filters={"zebra": ["never"]})
    assert (results.total, results.total_without_filters) == (0, 26)
    assert [(facet.name, choice.value) for facet, choice in results.chosen] == [("zebra", "never")]


def test_own_language_leaves_out_the_others(letters):
    results = letters_found(own_language=True)
    assert (results.total, results.total_without_filters) == (0, 26)
    assert search("", "en", kind="letters", own_language=True).total == 26


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-5, 1), (2, 2), (3, 3), (10**20, 3)])
def test_page_is_bounded(letters, asked, given):
    assert letters_found(page=asked).page == given


@pytest.mark.parametrize(
    ("asked", "given"),
    [("2", 2), ("", 1), ("x", 1), ("-3", 1), ("٢", 1), ("²", 1), ("9" * 7, 1), ("1.5", 1)],
)
def test_page_in_an_address_is_a_plain_number(asked, given):
    assert page_number(asked) == given


def test_page_numbers_leave_gaps():
    def numbers(page, pages):
        return SearchResults([], 0, [], page, pages, "", "").page_numbers

    assert numbers(1, 1) == [1]
    assert numbers(1, 9) == [1, 2, None, 9]
    assert numbers(5, 9) == [1, None, 4, 5, 6, None, 9]
    assert numbers(9, 9) == [1, None, 8, 9]


@pytest.mark.parametrize(
    ("sort", "first"),
    [("newest", "abc"), ("title", "abc"), ("adopted", "zyx"), ("", "abc"), ("nothing", "abc")],
)
def test_orders_without_words(letters, sort, first):
    results = letters_found(sort=sort)
    assert shown(results)[:3] == first
    assert results.sorts == ("newest", "title", "adopted")


def test_best_answer_is_offered_where_words_are_searched(letters):
    results = letters_found("letter bb")
    assert results.sorts == ("relevance", "newest", "title", "adopted")
    assert (results.sort, shown(results)[0]) == ("relevance", "b")
    assert shown(letters_found("letter bb", sort="adopted"))[:2] == "zy"


def test_query_is_cut_and_its_spaces_folded(letters):
    results = letters_found("  aa \n")
    assert (results.query, results.query_cut, shown(results)) == ("aa", False, "a")
    results = letters_found("x" * 3000)
    assert (len(results.query), results.query_cut) == (200, True)


@pytest.mark.parametrize("query", ["the of and", "😀", '"', "(((", "-"])
def test_query_that_says_nothing_finds_nothing(letters, query):
    results = letters_found(query)
    assert (results.hits, results.total, results.pages) == ([], 0, 1)


def test_words_that_no_thing_has_all_of_find_those_with_some(letters):
    assert shown(letters_found("aa bb", sort="newest")) == "ab"


def test_hits_tell_where_they_were_found(letters):
    [hit] = letters_found("aa").hits
    assert (hit.letter, hit.found.title, hit.found.text) == ("a", "<mark>aa</mark> letter", "")


def test_kind_cannot_be_registered_twice(letters):
    with pytest.raises(ValueError, match="two search kinds named letters"):
        register(kinds["letters"])


def test_search_takes_the_same_queries_for_any_number_of_hits(letters, django_assert_num_queries):
    letters_found("letter")  # the totals are kept from here on
    for query, number in (("letter", 5), ("aa", 5), ("", 3)):
        with django_assert_num_queries(number):
            letters_found(query)


# Ranking


def test_title_counts_more_than_summary_and_summary_more_than_body(things):
    words = "alpha beta gamma delta"
    things.put("body", thing("body", words, "fr", summary=words, body=f"budget {words}"))
    things.put("summary", thing("summary", words, "fr", summary=f"budget {words}", body=words))
    things.put("title", thing("title", f"budget {words}", "fr", summary=words, body=words))
    hits = search("budget", "fr", kind="things").hits
    assert [one.key for one in hits] == ["title-fr", "summary-fr", "body-fr"]


def test_newer_and_adopted_things_come_first_among_equals(things):
    now = datetime.now(UTC)
    things.add("old", "budget", "fr", date=now - timedelta(days=3000), number=3)
    things.add("new", "budget", "fr", date=now - timedelta(days=10), number=2)
    things.add("taken", "budget", "fr", date=now - timedelta(days=10), adoptions=40, number=1)
    hits = search("budget", "fr", kind="things").hits
    assert [one.key for one in hits] == ["taken-fr", "new-fr", "old-fr"]


def test_rare_word_counts_more_than_a_common_one(things):
    for number in range(12):
        things.add(f"common{number}", f"commune numéro {number}", "fr", number=100 + number)
    things.add("rare", "piscine numéro 99", "fr")
    hits = search("commune piscine", "fr", kind="things").hits
    assert hits[0].key == "rare-fr"


def test_own_language_comes_before_another(things):
    things.add("english", "budget budget", "en", number=2)
    things.add("french", "budget", "fr", number=1)
    for language, order in (
        ("fr", ["french-fr", "english-en"]),
        ("en", ["english-en", "french-fr"]),
    ):
        hits = search("budget", language, kind="things").hits
        assert [one.key for one in hits] == order


def test_thing_is_found_by_its_version_in_another_language_and_shown_once(things):
    things.put("a", thing("a", "تدبير النفايات", "ar"), thing("a", "gestion des déchets", "fr"))
    [hit] = search("déchets", "ar", kind="things").hits
    assert (hit.key, hit.found.title) == ("a-ar", "تدبير النفايات")


# Anything at all


def test_search_of_anything_answers(things):
    things.add("a", "budget participatif AND NEAR title", "fr", summary="جماعة النفايات")
    things.add("b", "الجماعة والنفايات", "ar", body="budget 2024 ⵜⴰⵎⴰⵣⵉⵖⵜ")
    randoms = list(strings(31, 60))[len(SPECIAL) :]
    for number, text in enumerate([*SPECIAL, *randoms]):
        results = search(text, LANGUAGES[number % 4], kind="things" if number % 2 else "")
        assert len(results.hits) == min(results.total, 12), ascii(text[:200])
        assert results.total <= 2
    assert SearchDocument.objects.count() == 2
