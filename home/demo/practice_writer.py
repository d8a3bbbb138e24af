"""Writing a practice of the demo content in each language."""

from uuid import uuid4

from wagtail.models import Locale

from core.text import paragraphs_to_html
from core.vocabularies import Principle, Theme
from home.demo.versions import LANGUAGES, version
from home.models import DemoRecord
from members.models import Collectivity
from practices.enums import Origin, PracticeKind
from practices.models import (
    PracticeCollectivity,
    PracticeIndexPage,
    PracticeIndicator,
    PracticePage,
    PracticeParticipant,
    PracticeStep,
)

PLAIN = ("title", "summary", "source_title")


class PracticeWriter:
    """Writes practices, with what they all need at hand."""

    def __init__(self) -> None:
        self.locales = {locale.language_code: locale for locale in Locale.objects.all()}
        self.indexes = {
            index.locale.language_code: index
            for index in PracticeIndexPage.objects.select_related("locale")
        }
        self.principles = {principle.slug: principle for principle in Principle.objects.all()}
        self.themes = {theme.slug: theme for theme in Theme.objects.all()}
        self.collectivities = {one.code: one for one in Collectivity.objects.all()}

    def key(self, facts: dict) -> str:
        return facts["id"]

    def write(self, facts: dict, record: DemoRecord | None) -> PracticePage:
        """
        Write a practice in each language. Returns the first version.

        :raises KeyError: for a collectivity, principle or theme that does not exist
        """
        rows = self.rows(facts)
        first = PracticePage.objects.get(pk=record.page_id) if record else None
        for language in LANGUAGES:
            page = version(PracticePage, self.locales[language], first)
            self.fill(page, facts, language, rows)
            if page.pk is None:
                self.indexes[language].add_child(instance=page)
            page.save_revision().publish()
            first = first or page
        return first

    def fill(self, page: PracticePage, facts: dict, language: str, rows: dict) -> None:
        texts = facts[language]
        for name in (*PLAIN, *PracticePage.TEXTS, "source_gaps"):
            value = texts.get(name, "").strip()
            setattr(page, name, value if name in PLAIN else paragraphs_to_html(value))
        page.kind = {"case_study": PracticeKind.CASE_STUDY}.get(
            facts["kind"], PracticeKind.PRACTICE
        )
        page.status = facts.get("status", "")
        page.start, page.end = facts.get("start", ""), facts.get("end", "")
        page.population_reached = facts.get("population_reached")
        page.budget_mad = facts.get("budget_mad")
        page.origin = Origin.COMPILED
        page.source_url, page.source_date = facts["source_url"], facts.get("source_date", "")
        page.source_title = page.source_title or facts["fr"].get("source_title", "")
        page.draft_title = page.title
        page.principles.set([self.principles[code] for code in facts["principles"]])
        page.themes.set([self.themes[slug] for slug in facts["themes"]])
        page.collectivity_links = [
            PracticeCollectivity(collectivity=self.collectivities[code])
            for code in facts["collectivities"]
        ]
        for name, model in ROWS.items():
            setattr(page, name, list(self.made(model, rows[name], language)))

    def rows(self, facts: dict) -> dict[str, list[dict]]:
        """Return the rows of a practice, each with a key that its translations share."""
        return {name: [{**row, "key": uuid4()} for row in facts.get(name, [])] for name in ROWS}

    def made(self, model, rows: list[dict], language: str):
        for row in rows:
            if language not in row:
                continue
            common = {name: value for name, value in row.items() if name not in (*LANGUAGES, "key")}
            yield model(
                locale=self.locales[language],
                translation_key=row["key"],
                **common,
                **row[language],
            )


ROWS = {
    "steps": PracticeStep,
    "participants": PracticeParticipant,
    "indicators": PracticeIndicator,
}
