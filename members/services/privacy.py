"""A person's own data: changed, exported, deleted, and forgotten when their time is over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, FileField, OuterRef, Q, QuerySet
from django.utils import timezone
from wagtail.models import ModelLogEntry

from core import outbox
from core.audit import AuditEntry, record
from members.enums import ApplicationState
from members.models import (
    Affiliation,
    Application,
    ApplicationStep,
    Invitation,
    Organisation,
    User,
)
from members.registry import OnLeaving, PersonalData, personal_data
from members.services import exports
from members.services.people import hold, is_last_focal_point, names_of
from members.services.staff import editors, staff_role_of
from notifications.services import tell, tell_address

MOST_EXPORTS = 10  # in an hour
APPLICATIONS_KEPT_FOR = timedelta(days=2 * 365)  # after the last step
INVITATIONS_KEPT_FOR = timedelta(days=90)  # after they ran out


class TooManyExports(Exception):
    """Nothing was exported: this hour's number is used up."""


@dataclass(frozen=True)
class Hindrances:
    """
    What stands against the deletion of an account.

    :ivar to_hand_over: organisations with people that would be left without a focal point
    :ivar last_administrator: whether the site would be left without an administrator
    """

    to_hand_over: Sequence[Organisation] = ()
    last_administrator: bool = False

    def __bool__(self) -> bool:
        return bool(self.to_hand_over) or self.last_administrator


class DeletionRefused(Exception):
    """Nothing was changed; `hindrances` says why."""

    def __init__(self, hindrances: Hindrances) -> None:
        super().__init__(hindrances)
        self.hindrances = hindrances


# --- Changed ------------------------------------------------------------------------------------


@transaction.atomic
def change_personal_data(
    *,
    person: User,
    first_name: str,
    last_name: str,
    language: str,
    phone: str,
    shows_name: bool,
    shows_email: bool,
    shows_phone: bool,
) -> None:
    """
    Change what a person tells of themselves. Audits that the name was changed, not from what to
    what.

    :param first_name: clean (`members.person_names`), as is the last name
    """
    renamed = (person.first_name, person.last_name) != (first_name, last_name)
    # Never the row of somebody who deletes the account at this moment.
    changed = User.objects.filter(pk=person.pk, deleted_at=None).update(
        first_name=first_name,
        last_name=last_name,
        language=language,
        phone=phone,
        shows_name=shows_name,
        shows_email=shows_email,
        shows_phone=shows_phone,
    )
    if changed and renamed:
        record(kind="person.renamed", actor=person, subject=person)


# --- Exported -----------------------------------------------------------------------------------


def addresses_of(person: User) -> list[str]:
    """Return the e-mail addresses that a person has shown to be theirs."""
    verified = EmailAddress.objects.filter(user=person, verified=True)
    return list(verified.values_list("email", flat=True))


@transaction.atomic
def export_personal_data(*, person: User) -> Iterator[bytes]:
    """
    Return what the site knows of a person as the parts of a ZIP archive: `data.json`, in the active
    language, and their files. The data are read now, the files while the parts are. Audits.

    :raises TooManyExports: where this hour's number is used up
    """
    # Locked, so that requests at one moment are counted one after the other.
    User.objects.select_for_update().get(pk=person.pk)
    lately = AuditEntry.objects.filter(
        kind="person.exported", actor=person, at__gt=timezone.now() - timedelta(hours=1)
    )
    if lately.count() >= MOST_EXPORTS:
        raise TooManyExports
    document, files = exports.collect(person, addresses_of(person))
    record(kind="person.exported", actor=person, subject=person)
    return exports.packed(document, files)


# --- Deleted ------------------------------------------------------------------------------------


def places_of(person: User) -> list[Affiliation]:
    """Return the places that a person has today, in the order in which organisations are held."""
    places = Affiliation.objects.filter(person=person, ended_at=None)
    return list(
        places.select_related("person", "collectivity", "association").order_by(
            "collectivity_id", "association_id"
        )
    )


def has_others(place: Affiliation) -> bool:
    """Return whether anybody else has a place in the same organisation."""
    here = Affiliation.objects.of(place.organisation).current()
    return here.exclude(person=place.person_id).exists()


def hindrances_of(person: User, places: Sequence[Affiliation]) -> Hindrances:
    """
    Return what stands against the deletion of a person's account.

    :param places: the person's own (`places_of`)
    """
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=person.pk)
    return Hindrances(
        [one.organisation for one in places if is_last_focal_point(one) and has_others(one)],
        person.is_superuser and not others.exists(),
    )


