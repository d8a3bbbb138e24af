"""The handover: one click, and a sheet to print or keep."""

import csv
import io

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from core.audit import AuditEntry
from members.enums import AttachmentState, StaffRole
from members.models import Affiliation, Attachment
from members.services.people import PlaceRefused, hand_over
from notifications.models import Notice
from tests.members.factories import (
    make_association,
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    return make_member_collectivity(name_fr="Tétouan")


@pytest.fixture
def focal(commune):
    return make_focal_point(commune)


@pytest.fixture
def successor(commune):
    return make_contributor(commune, office="=Service")


def page(organisation, rest: str = "") -> str:
    return f"/en/space/{organisation.key}/handover/{rest}"


def places(organisation) -> dict[int, str]:
    rows = Affiliation.objects.of(organisation).filter(ended_at=None)
    return dict(rows.values_list("pk", "place"))


@pytest.mark.parametrize(("afterwards", "leads_to"), [("stay", "own"), ("leave", "/en/space/")])
def test_one_click_hands_over(client, commune, focal, successor, afterwards, leads_to):
    colleague = make_contributor(commune)
    client.force_login(focal.person)
    answer = client.post(page(commune), {"successor": successor.pk, "afterwards": afterwards})
    expected = f"/en/space/{commune.key}/" if leads_to == "own" else leads_to
    assert (answer.status_code, answer["Location"]) == (302, expected)
    stays = {focal.pk: "contributor"} if afterwards == "stay" else {}
    rest = {successor.pk: "focal-point", colleague.pk: "contributor"}
    assert places(commune) == stays | rest
    assert set(Notice.objects.values_list("kind", "person")) == {
        ("handover-to-you", successor.person.pk),
        ("handover", colleague.person.pk),
    }
    entry = AuditEntry.objects.get(kind="handover")
    assert (entry.actor, entry.subject_id) == (focal.person, str(commune.pk))
    assert entry.before == {"focal_point": focal.person.pk}
    assert entry.after == {
        "focal_point": successor.person.pk,
        "giver_stays": afterwards == "stay",
    }


def test_what_is_open_is_shown(client, commune, focal, successor):
    for name, state in (("Amal", "asked"), ("Nour", AttachmentState.CONFIRMED)):
        Attachment.objects.create(
            collectivity=commune, association=make_association(name_fr=name), state=state
        )
    client.force_login(focal.person)
    panels = client.get(page(commune)).context["panels"]
    assert {one["name"]: [matter.text for matter in one["matters"]] for one in panels} == {
        "associations": ["Amal"],
        "profile": ["Write the profile"],
    }


def test_the_successor_is_one_of_the_people(client, commune, focal, successor):
    gone = make_contributor(commune, ended_at=timezone.now())
    elsewhere = make_contributor(make_member_collectivity())
    disabled = make_contributor(commune)
    disabled.person.is_active = False
    disabled.person.save()
    client.force_login(focal.person)
    before = places(commune)
    for one in (gone.pk, elsewhere.pk, disabled.pk, focal.pk, "", "x"):
        answer = client.post(page(commune), {"successor": one, "afterwards": "stay"})
        assert answer.status_code == 422
        assert "error-summary" in answer.text
    answer = client.post(page(commune), {"successor": successor.pk, "afterwards": "reign"})
    assert answer.status_code == 422
    assert places(commune) == before


def test_without_others_an_invitation_comes_first(client, commune, focal):
    client.force_login(focal.person)
    answer = client.get(page(commune))
    assert f'href="/en/space/{commune.key}/people/invite/"' in answer.text
    assert 'name="successor"' not in answer.text
    make_contributor(commune)
    assert 'name="successor"' in client.get(page(commune)).text


def test_only_a_focal_point_hands_over(client, commune, focal, successor):
    outsider = make_focal_point(make_member_collectivity())
    sent = {"successor": successor.pk, "afterwards": "stay"}
    for person, status in (
        (successor.person, 403),
        (make_staff(StaffRole.ADMINISTRATOR), 403),
        (outsider.person, 404),
        (focal.person, 200),
    ):
        client.force_login(person)
        assert client.get(page(commune)).status_code == status
        assert client.get(page(commune, "sheet/")).status_code == status
        if status != 200:
            assert client.post(page(commune), sent).status_code == status
    assert places(commune) == {focal.pk: "focal-point", successor.pk: "contributor"}


def test_whoever_is_no_longer_what_the_page_showed_is_refused(commune, focal, successor):
    Affiliation.objects.filter(pk=successor.pk).update(ended_at=timezone.now())
    with pytest.raises(PlaceRefused):
        hand_over(giver=focal, successor=successor, stays=True)
    Affiliation.objects.filter(pk=successor.pk).update(ended_at=None)
    Affiliation.objects.filter(pk=focal.pk).update(place="contributor")
    with pytest.raises(PlaceRefused):
        hand_over(giver=focal, successor=successor, stays=True)
    Affiliation.objects.filter(pk=focal.pk).update(place="focal-point")
    hand_over(giver=focal, successor=successor, stays=True)
    assert places(commune) == {focal.pk: "contributor", successor.pk: "focal-point"}


# --- The sheet ----------------------------------------------------------------------------------


def test_the_sheet_holds_people_and_all_panels(client, commune, focal, successor):
    client.force_login(focal.person)
    answer = client.get(page(commune, "sheet/"))
    assert list(answer.context["people"]) == [focal, successor]
    for one in (focal, successor):
        assert one.person.email in answer.text
    for anchor in ("sheet-charter", "sheet-profile", "sheet-associations", "sheet-practices"):
        assert f'id="{anchor}"' in answer.text


def test_the_sheet_is_a_file_as_well(client, commune, focal, successor):
    client.force_login(focal.person)
    answer = client.get(page(commune, "sheet/?format=csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[0] == ["Part", "What", "State", "Open", "Where"]
    assert [row[4] for row in rows[1:3]] == [focal.person.email, successor.person.email]
    assert rows[-1][:2] == ["Profile", "Write the profile"]
    book = client.get(page(commune, "sheet/?format=xlsx"))
    sheet = load_workbook(io.BytesIO(book.content)).active
    assert [cell.value for cell in sheet[1]] == rows[0]
    assert client.get(page(commune, "sheet/?format=exe")).status_code == 200
