"""Putting the demo content on the site: once, and never over what a person has written."""

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from django.db import transaction
from wagtail.models import Locale, PageLogEntry, Revision

from core.text import paragraphs_to_html
from core.vocabularies import Principle, Theme
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

FOLDER = Path(__file__).parent
# The first is written first, and the others are its translations.
LANGUAGES = ("ar", "fr", "en")
PLAIN = ("title", "summary", "source_title")


def load_themes() -> int:
    """Add the themes that are missing; an editor may have changed the others. Returns how many."""
    themes = tomllib.loads((FOLDER / "themes.toml").read_text(encoding="utf-8"))
    known = set(Theme.objects.values_list("slug", flat=True))
    new = [
        Theme(slug=slug, name=slug, **{f"label_{code}": text for code, text in labels.items()})
        for slug, labels in themes.items()
        if slug not in known
    ]
    Theme.objects.bulk_create(new)
    return len(new)


def load_practices() -> Iterator[tuple[str, str]]:
    """
    Write the practices of `practices/`, and yield the key of each with what was done.

    "new": it was not there; "changed": its file was, and nobody had touched it on the site;
    "same": nothing to do; "edited": a person has edited or deleted it, so it was left alone.
    """
    # The last first: what is written last stands first in the lists.
    files = sorted((FOLDER / "practices").glob("*.toml"), reverse=True)
    records = DemoRecord.objects.in_bulk(field_name="key")
    writer = Writer()
    for file in files:
        text = file.read_bytes()
        fingerprint = hashlib.sha256(text).hexdigest()
        facts = tomllib.loads(text.decode("utf-8"))
        record = records.get(facts["id"])
        if record and record.fingerprint == fingerprint:
            yield facts["id"], "same"
            continue
        with transaction.atomic():
            if record and was_edited(record):
                outcome = "edited"
            else:
                page = writer.write(facts, record)
                outcome = "changed" if record else "new"
                DemoRecord.objects.update_or_create(
                    key=facts["id"], defaults={"page_id": page.pk, "fingerprint": fingerprint}
                )
        yield facts["id"], outcome


def was_edited(record: DemoRecord) -> bool:
    """Whether a person has edited a practice in any language, or deleted it."""
    page = PracticePage.objects.filter(pk=record.page_id).first()
    if page is None:
        return True
    versions = PracticePage.objects.filter(translation_key=page.translation_key)
    pks = [str(pk) for pk in versions.values_list("pk", flat=True)]
    by_hand = {"user__isnull": False}
    return (
        Revision.objects.filter(
            base_content_type=page.get_base_content_type(), object_id__in=pks, **by_hand
        ).exists()
        # Withdrawing, moving and the like leave a line in the log and no revision.
        or PageLogEntry.objects.filter(page_id__in=pks, **by_hand).exists()
    )


class Writer:
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

    def write(self, facts: dict, record: DemoRecord | None) -> PracticePage:
        """
        Write a practice in each language. Returns the first version.

        :raises KeyError: for a collectivity, principle or theme that does not exist
        """
        rows = self.rows(facts)
        first = PracticePage.objects.get(pk=record.page_id) if record else None
        for language in LANGUAGES:
            page = self.version(facts, language, first)
            self.fill(page, facts, language, rows)
            if page.pk is None:
                self.indexes[language].add_child(instance=page)
            page.save_revision().publish()
            first = first or page
        return first

    def version(self, facts: dict, language: str, first: PracticePage | None) -> PracticePage:
        """Return the page of a language, a new one where there is none yet."""
        locale = self.locales[language]
        if first is None:
            return PracticePage(locale=locale)
        found = PracticePage.objects.filter(
            translation_key=first.translation_key, locale=locale
        ).first()
        return found or PracticePage(
            locale=locale, translation_key=first.translation_key, slug=first.slug
        )

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
