"""The termbase and the searches without result, as an editor meets them."""

import pytest
from django.urls import reverse

from search.models import Concept, MissedSearch, Term
from search.services import search
from tests.factories import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wagtails_own_templates")]

LIST, MISSED = "/admin/termbase/", "/admin/missed_searches/"


@pytest.fixture
def editor(client):
    """A browser in which somebody of Wagtail's group of editors is signed in."""
    client.force_login(make_staff("Editors"))
    return client


@pytest.fixture
def stranger(client):
    """A browser in which somebody is signed in who may enter the administration, and no more."""
    client.force_login(make_staff("Moderators"))
    return client


def make_concept(**terms: str) -> Concept:
    concept = Concept.objects.create()
    for place, (language, text) in enumerate(terms.items()):
        Term.objects.create(
            concept=concept, language=language, text=text, preferred=True, sort_order=place
        )
    return concept


def make_missed(query: str = "gadoue", language: str = "fr") -> MissedSearch:
    return MissedSearch.objects.create(language=language, folded=query, query=query)


def listed(response) -> list[Concept]:
    return list(response.context["object_list"])


def test_termbase_lists_the_concepts_of_editors_and_leads_to_them(editor):
    waste = make_concept(fr="déchets", ar="نفايات")
    Concept.objects.create(slug="collectivity-01", origin="collectivities")
    response = editor.get(LIST)
    assert listed(response) == [waste]
    page = response.content.decode()
    assert f'href="{LIST}edit/{waste.pk}/"' in page
    assert editor.get(f"{LIST}edit/{waste.pk}/").status_code == 200


@pytest.mark.parametrize("query", ["dechet", "النفاية", "DÉCHETS"])
def test_termbase_is_searched_in_every_form_and_language(editor, query):
    waste = make_concept(fr="déchets", ar="نفايات")
    make_concept(fr="petite entreprise")
    assert listed(editor.get(LIST, {"q": query})) == [waste]


def test_termbase_search_takes_whole_words(editor):
    make_concept(fr="petite entreprise")
    petition = make_concept(fr="pétition")
    assert listed(editor.get(LIST, {"q": "petitions"})) == [petition]


def test_concepts_without_a_term_in_a_language_are_found(editor):
    make_concept(fr="déchets", ar="نفايات")
    missing = make_concept(fr="eau")
    assert listed(editor.get(LIST, {"missing": "ar"})) == [missing]


def test_concept_is_written_with_its_terms_and_counts_at_once(editor, things):
    things.add("a", "تدبير النفايات")
    assert search("gadoue", "fr", kind="things").total == 0
    form = {"note": "", "terms-TOTAL_FORMS": "2", "terms-INITIAL_FORMS": "0"}
    form |= {"terms-MIN_NUM_FORMS": "1", "terms-MAX_NUM_FORMS": "1000"}
    for number, (language, text) in enumerate((("fr", "gadoue"), ("ar", "نفايات"))):
        form |= {f"terms-{number}-language": language, f"terms-{number}-text": text}
        form |= {f"terms-{number}-ORDER": str(number + 1), f"terms-{number}-id": ""}
    assert editor.post(f"{LIST}add/", form).status_code == 302
    assert search("gadoue", "fr", kind="things").total == 1


def test_term_of_words_that_say_nothing_is_refused_with_a_word(editor):
    form = {"terms-TOTAL_FORMS": "1", "terms-INITIAL_FORMS": "0", "terms-0-language": "fr"}
    form |= {"terms-MIN_NUM_FORMS": "1", "terms-MAX_NUM_FORMS": "1000", "terms-0-text": "de la"}
    response = editor.post(f"{LIST}add/", form | {"terms-0-ORDER": "1", "terms-0-id": ""})
    assert response.status_code == 200
    assert not Concept.objects.exists()


def test_searches_without_result_are_listed_the_most_frequent_first(editor):
    make_missed("rare")
    often = make_missed("often")
    MissedSearch.objects.filter(pk=often.pk).update(count=9)
    response = editor.get(MISSED)
    assert [one.query for one in response.context["object_list"]] == ["often", "rare"]
    assert reverse("missed_searches:synonym", args=[often.pk]) in response.content.decode()


def test_synonym_joins_the_concept_of_the_word(editor, things):
    things.add("a", "Gestion des déchets", "fr")
    waste = make_concept(fr="déchets")
    missed = make_missed()
    url = reverse("missed_searches:synonym", args=[missed.pk])
    assert 'value="gadoue"' in editor.get(url).content.decode()
    form = {"text": "gadoue", "language": "fr", "same_as": "Déchet", "same_as_language": "fr"}
    assert editor.post(url, form).status_code == 302
    assert [term.text for term in waste.terms.order_by("sort_order")] == ["déchets", "gadoue"]
    assert not MissedSearch.objects.exists()
    assert search("gadoue", "fr", kind="things").total == 1


def test_synonym_of_a_word_of_no_concept_makes_one(editor):
    missed = make_missed()
    form = {"text": "gadoue", "language": "fr", "same_as": "نفايات", "same_as_language": "ar"}
    editor.post(reverse("missed_searches:synonym", args=[missed.pk]), form)
    [concept] = Concept.objects.all()
    assert {(term.language, term.text) for term in concept.terms.all()} == {
        ("fr", "gadoue"),
        ("ar", "نفايات"),
    }


@pytest.mark.parametrize(
    "wrong", [{"same_as": ""}, {"same_as": "de la"}, {"text": "le"}, {"language": "xx"}]
)
def test_bad_synonym_is_answered_and_changes_nothing(editor, wrong):
    missed = make_missed()
    form = {"text": "gadoue", "language": "fr", "same_as": "eau", "same_as_language": "fr"}
    response = editor.post(reverse("missed_searches:synonym", args=[missed.pk]), form | wrong)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert (MissedSearch.objects.count(), Concept.objects.count()) == (1, 0)


def test_term_that_the_concept_has_is_refused_with_a_word(editor):
    make_concept(fr="gadoue", ar="نفايات")
    missed = make_missed()
    form = {"text": "gadoue", "language": "fr", "same_as": "نفايات", "same_as_language": "ar"}
    response = editor.post(reverse("missed_searches:synonym", args=[missed.pk]), form)
    assert response.context["form"].non_field_errors()
    assert MissedSearch.objects.exists()


def test_searches_cannot_be_written_by_hand_but_deleted(editor):
    missed = make_missed()
    assert editor.get(f"{MISSED}new/").status_code in (302, 403)
    assert editor.get(f"{MISSED}edit/{missed.pk}/").status_code in (302, 403)
    assert editor.post(f"{MISSED}delete/{missed.pk}/").status_code == 302
    assert not MissedSearch.objects.exists()


def test_who_has_no_rights_sees_and_changes_nothing(stranger):
    waste, missed = make_concept(fr="déchets"), make_missed()
    synonym = reverse("missed_searches:synonym", args=[missed.pk])
    for url in (LIST, f"{LIST}edit/{waste.pk}/", MISSED, synonym):
        assert stranger.get(url).status_code in (302, 403), url
    form = {"text": "x", "language": "fr", "same_as": "déchets", "same_as_language": "fr"}
    assert stranger.post(synonym, form).status_code in (302, 403)
    assert (waste.terms.count(), MissedSearch.objects.count()) == (1, 1)
