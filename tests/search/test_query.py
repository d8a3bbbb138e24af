"""What is looked for: from what was typed to words, forms, spellings, and other names."""

from math import isfinite

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from search.models import Concept, Term
from search.query import MOST_ALTERNATIVES, MOST_WORDS, normalised, plan_of
from tests.search.hostile import LANGUAGES, SPECIAL, strings


def concept(**terms: list[str]) -> None:
    made = Concept.objects.create()
    for language, texts in terms.items():
        for text in texts:
            Term.objects.create(concept=made, language=language, text=text)


def weights(query: str, language: str, number: int = 0) -> dict[str, float]:
    """Return by what a word of a query is found: phrases with their weights."""
    group = plan_of(query, language).groups[number]
    return {" ".join(one.stems): one.weight for one in group.alternatives}


# Normalising


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("  budget \n participatif\t", "budget participatif"),
        ("a\x00b\x07c\x7fd", "a b c d"),
        ("\ud800a\udfff", "a"),
        ("نفايات\u202c 😀", "نفايات\u202c 😀"),
        ("\u00a0\u2003a", "a"),
        ("", ""),
        (" \x00 ", ""),
        ("NEAR(a* b) -c", "NEAR(a* b) -c"),
    ],
)
def test_query_loses_only_what_no_text_holds(typed, searched):
    assert normalised(typed) == (searched, False)


def test_long_query_is_cut_and_told():
    assert normalised("x" * 200) == ("x" * 200, False)
    assert normalised("x" * 201) == ("x" * 200, True)
    assert normalised("x" * 100_000) == ("x" * 200, True)
    assert normalised("x" * 199 + "  y") == ("x" * 199, True)
    assert normalised(" " * 10_000 + "x")[0] in ("", "x")  # looks at a bounded part


def test_anything_is_normalised_once_and_for_all():
    for text in strings(11, 5000):
        query, _cut = normalised(text)
        assert normalised(query) == (query, False), ascii(text[:200])
        assert len(query) <= 200
        assert query == " ".join(query.split())
        query.encode()  # no lone surrogate is left
        assert not any(ord(character) < 32 or ord(character) == 127 for character in query)


# The plan


@pytest.mark.parametrize("query", ["", "من في على", "le la", "!?", "😀", '"', "l’"])
def test_query_without_words_has_no_groups(db, query):
    assert plan_of(query, "ar").groups == ()


def test_each_word_is_a_group_once(things):
    groups = plan_of("النفايات نفايات والنفايات تدبير", "ar").groups
    assert [group.word.folded for group in groups] == ["النفايات", "تدبير"]


def test_pasted_paragraph_is_bounded(things):
    plan = plan_of(" ".join(f"{n}" for n in range(100, 150)), "fr")
    assert [group.word.folded for group in plan.groups] == [
        str(n) for n in range(100, 100 + MOST_WORDS)
    ]


def test_latin_word_is_read_in_the_readers_language_first_and_in_the_others(things):
    assert weights("policies", "fr") == {"polic": 1.0, "polici": 0.7, "policis": 0.7}
    assert weights("policies", "en") == {"polici": 1.0, "polic": 0.7, "policis": 0.7}


def test_preposition_of_one_letter_finds_the_word_without_it(things):
    things.add("a", "شراكة")
    assert weights("بشراكة", "ar") == {"بشراك": 1.0, "شراك": 0.9}


def test_word_finds_itself_with_a_preposition(things):
    things.add("a", "بشراكة")
    assert weights("شراكة", "ar") == {"شراك": 1.0, "بشراك": 0.9}


def test_broken_plural_is_found_by_its_consonants(things):
    things.add("a", "مشاريع")
    things.add("b", "مدارس")
    assert weights("مشروع", "ar") == {"مشروع": 1.0, "مشاريع": 0.4}


def test_unknown_word_is_found_by_its_beginning(things):
    things.add("a", "participation", "fr")
    things.add("b", "partage", "fr")
    found = weights("particip", "fr")
    assert found.pop("particip") == 1.0
    assert "partag" not in found


