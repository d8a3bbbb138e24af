"""Writing a page or a news item of the demo content in each language."""

from datetime import date, timedelta

from django.utils import timezone
from wagtail.models import Locale

from core.text import paragraphs_to_html
from home.demo.versions import LANGUAGES, version
from home.models import (
    CharterPage,
    ContentPage,
    DemoRecord,
    HomePage,
    NewsIndexPage,
    NewsPage,
    ProgrammePage,
)
from home.models.pages import EditorialPage

MODELS = {
    "page": ContentPage,
    "programme": ProgrammePage,
    "charter": CharterPage,
    "news": NewsPage,
}


class PageWriter:
    """Writes pages, with what they all need at hand."""

    def __init__(self) -> None:
        self.locales = {locale.language_code: locale for locale in Locale.objects.all()}
        self.homes = {home.language: home for home in HomePage.objects.select_related("locale")}
        self.news = {list_.language: list_ for list_ in NewsIndexPage.objects.all()}

    def key(self, facts: dict) -> str:
        return f"page-{facts['slug']}"

    def write(self, facts: dict, record: DemoRecord | None) -> EditorialPage:
        """Write a page in each language. Returns the first version."""
        model = MODELS[facts["kind"]]
        first = model.objects.get(pk=record.page_id) if record else None
        for language in LANGUAGES:
            page = version(model, self.locales[language], first)
            self.fill(page, facts, facts[language])
            if page.pk is None:
                parents = self.news if facts["kind"] == "news" else self.homes
                parents[language].add_child(instance=page)
            page.save_revision().publish()
            first = first or page
        return first

    def fill(self, page: EditorialPage, facts: dict, texts: dict) -> None:
        page.title = page.draft_title = texts["title"]
        page.summary = texts.get("summary", "")
        if isinstance(page, NewsPage):
            fill_news(page, facts, texts)
        else:
            page.slug = facts["slug"]
        if isinstance(page, ContentPage):
            page.audience = facts.get("audience", "")
        if isinstance(page, (ContentPage, NewsPage)):
            page.body = [(block["type"], value(block)) for block in texts.get("body", [])]
        if isinstance(page, ProgrammePage):
            page.introduction = paragraphs_to_html(texts["introduction"])
            page.partners = [("partner", point(one)) for one in texts["partners"]]
            page.strands = [("strand", point(one)) for one in texts["strands"]]
            page.method = [("step", point(one)) for one in texts["method"]]
            page.timeline = [("date", point(one)) for one in texts["timeline"]]
        if isinstance(page, CharterPage):
            for name in CharterPage.TEXTS:
                setattr(page, name, paragraphs_to_html(texts[name]))
            page.values = [("value", point(one)) for one in texts["values"]]
            page.commitments = [("commitment", point(one)) for one in texts["commitments"]]


def fill_news(page: NewsPage, facts: dict, texts: dict) -> None:
    today = timezone.localdate()
    page.date = today if facts["date"] == "today" else date.fromisoformat(facts["date"])
    if "event_in_days" in facts:
        page.event_start = today + timedelta(days=facts["event_in_days"])
    page.event_place = texts.get("event_place", "")
    page.source_title = texts.get("source_title", "")
    page.source_url = facts.get("source_url", "")


def point(facts: dict) -> dict:
    """Return a titled point; partners have a name for a title."""
    named = {"title": facts.get("title") or facts.get("name", "")}
    return {**named, **{name: text for name, text in facts.items() if name != "name"}}


def value(block: dict) -> dict:
    """Return a block of a file as the block of the site that shows it."""
    facts = {name: part for name, part in block.items() if name != "type"}
    match block["type"]:
        case "text":
            facts["text"] = paragraphs_to_html(facts["text"])
        case "steps":
            facts["steps"] = [point(step) for step in facts["steps"]]
        case "figures":
            facts["figures"] = [
                {"number": one["number"], "label": one["label"], "link": link(one)}
                for one in facts["figures"]
            ]
        case "call_to_action":
            facts = {**facts, "link": link(facts)}
            del facts["page"]
        case "questions":
            facts["questions"] = [
                {"question": one["question"], "answer": paragraphs_to_html(one["answer"])}
                for one in facts["questions"]
            ]
    return facts


def link(facts: dict) -> dict:
    """Return where a block leads: the address of a page by its slug, or an address."""
    page = facts.get("page", "")
    return {"page": None, "address": f"/{page}/" if page and "/" not in page else page}
