"""
Every address of the site × every role.

What is expected is read from the table of rights alone (`members.permissions.rights`); what the
site answers is asked of the real views. A refusal never stands alone: the same request is made by
those who may.
"""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from members.access import addresses
from members.doors import Door, doors
from members.management.commands.write_rights import TARGET, table
from members.middleware import guard_administration
from members.models import User
from members.permissions import Role, rights

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

DOORS = list(doors())
OURS = [door for door in DOORS if not door.in_administration]
ADMIN = [door for door in DOORS if door.in_administration]


def test_every_address_asks_for_a_right():
    assert [door.route for door in DOORS if door.right not in rights] == []


def test_no_right_is_told_of_an_address_that_is_gone():
    assert addresses.keys() - {door.name for door in DOORS} == set()


def test_an_address_has_one_right_only():
    told = {door.name for door in OURS if getattr(door.view, "right", "")}
    assert told & addresses.keys() == set()


def test_the_published_table_is_the_one_in_force():
    assert TARGET.read_text(encoding="utf-8") == table()


# --- The administration: each role against the gate ----------------------------------------------

STAFF = (Role.MODERATOR, Role.EDITOR, Role.ADMINISTRATOR)


def path_of(door: Door) -> str:
    """Return an address of the administration, with a 1 in each of its places."""
    route = re.sub(r"<(\w+:)?\w+>", "1", door.route)
    while "(" in route:
        route = re.sub(r"\([^()]*\)", "1", route)
    return "/" + re.sub(r"[\\^$?]", "", route.replace(".*", "1"))


def test_the_administration_has_many_addresses():
    assert len(ADMIN) > 200


@pytest.mark.parametrize("role", [role for role in Role if role not in STAFF])
def test_who_is_not_staff_comes_to_no_address_of_the_administration(client, world, role):
    if role != Role.VISITOR:
        client.force_login(world.people[role])
    let_in = []
    for address in map(path_of, ADMIN):
        response = client.get(address)
        if role != Role.VISITOR:
            refused = response.status_code == 403
        else:
            # To the login; where nothing is, to the same address under a language.
            to = response["Location"] if response.status_code == 302 else ""
            refused = "/account/login/" in to or (to.endswith(address) and to != address)
        if not refused and address not in WORDS_AND_ICONS:
            let_in.append((address, response.status_code))
    assert let_in == []


# Of Wagtail's interface, which it gives to everybody: nothing of this site is in them.
WORDS_AND_ICONS = {"/admin/jsi18n/", "/admin/sprite/"}


@pytest.mark.parametrize("role", STAFF)
def test_staff_come_in_with_a_second_step_and_not_without(world, role):
    gate = guard_administration(lambda request: HttpResponse("in"))
    person = world.people[role]
    answers = {}
    for step in (True, False):
        if not step:
            Authenticator.objects.filter(user=person).delete()
        for door in ADMIN:
            request = RequestFactory().get(path_of(door))
            request.user = User.objects.get(pk=person.pk)
            request._messages = Silent()
            answers.setdefault(step, set()).add(gate(request).status_code)
    assert answers == {True: {200}, False: {302}}


class Silent:
    """Stands where messages are kept."""

    def add(self, *args, **kwargs) -> None:
        return None


@pytest.mark.usefixtures("wagtails_own_templates")
@pytest.mark.parametrize("role", STAFF)
def test_staff_are_at_home_in_the_administration(client, world, role):
    client.force_login(world.people[role])
    assert client.get(reverse("wagtailadmin_home")).status_code == 200


# --- Ours: each role against own, colleague's and outsider's things ------------------------------

# What the number in an address names (see `World.things`).
THINGS = {
    "space_place": "affiliation",
    "space_remove": "affiliation",
    "space_revoke": "invitation",
    "space_resend": "invitation",
    "space_attachment_decide": "attachment",
    "space_attachment_end": "attachment",
    "space_signature_document": "signature",
    "space_adoption": "adoption",
    "space_adoption_state": "adoption",
    "space_adoption_link": "adoption",
    "space_adoption_write": "adoption",
    "partner_word": "partner_word",
}
# Spaces of associations have no such pages, and those of collectivities no such others.
OF_COLLECTIVITIES = {
    "space_adoption",
    "space_adoption_link",
    "space_adoption_state",
    "space_adoption_write",
    "space_adoptions",
    "space_attachment_decide",
    "space_charter",
    "space_charter_sign",
    "space_ledger",
    "space_contribution_start",
    "space_contributions",
    "space_signature_document",
    "space_similar",
    "space_statement",
}
OF_ASSOCIATIONS = {"partner_word", "space_attachment_ask"}

# For those who have set one up, with codes or with recovery codes.
OF_A_SECOND_STEP = {
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_view_recovery_codes",
}

