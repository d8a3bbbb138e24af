"""Practices say when they were last confirmed; their owners are asked after two years."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from contributions.enums import AuthorState
from contributions.models import Authorship, Contribution
from core import outbox
from core.audit import AuditEntry
from notifications.models import Notice
from notifications.registry import kinds
from practices.freshness import figures_without_source, freshness_of, mark_ageing
from practices.models import Freshness, PracticeIndicator, PracticePage
from practices.services.freshness import JOB, ask_still_true, confirm_still_true, tell_owners
from tests.factories import make_commune, make_practice, make_staff
from tests.members.factories import (
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_person,
)

pytestmark = pytest.mark.django_db

OLD = timedelta(days=731)


def age(page: PracticePage, by: timedelta = OLD) -> PracticePage:
    """Let a practice have been confirmed and published a while ago."""
    moment = timezone.now() - by
    Freshness.objects.filter(practice=page).update(confirmed_at=moment, asked_at=None)
    PracticePage.objects.filter(pk=page.pk).update(last_published_at=moment)
    page.refresh_from_db()
    return page


def unkept(page: PracticePage, by: timedelta = OLD) -> PracticePage:
    """Let it have been published before freshness was kept."""
    Freshness.objects.filter(practice=page).delete()
    return age(page, by)


def tell_all() -> None:
    for job in outbox.models.OutboxJob.objects.filter(kind=JOB):
        tell_owners(job.payload)


def jobs() -> list[int]:
    rows = outbox.models.OutboxJob.objects.filter(kind=JOB).order_by("pk")
    return [job.payload["freshness"] for job in rows]


def address(page: PracticePage) -> str:
    return reverse("practice_still_true", args=[page.slug])


# --- Published and shown --------------------------------------------------------------------------


def test_a_version_that_is_published_confirms_a_practice():
    page = age(make_practice())
    assert freshness_of(page)["freshness"].is_ageing
    page.save_revision().publish()
    page.refresh_from_db()
    shown = freshness_of(page)["freshness"]
    assert (shown.is_ageing, shown.is_confirmed) == (False, True)
    assert Freshness.objects.count() == 1


def test_a_draft_and_a_scheduled_version_confirm_nothing():
    page = age(make_practice())
    page.go_live_at = timezone.now() + timedelta(days=1)
    page.save_revision().publish()
    assert freshness_of(page)["freshness"].is_ageing


def test_a_translation_confirms_nothing_and_tells_the_same():
    page = age(make_practice())
    french = make_practice(language="fr", translation_of=page)
    assert freshness_of(french) == freshness_of(page)
    assert freshness_of(french)["freshness"].is_ageing


@pytest.mark.parametrize(("days", "is_ageing"), [(729, False), (731, True)])
def test_a_practice_ages_after_two_years(days, is_ageing):
    by = timedelta(days=days)
    assert freshness_of(age(make_practice(), by))["freshness"].is_ageing is is_ageing
    assert freshness_of(unkept(make_practice(), by))["freshness"].is_ageing is is_ageing


def test_a_preview_of_a_draft_has_no_day():
    page = make_practice(published=False)
    shown = freshness_of(page)["freshness"]
    assert (shown.on, shown.is_ageing) == (None, False)
    assert note(page) == ""


def note(page) -> str:
    request = RequestFactory().get("/ar/practices/")
    context = freshness_of(page) | {"page": page}
    return render_to_string("practices/freshness/note.html", context, request).strip()


def test_the_note_says_in_words_that_a_practice_ages():
    page = make_practice()
    assert 'class="meta"' in note(page)
    old = note(age(page))
    assert 'class="notice notice--warning"' in old
    assert address(page) in old


def test_what_was_compiled_is_not_said_to_be_confirmed_until_somebody_did():
    commune = make_member_collectivity()
    page = age(make_practice(origin="compiled", collectivities=(commune,)))
    assert not freshness_of(page)["freshness"].is_confirmed
    confirm_still_true(practice=page, person=make_focal_point(commune).person)
    assert freshness_of(page)["freshness"].is_confirmed


def test_an_editor_brings_what_was_compiled_up_to_date_and_confirms_nothing(client):
    owner = make_focal_point(make_member_collectivity())
    page = age(make_practice(origin="compiled", collectivities=(owner.collectivity,)))
    client.force_login(make_staff())
    shown = client.get(address(page).replace("/ar/", "/en/")).content.decode()
    assert "not brought up to date since" in shown
    for _n in "12":
        assert client.post(address(page)).status_code == 302
    told = freshness_of(page)["freshness"]
    assert (told.is_ageing, told.is_confirmed) == (False, False)
    assert AuditEntry.objects.filter(kind="practice.still-true").count() == 1
    # Whose it is still confirms it on the same day.
    confirm_still_true(practice=page, person=owner.person)
    assert freshness_of(page)["freshness"].is_confirmed


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_knows_what_ages_by_one_query(number, django_assert_num_queries):
    pages = [age(make_practice()) for _ in range(number)] + [make_practice()]
    with django_assert_num_queries(1):
        mark_ageing(pages)
    assert [one.is_ageing for one in pages] == [True] * number + [False]
    assert mark_ageing([]) == []


def test_figures_want_source_and_date():
    page = make_practice(published=False)
    page.indicators = [
        PracticeIndicator(locale=page.locale, name=name, value=1, source=source, date=date)
        for name, source, date in (
            ("both", "Registre", "2024"),
            ("no date", "Registre", ""),
            ("no source", "", "2024"),
        )
    ]
    assert [row.name for row in figures_without_source(page)] == ["no date", "no source"]
    page.save()
    page = PracticePage.objects.get(pk=page.pk)
    assert [row.name for row in figures_without_source(page)] == ["no date", "no source"]


# --- Said to be still true ------------------------------------------------------------------------


def test_an_owner_says_in_one_click_that_it_is_still_true(client):
    commune = make_member_collectivity()
    owner = make_contributor(commune).person
    page = age(make_practice(collectivities=(commune,)))
    client.force_login(owner)
    asked = client.get(address(page))
    assert (asked.status_code, asked.context["owns"]) == (200, True)
    assert reverse("contribution_new_version", args=[page.slug]) in asked.content.decode()
    assert client.post(address(page)).url == address(page)
    first = Freshness.objects.get()
    assert (first.practice, first.confirmed_by) == (page, owner)
    assert not freshness_of(page)["freshness"].is_ageing
    client.post(address(page))
    assert Freshness.objects.get().confirmed_at == first.confirmed_at
    assert AuditEntry.objects.filter(kind="practice.still-true").count() == 1


def test_it_is_kept_with_the_first_version(client):
    commune = make_member_collectivity()
    page = age(make_practice(collectivities=(commune,)))
    french = make_practice(language="fr", translation_of=page)
    confirm_still_true(practice=french, person=make_contributor(commune).person)
    assert not freshness_of(page)["freshness"].is_ageing
    assert Freshness.objects.get().practice == page


def test_who_may_say_it(client):
    commune = make_member_collectivity()
    page = age(make_practice(collectivities=(commune,)))
    assert "/account/login/" in client.get(address(page)).url
    assert "/account/login/" in client.post(address(page)).url
    for person, status in (
        (make_focal_point(commune).person, 200),
        (make_staff(), 200),
        (make_staff("Moderators"), 403),
        (make_focal_point(make_member_collectivity()).person, 403),
        (make_person(), 403),
    ):
        client.force_login(person)
        assert client.get(address(page)).status_code == status
        assert client.post(address(page)).status_code == {200: 302}.get(status, status)
    assert client.put(address(page)).status_code == 405


def test_the_authors_own_a_practice_and_not_others_that_it_concerns(client):
    commune = make_member_collectivity()
    page = make_practice(collectivities=(commune,))
    author = make_contributor(make_member_collectivity())
    contribution = Contribution.objects.create(page=page, kind="practice", started_by=author.person)
    Authorship.objects.create(
        contribution=contribution,
        collectivity=author.collectivity,
        state=AuthorState.WRITES,
        leads=True,
    )
    for person, status in ((author.person, 200), (make_contributor(commune).person, 403)):
        client.force_login(person)
        assert client.get(address(page)).status_code == status


def test_what_one_may_not_read_is_not_there(client):
    hidden = make_practice(kind="did-not-work", audience="network")
    gone = make_practice()
    gone.unpublish()
    client.force_login(make_person())
    for page in (hidden, gone):
        assert client.get(address(page)).status_code == 404
        assert client.post(address(page)).status_code == 404
    assert client.get(reverse("practice_still_true", args=["nothing"])).status_code == 404


# --- Owners are asked -----------------------------------------------------------------------------


def test_owners_are_asked_after_two_years_and_once_in_90_days():
    commune = make_member_collectivity()
    owner = make_focal_point(commune).person
    make_practice(collectivities=(commune,))
    page = age(make_practice(collectivities=(commune,)))
    ask_still_true()
    tell_all()
    ask_still_true()
    tell_all()
    notice = Notice.objects.get()
    assert (notice.person, notice.kind, notice.data["slug"]) == (owner, "still-true", page.slug)
    kind = kinds["still-true"]
    assert page.title in kind.subject(notice.data)
    assert page.title in kind.text(notice.data)
    assert kind.address(notice.data) == address(page)
    Freshness.objects.filter(practice=page).update(asked_at=timezone.now() - timedelta(days=91))
    outbox.models.OutboxJob.objects.all().delete()  # done by now
    ask_still_true()
    tell_all()
    assert Notice.objects.count() == 2


def test_owners_of_what_was_published_before_it_was_kept_are_asked():
    commune = make_member_collectivity()
    make_focal_point(commune)
    page = unkept(make_practice(collectivities=(commune,)))
    published = page.last_published_at
    ask_still_true()
    freshness = Freshness.objects.get()
    assert (freshness.practice, freshness.confirmed_at) == (page, published)
    assert jobs() == [freshness.pk]


def test_nobody_is_asked_of_what_has_no_owner_is_gone_or_retired():
    commune = make_member_collectivity()
    make_focal_point(commune)
    age(make_practice(origin="compiled", collectivities=(make_commune(),)))
    age(make_practice(collectivities=(commune,))).unpublish()
    retired = age(make_practice(collectivities=(commune,)))
    Contribution.objects.create(
        page=retired, kind="practice", started_by=make_person(), archived_at=timezone.now()
    )
    ask_still_true()
    assert jobs() == []


def test_nobody_is_asked_of_what_was_confirmed_meanwhile():
    commune = make_member_collectivity()
    owner = make_focal_point(commune).person
    page = age(make_practice(collectivities=(commune,)))
    ask_still_true()
    confirm_still_true(practice=page, person=owner)
    tell_all()
    assert not Notice.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_asking_takes_the_same_queries_for_one_and_three(number, django_assert_num_queries):
    commune = make_member_collectivity()
    make_focal_point(commune)
    for _ in range(number):
        age(make_practice(collectivities=(commune,)))
    with django_assert_num_queries(8):  # with a savepoint
        ask_still_true()
    assert len(jobs()) == number
