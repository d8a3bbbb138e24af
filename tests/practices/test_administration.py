"""Practices in Wagtail's administration."""

import json

import pytest
from django.urls import reverse
from wagtail.models import Locale
from wagtail_localize.models import Translation, TranslationSource

from core.vocabularies import Principle
from practices.models import PracticeIndexPage, PracticePage
from practices.services.themes import retire_theme
from tests.factories import (
    make_commune,
    make_image,
    make_practice,
    make_region,
    make_theme,
    many_practices,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("wagtails_own_templates"),
]

ROWS = (
    *("challenges", "collectivity_links", "steps", "participants", "indicators"),
    *("photos", "attachments"),
)


def paragraph(text: str) -> str:
    """What the rich text editor sends."""
    block = {"key": "a", "text": text, "type": "unstyled", "depth": 0}
    block |= {"inlineStyleRanges": [], "entityRanges": []}
    return json.dumps({"blocks": [block], "entityMap": {}})


def form(**fields) -> dict[str, str]:
    """What a browser sends for a practice of which only a title has been written."""
    data = {"title": "😀", "kind": "practice", "licence": "cc-by-4.0", "origin": "member"}
    data["audience"] = "public"
    data |= {name: paragraph("") for name in (*PracticePage.TEXTS, "source_gaps")}
    for name in (*ROWS, "comments"):
        data |= {f"{name}-TOTAL_FORMS": "0", f"{name}-INITIAL_FORMS": "0"}
    # The empty row that stands there because one collectivity is needed.
    data |= {"collectivity_links-TOTAL_FORMS": "1", "collectivity_links-0-id": ""}
    data |= {"collectivity_links-0-ORDER": "1", "collectivity_links-0-DELETE": ""}
    data |= {"collectivity_links-0-collectivity": ""}
    return data | fields


@pytest.fixture
def add(admin_client):
    """Return a function that sends the form of a new practice."""
    index = PracticeIndexPage.objects.get(locale__language_code="fr")
    url = reverse("wagtailadmin_pages:add", args=["practices", "practicepage", index.pk])
    return lambda **fields: admin_client.post(url, form(**fields))


@pytest.fixture
def whole(db):
    """The fields that a practice needs to be published."""
    collectivity = make_region()
    return {
        "summary": "x",
        "principles": Principle.objects.first().slug,
        "collectivity_links-0-collectivity": str(collectivity.pk),
        "action-publish": "action-publish",
    }


def test_draft_with_a_mistake_comes_back_with_its_untouched_row(add):
    response = add(source_url="no address")
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {"source_url"}


def test_draft_with_a_title_alone_is_saved(add):
    before = set(PracticePage.objects.values_list("pk", flat=True))
    assert add().status_code == 302
    page = PracticePage.objects.exclude(pk__in=before).get()
    assert (page.live, page.slug, page.collectivity_links.count()) == (
        False,
        f"practice-{page.pk}",
        0,
    )


def test_publishing_with_missing_fields_names_each(add, whole):
    before = PracticePage.objects.count()
    answer = add(**{"action-publish": "action-publish"})
    assert (answer.status_code, PracticePage.objects.count()) == (200, before)
    errors = answer.context["form"]
    assert set(errors.errors) == {"summary", "principles"}
    assert list(errors.formsets["collectivity_links"].errors[0]) == ["collectivity"]


def test_practice_is_published_and_its_empty_texts_stay_empty(add, whole, client):
    answer = add(**whole, problem=paragraph("<script>alert(1)</script>"))
    assert answer.status_code == 302
    page = PracticePage.objects.order_by("pk").last()
    assert page.live
    assert page.problem == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
    assert {getattr(page, name) for name in PracticePage.TEXTS if name != "problem"} == {""}
    public = client.get(f"/fr/practices/{page.slug}/")
    anchors = [anchor for anchor, _title in public.context["sections"]]
    assert anchors == ["problem", "adoptions", "documents"]


def test_practice_with_an_unknown_principle_is_not_published(add, whole):
    answer = add(**{**whole, "principles": "unknown"})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["principles"]


