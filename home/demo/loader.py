"""Putting the demo content on the site: once, and never over what a person has written."""

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction
from wagtail.models import Page, PageLogEntry, Revision

from core.vocabularies import Theme
from home.demo.page_writer import PageWriter
from home.demo.practice_writer import PracticeWriter
from home.models import (
    DemoRecord,
    FeaturedNews,
    FeaturedPractice,
    FooterContentLink,
    FooterSiteLink,
    FrontPage,
    Navigation,
    SectionLink,
)

FOLDER = Path(__file__).parent


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
    """Write the practices of `practices/`; see `load_files`."""
    # The last first: what is written last stands first in the lists.
    return load_files(sorted((FOLDER / "practices").glob("*.toml"), reverse=True), PracticeWriter())


def load_pages() -> Iterator[tuple[str, str]]:
    """Write the pages and the news of `pages/`; see `load_files`."""
    return load_files(sorted((FOLDER / "pages").glob("*.toml")), PageWriter())


def load_files(files: list[Path], writer) -> Iterator[tuple[str, str]]:
    """
    Write files of facts as pages, and yield the key of each with what was done.

    "new": it was not there; "changed": its file was, and nobody had touched it on the site;
    "same": nothing to do; "edited": a person has edited or deleted it, so it was left alone.

    :param writer: has `key(facts)`, and `write(facts, record)` that returns the first version
    """
    records = DemoRecord.objects.in_bulk(field_name="key")
    for file in files:
        text = file.read_bytes()
        fingerprint = hashlib.sha256(text).hexdigest()
        facts = tomllib.loads(text.decode("utf-8"))
        key = writer.key(facts)
        record = records.get(key)
        if record and record.fingerprint == fingerprint:
            yield key, "same"
            continue
        with transaction.atomic():
            if record and was_edited(record):
                outcome = "edited"
            else:
                page = writer.write(facts, record)
                outcome = "changed" if record else "new"
                DemoRecord.objects.update_or_create(
                    key=key, defaults={"page_id": page.pk, "fingerprint": fingerprint}
                )
        yield key, outcome


def was_edited(record: DemoRecord) -> bool:
    """Whether a person has edited a page in any language, or deleted it."""
    page = Page.objects.filter(pk=record.page_id).first()
    if page is None:
        return True
    versions = Page.objects.filter(translation_key=page.translation_key)
    pks = [str(pk) for pk in versions.values_list("pk", flat=True)]
    by_hand = {"user__isnull": False}
    return (
        Revision.objects.filter(
            base_content_type=page.get_base_content_type(), object_id__in=pks, **by_hand
        ).exists()
        # Withdrawing, moving and the like leave a line in the log and no revision.
        or PageLogEntry.objects.filter(page_id__in=pks, **by_hand).exists()
    )


# The pages of the demo content that the menus lead to, each with a label where its title is long.
PROGRAMME = ("programme", "البرنامج", "Le programme", "The programme")
CHARTER = ("charter", "الميثاق", "La charte", "The charter")
MENUS = {
    SectionLink: (PROGRAMME, CHARTER),
    FooterContentLink: (PROGRAMME, CHARTER),
    FooterSiteLink: (
        ("about", "", "", ""),
        ("accessibility", "", "", ""),
        ("legal", "", "", ""),
        ("privacy", "", "", ""),
    ),
}
FEATURED = ("P020", "P001", "P034")  # each has a figure that tells the result
FEATURED_NEWS = ("page-news-saidia-2024",)


def load_choices() -> int:
    """
    Choose, once, what an editor would: the links of the menus, and what the home page features.

    :returns: how many choices are new
    """
    _record, new = DemoRecord.objects.get_or_create(key="choices", defaults={"page_id": 0})
    return load_menus() + load_front_page() if new else 0


def load_menus() -> int:
    navigation = Navigation.load()
    count = 0
    for model, links in MENUS.items():
        for slug, ar, fr, en in links:
            page = Page.objects.filter(slug=slug, locale__language_code="ar", depth=3).first()
            if page:
                labels = {"label_ar": ar, "label_fr": fr, "label_en": en}
                place = model.objects.filter(navigation=navigation).count()
                model.objects.create(navigation=navigation, page=page, sort_order=place, **labels)
                count += 1
    return count


def load_front_page() -> int:
    front_page = FrontPage.load()
    records = DemoRecord.objects.in_bulk(field_name="key")
    count = 0
    for model, keys in ((FeaturedPractice, FEATURED), (FeaturedNews, FEATURED_NEWS)):
        for place, key in enumerate(key for key in keys if key in records):
            model.objects.create(
                front_page=front_page, page_id=records[key].page_id, sort_order=place
            )
            count += 1
    return count
