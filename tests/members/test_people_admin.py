"""People in the administration: found, appointed, disabled, brought in; never deleted."""

import io

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.urls import reverse

from core.audit import AuditEntry
from members.enums import Place, StaffRole
from members.models import Affiliation, User
from members.services.staff import StaffRefused, appoint, bring_in, set_active, staff_role_of
from notifications.models import Letter, Notice
from tests.factories import make_commune, make_user
from tests.members.world import person, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wagtails_own_templates")]

LIST = "/admin/users/"


@pytest.fixture
def administrator(client) -> User:
    one = staff(StaffRole.ADMINISTRATOR)
    client.force_login(one)
    return one


def edit(someone: User) -> str:
    return reverse("wagtailusers_users:edit", args=[someone.pk])


def emails(response) -> set[str]:
    return {one.email for one in response.context["object_list"]}


# --- Services -------------------------------------------------------------------------------------


def test_appointed_person_has_one_role_is_told_and_the_log_knows():
    actor, someone = staff(StaffRole.ADMINISTRATOR), make_user()
    assert appoint(person=someone, role=StaffRole.MODERATOR, actor=actor)
    assert appoint(person=someone, role=StaffRole.EDITOR, actor=actor)
    assert [group.name for group in someone.groups.all()] == ["Editors"]
    assert [(one.kind, one.person, one.data) for one in Notice.objects.order_by("pk")] == [
        ("staff-role", someone, {"role": "Moderators"}),
        ("staff-role", someone, {"role": "Editors"}),
    ]
    entry = AuditEntry.objects.order_by("-pk").first()
    assert (entry.kind, entry.actor, entry.subject_id, entry.before, entry.after) == (
        "staff.appointed",
        actor,
        str(someone.pk),
        {"role": "Moderators"},
        {"role": "Editors"},
    )
    assert not appoint(person=someone, role=StaffRole.EDITOR, actor=actor)
    assert AuditEntry.objects.count() == 2


def test_administrator_is_superuser_as_long_as_the_role_is_held():
    actor, someone = staff(StaffRole.ADMINISTRATOR), make_user()
    appoint(person=someone, role=StaffRole.ADMINISTRATOR, actor=actor)
    someone.refresh_from_db()
    assert (someone.is_superuser, staff_role_of(someone)) == (True, StaffRole.ADMINISTRATOR)
    appoint(person=someone, role=None, actor=actor)
    someone.refresh_from_db()
    assert (someone.is_superuser, staff_role_of(someone)) == (False, None)


def test_nobody_changes_their_own_role_and_the_last_administrator_stays():
    actor = staff(StaffRole.ADMINISTRATOR)
    with pytest.raises(StaffRefused):
        appoint(person=actor, role=None, actor=actor)
    with pytest.raises(StaffRefused):
        appoint(person=actor, role=None, actor=None)
    with pytest.raises(StaffRefused):
        set_active(person=actor, active=False, actor=make_user())
    second = staff(StaffRole.ADMINISTRATOR)
    assert appoint(person=second, role=None, actor=actor)


def test_disabled_person_is_out_at_the_next_request_and_may_come_back(client):
    actor, someone = staff(StaffRole.ADMINISTRATOR), person()
    client.force_login(someone)
    assert client.get("/ar/account/notices/").status_code == 200
    assert set_active(person=someone, active=False, actor=actor)
    assert client.get("/ar/account/notices/").status_code == 302
    assert set_active(person=someone, active=True, actor=actor)
    assert client.get("/ar/account/notices/").status_code == 200
    assert list(AuditEntry.objects.order_by("pk").values_list("after", flat=True)) == [
        {"active": False},
        {"active": True},
    ]