@pytest.mark.parametrize("url", ["", "https://example.org"])
def test_attachment_without_document_and_address_is_refused_in_words(add, whole, url):
    row = {"attachments-TOTAL_FORMS": "1", "attachments-0-title": "x", "attachments-0-url": url}
    row |= {"attachments-0-ORDER": "1", "attachments-0-DELETE": "", "attachments-0-id": ""}
    answer = add(**whole, **row, **{"attachments-0-document": ""})
    if url:
        assert answer.status_code == 302
    else:
        errors = answer.context["form"].formsets["attachments"].errors
        assert list(errors[0]) == ["url"]


def test_preview_may_stand_in_a_frame_of_the_administration(admin_client):
    page = make_practice()
    answer = admin_client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "unsafe-inline" not in policy


# Principles and themes


def tagged(page: PracticePage) -> tuple[list[str], list[str]]:
    page = PracticePage.objects.get(pk=page.pk)
    principles = [link.tag.slug for link in page.principle_links.select_related("tag")]
    return principles, sorted(theme.slug for theme in page.themes.all())


def last() -> PracticePage:
    return PracticePage.objects.order_by("pk").last()


def test_form_offers_principles_and_current_themes_by_label(admin_client):
    make_theme("b", label_fr="Eau")
    make_theme("a", label_fr="Transport")
    retire_theme(theme=make_theme("retired"), user=None)
    index = PracticeIndexPage.objects.get(locale__language_code="fr")
    url = reverse("wagtailadmin_pages:add", args=["practices", "practicepage", index.pk])
    fields = admin_client.get(url, headers={"accept-language": "fr"}).context["form"].fields
    assert list(fields["themes"].choices) == [("b", "Eau"), ("a", "Transport")]
    codes = [slug for slug, _label in fields["principles"].choices]
    assert codes == list(Principle.objects.values_list("slug", flat=True))


def test_main_principle_stands_first_and_the_rest_in_their_order(add, whole):
    chosen = {"principles": ["transparency", "participation", "digital"]}
    assert add(**{**whole, **chosen, "main_principle": "participation"}).status_code == 302
    assert tagged(last())[0] == ["participation", "transparency", "digital"]
    answer = add(**{**whole, **chosen, "main_principle": "access"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["main_principle"])


def test_main_principle_is_shown_as_it_is_kept(admin_client):
    page = make_practice(principles=("digital",))
    page.principles.set(list(Principle.objects.filter(slug__in=("digital", "access")))[::-1])
    page.save_revision().publish()
    form = admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).context["form"]
    assert form["main_principle"].value() == "digital"
    assert sorted(form["principles"].value()) == ["access", "digital"]


def test_themes_are_chosen_and_unknown_ones_refused_in_words(add, whole):
    make_theme("a"), make_theme("b")
    assert add(**{**whole, "themes": ["b", "a"]}).status_code == 302
    assert tagged(last())[1] == ["a", "b"]
    answer = add(**{**whole, "themes": ["a", "invented"]})
    assert answer.status_code == 200
    assert "invented" in answer.context["form"].errors["themes"][0]


def test_theme_retired_while_the_form_was_open_gives_way_to_its_successor(add, whole):
    retire_theme(theme=make_theme("old"), in_favour_of=make_theme("new"), user=None)
    assert add(**{**whole, "themes": ["old", "new"]}).status_code == 302
    assert tagged(last())[1] == ["new"]


def test_translation_opens_saves_and_gets_principles_and_themes(admin_client):
    page = make_practice(
        title="أصل",
        principles=("access", "digital"),
        themes=(make_theme("a"),),
        collectivities=(make_region(),),
    )
    source, _created = TranslationSource.get_or_create_from_instance(page)
    french = Locale.objects.get(language_code="fr")
    translation = Translation.objects.create(source=source, target_locale=french)
    translation.save_target(publish=False)
    target = translation.get_target_instance()
    assert tagged(target) == (["access", "digital"], ["a"])
    assert admin_client.get(reverse("wagtailadmin_pages:edit", args=[target.pk])).status_code == 200
    page.themes.set([make_theme("b")])
    page.save_revision().publish()
    source.update_from_db()
    Translation.objects.get(pk=translation.pk).save_target(publish=True)
    assert tagged(target) == (["access", "digital"], ["b"])


# The listing


