"""Themes: renamed, merged, retired and brought back, with the practices that carry them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, ReferenceIndex
from wagtail.users.models import UserProfile

from core.vocabularies import Theme
from practices.models import PracticePage, PracticeTheme
from practices.services.themes import (
    add_theme,
    bring_back_theme,
    merge_themes,
    remove_theme,
    retire_theme,
)
from search.services import search
from tests.conftest import index_waiting
from tests.factories import make_practice, make_staff, make_theme, make_user

pytestmark = pytest.mark.django_db


def slugs(page: PracticePage) -> list[str]:
    links = PracticeTheme.objects.filter(content_object=page).select_related("tag")
    return [link.tag.slug for link in links]


def drafted(page: PracticePage) -> list[str]:
    return [theme.slug for theme in page.get_latest_revision_as_object().themes.all()]


def logged(theme: Theme) -> list[tuple]:
    entries = ModelLogEntry.objects.for_instance(theme).order_by("pk")
    return [(entry.action, entry.user_id, entry.data) for entry in entries]


# Services


def test_merging_moves_practices_without_doubling_and_is_logged():
    old, older, new = make_theme("old"), make_theme("older"), make_theme("new")
    one = make_practice(themes=(old,))
    both = make_practice(themes=(older, new))
    other = make_practice(themes=(make_theme("other"),))
    user = make_user()
    assert merge_themes(themes=[old, older, new], into=new, user=user) == 2
    assert [slugs(one), slugs(both), slugs(other)] == [["new"], ["new"], ["other"]]
    assert list(Theme.objects.current().values_list("slug", flat=True)) == ["new", "other"]
    into = {"into": "new", "title": "موضوع new"}
    assert logged(old) == logged(older) == [("practices.retire_theme", user.pk, into)]
    assert logged(new) == []
    named = ReferenceIndex.get_references_to(new).filter(model_path="theme_links.item.tag")
    assert {reference.object_id for reference in named} == {str(one.pk), str(both.pk)}
    assert not ReferenceIndex.get_references_to(old).exists()


def counted_themes() -> dict[str, int]:
    index_waiting()
    facets = {facet.name: facet for facet in search("", "ar", kind="practices").facets}
    return {choice.value: choice.count for choice in facets["theme"].choices}


def test_lists_notice_a_merge():
    first, second, third = make_theme("first"), make_theme("second"), make_theme("third")
    for theme in (first, third):
        make_practice(themes=(theme,))
    assert counted_themes() == {"first": 1, "third": 1}
    merge_themes(themes=[first, third], into=second, user=None)
    assert counted_themes() == {"second": 2}


def test_chain_of_successors_leads_to_its_end():
    a, b, c = make_theme("a"), make_theme("b"), make_theme("c")
    retire_theme(theme=a, in_favour_of=b, user=None)
    retire_theme(theme=b, in_favour_of=c, user=None)
    assert Theme.objects.destinations() == {a.pk: c.pk, b.pk: c.pk, c.pk: c.pk}
    retire_theme(theme=c, user=None)
    assert Theme.objects.destinations() == {a.pk: None, b.pk: None, c.pk: None}
    bring_back_theme(theme=b, user=None)
    assert Theme.objects.destinations() == {a.pk: b.pk, b.pk: b.pk, c.pk: None}


def test_circle_of_successors_is_refused_in_words():
    a, b, c = make_theme("a"), make_theme("b"), make_theme("c")
    retire_theme(theme=a, in_favour_of=b, user=None)
    with pytest.raises(ValidationError, match="a"):
        retire_theme(theme=b, in_favour_of=a, user=None)
    with pytest.raises(ValidationError):
        retire_theme(theme=c, in_favour_of=c, user=None)
    with pytest.raises(ValidationError):
        merge_themes(themes=[c], into=c, user=None)
    assert merge_themes(themes=[c], into=b, user=None) == 0
    b.refresh_from_db()
    assert (b.retired_at, b.successor) == (None, None)


def test_database_refuses_a_successor_of_a_current_theme_and_of_itself():
    a, b = make_theme(), make_theme()
    for fields in ({"successor": b}, {"successor": a, "retired_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Theme.objects.filter(pk=a.pk).update(**fields)
    assert Theme.objects.filter(pk=a.pk).update(successor=b, retired_at=timezone.now()) == 1


def test_brought_back_theme_is_offered_and_logged():
    theme, other = make_theme("a"), make_theme("b")
    retire_theme(theme=theme, in_favour_of=other, user=None)
    user = make_user()
    bring_back_theme(theme=theme, user=user)
    theme.refresh_from_db()
    assert (theme.retired_at, theme.successor) == (None, None)
    assert [entry[:2] for entry in logged(theme)] == [
        ("practices.retire_theme", None),
        ("practices.bring_back_theme", user.pk),
    ]


def test_theme_is_not_brought_back_beside_one_with_its_label():
    theme = make_theme("a")
    retire_theme(theme=theme, user=None)
    make_theme("b", label_fr=theme.label_fr)
    with pytest.raises(ValidationError):
        bring_back_theme(theme=theme, user=None)
    theme.refresh_from_db()
    assert theme.retired_at


def test_old_draft_does_not_bring_a_retired_theme_back():
    old, gone, new = make_theme("old"), make_theme("gone"), make_theme("new")
    page = make_practice(themes=(old, gone, new), published=False)
    revision = page.save_revision()
    retire_theme(theme=old, in_favour_of=new, user=None)
    retire_theme(theme=gone, user=None)
    assert drafted(page) == ["new"]
    revision.publish()
    assert slugs(page) == ["new"]


def test_draft_with_a_deleted_theme_can_be_opened_and_published():
    theme = make_theme()
    page = make_practice(published=False)
    page.themes.set([theme])
    revision = page.save_revision()
    theme.delete()
    assert drafted(page) == []
    revision.publish()
    assert slugs(page) == []


def test_page_read_before_a_merge_is_saved_with_the_successor():
    old, new = make_theme("old"), make_theme("new")
    page = make_practice()
    page.themes.set([old])
    retire_theme(theme=old, in_favour_of=new, user=None)
    page.save()
    assert slugs(page) == ["new"]


def test_theme_is_added_to_all_languages_of_live_pages_and_drafts():
    theme, kept = make_theme("added"), make_theme("kept")
    page = make_practice(title="أ", themes=(kept,))
    translation = make_practice(title="A", language="fr", translation_of=page, themes=(kept,))
    translation.title = "B"
    translation.save_revision()
    user = make_user(is_superuser=True)
    assert add_theme(practices=[page], theme=theme, user=user) == 1
    page.refresh_from_db()
    translation.refresh_from_db()
    assert [slugs(page), slugs(translation)] == [["kept", "added"]] * 2
    assert [sorted(drafted(one)) for one in (page, translation)] == [["added", "kept"]] * 2
    # What was a draft is one still.
    assert (page.has_unpublished_changes, page.latest_revision.user) == (False, user)
    assert (translation.title, translation.has_unpublished_changes) == ("A", True)
    assert add_theme(practices=[page], theme=theme, user=user) == 0
    assert remove_theme(practices=[translation], theme=theme, user=user) == 1
    page.refresh_from_db()
    translation.refresh_from_db()
    assert [slugs(page), slugs(translation)] == [["kept"]] * 2
    assert [drafted(page), drafted(translation)] == [["kept"]] * 2


def test_theme_is_added_to_a_draft_that_lacks_what_publishing_asks_for():
    theme = make_theme("added")
    page = make_practice(published=False, summary="", principles=())
    assert add_theme(practices=[page], theme=theme, user=make_user()) == 1
    page.refresh_from_db()
    assert (drafted(page), page.live) == (["added"], False)


# What a visitor meets


def test_old_address_of_a_theme_leads_to_its_successor(client):
    old, gone = make_theme("old"), make_theme("gone")
    retire_theme(theme=old, in_favour_of=make_theme("new"), user=None)
    retire_theme(theme=gone, user=None)
    for asked, answer in {
        "?q=x&theme=old&sort=title": "?q=x&theme=new&sort=title",
        "?theme=new&theme=old": "?theme=new",
        "?theme=gone&kind=practice": "?kind=practice",
        "?theme=gone": "",
        "?theme=nobody&theme=old": "?theme=nobody&theme=new",
    }.items():
        answered = client.get(f"/fr/practices/{asked}")
        assert (answered.status_code, answered.url) == (301, f"/fr/practices/{answer}")
    assert client.get("/fr/practices/?theme=new").status_code == 200
    assert client.get("/fr/practices/?theme=nobody").status_code == 200


def test_retired_theme_is_no_choice_of_the_list(client):
    theme, other = make_theme("theme"), make_theme("other")
    make_practice(themes=(theme, other))

    def offered():
        facets = client.get("/ar/practices/").context["results"].facets
        return [one.value for facet in facets if facet.name == "theme" for one in facet.choices]

    assert offered() == ["other", "theme"]
    retire_theme(theme=theme, user=None)
    assert offered() == ["other"]


def test_renamed_theme_keeps_its_address(client):
    theme = make_theme("theme")
    make_practice(themes=(theme,))
    theme.label_ar = "اسم جديد"
    theme.save()
    answer = client.get("/ar/practices/?theme=theme")
    assert [choice.label for _facet, choice in answer.context["results"].chosen] == ["اسم جديد"]


# The administration


@pytest.fixture
def editor(wagtails_own_templates) -> Client:
    user = make_staff("Editors")
    UserProfile.objects.create(user=user, preferred_language="ar")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def stranger(wagtails_own_templates) -> Client:
    """Who may enter the administration, and has no right to themes."""
    client = Client()
    client.force_login(make_staff("Moderators"))
    return client


def merge_address(*themes: Theme) -> str:
    address = reverse("wagtail_bulk_action", args=["core", "theme", "merge"])
    return f"{address}?{'&'.join(f'id={theme.pk}' for theme in themes)}"


def test_editor_finds_themes_and_collectivities_in_the_menu(editor, stranger):
    def entries(client):
        page = client.get(reverse("wagtailadmin_home")).content.decode()
        return [f'"url": "/{path}"' in page for path in PATHS]

    PATHS = (
        reverse("themes:list").lstrip("/"),
        reverse("wagtailsnippets_members_collectivity:list").lstrip("/"),
    )
    assert entries(editor) == [True, True]
    assert entries(stranger) == [False, False]


def listed(client, query: str = "") -> list[str]:
    answer = client.get(f"{reverse('themes:list')}{query}")
    assert answer.status_code == 200
    return [theme.slug for theme in answer.context["object_list"]]


def test_themes_are_listed_searched_and_filtered(editor):
    used, unused = make_theme("used", label_ar="ألف"), make_theme("unused", label_ar="باء")
    retired = make_theme("retired", label_ar="تاء", label_en="Gone")
    page = make_practice(themes=(used,))
    make_practice(language="fr", translation_of=page, themes=(used,))
    retire_theme(theme=retired, in_favour_of=unused, user=None)
    assert listed(editor) == ["used", "unused", "retired"]
    assert listed(editor, "?q=الف") == ["used"]
    assert listed(editor, "?q=theme+UNUSED") == ["unused"]
    assert listed(editor, "?q=gone") == ["retired"]
    assert listed(editor, "?state=in-use") == ["used"]
    assert listed(editor, "?state=unused") == ["unused"]
    assert listed(editor, "?state=retired") == ["retired"]
    page = editor.get(reverse("themes:list")).content.decode()
    assert f'<a href="{reverse("practice_listing:index")}?theme=used">1</a>' in page


def test_themes_are_listed_with_the_same_queries(editor, django_assert_num_queries):
    make_theme()
    listed(editor)
    for size in (3, 12):
        for _n in range(size):
            make_practice(themes=(make_theme(),))
        with django_assert_num_queries(14):
            listed(editor)


def test_theme_is_added_and_renamed(editor):
    labels = {"label_ar": "النقل", "label_fr": "Transport", "label_en": "", "label_zgh": ""}
    assert editor.post(reverse("themes:add"), labels).status_code == 302
    theme = Theme.objects.get(label_ar="النقل")
    assert (theme.slug, theme.name) == ("transport", "transport")
    renamed = {**labels, "label_fr": "Mobilité"}
    edit = reverse("themes:edit", args=[theme.pk])
    assert editor.get(edit).status_code == 200
    assert editor.post(edit, renamed).status_code == 302
    theme.refresh_from_db()
    assert (theme.slug, theme.label_fr) == ("transport", "Mobilité")
    # Its address is taken, its label is free again.
    again = {**labels, "label_ar": "حافلات"}
    assert editor.post(reverse("themes:add"), again).status_code == 302
    assert Theme.objects.get(label_ar="حافلات").slug == "transport-2"


@pytest.mark.parametrize("missing", ["label_ar", "label_fr"])
def test_theme_without_a_label_or_with_one_in_use_is_refused(editor, missing):
    make_theme("theme", label_ar="النقل", label_fr="Transport")
    labels = {"label_ar": "جديد", "label_fr": "Neuf", "label_en": "", "label_zgh": ""}
    taken = {"label_ar": "النقل", "label_fr": "TRANSPORT"}[missing]
    for value in ("", taken):
        answer = editor.post(reverse("themes:add"), {**labels, missing: value})
        assert (answer.status_code, list(answer.context["form"].errors)) == (200, [missing])
    assert editor.post(reverse("themes:add"), labels).status_code == 302


def test_merge_says_what_changes_and_does_it(editor):
    old, new = make_theme("old"), make_theme("new")
    page = make_practice(title="تجربة", themes=(old,))
    asked = editor.get(merge_address(old, new))
    text = asked.content.decode()
    assert asked.status_code == 200
    assert reverse("wagtailadmin_pages:edit", args=[page.pk]) in text
    assert "تجربة" in text
    assert editor.post(merge_address(old, new), {"into": "new"}).status_code == 302
    assert slugs(page) == ["new"]
    old.refresh_from_db()
    assert old.successor == new


@pytest.mark.parametrize("into", ["", "unknown", "retired", "old"])
def test_merge_into_nothing_that_stays_is_refused(editor, into):
    old = make_theme("old")
    retire_theme(theme=make_theme("retired"), user=None)
    make_theme("new")
    answer = editor.post(merge_address(old), {"into": into})
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["into"])
    assert editor.post(merge_address(old), {"into": "new"}).status_code == 302


def test_theme_is_retired_and_brought_back(editor):
    theme, other = make_theme("theme"), make_theme("other")
    page = make_practice(title="تجربة", themes=(theme,))
    address = reverse("themes:retire", args=[theme.pk])
    assert "تجربة" in editor.get(address).content.decode()
    answer = editor.post(address, {"in_favour_of": "theme"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["in_favour_of"])
    assert editor.post(address, {"in_favour_of": "other"}).status_code == 302
    theme.refresh_from_db()
    assert (theme.successor, slugs(page)) == (other, ["other"])
    edit = reverse("themes:edit", args=[theme.pk])
    bring_back = reverse("themes:bring_back", args=[theme.pk])
    assert bring_back in editor.get(edit).content.decode()
    assert editor.get(bring_back).status_code == 405
    assert editor.post(bring_back).status_code == 302
    theme.refresh_from_db()
    assert theme.retired_at is None
    assert bring_back not in editor.get(edit).content.decode()
    assert editor.get(reverse("themes:retire", args=[0]), follow=True).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_used_theme_is_not_deleted_and_the_page_says_where_and_what_to_do(editor, method):
    used, unused, successor = make_theme("used"), make_theme("unused"), make_theme("successor")
    page = make_practice(title="تجربة", themes=(used,))
    retire_theme(theme=make_theme("retired"), in_favour_of=successor, user=None)
    bulk = reverse("wagtail_bulk_action", args=["core", "theme", "delete"])
    for address, theme in (
        (reverse("themes:delete", args=[used.pk]), used),
        (f"{bulk}?id={used.pk}&id={unused.pk}", used),
        (reverse("themes:delete", args=[successor.pk]), successor),
    ):
        answer = getattr(editor, method)(address)
        assert answer.status_code == {"get": 200, "post": 409}[method]
        text = answer.content.decode()
        assert reverse("themes:retire", args=[theme.pk]) in text
        assert reverse("wagtail_bulk_action", args=["core", "theme", "merge"]) in text
        if theme == used:
            assert reverse("wagtailadmin_pages:edit", args=[page.pk]) in text
    assert Theme.objects.count() == 4


def test_unused_theme_is_deleted(editor):
    theme = make_theme()
    address = reverse("themes:delete", args=[theme.pk])
    assert editor.get(address).status_code == 200
    assert editor.post(address).status_code == 302
    assert not Theme.objects.exists()


def test_who_has_no_right_to_themes_changes_none(stranger, editor):
    theme, other = make_theme("theme"), make_theme("other")
    for address, data in (
        (reverse("themes:retire", args=[theme.pk]), {"in_favour_of": ""}),
        (reverse("themes:bring_back", args=[theme.pk]), {}),
        (reverse("themes:delete", args=[theme.pk]), {}),
        (merge_address(theme), {"into": "other"}),
    ):
        stranger.post(address, data)
        theme.refresh_from_db()
        assert theme.retired_at is None
    assert stranger.get(reverse("themes:list")).status_code == 302
    editor.post(merge_address(theme), {"into": "other"})
    theme.refresh_from_db()
    assert theme.successor == other
