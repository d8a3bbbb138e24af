"""Reading and writing a page by what its kind declares: for forms, checks, history and copies."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from modelcluster.models import get_all_child_relations
from wagtail.models import Locale, Page

from contributions.differences import FieldValue
from contributions.fields import canonical
from contributions.models import Contribution
from contributions.registry import DraftKind, Field, Rows, Section, kinds

Problem = tuple[str, str]


def kind_of(contribution: Contribution) -> DraftKind:
    return kinds[contribution.kind]


def newest(contribution: Contribution) -> Page:
    """Return the page as it was written last, of its own class."""
    pages = kind_of(contribution).model().objects.select_related("latest_revision", "locale")
    page = pages.get(pk=contribution.page_id)
    return page.with_content_json(page.latest_revision.content) if page.latest_revision else page


def with_named(page: Page) -> Page:
    """
    Read what all rows of a page name (principles, collectivities) at once, not row by row. To be
    called before all that is asked of a page is read.
    """
    for relation in get_all_child_relations(type(page)):
        rows = list(getattr(page, relation.get_accessor_name()).all())
        for field in relation.related_model._meta.concrete_fields:
            is_named = field.is_relation and field.related_model not in (Locale, type(page), Page)
            if rows and is_named:
                prefetch_related_objects(rows, field.name)
    return page


def read(field: Field, thing: Any) -> Any:
    """Return what the form's field shows of a page or a row."""
    return field.read(thing) if field.read else getattr(thing, field.name)


def write(field: Field, thing: Any, value: Any) -> None:
    """Put what a form's field gave into a page or a row."""
    if field.write:
        field.write(thing, value)
    else:
        empty = thing._meta.get_field(field.name).get_default()
        setattr(thing, field.name, empty if value is None else value)


def rows_of(page: Page, rows: Rows) -> list:
    return list(getattr(page, rows.name).all())


def row_key(rows: Rows, row: Any, place: int) -> str:
    """Return what names a row in a form: its file where it has one, its place otherwise."""
    if rows.file_role:
        if row.upload_id:
            return f"upload-{row.upload_id}"
        if kept := getattr(row, f"{rows.file_field}_id"):
            return f"file-{kept}"
    return f"place-{place}"


def read_row(rows: Rows, row: Any) -> dict[str, Any]:
    return {field.name: read(field, row) for field in rows.fields}


def read_rows(page: Page, rows: Rows) -> list[dict[str, Any]]:
    return [read_row(rows, row) for row in rows_of(page, rows)]


def write_rows(page: Page, rows: Rows, answers: Iterable[tuple[Any, Mapping[str, Any]]]) -> None:
    """
    Put rows into a page, in their order.

    :param answers: for each row what is there already, or None for a new one, and its answers; what
        an answer does not name stays
    """
    kept = []
    for place, (row, values) in enumerate(answers):
        row = row if row is not None else rows.model()
        for field in rows.fields:
            if field.name in values:
                write(field, row, values[field.name])
        row.sort_order = place
        if hasattr(row, "locale_id"):
            row.locale_id = page.locale_id
        kept.append(row)
    getattr(page, rows.name).set(kept)


def fill(page: Page, kind: DraftKind, initial: Mapping[str, Any]) -> None:
    """
    Put answers into a page.

    :param initial: by the names of fields and rows: what the form's field gives, or for rows a list
        of such mappings; names that the kind does not know are left out
    """
    for section in kind.sections:
        for field in section.fields:
            if field.name in initial:
                write(field, page, initial[field.name])
        for rows in section.rows:
            if rows.name in initial:
                write_rows(page, rows, [(None, values) for values in initial[rows.name]])


def values_for_copy(kind: DraftKind, page: Page) -> dict[str, Any]:
    """Return all answers of a page as `fill` takes them; files are left out."""
    values: dict[str, Any] = {}
    for section in kind.sections:
        for field in section.fields:
            values[field.name] = read(field, page)
        for rows in section.rows:
            if not rows.file_role:
                values[rows.name] = read_rows(page, rows)
    return values


