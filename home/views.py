from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import npgettext

from core import languages
from core.vocabularies import Principle
from home.models import HomePage
from practices.models import NEWEST_FIRST, PracticeCollectivity, PracticePage, PracticePrinciple
from practices.search import load

LATEST = 3


def show_home(request, page: HomePage):
    """The front door: what the network is, the principles with their counts, what is new."""
    language = languages.current()
    visible = PracticePage.objects.visible().nearest_to(language)
    newest_first = visible.order_by(*NEWEST_FIRST)
    pks = list(newest_first.values_list("pk", flat=True))
    shown = set(pks)
    return render(
        request,
        "home/home.html",
        {
            "page": page,
            "texts": texts_of(page, language),
            "principles": principles_with_counts(shown),
            "latest": load(pks[:LATEST], language),
            "figures": figures(shown),
        },
    )


def texts_of(page: HomePage, language: str) -> HomePage:
    """Return the home page whose words are shown: this one, or the nearest that has any."""
    if page.heading:
        return page
    order = languages.FALLBACKS[language]
    others = HomePage.objects.live().exclude(heading="").select_related("locale")
    return min(others, key=lambda other: order.index(other.language), default=page)


def principles_with_counts(shown: set[int]) -> list[Principle]:
    """Return the principles, each with the number of practices that a visitor sees under it."""
    counts: dict[int, int] = {}
    for practice, principle in PracticePrinciple.objects.values_list("content_object_id", "tag_id"):
        if practice in shown:
            counts[principle] = counts.get(principle, 0) + 1
    principles = list(Principle.objects.all())
    for principle in principles:
        principle.count = counts.get(principle.pk, 0)
    return principles


def figures(shown: set[int]) -> list[dict]:
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
