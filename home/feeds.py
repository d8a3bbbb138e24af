"""The news for feed readers."""

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.translation import gettext as _

from core import languages
from core.feeds import SteadyAtom
from home.models import NewsPage

ENTRIES = 30


class NewsFeed(Feed):
    """The newest news, each in the reader's language or the nearest there is (Atom, RFC 4287)."""

    feed_type = SteadyAtom

    def title(self) -> str:
        return _("News of the Moroccan Network of Open Territorial Collectivities")

    def link(self) -> str:
        return settings.SITE_URL + reverse("news")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("news_feed")

    def items(self):
        news = NewsPage.objects.visible().nearest_to(languages.current()).newest_first()
        return news.select_related("locale").defer("body")[:ENTRIES]

    def item_title(self, item: NewsPage) -> str:
        return item.title

    def item_description(self, item: NewsPage) -> str:
        return item.summary

    def item_link(self, item: NewsPage) -> str:
        return settings.SITE_URL + item.address

    def item_pubdate(self, item: NewsPage):
        return item.first_published_at

    def item_updateddate(self, item: NewsPage):
        return item.last_published_at
