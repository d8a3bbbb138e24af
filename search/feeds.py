"""A search that is followed: what it finds, the newest first, as an Atom feed."""

from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core import languages
from core.feeds import SteadyAtom
from core.text import CONTROLS
from search.services import SECTION, Found, SearchResults, filters_in, search


class SearchFeed(Feed):
    """Public things only, whoever asks: feeds are read by machines, without a session."""

    feed_type = SteadyAtom

    def get_object(self, request) -> tuple[SearchResults, str]:
        filters = filters_in(request.GET)
        if section := [one for one in request.GET.getlist(SECTION) if one]:
            filters[SECTION] = section
        results = search(
            request.GET.get("q", ""),
            languages.current(),
            filters,
            facets=[],
            sort="newest",
            own_language=request.GET.get("own") == "1",
        )
        return results, request.GET.urlencode()

    def title(self, followed) -> str:
        results, _address = followed
        if not results.query:
            return _("Search")
        return _("Search: %(query)s") % {"query": CONTROLS.sub("", results.query)}

    def author_name(self) -> str:
        return _("Moroccan Network of Open Territorial Collectivities")

    def link(self, followed) -> str:
        return f"{settings.SITE_URL}{reverse('search')}?{followed[1]}"

    def feed_url(self, followed) -> str:
        return f"{settings.SITE_URL}{reverse('search_feed')}?{followed[1]}"

    def items(self, followed) -> list[Found]:
        return [found for found in followed[0].hits if found.document.date]

    def item_title(self, found: Found) -> str:
        return CONTROLS.sub("", found.document.title)

    def item_description(self, found: Found) -> str:
        """Escaped once more, as Django calls the summary HTML."""
        return escape(CONTROLS.sub("", found.document.summary))

    def item_link(self, found: Found) -> str:
        return settings.SITE_URL + found.path

    def item_guid(self, found: Found) -> str:
        """The address in its own language, which the reader's language does not change."""
        return settings.SITE_URL + languages.path_in(found.language, found.document.path)

    def item_pubdate(self, found: Found) -> datetime:
        return found.document.date

    item_updateddate = item_pubdate


search_feed = require_safe(cache_control(public=True, max_age=900)(SearchFeed()))