def listed(client, query: str = "") -> list[str]:
    answer = client.get(f"{reverse('practice_listing:index')}{query}")
    assert answer.status_code == 200
    return sorted(page.title for page in answer.context["object_list"])


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Eau", "الماء"]),
        ("?locale=fr", ["Eau"]),
        ("?missing=fr", []),
        ("?missing=en", ["Eau", "الماء"]),
        ("?state=live", ["الماء"]),
        ("?state=draft", ["Eau"]),
        ("?state=changed", []),
        ("?kind=case-study", ["الماء"]),
        ("?status=running", ["الماء"]),
        ("?principle=access", ["Eau"]),
        ("?theme=water", ["الماء"]),
        ("?region=R7", ["Eau"]),
        ("?q=eau", ["Eau", "الماء"]),
        ("?q=الما", ["Eau", "الماء"]),
        ("?q=route", []),
    ],
)
def test_listing_is_filtered_and_searched(admin_client, query, titles):
    arabic = make_practice(
        title="الماء", kind="case-study", status="running", themes=(make_theme("water"),)
    )
    make_practice(
        title="Eau",
        language="fr",
        translation_of=arabic,
        published=False,
        principles=("access",),
        collectivities=(make_commune(region=make_region(code="R7")),),
    )
    assert listed(admin_client, query) == titles


def test_listing_asks_the_same_for_ten_and_for_fifty(admin_client, django_assert_num_queries):
    many_practices(10, languages=("ar",))
    listed(admin_client)
    for more in (0, 40):
        many_practices(more, languages=("ar",))
        with django_assert_num_queries(26):
            listed(admin_client)


@pytest.mark.parametrize("action", ["publish", "unpublish", "delete", "add_theme", "remove_theme"])
def test_many_practices_are_changed_at_once(admin_client, action):
    theme = make_theme("theme")
    pages = [
        make_practice(published=action != "publish", themes=(theme,) * (action == "remove_theme"))
        for _n in range(2)
    ]
    other = make_practice()
    address = reverse("wagtail_bulk_action", args=["practices", "practicepage", action])
    address += "?" + "&".join(f"id={page.pk}" for page in pages)
    assert admin_client.get(address).status_code == 200
    assert admin_client.post(address, {"theme": "theme"}).status_code == 302
    found = PracticePage.objects.filter(pk__in=[page.pk for page in pages])
    states = {(page.live, tuple(tagged(page)[1])) for page in found}
    assert (
        states
        == {
            "publish": {(True, ())},
            "unpublish": {(False, ())},
            "delete": set(),
            "add_theme": {(True, ("theme",))},
            "remove_theme": {(True, ())},
        }[action]
    )
    assert PracticePage.objects.get(pk=other.pk).live


def test_theme_is_not_added_without_choosing_one_or_by_who_may_not_publish(admin_client, client):
    make_theme("theme")
    page = make_practice()
    address = reverse("wagtail_bulk_action", args=["practices", "practicepage", "add_theme"])
    answer = admin_client.post(f"{address}?id={page.pk}", {"theme": ""})
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["theme"])
    assert client.post(f"{address}?id={page.pk}", {"theme": "theme"}).status_code == 302
    assert tagged(page)[1] == []


# Wagtail leaves the file that it makes a smaller picture in to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("described", ["not at all", "in words", "as decoration"])
def test_photo_is_published_only_with_words_or_as_decoration(add, whole, described):
    image = make_image(alt_ar="ورشة" if described == "in words" else "")
    photo = {
        "photos-TOTAL_FORMS": "1",
        "photos-0-id": "",
        "photos-0-ORDER": "1",
        "photos-0-DELETE": "",
        "photos-0-image": str(image.pk),
        "photos-0-caption": "",
    }
    if described == "as decoration":
        photo["photos-0-decorative"] = "on"
    response = add(**whole, **photo)
    published = PracticePage.objects.filter(live=True).exists()
    assert published == (described != "not at all")
    if not published:
        assert "photos" in response.context["form"].formsets
        assert response.context["form"].formsets["photos"].forms[0].has_error("image")
        del whole["action-publish"]
        add(**whole, **photo)  # as a draft it may wait
        assert last().photos.get().image == image
