"""One sitemap per language: the pages that exist in it."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse
from django.utils.translation import override

from core import languages
from home.models.pages import EditorialPage
from members.models import Association
from practices.models import PracticePage


class LanguageSitemap(Sitemap):
    """The fixed pages, the associations named and the practices written in a language."""

    limit = 5000

    def __init__(self, language: str) -> None:
        self.language = language

    @property
    def protocol(self) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site=None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def items(self) -> list:
        with override(self.language):
            fixed = [
                f"/{self.language}/",
                reverse("practices"),
                reverse("collectivities"),
                reverse("associations"),
                reverse("news"),
                reverse("contact"),
            ]
            own = {"locale__language_code": self.language}
            editorial = [
                (page.url_path, page.last_published_at)
                for model in EditorialPage.__subclasses__()
                for page in model.objects.visible().filter(**own).order_by("pk")
            ]
            named = Association.objects.public().exclude(**{f"name_{self.language}": ""})
            associations = [one.get_absolute_url() for one in named.order_by("pk")]
            practices = PracticePage.objects.visible().filter(**own)
            return (
                fixed
                + associations
                + editorial
                + [
                    (reverse("practice", args=[slug]), changed)
                    for slug, changed in practices.order_by("pk").values_list(
                        "slug", "last_published_at"
                    )
                ]
            )

    def location(self, item) -> str:
        return item if isinstance(item, str) else item[0]

    def lastmod(self, item):
        return None if isinstance(item, str) else item[1]


SITEMAPS = {language: LanguageSitemap(language) for language in languages.CODES}
