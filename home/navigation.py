"""The sections at the head of each page and the links at its foot, as editors arranged them."""

from dataclasses import dataclass

from django.core.cache import caches
from django.db import DatabaseError, InterfaceError, transaction
from wagtail.models import Page

from core import languages
from core.labels import in_language
from core.pages import visible_pages
from home.models.front import (
    FooterContentLink,
    FooterSiteLink,
    Link,
    Navigation,
    SectionLink,
)

# Every page needs the menus, and they change some times a year: they are read once, kept in the
# cache that all processes share, and forgotten at each change (`home.apps`).
KEPT = 15 * 60  # seconds; a change that no signal tells of, such as one in SQL, counts by then
MENUS = {
    "navigation": SectionLink,
    "footer_content": FooterContentLink,
    "footer_site": FooterSiteLink,
}


@dataclass(frozen=True)
class MenuLink:
    """A link of a menu as a reader of one language sees it."""

    url: str
    label: str
    language: str


def navigation(request) -> dict:
    """Give every template the menus of the reader's language, the current section marked."""
    language = languages.current()
    menus = menus_in(language)
    return {
        "home_url": f"/{language}/",
        **menus,
        "navigation": [
            {"link": link, "current": request.path.startswith(link.url)}
            for link in menus["navigation"]
        ],
    }


def menus_in(language: str) -> dict:
    """Return the menus in a language; empty ones while the database is away."""
    key = cache_key(language)
    menus = caches["content"].get(key)
    if menus is None:
        try:
            menus = read_menus(language)
        except (DatabaseError, InterfaceError):
            nothing = {name: [] for name in MENUS}
            return {**nothing, "footer_text": "", "footer_language": language}
        caches["content"].set(key, menus, KEPT)
    return menus


def cache_key(language: str) -> str:
    return f"menus-{language}"


def forget_menus(**kwargs) -> None:
    """Have the menus read anew once the change in hand is committed. Also a signal's receiver."""
    keys = [cache_key(code) for code in languages.CODES]
    transaction.on_commit(lambda: caches["content"].delete_many(keys))


def read_menus(language: str) -> dict:
    chosen = Navigation.load()
    rows = {
        name: list(
            model.objects.filter(navigation=chosen).select_related("page").order_by("sort_order")
        )
        for name, model in MENUS.items()
    }
    keys = {row.page.translation_key for links in rows.values() for row in links if row.page}
    versions: dict = {}
    order = languages.FALLBACKS[language]
    pages = visible_pages(Page.objects.filter(translation_key__in=keys).select_related("locale"))
    for page in pages:
        code = page.locale.language_code
        best = versions.get(page.translation_key)
        if best is None or order.index(code) < order.index(best.locale.language_code):
            versions[page.translation_key] = page
    text, text_language = in_language(chosen, "footer", language)
    menus = {
        name: [link for row in links if (link := menu_link(row, language, versions))]
        for name, links in rows.items()
    }
    return {**menus, "footer_text": text, "footer_language": text_language}


def menu_link(row: Link, language: str, versions: dict) -> MenuLink | None:
    """Return a row as a link in a language; None where its page cannot be read in any."""
    label, spoken = in_language(row, "label", language)
    if not row.page:
        return MenuLink(languages.path_in(language, row.address), label, spoken)
    page = versions.get(row.page.translation_key)
    if page is None:
        return None
    if not label or (spoken != language and page.locale.language_code == language):
        label, spoken = page.title, page.locale.language_code
    # The same address in each language: where there is no version, the nearest is shown there.
    return MenuLink(languages.path_in(language, page.url_path), label, spoken)
