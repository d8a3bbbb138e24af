"""The three readable styles, to the letter. The files for reference managers: test_practice.py."""

from datetime import UTC, date, datetime

import pytest
from django.utils.translation import override

from practices.citation import Citation, apa, chicago, citations, iso_690
from practices.models import PracticePage
from tests.factories import make_commune, make_practice

ARABIC, FRENCH, ENGLISH = "الميزانية المفتوحة", "Le budget ouvert", "The open budget"
SITE_AR = "الشبكة المغربية للجماعات الترابية المنفتحة"
SITE_FR = "Réseau marocain des collectivités territoriales ouvertes"
SITE_EN = "Moroccan Network of Open Territorial Collectivities"
URL = "https://example.org/ar/practices/open-budget-7/"
VIEWED = date(2026, 12, 5)

# A page asks for its content type when it is made, unless another test has before.
pytestmark = pytest.mark.django_db


def page_titled(title: str, published: datetime | None = datetime(2026, 11, 3, tzinfo=UTC)):
    return PracticePage(title=title, first_published_at=published)


@pytest.mark.parametrize(
    ("language", "title", "author", "reference"),
    [
        (
            "ar",
            ARABIC,
            "جماعة أكادير",
            f"جماعة أكادير. (2026، 3 نونبر). {ARABIC}. {SITE_AR}. {URL}",
        ),
        (
            "fr",
            FRENCH,
            "Commune d’Agadir",
            f"Commune d’Agadir. (2026, 3 novembre). {FRENCH}. {SITE_FR}. {URL}",
        ),
        (
            "en",
            ENGLISH,
            "Commune of Agadir",
            f"Commune of Agadir. (2026, November 3). {ENGLISH}. {SITE_EN}. {URL}",
        ),
    ],
)
def test_apa_in_three_languages(language, title, author, reference):
    with override(language):
        assert apa(page_titled(title), [author], URL) == reference


@pytest.mark.parametrize(
    ("language", "title", "author", "reference"),
    [
        (
            "ar",
            ARABIC,
            "جماعة أكادير",
            f"جماعة أكادير. «{ARABIC}». {SITE_AR}، 3 نونبر 2026. {URL}.",
        ),
        (
            "fr",
            FRENCH,
            "Commune d’Agadir",
            f"Commune d’Agadir. «\u00a0{FRENCH}\u00a0». {SITE_FR}, 3 novembre 2026. {URL}.",
        ),
        (
            "en",
            ENGLISH,
            "Commune of Agadir",
            f"Commune of Agadir. “{ENGLISH}.” {SITE_EN}, November 3, 2026. {URL}.",
        ),
    ],
)
def test_chicago_in_three_languages(language, title, author, reference):
    with override(language):
        assert chicago(page_titled(title), [author], URL) == reference


@pytest.mark.parametrize(
    ("language", "title", "author", "reference"),
    [
        (
            "ar",
            ARABIC,
            "جماعة أكادير",
            f"جماعة أكادير. {ARABIC} [على الإنترنت]. {SITE_AR}، 3 نونبر 2026"
            f" [اطُّلع عليه في 5 دجنبر 2026]. متاح على: {URL}",
        ),
        (
            "fr",
            FRENCH,
            "Commune d’Agadir",
            f"Commune d’Agadir. {FRENCH} [en ligne]. {SITE_FR}, 3 novembre 2026"
            f" [consulté le 5 décembre 2026]. Disponible à l’adresse\u00a0: {URL}",
        ),
        (
            "en",
            ENGLISH,
            "Commune of Agadir",
            f"Commune of Agadir. {ENGLISH} [online]. {SITE_EN}, 3 November 2026"
            f" [viewed 5 December 2026]. Available from: {URL}",
        ),
    ],
)
def test_iso_690_in_three_languages(language, title, author, reference):
    with override(language):
        assert iso_690(page_titled(title), [author], URL, VIEWED) == reference


