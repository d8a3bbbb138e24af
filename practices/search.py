"""Practices and case studies in the search call: their facets and how they are loaded."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Max, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import languages
from core.vocabularies import Principle, Theme
from members.enums import LEVEL_OF_KIND, CollectivityKind, Level
from members.models import Collectivity
from practices.enums import PracticeKind, PracticeStatus
from practices.models import (
    NEWEST_FIRST,
    PracticeCollectivity,
    PracticePage,
    PracticePrinciple,
    PracticeTheme,
)
from search.registry import Facet, FacetValues, SearchKind, register

FIRST_YEAR, LAST_YEAR = 1976, 2100  # the first communal charter; a bound for what is typed


def documents(language: str, query: str, sort: str) -> list[int]:
    practices = PracticePage.objects.visible().nearest_to(language)
    for word in query.split():
        practices = practices.filter(Q(title__icontains=word) | Q(summary__icontains=word))
    if sort == "title":
        practices = practices.order_by("title", "pk")
    else:
        practices = practices.order_by(*NEWEST_FIRST)
    return list(practices.values_list("pk", flat=True))


def load(pks: Sequence[int], language: str) -> list[PracticePage]:
    found = (
        PracticePage.objects.filter(pk__in=pks)
        .select_related("locale")
        .prefetch_related(
            "collectivity_links__collectivity__parent",
            "principle_links__tag",
            "indicators",
        )
        .defer(*PracticePage.TEXTS, "source_gaps")
        .in_bulk()
    )
    return [found[pk] for pk in pks if pk in found]


_values: tuple[object, FacetValues] = (None, {})


def values() -> FacetValues:
    """
    Return which practices have which value of each facet.

    Kept in memory for as long as nothing changes: reading them anew for thousands of practices
    takes longer than the rest of the page (`benchmarks/lists.py`). Four small sums tell whether
    something has changed; every process asks the database, so none shows what another has changed.
    Who may see what is not kept: `documents` asks for it each time.
    """
    global _values
    stamp = _stamp()
    if _values[0] != stamp:
        _values = (stamp, _read_values())
    return _values[1]


def _stamp() -> tuple:
    """Return what differs whenever a practice is published, withdrawn, tagged or placed anew."""
    live = PracticePage.objects.filter(live=True)
    links = {
        PracticePrinciple: ["tag"],
        PracticeTheme: ["tag"],
        PracticeCollectivity: ["collectivity", "collectivity__region"],
    }
    return (
        tuple(live.aggregate(Count("pk"), Sum("pk"), Max("last_published_at")).values()),
        *(
            tuple(model.objects.aggregate(Count("pk"), Max("pk"), *map(Sum, columns)).values())
            for model, columns in links.items()
        ),
    )


def _read_values() -> FacetValues:
    found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    versions: dict[UUID, list[tuple[int, str]]] = defaultdict(list)
    rows = PracticePage.objects.filter(live=True).values_list(
        "pk", "kind", "status", "start", "end", "translation_key", "locale__language_code"
    )
    for pk, kind, status, start, end, key, code in rows:
        found["kind"][kind].add(pk)
        found["status"][status].add(pk)
        for year in _years(start, end):
            found["year"][str(year)].add(pk)
        versions[key].append((pk, code))
    # A practice can be read in all its languages, whichever version the list shows.
    for several in versions.values():
        for _pk, code in several:
            found["language"][code].update(pk for pk, _code in several)
    places = PracticeCollectivity.objects.values_list(
        "practice_id", "collectivity__kind", "collectivity__region__code"
    )
    for pk, kind, region in places:
        found["type"][LEVEL_OF_KIND[kind]].add(pk)
        found["region"][region].add(pk)
    for name, model in (("principle", PracticePrinciple), ("theme", PracticeTheme)):
        for pk, slug in model.objects.values_list("content_object_id", "tag__slug"):
            found[name][slug].add(pk)
    return found


def _years(start: str, end: str) -> range:
    """Return the years in which a practice ran, from its start to its end."""
    if not start:
        return range(0)
    first = int(start[:4])
    last = int(end[:4]) if end else first
    return range(max(first, FIRST_YEAR), min(last, LAST_YEAR) + 1)


def _year_choices():
    years = range(LAST_YEAR, FIRST_YEAR - 1, -1)
    return [(str(year), str(year)) for year in years]


def _region_choices():
    regions = Collectivity.objects.filter(kind=CollectivityKind.REGION)
    return [(region.code, region.name) for region in regions]


FACETS = (
    Facet(
        "principle",
        lambda: pgettext("facet", "Principle"),
        lambda: [(principle.slug, principle.label) for principle in Principle.objects.all()],
    ),
    Facet(
        "kind",
        lambda: pgettext("facet", "Kind"),
        lambda: [(value, str(label)) for value, label in PracticeKind.choices],
    ),
    Facet(
        "type",
        lambda: pgettext("facet", "Type of collectivity"),
        lambda: [(value, str(label)) for value, label in Level.choices],
    ),
    Facet("region", lambda: pgettext("facet", "Region"), _region_choices),
    Facet(
        "theme",
        lambda: pgettext("facet", "Theme"),
        lambda: [(theme.slug, theme.label) for theme in Theme.objects.current().by_label()],
    ),
    Facet("year", lambda: pgettext("facet", "Period"), _year_choices),
    Facet(
        "status",
        lambda: pgettext("facet", "Status"),
        lambda: [(value, str(label)) for value, label in PracticeStatus.choices],
    ),
    Facet(
        "language",
        lambda: pgettext("facet", "Can be read in"),
        lambda: [(code, languages.own_name(code)) for code in languages.CODES],
    ),
)

SORT_LABELS = {"newest": lambda: _("Newest"), "title": lambda: _("Title")}

register(
    SearchKind(
        name="practices",
        documents=documents,
        sorts=("newest", "title"),
        facets=FACETS,
        values=values,
        load=load,
    )
)
