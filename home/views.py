from django.conf import settings
from django.db.models import F, OuterRef, Subquery
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import npgettext
from django.views.decorators.http import require_safe
from wagtail.models import Page

from core import languages
from core.pages import visible_pages
from core.vocabularies import Principle
from home.models import Audience, ContentPage, FeaturedPractice, HomePage, NewsIndexPage, NewsPage
from home.models.front import FeaturedNews
from home.models.pages import EditorialPage
from practices.models import NEWEST_FIRST, PracticeCollectivity, PracticePage, PracticePrinciple
from practices.search import load
from search.services import filters_in, page_number, search

FEATURED = 3  # practices and news on the home page
NEXT_DATES = 4


def show_home(request, page: HomePage):
    """The front door: what the network is, where to begin, what editors chose, what is new."""
    language = languages.current()
    visible = PracticePage.objects.visible().nearest_to(language)
    keys = dict(visible.order_by(*NEWEST_FIRST).values_list("pk", "translation_key"))
    featured = featured_practices(keys)
    return render(
        request,
        "home/home.html",
        {
            "page": page,
            "texts": texts_of(page, language),
            "starts": starting_points(language),
            "principles": principles_with_counts(keys.keys()),
            "featured": bool(featured),
            "practices": load((featured or list(keys))[:FEATURED], language),
            "news": front_news(language),
            "dates": next_dates(language),
            "figures": figures(keys.keys()),
        },
    )


def featured_practices(keys: dict) -> list[int]:
    """
    Return what editors chose for the home page, in their order.

    :param keys: the practices that the reader may see, each with its translation key
    """
    versions = {key: pk for pk, key in keys.items()}
    chosen = FeaturedPractice.objects.order_by("sort_order")
    # Two versions of one practice may have been chosen: it is shown once.
    wanted = dict.fromkeys(chosen.values_list("page__translation_key", flat=True))
    return [versions[key] for key in wanted if key in versions]


def front_news(language: str):
    """Return the news of the home page: the chosen first, then the newest."""
    place = FeaturedNews.objects.filter(page__translation_key=OuterRef("translation_key"))
    return (
        NewsPage.objects.visible()
        .nearest_to(language)
        .annotate(place=Subquery(place.order_by("sort_order").values("sort_order")[:1]))
        .select_related("locale", "picture")
        .prefetch_related("picture__renditions")
        .defer("body")
        .order_by(F("place").asc(nulls_last=True), "-date", "-pk")[:FEATURED]
    )


def starting_points(language: str) -> list[ContentPage]:
    """Return the "start here" pages, one for each audience that has one, in their order."""
    pages = (
        ContentPage.objects.visible()
        .nearest_to(language)
        .exclude(audience="")
        .select_related("locale")
        .defer("body")
        .order_by("path")
    )
    first = {}
    for page in pages:
        first.setdefault(page.audience, page)
    return [first[audience] for audience in Audience.values if audience in first]


def texts_of(page: HomePage, language: str) -> HomePage:
    """Return the home page whose words are shown: this one, or the nearest that has any."""
    if page.heading:
        return page
    order = languages.FALLBACKS[language]
    others = HomePage.objects.live().exclude(heading="").select_related("locale")
    return min(others, key=lambda other: order.index(other.language), default=page)


def principles_with_counts(shown) -> list[Principle]:
    """
    Return the principles, each with the number of practices that a visitor sees under it.

    :param shown: the numbers of the practices that the visitor may see
    """
    counts: dict[int, int] = {}
    for practice, principle in PracticePrinciple.objects.values_list("content_object_id", "tag_id"):
        if practice in shown:
            counts[principle] = counts.get(principle, 0) + 1
    principles = list(Principle.objects.all())
    for principle in principles:
        principle.count = counts.get(principle.pk, 0)
    return principles


def figures(shown) -> list[dict]:
    """Return the figures of the network, each with the address of what it counts."""
    links = [
        link
        for link in PracticeCollectivity.objects.values_list(
            "practice_id", "collectivity_id", "collectivity__region_id"
        )
        if link[0] in shown
    ]
    practices = len(shown)
    collectivities = len({collectivity for _practice, collectivity, _region in links})
    regions = len({region for _practice, _collectivity, region in links if region})
    return [
        {
            "number": practices,
            "label": npgettext("figure", "practice told", "practices told", practices),
            "url": reverse("practices"),
        },
        {
            "number": collectivities,
            "label": npgettext(
                "figure",
                "collectivity that tried one",
                "collectivities that tried one",
                collectivities,
            ),
            "url": reverse("collectivities"),
        },
        {
            "number": regions,
            "label": npgettext("figure", "region of the 12", "regions of the 12", regions),
            "url": reverse("collectivities"),
        },
    ]


@require_safe
def serve(request, path: str):
    """
    Show the home page or an editors' page; where the reader's language has none, the nearest
    version under the same address, with a word on it.

    Not Wagtail's view: for a restricted page that one asks for a login, with a cookie, and it
    takes eight queries to find what stands at an address. Here each page keeps its address.

    :raises Http404: where no visitor may read a page
    """
    page = nearest_version(path)
    if page is None:
        raise Http404
    return page.serve(request)


def nearest_version(path: str) -> HomePage | EditorialPage | None:
    """Return the page under a path that is in the reader's language, or the nearest there is."""
    places = [f"/{code}/{path}" for code in languages.FALLBACKS[languages.current()]]
    found = visible_pages(Page.objects.filter(url_path__in=places))
    pages = sorted(found, key=lambda page: places.index(page.url_path))
    page = pages[0].specific if pages else None
    if isinstance(page, EditorialPage) or (
        isinstance(page, HomePage) and page.url_path == places[0]
    ):
        return page
    return None


def show_page(request, page: EditorialPage):
    """Show a free page, the programme, the charter or a news item."""
    versions = type(page).objects.visible().filter(translation_key=page.translation_key)
    order = languages.FALLBACKS[languages.current()]
    return render(
        request,
        page.template,
        {
            "page": page,
            "translated": page.language == languages.current(),
            "versions": sorted(
                versions.select_related("locale"), key=lambda one: order.index(one.language)
            ),
            "canonical": settings.SITE_URL + languages.path_in(page.language, page.url_path),
        },
    )


@require_safe
def news_list(request):
    """The news, newest first, of all years or of some, with the dates that are to come."""
    language = languages.current()
    results = search(
        request.GET.get("q", ""),
        language,
        filters_in(request.GET, "news"),
        sort=request.GET.get("sort", ""),
        page=page_number(request.GET.get("page", "1")),
        kind="news",
    )
    return render(
        request,
        "home/news_list.html",
        {
            "index": NewsIndexPage.objects.filter(locale__language_code=language).live().first(),
            "results": results,
            "dates": next_dates(language),
        },
    )


def next_dates(language: str):
    """Return the announced dates that are not over, the next first."""
    coming = NewsPage.objects.visible().nearest_to(language).upcoming()
    return coming.select_related("locale").defer("body")[:NEXT_DATES]
