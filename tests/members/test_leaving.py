"""Leaving the network, and coming back; who holds which audience of the search."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.audit import AuditEntry
from members.enums import AttachmentState, StaffRole
from members.models import Affiliation, Attachment, CharterVersion, Membership, Signature, User
from members.permissions import forget_standing, is_of_network
from members.services.charter import sign_charter
from members.services.leaving import LeavingRefused, leave_network
from members.signatories import signatories
from notifications.models import Notice
from search.registry import PUBLIC, audiences_of
from tests.factories import make_commune
from tests.members.factories import (
    make_association,
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_person,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    return make_member_collectivity(name_fr="Tétouan")


@pytest.fixture
def focal(commune):
    return make_focal_point(commune).person


@pytest.fixture
def association():
    return make_association(name_fr="Amal")


@pytest.fixture
def president(association):
    return make_focal_point(association).person


@pytest.fixture
def version():
    return CharterVersion.objects.create(
        number=1, text_ar="<p>نص</p>", text_fr="<p>Texte</p>", published_at=timezone.now()
    )


def leave(organisation) -> str:
    return f"/en/space/{organisation.key}/leave/"


def attach(collectivity, association, state=AttachmentState.CONFIRMED) -> Attachment:
    return Attachment.objects.create(
        collectivity=collectivity,
        association=association,
        state=state,
        decided_at=timezone.now() if state == AttachmentState.CONFIRMED else None,
    )


def told(kind: str) -> set:
    return set(Notice.objects.filter(kind=kind).values_list("person", flat=True))


def of_network(person: User) -> bool:
    return is_of_network(User.objects.get(pk=person.pk))


def sign(commune, person) -> Signature:
    return sign_charter(
        collectivity=commune, number=1, person=person, name="Fatima", office="Présidente"
    )


# --- A collectivity -------------------------------------------------------------------------------


def test_collectivity_leaves_and_its_history_stays(
    client, commune, focal, association, president, version
):
    editor, colleague = make_staff(StaffRole.EDITOR), make_contributor(commune).person
    sign(commune, focal)
    confirmed, asked = attach(commune, association), make_association()
    waiting = attach(commune, asked, AttachmentState.ASKED)
    assert (of_network(focal), of_network(president)) == (True, True)
    client.force_login(focal)
    assert "What stays" in client.get(leave(commune)).content.decode()
    response = client.post(leave(commune), {"reason": "Nous manquons de moyens"})
    assert response["Location"] == f"/en/space/{commune.key}/"
    membership = Membership.objects.get()
    assert (membership.ended_on, membership.reason) == (
        timezone.localdate(),
        "Nous manquons de moyens",
    )
    assert Signature.objects.get().ended_at
    states = Attachment.objects.in_bulk([confirmed.pk, waiting.pk])
    assert states[confirmed.pk].state == AttachmentState.ENDED
    assert states[waiting.pk].state == AttachmentState.DECLINED
    assert (of_network(focal), of_network(president)) == (False, False)
    assert told("network-left") == {editor.pk, colleague.pk}
    assert told("attachment-ended") == {president.pk}
    assert AuditEntry.objects.filter(kind="network.left").count() == 1
    # People keep their places and read the space; the public page tells until when.
    assert Affiliation.objects.current().count() == 3
    for page in ("", "charter/", "ledger/", "profile/"):
        assert client.get(f"/en/space/{commune.key}/{page}").status_code == 200
    assert "Was a member" in client.get(f"/en{commune.get_absolute_url()[3:]}").content.decode()
    assert signatories().signed == 0
    assert "Fatima" not in client.get("/en/charter/versions/1/").content.decode()
    assert "left the network" in client.get("/en/charter/versions/1/").content.decode()


def test_collectivity_comes_back_by_signing_again(commune, focal, version):
    first = sign(commune, focal)
    leave_network(organisation=commune, person=focal, reason="Une raison")
    again = sign(commune, focal)
    assert (first.pk == again.pk, Membership.objects.count()) == (False, 2)
    assert list(Signature.objects.current()) == [again]
    assert Membership.objects.get(ended_on=None).began_on == timezone.localdate()
    assert of_network(focal)


def test_nobody_leaves_twice(client, commune, focal):
    client.force_login(focal)
    for _twice in range(2):
        assert client.post(leave(commune), {"reason": "Une raison"}).status_code == 302
    assert AuditEntry.objects.filter(kind="network.left").count() == 1
    with pytest.raises(LeavingRefused):
        leave_network(organisation=commune, person=focal, reason="Une raison")
    page = client.get(leave(commune)).content.decode()
    assert "nothing to leave" in page
    assert "<textarea" not in page


@pytest.mark.parametrize(
    ("reason", "words"), [(" ", "Write your reason."), ("x" * 1001, "Shorten")]
)
def test_leaving_wants_a_reason(client, commune, focal, reason, words):
    client.force_login(focal)
    response = client.post(leave(commune), {"reason": reason})
    assert response.status_code == 422
    assert response.content.decode().count(words) == 2
    assert Membership.objects.get().ended_on is None


def test_who_may_leave(client, commune, focal):
    answers = {}
    for name, person in (
        ("visitor", None),
        ("outsider", make_focal_point(make_commune()).person),
        ("editor", make_staff(StaffRole.EDITOR)),
        ("contributor", make_contributor(commune).person),
        ("focal point", focal),
    ):
        client.logout()
        if person:
            client.force_login(person)
        answers[name] = client.post(leave(commune), {"reason": "Une raison"}).status_code
        left = Membership.objects.get().ended_on is not None
        assert left is (name == "focal point")
    assert answers == {
        "visitor": 302,
        "outsider": 404,
        "editor": 403,
        "contributor": 403,
        "focal point": 302,
    }


# --- An association -------------------------------------------------------------------------------


def test_association_leaves(client, commune, focal, association, president):
    first = attach(commune, association)
    second = attach(make_commune(), association, AttachmentState.ASKED)
    client.force_login(president)
    response = client.post(leave(association), {"reason": "Fin du projet"})
    assert response.status_code == 302
    association.refresh_from_db()
    assert association.left_on == timezone.localdate()
    for one in (first, second):
        one.refresh_from_db()
        assert (one.state, one.reason) == (AttachmentState.ENDED, "Fin du projet")
    assert told("attachment-ended") == {focal.pk}
    assert of_network(president) is False
    assert client.get(f"/en/space/{association.key}/").status_code == 200
    page = client.get(f"/en/associations/{association.pk}/").content.decode()
    assert "was part of the network until" in page


# --- Audiences of the search ----------------------------------------------------------------------


def test_each_holds_the_audiences_of_what_they_are(commune, focal, association, president):
    other = make_commune()
    stranger, second = make_person(), make_contributor(other).person
    attach(commune, association)
    staff = {role: make_staff(role) for role in StaffRole}
    own = f"collectivity:{commune.pk}"
    assert audiences_of(None) == audiences_of(AnonymousUser()) == {PUBLIC}
    assert audiences_of(stranger) == {PUBLIC}
    assert audiences_of(focal) == {PUBLIC, "network", own}
    assert audiences_of(president) == {PUBLIC, "network"}
    assert audiences_of(second) == {PUBLIC, f"collectivity:{other.pk}"}  # not a member
    assert audiences_of(staff[StaffRole.MODERATOR]) == {PUBLIC, "network"}
    for role in (StaffRole.EDITOR, StaffRole.ADMINISTRATOR):
        assert audiences_of(staff[role]) == {PUBLIC, "network", "editors"}
    leave_network(organisation=commune, person=focal, reason="Une raison")
    forget_standing(focal)
    assert audiences_of(focal) == {PUBLIC, own}


def test_audiences_cost_two_queries_and_nothing_for_a_visitor(focal):
    for reader, number in ((None, 0), (AnonymousUser(), 0), (User.objects.get(pk=focal.pk), 2)):
        with CaptureQueriesContext(connection) as asked:
            audiences_of(reader)
            audiences_of(reader)
        assert len(asked) == number
