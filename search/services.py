"""
The one call through which every list and every search goes.

The database answers it for now, by titles; the search issue replaces the inside and keeps the call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from search.registry import kinds

LONGEST_QUERY = 200
SHORT_LIST, FEW = 6, 4  # a facet with more than six values shows the four largest


def page_number(text: str) -> int:
    """Return the page that an address asks for; what is no number of a page is the first."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else 1


def filters_in(values: QueryDict, kind: str) -> dict[str, list[str]]:
    """Return what an address chooses of each facet of a kind; empty values choose nothing."""
    return {
        facet.name: chosen
        for facet in kinds[kind].facets
        if (chosen := [value for value in values.getlist(facet.name) if value])
    }


@dataclass(frozen=True)
class FacetChoice:
    """A value of a facet, with how many results it would show."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class FacetResult:
    name: str
    label: str
    choices: list[FacetChoice]

    @property
    def chosen(self) -> list[FacetChoice]:
        return [choice for choice in self.choices if choice.chosen]

    @property
    def first_choices(self) -> list[FacetChoice]:
        """What is shown at once: a short list whole; of a long one the largest and the chosen."""
        if len(self.choices) <= SHORT_LIST:
            return self.choices
        most = sorted(self.choices, key=lambda choice: -choice.count)[:FEW]
        return [choice for choice in self.choices if choice.chosen or choice in most]

    @property
    def more_choices(self) -> list[FacetChoice]:
        """What is folded away."""
        shown = self.first_choices
        return [choice for choice in self.choices if choice not in shown]


@dataclass(frozen=True)
class SearchResults:
    """
    What a search found.

    :ivar query_cut: whether the reader typed more than was searched
    :ivar ignored: filters that nobody knows, as (name, value), to be told to the reader
    :ivar engine: who answered; `degraded` where it stands in for one that is down
    """

    hits: list[Any]
    total: int
    facets: list[FacetResult]
    page: int
    pages: int
    sort: str
    query: str
    query_cut: bool = False
    ignored: list[tuple[str, str]] = field(default_factory=list)
    suggestion: str = ""
    engine: str = "database"
    degraded: bool = False

    @property
    def chosen(self) -> list[tuple[FacetResult, FacetChoice]]:
        """The filters in force, in the order of the facets."""
        return [(facet, choice) for facet in self.facets for choice in facet.chosen]

    @property
    def previous_page(self) -> int:
        return self.page - 1

    @property
    def next_page(self) -> int:
        return self.page + 1

    @property
    def page_numbers(self) -> list[int | None]:
        """The pages to link: the first, the last and those around this one; None is a gap."""
        near = {1, self.pages, self.page - 1, self.page, self.page + 1}
        numbers: list[int | None] = []
        for number in sorted(n for n in near if 1 <= n <= self.pages):
            if numbers and number - numbers[-1] > 1:
                numbers.append(None)
            numbers.append(number)
        return numbers


def search(
    query: str,
    language: str,
    filters: Mapping[str, Sequence[str]] | None = None,
    facets: Sequence[str] | None = None,
    sort: str = "",
    page: int = 1,
    *,
    kind: str,
) -> SearchResults:
    """
    Find what a visitor may see.

    Values of one facet are alternatives, facets narrow each other. Each facet is counted without
    its own filter, so that a reader sees what another choice in it would give.

    :param query: what the reader typed; cut at 200 characters
    :param language: the reader's; each thing is shown in it or in the nearest language it has
    :param filters: chosen values by facet; unknown ones are ignored and told in `ignored`
    :param facets: the names of the facets to count; all of the kind by default
    :param sort: one of the kind's orders; its first by default or when it is unknown
    :param page: from 1; a page that does not exist is the nearest one that does
    """
    search_kind = kinds[kind]
    query_cut = len(query) > LONGEST_QUERY
    query = " ".join(query.split())[:LONGEST_QUERY]
    sort = sort if sort in search_kind.sorts else search_kind.sorts[0]
    ordered = search_kind.documents(language, query, sort)
    everything = set(ordered)

    known = {facet.name: dict(facet.choices()) for facet in search_kind.facets}
    chosen, ignored = _known_filters(filters or {}, known)

    values = search_kind.values()
    matching = {
        name: set().union(*(values[name].get(value, set()) for value in wanted))
        for name, wanted in chosen.items()
    }
    found = everything.intersection(*matching.values())
    results = [
        _count(facet, known[facet.name], values[facet.name], chosen, everything, matching)
        for facet in search_kind.facets
        if facets is None or facet.name in facets
    ]
    hits = [pk for pk in ordered if pk in found]
    size = search_kind.page_size
    pages = max(1, -(-len(hits) // size))
    page = min(max(page, 1), pages)
    return SearchResults(
        hits=search_kind.load(hits[(page - 1) * size : page * size], language),
        total=len(hits),
        facets=results,
        page=page,
        pages=pages,
        sort=sort,
        query=query,
        query_cut=query_cut,
        ignored=ignored,
    )


def _known_filters(filters, known):
    """Part the filters into those that exist, as sets, and the rest."""
    chosen: dict[str, set[str]] = {}
    ignored: list[tuple[str, str]] = []
    for name, wanted in filters.items():
        for value in dict.fromkeys(wanted):
            if name in known and value in known[name]:
                chosen.setdefault(name, set()).add(value)
            else:
                ignored.append((name, value))
    return chosen, ignored


def _count(facet, labels, values, chosen, everything, matching) -> FacetResult:
    """Count a facet among what the other facets leave; only chosen values may be empty."""
    others = everything.intersection(*(ids for name, ids in matching.items() if name != facet.name))
    wanted = chosen.get(facet.name, set())
    counts = {value: len(others & ids) for value, ids in values.items() if value in labels}
    return FacetResult(
        name=facet.name,
        label=facet.label(),
        choices=[
            FacetChoice(value, label, counts.get(value, 0), value in wanted)
            for value, label in labels.items()
            if counts.get(value) or value in wanted
        ],
    )
