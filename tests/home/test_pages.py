import re

import pytest
from django.core.files.base import ContentFile
from wagtail.models import PageViewRestriction

from core.files import SiteDocument
from home.blocks import BodyBlock
from home.models import CharterPage, ContentPage, ProgrammePage
from tests.factories import make_image, make_news, make_page, make_practice

# Wagtail's small pictures leave files open.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

DIRECTIONS = {"ar": "rtl", "fr": "ltr", "en": "ltr", "zgh": "ltr"}
NOTE = '<div class="language-note">'
KINDS = (ContentPage, ProgrammePage, CharterPage)


@pytest.mark.parametrize("language", DIRECTIONS)
@pytest.mark.parametrize("model", KINDS)
def test_page_of_each_kind_is_served_in_its_language(client, model, language):
    page = make_page(model=model, language=language, title="Titre", summary="Résumé")
    answer = client.get(f"/{language}/{page.slug}/")
    html = answer.content.decode()
    assert (answer.status_code, answer.headers["Content-Language"]) == (200, language)
    assert f'<html lang="{language}" dir="{DIRECTIONS[language]}">' in html
    assert "<h1>Titre</h1>" in html
    assert '<p class="lead">Résumé</p>' in html
    assert f'<link rel="canonical" href="http://127.0.0.1:8000/{language}/{page.slug}/">' in html
    assert NOTE not in html
    assert not answer.cookies


@pytest.mark.parametrize(
    ("written", "reader", "nearest"),
    [
        (("ar", "fr", "en"), "zgh", "fr"),
        (("ar", "en"), "zgh", "ar"),
        (("ar", "fr"), "en", "fr"),
        (("fr", "en"), "ar", "fr"),
        (("en",), "ar", "en"),
    ],
)
def test_page_missing_in_a_language_shows_the_nearest_and_says_so(client, written, reader, nearest):
    first, *others = written
    page = make_page(language=first, slug="about", title=f"title {first}")
    for language in others:
        make_page(language=language, translation_of=page, title=f"title {language}")
    answer = client.get(f"/{reader}/about/")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{reader}" dir="{DIRECTIONS[reader]}">' in html
    assert f'<h1 lang="{nearest}" dir="{DIRECTIONS[nearest]}">title {nearest}</h1>' in html
    assert f'<div class="wrap blocks" lang="{nearest}" dir="{DIRECTIONS[nearest]}">' in html
    assert f'<link rel="canonical" href="http://127.0.0.1:8000/{nearest}/about/">' in html
    note = html[html.index(NOTE) : html.index("</p>", html.index(NOTE))]
    assert set(re.findall(r'href="([^"]+)"', note)) == {f"/{code}/about/" for code in written}


def test_own_version_goes_before_a_nearer_one_of_others(client):
    page = make_page(language="ar", slug="about")
    make_page(language="zgh", translation_of=page, title="own")
    html = client.get("/zgh/about/").content.decode()
    assert "<h1>own</h1>" in html
    assert NOTE not in html


def test_draft_is_not_found_beside_a_published_page(client):
    make_page(slug="shown")
    make_page(slug="draft", published=False)
    assert client.get("/ar/shown/").status_code == 200
    for language in DIRECTIONS:
        assert client.get(f"/{language}/draft/").status_code == 404


def test_withdrawn_page_is_not_found(client):
    page = make_page(slug="about")
    assert client.get("/ar/about/").status_code == 200
    page.unpublish()
    assert client.get("/ar/about/").status_code == 404


@pytest.mark.parametrize("kind", ["login", "password", "groups"])
def test_restricted_page_is_not_found_in_any_language_beside_an_open_one(client, kind):
    make_page(slug="open")
    closed = make_page(slug="closed")
    below = make_page(parent=closed, slug="below")
    PageViewRestriction.objects.create(page=closed, restriction_type=kind, password="x")
    for language in DIRECTIONS:
        assert client.get(f"/{language}/open/").status_code == 200
        assert client.get(f"/{language}/closed/").status_code == 404, language
        assert client.get(f"/{language}/closed/{below.slug}/").status_code == 404, language


