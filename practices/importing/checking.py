"""What is wrong with a spreadsheet of practices, and what each right row would become."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import languages
from members.models import Collectivity
from notifications.registry import isolated
from practices.drafting.kind import MOST_THEMES
from practices.importing.columns import (
    FIELDS,
    MOST_COLLECTIVITIES,
    MOST_PRACTICES,
    NEEDED,
    REMARK,
    ROWS,
    code_of,
    column_of,
    columns,
    example_titles,
    offered,
)
from practices.importing.lookup import NotFound, Places, Tags, listed, quoted, short
from practices.importing.sheets import LOOKED_AT, Cell, Line, Sheet, SheetRefused
from practices.importing.values import cleaned, lines_of, parts_of
from search.analysis import fold

LIST_SIGNS = ";؛\n"


@dataclass(frozen=True)
class Known:
    """
    What the site knows today.

    :ivar languages: those in which there is a list of practices
    """

    places: Places
    principles: Tags
    themes: Tags
    languages: frozenset[str]


@dataclass(frozen=True)
class Problem:
    """
    Something that stands against a row.

    :ivar column: its name as the file has it, "" for the row as a whole
    :ivar place: of the cell, as spreadsheets tell it: "C7"
    :ivar value: what stands there, shortened
    :ivar words: what is wrong, and what would be right
    """

    row: int
    column: str
    place: str
    value: str
    words: str


@dataclass(frozen=True)
class Proposal:
    """
    What a row would become.

    :ivar initial: as `contributions.services.drafts.start_draft` takes it
    """

    row: int
    language: str
    title: str
    collectivity: Collectivity
    initial: dict[str, Any]


@dataclass
class Checked:
    """
    :ivar rows: the numbers of the rows that hold a practice, right or wrong
    :ivar proposals: of the right rows
    :ivar notes: what an editor should know, and what stands against nothing
    """

    rows: list[int] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def wrong_rows(self) -> int:
        return len({one.row for one in self.problems})

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Take up further problems; what is proposed of their rows is dropped."""
        self.problems += problems
        self.problems.sort(key=lambda one: one.row)
        wrong = {one.row for one in self.problems}
        self.proposals = [one for one in self.proposals if one.row not in wrong]


class Layout:
    """Which column stands where in a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        """:raises SheetRefused: where the names of the columns cannot be found, or are not clear"""
        self.sheet = sheet
        self.heading = max(sheet.lines[:LOOKED_AT], key=_known_in)
        self.at: dict[str, int] = {}
        self.unknown: list[str] = []
        for place, cell in enumerate(self.heading.cells):
            if not cell.text:
                continue
            name = column_of(cell.text)
            if not name:
                self.unknown.append(cell.text)
            elif name in self.at:
                raise SheetRefused(
                    _("The column “%(name)s” stands twice: in %(first)s and %(second)s.")
                    % {
                        "name": isolated(self.header(name)),
                        "first": sheet.place(self.heading.number, self.at[name]),
                        "second": sheet.place(self.heading.number, place),
                    }
                )
            else:
                self.at[name] = place
        if missing := [one for one in NEEDED if one not in self.at]:
            raise SheetRefused(
                _(
                    "These columns are needed and missing: %(names)s. The first row has to hold "
                    "the names of the columns, as the template does."
                )
                % {"names": listed(told(one) for one in missing)}
            )

    def header(self, name: str) -> str:
        """Return a column's name as the file has it."""
        return short(self.heading.cells[self.at[name]].text) if name in self.at else told(name)

    def cell(self, line: Line, name: str) -> Cell:
        place = self.at.get(name)
        return line.cells[place] if place is not None and place < len(line.cells) else Cell()

    def place(self, line: Line, name: str) -> str:
        return self.sheet.place(line.number, self.at[name]) if name in self.at else ""

    def nameless(self, lines: Iterable[Line]) -> list[int]:
        """Return the places of cells that stand below no name."""
        named = {place for place, cell in enumerate(self.heading.cells) if cell.text}
        return sorted(
            {
                place
                for line in lines
                for place, cell in enumerate(line.cells)
                if cell.text and place not in named
            }
        )


