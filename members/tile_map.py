"""
The network as a picture: a tile for each region in its rough place, in it a star for the region
itself and a diamond for each of its prefectures and provinces, filled where it is a member.

The facts hold no coordinates, so the picture claims no geography: no borders, distances or areas.
What it shows stands beside it as a table. `templates/members/map.html` draws it.
"""

import re
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _

from core import languages
from core.numbers import format_number
from members.enums import CollectivityKind
from members.models import Collectivity, Membership

# The column from the west and the row from the north, by the region's code.
PLACES = {
    "01": (2, 0),
    "04": (1, 1),
    "03": (2, 1),
    "02": (3, 1),
    "06": (1, 2),
    "05": (2, 2),
    "07": (1, 3),
    "08": (2, 3),
    "10": (0, 4),
    "09": (1, 4),
    "11": (0, 5),
    "12": (0, 6),
}
PITCH = 100  # units of the drawing from one tile to the next
SHORT_NAME, ONE_LINE = 13, 12  # letters


@dataclass(frozen=True)
class Share:
    """How many of some collectivities are members."""

    members: int
    total: int

    def __add__(self, other: "Share") -> "Share":
        return Share(self.members + other.members, self.total + other.total)


@dataclass(frozen=True)
class Diamond:
    """A prefecture or province: its place round the star, in degrees from the north."""

    angle: str
    is_member: bool


@dataclass(frozen=True)
class Tile:
    """Where a region's tile lies in the drawing, and what is drawn on it."""

    x: int
    y: int
    diamonds: list[Diamond]
    direction: str
    short_name: str
    name_lines: list[str]


@dataclass(frozen=True)
class MapRegion:
    """
    A region with what is a member in it.

    :ivar tile: None for a region whose place nobody told
    """

    region: Collectivity
    is_member: bool
    provinces: Share
    communes: Share
    tile: Tile | None

    @property
    def sentence(self) -> str:
        """What the tile shows, for those who cannot see it."""
        language = languages.current()
        said = (
            _(
                "%(region)s: the region is a member. Members among its prefectures and provinces:"
                " %(provinces)s of %(all_provinces)s; among its communes: %(communes)s of"
                " %(all_communes)s."
            )
            if self.is_member
            else _(
                "%(region)s: the region is not yet a member. Members among its prefectures and"
                " provinces: %(provinces)s of %(all_provinces)s; among its communes: %(communes)s"
                " of %(all_communes)s."
            )
        )
        return said % {
            "region": self.region.full_name,
            "provinces": format_number(self.provinces.members, language),
            "all_provinces": format_number(self.provinces.total, language),
            "communes": format_number(self.communes.members, language),
            "all_communes": format_number(self.communes.total, language),
        }


@dataclass(frozen=True)
class NetworkMap:
    """
    :ivar regions: in their official order
    """

    regions: list[MapRegion]

    @property
    def tiles(self) -> list[MapRegion]:
        """The regions that are drawn, from north to south."""
        drawn = [one for one in self.regions if one.tile]
        return sorted(drawn, key=lambda one: (one.tile.y, one.tile.x))

    @property
    def in_regions(self) -> Share:
        return Share(sum(one.is_member for one in self.regions), len(self.regions))

    @property
    def in_provinces(self) -> Share:
        return sum((one.provinces for one in self.regions), Share(0, 0))

    @property
    def in_communes(self) -> Share:
        return sum((one.communes for one in self.regions), Share(0, 0))

    @property
    def in_all(self) -> Share:
        return self.in_regions + self.in_provinces + self.in_communes


def network_map() -> NetworkMap:
    """Return who is a member, by region. Two queries, whatever the number of collectivities."""
    membership = Membership.objects.filter(collectivity=OuterRef("pk"), ended_on=None)
    known = Collectivity.objects.filter(region__isnull=False).annotate(
        in_network=Exists(membership)
    )
    is_commune = {"kind": CollectivityKind.COMMUNE}
    regions: list[Collectivity] = []
    provinces: dict[int, list[bool]] = {}
    for one in known.exclude(**is_commune).order_by("code"):
        if one.kind == CollectivityKind.REGION:
            regions.append(one)
        else:
            provinces.setdefault(one.region_id, []).append(one.in_network)
    communes: dict[int, Share] = {}
    rows = known.filter(**is_commune).order_by().values_list("region", "in_network")
    for region, in_network, number in rows.annotate(number=Count("pk")):
        some = Share(number if in_network else 0, number)
        communes[region] = communes.get(region, Share(0, 0)) + some
    return NetworkMap(
        [
            _map_region(one, provinces.get(one.pk, []), communes.get(one.pk, Share(0, 0)))
            for one in regions
        ]
    )


def _map_region(region: Collectivity, provinces: list[bool], communes: Share) -> MapRegion:
    """
    :param region: with `in_network`
    :param provinces: for each of its prefectures and provinces whether it is a member
    """
    inside = Share(sum(provinces), len(provinces))
    return MapRegion(region, region.in_network, inside, communes, _tile(region, provinces))


def _tile(region: Collectivity, provinces: list[bool]) -> Tile | None:
    if region.code not in PLACES:
        return None
    column, row = PLACES[region.code]
    return Tile(
        x=column * PITCH,
        y=row * PITCH,
        # As texts: a template would write the point of a number in the reader's language.
        diamonds=[
            Diamond(f"{360 * number / len(provinces):g}", is_member)
            for number, is_member in enumerate(provinces)
        ],
        direction=languages.direction(region.name_language),
        short_name=short_name(region.name),
        name_lines=name_lines(region.name),
    )


def short_name(name: str) -> str:
    """Return the first of the places that a region is named after: "Tanger"."""
    first = name.partition("-")[0].strip()
    return first if len(first) <= SHORT_NAME else first.partition(" ")[0]


def name_lines(name: str) -> list[str]:
    """
    Return a region's name in one line or two: cut between two places where it names several, so
    that the longer line is as short as can be.
    """
    if len(name) <= ONE_LINE:
        return [name]
    cuts = list(re.finditer(r"\s*-\s*", name)) or list(re.finditer(r"\s+", name))
    lines = [[name[: cut.end()].strip(), name[cut.end() :]] for cut in cuts]
    return min(lines, key=lambda two: max(map(len, two)), default=[name])
