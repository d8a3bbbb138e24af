"""News in the search call: newest first, by year, by words of the title and summary."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import pgettext

from home.models import NewsPage
from search.registry import Facet, FacetValues, SearchKind, register

FIRST_YEAR, LAST_YEAR = 2000, 2100  # a bound for what is typed


def documents(language: str, query: str, sort: str) -> list[int]:
    news = NewsPage.objects.visible().nearest_to(language)
    for word in query.split():
        news = news.filter(Q(title__icontains=word) | Q(summary__icontains=word))
    return list(news.newest_first().values_list("pk", flat=True))


def load(pks: Sequence[int], language: str) -> list[NewsPage]:
    found = (
        NewsPage.objects.select_related("locale", "picture")
        .prefetch_related("picture__renditions")
        .defer("body")
        .in_bulk(pks)
    )
    return [found[pk] for pk in pks if pk in found]


def values() -> FacetValues:
    years: dict[str, set[int]] = defaultdict(set)
    for pk, date in NewsPage.objects.filter(live=True).values_list("pk", "date"):
        years[str(date.year)].add(pk)
    return {"year": years}


def _year_choices():
    return [(str(year), str(year)) for year in range(LAST_YEAR, FIRST_YEAR - 1, -1)]


register(
    SearchKind(
        name="news",
        documents=documents,
        sorts=("newest",),
        facets=(Facet("year", lambda: pgettext("facet", "Year"), _year_choices),),
        values=values,
        load=load,
    )
)
