"""The people of a space: listed, moved, removed, gone."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.audit import AuditEntry
from members.enums import Place, StaffRole
from members.models import Affiliation
from members.services.people import PlaceRefused, change_place, end_place, give_place
from notifications.models import Notice
from tests.members.factories import (
    make_association,
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_person,
    make_staff,
)

pytestmark = pytest.mark.django_db

QUERIES_OF_THE_LIST = 8


@pytest.fixture
def commune():
    return make_member_collectivity()


@pytest.fixture
def focal(commune):
    return make_focal_point(commune)


@pytest.fixture
def contributor(commune):
    return make_contributor(commune, office="Service technique")


def address(organisation, rest: str = "") -> str:
    return f"/en/space/{organisation.key}/people/{rest}"


def places(organisation) -> dict[int, str]:
    rows = Affiliation.objects.of(organisation).filter(ended_at=None)
    return dict(rows.values_list("pk", "place"))


def written() -> list[tuple]:
    """Return what the audit log holds, the oldest first."""
    rows = AuditEntry.objects.order_by("pk")
    return [(one.kind, one.subject_id, one.before, one.after) for one in rows]


def told() -> set[tuple[str, int]]:
    return set(Notice.objects.values_list("kind", "person"))


# --- The list -----------------------------------------------------------------------------------


def test_focal_points_stand_first_and_those_of_the_past_apart(client, commune, contributor, focal):
    gone = make_contributor(commune, ended_at=timezone.now())
    client.force_login(contributor.person)
    context = client.get(address(commune)).context
    assert list(context["people"]) == [focal, contributor]
    assert list(context["past"]) == [gone]


def test_addresses_are_for_people_of_the_space(client, commune, focal, contributor):
    gone = make_contributor(commune, ended_at=timezone.now())
    for person, shown in (
        (contributor.person, True),
        (make_staff(StaffRole.ADMINISTRATOR), True),
        (make_staff(StaffRole.EDITOR), False),
    ):
        client.force_login(person)
        text = client.get(address(commune)).text
        assert (focal.person.email in text) == shown
        assert gone.person.email not in text


def test_only_those_who_manage_see_the_ways_to_do_so(client, commune, focal, contributor):
    change = address(commune, f"{contributor.pk}/place/")
    for person, manages in ((focal.person, True), (contributor.person, False)):
        client.force_login(person)
        text = client.get(address(commune)).text
        assert (change in text, "people/invite/" in text) == (manages, manages)


def test_the_list_asks_as_much_for_one_as_for_three(client, commune, focal):
    client.force_login(focal.person)
    for more in (1, 2):
        for _n in range(more):
            make_contributor(commune)
            make_contributor(commune, ended_at=timezone.now())
        client.get(address(commune))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address(commune)).status_code == 200
        assert len(asked) == QUERIES_OF_THE_LIST


def test_a_disabled_account_is_told_as_such(client, commune, focal, contributor):
    client.force_login(focal.person)
    assert "The account is closed" not in client.get(address(commune)).text
    contributor.person.is_active = False
    contributor.person.save()
    assert "The account is closed" in client.get(address(commune)).text


# --- Places -------------------------------------------------------------------------------------


def test_a_place_is_changed_audited_and_told(client, commune, focal, contributor):
    client.force_login(focal.person)
    page = address(commune, f"{contributor.pk}/place/")
    assert client.get(page).status_code == 200
    answer = client.post(page, {"place": "focal-point", "office": "x", "person": "1"})
    assert (answer.status_code, answer["Location"]) == (302, address(commune))
    assert places(commune) == {focal.pk: "focal-point", contributor.pk: "focal-point"}
    contributor.refresh_from_db()
    assert contributor.office == "Service technique"
    assert written() == [
        (
            "place.changed",
            str(contributor.pk),
            {"place": "contributor"},
            {"place": "focal-point"},
        )
    ]
    assert told() == {("place-changed", contributor.person.pk)}


@pytest.mark.parametrize("sent", [{}, {"place": ""}, {"place": "administrator"}])
def test_a_place_that_is_none_is_refused(client, commune, focal, contributor, sent):
    client.force_login(focal.person)
    answer = client.post(address(commune, f"{contributor.pk}/place/"), sent)
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert places(commune)[contributor.pk] == "contributor"


def test_the_same_place_again_changes_and_tells_nothing(client, commune, focal, contributor):
    client.force_login(focal.person)
    client.post(address(commune, f"{contributor.pk}/place/"), {"place": "contributor"})
    assert (written(), told()) == ([], set())


def test_a_focal_point_remains(client, commune, focal, contributor):
    client.force_login(focal.person)
    page = address(commune, f"{focal.pk}/place/")
    answer = client.post(page, {"place": "contributor"})
    assert answer.status_code == 422
    assert "No focal point would be left" in answer.text
    assert places(commune)[focal.pk] == "focal-point"
    make_focal_point(commune)
    assert client.post(page, {"place": "contributor"}).status_code == 302
    assert places(commune)[focal.pk] == "contributor"


def test_a_focal_point_whose_account_is_disabled_does_not_count(commune, focal):
    other = make_focal_point(commune)
    other.person.is_active = False
    other.person.save()
    with pytest.raises(PlaceRefused):
        end_place(affiliation=focal, actor=focal.person)
    other.person.is_active = True
    other.person.save()
    end_place(affiliation=focal, actor=focal.person)
    assert places(commune) == {other.pk: "focal-point"}


@pytest.mark.parametrize("what", ["place", "remove"])
def test_places_elsewhere_are_out_of_reach(client, commune, focal, contributor, what):
    elsewhere = make_contributor(make_member_collectivity())
    gone = make_contributor(commune, ended_at=timezone.now())
    association = make_contributor(make_association())
    client.force_login(focal.person)
    for one in (elsewhere, gone, association):
        page = address(commune, f"{one.pk}/{what}/")
        assert client.get(page).status_code == 404
        assert client.post(page, {"place": "focal-point"}).status_code == 404
    assert client.get(address(commune, f"{10**30}/{what}/")).status_code == 404
    assert client.get(address(commune, f"{contributor.pk}/{what}/")).status_code == 200


@pytest.mark.parametrize("what", ["place", "remove"])
def test_a_contributor_manages_nobody(client, commune, focal, contributor, what):
    page = address(commune, f"{focal.pk}/{what}/")
    make_focal_point(commune)
    for person, status in (
        (contributor.person, 403),
        (make_focal_point(make_member_collectivity()).person, 404),
        (make_staff(StaffRole.EDITOR), 403),
        (make_staff(StaffRole.ADMINISTRATOR), 302),
    ):
        client.force_login(person)
        assert client.post(page, {"place": "contributor"}).status_code == status


# --- Removed and gone ---------------------------------------------------------------------------


def test_a_person_is_removed_after_a_question(client, commune, focal, contributor):
    client.force_login(focal.person)
    page = address(commune, f"{contributor.pk}/remove/")
    assert client.get(page).status_code == 200
    assert places(commune) == {focal.pk: "focal-point", contributor.pk: "contributor"}
    answer = client.post(page)
    assert (answer.status_code, answer["Location"]) == (302, address(commune))
    assert places(commune) == {focal.pk: "focal-point"}
    assert written() == [("place.ended", str(contributor.pk), {"place": "contributor"}, None)]
    assert told() == {("place-ended", contributor.person.pk)}
    client.force_login(contributor.person)
    assert client.get(address(commune)).status_code == 404


def test_a_person_leaves_by_themselves(client, commune, focal, contributor):
    client.force_login(contributor.person)
    page = address(commune, "quit/")
    assert client.get(page).status_code == 200
    answer = client.post(page)
    assert (answer.status_code, answer["Location"]) == (302, "/en/space/")
    assert places(commune) == {focal.pk: "focal-point"}
    assert told() == {("place-left", focal.person.pk)}


def test_the_last_focal_point_hands_over_before_leaving(client, commune, focal, contributor):
    client.force_login(focal.person)
    page = address(commune, "quit/")
    answer = client.get(page)
    assert f'href="/en/space/{commune.key}/handover/"' in answer.text
    assert 'class="button button--danger"' not in answer.text
    assert client.post(page)["Location"] == address(commune)
    assert places(commune) == {focal.pk: "focal-point", contributor.pk: "contributor"}
    make_focal_point(commune)
    assert 'class="button button--danger"' in client.get(page).text


def test_nobody_leaves_a_space_in_which_they_have_no_place(client, commune, focal):
    client.force_login(make_staff(StaffRole.ADMINISTRATOR))
    for answer in (client.get(address(commune, "quit/")), client.post(address(commune, "quit/"))):
        assert (answer.status_code, answer["Location"]) == (302, address(commune))
    assert places(commune) == {focal.pk: "focal-point"}
    client.force_login(focal.person)
    assert client.get(address(commune, "quit/")).status_code == 200


# --- Given --------------------------------------------------------------------------------------


def test_a_place_is_given_once_and_raised(commune, focal):
    person = make_person()
    first = give_place(
        person=person, organisation=commune, place=Place.CONTRIBUTOR, office="x", actor=None
    )
    for place, held in (
        (Place.CONTRIBUTOR, "contributor"),
        (Place.FOCAL_POINT, "focal-point"),
        (Place.CONTRIBUTOR, "focal-point"),
    ):
        again = give_place(person=person, organisation=commune, place=place, actor=None)
        assert (again.pk, again.place) == (first.pk, held)
    assert [kind for kind, *_rest in written()] == ["place.given", "place.changed"]


# --- Two at one moment --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_focal_points_who_demote_each_other_leave_one():
    commune = make_member_collectivity()
    both = [make_focal_point(commune), make_focal_point(commune)]
    together = Barrier(2, timeout=20)

    def demote(one: Affiliation, actor) -> bool:
        try:
            together.wait()
            return change_place(affiliation=one, place=Place.CONTRIBUTOR, actor=actor)
        except PlaceRefused:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = [
            pool.submit(demote, both[0], both[1].person),
            pool.submit(demote, both[1], both[0].person),
        ]
        assert sorted(one.result() for one in done) == [False, True]
    assert sorted(places(commune).values()) == ["contributor", "focal-point"]
