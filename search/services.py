"""
The one call through which every list and every search goes.

Elasticsearch answers where the site has one and it can be relied on; the database answers
otherwise, in the same way. Whatever an engine says, what is shown was looked up in the table of
documents under the reader's rights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import languages
from search.copies import is_behind, is_narrowed
from search.engines import EngineAway, Matches, Scope, database_engine, remote_engine
from search.engines.base import DEEPEST
from search.highlight import highlighted, snippet
from search.models import SearchDocument
from search.query import Plan, normalised, plan_of
from search.ranking import FIELDS, WINDOW, in_order
from search.registry import Facet, SearchKind, audiences_of, kinds

SHORT_LIST, FEW = 6, 4  # a facet with more than six values shows the four largest
PAGE_SIZE = 12
RELEVANCE = "relevance"
SECTION = "section"  # the label that tells a document's kind
SORT_LABELS = {
    RELEVANCE: lambda: pgettext("sort", "Best answer"),
    "newest": lambda: _("Newest"),
    "title": lambda: _("Title"),
    "adopted": lambda: pgettext("sort", "Most adopted"),
}


def page_number(text: str) -> int:
    """Return the page that an address asks for; what is no number of a page is the first."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else 1


def reader_of(request) -> Any | None:
    """Return the person who reads; None for a visitor, whose session is not touched."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return request.user if request.user.is_authenticated else None


def facets_of(kind: str) -> tuple[Facet, ...]:
    """Return the facets of a kind; for "" those that all kinds have in common, each once."""
    if kind:
        return kinds[kind].facets
    common = {facet.name: facet for one in kinds.values() for facet in one.facets if facet.common}
    return tuple(common.values())


def filters_in(values: QueryDict, kind: str = "") -> dict[str, list[str]]:
    """Return what an address chooses of each facet of a kind; empty values choose nothing."""
    return {
        facet.name: chosen
        for facet in facets_of(kind)
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
class Found:
    """
    How a result was found: its own words as safe HTML, with the found ones marked.

    :ivar document: what the index knows of it
    """

    document: SearchDocument
    title: SafeString
    text: SafeString

    @property
    def language(self) -> str:
        return self.document.language

    @property
    def kind_label(self) -> str:
        """What kind of thing it is, in the reader's language."""
        kind = kinds.get(self.document.kind)
        return kind.label() if kind else ""

    @property
    def path(self) -> str:
        """Its address under the reader's language, where the nearest version is shown."""
        return languages.path_in(languages.current(), self.document.path)


