"""Collectivities as members of the network, where no signature on this site began it."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from core.audit import record
from members.models import Collectivity, Membership, User
from members.signals import collectivities_changed


@transaction.atomic
def record_members(
    *, collectivities: Sequence[Collectivity], began_on: date | None, actor: User | None
) -> int:
    """
    Enter collectivities as members that were so before this site knew of it. Those that are members
    already stay as they are. Audits each, and has them indexed anew.

    :param began_on: None where the day is not known
    :param actor: None for a command on the machine
    :returns: how many were entered
    """
    keys = [one.pk for one in collectivities]
    # Locked in one order, so that two editors at one moment enter nobody twice.
    held = Collectivity.objects.filter(pk__in=keys).order_by("pk").select_for_update()
    known = set(
        Membership.objects.filter(collectivity__in=held, ended_on=None).values_list(
            "collectivity", flat=True
        )
    )
    new = [one for one in held if one.pk not in known]
    Membership.objects.bulk_create([Membership(collectivity=one, began_on=began_on) for one in new])
    for one in new:
        record(
            kind="membership.recorded",
            actor=actor,
            subject=one,
            after={"began_on": began_on and began_on.isoformat()},
        )
    if new:
        collectivities_changed.send(Collectivity, pks=[one.pk for one in new])
    return len(new)
