"""Which audiences a person holds in the search call: what is not public is found by these alone."""

from collections.abc import Iterator

from members.models import User
from members.permissions import EDITORS, is_of_network, standing_of
from search.registry import register_audiences

NETWORK = "network"
EDITORIAL = "editors"


def audience_of(collectivity_id: int) -> str:
    """Return the audience of what the people of one collectivity find."""
    return f"collectivity:{collectivity_id}"


def held_by(person: User) -> Iterator[str]:
    """
    Give the audiences of a person; it asks the two queries of `standing_of`, once a request.

    Who belongs to the network holds "network"; the people of a collectivity hold its own, and the
    editors "editors". Staff do not hold those of collectivities: they look at a space as guests.
    """
    standing = standing_of(person)
    if is_of_network(person):
        yield NETWORK
    if standing.staff & EDITORS:
        yield EDITORIAL
    for place in standing.places:
        if place.collectivity_id:
            yield audience_of(place.collectivity_id)


register_audiences("members", held_by)
