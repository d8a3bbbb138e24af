"""The termbase: its seed, what editors do with it, and the names that apps keep in it."""

from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from core.languages import CODES
from search.analysis import words
from search.concepts import keep_names, load_seed, make_synonym, seed
from search.models import Concept, MissedSearch, SearchPrefix, Term
from search.services import search
from tests.factories import make_commune


def terms(concept: Concept) -> list[tuple[str, str, bool]]:
    rows = concept.terms.order_by("sort_order")
    return [(one.language, one.text, one.preferred) for one in rows]


def add_term(concept: Concept, language: str, text: str) -> Term:
    place = concept.terms.count()
    term = Term(concept=concept, language=language, text=text, sort_order=place)
    term.full_clean(exclude=["stems"])
    term.save()
    return term


def missed(query: str = "poubelles") -> MissedSearch:
    return MissedSearch.objects.create(language="fr", folded=query, query=query)


def sizes() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (MissedSearch, Concept, Term))


# The seed itself


def test_seed_is_large_enough_and_each_concept_stands_once():
    slugs = [slug for slug, _terms in seed()]
    assert len(slugs) == len(set(slugs))
    assert len(slugs) >= 150


def test_each_concept_of_the_seed_has_names_in_three_languages():
    without = [
        (slug, code) for slug, some in seed() for code in ("ar", "fr", "en") if not some[code]
    ]
    assert without == []


def test_each_term_of_the_seed_can_be_searched_and_kept():
    wrong = [
        (slug, text)
        for slug, some in seed()
        for code in CODES
        for text in some[code]
        if not words(text, code) or len(text) > 80 or text != text.strip()
    ]
    assert wrong == []


def test_no_term_of_the_seed_stands_twice_in_a_concept():
    twice = [
        (slug, code)
        for slug, some in seed()
        for code in CODES
        if len(set(some[code])) != len(some[code])
    ]
    assert twice == []


def test_seed_names_nothing_but_what_is_read():
    assert {code for _slug, some in seed() for code in some} == set(CODES)


# Loading it


def test_seed_loads_once(db):
    number = len(list(seed()))
    assert (load_seed(), load_seed()) == (number, 0)
    assert Concept.objects.count() == number
    assert Term.objects.filter(stems="").count() == 0
    assert SearchPrefix.objects.filter(term__isnull=True).count() == 0
    assert Term.objects.filter(prefixes=None).count() == 0


def test_command_tells_how_many_are_new(db):
    out = StringIO()
    call_command("load_termbase", stdout=out)
    call_command("load_termbase", stdout=out)
    assert out.getvalue() == f"{len(list(seed()))} new concepts\n0 new concepts\n"


def test_loading_again_keeps_what_editors_changed_and_brings_back_what_is_gone(db):
    load_seed()
    changed, gone = Concept.objects.order_by("pk")[:2]
    slug = gone.slug
    changed.terms.all().delete()
    add_term(changed, "fr", "notre mot")
    gone.delete()
    assert load_seed() == 1
    assert terms(changed) == [("fr", "notre mot", False)]
    assert Concept.objects.filter(slug=slug).count() == 1


def test_first_term_of_each_language_is_preferred(db):
    load_seed()
    concept = Concept.objects.get(slug="open-government-partnership")
    preferred = [(code, text) for code, text, one in terms(concept) if one]
    assert preferred == [
        ("ar", "شراكة الحكومة المنفتحة"),
        ("fr", "partenariat gouvernement ouvert"),
        ("en", "open government partnership"),
    ]
    assert str(concept) == " · ".join(text for _code, text in preferred)


def test_seed_makes_a_french_query_find_an_arabic_thing(things):
    things.add("a", "ميزانية تشاركية لسكان الحي", "ar")
    assert search("budget participatif", "fr", kind="things").total == 0
    load_seed()
    [hit] = search("budget participatif", "fr", kind="things").hits
    assert hit.found.title == "<mark>ميزانية</mark> <mark>تشاركية</mark> لسكان الحي"


# Terms of editors


def test_term_is_offered_to_who_types(db):
    concept = Concept.objects.create()
    add_term(concept, "fr", "déchets")
    add_term(concept, "ar", "النفايات")
    assert sorted(SearchPrefix.objects.values_list("text", flat=True)) == [
        "dechets",
        "النفايات",
        "نفايات",
    ]


