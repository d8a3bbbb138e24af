"""News and the pages of editors in the search call."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from wagtail.fields import StreamField

from core.fields import CleanRichTextField
from core.pages import BasePage
from core.text import plain_text
from home.models import CharterPage, ContentPage, NewsPage, ProgrammePage
from home.models.pages import EditorialPage
from search.registry import Document, Facet, SearchKind, register
from search.watch import watch_pages

FIRST_YEAR, LAST_YEAR = 2000, 2100  # a bound for what is typed
FREE_PAGES = (ContentPage, ProgrammePage, CharterPage)


def text_of(page: BasePage) -> str:
    """Return what a page says besides its title and summary, as plain text."""
    parts: list[str] = []
    for field in page._meta.concrete_fields:
        value = getattr(page, field.attname)
        if isinstance(field, StreamField):
            parts += map(str, field.stream_block.get_searchable_content(value))
        elif isinstance(field, CleanRichTextField):
            parts.append(plain_text(value))
    return "\n".join(part for part in parts if part)


def groups_of(models: Sequence[type[EditorialPage]]) -> Callable[[], Iterable[str]]:
    def groups() -> Iterable[str]:
        for model in models:
            keys = model.objects.visible().order_by("pk").values_list("translation_key", flat=True)
            yield from dict.fromkeys(map(str, keys))

    return groups


def documents_of(models: Sequence[type[EditorialPage]], document: Callable[..., Document]):
    def documents(keys: Sequence[str]) -> dict[str, list[Document]]:
        found: dict[str, list[Document]] = defaultdict(list)
        for model in models:
            pages = model.objects.visible().filter(translation_key__in=keys)
            for page in pages.select_related("locale").order_by("pk"):
                found[str(page.translation_key)].append(document(page))
        return found

    return documents


def page_document(page: EditorialPage, **facts) -> Document:
    return Document(
        **{
            "key": str(page.pk),
            "language": page.language,
            # The same address in each language but for its first part.
            "path": f"/{page.url_path.lstrip('/').partition('/')[2]}",
            "title": page.title,
            "summary": page.summary,
            "body": text_of(page),
            "date": page.last_published_at,
            "number": page.pk,
        }
        | facts
    )


def news_document(page: NewsPage) -> Document:
    return page_document(
        page,
        body=f"{text_of(page)}\n{page.event_place}".strip(),
        date=timezone.make_aware(datetime.combine(page.date, time())),
        labels={"year": [str(page.date.year)]},
    )


def load_news(keys: Sequence[str], language: str) -> list[NewsPage]:
    pks = [int(key) for key in keys]
    found = (
        NewsPage.objects.select_related("locale", "picture")
        .prefetch_related("picture__renditions")
        .defer("body")
        .in_bulk(pks)
    )
    return [found[pk] for pk in pks if pk in found]


def load_pages(keys: Sequence[str], language: str) -> list[EditorialPage]:
    pks = [int(key) for key in keys]
    found: dict[int, EditorialPage] = {}
    for model in FREE_PAGES:
        found |= model.objects.select_related("locale").in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


def _year_choices():
    return [(str(year), str(year)) for year in range(LAST_YEAR, FIRST_YEAR - 1, -1)]


register(
    SearchKind(
        name="news",
        label=lambda: _("News"),
        groups=groups_of([NewsPage]),
        documents=documents_of([NewsPage], news_document),
        load=load_news,
        facets=(Facet("year", lambda: pgettext("facet", "Year"), _year_choices),),
    )
)
register(
    SearchKind(
        name="pages",
        label=lambda: _("Pages"),
        groups=groups_of(FREE_PAGES),
        documents=documents_of(FREE_PAGES, page_document),
        load=load_pages,
    )
)
watch_pages("news", NewsPage)
watch_pages("pages", *FREE_PAGES)