def test_who_is_brought_in_sets_the_password_by_mail():
    actor = staff(StaffRole.ADMINISTRATOR)
    someone = bring_in(
        email="New@example.org", first_name="سلمى", last_name="ب", language="ar",
        role=StaffRole.EDITOR, actor=actor,
    )  # fmt: skip
    assert (someone.email, someone.has_usable_password()) == ("new@example.org", False)
    assert EmailAddress.objects.get(user=someone).verified
    assert staff_role_of(someone) == StaffRole.EDITOR
    assert [(one.email, one.kind) for one in Letter.objects.all()] == [
        ("new@example.org", "staff-account")
    ]
    with pytest.raises(StaffRefused):
        bring_in(
            email="NEW@example.org", first_name="a", last_name="b", language="ar",
            role=StaffRole.EDITOR, actor=actor,
        )  # fmt: skip


# --- The list -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [(StaffRole.ADMINISTRATOR, 200), (StaffRole.EDITOR, 302), (StaffRole.MODERATOR, 302)],
)
def test_people_are_for_administrators_alone(client, role, status):
    client.force_login(staff(role))
    someone = make_user()
    assert client.get(LIST).status_code == status
    assert client.get(edit(someone)).status_code == status
    assert client.get(reverse("wagtailusers_users:add")).status_code == status


def test_people_are_found_by_name_address_role_place_region_and_state(client, administrator):
    commune = make_commune()
    salma = make_user(first_name="سلمى", last_name="بناني")
    Affiliation.objects.create(person=salma, collectivity=commune, place=Place.FOCAL_POINT)
    editor, disabled = staff(StaffRole.EDITOR), make_user(is_active=False)
    everybody = {administrator.email, salma.email, editor.email, disabled.email}
    for query, found in {
        "": everybody,
        "q=سلمى": {salma.email},
        "q=سلمى+بناني": {salma.email},
        f"q={editor.email}": {editor.email},
        "staff=Editors": {editor.email},
        "staff=none": {salma.email, disabled.email},
        "place=focal-point": {salma.email},
        "place=none": everybody - {salma.email},
        f"region={commune.region_id}": {salma.email},
        "state=disabled": {disabled.email},
        "state=deleted": set(),
    }.items():
        assert emails(client.get(f"{LIST}?{query}")) == found, query


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_the_same_queries_however_long(
    client, administrator, number, django_assert_num_queries
):
    for _n in range(number):
        one = staff(StaffRole.EDITOR)
        Affiliation.objects.create(person=one, collectivity=make_commune(), place="contributor")
    client.get(LIST)
    with django_assert_num_queries(14):
        client.get(LIST)


def test_role_and_state_are_changed_and_nothing_else(client, administrator):
    someone = make_user(first_name="A")
    response = client.post(
        edit(someone),
        {
            "role": "Editors",
            "active": "on",
            "first_name": "B",
            "email": "other@example.org",
            "is_superuser": "on",
            "is_staff": "on",
            "groups": [Group.objects.get(name="Administrators").pk],
            "password1": "another password",
        },
    )
    assert response.status_code == 302
    before, password = someone.email, someone.password
    someone.refresh_from_db()
    assert (someone.first_name, someone.email, someone.password) == ("A", before, password)
    assert (someone.is_superuser, staff_role_of(someone)) == (False, StaffRole.EDITOR)


def test_lost_second_step_is_taken_away_and_the_person_told(client, administrator):
    editor = staff(StaffRole.EDITOR)
    asked = {"role": "Editors", "active": "on"}
    client.post(edit(editor), asked)
    assert is_mfa_enabled(editor)
    client.post(edit(editor), asked | {"lost": "on"})
    assert not is_mfa_enabled(editor)
    assert [one.kind for one in Notice.objects.filter(person=editor)] == ["second-step-taken"]
    assert AuditEntry.objects.filter(kind="person.second-step", actor=administrator).count() == 1
    client.post(edit(administrator), {"role": "Administrators", "active": "on", "lost": "on"})
    assert is_mfa_enabled(administrator)


def test_refusal_is_told_in_the_form(client, administrator):
    response = client.post(edit(administrator), {"role": "", "active": "on"})
    assert response.status_code == 200
    assert len(response.context["form"].non_field_errors()) == 1
    administrator.refresh_from_db()
    assert administrator.is_superuser


