"""
What can be searched. Apps register their kinds from `AppConfig.ready()` in their own `search.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DocumentId = int
FacetValues = Mapping[str, Mapping[str, set[DocumentId]]]


@dataclass(frozen=True)
class Facet:
    """
    One way to narrow a list.

    :param label: gives the facet's name in the active language
    :param choices: gives the values to offer with their labels, in order
    """

    name: str
    label: Callable[[], str]
    choices: Callable[[], Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class SearchKind:
    """
    A kind of thing that can be found.

    :param documents: gives the ids of what a visitor may see in a language, by the order that is
        asked for; those only whose title holds the query, where there is one
    :param sorts: the names of the orders offered, the usual one first
    :param values: gives by facet, by value, the ids of the documents that have it: of all that
        anyone may see, in any language. All facets at once: several stand in one table
    :param load: gives the objects of some ids, in their order, with all that a list shows
    :param page_size: how many stand on a page
    """

    name: str
    documents: Callable[[str, str, str], list[DocumentId]]
    sorts: tuple[str, ...]
    facets: tuple[Facet, ...]
    values: Callable[[], FacetValues]
    load: Callable[[Sequence[DocumentId], str], list[Any]]
    page_size: int = 12


kinds: dict[str, SearchKind] = {}


def register(kind: SearchKind) -> None:
    """Enter a kind. Each name stands once."""
    if kind.name in kinds:
        raise ValueError(f"two search kinds named {kind.name}")
    kinds[kind.name] = kind
