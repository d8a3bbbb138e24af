"""The associations of the network: the list, and a page for each."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core import languages
from members.models import Affiliation, Association
from members.registry import counts_of, sections_of
from members.views.directory import said_of
from search.services import filters_in, page_number, search


@require_safe
def association_list(request):
    """The associations that a collectivity has confirmed. The address holds search and filters."""
    language = languages.current()
    filters = filters_in(request.GET, "associations")
    results = search(
        request.GET.get("q", ""),
        language,
        filters,
        # Those of the whole country would be a thousand boxes: first the region, then they.
        facets=None if filters else ["region"],
        page=page_number(request.GET.get("page", "1")),
        kind="associations",
    )
    counts = counts_of(results.hits, language)
    return render(
        request,
        "members/association_list.html",
        {
            "results": results,
            "entries": [
                {
                    "association": one,
                    "confirmed": one.confirmed,
                    "said": said_of(one),
                    "counts": counts[one.pk],
                }
                for one in results.hits
            ],
        },
    )


@require_safe
def association(request, pk: int):
    """
    One association: how to reach it, who works with it. Of one that has left, its name and until
    when it was there are kept, and nothing by which it could be reached.
    """
    found = get_object_or_404(Association.objects.once_public(), pk=pk)
    attachments = found.attachments.order_by("collectivity__code", "pk").select_related(
        "collectivity__parent", "collectivity__region"
    )
    context = {"association": found, "other_names": _other_names(found)}
    if found.left_on:
        context |= {"attachments": attachments.once_confirmed(), "sections": [], "people": []}
    else:
        context |= {
            "attachments": attachments.confirmed(),
            "sections": sections_of(found, languages.current()),
            "people": Affiliation.objects.of(found).public().select_related("person"),
        }
    context["collectivities"] = list(
        dict.fromkeys(one.collectivity for one in context.pop("attachments"))
    )
    return render(request, "members/association.html", context)


def _other_names(association: Association) -> list[tuple[str, str]]:
    """Return its names in other languages than the one that heads the page, with the language."""
    names = [(code, getattr(association, f"name_{code}")) for code in languages.CODES]
    return [(code, name) for code, name in names if name and code != association.name_language]
