"""
How like one collectivity is to another: "collectivities like mine" come first.

The distance is a sum that everybody can add up, from 0 (alike) to 10:

====================  ===========================================================================
type                  another level (region, province, commune): 4
population            1 for each band between the two, 3 at most; 2 where one is unknown
urban or rural        the other one: 2; unknown for one: 1; asked of communes alone
region                another one: 1
====================  ===========================================================================

The type weighs most, as competences and means hang on it (organic laws 111-14, 112-14, 113-14); the
region least, as a good idea travels.
"""

from bisect import bisect_right
from dataclasses import dataclass

from django.utils.translation import gettext as _

from members.enums import Level, Setting
from members.models import Collectivity

# Where a band of population begins: hamlets, small communes, towns, cities, provinces, regions.
BANDS = (5_000, 10_000, 20_000, 50_000, 100_000, 500_000, 1_000_000)
OTHER_TYPE, MOST_BANDS, UNKNOWN_POPULATION = 4, 3, 2
OTHER_SETTING, UNKNOWN_SETTING, OTHER_REGION = 2, 1, 1


@dataclass(frozen=True, order=True)
class Likeness:
    """
    How like one collectivity is to another.

    :ivar distance: from 0 to 10
    :ivar reasons: what the two have in common, in the reader's language
    """

    distance: int
    reasons: tuple[str, ...]


def likeness(one: Collectivity, other: Collectivity) -> Likeness:
    """Return how like two collectivities are; the same whichever is named first. Asks no query
    where both were read with their profile."""
    reasons = []
    distance = 0 if one.level == other.level else OTHER_TYPE
    if one.level == other.level:
        reasons.append(_("same type"))
    between = bands_between(one.known_population, other.known_population)
    distance += UNKNOWN_POPULATION if between is None else min(between, MOST_BANDS)
    if between == 0:
        reasons.append(_("about as many people"))
    if one.level == other.level == Level.COMMUNE:
        settings = {one.known_setting, other.known_setting}
        if "" in settings:
            distance += UNKNOWN_SETTING
        elif len(settings) > 1:
            distance += OTHER_SETTING
        else:
            both_urban = settings == {Setting.URBAN}
            reasons.append(_("both urban") if both_urban else _("both rural"))
    if one.region_id == other.region_id:
        reasons.append(_("same region"))
    else:
        distance += OTHER_REGION
    return Likeness(distance, tuple(reasons))


def bands_between(one: int | None, other: int | None) -> int | None:
    """Return how many bands lie between two populations, None where one is unknown."""
    if one is None or other is None:
        return None
    return abs(bisect_right(BANDS, one) - bisect_right(BANDS, other))