@pytest.mark.parametrize("text", ["la", "le la", "…", "", "x" * 81, "déchets"])
def test_term_that_no_search_finds_or_that_is_there_is_refused(db, text):
    concept = Concept.objects.create()
    add_term(concept, "fr", "déchets")
    with pytest.raises(ValidationError):
        add_term(concept, "fr", text)
    add_term(concept, "fr", "ordures")
    assert [text for _code, text, _one in terms(concept)] == ["déchets", "ordures"]


def test_missed_search_becomes_a_new_concept_with_the_word_of_the_site(things):
    things.add("a", "النفايات", "ar")
    one = missed()
    assert search("poubelles", "fr", kind="things").total == 0
    concept = make_synonym(
        missed=one, text="poubelles", language="fr", same_as="نفايات", same_as_language="ar"
    )
    assert terms(concept) == [("ar", "نفايات", False), ("fr", "poubelles", False)]
    assert MissedSearch.objects.count() == 0
    assert search("poubelles", "fr", kind="things").total == 1


def test_missed_search_becomes_a_term_of_the_concept_that_is_there(db):
    concept = Concept.objects.create()
    add_term(concept, "fr", "déchets plastiques")
    made = make_synonym(
        missed=missed(), text="poubelles", language="fr", same_as="Déchet plastique",
        same_as_language="fr",
    )  # fmt: skip
    assert made == concept
    assert terms(concept) == [("fr", "déchets plastiques", False), ("fr", "poubelles", False)]


def test_missed_search_never_becomes_a_term_of_what_an_app_keeps(db):
    keep_names("places", {"place-1": {"fr": "Tétouan"}})
    made = make_synonym(
        missed=missed(), text="titwan", language="fr", same_as="Tétouan", same_as_language="fr"
    )
    assert made.origin == ""
    assert Concept.objects.get(origin="places").terms.count() == 1


@pytest.mark.parametrize(
    ("text", "same_as"), [("déchets", "déchets"), ("la", "déchets"), ("bacs", "les"), ("", "eau")]
)
def test_synonym_that_says_nothing_or_is_there_is_refused_and_changes_nothing(db, text, same_as):
    add_term(Concept.objects.create(), "fr", "déchets")
    one = missed()
    words_of = {"language": "fr", "same_as_language": "fr"}
    with pytest.raises(ValidationError):
        make_synonym(missed=one, text=text, same_as=same_as, **words_of)
    assert sizes() == (1, 1, 1)
    make_synonym(missed=one, text="bacs", same_as="déchets", **words_of)
    assert sizes() == (0, 1, 2)


def test_changed_term_is_searched_and_offered_as_it_is_now(things):
    things.add("a", "النفايات", "ar")
    concept = Concept.objects.create()
    add_term(concept, "ar", "نفايات")
    term = add_term(concept, "fr", "ordures")
    term.text = "déchets"
    term.save()
    assert search("ordures", "fr", kind="things").total == 0
    assert search("déchet", "fr", kind="things").total == 1
    assert list(term.prefixes.values_list("text", flat=True)) == ["dechets"]


# Names that apps keep


def test_names_are_kept_once_and_not_offered(db):
    for name in ("Tétouan", "Tetuan"):
        keep_names("places", {"place-1": {"fr": name, "ar": "تطوان"}})
    [concept] = Concept.objects.all()
    assert (concept.origin, terms(concept)) == (
        "places",
        [("fr", "Tetuan", True), ("ar", "تطوان", True)],
    )
    assert SearchPrefix.objects.count() == 0


def test_names_kept_leave_the_concepts_of_editors_alone(db):
    load_seed()
    number = Concept.objects.count()
    keep_names("places", {"place-1": {"fr": "Tétouan"}})
    assert Concept.objects.filter(origin="").count() == number
    assert load_seed() == 0


def test_collectivity_finds_what_is_written_of_it_in_the_other_script(things):
    make_commune(name_ar="شفشاون", name_fr="Chefchaouen")
    things.add("a", "مسبح شفشاون", "ar")
    assert [hit.key for hit in search("Chefchaouen", "fr", kind="things").hits] == ["a-ar"]


def test_names_of_a_deleted_collectivity_go(db):
    commune = make_commune(name_ar="شفشاون", name_fr="Chefchaouen")
    assert Term.objects.filter(text="Chefchaouen").count() == 1
    commune.delete()
    assert Term.objects.filter(text="Chefchaouen").count() == 0