SPACE = [door for door in OURS if "<slug:key>" in door.route]
DRAFT = [door for door in OURS if "contributions/<int:pk>/" in door.route]
OTHERS = [door for door in OURS if door not in (*SPACE, *DRAFT)]


def ask(client, address: str) -> str:
    """Ask an address, by POST where it takes nothing else, undo it, and say how it went."""
    with transaction.atomic():
        response = client.get(address)
        if response.status_code == 405:
            response = client.post(address)
        transaction.set_rollback(True)
    response.getvalue()  # a file is closed at its end
    # The files of an answer, and not `response.close()`: it would end the test's connection too.
    for close in response._resource_closers:
        close()
    assert response.status_code < 500, address
    if response.status_code in (403, 404):
        return str(response.status_code)
    to_login = response.status_code == 302 and "/account/login/" in response["Location"]
    return "login" if to_login else "in"


def expected(world, role: Role, door: Door, where: str) -> set[str]:
    """Return how it must go, from the table of rights alone."""

    def has(right: str) -> bool:
        wanted = rights[right]
        return role in wanted.everywhere or (world.own(role) == where and role in wanted.own)

    if role == Role.VISITOR:
        return {"login"}
    if not has("space.see"):
        return {"404"}
    of_association = "association" in where
    if door.name in (OF_COLLECTIVITIES if of_association else OF_ASSOCIATIONS):
        return {"403", "404"}
    return {"in"} if has(door.right) else {"403"}


def space_addresses(world) -> list[tuple[Door, str, str]]:
    """Return the addresses of all spaces: the door, whose space, the path."""
    found = []
    for door in SPACE:
        for where, organisation in world.organisations.items():
            kwargs = {"key": organisation.key}
            if door.name in THINGS:
                kwargs["pk"] = world.things[where].get(THINGS[door.name], 999_999)
            found.append((door, where, reverse(door.name, kwargs=kwargs)))
    return found


def test_numbers_in_addresses_of_spaces_are_all_known():
    assert {door.name for door in SPACE if "<int:" in door.route} == THINGS.keys()


@pytest.mark.parametrize("role", list(Role))
def test_each_role_in_each_space(client, world, role):
    if role != Role.VISITOR:
        client.force_login(world.people[role])
    wrong = []
    for door, where, address in space_addresses(world):
        answer, wanted = ask(client, address), expected(world, role, door, where)
        if answer not in wanted:
            wrong.append(f"{door.name} of {where}: {answer}, not {wanted}")
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_each_role_at_each_other_address_of_ours(client, world, role):
    if role != Role.VISITOR:
        client.force_login(world.people[role])
    wrong = []
    for door in OTHERS:
        if "<" in door.route or "(" in door.route:
            continue  # names a thing: its own tests ask
        answer = ask(client, reverse(door.name))
        refused = "login" if role == Role.VISITOR else "403"
        wanted = {"in" if role in rights[door.right].everywhere else refused}
        if door.right == "account.enter":
            wanted.add("login")  # a later step of it begins with the first
        if door.name in OF_A_SECOND_STEP and role != Role.VISITOR:
            wanted.add("404")
        if answer not in wanted:
            wrong.append(f"{door.name}: {answer}, not {wanted}")
    assert wrong == []


# --- Drafts: each role against its own collectivity's and the outsider's -------------------------

# For a thematic reviewer who was asked, and nobody else.
OF_REVIEWERS = {"contribution_opinion"}
# For the collectivity that an authorship is of.
OF_ANOTHER = {"contribution_author_answer"}


def draft_address(world, door: Door, where: str) -> str:
    things = world.things[where]
    told = {
        "pk": things["contribution"],
        "section": "lessons",
        "revision": things["revision"],
        "authorship": things["authorship"],
        "note": things["note"],
        "rows": "photos",
        "key": world.keys[where],
    }
    names = re.findall(r"<\w+:(\w+)>", door.route)
    return reverse(door.name, kwargs={name: told[name] for name in names})


def expected_of_draft(world, role: Role, door: Door, where: str) -> str:
    """Return how it must go at a draft: who writes it, who reviews, and all others."""
    if role == Role.VISITOR:
        return "login"
    own = world.own(role) == where
    if not own and role not in (Role.EDITOR, Role.ADMINISTRATOR):
        return "404"
    if door.name in OF_REVIEWERS | OF_ANOTHER or (door.right == "contribution.write" and not own):
        return "403"
    return "in"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_at_each_address_of_a_draft(client, world, role):
    if role != Role.VISITOR:
        client.force_login(world.people[role])
    wrong = []
    for door in DRAFT:
        for where in ("commune", "other commune"):
            address = draft_address(world, door, where)
            answer, wanted = ask(client, address), expected_of_draft(world, role, door, where)
            if answer != wanted:
                wrong.append(f"{door.name} of {where}: {answer}, not {wanted}")
    assert wrong == []
