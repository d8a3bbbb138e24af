"""The people of a collectivity or an association: given a place, moved, gone, handed over."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import languages
from core.audit import record
from members.enums import Place
from members.models import Affiliation, Organisation, User, organisation_fields
from notifications.services import tell


class PlaceRefused(Exception):
    """Nothing was changed; the text says why, in the person's language."""


def hold(organisation: Organisation) -> None:
    """
    Have whoever else changes the people or invitations of an organisation wait until this
    transaction ends. Everything that changes them begins with it.

    SQLite has no such lock: there a transaction that writes waits for the other from its start.
    """
    rows = type(organisation)._default_manager.select_for_update(no_key=True)
    rows.only("pk").get(pk=organisation.pk)


def names_of(organisation: Organisation) -> dict[str, str]:
    """Return an organisation's name for readers of each language, as notices keep it."""
    names = {}
    for code in languages.CODES:
        with override(code):
            names[code] = organisation.full_name
    return names


@transaction.atomic
def give_place(
    *,
    person: User,
    organisation: Organisation,
    place: Place,
    office: str = "",
    actor: User | None,
) -> Affiliation:
    """
    Give a person a place in an organisation. Whoever has one there keeps it, raised to focal point
    where that is given. Audits; tells nobody.

    :param actor: who does it; None for a command on the machine
    """
    hold(organisation)
    held = Affiliation.objects.of(organisation).filter(person=person, ended_at=None).first()
    if held is None:
        held = Affiliation.objects.create(
            person=person, place=place, office=office, **organisation_fields(organisation)
        )
        record(kind="place.given", actor=actor, subject=held, after={"place": place})
    elif place == Place.FOCAL_POINT:
        _move(held, place, actor)
    return held


@transaction.atomic
def change_place(*, affiliation: Affiliation, place: Place, actor: User) -> bool:
    """
    Change what a person is in an organisation. Audits, and tells the person.

    :returns: whether anything changed
    :raises PlaceRefused: where no focal point would be left, or the person has gone
    """
    hold(affiliation.organisation)
    affiliation = _still(affiliation)
    if place != Place.FOCAL_POINT:
        _keep_a_focal_point(affiliation)
    if not _move(affiliation, place, actor):
        return False
    if affiliation.person != actor:
        tell(
            people=[affiliation.person],
            kind="place-changed",
            data=_data(affiliation.organisation, actor, place=place),
        )
    return True


@transaction.atomic
def end_place(*, affiliation: Affiliation, actor: User) -> None:
    """
    End a person's place in an organisation; the history stays. Audits, and tells the person, or the
    focal points where the person leaves by themselves.

    :raises PlaceRefused: where no focal point would be left, or the person has gone
    """
    organisation = affiliation.organisation
    hold(organisation)
    affiliation = _still(affiliation)
    _keep_a_focal_point(affiliation)
    _end(affiliation, actor)
    if affiliation.person == actor:
        told = [one.person for one in _focal_points(organisation)]
        tell(people=told, kind="place-left", data=_data(organisation, actor))
    else:
        tell(people=[affiliation.person], kind="place-ended", data=_data(organisation, actor))


@transaction.atomic
def hand_over(*, giver: Affiliation, successor: Affiliation, stays: bool) -> None:
    """
    Make a successor focal point in place of the giver, who becomes a contributor or leaves. Audits,
    and tells the successor and the others.

    :param stays: whether the giver stays as a contributor
    :raises PlaceRefused: where one of them is no longer what the page showed
    """
    organisation = giver.organisation
    hold(organisation)
    here = Affiliation.objects.of(organisation).current().select_related("person")
    giver = here.filter(pk=giver.pk, place=Place.FOCAL_POINT).first()
    if giver is None:
        raise PlaceRefused(_("You are no longer the focal point here."))
    successor = here.filter(pk=successor.pk).exclude(pk=giver.pk).first()
    if successor is None:
        raise PlaceRefused(_("This person has left meanwhile. Choose somebody else."))
    actor = giver.person
    _move(successor, Place.FOCAL_POINT, actor)
    if stays:
        _move(giver, Place.CONTRIBUTOR, actor)
    else:
        _end(giver, actor)
    record(
        kind="handover",
        actor=actor,
        subject=organisation,
        before={"focal_point": actor.pk},
        after={"focal_point": successor.person_id, "giver_stays": stays},
    )
    tell(people=[successor.person], kind="handover-to-you", data=_data(organisation, actor))
    tell(
        people=[one.person for one in here.exclude(pk__in=[giver.pk, successor.pk])],
        kind="handover",
        data=_data(organisation, actor, successor=successor.person.name),
    )


def is_last_focal_point(affiliation: Affiliation) -> bool:
    """Return whether the organisation would have no focal point without this one."""
    if affiliation.place != Place.FOCAL_POINT:
        return False
    return not _focal_points(affiliation.organisation).exclude(pk=affiliation.pk).exists()


def _focal_points(organisation: Organisation):
    return Affiliation.objects.of(organisation).focal_points().select_related("person")


def _still(affiliation: Affiliation) -> Affiliation:
    """Return the row as it stands now that others wait."""
    rows = Affiliation.objects.select_related("person", "collectivity", "association")
    found = rows.filter(pk=affiliation.pk, ended_at=None).first()
    if found is None:
        raise PlaceRefused(_("This person has left meanwhile."))
    return found


def _keep_a_focal_point(affiliation: Affiliation) -> None:
    if is_last_focal_point(affiliation):
        raise PlaceRefused(
            _("No focal point would be left. Hand the place over to somebody else first.")
        )


def _move(affiliation: Affiliation, place: Place, actor: User | None) -> bool:
    before = affiliation.place
    if before == place:
        return False
    affiliation.place = place
    affiliation.save(update_fields=["place"])
    record(
        kind="place.changed",
        actor=actor,
        subject=affiliation,
        before={"place": before},
        after={"place": place},
    )
    return True


def _end(affiliation: Affiliation, actor: User) -> None:
    affiliation.ended_at = timezone.now()
    affiliation.save(update_fields=["ended_at"])
    record(
        kind="place.ended", actor=actor, subject=affiliation, before={"place": affiliation.place}
    )


def _data(organisation: Organisation, actor: User, **more: str) -> dict:
    return {
        "organisation": names_of(organisation),
        "key": organisation.key,
        "by": actor.name,
        **more,
    }