@pytest.mark.parametrize(
    ("typed", "language", "right"),
    [
        ("partcipatif", "fr", "participatif"),
        ("particpiatif", "fr", "participatif"),
        ("النفايت", "ar", "النفايات"),
        ("budjet", "en", "budget"),
    ],
)
def test_mistyped_word_is_read_as_its_likely_spelling(things, typed, language, right):
    for code in ("ar", "fr", "en"):
        things.add(code, "budget participatif" if code != "ar" else "تدبير النفايات", code)
    plan = plan_of(typed, language)
    assert (plan.corrected, plan.all_corrected) == (right, True)


def test_only_the_wrong_word_is_corrected_and_the_rest_stays_as_typed(things):
    things.add("a", "budget participatif", "fr")
    plan = plan_of("Le «Budget» particpatif !", "fr")
    assert (plan.corrected, plan.all_corrected) == ("Le «Budget» participatif !", False)


@pytest.mark.parametrize("typed", ["xx", "2029", "zzzzzzzz", "budget"])
def test_nothing_near_is_not_corrected(things, typed):
    things.add("a", "budget 2024", "fr")
    plan = plan_of(typed, "fr")
    assert (plan.corrected, plan.all_corrected) == ("", False)


def test_term_is_not_corrected_though_no_document_has_it(things):
    things.add("a", "doléance", "fr")
    assert plan_of("doleanse", "fr").corrected == "doléance"
    concept(fr=["doleanse", "plainte"])
    assert plan_of("doleanse", "fr").corrected == ""


# The termbase


def test_synonyms_and_translations_are_looked_for_too(things):
    concept(fr=["déchets", "ordures ménagères"], ar=["نفايات"])
    found = weights("déchets", "fr")
    del found["dcts"]  # as Tamazight
    assert found == {"dechet": 1.0, "ordur menager": 0.7, "نفا": 0.7}


def test_term_of_several_words_is_found_as_a_phrase_only(things):
    concept(fr=["budget participatif"], ar=["ميزانية تشاركية"])
    assert weights("budget participatif", "fr", 1)["ميزان تشارك"] == 0.7
    assert "ميزان تشارك" not in weights("budget communal", "fr")


def test_part_of_a_longer_term_counts_less(things):
    concept(fr=["budget"], en=["money"])
    concept(fr=["budget participatif"], ar=["ميزانية تشاركية"])
    assert weights("budget", "fr")["money"] == 0.7
    assert weights("budget participatif", "fr")["money"] == 0.35


def test_alternatives_of_a_word_are_bounded(things):
    concept(fr=["eau", *(f"nom{n}" for n in range(60))])
    assert len(weights("eau", "fr")) == MOST_ALTERNATIVES


# What it costs


def queries_of(query: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        plan_of(query, "fr")
    return len(captured)


def test_plan_of_known_words_takes_two_queries_and_one_for_the_totals(things):
    things.add("a", "budget participatif commune eau déchets transports", "fr")
    assert queries_of("budget") == 3
    assert queries_of("participatif commune eau déchets transports") == 2  # totals are kept


def test_plan_takes_no_more_queries_for_more_unknown_words(things):
    things.add("a", "budget participatif", "fr")
    queries_of("budget")
    one = queries_of("inconnu")
    many = queries_of("inconnus autrement zzzyyyx qwertyu azertyu poiuytr mlkjhgf wxcvbnq")
    assert (one, many) == (one, one)


def test_plan_of_anything_is_bounded(things):
    things.add("a", "budget participatif جماعة النفايات", "fr")
    for number, text in enumerate([*SPECIAL, *list(strings(12, 150))[len(SPECIAL) :]]):
        plan = plan_of(normalised(text)[0], LANGUAGES[number % 4])
        assert len(plan.groups) <= MOST_WORDS
        for group in plan.groups:
            assert 1 <= len(group.alternatives) <= MOST_ALTERNATIVES
            for one in group.alternatives:
                assert all(stem.isalnum() for stem in one.stems), ascii(text[:200])
                assert 0 < one.weight <= 1
                assert isfinite(one.rarity)
                assert one.rarity >= 0
