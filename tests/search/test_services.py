import pytest

from search.registry import Facet, SearchKind, kinds, register
from search.services import SearchResults, search

LETTERS = dict(enumerate("abcdefghijklmnopqrstuvwxyz", start=1))


@pytest.fixture
def letters():
    """A kind of 26 things: letters, some of them vowels, some of them in the word "zebra"."""
    kind = SearchKind(
        name="letters",
        documents=lambda language, query, sort: [
            pk for pk, letter in LETTERS.items() if query in letter
        ],
        sorts=("alphabet",),
        facets=(
            Facet("vowel", lambda: "Vowel", lambda: [("yes", "Yes"), ("no", "No")]),
            Facet("zebra", lambda: "Zebra", lambda: [("yes", "Yes"), ("never", "Never")]),
        ),
        values=lambda: {
            "vowel": {
                "yes": {pk for pk, letter in LETTERS.items() if letter in "aeiou"},
                "no": {pk for pk, letter in LETTERS.items() if letter not in "aeiou"},
            },
            "zebra": {"yes": {pk for pk, letter in LETTERS.items() if letter in "zebra"}},
        },
        load=lambda pks, language: [LETTERS[pk] for pk in pks],
    )
    register(kind)
    yield
    del kinds["letters"]


def letters_found(**options) -> SearchResults:
    return search(options.pop("query", ""), "ar", kind="letters", **options)


def test_search_without_filters_gives_the_first_page_of_everything(letters):
    results = letters_found()
    assert (results.hits, results.total, results.pages) == (list("abcdefghijkl"), 26, 3)


def test_facets_narrow_each_other_and_are_counted_without_themselves(letters):
    results = letters_found(filters={"vowel": ["yes"], "zebra": ["yes"]})
    assert results.hits == ["a", "e"]
    counted = {
        facet.name: {choice.value: choice.count for choice in facet.choices}
        for facet in results.facets
    }
    assert counted == {"vowel": {"yes": 2, "no": 3}, "zebra": {"yes": 2}}


def test_only_the_facets_asked_for_are_counted(letters):
    assert [facet.name for facet in letters_found(facets=["zebra"]).facets] == ["zebra"]


def test_unknown_filters_are_ignored_and_told(letters):
    results = letters_found(filters={"vowel": ["yes", "maybe"], "colour": ["red"]})
    assert results.total == 5
    assert results.ignored == [("vowel", "maybe"), ("colour", "red")]


def test_chosen_value_without_results_stays_to_be_taken_away(letters):
    results = letters_found(filters={"zebra": ["never"]})
    assert results.total == 0
    assert [(facet.name, choice.value) for facet, choice in results.chosen] == [("zebra", "never")]


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-5, 1), (2, 2), (3, 3), (10**20, 3)])
def test_page_is_bounded(letters, asked, given):
    assert letters_found(page=asked).page == given


def test_page_numbers_leave_gaps():
    def numbers(page, pages):
        return SearchResults([], 0, [], page, pages, "", "").page_numbers

    assert numbers(1, 1) == [1]
    assert numbers(1, 9) == [1, 2, None, 9]
    assert numbers(5, 9) == [1, None, 4, 5, 6, None, 9]
    assert numbers(9, 9) == [1, None, 8, 9]


def test_query_is_cut_and_its_spaces_folded(letters):
    assert letters_found(query="  a \n").query == "a"
    assert len(letters_found(query="x" * 3000).query) == 200


def test_kind_cannot_be_registered_twice(letters):
    with pytest.raises(ValueError, match="two search kinds named letters"):
        register(kinds["letters"])