@transaction.atomic
def delete_account(*, person: User) -> None:
    """
    Delete a person's account: end their places and sessions, delete what is only theirs, and empty
    the row that what they signed and wrote refers to (law 09-08, articles 3 and 8).

    Treats all registered rows (`members.registry.register_personal_data`). Tells the others of the
    same spaces, without a name; tells editors where nobody is left; mails the old address; audits.
    Nothing happens where the account is deleted already.

    :raises DeletionRefused: where people would be left without a focal point, or the site without
        an administrator
    """
    for place in places_of(person):
        hold(place.organisation)
    person = _held(person)
    if person.deleted_at:
        return
    places, addresses = places_of(person), addresses_of(person)
    hindrances = hindrances_of(person, places)
    if hindrances:
        raise DeletionRefused(hindrances)
    email, language, role = person.email, person.language, staff_role_of(person)
    for place in places:
        _end(place, person)
    _end_what_is_open(addresses)
    for session in UserSession.objects.filter(user=person):
        session.end()
    for data in personal_data.values():
        _treat(data, data.own_rows(person, addresses))
    _empty(person)
    record(kind="person.deleted", actor=person, subject=person, before={"role": role})
    tell_address(email=email, language=language, kind="account-deleted", data={})


def _held(person: User) -> User:
    """Return the person's row, locked; with it those of all administrators, of whom one must stay.
    Locked in order, so that two who leave at one moment do not wait for each other."""
    held = Q(pk=person.pk)
    if person.is_superuser:
        held |= Q(is_superuser=True, is_active=True)
    rows = User.objects.filter(held).order_by("pk").select_for_update()
    return next(one for one in list(rows) if one.pk == person.pk)


def _end(place: Affiliation, person: User) -> None:
    """End a place. `end_place` would refuse the only person of a space, and name who left."""
    place.ended_at = timezone.now()
    place.save(update_fields=["ended_at"])
    record(kind="place.ended", actor=person, subject=place, before={"place": place.place})
    organisation = place.organisation
    data = {"organisation": names_of(organisation), "key": organisation.key}
    others = Affiliation.objects.of(organisation).focal_points().exclude(person=person)
    tell(
        people=[one.person for one in others.select_related("person")],
        kind="person-gone",
        data=data,
    )
    if not has_others(place):
        tell(people=editors().exclude(pk=person.pk), kind="space-left-alone", data=data)


def _end_what_is_open(addresses: Sequence[str]) -> None:
    """Nobody answers to an address that is about to go: its open invitations are withdrawn, its
    applications that nobody has decided deleted."""
    for address in addresses:
        Invitation.objects.filter(email__iexact=address, accepted_at=None, revoked_at=None).update(
            revoked_at=timezone.now()
        )
        undecided = Application.objects.filter(email__iexact=address)
        undecided.exclude(state__in=ApplicationState.ENDED).delete()


def _treat(data: PersonalData, rows: QuerySet) -> None:
    """Do with a person's own rows of one model what was registered."""
    if data.on_leaving == OnLeaving.DELETE:
        _delete_files(rows)
        rows.delete()
        return
    changes: dict[str, Any] = {
        name: rows.model._meta.get_field(name).get_default() for name in data.clears
    }
    if data.on_leaving == OnLeaving.UNLINK:
        changes[data.own] = None
    if changes:
        rows.update(**changes)


def _delete_files(rows: QuerySet) -> None:
    for field in rows.model._meta.concrete_fields:
        if isinstance(field, FileField):
            for name in rows.exclude(**{field.name: ""}).values_list(field.name, flat=True):
                payload = {"model": rows.model._meta.label, "field": field.name, "file": name}
                outbox.enqueue("delete-personal-file", payload)


@outbox.handler("delete-personal-file")
def delete_personal_file(payload: dict) -> None:
    """Delete the file of a row that is gone; one that is gone already is no fault."""
    field = apps.get_model(payload["model"])._meta.get_field(payload["field"])
    field.storage.delete(payload["file"])


def _empty(person: User) -> None:
    """Take from a person's row all that tells who they were, and what they may do."""
    person.email = f"deleted-{person.pk}@invalid.invalid"
    person.first_name = person.last_name = person.phone = person.language = ""
    person.shows_name = person.shows_email = person.shows_phone = False
    person.is_active = person.is_staff = person.is_superuser = False
    person.last_login, person.deleted_at = None, timezone.now()
    person.set_unusable_password()
    person.save()
    person.groups.clear()
    person.user_permissions.clear()
    # Wagtail's log of what administrators did to the account keeps the name that it had.
    ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk)
    ).update(label="")


# --- Forgotten ----------------------------------------------------------------------------------


@outbox.periodic("clear-members", every=timedelta(days=1))
def clear_members() -> None:
    """
    Forget what has had its time. Of accepted applications the ways to reach the applicant and the
    message go two years after the last step; name and office stay, as they say who asked for the
    organisation. Invitations that nobody accepted go 90 days after they ran out.
    """
    now = timezone.now()
    before = now - APPLICATIONS_KEPT_FOR
    later = ApplicationStep.objects.filter(application=OuterRef("pk"), at__gte=before)
    Application.objects.filter(
        ~Exists(later), state=ApplicationState.ACCEPTED, created_at__lt=before
    ).exclude(email="").update(email="", phone="", message="")
    Invitation.objects.filter(accepted_at=None, expires_at__lt=now - INVITATIONS_KEPT_FOR).delete()
