"""Staff of the network: appointed, disabled, brought in."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from core.audit import record
from members.enums import StaffRole
from members.models import User
from members.permissions import forget_standing
from notifications.services import tell, tell_address


class StaffRefused(Exception):
    """Nothing was changed; the text says why, in the person's language."""


def staff_role_of(person: User) -> StaffRole | None:
    """Return the highest role of a person among the staff; asks the database."""
    names = set(person.groups.values_list("name", flat=True))
    if person.is_superuser:
        names.add(StaffRole.ADMINISTRATOR)
    return next((role for role in reversed(StaffRole) if role in names), None)


def editors() -> models.QuerySet[User]:
    """Return who checks applications."""
    roles = [StaffRole.EDITOR, StaffRole.ADMINISTRATOR]
    of_group = User.groups.through.objects.filter(user=OuterRef("pk"), group__name__in=roles)
    return User.objects.filter(Q(is_superuser=True) | Exists(of_group), is_active=True)


@transaction.atomic
def appoint(*, person: User, role: StaffRole | None, actor: User | None) -> bool:
    """
    Give a person a role among the staff, or none, in place of the one they have. Tells them by a
    notice, and enters it into the audit log.

    :param actor: who does it; None for a command on the machine
    :returns: whether anything changed
    :raises StaffRefused: where it is the actor's own role, or no administrator would be left
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    before = staff_role_of(person)
    if before == role:
        return False
    if actor == person:
        raise StaffRefused(_("Nobody changes their own role. Ask another administrator."))
    if before == StaffRole.ADMINISTRATOR:
        _keep_one_administrator(person)
    person.groups.remove(*Group.objects.filter(name__in=StaffRole.values))
    if role:
        person.groups.add(Group.objects.get(name=role))
    person.is_superuser = person.is_staff = role == StaffRole.ADMINISTRATOR
    person.save(update_fields=["is_superuser", "is_staff"])
    forget_standing(person)
    record(
        kind="staff.appointed",
        actor=actor,
        subject=person,
        before={"role": before},
        after={"role": role},
    )
    tell(people=[person], kind="staff-role", data={"role": role or ""})
    return True


@transaction.atomic
def set_active(*, person: User, active: bool, actor: User) -> bool:
    """
    Disable an account, or open it again. Whoever is disabled is out at their next request. Enters
    it into the audit log.

    :returns: whether anything changed
    :raises StaffRefused: for one's own account, the last administrator's, or one that was deleted
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.is_active == active:
        return False
    if person == actor:
        raise StaffRefused(_("Nobody disables their own account."))
    if person.deleted_at:
        raise StaffRefused(_("This person has deleted the account; it cannot be opened again."))
    if not active and person.is_superuser:
        _keep_one_administrator(person)
    person.is_active = active
    person.save(update_fields=["is_active"])
    record(
        kind="person.active",
        actor=actor,
        subject=person,
        before={"active": not active},
        after={"active": active},
    )
    return True


@transaction.atomic
def bring_in(
    *, email: str, first_name: str, last_name: str, language: str, role: StaffRole, actor: User
) -> User:
    """
    Make the account of a new member of staff. The password is set by the link that a reset mails to
    the address, so the address counts as verified. Mails the person, and audits.

    :raises StaffRefused: where the address has an account: that one is appointed
    """
    email = email.lower()
    if User.objects.filter(email__iexact=email).exists():
        raise StaffRefused(_("There is an account with this address: appoint that person."))
    person = User.objects.create_user(
        email, None, first_name=first_name, last_name=last_name, language=language
    )
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    appoint(person=person, role=role, actor=actor)
    tell_address(
        email=email,
        language=language,
        kind="staff-account",
        data={"role": role},
        key=f"staff-account-{person.pk}",
    )
    return person


@transaction.atomic
def take_second_step(*, person: User, actor: User) -> bool:
    """
    Take the second step away from a person who has lost phone and recovery codes, and knows the
    password still. Ends their sessions, tells them, and audits. Staff set up a new one before they
    enter the administration again.

    :returns: whether there was one
    :raises StaffRefused: for the actor's own account
    """
    if person == actor:
        raise StaffRefused(_("Replace your own second step in your account."))
    if not Authenticator.objects.filter(user=person).delete()[0]:
        return False
    for session in UserSession.objects.filter(user=person):
        session.end()
    record(kind="person.second-step", actor=actor, subject=person)
    tell(people=[person], kind="second-step-taken", data={})
    return True


def _keep_one_administrator(person: User) -> None:
    # Locked in order, so that two administrators do not take each other's role at one moment.
    others = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    if not [one for one in others.select_for_update() if one.pk != person.pk]:
        raise StaffRefused(_("No administrator would be left."))
