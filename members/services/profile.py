"""What a collectivity and an association tell of themselves on their public pages."""

import hashlib
import json

from django.db import transaction

from members.models import Association, Collectivity, CollectivityProfile, Organisation, User
from members.services.attachments import change_association
from members.services.people import hold

CONTACTS = ("about", "language", "website", "email", "phone")
OF_COLLECTIVITIES = (
    *CONTACTS,
    "services",
    "challenges",
    "skills",
    "population",
    "population_year",
    "setting",
)
OF_ASSOCIATIONS = ("name_ar", "name_fr", "name_en", "name_zgh", *CONTACTS)


class ProfileChanged(Exception):
    """
    Somebody saved the profile since the page was opened; nothing was changed.

    :ivar told: what stands there now, by the names of fields
    """

    def __init__(self, told: dict) -> None:
        super().__init__("The profile was saved meanwhile.")
        self.told = told


def told_of(organisation: Organisation) -> dict:
    """Return what an organisation tells of itself, by the names of fields, as it is stored now."""
    if isinstance(organisation, Association):
        row, names = Association.objects.get(pk=organisation.pk), OF_ASSOCIATIONS
    else:
        found = CollectivityProfile.objects.filter(collectivity=organisation).first()
        row, names = found or CollectivityProfile(), OF_COLLECTIVITIES
    return {name: getattr(row, name) for name in names}


def stamp_of(told: dict) -> str:
    """Return what tells whether something else is told by now: associations keep no moment."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def write_profile(*, organisation: Organisation, person: User, fields: dict, seen: str) -> None:
    """
    Write what an organisation tells of itself; fields that are not named stay. Has it indexed anew.
    What changes of an association is audited, as its names are among it; tells nobody.

    :param fields: new values by the names of fields
    :param seen: the stamp of what the person had before them
    :raises ProfileChanged: where something else stands there by now
    """
    hold(organisation)
    told = told_of(organisation)
    if fields.items() <= told.items():
        return
    if stamp_of(told) != seen:
        raise ProfileChanged(told)
    if isinstance(organisation, Association):
        change_association(association=organisation, fields=fields, actor=person)
        return
    _write(organisation, person, fields)


def _write(collectivity: Collectivity, person: User, fields: dict) -> None:
    profile = CollectivityProfile.objects.filter(collectivity=collectivity).first()
    profile = profile or CollectivityProfile(collectivity=collectivity)
    for name, value in fields.items():
        setattr(profile, name, value)
    profile.updated_by = person
    profile.save()