def digest_of(value: Any) -> str:
    """Return what tells whether an answer is another one by now."""
    text = json.dumps(canonical(value), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digests_of(page: Page, sections: Iterable[Section]) -> dict[str, str]:
    """Return the digest of each field and each sort of rows of some sections."""
    found = {}
    for section in sections:
        for field in section.fields:
            found[field.name] = digest_of(read(field, page))
        for rows in section.rows:
            found[rows.name] = digest_of(read_rows(page, rows))
    return found


def told(field: Field, value: Any) -> str:
    """Return an answer as text in the reader's language, "" for none."""
    return "" if canonical(value) in ("", []) else str(field.told(value))


def told_rows(page: Page, rows: Rows) -> list[list[str]]:
    return [[told(field, read(field, row)) for field in rows.fields] for row in rows_of(page, rows)]


def values_of(kind: DraftKind, page: Page) -> list[FieldValue]:
    """Return all that a page tells, in the reader's language, for the history and differences."""
    values = []
    for section in kind.sections_for(page):
        for field in section.fields:
            values.append(FieldValue(field.name, str(field.label), told(field, read(field, page))))
        for rows in section.rows:
            label = str(rows.label or section.title)
            values.append(FieldValue(rows.name, label, told_rows(page, rows)))
    return values


def is_begun(page: Page, section: Section) -> bool:
    return any(canonical(read(field, page)) not in ("", []) for field in section.fields) or any(
        getattr(page, rows.name).count() for rows in section.rows
    )


def problems_in(page: Page, section: Section) -> list[Problem]:
    """Return what a section lacks, and what is too long in it, to be submitted."""
    problems = []
    for field in section.fields:
        problems += _problems_of_field(field, page, field.name, field.label)
    for rows in section.rows:
        present = rows_of(page, rows)
        label = rows.label or section.title
        if len(present) < rows.least:
            problems.append((rows.name, _("Missing: “%(field)s”.") % {"field": label}))
        if len(present) > rows.most:
            problems.append(
                (
                    rows.name,
                    _("“%(field)s”: at most %(most)d.") % {"field": label, "most": rows.most},
                )
            )
        for place, row in enumerate(present):
            for field in rows.fields:
                label_of_one = f"{rows.one(place + 1)}: {field.label}"
                name = f"{rows.name}-{place}-{field.name}"
                problems += _problems_of_field(field, row, name, label_of_one)
    return problems


def _problems_of_field(field: Field, thing: Any, name: str, label: Any) -> list[Problem]:
    value = canonical(read(field, thing))
    if field.needed and value in ("", []):
        return [(name, _("Missing: “%(field)s”.") % {"field": label})]
    if field.limit and isinstance(value, str) and len(value) > field.limit:
        over = len(value) - field.limit
        words = ngettext(
            "“%(field)s”: shorten it by %(over)d character.",
            "“%(field)s”: shorten it by %(over)d characters.",
            over,
        )
        return [(name, words % {"field": label, "over": over})]
    return []


def problems_of(contribution: Contribution, page: Page) -> list[Problem]:
    """Return all that stands against submitting a page, as (name of the field, words)."""
    kind = kind_of(contribution)
    problems = [
        problem for section in kind.sections_for(page) for problem in problems_in(page, section)
    ]
    return [*problems, *kind.check(page, contribution)]


def section_of_problem(kind: DraftKind, name: str) -> Section | None:
    """Return the section in which a problem is mended."""
    stem = name.partition("-")[0]
    for section in kind.sections:
        if stem in {one.name for one in (*section.fields, *section.rows)}:
            return section
    return None


def label_of(section: Section, name: str) -> str:
    """Return what a section calls one of its fields or rows."""
    asked = (*section.fields, *section.rows)
    return str(next(one.label for one in asked if one.name == name) or section.title)
