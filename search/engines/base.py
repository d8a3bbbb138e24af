"""What every engine is asked, and what it answers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from search.query import Plan

ORDERS = ("relevance", "newest", "title", "adopted")
DEEPEST = 1000  # results; nobody reads further, and engines pay for each


@dataclass(frozen=True)
class Scope:
    """
    Among which documents to look, and what to count of them.

    :ivar language: the reader's
    :ivar audiences: the keys that the reader holds
    :ivar kind: "" for all kinds
    :ivar chosen: by facet, the values of which a document must have one
    :ivar facets: whose values are counted, each without its own choice
    :ivar own_language: whether only what is written in the reader's language is wanted
    :ivar order: one of `ORDERS`; without words there is no relevance
    :ivar every_word: whether each word must be found
    :ivar limit: how many results are wanted, at most `DEEPEST`
    """

    language: str
    audiences: frozenset[str]
    kind: str = ""
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    own_language: bool = False
    order: str = "newest"
    every_word: bool = False
    limit: int = DEEPEST


@dataclass(frozen=True)
class Matches:
    """
    What an engine found.

    :ivar ids: of documents, in order, at most as many as the scope's limit
    :ivar total: how many there are in all
    :ivar counts: by facet, how many documents have each value
    """

    ids: list[int]
    total: int
    counts: dict[str, dict[str, int]]


class Engine(ABC):
    name: str

    @abstractmethod
    def match(self, plan: Plan, scope: Scope, needed: int) -> Matches:
        """
        Find documents.

        :param plan: what to look for; without groups everything in the scope is found
        :param needed: in how many groups a document must be found
        """
