from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from core import languages
from members.enums import Level
from members.models import Collectivity
from members.registry import counts_of, sections_of
from search.analysis import fold
from search.services import filters_in, page_number, search

LONG_LIST = 12  # what lies in a collectivity is folded away beyond it


@require_safe
def collectivity_list(request):
    """
    The directory: the regions as the way in, or what was searched and filtered.

    The address holds all of it.
    """
    query = request.GET.get("q", "")
    filters = filters_in(request.GET, "collectivities")
    if not query.strip() and not filters:
        return render(request, "members/collectivity_list.html", _regions())
    language = languages.current()
    results = search(
        query,
        language,
        filters,
        page=page_number(request.GET.get("page", "1")),
        kind="collectivities",
    )
    counts = counts_of(results.hits, language)
    return render(
        request,
        "members/collectivity_list.html",
        {
            "results": results,
            "entries": [(one, counts[one.pk]) for one in results.hits],
        },
    )


def _regions() -> dict:
    """Return the regions with how many provinces and communes lie in each."""
    counts = Collectivity.objects.count_by_region()
    regions = [
        {
            "region": region,
            "provinces": counts[region.pk].get(Level.PROVINCE, 0),
            "communes": counts[region.pk].get(Level.COMMUNE, 0),
        }
        for region in Collectivity.objects.regions()
        if region.pk in counts
    ]
    return {
        "regions": regions,
        "provinces": sum(one["provinces"] for one in regions),
        "communes": sum(one["communes"] for one in regions),
    }


@require_safe
def collectivity(request, slug: str):
    """One collectivity: what it is, where it lies, what lies in it, what others tell of it."""
    found = Collectivity.objects.select_related("parent", "region").filter(slug=slug).first()
    if not found:
        return redirect(_moved(slug), permanent=True)
    language = languages.current()
    inside = sorted(found.children.all(), key=lambda one: (fold(one.name), one.pk))
    return render(
        request,
        "members/collectivity.html",
        {
            "collectivity": found,
            "lies_in": found.lies_in,
            "inside": inside,
            "folded": len(inside) > LONG_LIST,
            "sections": sections_of(found, language),
        },
    )


def _moved(slug: str) -> Collectivity:
    """Return the collectivity of an address whose code is right and whose words are not."""
    digits = slug.rpartition("-")[2]
    found = (
        Collectivity.objects.filter(slug__endswith=f"-{digits}").first()
        if digits.isascii() and digits.isdecimal()
        else None
    )
    if not found:
        raise Http404("No collectivity has this address.")
    return found