def test_member_of_staff_is_brought_in_by_the_form(client, administrator):
    response = client.post(
        reverse("wagtailusers_users:add"),
        {
            "first_name": "سلمى",
            "last_name": "بناني",
            "email": "salma@example.org",
            "language": "ar",
            "role": "Moderators",
            "is_superuser": "on",
        },
    )
    assert response.status_code == 302
    salma = User.objects.get(email="salma@example.org")
    assert (salma.is_superuser, staff_role_of(salma)) == (False, StaffRole.MODERATOR)


# --- Many at once ---------------------------------------------------------------------------------


def bulk(action: str, *people: User) -> str:
    ids = "&".join(f"id={one.pk}" for one in people)
    return f"/admin/bulk/members/user/{action}/?{ids}"


def test_many_are_appointed_and_disabled_at_once_and_the_log_knows_each(client, administrator):
    one, two = make_user(), make_user()
    assert client.get(bulk("assign_role", one, two)).status_code == 200
    client.post(bulk("assign_role", one, two, administrator), {"role": "Moderators"})
    assert [staff_role_of(each) for each in (one, two, administrator)] == [
        StaffRole.MODERATOR,
        StaffRole.MODERATOR,
        StaffRole.ADMINISTRATOR,
    ]
    client.post(bulk("set_active_state", one, two, administrator), {"active": "no"})
    assert list(User.objects.filter(is_active=False).order_by("pk")) == [one, two]
    assert AuditEntry.objects.filter(actor=administrator).count() == 4


def test_nobody_is_deleted_by_others(client, administrator):
    one = make_user()
    assert client.get(bulk("delete", one)).status_code == 200
    assert client.post(bulk("delete", one)).status_code == 405
    assert client.post(reverse("wagtailusers_users:delete", args=[one.pk])).status_code == 302
    assert User.objects.filter(pk=one.pk).exists()


def test_groups_are_looked_after_by_migrations_alone(client, administrator):
    editors = Group.objects.get(name="Editors")
    for name, args in (("index", []), ("add", []), ("edit", [editors.pk])):
        assert client.get(reverse(f"wagtailusers_groups:{name}", args=args)).status_code == 302
    rights = editors.permissions.count()
    client.post(reverse("wagtailusers_groups:edit", args=[editors.pk]), {"name": "X"})
    editors.refresh_from_db()
    assert (editors.name, editors.permissions.count()) == ("Editors", rights)


def test_editor_acts_on_no_people(client):
    client.force_login(staff(StaffRole.EDITOR))
    one = make_user()
    client.post(bulk("assign_role", one), {"role": "Administrators"})
    client.post(bulk("set_active_state", one), {"active": "no"})
    one.refresh_from_db()
    assert (one.is_active, staff_role_of(one)) == (True, None)


# --- The command ----------------------------------------------------------------------------------


def test_command_makes_the_first_administrator(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("long and uncommon words\n"))
    call_command("make_administrator", "First@example.org", password_from_input=True)
    first = User.objects.get(email="first@example.org")
    assert first.is_superuser
    assert first.check_password("long and uncommon words")
    assert EmailAddress.objects.get(user=first).verified
    call_command("make_administrator", "first@example.org")
    assert "is one already" in capsys.readouterr().out


def test_command_appoints_an_account_that_is_there(capsys):
    someone = make_user(password="their own words")
    call_command("make_administrator", someone.email)
    someone.refresh_from_db()
    assert someone.is_superuser
    assert someone.check_password("their own words")


@pytest.mark.parametrize(
    ("email", "password"), [("no address", "x"), ("a@example.org", "short"), ("a@b.ma", "")]
)
def test_command_refuses_a_bad_address_and_a_weak_password(monkeypatch, email, password):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    with pytest.raises(CommandError):
        call_command("make_administrator", email, password_from_input=True)
    assert User.objects.count() == 0
