"""The same searches on every engine: the answers must be the same."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from search.concepts import load_seed
from search.copies import copy_documents
from search.models import Concept, Term
from search.registry import audience_holders, register_audiences
from search.services import search
from tests.factories import make_user
from tests.search.conftest import thing

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("elasticsearch")]

HOSTILE = [
    *('"', 'a"b', "*", "(", "NEAR(", "AND", "OR NOT", "title:", "^", "-", "a:*", "'", "\\", "%"),
    *("\x00", "\ud800", "😀", "()" * 250, "(" * 500, "   ", "من في على", "the of and", "\u202e"),
    *("a & b | !c <-> d", "{x}", "$$", "--", ";", "x" * 100_000, "كلمة " * 300, "<b>", "&amp;"),
]


def found(query: str, language: str = "ar", **options) -> list[str]:
    results = search(query, language, kind="things", **options)
    return [one.key for one in results.hits]


def counts(results, facet: str) -> dict[str, int]:
    [one] = [one for one in results.facets if one.name == facet]
    return {choice.value: choice.count for choice in one.choices}


def concept(**terms: list[str]) -> None:
    made = Concept.objects.create()
    for language, texts in terms.items():
        for text in texts:
            Term.objects.create(concept=made, language=language, text=text)


def expected_engine(settings) -> str:
    return "elasticsearch" if settings.ELASTICSEARCH_URL else connection.vendor


def test_the_engine_that_is_meant_answers(things, settled, settings):
    things.add("a", "النفايات")
    settled()
    results = search("نفايات", "ar")
    assert (results.engine, results.degraded) == (expected_engine(settings), False)


@pytest.mark.parametrize(
    "query",
    [
        *(
            "نفايات",
            "النفايات",
            "والنفايات",
            "بالنفايات",
            "للنفايات",
            "نفاية",
            "نُفَايَات",
            "نفـــايات",
        ),
        *("نفاياتهم", "\u202bنفايات\u202c", "ﻧﻔﺎﻳﺎﺕ"),
    ],
)
def test_an_arabic_word_is_found_in_every_form(things, settled, query):
    things.add("a", "تدبير النفايات المنزلية")
    things.add("b", "الإنارة العمومية")
    settled()
    assert found(query) == ["a-ar"]


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ("petition", "fr"),
        ("PÉTITIONS", "fr"),
        ("l’eau", "fr"),
        ("eau", "fr"),
        ("participatifs", "fr"),
        ("meeting", "en"),
        ("meetings", "en"),
        ("ⵜⴰⵎⴰⵣⵉⵖⵜ", "zgh"),
        ("tamazight", "zgh"),
        ("tamazight", "fr"),
        ("2024", "ar"),
        ("٢٠٢٤", "ar"),
        ("اعلان", "ar"),
        ("مشروع", "ar"),
        ("عرائض", "ar"),
    ],
)
def test_a_word_is_found_in_every_language(things, settled, query, language):
    things.add("a", "Les pétitions, l’eau et le budget participatif", "fr")
    things.add("b", "Public meeting", "en")
    things.add("c", "ⵜⴰⵎⴰⵣⵉⵖⵜ", "zgh")
    things.add("d", "الإعلان عن المشاريع سنة 2024 وعريضة", "ar")
    settled()
    answers = {"petition": "a", "PÉTITIONS": "a", "l’eau": "a", "eau": "a", "participatifs": "a"}
    answers |= {"meeting": "b", "meetings": "b", "ⵜⴰⵎⴰⵣⵉⵖⵜ": "c", "tamazight": "c"}
    assert [key[0] for key in found(query, language)] == [answers.get(query, "d")]


def test_a_word_in_the_title_weighs_more_than_in_summary_and_body(things, settled):
    things.add("body", "أخرى", body="الشفافية")
    things.add("summary", "أخرى", summary="الشفافية")
    things.add("title", "الشفافية")
    settled()
    assert found("شفافية") == ["title-ar", "summary-ar", "body-ar"]


def test_what_answers_more_words_comes_first(things, settled):
    things.add("one", "ميزانية")
    things.add("both", "ميزانية تشاركية")
    things.add("none", "نفايات")
    settled()
    assert found("ميزانية تشاركية") == ["both-ar", "one-ar"]


def test_newer_and_more_adopted_things_come_a_little_sooner(things, settled):
    now = timezone.now()
    for group, facts in {
        "old": {"date": now - timedelta(days=3650)},
        "adopted": {"date": now - timedelta(days=3650), "adoptions": 9},
        "new": {"date": now},
    }.items():
        things.add(group, "ميزانية", **facts)
    settled()
    assert found("ميزانية") == ["adopted-ar", "new-ar", "old-ar"]


def test_a_synonym_and_a_translation_find_each_other_at_lower_weight(things, settled):
    concept(ar=["شكاية", "تظلم"], fr=["réclamation"], en=["complaint"])
    things.add("ar", "التظلمات")
    things.add("fr", "Les réclamations", "fr")
    things.add("own", "شكاية")
    settled()
    assert found("شكايات") == ["own-ar", "ar-ar", "fr-fr"]
    assert sorted(found("complaints", "en")) == ["ar-ar", "fr-fr", "own-ar"]


def test_a_term_of_several_words_is_a_phrase(things, settled):
    concept(ar=["ميزانية تشاركية"], fr=["budget participatif"])
    things.add("phrase", "الميزانية التشاركية")
    things.add("apart", "التشاركية قبل الميزانية")
    settled()
    assert found("budget participatif", "fr") == ["phrase-ar"]


def test_results_in_another_language_can_be_left_out(things, settled):
    concept(ar=["ميزانية"], fr=["budget"])
    things.add("ar", "ميزانية")
    things.add("fr", "Budget", "fr")
    settled()
    assert found("budget", "fr") == ["fr-fr", "ar-ar"]
    assert found("budget", "fr", own_language=True) == ["fr-fr"]


def test_a_thing_stands_once_in_the_nearest_language_and_is_found_by_all(things, settled):
    things.put("a", thing("a", "الشفافية"), thing("a", "Transparence", "fr"))
    settled()
    assert found("transparence", "ar") == ["a-ar"]
    assert found("الشفافية", "fr") == ["a-fr"]
    assert found("", "en") == ["a-fr"]
    assert found("", "zgh") == ["a-fr"]


def test_facets_are_counted_each_without_its_own_filter(things, settled):
    for group, colour, size in (
        ("a", "red", "small"),
        ("b", "red", "large"),
        ("c", "blue", "small"),
        ("d", "green", "large"),
    ):
        things.add(group, f"ميزانية {group}", labels={"colour": [colour], "size": [size]})
    things.add("e", "نفايات", labels={"colour": ["red"], "size": ["small"]})
    settled()
    for query, more in (("ميزانية", 0), ("", 1)):
        results = search(query, "ar", {"colour": ["red", "blue"], "size": ["small"]}, kind="things")
        assert results.total == 2 + more
        assert counts(results, "colour") == {"red": 1 + more, "blue": 1}
        assert counts(results, "size") == {"small": 2 + more, "large": 1}


def test_facet_value_that_nothing_has_stays_to_be_taken_away(things, settled):
    things.add("a", "ميزانية", labels={"colour": ["red"]})
    settled()
    results = search("ميزانية", "ar", {"colour": ["green"]}, kind="things")
    assert (results.total, results.total_without_filters) == (0, 1)
    assert counts(results, "colour") == {"red": 1, "green": 0}


def test_sorts_without_and_with_words(things, settled):
    now = timezone.now()
    things.add("a", "بلدة", date=now - timedelta(days=2), adoptions=1)
    things.add("b", "أرض", date=now - timedelta(days=1))
    things.add("c", "تراب", date=None, adoptions=5)
    settled()
    assert found("") == ["b-ar", "a-ar", "c-ar"]
    assert found("", sort="title") == ["b-ar", "a-ar", "c-ar"]
    assert found("", sort="adopted") == ["c-ar", "a-ar", "b-ar"]
    assert search("", "ar", kind="things").sorts == ("newest", "title", "adopted")
    assert search("أرض", "ar", kind="things").sorts == ("relevance", "newest", "title", "adopted")


def test_pages_are_bounded_and_hold_each_result_once(things, settled):
    for number in range(70):
        things.add(f"g{number:02}", f"ميزانية {number}")
    settled()
    pages = [search("ميزانية", "ar", kind="things", page=page) for page in range(1, 7)]
    keys = [one.key for page in pages for one in page.hits]
    assert (pages[0].total, pages[0].pages, len(keys), len(set(keys))) == (70, 6, 70, 70)
    assert search("ميزانية", "ar", kind="things", page=10**9).page == 6


def test_restricted_things_are_found_by_those_who_hold_a_key(things, settled):
    things.add("public", "ميزانية", labels={"colour": ["red"]})
    things.add("network", "ميزانية", audiences=["network"], labels={"colour": ["blue"]})
    things.add("own", "ميزانية", audiences=["collectivity:12"], labels={"colour": ["green"]})
    settled()
    person = make_user()
    keys = {"nobody": [], "member": ["network"], "ours": ["network", "collectivity:12"]}
    seen = {}
    for who, held in keys.items():
        register_audiences("test", lambda reader, held=held: held)
        for query in ("ميزانية", ""):
            results = search(query, "ar", kind="things", reader=person)
            everything = search(query, "ar", reader=person)
            assert results.total == everything.total == sum(counts(results, "colour").values())
            seen[who] = sorted(one.key for one in results.hits)
            assert [one.count for one in everything.sections] == [len(seen[who])]
        del audience_holders["test"]
    assert seen == {
        "nobody": ["public-ar"],
        "member": ["network-ar", "public-ar"],
        "ours": ["network-ar", "own-ar", "public-ar"],
    }
    assert found("ميزانية") == ["public-ar"]


def test_reader_with_two_keys_sees_the_nearest_version_once(things, settled):
    things.put(
        "a",
        thing("a", "الشفافية", audiences=["network"]),
        thing("a", "Transparence", "fr"),
    )
    settled()
    assert found("") == ["a-fr"]
    # What the public version is found by tells nothing of the restricted one.
    assert found("الشفافية") == []
    register_audiences("test", lambda reader: ["network"])
    try:
        person = make_user()
        assert found("", reader=person) == ["a-ar"]
        assert found("الشفافية", reader=person) == ["a-ar"]
    finally:
        del audience_holders["test"]


def test_what_changes_is_found_anew_and_what_goes_is_not(things, settled):
    things.add("a", "ميزانية")
    things.add("b", "ميزانية")
    settled()
    things.add("a", "نفايات")
    things.drop("b")
    settled()
    assert found("ميزانية") == []
    assert found("نفايات") == ["a-ar"]


@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: ascii(query)[:20])
def test_hostile_searches_are_answered_alike(things, settled, query):
    things.add("a", "ميزانية title AND NEAR OR NOT amp", summary="a b c d x")
    settled()
    results = search(query, "ar", kind="things")
    words = {"a\"b", "AND", "OR NOT", "title:", "a:*", "NEAR(", "{x}", "&amp;"} | {
        "a & b | !c <-> d", "<b>",
    }  # fmt: skip
    browse = {"\x00", "\ud800", "   "}
    assert results.total == len(results.hits)
    assert results.total in ({0, 1} if query in words else {1} if query in browse else {0})


def test_seed_of_the_termbase_widens_alike(things, settled):
    load_seed()
    things.add("a", "تدبير الأزبال بالحي")
    things.add("b", "Gestion des déchets ménagers", "fr")
    settled()
    assert found("نفايات منزلية") == ["a-ar", "b-fr"]
    assert found("ordures", "fr") == ["b-fr", "a-ar"]


def test_a_misspelt_word_finds_and_says_it(things, settled):
    things.add("a", "الميزانية التشاركية")
    settled()
    results = search("ميزانبة", "ar", kind="things")
    assert [one.key for one in results.hits] == ["a-ar"]
    assert (results.suggestion, results.corrected) == ("ميزانية", True)
    results = search("تشاركية ميزانبة", "ar", kind="things")
    assert (results.suggestion, results.corrected) == ("تشاركية ميزانية", False)


@pytest.mark.elastic
def test_older_copy_never_overwrites_a_newer_one(things, elastic):
    from search.copies import _write, alias, writer
    from search.models import SearchDocument

    things.add("a", "ميزانية")
    copy_documents()
    old = SearchDocument.objects.prefetch_related("labels").get(key="a-ar")
    things.add("a", "نفايات")
    copy_documents()
    _write(writer(), [old], alias())
    writer().indices.refresh(index=alias())
    assert found("ميزانية") == []
    assert found("نفايات") == ["a-ar"]
