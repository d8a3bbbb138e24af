import re

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import PageViewRestriction

from home.models import FooterSiteLink, Navigation, SectionLink
from home.navigation import menus_in
from tests.factories import make_page

pytestmark = pytest.mark.django_db

LANGUAGES = ("ar", "fr", "en", "zgh")


@pytest.fixture
def at_once(django_capture_on_commit_callbacks):
    """What is done inside is committed at its end, as in a request of the administration."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def own_menu():
    """The menus with one section, to a page in Arabic and French."""
    SectionLink.objects.all().delete()
    page = make_page(language="ar", slug="about", title="عن الشبكة")
    make_page(language="fr", title="Le réseau", translation_of=page)
    SectionLink.objects.create(navigation=Navigation.load(), page=page, sort_order=0)
    return page


def sections(language: str) -> list[tuple[str, str, str]]:
    links = menus_in(language)["navigation"]
    return [(link.url, link.label, link.language) for link in links]


# --- What is shown ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "labels", "spoken"),
    [
        ("ar", ["الممارسات", "الجماعات الترابية", "الأخبار"], "ar"),
        ("fr", ["Pratiques", "Collectivités", "Actualités"], "fr"),
        ("en", ["Practices", "Collectivities", "News"], "en"),
        ("zgh", ["Pratiques", "Collectivités", "Actualités"], "fr"),
    ],
)
def test_menus_stand_in_each_language_from_the_first_migration_on(client, language, labels, spoken):
    addresses = [f"/{language}/{name}/" for name in ("practices", "collectivities", "news")]
    assert sections(language) == [
        (url, label, spoken) for url, label in zip(addresses, labels, strict=True)
    ]
    html = client.get(f"/{language}/").content.decode()
    own = "" if spoken == language else f' lang="{spoken}" dir="ltr"'
    for url, label in zip(addresses, labels, strict=True):
        assert f'<li><a href="{url}"{own}>{label}</a></li>' in html
        assert client.get(url).status_code == 200
    assert f'href="/{language}/contact/"' in html
    footer = menus_in(language)
    assert footer["footer_text"]
    assert footer["footer_language"] == spoken


def test_current_section_is_marked_below_it_too(client):
    for address in ("/fr/news/", "/fr/news/feed/nothing/"):
        html = client.get(address).content.decode()
        assert re.findall(r'<li><a href="([^"]+)" aria-current="page">', html) == [
            "/fr/news/",  # at the head, and in the menu of phones
            "/fr/news/",
        ]


def test_page_stands_under_its_title_in_the_readers_language_or_the_nearest(own_menu):
    assert {language: sections(language) for language in LANGUAGES} == {
        "ar": [("/ar/about/", "عن الشبكة", "ar")],
        "fr": [("/fr/about/", "Le réseau", "fr")],
        "en": [("/en/about/", "Le réseau", "fr")],
        "zgh": [("/zgh/about/", "Le réseau", "fr")],
    }


def test_label_goes_before_the_title_in_its_language_alone(own_menu):
    SectionLink.objects.update(label_fr="Nous")
    assert sections("fr") == [("/fr/about/", "Nous", "fr")]
    assert sections("zgh") == [("/zgh/about/", "Nous", "fr")]
    assert sections("ar") == [("/ar/about/", "عن الشبكة", "ar")]


def test_page_that_nobody_can_read_is_left_out(own_menu):
    closed = make_page(title="closed")
    PageViewRestriction.objects.create(page=closed, restriction_type="login")
    for page in (make_page(published=False), closed):
        SectionLink.objects.create(navigation=Navigation.load(), page=page, sort_order=1)
    assert sections("ar") == [("/ar/about/", "عن الشبكة", "ar")]


def test_links_stand_in_their_order(own_menu):
    for place, name in ((3, "c"), (-1, "a"), (2, "b")):
        SectionLink.objects.create(
            navigation=Navigation.load(), page=make_page(title=name), sort_order=place
        )
    assert [label for _url, label, _language in sections("ar")] == ["a", "عن الشبكة", "b", "c"]


# --- When it changes ----------------------------------------------------------------------------


def test_kept_menus_ask_the_database_nothing(django_assert_num_queries):
    for language in LANGUAGES:
        menus_in(language)
    with django_assert_num_queries(0):
        for language in LANGUAGES:
            assert len(menus_in(language)["navigation"]) == 3


def test_menus_are_read_with_the_same_queries_for_few_links_and_many(
    own_menu, django_assert_num_queries
):
    with django_assert_num_queries(5):
        menus_in("ar")
    for n in range(6):
        SectionLink.objects.create(navigation=Navigation.load(), page=make_page(), sort_order=n + 1)
    with django_assert_num_queries(5):
        menus_in("fr")


def test_changed_label_is_seen_at_once(own_menu, at_once):
    assert sections("fr")[0][1] == "Le réseau"
    link = SectionLink.objects.get()
    with at_once():
        link.label_fr = "Nous"
        link.save()
    assert sections("fr")[0][1] == "Nous"


def test_added_and_deleted_links_are_seen_at_once(own_menu, at_once):
    navigation = Navigation.load()
    assert len(sections("ar")) == 1
    with at_once():
        link = SectionLink.objects.create(
            navigation=navigation, address="/contact/", label_ar="ا", label_fr="e", sort_order=1
        )
    assert len(sections("ar")) == 2
    with at_once():
        link.delete()
    assert len(sections("ar")) == 1


def test_changed_text_of_the_footer_is_seen_at_once(at_once):
    navigation = Navigation.load()
    assert menus_in("fr")["footer_text"] != "Le pied"
    with at_once():
        navigation.footer_fr = "Le pied"
        navigation.save()
    assert (menus_in("fr")["footer_text"], menus_in("zgh")["footer_text"]) == ("Le pied", "Le pied")


def test_published_title_is_seen_at_once_and_a_draft_is_not(own_menu, at_once):
    assert sections("ar")[0][1] == "عن الشبكة"
    with at_once():
        own_menu.title = "نحن"
        revision = own_menu.save_revision()
    assert sections("ar")[0][1] == "عن الشبكة"
    with at_once():
        revision.publish()
    assert sections("ar")[0][1] == "نحن"


def test_withdrawn_page_leaves_the_menu_at_once(own_menu, at_once):
    assert len(sections("ar")) == 1
    with at_once():
        own_menu.unpublish()
    assert sections("ar") == [("/ar/about/", "Le réseau", "fr")]
    with at_once():
        own_menu.get_translations().get().specific.unpublish()
    assert [sections(language) for language in LANGUAGES] == [[], [], [], []]


def test_deleted_page_leaves_the_menu_at_once(own_menu, at_once):
    assert len(sections("ar")) == 1
    with at_once():
        own_menu.delete()
    assert [sections(language) for language in LANGUAGES] == [[], [], [], []]


def test_restricted_page_leaves_the_menu_at_once(own_menu, at_once):
    assert sections("ar")[0][1] == "عن الشبكة"
    with at_once():
        restriction = PageViewRestriction.objects.create(page=own_menu, restriction_type="login")
    assert sections("ar") == [("/ar/about/", "Le réseau", "fr")]
    with at_once():
        restriction.delete()
    assert sections("ar")[0][1] == "عن الشبكة"


# --- When the database is away ------------------------------------------------------------------


def test_menus_are_empty_while_the_database_is_away_and_back_with_it(away):
    with away():
        menus = menus_in("fr")
    assert menus == {
        "navigation": [],
        "footer_content": [],
        "footer_site": [],
        "footer_text": "",
        "footer_language": "fr",
    }
    assert len(menus_in("fr")["navigation"]) == 3


def test_page_that_asks_nothing_else_answers_without_the_database(client, database_away):
    for language in LANGUAGES:
        answer = client.get(f"/{language}/contact/")
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.content.decode()


def test_page_that_needs_the_database_says_that_something_went_wrong(client, database_away):
    client.raise_request_exception = False
    for language in LANGUAGES:
        answer = client.get(f"/{language}/practices/")
        assert answer.status_code == 500
        assert f'<html lang="{language}"' in answer.content.decode()


# --- What an editor may write -------------------------------------------------------------------

LABELS = {"label_ar": "ا", "label_fr": "e"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"address": "/contact/", **LABELS}, ""),
        ({"address": "/practices/?kind=practice", **LABELS}, ""),
        ({}, "page"),
        ({"address": "https://example.org/", **LABELS}, "address"),
        ({"address": "//example.org/", **LABELS}, "address"),
        ({"address": "contact/", **LABELS}, "address"),
        ({"address": "/contact/"}, "label_ar"),
        ({"address": "/contact/", "label_ar": "ا"}, "label_ar"),
    ],
)
def test_link_of_a_menu_leads_within_the_site(fields, field):
    link = FooterSiteLink(navigation=Navigation.load(), **fields)
    if field:
        with pytest.raises(ValidationError) as error:
            link.full_clean()
        assert list(error.value.message_dict) == [field]
    else:
        link.full_clean()


def test_link_of_a_menu_leads_to_a_page_or_an_address_and_not_both():
    link = FooterSiteLink(navigation=Navigation.load(), page=make_page())
    link.full_clean()
    link.address, link.label_ar, link.label_fr = "/contact/", "ا", "e"
    with pytest.raises(ValidationError) as error:
        link.full_clean()
    assert list(error.value.message_dict) == ["page"]
