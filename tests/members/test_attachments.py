"""Associations and collectivities: asked, confirmed, declined, ended, each told."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.audit import AuditEntry
from members.enums import AttachmentState, StaffRole
from members.models import Attachment
from members.permissions import forget_standing, is_of_network
from members.services.attachments import (
    AttachmentRefused,
    ask_attachment,
    confirm_attachment,
    decline_attachment,
    end_attachment,
)
from notifications.models import Notice
from tests.factories import make_commune
from tests.members.factories import (
    make_association,
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_staff,
)

pytestmark = pytest.mark.django_db

ASKED, CONFIRMED, DECLINED, ENDED = AttachmentState


@pytest.fixture
def commune():
    return make_member_collectivity(name_fr="Tétouan")


@pytest.fixture
def official(commune):
    return make_focal_point(commune).person


@pytest.fixture
def association():
    return make_association(name_ar="جمعية الحي", name_fr="")


@pytest.fixture
def militant(association):
    return make_focal_point(association).person


@pytest.fixture
def attachment(association, commune) -> Attachment:
    return Attachment.objects.create(association=association, collectivity=commune)


def page(organisation, end: str = "") -> str:
    return f"/en/space/{organisation.key}/associations/{end}"


def told(person) -> list[str]:
    return [one.kind for one in Notice.objects.filter(person=person).order_by("pk")]


# --- Asked ----------------------------------------------------------------------------------------


def test_asked_collectivity_is_told(client, association, militant, commune, official):
    contributor = make_contributor(commune).person
    client.force_login(militant)
    found = client.get(page(association), {"q": "tetouan"})
    assert found.context["results"] == [commune]
    answer = client.post(page(association, "ask/"), {"collectivity": commune.code})
    assert (answer.status_code, answer.url) == (302, page(association))
    one = Attachment.objects.get()
    assert (one.association, one.collectivity, one.state) == (association, commune, ASKED)
    assert (told(official), told(contributor), told(militant)) == (["attachment-asked"], [], [])
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.actor, entry.subject_id) == (
        "attachment.asked",
        militant,
        str(one.pk),
    )
    assert client.get(page(association), {"q": "tetouan"}).context["results"] == []


@pytest.mark.parametrize("code", ["", "99", "x" * 300])
def test_unknown_collectivity_is_not_asked(client, association, militant, code):
    client.force_login(militant)
    answer = client.post(page(association, "ask/"), {"collectivity": code}, follow=True)
    assert [one.level_tag for one in answer.context["messages"]] == ["warning"]
    assert Attachment.objects.count() == 0


@pytest.mark.parametrize("state", [ASKED, CONFIRMED])
def test_pair_has_one_open_attachment(association, militant, commune, attachment, state):
    Attachment.objects.update(state=state)
    with pytest.raises(AttachmentRefused):
        ask_attachment(association=association, collectivity=commune, actor=militant)
    ask_attachment(association=association, collectivity=make_commune(), actor=militant)
    assert Attachment.objects.count() == 2


def test_declined_association_asks_again_after_thirty_days(
    association, militant, commune, attachment, official
):
    decline_attachment(attachment=attachment, reason="x", actor=official)
    Attachment.objects.update(decided_at=timezone.now() - timedelta(days=29, hours=23))
    with pytest.raises(AttachmentRefused):
        ask_attachment(association=association, collectivity=commune, actor=militant)
    Attachment.objects.update(decided_at=timezone.now() - timedelta(days=30))
    ask_attachment(association=association, collectivity=commune, actor=militant)
    assert [one.state for one in Attachment.objects.all()] == [DECLINED, ASKED]


def test_association_that_left_or_asks_everybody_is_refused(
    association, militant, commune, monkeypatch
):
    monkeypatch.setattr("members.services.attachments.MOST_OPEN", 1)
    ask_attachment(association=association, collectivity=make_commune(), actor=militant)
    with pytest.raises(AttachmentRefused):
        ask_attachment(association=association, collectivity=commune, actor=militant)
    other = make_association(left_on=timezone.localdate())
    with pytest.raises(AttachmentRefused):
        ask_attachment(association=other, collectivity=commune, actor=militant)
    assert Attachment.objects.count() == 1


# --- Decided --------------------------------------------------------------------------------------


def test_confirmed_association_is_told_and_comes_into_the_network(
    client, commune, official, militant, attachment
):
    assert not is_of_network(militant)
    client.force_login(official)
    address = page(commune, f"{attachment.pk}/decide/")
    answer = client.post(address, {"decision": "confirm"})
    assert (answer.status_code, answer.url) == (302, page(commune))
    attachment.refresh_from_db()
    assert (attachment.state, attachment.decided_by, attachment.reason) == (CONFIRMED, official, "")
    assert (told(militant), told(official)) == (["attachment-decided"], [])
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.before, entry.after) == (
        "attachment.confirmed",
        {"state": "asked"},
        {"state": "confirmed"},
    )
    forget_standing(militant)
    assert is_of_network(militant)
    again = client.post(address, {"decision": "confirm"}, follow=True)
    assert [one.level_tag for one in again.context["messages"]][-1] == "warning"
    assert AuditEntry.objects.count() == 1


def test_declined_association_reads_the_reason(client, commune, official, militant, attachment):
    client.force_login(official)
    address = page(commune, f"{attachment.pk}/decide/")
    for fields in ({}, {"reason": " "}, {"reason": "x" * 1001}):
        answer = client.post(address, fields)
        assert (answer.status_code, answer.context["wrong"]) == (422, attachment)
        shown = answer.content.decode()
        assert f'<a href="#id_{attachment.pk}_reason">' in shown
        assert f'id="id_{attachment.pk}_reason"' in shown
    assert Attachment.objects.get().state == ASKED
    fields = {"reason": "We do not know you.", "state": "confirmed"}
    assert client.post(address, fields).status_code == 302
    attachment.refresh_from_db()
    assert (attachment.state, attachment.reason) == (DECLINED, "We do not know you.")
    notice = Notice.objects.get(person=militant)
    assert "We do not know you." in notice.text
    client.force_login(militant)
    assert "We do not know you." in client.get(page(attachment.association)).content.decode()


def test_nobody_of_the_association_confirms_it(client, commune, association, attachment, official):
    make_contributor(association, person=official)
    with pytest.raises(AttachmentRefused):
        confirm_attachment(attachment=attachment, actor=official)
    assert Attachment.objects.get().state == ASKED
    other = make_focal_point(commune).person
    confirm_attachment(attachment=attachment, actor=other)
    assert Attachment.objects.get().state == CONFIRMED


@pytest.mark.parametrize("end", ["decide/", "end/"])
def test_only_the_focal_point_of_the_collectivity_decides(
    client, commune, association, attachment, official, militant, end
):
    Attachment.objects.update(state=ASKED if end == "decide/" else CONFIRMED)
    before = Attachment.objects.get().state
    path = page(commune, f"{attachment.pk}/{end}")
    other = make_member_collectivity()
    outsider = make_focal_point(other).person
    fields = {"decision": "decline", "reason": "x"}
    for person, status in (
        (make_contributor(commune).person, 403),
        (make_staff(StaffRole.EDITOR), 403),
        (outsider, 404),
        (militant, 404),
    ):
        client.force_login(person)
        assert client.post(path, fields).status_code == status
    client.force_login(outsider)
    assert client.post(page(other, f"{attachment.pk}/{end}"), fields).status_code == 404
    client.logout()
    assert "/account/login/" in client.post(path, fields).url
    assert Attachment.objects.get().state == before
    client.force_login(official)
    assert client.get(path).status_code == 405
    assert client.post(path, fields).status_code == 302
    assert Attachment.objects.get().state != before


def test_association_decides_nothing_in_its_own_space(client, association, militant, attachment):
    client.force_login(militant)
    path = page(association, f"{attachment.pk}/decide/")
    assert client.post(path, {"decision": "confirm"}).status_code == 403
    assert Attachment.objects.get().state == ASKED


def test_collectivity_asks_nobody(client, commune, official):
    client.force_login(official)
    assert client.post(page(commune, "ask/"), {"collectivity": commune.code}).status_code == 403


# --- Ended ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["collectivity", "association"])
def test_either_side_ends_it_with_a_reason(client, attachment, official, militant, side):
    Attachment.objects.update(state=CONFIRMED)
    organisation = getattr(attachment, side)
    actor, other = (official, militant) if side == "collectivity" else (militant, official)
    client.force_login(actor)
    path = page(organisation, f"{attachment.pk}/end/")
    assert client.post(path, {"reason": ""}).status_code == 422
    assert client.post(path, {"reason": "It is over."}).status_code == 302
    attachment.refresh_from_db()
    assert (attachment.state, attachment.reason) == (ENDED, "It is over.")
    assert attachment.ended_at is not None
    assert (told(other), told(actor)) == (["attachment-ended"], [])
    assert "It is over." in Notice.objects.get().text
    assert AuditEntry.objects.get().kind == "attachment.ended"
    answer = client.post(path, {"reason": "Again."}, follow=True)
    assert [one.level_tag for one in answer.context["messages"]][-1] == "warning"


def test_association_takes_its_wish_back_and_the_collectivity_answers_first(
    attachment, association, commune, official, militant
):
    with pytest.raises(AttachmentRefused):
        end_attachment(attachment=attachment, side=commune, reason="x", actor=official)
    end_attachment(attachment=attachment, side=association, reason="x", actor=militant)
    attachment.refresh_from_db()
    assert (attachment.state, attachment.decided_by) == (ENDED, None)
    ask_attachment(association=association, collectivity=commune, actor=militant)


# --- The page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ar", "fr", "en", "zgh"])
def test_page_of_each_side_shows_each_state(
    client, language, commune, official, militant, association
):
    for state in AttachmentState:
        for pair in (
            {"association": make_association(about="Words"), "collectivity": commune},
            {"association": association, "collectivity": make_commune()},
        ):
            Attachment.objects.create(
                state=state,
                decided_at=timezone.now(),
                ended_at=timezone.now(),
                reason="Why",
                **pair,
            )
    for person, organisation in ((official, commune), (militant, association)):
        client.force_login(person)
        answer = client.get(f"/{language}/space/{organisation.key}/associations/")
        assert answer.status_code == 200
        names = ("asked", "confirmed", "past")
        assert [len(answer.context[name]) for name in names] == [1, 1, 2]
        assert answer["Cache-Control"] == "private, no-store"


def test_people_without_the_right_see_no_buttons(client, commune, attachment, official):
    address = page(commune)
    for person, buttons in (
        (make_contributor(commune).person, False),
        (make_staff(StaffRole.EDITOR), False),
        (official, True),
    ):
        client.force_login(person)
        shown = client.get(address).content.decode()
        assert (f"/{attachment.pk}/decide/" in shown) == buttons
    client.force_login(make_focal_point(make_member_collectivity()).person)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow_with_the_associations(client, commune, official, number):
    for state in AttachmentState:
        for _ in range(number):
            Attachment.objects.create(
                association=make_association(),
                collectivity=commune,
                state=state,
                decided_at=timezone.now(),
                ended_at=timezone.now(),
            )
    client.force_login(official)
    client.get(page(commune))
    with CaptureQueriesContext(connection) as queries:
        client.get(page(commune))
    assert len([one for one in queries if "members_attachment" in one["sql"]]) == 2
    assert len(queries) == QUERIES


QUERIES = 6