def test_restricted_version_leaves_the_open_one_of_another_language(client):
    page = make_page(language="ar", slug="about", title="ar")
    make_page(language="fr", translation_of=page, title="fr")
    PageViewRestriction.objects.create(page=page, restriction_type="login")
    assert client.get("/fr/about/").status_code == 200
    html = client.get("/ar/about/").content.decode()
    assert '<h1 lang="fr" dir="ltr">fr</h1>' in html


@pytest.mark.parametrize("address", ["nothing/", "about/nothing/", "ABOUT/", "ar/about/"])
def test_unknown_address_is_not_found_beside_a_known_one(client, address):
    make_page(slug="about")
    assert client.get("/fr/about/").status_code == 200
    assert client.get(f"/fr/{address}").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_page_is_read_and_not_written(client, method):
    make_page(slug="about")
    assert client.head("/fr/about/").status_code == 200
    assert getattr(client, method)("/fr/about/").status_code == 405


def test_address_keeps_the_place_below_another_page(client):
    above = make_page(slug="above")
    make_page(parent=above, slug="below", title="تحت")
    assert client.get("/ar/above/below/").status_code == 200
    assert '<h1 lang="ar" dir="rtl">تحت</h1>' in client.get("/fr/above/below/").content.decode()


def body() -> list:
    """A body with each kind of block."""
    document = SiteDocument(title="Le budget", file=ContentFile(b"%PDF-1.4", name="budget.pdf"))
    document.save()
    somewhere = {"page": None, "address": "/practices/"}
    return [
        ("text", {"heading": "Un texte", "text": "<h3>Sous-titre</h3><p>Des <b>mots</b></p>"}),
        ("picture", {"image": make_image(alt_fr="Une fontaine"), "caption": "Légende"}),
        (
            "figures",
            {
                "heading": "Des chiffres",
                "figures": [{"number": "1 503", "label": "communes", "link": somewhere}],
                "source": "HCP",
            },
        ),
        ("quotation", {"text": "On publie tout", "who": "Maryam", "source": "La presse"}),
        ("steps", {"heading": "Des étapes", "steps": [{"title": "Ouvrir", "text": "la porte"}]}),
        (
            "call_to_action",
            {"heading": "À vous", "text": "Lisez", "label": "Lire", "link": somewhere},
        ),
        ("files", {"heading": "Des fichiers", "files": [document]}),
        ("practices", {"heading": "Des pratiques", "principle": "access", "count": 2}),
        (
            "questions",
            {
                "heading": "Des questions",
                "questions": [{"question": "Où ?", "answer": "<p>Ici</p>"}],
            },
        ),
    ]


def blocks_in(html: str) -> dict[str, str]:
    """The blocks of a page by their kind."""
    parts = re.split(r'<section class="block block--(\w+)">', html[: html.index("</main>")])
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("make", [make_page, make_news])
def test_each_kind_of_block_is_shown(client, make, language):
    shown = make_practice(language="fr", principles=("access",), title="Une pratique")
    make_practice(language="fr", principles=("digital",), title="Une autre")
    page = make(language="fr", body=body())
    answer = client.get(page.url_path.replace("/fr/", f"/{language}/", 1))
    blocks = blocks_in(answer.content.decode())
    assert list(blocks) == list(BodyBlock().child_blocks)
    assert "<h2>Un texte</h2>" in blocks["text"]
    assert "<h3>Sous-titre</h3><p>Des <b>mots</b></p>" in blocks["text"]
    assert 'alt="Une fontaine" lang="fr"' in blocks["picture"]
    assert "<figcaption>Légende</figcaption>" in blocks["picture"]
    assert "<b><bdi>1 503</bdi></b>" in blocks["figures"]
    assert f'<a href="/{language}/practices/">communes</a>' in blocks["figures"]
    assert "<p>On publie tout</p>" in blocks["quotation"]
    assert "<bdi>Maryam</bdi> · <bdi>La presse</bdi>" in blocks["quotation"]
    assert "<h3>Ouvrir</h3><p>la porte</p>" in blocks["steps"]
    assert f'<a class="button" href="/{language}/practices/">Lire</a>' in blocks["call_to_action"]
    assert "Le budget</a>" in blocks["files"]
    assert "<bdi>PDF</bdi>" in blocks["files"]
    assert f'href="/{language}/practices/{shown.slug}/"' in blocks["practices"]
    assert "Une autre" not in blocks["practices"]
    assert f'href="/{language}/practices/?principle=access"' in blocks["practices"]
    assert "<summary>Où ?" in blocks["questions"]
    assert "<p>Ici</p>" in blocks["questions"]