@pytest.mark.parametrize(
    ("language", "authors", "in_apa", "in_chicago"),
    [
        ("en", ["A", "B"], "A & B. (", "A and B. “"),
        ("en", ["A", "B", "C"], "A, B, & C. (", "A, B, and C. “"),
        ("en", ["A", "B", "C", "D"], "A, B, C, et al. (", "A, B, C, et al. “"),
        ("fr", ["A", "B"], "A et B. (", "A et B. «"),
        ("fr", ["A", "B", "C"], "A, B et C. (", "A, B et C. «"),
        ("fr", ["A", "B", "C", "D"], "A, B, C et al. (", "A, B, C et al. «"),
        ("ar", ["أ", "ب"], "أ وب. (", "أ وب. «"),
        ("ar", ["أ", "ب", "ج"], "أ، ب وج. (", "أ، ب وج. «"),
        ("ar", ["أ", "ب", "ج", "د"], "أ، ب، ج وآخرون. (", "أ، ب، ج وآخرون. «"),
    ],
)
def test_up_to_three_authors_are_named(language, authors, in_apa, in_chicago):
    page = page_titled("T")
    with override(language):
        assert apa(page, authors, URL).startswith(in_apa)
        assert chicago(page, authors, URL).startswith(in_chicago)
        assert iso_690(page, authors, URL, VIEWED).startswith(in_chicago[:-1] + "T [")


def test_reference_without_author_begins_with_the_title():
    page = page_titled(ENGLISH)
    with override("en"):
        assert apa(page, [], URL) == f"{ENGLISH}. (2026, November 3). {SITE_EN}. {URL}"
        assert chicago(page, [], URL) == f"“{ENGLISH}.” {SITE_EN}, November 3, 2026. {URL}."
        assert iso_690(page, [], URL, VIEWED).startswith(f"{ENGLISH} [online]. ")


def test_title_that_is_a_question_takes_no_full_stop():
    page = page_titled("Who decides?")
    with override("en"):
        assert apa(page, ["A"], URL).startswith("A. (2026, November 3). Who decides? Moroccan")
        assert chicago(page, ["A"], URL).startswith("A. “Who decides?” Moroccan")


def test_draft_has_no_date():
    page = page_titled(ENGLISH, published=None)
    with override("en"):
        assert apa(page, ["A"], URL) == f"A. (n.d.). {ENGLISH}. {SITE_EN}. {URL}"
        assert chicago(page, ["A"], URL) == f"A. “{ENGLISH}.” {SITE_EN}, n.d. {URL}."
        assert f"{SITE_EN}, n.d. [viewed" in iso_690(page, ["A"], URL, VIEWED)


@pytest.mark.django_db
def test_citations_speak_the_language_of_the_practice_whatever_the_reader_reads():
    practice = make_practice(language="fr", title=FRENCH)
    with override("ar"):
        found = citations(practice, ["Commune d’Agadir"], URL, VIEWED)
    assert [one.style for one in found] == ["APA 7", "Chicago 17", "ISO 690"]
    assert all(SITE_FR in one.before for one in found)
    assert [(one.url, one.after) for one in found] == [(URL, ""), (URL, "."), (URL, "")]


def test_citation_is_one_text_whatever_the_title_holds():
    with override("en"):
        text = apa(page_titled(f"100% of {URL}"), ["A"], URL)
    one = Citation("apa", "APA 7", *text.rpartition(URL))
    assert one.before.endswith(f"100% of {URL}. {SITE_EN}. ")
    assert one.text == text


@pytest.mark.django_db
def test_page_shows_each_style_in_the_language_of_the_practice(client):
    commune = make_commune(name_fr="Agadir")
    practice = make_practice(language="fr", title="Le <b>budget", collectivities=(commune,))
    path = f"/zgh/practices/{practice.slug}/"
    page = client.get(path).content.decode()
    for code in ("apa", "chicago", "iso-690"):
        assert page.count(f'<p id="cite-{code}" lang="fr" dir="ltr">Commune d’Agadir. ') == 1
        assert page.count(f'data-copy-of="cite-{code}"') == 1
    url = f"http://127.0.0.1:8000/fr/practices/{practice.slug}/"
    assert page.count(f'<bdi dir="ltr">{url}</bdi></p>') == 3  # on the printed head as well
    assert page.count(f'<bdi dir="ltr">{url}</bdi>.</p>') == 1
    assert "Le <b>budget" not in page
