"""
What can be found, and who may find it. Apps enter both from `AppConfig.ready()`: their kinds in
their own `search.py`, audiences where the people are kept.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

PUBLIC = "public"


@dataclass(frozen=True)
class Document:
    """
    What an app tells of one language version of a thing.

    :param key: of the version, within its kind
    :param language: that it is written in
    :param path: its address without the language: "/practices/x-3/"
    :param title: plain text, as all texts here
    :param caption: whose it is, in a few words, for the list of results
    :param keywords: searched like the body, and not shown: names in another script, labels
    :param labels: by facet the values that it has
    :param audiences: the keys of those who may find it; nobody by an empty one
    :param date: for the order by date; among results newer ones come a little sooner
    :param number: of two with one date the higher one is newer
    :param adoptions: how many took it over; among results adopted ones come a little sooner
    :param sort_title: for the order by title; the title by default
    """

    key: str
    language: str
    path: str
    title: str
    summary: str = ""
    body: str = ""
    caption: str = ""
    keywords: str = ""
    labels: Mapping[str, Collection[str]] = field(default_factory=dict)
    audiences: Collection[str] = (PUBLIC,)
    date: datetime | None = None
    number: int = 0
    adoptions: int = 0
    sort_title: str = ""


@dataclass(frozen=True)
class Facet:
    """
    One way to narrow a list.

    :param label: gives the facet's name in the active language
    :param choices: gives the values to offer with their labels, in order
    :param common: whether the page that searches all kinds offers it
    """

    name: str
    label: Callable[[], str]
    choices: Callable[[], Sequence[tuple[str, str]]]
    common: bool = False


@dataclass(frozen=True)
class SearchKind:
    """
    A kind of thing that can be found.

    :param label: gives the kind's name in the active language, in the plural
    :param groups: gives the keys of all things of the kind; a thing is all its language versions
    :param documents: gives, for some groups, the versions that someone may find; what it leaves
        out is found no more
    :param load: gives the objects of some versions' keys, in their order, with all that a list
        shows; one that is gone is left out
    :param sorts: the names of the orders offered without words, of "newest", "title", "adopted";
        the usual one first
    :param every_word: whether each word of a query must be found, as in a list of names
    :param page_size: how many stand on a page
    """

    name: str
    label: Callable[[], str]
    groups: Callable[[], Iterable[str]]
    documents: Callable[[Sequence[str]], Mapping[str, list[Document]]]
    load: Callable[[Sequence[str], str], list[Any]]
    sorts: tuple[str, ...] = ("newest",)
    facets: tuple[Facet, ...] = ()
    every_word: bool = False
    page_size: int = 12


kinds: dict[str, SearchKind] = {}
audience_holders: dict[str, Callable[[Any], Iterable[str]]] = {}


def register(kind: SearchKind) -> None:
    """Enter a kind. Each name stands once."""
    if kind.name in kinds:
        raise ValueError(f"two search kinds named {kind.name}")
    kinds[kind.name] = kind


def register_audiences(name: str, holder: Callable[[Any], Iterable[str]]) -> None:
    """
    Enter a function that tells which keys of audiences a signed-in person holds.

    :param name: of the app or subject that knows; each stands once
    :param holder: called with the person; gives keys such as "network" or "collectivity:12"
    """
    if name in audience_holders:
        raise ValueError(f"two holders of audiences named {name}")
    audience_holders[name] = holder


def audiences_of(reader: Any | None) -> frozenset[str]:
    """
    Return the keys that a reader holds.

    :param reader: a person, or None for a visitor, who holds the public's key alone
    """
    if reader is None or not reader.is_active:
        return frozenset({PUBLIC})
    held = {key for holder in audience_holders.values() for key in holder(reader)}
    return frozenset({PUBLIC} | held)
