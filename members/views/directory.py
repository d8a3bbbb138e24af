"""The directory: who is a member of the network and who is not yet, and a page for each."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from core import languages
from members.models import Affiliation, Collectivity
from members.registry import counts_of, sections_of
from members.tile_map import network_map
from search.analysis import fold
from search.services import Found, filters_in, page_number, search

LONG_LIST = 12  # what lies in a collectivity is folded away beyond it


@require_safe
def collectivity_list(request):
    """
    The directory: the network by region as the way in, or what was searched and filtered.

    The address holds all of it.
    """
    query = request.GET.get("q", "")
    filters = filters_in(request.GET, "collectivities")
    context = {"list_path": request.path}
    if not query.strip() and not filters:
        context["network"] = network_map()
        return render(request, "members/collectivity_list.html", context)
    language = languages.current()
    results = search(
        query,
        language,
        filters,
        page=page_number(request.GET.get("page", "1")),
        kind="collectivities",
    )
    counts = counts_of(results.hits, language)
    context |= {
        "results": results,
        "entries": [
            {
                "collectivity": one,
                "membership": one.membership,
                "said": said_of(one),
                "counts": counts[one.pk],
            }
            for one in results.hits
        ],
    }
    return render(request, "members/collectivity_list.html", context)


@require_safe
def collectivity(request, slug: str):
    """One collectivity: what it is, where it lies, what lies in it, what others tell of it."""
    found = (
        Collectivity.objects.select_related("parent", "region", "profile")
        .prefetch_related("memberships")
        .filter(slug=slug)
        .first()
    )
    if not found:
        return redirect(_moved(slug), permanent=True)
    inside = sorted(
        found.children.prefetch_related("memberships"), key=lambda one: (fold(one.name), one.pk)
    )
    return render(
        request,
        "members/collectivity.html",
        {
            "collectivity": found,
            "membership": found.membership,
            "past_memberships": [one for one in found.memberships.all() if one.ended_on],
            "profile": getattr(found, "profile", None),
            "lies_in": found.lies_in,
            "inside": inside,
            "folded": len(inside) > LONG_LIST,
            "sections": sections_of(found, languages.current()),
            "people": Affiliation.objects.of(found).public().select_related("person"),
        },
    )


def said_of(hit) -> Found | None:
    """Return how words found something, where it was by what it tells of itself."""
    found = getattr(hit, "found", None)
    return found if found and "<mark>" in found.text else None


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
