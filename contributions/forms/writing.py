"""The form of one or several sections of a draft, made of what its kind declares."""

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from wagtail.models import Page

from contributions.drafts import digests_of, read, read_row, row_key, rows_of
from contributions.models import Contribution
from contributions.registry import Field, Rows, Section
from core.text import number_sent
from core.uploads.policies import policies

EMPTY = "__place__"  # stands in the row that the script copies
MOST_ROWS = 60  # that a form takes in; a kind's own limit is lower and is told


class AnswerForm(forms.Form):
    """Some answers. Nothing is needed while a draft is written; limits are told, not enforced."""

    def __init__(
        self, fields: Sequence[Field], contribution: Contribution, *args, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.declared = {field.name: field for field in fields}
        for field in fields:
            made = field.make(contribution)
            made.required = False
            made.label, made.help_text = field.label, field.help
            if field.limit:
                made.widget.attrs["data-limit"] = field.limit
            made.widget.attrs.pop("maxlength", None)
            self.fields[field.name] = made

    @property
    def answers(self) -> dict[str, Any]:
        """What can be kept: all that is valid."""
        return {name: self.cleaned_data[name] for name in self.fields if name in self.cleaned_data}

    def shown(self) -> list[dict[str, Any]]:
        """Return the fields as the template draws them."""
        return [
            {
                "field": self[name],
                "needed": field.needed,
                "limit": field.limit,
                "sample": field.sample,
                "name": self.add_prefix(name),
            }
            for name, field in self.declared.items()
        ]


class RowsForm:
    """The rows of one sort: as they stand, or as they were sent."""

    def __init__(self, rows: Rows, contribution: Contribution, page: Page, data=None) -> None:
        self.rows, self.contribution, self.page, self.data = rows, contribution, page, data
        self.present = rows_of(page, rows)
        if data is not None and f"{rows.name}-count" in data:
            self.forms = [self._sent(place) for place in range(self._count())]
        else:
            self.forms = [self._stands(place, row) for place, row in enumerate(self.present)]
        self.is_sent = data is not None and f"{rows.name}-count" in data

    def _count(self) -> int:
        # As many as there are come back, also where an editor has entered more than a member may.
        most = max(MOST_ROWS, len(self.present))
        return min(number_sent(self.data.get(f"{self.rows.name}-count")), most)

    def _make(self, place: int | str, key: str, **kwargs) -> AnswerForm:
        form = AnswerForm(
            self.rows.fields, self.contribution, prefix=f"{self.rows.name}-{place}", **kwargs
        )
        form.key = key
        return form

    def _sent(self, place: int) -> AnswerForm:
        return self._make(place, self.data.get(f"{self.rows.name}-{place}-row", ""), data=self.data)

    def _stands(self, place: int, row: Any) -> AnswerForm:
        key = row_key(self.rows, row, place)
        return self._make(place, key, initial=read_row(self.rows, row))

    def renumber(self, forms_in_order: Sequence[AnswerForm]) -> None:
        """Put the rows in another order, under the names of their new places."""
        renamed = []
        for place, form in enumerate(forms_in_order):
            values = {
                f"{self.rows.name}-{place}-{name}": form.data.getlist(form.add_prefix(name))
                for name in form.fields
                if form.add_prefix(name) in form.data
            }
            data = form.data.copy()
            for name in list(data):
                if name.startswith(f"{self.rows.name}-"):
                    del data[name]
            for name, value in values.items():
                data.setlist(name, value)
            renamed.append(self._make(place, form.key, data=data))
        self.forms = renamed

    def act(self, action: str, place: int) -> None:
        """
        Do what a button of a row asks.

        :param action: "add", "remove", "up" or "down"
        """
        order = list(self.forms)
        if action == "add" and len(order) < self.rows.most:
            self.forms.append(self._make(len(order), "", data=self.data))
            return
        if not 0 <= place < len(order):
            return
        if action == "remove":
            del order[place]
        other = {"up": place - 1, "down": place + 1}.get(action, place)
        if 0 <= other < len(order) and other != place:
            order[place], order[other] = order[other], order[place]
        self.renumber(order)

    def answers(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the rows as `save_draft` takes them; an empty new row is none."""
        given = []
        for form in self.forms:
            form.is_valid()
            if form.key or any(
                value not in (None, "", False, []) for value in form.answers.values()
            ):
                given.append((form.key, form.answers))
        return given

    def shown(self) -> list[dict[str, Any]]:
        """Return the rows as the template draws them, each with its file if it has one."""
        by_key = {row_key(self.rows, row, n): row for n, row in enumerate(self.present)}
        return [
            self._shown(form, str(place), by_key.get(form.key))
            for place, form in enumerate(self.forms)
        ]

    def _shown(self, form: AnswerForm, place: str, row: Any) -> dict[str, Any]:
        return {
            "fields": form.shown(),
            "key": form.key,
            "place": place,
            "title": self.rows.one(int(place) + 1 if place.isdecimal() else 0),
            "file": file_of(self.rows, row, self.contribution) if row or place == EMPTY else None,
            "is_first": place == "0",
            "is_last": place == str(len(self.forms) - 1),
            "name": f"{self.rows.name}-{place}",
        }

    def empty(self) -> dict[str, Any]:
        """Return a row as the script adds it: "__place__" stands for its place."""
        return self._shown(self._make(EMPTY, ""), EMPTY, None)

    @property
    def policy(self):
        return policies[self.rows.policy] if self.rows.policy else None

    @property
    def is_full(self) -> bool:
        return len(self.forms) >= self.rows.most


def file_of(rows: Rows, row: Any | None, contribution: Contribution) -> dict[str, str] | None:
    """Return the file of a row: its name, its address, a small picture of it."""
    if not rows.file_role:
        return None
    if row is None:
        return {"name": "", "address": "", "small": ""}  # the script fills it in
    if row.upload_id:
        address = reverse("contribution_file", args=[contribution.pk, row.upload.key])
        return {"name": row.upload.name, "address": address, "small": f"{address}?small=1"}
    kept = getattr(row, rows.file_field)
    if kept is None:
        return None
    small = kept.get_rendition("width-400|format-webp").url if rows.file_role == "photo" else ""
    return {"name": kept.title, "address": kept.file.url if small else kept.url, "small": small}


class SectionsForm:
    """
    The form of some sections of a draft.

    :ivar seen: the digests of what the person has before them, as the form holds them
    :ivar decided: what the person has seen both of, and wants written
    """

    def __init__(
        self,
        contribution: Contribution,
        page: Page,
        sections: Sequence[Section],
        data=None,
    ) -> None:
        self.contribution, self.page, self.sections, self.data = contribution, page, sections, data
        self.parts = [
            {
                "section": section,
                "answers": AnswerForm(
                    section.fields,
                    contribution,
                    data=data,
                    initial={field.name: read(field, page) for field in section.fields},
                ),
                "rows": [RowsForm(rows, contribution, page, data) for rows in section.rows],
            }
            for section in sections
        ]
        self.seen = digests_of(page, sections)
        self.decided: list[str] = []
        if data is not None:
            self.seen = self._sent_seen()
            self.decided = data.getlist("decided")
            self._act()

    def _sent_seen(self) -> dict[str, str]:
        try:
            sent = json.loads(self.data.get("seen", ""))
        except (ValueError, RecursionError):
            return {}  # then whatever differs is shown, and nothing is written over
        return sent if isinstance(sent, dict) else {}

    def _act(self) -> None:
        """Do what a button beside a row asks: "steps:up:2"."""
        sort, _colon, rest = self.data.get("row_action", "").partition(":")
        action, _colon, place = rest.partition(":")
        for part in self.parts:
            for rows in part["rows"]:
                if rows.rows.name == sort and rows.is_sent:
                    rows.act(action, number_sent(place, -1))

    @property
    def acts_on_rows(self) -> bool:
        return bool(self.data and self.data.get("row_action"))

    @property
    def seen_as_text(self) -> str:
        return json.dumps(self.seen)

    def see(self, seen: dict[str, str]) -> None:
        """Take what stands now as what the person has before them."""
        self.seen = seen

    def answers(self) -> dict[str, Any]:
        """
        Return what was sent and can be kept. A field that the browser did not send is left alone,
        but for boxes, which are not sent when they are empty.
        """
        given: dict[str, Any] = {}
        for part in self.parts:
            form = part["answers"]
            form.is_valid()
            for name, value in form.answers.items():
                widget = form.fields[name].widget
                if not widget.value_omitted_from_data(form.data, form.files, form.add_prefix(name)):
                    given[name] = value
            for rows in part["rows"]:
                if rows.is_sent:
                    given[rows.rows.name] = rows.answers()
        return given

    def errors(self) -> dict[str, str]:
        """Return what could not be kept, by the names of fields."""
        found = {}
        for form in self.all_forms():
            if form.is_bound:
                for name, errors in form.errors.items():
                    found[form.add_prefix(name)] = " ".join(errors)
        return found

    def all_forms(self) -> list[AnswerForm]:
        forms_ = []
        for part in self.parts:
            forms_.append(part["answers"])
            for rows in part["rows"]:
                forms_ += rows.forms
        return forms_
