import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from home.models import CharterPage, ContentPage, HomePage, NewsIndexPage, ProgrammePage
from practices.models import PracticeIndexPage
from tests.factories import make_news, make_page, make_practice

pytestmark = pytest.mark.django_db

DIRECTIONS = {"ar": "rtl", "fr": "ltr", "en": "ltr", "zgh": "ltr"}
NOTE = '<div class="language-note">'


def draft(page, title: str):
    """Save a version that is not published."""
    page.title = page.draft_title = title
    page.save_revision()
    return page


def preview(page, mode: str) -> str:
    """What a preview shows, asked for in an administration in French."""
    request = RequestFactory().get(page.url_path)
    with translation.override("fr"):
        answer = page.make_preview_request(request, mode)
    assert answer.status_code == 200
    return answer.content.decode()


def test_modes_are_the_pages_own_language_and_then_the_others():
    assert make_page(language="fr").preview_modes == [
        ("fr", "Français"),
        ("ar", "العربية"),
        ("en", "English"),
        ("zgh", "ⵜⴰⵎⴰⵣⵉⵖⵜ"),
    ]


@pytest.mark.parametrize("mode", ["ar", ""])
def test_preview_in_its_own_language_shows_the_draft(mode):
    page = draft(make_page(title="published"), "draft")
    html = preview(page.get_latest_revision_as_object(), mode)
    assert '<html lang="ar" dir="rtl">' in html
    assert "<h1>draft</h1>" in html
    assert NOTE not in html


def test_preview_in_a_translated_language_shows_the_translations_newest_draft():
    page = draft(make_page(title="ar published"), "ar draft")
    draft(make_page(language="fr", title="fr published", translation_of=page), "fr draft")
    html = preview(page, "fr")
    assert '<html lang="fr" dir="ltr">' in html
    assert "<h1>fr draft</h1>" in html
    assert NOTE not in html


def test_preview_in_a_language_without_a_version_shows_this_one_as_readers_find_it():
    page = draft(make_page(title="published"), "draft")
    html = preview(page, "zgh")
    assert '<html lang="zgh" dir="ltr">' in html
    assert '<h1 lang="ar" dir="rtl">draft</h1>' in html
    assert NOTE in html


def test_preview_of_a_page_that_was_never_published():
    page = make_page(title="new", published=False)
    for mode in DIRECTIONS:
        assert "new</h1>" in preview(page, mode)


@pytest.mark.parametrize("mode", DIRECTIONS)
@pytest.mark.parametrize(
    "make",
    [
        lambda: make_page(model=ContentPage),
        lambda: make_page(model=ProgrammePage),
        lambda: make_page(model=CharterPage),
        make_news,
        make_practice,
        lambda: HomePage.objects.get(locale__language_code="ar"),
        lambda: NewsIndexPage.objects.get(locale__language_code="ar"),
        lambda: PracticeIndexPage.objects.get(locale__language_code="ar"),
    ],
    ids=["content", "programme", "charter", "news", "practice", "home", "news list", "list"],
)
def test_each_kind_of_page_has_a_preview_in_each_mode(make, mode):
    page = make()
    assert f'<html lang="{mode}" dir="{DIRECTIONS[mode]}">' in preview(page, mode)


# --- The administration -------------------------------------------------------------------------


@pytest.mark.usefixtures("wagtails_own_templates")
@pytest.mark.parametrize("mode", DIRECTIONS)
def test_editor_sees_what_is_being_written_in_each_mode(admin_client, mode):
    page = make_page(title="published", slug="about")
    url = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    data = nested_form_data(
        {
            "title": "being written",
            "slug": "about",
            "summary": "",
            "audience": "",
            "seo_title": "",
            "search_description": "",
            "comments-TOTAL_FORMS": "0",
            "comments-INITIAL_FORMS": "0",
            "body": streamfield([("text", {"heading": "Titre", "text": rich_text("<p>x</p>")})]),
        }
    )
    assert admin_client.post(url, data).json() == {"is_valid": True, "is_available": True}
    answer = admin_client.get(url, {"mode": mode})
    html = answer.content.decode()
    own = "" if mode == "ar" else ' lang="ar" dir="rtl"'
    assert answer.status_code == 200
    assert f'<html lang="{mode}" dir="{DIRECTIONS[mode]}">' in html
    assert f"<h1{own}>being written</h1>" in html
    assert "<h2>Titre</h2>" in html


@pytest.mark.usefixtures("wagtails_own_templates")
@pytest.mark.parametrize("mode", DIRECTIONS)
def test_editor_sees_the_last_draft_in_each_mode(admin_client, mode):
    page = draft(make_page(title="published"), "draft")
    answer = admin_client.get(
        reverse("wagtailadmin_pages:view_draft", args=[page.pk]), {"mode": mode}
    )
    assert answer.status_code == 200
    assert "draft</h1>" in answer.content.decode()


def test_visitor_is_led_to_the_login_and_sees_no_draft(client):
    page = draft(make_page(title="published"), "draft")
    for name in ("view_draft", "preview_on_edit"):
        answer = client.get(reverse(f"wagtailadmin_pages:{name}", args=[page.pk]))
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/fr/account/login/")
