"""People and organisations to test with: required fields only, everything else by keyword."""

from members.enums import Place
from members.models import Affiliation, Association, Membership, Organisation, organisation_fields
from tests.factories import make_commune, number
from tests.members.world import person as make_person
from tests.members.world import staff as make_staff

__all__ = [
    "make_association",
    "make_contributor",
    "make_focal_point",
    "make_member_collectivity",
    "make_person",
    "make_place",
    "make_staff",
]


def make_member_collectivity(**fields):
    """A commune that is a member of the network."""
    commune = make_commune(**fields)
    Membership.objects.create(collectivity=commune)
    return commune


def make_association(**fields) -> Association:
    return Association.objects.create(**{"name_fr": f"Association {next(number)}"} | fields)


def make_place(organisation: Organisation, place: Place, **fields) -> Affiliation:
    """A place in an organisation, of a new person where none is named."""
    person = fields.pop("person", None) or make_person()
    return Affiliation.objects.create(
        person=person, place=place, **organisation_fields(organisation), **fields
    )


def make_focal_point(organisation: Organisation, **fields) -> Affiliation:
    return make_place(organisation, Place.FOCAL_POINT, **fields)


def make_contributor(organisation: Organisation, **fields) -> Affiliation:
    return make_place(organisation, Place.CONTRIBUTOR, **fields)