@dataclass(frozen=True)
class SearchResults:
    """
    What a search found.

    :ivar hits: for a kind, its objects, each with how it was found under `found` where words were
        searched; for all kinds together, `Found`
    :ivar query_cut: whether the reader typed more than was searched
    :ivar ignored: filters that nobody knows, as (name, value), to be told to the reader
    :ivar suggestion: the query in a likelier spelling, "" where there is none
    :ivar corrected: whether the results are those of the suggestion, as the query had none
    :ivar sections: for all kinds together, how many of each were found
    :ivar total_without_filters: where the filters leave nothing, what there is without them
    :ivar sorts: the orders offered
    :ivar engine: who answered; `degraded` where it stands in for Elasticsearch
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
    corrected: bool = False
    own_language: bool = False
    sections: list[FacetChoice] = field(default_factory=list)
    total_without_filters: int = 0
    sorts: tuple[str, ...] = ()
    engine: str = "database"
    degraded: bool = False

    @property
    def chosen(self) -> list[tuple[FacetResult, FacetChoice]]:
        """The filters in force, in the order of the facets."""
        return [(facet, choice) for facet in self.facets for choice in facet.chosen]

    @property
    def sort_choices(self) -> list[dict[str, Any]]:
        """The orders offered, with their labels."""
        return [
            {"name": name, "label": SORT_LABELS[name](), "current": name == self.sort}
            for name in self.sorts
        ]

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
    kind: str = "",
    reader: Any | None = None,
    own_language: bool = False,
) -> SearchResults:
    """
    Find what a reader may see.

    Values of one facet are alternatives, facets narrow each other. Each facet is counted without
    its own filter, so that a reader sees what another choice in it would give.

    :param query: what the reader typed, anything at all; cut at 200 characters
    :param language: the reader's; each thing is shown in it or in the nearest language it has
    :param filters: chosen values by facet; unknown ones are ignored and told in `ignored`
    :param facets: the names of the facets to count; all by default
    :param sort: one of the orders offered; the first by default or when it is unknown
    :param page: from 1; a page that does not exist is the nearest one that does
    :param kind: all kinds together by default
    :param reader: the person who reads, None for a visitor
    :param own_language: whether to leave out what is not written in the reader's language
    """
    query, query_cut = normalised(query)
    plan = plan_of(query, language)
    search_kind = kinds.get(kind)
    sorts = _sorts(search_kind, plan)
    sort = sort if sort in sorts else sorts[0]
    offered = facets_of(kind)
    known = {facet.name: dict(facet.choices()) for facet in offered}
    if search_kind is None:
        known[SECTION] = {name: one.label() for name, one in kinds.items()}
    chosen, ignored = _known_filters(filters or {}, known)
    counted = [one for one in offered if facets is None or one.name in facets]
    size = search_kind.page_size if search_kind else PAGE_SIZE
    scope = Scope(
        language=language,
        audiences=audiences_of(reader),
        kind=kind,
        chosen={name: frozenset(values) for name, values in chosen.items()},
        facets=(*(facet.name for facet in counted), *([] if kind else [SECTION])),
        own_language=own_language,
        order=sort,
        every_word=bool(search_kind and search_kind.every_word),
        limit=min(max(WINDOW, max(page, 1) * size), DEEPEST),
    )
    answer = _answer(query, plan, scope)
    if plan.groups and not answer.matches.total and not answer.total_without_filters:
        further = plan_of(query, language, far=True)
        if further.groups != plan.groups:
            plan, answer = further, _answer(query, further, scope)
    pages = max(1, -(-min(answer.matches.total, DEEPEST) // size))
    page = min(max(page, 1), pages)
    documents = _documents(answer.matches, plan, scope, (page - 1) * size, size)
    results = [_facet_result(facet, known[facet.name], answer.matches, chosen) for facet in counted]
    return SearchResults(
        hits=_hits(documents, plan, search_kind, language),
        total=answer.matches.total,
        facets=results,
        page=page,
        pages=pages,
        sort=sort,
        query=query,
        query_cut=query_cut,
        ignored=ignored,
        suggestion=plan.corrected,
        corrected=plan.all_corrected and not _has_typed_word(documents, plan),
        own_language=own_language,
        sections=[] if kind else _choices(SECTION, known[SECTION], answer.matches, chosen),
        total_without_filters=answer.total_without_filters,
        sorts=sorts,
        engine=answer.engine,
        degraded=answer.degraded,
    )


def _sorts(kind: SearchKind | None, plan: Plan) -> tuple[str, ...]:
    sorts = kind.sorts if kind else ("newest",)
    names_only = kind is not None and kind.every_word
    return (RELEVANCE, *sorts) if plan.groups and not names_only else sorts


@dataclass(frozen=True)
class _Answer:
    matches: Matches
    engine: str
    degraded: bool
    total_without_filters: int = 0


def _answer(query: str, plan: Plan, scope: Scope) -> _Answer:
    """Ask the engine that can be relied on; where nothing answers, ask for less."""
    database = database_engine()
    if query and not plan.groups:  # only words that say nothing, or no words at all
        return _Answer(Matches([], 0, {}), database.name, False)
    remote = remote_engine()
    degraded = remote is not None and is_behind()
    # Where its copy may still show what must not be seen, no count of it may be told.
    engine = database if remote is None or degraded or is_narrowed() else remote
    try:
        matches = _match(engine, plan, scope)
        without = _without_filters(engine, plan, scope, matches)
    except EngineAway:
        engine, degraded = database, True
        matches = _match(engine, plan, scope)
        without = _without_filters(engine, plan, scope, matches)
    return _Answer(matches, engine.name, degraded, without)


def _match(engine, plan: Plan, scope: Scope) -> Matches:
    """Find what holds enough of the words; where nothing does, what holds any of them."""
    needed = plan.needed(scope.every_word)
    matches = engine.match(plan, scope, needed)
    if not matches.total and needed > 1 and not scope.every_word and not scope.chosen:
        matches = engine.match(plan, scope, 1)
    return matches


def _without_filters(engine, plan: Plan, scope: Scope, matches: Matches) -> int:
    if matches.total or not (scope.chosen or scope.own_language):
        return 0
    wider = replace(scope, chosen={}, facets=(), own_language=False)
    return _match(engine, plan, wider).total


def _documents(
    matches: Matches, plan: Plan, scope: Scope, start: int, size: int
) -> list[SearchDocument]:
    """
    Return the documents of a page, confirmed in the table under the reader's rights.

    The first of a search by words are put in the order of their scores; what stands further
    behind keeps the engine's.
    """
    scored = bool(plan.groups) and scope.order == RELEVANCE and start < WINDOW
    pks = matches.ids[: max(WINDOW, start + size)] if scored else matches.ids[start : start + size]
    shown = SearchDocument.objects.shown(scope.language, scope.audiences)
    rows = shown.in_bulk(pks)
    documents = [rows[pk] for pk in pks if pk in rows]
    if scored:
        first = in_order(documents[:WINDOW], plan, timezone.now())
        documents = [*first, *documents[WINDOW:]][start : start + size]
    return documents


def _has_typed_word(documents: Sequence[SearchDocument], plan: Plan) -> bool:
    """Whether some result holds a word as it was typed, which the public vocabulary lacks."""
    typed = {group.word.stem for group in plan.groups}
    return any(
        not typed.isdisjoint(getattr(one, name).split()) for one in documents for name in FIELDS
    )


def _hits(
    documents: Sequence[SearchDocument], plan: Plan, kind: SearchKind | None, language: str
) -> list[Any]:
    if kind is None:
        return [_found(document, plan) for document in documents]
    objects = kind.load([document.key for document in documents], language)
    if plan.groups and len(objects) == len(documents):
        for one, document in zip(objects, documents, strict=True):
            one.found = _found(document, plan)
    return objects


def _found(document: SearchDocument, plan: Plan) -> Found:
    texts = [document.summary, document.body]
    return Found(
        document,
        highlighted(document.title, document.language, plan),
        snippet(texts, document.language, plan),
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


def _facet_result(facet: Facet, labels, matches: Matches, chosen) -> FacetResult:
    return FacetResult(facet.name, facet.label(), _choices(facet.name, labels, matches, chosen))


def _choices(name: str, labels: Mapping[str, str], matches: Matches, chosen) -> list[FacetChoice]:
    """Return the values of a facet that some result has; only chosen ones may be empty."""
    counts = matches.counts.get(name, {})
    wanted = chosen.get(name, set())
    return [
        FacetChoice(value, label, counts.get(value, 0), value in wanted)
        for value, label in labels.items()
        if counts.get(value) or value in wanted
    ]
