from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core import languages
from search import missed
from search.registry import audiences_of
from search.services import SECTION, filters_in, page_number, reader_of, search
from search.suggestions import suggestions

FOLLOWED = ("q", "own", SECTION)  # of an address, beside the filters, what a feed follows


@require_safe
def search_page(request):
    """All kinds together: searched, filtered, paged. The address holds all of it."""
    language = languages.current()
    filters = filters_in(request.GET)
    if section := [one for one in request.GET.getlist(SECTION) if one]:
        filters[SECTION] = section[:1]  # a tab, not a choice of several
    results = search(
        request.GET.get("q", ""),
        language,
        filters,
        sort=request.GET.get("sort", ""),
        page=page_number(request.GET.get("page", "1")),
        reader=reader_of(request),
        own_language=request.GET.get("own") == "1",
    )
    missed.note(results, language)
    followed = request.GET.copy()
    for name in set(followed) - {*FOLLOWED, *(facet.name for facet in results.facets)}:
        del followed[name]
    return render(
        request,
        "search/search.html",
        {
            "results": results,
            "section": section[0] if section else "",
            "all_count": sum(one.count for one in results.sections),
            "feed_query": followed.urlencode(),
        },
    )


@require_safe
@cache_control(max_age=60)
def suggest(request):
    """What may be meant by what is typed so far, for the search boxes."""
    reader = reader_of(request)
    found = suggestions(request.GET.get("q", ""), languages.current(), audiences_of(reader))
    return JsonResponse(
        {
            "suggestions": [
                {
                    "text": one.text,
                    "lang": one.language,
                    "dir": languages.direction(one.language),
                    "path": one.path,
                    "kind": one.kind,
                }
                for one in found
            ]
        }
    )


@require_safe
@cache_control(public=True, max_age=86400)
def opensearch(request):
    """How a browser adds this site to its search engines."""
    return render(
        request,
        "search/opensearch.xml",
        content_type="application/opensearchdescription+xml",
    )
