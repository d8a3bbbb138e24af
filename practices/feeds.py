"""The newest practices as Atom feeds: all of them, and those of each principle."""

from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from core import languages
from core.feeds import SteadyAtom
from core.labels import in_language
from core.text import CONTROLS
from core.vocabularies import PrincipleCode
from practices.hidden import names_of
from practices.models import NEWEST_FIRST, PracticePage
from practices.views.pages import feed_path, practice_url

ENTRIES = 30


class PracticeAtom(SteadyAtom):
    """Atom whose entries name their own language, each author, and categories by code and label."""

    def item_attributes(self, item) -> dict:
        return {"xml:lang": item["language"]}

    def add_item_elements(self, handler, item) -> None:
        super().add_item_elements(handler, item)
        for name in item["authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.endElement("author")
        for attributes in item["labelled_categories"]:
            handler.addQuickElement("category", "", attributes)


class PracticeFeed(Feed):
    """
    The newest practices, each in the reader's language or the nearest there is.

    Addresses begin with the site's own, whatever host the request names.
    """

    feed_type = PracticeAtom

    def get_object(self, request, principle: str = "") -> str:
        """Return the principle's code, "" for all. Raises Http404 for an unknown one."""
        if principle and principle not in PrincipleCode.values:
            raise Http404("No principle has this code.")
        return principle

    def title(self, principle: str) -> str:
        if not principle:
            return _("Practices and case studies")
        return f"{_('Practices and case studies')} – {PrincipleCode(principle).label}"

    def author_name(self) -> str:
        return _("Moroccan Network of Open Territorial Collectivities")

    def link(self, principle: str) -> str:
        query = f"?principle={principle}" if principle else ""
        return f"{settings.SITE_URL}{reverse('practices')}{query}"

    def feed_url(self, principle: str) -> str:
        return settings.SITE_URL + feed_path(principle)

    def items(self, principle: str):
        found = PracticePage.objects.visible().nearest_to(languages.current())
        if principle:
            found = found.filter(principle_links__tag__slug=principle)
        return (
            found.select_related("locale")
            .prefetch_related(
                "collectivity_links__collectivity", "principle_links__tag", "theme_links__tag"
            )
            .defer(*PracticePage.TEXTS, "source_gaps")
            .order_by(*NEWEST_FIRST)[:ENTRIES]
        )

    def item_title(self, page: PracticePage) -> str:
        return _storable(page.title)

    def item_description(self, page: PracticePage) -> str:
        """Escaped once more, as Django calls the summary HTML."""
        return escape(_storable(page.summary))

    def item_link(self, page: PracticePage) -> str:
        return settings.SITE_URL + practice_url(page)

    def item_guid(self, page: PracticePage) -> str:
        """The address of a version, which never changes."""
        return self.item_link(page)

    def item_pubdate(self, page: PracticePage) -> datetime:
        return page.first_published_at

    def item_updateddate(self, page: PracticePage) -> datetime:
        return page.last_published_at

    def item_copyright(self, page: PracticePage) -> str:
        return page.get_licence_display()

    def item_extra_kwargs(self, page: PracticePage) -> dict:
        themes = [link.tag for link in page.theme_links.all()]
        return {
            "language": page.language,
            "authors": names_of(page, page.collectivities),
            "labelled_categories": [
                *(_category("principle", tag, page.language) for tag in page.principle_tags),
                *(_category("theme", tag, page.language) for tag in themes),
            ],
        }


def _category(facet: str, tag, language: str) -> dict[str, str]:
    """Name a tag by its code, by the facet of the list that it belongs to, and by its label."""
    return {
        "term": tag.slug,
        "scheme": f"{settings.SITE_URL}{reverse('practices')}#{facet}",
        "label": _storable(in_language(tag, "label", language)[0]),
    }


def _storable(text: str) -> str:
    """Return a text without the control characters that XML refuses."""
    return CONTROLS.sub("", text)


practice_feed = require_safe(
    cache_control(public=True, max_age=900)(conditional_page(PracticeFeed()))
)