def _known_in(line: Line) -> int:
    return len({column_of(cell.text) for cell in line.cells if cell.text} - {""})


def told(name: str) -> str:
    """Return a column's name in the reader's language."""
    return columns()[name].told_in(languages.current())


def check(sheet: Sheet, known: Known) -> Checked:
    """
    Look through a sheet.

    :raises SheetRefused: where it cannot be read row by row, or has too many rows
    """
    layout, checked = Layout(sheet), Checked()
    lines = list(_lines_of_practices(layout, checked))
    if len(lines) > MOST_PRACTICES:
        raise SheetRefused(
            _(
                "The file holds %(number)d practices. At most %(most)d can be brought in at once: "
                "part it into several files."
            )
            % {"number": len(lines), "most": MOST_PRACTICES}
        )
    if not lines:
        raise SheetRefused(
            _("The file holds no practice. Rows that begin with # and the example are not read.")
        )
    seen: dict[tuple[int, str], int] = {}
    for line in lines:
        checked.rows.append(line.number)
        reading = RowReading(line, layout, known)
        proposal = reading.proposal()
        if proposal and (first := reading.first_of(proposal, seen)):
            reading.refuse(
                "title",
                _("Row %(row)d has this title already, for the same collectivity.")
                % {"row": first},
            )
        checked.problems += reading.problems
        if proposal and not reading.problems:
            checked.proposals.append(proposal)
    checked.notes += _notes(layout, lines)
    return checked


def _lines_of_practices(layout: Layout, checked: Checked) -> Iterator[Line]:
    remarks, examples = [], []
    for line in layout.sheet.lines:
        if line.number <= layout.heading.number:
            continue
        first = next((cell for cell in line.cells if cell.text or cell.fault), Cell())
        told = (first, layout.cell(line, "language"))
        # "#REF!" is an error of a practice, no remark.
        if any(cell.text.startswith(REMARK) and not cell.fault for cell in told):
            remarks.append(str(line.number))
        elif fold(layout.cell(line, "title").text) in example_titles():
            examples.append(str(line.number))
        else:
            yield line
    if remarks:
        checked.notes.append(
            _("Rows that begin with # are not read: %(rows)s.") % {"rows": listed(remarks)}
        )
    if examples:
        checked.notes.append(
            _("The example of the template is not read: row %(rows)s.") % {"rows": listed(examples)}
        )


def _notes(layout: Layout, lines: list[Line]) -> list[str]:
    notes = []
    if layout.unknown:
        notes.append(
            _("These columns are not known, and are not read: %(names)s.")
            % {"names": listed(f"“{short(one)}”" for one in layout.unknown)}
        )
    if nameless := layout.nameless(lines):
        first = [layout.sheet.place(layout.heading.number, place) for place in nameless[:10]]
        notes.append(
            _("Cells below these have no name of a column, and are not read: %(places)s.")
            % {"places": listed(first)}
        )
    if missing := [one for one in columns() if one not in layout.at]:
        notes.append(
            _("These columns are missing; what they ask stays empty: %(names)s.")
            % {"names": listed(map(told, missing))}
        )
    if layout.sheet.others:
        notes.append(
            _("Only the sheet “%(name)s” is read, not: %(others)s.")
            % {
                "name": quoted(layout.sheet.name),
                "others": listed(f"“{short(one)}”" for one in layout.sheet.others),
            }
        )
    return notes