def test_words_of_an_editor_are_shown_as_text(client):
    odd = '<script>"&'
    page = make_page(
        title=odd,
        summary=odd,
        body=[
            ("quotation", {"text": odd, "who": odd}),
            ("steps", {"heading": odd, "steps": [{"title": odd, "text": odd}]}),
            ("text", {"heading": odd, "text": f"<p>{odd}</p>"}),
        ],
    )
    html = client.get(page.url_path).content.decode()
    assert '<script>"' not in html
    assert html.count("&lt;script&gt;&quot;&amp;") >= 8


def test_picture_that_only_decorates_has_an_empty_description(client):
    image = make_image(alt_ar="نافورة")
    page = make_page(body=[("picture", {"image": image, "decorative": True})])
    picture = blocks_in(client.get(page.url_path).content.decode())["picture"]
    assert ' alt=""' in picture
    assert "نافورة" not in picture


def test_programme_shows_its_parts(client):
    page = make_page(
        model=ProgrammePage,
        language="fr",
        introduction="<p>Deux ans</p>",
        partners=[("partner", {"title": "La DGCT", "role": "pilote", "text": "Elle suit"})],
        strands=[("strand", {"title": "Former", "text": "les équipes"})],
        method=[("step", {"title": "Diagnostic", "text": "à plusieurs"})],
        timeline=[("date", {"date": "2022-10", "title": "Création", "source": "DGCT"})],
    )
    html = client.get(page.url_path).content.decode()
    assert re.findall(r'<section class="block" id="(\w+)">', html) == [
        "partners",
        "strands",
        "method",
        "timeline",
    ]
    for words in ("<p>Deux ans</p>", "La DGCT", "pilote", "Former", "Diagnostic", "octobre 2022"):
        assert words in html


def test_charter_numbers_its_commitments(client):
    page = make_page(
        model=CharterPage,
        language="fr",
        purpose="<p>Le but</p>",
        values=[("value", {"title": "Échange", "text": ""})],
        commitments=[("commitment", {"title": f"Engagement {n}", "text": ""}) for n in (1, 2)],
    )
    html = client.get(page.url_path).content.decode()
    assert re.findall(r'id="(commitment-\d)"><h3>([^<]+)', html) == [
        ("commitment-1", "Engagement 1"),
        ("commitment-2", "Engagement 2"),
    ]
    assert re.findall(r'<section class="block" id="([\w-]+)">', html) == [
        "commitments",
        "values",
        "purpose",
    ]


def test_page_asks_the_same_for_a_short_body_and_a_long_one(client, django_assert_num_queries):
    texts = [("text", {"heading": "h", "text": "<p>t</p>"})]
    short, long = make_page(body=texts), make_page(body=texts * 30)
    client.get(short.url_path)  # the menus are kept from now on
    for page in (short, long):
        with django_assert_num_queries(4):
            client.get(page.url_path)


def test_page_in_another_language_asks_the_same_and_a_missing_one_less(
    client, django_assert_num_queries
):
    make_page(slug="about")
    client.get("/fr/about/")
    with django_assert_num_queries(4):
        client.get("/fr/about/")
    with django_assert_num_queries(3):  # the page, and whether its address leads elsewhere now
        assert client.get("/fr/nothing/").status_code == 404
