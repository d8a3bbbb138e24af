"""The space of collectivities and associations: which one, its first page, its panels."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from members.enums import AttachmentState, OrganisationKind, StaffRole
from members.models import (
    Application,
    Attachment,
    CharterVersion,
    CollectivityProfile,
    Invitation,
    Membership,
    Signature,
)
from members.registry import panels_of
from notifications.services import tell
from tests.factories import make_commune, make_practice
from tests.members.factories import (
    make_association,
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_person,
    make_staff,
)

pytestmark = pytest.mark.django_db

QUERIES_OF_A_SPACE = 17


@pytest.fixture
def commune():
    return make_member_collectivity(name_fr="Tétouan")


@pytest.fixture
def focal(commune):
    return make_focal_point(commune)


def space(organisation) -> str:
    return f"/en/space/{organisation.key}/"


def charter() -> CharterVersion:
    return CharterVersion.objects.create(
        number=1, text_ar="<p>نص</p>", text_fr="<p>Texte</p>", published_at=timezone.now()
    )


def sign(commune, version, person) -> Signature:
    return Signature.objects.create(
        collectivity=commune, version=version, person=person, name="Nom", office="Maire"
    )


def lines(organisation, person) -> dict[str, list[tuple[str, bool]]]:
    """Return the panels of a space with the text of each line, and whether it is open."""
    with override("en"):
        return {
            panel["name"]: [(one.text, one.is_open) for one in panel["matters"]]
            for panel in panels_of(organisation, person)
        }


# --- Which space --------------------------------------------------------------------------------


def test_a_visitor_goes_to_the_login_and_comes_back(client, commune):
    for path in ("/en/space/", space(commune)):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"/en/account/login/?next={path}")


def test_whoever_has_one_place_is_led_there(client, commune, focal):
    client.force_login(focal.person)
    answer = client.get("/en/space/")
    assert (answer.status_code, answer["Location"]) == (302, space(commune))


def test_whoever_has_several_places_chooses(client, commune, focal):
    association = make_association()
    make_contributor(association, person=focal.person)
    client.force_login(focal.person)
    answer = client.get("/en/space/")
    assert answer.status_code == 200
    assert [one.organisation for one in answer.context["places"]] == [commune, association]
    for one in (commune, association):
        assert f'href="{space(one)}"' in answer.text


def test_whoever_has_none_is_told_how_to_get_one(client):
    client.force_login(make_person())
    answer = client.get("/en/space/")
    assert answer.status_code == 200
    assert 'href="/en/join/"' in answer.text
    assert "/admin/" not in answer.text


def test_staff_find_the_administration_beside_their_place(client, commune):
    editor = make_staff(StaffRole.EDITOR)
    client.force_login(editor)
    assert 'href="/admin/"' in client.get("/en/space/").text
    make_contributor(commune, person=editor)
    answer = client.get("/en/space/")
    assert answer.status_code == 200
    assert 'href="/admin/"' in answer.text
    assert f'href="{space(commune)}"' in answer.text


def apply(email: str, state: str, n: int) -> Application:
    return Application.objects.create(
        kind=OrganisationKind.ASSOCIATION,
        association_name_fr=f"Association {n}",
        first_name="Nom",
        last_name="Nom",
        email=email,
        office="Présidente",
        language="fr",
        state=state,
        token_digest=f"digest {n}",
    )


def test_own_applications_are_shown_by_verified_address_alone(client):
    person = make_person(email="maryam@example.org")
    mine = apply("Maryam@example.org", "waiting", 1)
    apply("maryam@example.org", "unconfirmed", 2)
    apply("omar@example.org", "waiting", 3)
    client.force_login(person)
    assert client.get("/en/space/").context["applications"] == [mine]
    person.emailaddress_set.update(verified=False)
    assert client.get("/en/space/").context["applications"] == []


# --- The first page -----------------------------------------------------------------------------


def test_the_space_of_others_does_not_exist(client, commune, focal):
    other = make_commune()
    client.force_login(focal.person)
    assert client.get(space(commune)).status_code == 200
    assert client.get(space(other)).status_code == 404
    assert client.get("/en/space/association-1/").status_code == 404
    assert client.get("/en/space/nowhere/").status_code == 404


def test_editors_look_at_each_space_and_moderators_at_none(client, commune):
    for role, status in ((StaffRole.EDITOR, 200), (StaffRole.MODERATOR, 404)):
        client.force_login(make_staff(role))
        assert client.get(space(commune)).status_code == status


def test_the_space_takes_no_post(client, commune, focal):
    client.force_login(focal.person)
    assert client.post(space(commune)).status_code == 405
    assert client.post("/en/space/").status_code == 405


def test_a_member_whose_day_is_not_known_is_told_without_one(client, commune, focal):
    client.force_login(focal.person)
    assert "Member of the network since" in client.get(space(commune)).text
    Membership.objects.update(began_on=None)
    answer = client.get(space(commune)).text
    assert "Member of the network since" not in answer
    assert "Member of the network" in answer
    Membership.objects.update(ended_on=timezone.localdate())
    assert "Not a member of the network yet" in client.get(space(commune)).text


def test_unread_notices_are_counted(client, commune, focal):
    client.force_login(focal.person)
    assert "Your notices" in client.get(space(commune)).text
    tell(people=[focal.person], kind="staff-role", data={"role": ""})
    assert "1 unread notice" in client.get(space(commune)).text


def test_what_waits_stands_first(client, commune, focal):
    version = charter()
    client.force_login(focal.person)
    waiting = client.get(space(commune)).context["waiting"]
    assert [one.text for one in waiting] == ["Sign the charter", "Write the profile"]
    sign(commune, version, focal.person)
    CollectivityProfile.objects.create(collectivity=commune, about="Une commune")
    assert client.get(space(commune)).context["waiting"] == []


def furnish(commune, number: int) -> None:
    """Give a collectivity some more of everything that its space shows."""
    for _n in range(number):
        make_contributor(commune)
        make_practice(collectivities=(commune,))
        Attachment.objects.create(collectivity=commune, association=make_association())


def test_the_space_asks_as_much_for_one_as_for_three(client, commune, focal):
    charter()
    client.force_login(focal.person)
    for number in (1, 2):
        furnish(commune, number)
        client.get(space(commune))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(space(commune)).status_code == 200
        assert len(asked) == QUERIES_OF_A_SPACE


# --- Panels -------------------------------------------------------------------------------------


def test_panels_of_a_collectivity(commune, focal):
    panels = lines(commune, focal.person)
    assert panels == {
        "contributions": [],
        "practices": [],
        "adoptions": [],
        "did-not-work": [],
        "people": [(focal.person.name, False)],
        "charter": [],
        "associations": [],
        "profile": [("Write the profile", True)],
    }


def test_panels_of_an_association():
    association = make_association(about="Une association")
    one = make_focal_point(association)
    assert lines(association, one.person) == {
        "partner-words": [],
        "did-not-work": [],
        "people": [(one.person.name, False)],
        "collectivities": [],
        "profile": [("What your public page says", False)],
    }


def test_open_invitations_are_told_to_those_who_manage_them(commune, focal):
    other = make_contributor(commune)
    Invitation.objects.create(
        collectivity=commune,
        email="x@example.org",
        place="contributor",
        token_digest="digest",
        invited_by=focal.person,
        expires_at=timezone.now() + timedelta(days=1),
    )
    names = [(focal.person.name, False), (other.person.name, False)]
    waits = ("1 invitation waits for an answer", True)
    assert lines(commune, focal.person)["people"] == [*names, waits]
    assert lines(commune, other.person)["people"] == names
    Invitation.objects.update(expires_at=timezone.now())
    assert lines(commune, focal.person)["people"] == names


def test_the_charter_is_open_until_its_newest_version_is_signed(commune, focal):
    contributor = make_contributor(commune).person
    first = charter()
    words = ("The charter waits for the signature of your focal point", True)
    assert lines(commune, focal.person)["charter"] == [("Sign the charter", True)]
    assert lines(commune, contributor)["charter"] == [words]
    sign(commune, first, focal.person)
    assert lines(commune, contributor)["charter"] == [("Charter, version 1", False)]
    CharterVersion.objects.create(number=2, text_ar="<p>ن</p>", text_fr="<p>T</p>")
    assert lines(commune, focal.person)["charter"] == [("Charter, version 1", False)]
    CharterVersion.objects.update(published_at=timezone.now())
    again = [("Sign the new version of the charter", True)]
    assert lines(commune, focal.person)["charter"] == again


def test_attachments_wait_on_both_sides_until_they_are_decided(commune, focal):
    association = make_association(name_fr="Amal")
    president = make_focal_point(association).person
    asked = Attachment.objects.create(collectivity=commune, association=association)
    assert lines(commune, focal.person)["associations"] == [("Amal", True)]
    assert lines(association, president)["collectivities"] == [("Commune de Tétouan", True)]
    for state, shown in (
        (AttachmentState.CONFIRMED, [("Amal", False)]),
        (AttachmentState.DECLINED, []),
        (AttachmentState.ENDED, []),
    ):
        asked.state = state
        asked.save()
        assert lines(commune, focal.person)["associations"] == shown


def test_practices_of_the_space_are_those_that_are_published(commune, focal):
    shown = make_practice(collectivities=(commune,), title="Budget ouvert")
    make_practice(collectivities=(commune,), published=False)
    make_practice(collectivities=(make_commune(),))
    panels = {one["name"]: one for one in panels_of(commune, focal.person)}
    matters = panels["practices"]["matters"]
    assert [(one.text, bool(one.note)) for one in matters] == [(shown.title, True)]