class RowReading:
    """One row: its answers, and what is wrong with them."""

    def __init__(self, line: Line, layout: Layout, known: Known) -> None:
        self.line, self.layout, self.known = line, layout, known
        self.problems: list[Problem] = []
        self.initial: dict[str, Any] = {}

    def refuse(self, name: str, words: str) -> None:
        self.problems.append(
            Problem(
                row=self.line.number,
                column=self.layout.header(name),
                place=self.layout.place(self.line, name),
                value=short(self.layout.cell(self.line, name).text),
                words=words,
            )
        )

    def typed(self, name: str) -> str:
        """Return what stands in a column; of a cell that is wrong by itself nothing."""
        cell = self.layout.cell(self.line, name)
        return "" if cell.fault else cell.text

    def proposal(self) -> Proposal | None:
        """Return what the row would become, None where not even that much is told."""
        self.whole()
        for name in self.layout.at:
            if fault := self.layout.cell(self.line, name).fault:
                self.refuse(name, fault)
        language = self.language()
        title = self.answer("title")
        self.initial.pop("title", None)
        collectivity = self.collectivity()
        for name in ("kind", "status", "origin"):
            self.word(name)
        for name in FIELDS:
            if name in columns() and name not in (
                "title",
                "kind",
                "status",
                "principles",
                "themes",
            ):
                self.answer(name)
        self.others(collectivity)
        self.tags()
        self.challenges()
        self.rows("steps", self.step)
        self.rows("participants", self.participant)
        self.rows("indicators", self.indicator)
        start, end = self.initial.get("start"), self.initial.get("end")
        if start and end and end < start[: len(end)]:
            self.refuse("end", _("The end is earlier than the start."))
        if not (language and title and collectivity):
            return None
        return Proposal(self.line.number, language, title, collectivity, self.initial)

    def whole(self) -> None:
        """Refuse a line of a CSV file in which a sign has parted what belongs together."""
        given, wanted = len(self.line.cells), len(self.layout.heading.cells)
        if not self.layout.sheet.name and given > wanted:
            words = _(
                "This row has %(given)d cells where %(wanted)d are expected: put quotation marks "
                "round a text that holds the sign between columns."
            )
            self.problems.append(
                Problem(self.line.number, "", "", "", words % {"given": given, "wanted": wanted})
            )

    def first_of(self, proposal: Proposal, seen: dict[tuple[int, str], int]) -> int | None:
        """Return the row that told the same, None for the first."""
        key = (proposal.collectivity.pk, fold(proposal.title))
        first = seen.setdefault(key, proposal.row)
        return None if first == proposal.row else first

    # --- Single answers ---

    def missing(self, name: str) -> None:
        if not self.layout.cell(self.line, name).fault:
            self.refuse(name, _("Missing: this has to be filled in."))

    def answer(self, name: str) -> Any:
        """Take up what the form's field makes of a cell."""
        cell = self.layout.cell(self.line, name)
        if not self.typed(name):
            if name in NEEDED:
                self.missing(name)
            return None
        try:
            value = cleaned(FIELDS[name], cell.text, is_number=cell.is_number)
        except ValidationError as error:
            self.refuse(name, " ".join(error.messages))
            return None
        self.initial[name] = value
        return value

    def word(self, name: str) -> str | None:
        """Take up one of a few words."""
        if not (typed := self.typed(name)):
            return None
        code = code_of(name, typed)
        if code is None:
            words = listed(offered(name, languages.current()))
            self.refuse(name, _("Write one of these: %(words)s.") % {"words": words})
        else:
            self.initial[name] = code
        return code

    def language(self) -> str | None:
        if not self.typed("language"):
            self.missing("language")
            return None
        code = self.word("language")
        self.initial.pop("language", None)
        if code and code not in self.known.languages:
            self.refuse("language", _("There is no list of practices in this language yet."))
            return None
        return code

    def collectivity(self) -> Collectivity | None:
        cell = self.layout.cell(self.line, "collectivity")
        if not self.typed("collectivity"):
            self.missing("collectivity")
            return None
        try:
            return self.known.places.find(cell.text, is_number=cell.is_number)
        except NotFound as error:
            self.refuse("collectivity", str(error))
            return None

    # --- Several in a cell ---

    def others(self, leading: Collectivity | None) -> None:
        cell = self.layout.cell(self.line, "collectivities")
        found = []
        for part in parts_of(self.typed("collectivities"), LIST_SIGNS):
            try:
                found.append(self.known.places.find(part, is_number=cell.is_number))
            except NotFound as error:
                self.refuse("collectivities", f"“{quoted(part)}”: {error}")
        found = [one for one in dict.fromkeys(found) if one != leading]
        if len(found) >= MOST_COLLECTIVITIES:
            self.too_many("collectivities", MOST_COLLECTIVITIES - 1)
        elif found:
            self.initial["collectivities"] = found

    def tags(self) -> None:
        for name, tags in (("principles", self.known.principles), ("themes", self.known.themes)):
            found = []
            for part in parts_of(self.typed(name), LIST_SIGNS):
                try:
                    found.append(tags.find(part))
                except NotFound as error:
                    self.refuse(name, str(error))
            found = list(dict.fromkeys(found))
            if name == "themes" and len(found) > MOST_THEMES:
                self.too_many(name, MOST_THEMES)
            elif found:
                self.initial[name] = found

    def challenges(self) -> None:
        rows = ROWS["challenges"]
        told_ones = parts_of(self.typed("challenges"), "|\n")
        if len(told_ones) > rows.most:
            self.too_many("challenges", rows.most)
            return
        found = [{"text": self.part("challenges", "text", one)} for one in told_ones]
        if found:
            self.initial["challenges"] = found

    def too_many(self, name: str, most: int) -> None:
        words = ngettext("At most %(most)d is kept.", "At most %(most)d are kept.", most)
        self.refuse(name, words % {"most": most})

    def part(self, name: str, field_name: str, typed: str) -> Any:
        """Return what the form's field of a row makes of a part of a cell."""
        declared = next(one for one in ROWS[name].fields if one.name == field_name)
        try:
            return cleaned(declared, typed)
        except ValidationError as error:
            messages = " ".join(error.messages)
            self.refuse(name, f"“{quoted(typed)}” ({declared.label}): {messages}")
            return None

    def rows(self, name: str, read: Callable[[list[str]], dict[str, Any] | None]) -> None:
        """Take up a cell each line of which is a row, parted by bars."""
        told_lines = lines_of(self.typed(name))
        if len(told_lines) > ROWS[name].most:
            self.too_many(name, ROWS[name].most)
            return
        found = []
        for number, line in told_lines:
            before = len(self.problems)
            row = read([part.strip() for part in line.split("|")])
            if row is None:
                del self.problems[before:]
                words = _("Line %(number)d, “%(line)s”: write it as %(form)s.")
                form = {
                    "steps": _("date | title | what was done"),
                    "participants": _("stage | who | role"),
                    "indicators": _("what was measured | before | after | unit | date | source"),
                }[name]
                self.refuse(
                    name, words % {"number": number, "line": quoted(line), "form": isolated(form)}
                )
            else:
                found.append(row)
        if found:
            self.initial[name] = found

    def step(self, parts: list[str]) -> dict[str, Any] | None:
        day, title, *text = parts if len(parts) > 1 else ["", *parts]
        if not title:
            return None
        return {
            "date": self.part("steps", "date", day),
            "title": self.part("steps", "title", title),
            "text": self.part("steps", "text", " | ".join(text)),
        }

    def participant(self, parts: list[str]) -> dict[str, Any] | None:
        if len(parts) < 2 or not parts[1]:
            return None
        stage, who, *role = parts
        code = code_of("stage", stage) if stage else ""
        if code is None:
            words = _("“%(typed)s” is no stage. Write one of these: %(words)s.")
            stages = listed(offered("stage", languages.current()))
            self.refuse("participants", words % {"typed": quoted(stage), "words": stages})
        return {
            "stage": code,
            "who": self.part("participants", "who", who),
            "role": self.part("participants", "role", " | ".join(role)),
        }

    def indicator(self, parts: list[str]) -> dict[str, Any] | None:
        if not 3 <= len(parts) <= 6 or not parts[0] or not parts[2]:
            return None
        names = ("name", "baseline", "value", "unit", "date", "source")
        return {
            name: self.part("indicators", name, typed)
            for name, typed in zip(names, parts, strict=False)
        }
