"""Whatever changes a thing changes what is found of it, and nothing else does."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.db.models.signals import pre_save
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from core.jobs import publish_scheduled
from core.outbox.models import OutboxJob
from home.models import ContentPage, NewsPage
from members.collectivity_file import COLUMNS, read_collectivities
from members.services.collectivities import import_collectivities
from practices.models import PracticePage
from practices.services.themes import add_theme, merge_themes, remove_theme, retire_theme
from search import watch
from search.models import SearchDocument
from search.services import search
from search.status import compare
from tests.conftest import index_waiting
from tests.factories import (
    make_commune,
    make_news,
    make_page,
    make_practice,
    make_region,
    make_theme,
    make_user,
)

pytestmark = pytest.mark.django_db


def found(query: str = "", language: str = "ar", **options) -> list[str]:
    """What is found at once, before the worker has run."""
    return [one.document.title for one in search(query, language, **options).hits]


def found_later(query: str = "", language: str = "ar", **options) -> list[str]:
    """What is found when the worker has run."""
    index_waiting()
    return found(query, language, **options)


def jobs() -> list[str]:
    return list(
        OutboxJob.objects.filter(kind="search-index").order_by("key").values_list("key", flat=True)
    )


@pytest.fixture(autouse=True)
def whatever_happens_the_table_is_right():
    yield
    index_waiting()
    problems = {
        one.name: (one.missing, one.stale, one.forbidden)
        for one in compare().kinds
        if one.missing or one.stale or one.forbidden
    }
    assert problems == {}


@pytest.fixture(params=["practices", "news", "pages"])
def make(request):
    """The factory of each kind of page in turn."""
    return {"practices": make_practice, "news": make_news, "pages": make_page}[request.param]


# Pages


def test_published_page_is_found_and_a_draft_is_not(make):
    make(title="منشور")
    make(title="مسودة", published=False)
    assert found_later() == ["منشور"]


def test_draft_of_a_published_page_is_not_found_until_it_is_published(make):
    page = make(title="قديم")
    page.title = "جديد"
    revision = page.save_revision()
    assert (found_later("قديم"), found_later("جديد")) == (["قديم"], [])
    revision.publish()
    assert (found_later("قديم"), found_later("جديد")) == ([], ["جديد"])


def test_withdrawn_page_is_gone_at_once_and_comes_back(make):
    page = make(title="نفايات")
    make(title="إنارة")
    assert sorted(found_later()) == ["إنارة", "نفايات"]
    page.unpublish()
    assert found() == ["إنارة"]
    page.refresh_from_db()
    page.save_revision().publish()
    assert sorted(found_later()) == ["إنارة", "نفايات"]


def test_deleted_page_is_gone_at_once(make):
    page = make(title="نفايات")
    make(title="إنارة")
    assert sorted(found_later()) == ["إنارة", "نفايات"]
    Page.objects.get(pk=page.pk).delete()
    assert found() == found_later() == ["إنارة"]


def test_version_withdrawn_leaves_the_thing_in_another_language(make):
    page = make(title="نفايات")
    make(title="déchets", language="fr", translation_of=page)
    assert found_later() == ["نفايات"]
    page.unpublish()
    assert found_later() == ["déchets"]


def test_page_deleted_with_its_parent_is_gone_at_once():
    parent = make_page(title="أعلى")
    below = make_page(title="أسفل", parent=parent)
    make_page(title="أسفل الأسفل", parent=below)
    make_page(title="بجانب")
    assert len(found_later()) == 4
    ContentPage.objects.get(pk=parent.pk).delete()
    assert found() == found_later() == ["بجانب"]


def test_page_withdrawn_with_those_below_is_gone():
    parent = make_page(title="أعلى")
    make_page(title="أسفل", parent=parent)
    make_page(title="بجانب")
    assert len(found_later()) == 3
    for page in ContentPage.objects.get(pk=parent.pk).get_descendants(inclusive=True).specific():
        page.unpublish()
    assert found() == found_later() == ["بجانب"]


@pytest.mark.parametrize("kind", ["login", "password", "groups"])
def test_restricted_page_is_gone_at_once_and_comes_back(make, kind):
    page = make(title="نفايات")
    make(title="إنارة")
    assert sorted(found_later()) == ["إنارة", "نفايات"]
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=kind, password="x")
    assert found() == found_later() == ["إنارة"]
    restriction.delete()
    assert sorted(found_later()) == ["إنارة", "نفايات"]


def test_restriction_on_a_parent_hides_all_below_at_once():
    parent = make_page(title="أعلى")
    make_page(title="أسفل", parent=parent)
    make_page(title="بجانب")
    practice = make_practice(title="ممارسة")
    assert len(found_later()) == 4
    above = PageViewRestriction.objects.create(page=parent, restriction_type="login")
    index = practice.get_parent()
    closed = PageViewRestriction.objects.create(page=index, restriction_type="login")
    assert found() == found_later() == ["بجانب"]
    above.delete()
    closed.delete()
    assert len(found_later()) == 4


def test_page_moved_under_a_restricted_one_is_gone_at_once_and_comes_back():
    closed, page = make_page(title="مغلق"), make_page(title="صفحة")
    make_page(title="تحتها", parent=page)
    PageViewRestriction.objects.create(page=closed, restriction_type="login")
    home = page.get_parent()
    assert sorted(found_later()) == ["تحتها", "صفحة"]
    page.move(closed, pos="last-child")
    assert found() == found_later() == []
    ContentPage.objects.get(pk=page.pk).move(home, pos="last-child")
    assert sorted(found_later()) == ["تحتها", "صفحة"]


def paths() -> list[str]:
    index_waiting()
    return sorted(SearchDocument.objects.values_list("path", flat=True))


def test_moved_page_is_found_at_its_new_address():
    parent, page = make_page(slug="parent"), make_page(slug="page")
    make_page(slug="below", parent=page)
    assert paths() == ["/page/", "/page/below/", "/parent/"]
    page.move(parent, pos="last-child")
    assert paths() == ["/parent/", "/parent/page/", "/parent/page/below/"]


def rename(slug: str) -> None:
    page = ContentPage.objects.get(slug="old")
    page.slug = slug
    page.save_revision().publish()


def test_new_slug_changes_the_addresses_of_pages_below(django_capture_on_commit_callbacks):
    make_page(slug="below", parent=make_page(slug="old"))
    assert paths() == ["/old/", "/old/below/"]
    with django_capture_on_commit_callbacks(execute=True):
        rename("new")
    assert paths() == ["/new/", "/new/below/"]


def test_jobs_of_pages_below_a_new_slug_are_written_in_its_transaction(
    django_capture_on_commit_callbacks,
):
    page = make_page(slug="old")
    below = make_page(slug="below", parent=page)
    index_waiting()
    with django_capture_on_commit_callbacks(execute=True):
        rename("new")
        written = jobs()  # what a crash right after the commit leaves
    assert written == sorted(f"pages:{one.translation_key}" for one in (page, below))


def test_new_slug_of_a_practice_changes_its_address():
    practice = make_practice(slug="old")
    [before] = paths()
    practice.slug = "new"
    practice.save_revision().publish()
    [after] = paths()
    assert after == before.replace("old", "new")


def test_saved_page_is_found_as_it_is_saved():
    news = make_news(title="قديم")
    news.title = "جديد"
    news.save()
    assert found_later("جديد") == ["جديد"]
    news.live = False
    news.save()
    assert found() == []


# By schedule


def test_page_is_found_when_its_time_has_come(make):
    page = make(title="نفايات", published=False)
    page.go_live_at = timezone.now() + timedelta(hours=1)
    page.save_revision(approved_go_live_at=page.go_live_at)
    publish_scheduled()
    assert found_later() == []
    past = timezone.now() - timedelta(minutes=1)
    revision = page.get_latest_revision()
    revision.approved_go_live_at = past
    revision.content["go_live_at"] = past.isoformat()
    revision.save()
    publish_scheduled()
    assert found_later() == ["نفايات"]


def test_page_is_gone_when_its_time_is_over(make):
    page = make(title="نفايات")
    assert found_later() == ["نفايات"]
    expired = timezone.now() - timedelta(minutes=1)
    type(page).objects.filter(pk=page.pk).update(expire_at=expired)
    publish_scheduled()
    assert found() == found_later() == []


# Transactions


class Undone(Exception):
    pass


def test_change_that_is_rolled_back_leaves_no_job_and_no_change(make):
    page = make(title="نفايات")
    gone = make(title="إنارة")
    index_waiting()
    before = SearchDocument.objects.order_by("pk").values()
    state = list(before)

    def change() -> None:
        page.title = "جديد"
        page.save_revision().publish()
        gone.unpublish()
        make(title="آخر")
        PageViewRestriction.objects.create(page=page, restriction_type="login")
        assert jobs() != []
        raise Undone

    with pytest.raises(Undone), transaction.atomic():
        change()
    assert jobs() == []
    assert list(before.all()) == state


def test_page_saved_outside_a_transaction_has_its_job_before_and_due_after_it(make, monkeypatch):
    page = make(title="نفايات")
    index_waiting()
    # A test runs in a transaction; what asks for one is told that there is none.
    monkeypatch.setattr(watch, "connection", SimpleNamespace(in_atomic_block=False))
    due = []

    def note(sender, instance, **kwargs) -> None:
        due.extend(OutboxJob.objects.filter(kind="search-index").values_list("due_at", flat=True))

    # Between the job written for a crash and the one written after the save.
    pre_save.connect(note, sender=type(page))
    try:
        page.title = "جديد"
        page.save()
    finally:
        pre_save.disconnect(note, sender=type(page))
    [job] = OutboxJob.objects.filter(kind="search-index")
    assert job.due_at <= timezone.now() < due[0]
    assert found_later("جديد") == ["جديد"]


# Themes, principles


def facet(name: str) -> dict[str, int]:
    index_waiting()
    [one] = [one for one in search("", "ar", kind="practices").facets if one.name == name]
    return {choice.value: choice.count for choice in one.choices}


def practice_titles(query: str) -> list[str]:
    index_waiting()
    return [page.title for page in search(query, "ar", kind="practices").hits]


def test_renamed_theme_is_searched_by_its_new_name():
    theme = make_theme(label_ar="القناصون")
    make_practice(title="أولى", themes=(theme,))
    assert practice_titles("القناصون") == ["أولى"]
    theme.label_ar = "الصيادون"
    theme.save()
    assert (practice_titles("القناصون"), practice_titles("الصيادون")) == ([], ["أولى"])


def test_merged_theme_is_searched_and_counted_as_the_other():
    old, new = make_theme("old", label_ar="القناصون"), make_theme("new", label_ar="الصيادون")
    make_practice(title="أولى", themes=(old,))
    assert facet("theme") == {"old": 1}
    merge_themes(themes=[old], into=new, user=None)
    assert facet("theme") == {"new": 1}
    assert (practice_titles("القناصون"), practice_titles("الصيادون")) == ([], ["أولى"])


def test_retired_theme_is_neither_searched_nor_counted():
    old = make_theme("old", label_ar="القناصون")
    make_practice(title="أولى", themes=(old,))
    assert facet("theme") == {"old": 1}
    retire_theme(theme=old, user=None)
    assert facet("theme") == {}
    assert practice_titles("القناصون") == []


def test_theme_put_on_many_practices_at_once_is_counted():
    theme, user = make_theme("new"), make_user(is_superuser=True)
    live = make_practice(title="منشورة")
    changed = make_practice(title="معدلة")
    changed.title = "مسودة"
    changed.save_revision()
    draft = make_practice(title="أبدا", published=False)
    add_theme(practices=[live, changed, draft], theme=theme, user=user)
    assert facet("theme") == {"new": 2}
    assert sorted(practice_titles("")) == ["معدلة", "منشورة"]
    remove_theme(practices=[live], theme=theme, user=user)
    assert facet("theme") == {"new": 1}


# Collectivities


def test_collectivity_is_found_by_its_new_name_and_gone_when_deleted():
    commune = make_commune(name_ar="الفنيدق", name_fr="Fnideq")
    make_practice(title="أولى", collectivities=(commune,))
    assert practice_titles("fnideq") == ["أولى"]
    assert len(found_later("fnideq", kind="")) == 2
    commune.name_ar, commune.name_fr = "المضيق", "Mdiq"
    commune.save()
    assert practice_titles("mdiq") == practice_titles("المضيق") == ["أولى"]
    assert found_later("fnideq") == []
    other = make_commune(name_ar="تطوان", name_fr="Tetouan")
    assert len(found_later("tetouan")) == 1
    other.delete()
    assert found("tetouan") == found_later("tetouan") == []


def test_practice_and_communes_of_a_renamed_region_tell_its_new_name():
    region = make_region(name_ar="الشمال", name_fr="Nord")
    make_practice(title="أولى", collectivities=(make_commune(region=region),))
    assert practice_titles("الشمال") == ["أولى"]
    region.name_ar, region.name_fr = "الساحل", "Littoral"
    region.save()
    assert (practice_titles("الشمال"), practice_titles("الساحل")) == ([], ["أولى"])


def bring_in(*rows: str) -> None:
    file = read_collectivities("\n".join([",".join(COLUMNS), *rows, ""]).encode())
    import_collectivities(rows=file.rows, problems=file.problems)


REGION = "01,region,,طنجة,Tanger,,,"
PROVINCE = "01.571,province,01,تطوان,Tétouan,,,"
COMMUNE = "01.571.01.11,commune,01.571,مرتيل,Martil,,,urban"


def names(query: str) -> list[str]:
    index_waiting()
    return sorted(one.name_fr for one in search(query, "fr", kind="collectivities").hits)


def test_imported_collectivities_are_found_in_either_script():
    bring_in(REGION, PROVINCE, COMMUNE)
    assert names("") == ["Martil", "Tanger", "Tétouan"]
    assert names("martil") == names("مرتيل") == ["Martil"]
    bring_in(REGION, PROVINCE, COMMUNE.replace("Martil", "Cabo Negro"))
    assert (names("martil"), names("cabo negro")) == ([], ["Cabo Negro"])


def test_import_without_a_change_is_no_job():
    bring_in(REGION, PROVINCE, COMMUNE)
    index_waiting()
    bring_in(REGION, PROVINCE, COMMUNE)
    assert jobs() == []


def test_import_that_renames_a_region_renames_it_in_what_lies_in_it():
    bring_in(REGION, PROVINCE, COMMUNE)
    index_waiting()
    bring_in(REGION.replace("Tanger", "Grand Nord"), PROVINCE, COMMUNE)
    index_waiting()
    captions = SearchDocument.objects.filter(title="Commune de Martil")
    assert [one.caption for one in captions] == ["Province de Tétouan · Région Grand Nord"]


# What is no change


@pytest.mark.parametrize("model", [PracticePage, NewsPage, ContentPage])
def test_pages_that_are_only_read_are_no_job(make, model):
    make()
    index_waiting()
    list(model.objects.visible())
    assert jobs() == []
