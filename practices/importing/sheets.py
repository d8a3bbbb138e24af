"""
Reading a spreadsheet, XLSX or CSV, into cells of text. Nothing in it is calculated or run; whatever
is wrong with the file as a whole is told in words (`SheetRefused`).
"""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import BinaryIO

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from core.text import without_controls

MOST_COLUMNS = 60
MOST_ROWS = 2_000  # that are read, empty ones among them
MOST_UNPACKED = 20 * 1024 * 1024  # bytes of XML
MOST_MERGED = 1_000  # ranges that are looked at
ARCHIVE = b"PK\x03\x04"  # with which a workbook begins
DELIMITERS = ",;\t"  # Excel in French or Arabic writes semicolons
SIGN_TOLD = re.compile(r'\A"?sep=[,;\t]"?\r?\n', re.IGNORECASE)
LOOKED_AT = 10  # first lines, among which the names of the columns stand
DECLARATIONS = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^<>]*?ref=["']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"""
)
# In the format of a date: what is written as it stands, and colours and the like.
LITERALS = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]")


class SheetRefused(Exception):
    """The file cannot be read; the text says why, and what to do."""


@dataclass(frozen=True)
class Cell:
    """
    :ivar text: what stands in it, as a person would type it
    :ivar fault: what is wrong with the cell itself, "" for nothing
    :ivar is_number: whether the file holds a number and not a text
    """

    text: str = ""
    fault: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Line:
    """A row that is not empty, with its number in the sheet."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Sheet:
    """
    :ivar name: of the sheet that was read; "" in a CSV file
    :ivar lines: those that are not empty, at least two
    :ivar others: names of further sheets, which are not read
    """

    lines: list[Line]
    name: str = ""
    others: list[str] = field(default_factory=list)

    def place(self, line: int, column: int) -> str:
        """Return the name of a cell as spreadsheets tell it: "C7"."""
        return f"{get_column_letter(column + 1)}{line}"


def read_sheet(file: BinaryIO, *, known: Callable[[str], bool]) -> Sheet:
    """
    Read the first visible sheet of a file.

    :param file: open for reading; what is no archive is CSV
    :param known: tells whether a text is the name of a column; by it the sign is found that parts
        the columns of a CSV file
    :raises SheetRefused: where it cannot be read, or is too large
    """
    file.seek(0)
    is_workbook = file.read(len(ARCHIVE)) == ARCHIVE
    file.seek(0)
    sheet = _read_workbook(file) if is_workbook else _read_csv(file.read(), known)
    if len(sheet.lines) < 2:
        raise SheetRefused(_("The file holds no row below the names of its columns."))
    if any(len(line.cells) > MOST_COLUMNS for line in sheet.lines):
        raise SheetRefused(
            _("The sheet has more than %(most)d columns. Take the template.")
            % {"most": MOST_COLUMNS}
        )
    return sheet


def _lines(rows: Iterable[list[Cell]]) -> list[Line]:
    """Number the rows and leave out the empty ones, and the empty cells at the end of each."""
    lines = []
    for number, cells in enumerate(rows, start=1):
        if number > MOST_ROWS:
            raise SheetRefused(
                _(
                    "The sheet goes on below row %(most)d. Delete what stands below the last "
                    "practice, empty rows too."
                )
                % {"most": MOST_ROWS}
            )
        while cells and not (cells[-1].text or cells[-1].fault):
            cells = cells[:-1]
        if cells:
            lines.append(Line(number, tuple(cells)))
    return lines


def tidy(text: str) -> str:
    """
    Return a cell's text with one way of writing letters and ends of lines; nothing where there is
    nothing to see, such as marks of direction alone.
    """
    text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", without_controls(text)).strip()
    return text if any(unicodedata.category(one)[0] not in "CZ" for one in text) else ""


# --- CSV ------------------------------------------------------------------------------------------


def _read_csv(data: bytes, known: Callable[[str], bool]) -> Sheet:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetRefused(
            _("The file is not in UTF-8. In Excel, save it as “CSV UTF-8”.")
        ) from error
    if not text.strip():
        raise SheetRefused(_("The file is empty. Choose another one."))

    # Where a file tells Excel its sign, that line is no row.
    text = SIGN_TOLD.sub("", text)

    def names(delimiter: str) -> int:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            first = islice((row for row in rows if any(row)), LOOKED_AT)
            return max((sum(map(known, row)) for row in first), default=0)
        except csv.Error:
            return 0

    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=names), strict=True
    )
    try:
        return Sheet(_lines([_typed(cell) for cell in cells] for cells in reader))
    except csv.Error as error:
        raise SheetRefused(
            _("Line %(line)d cannot be read: a quotation mark is missing, or a cell is too long.")
            % {"line": reader.line_num}
        ) from error


def _typed(text: str) -> Cell:
    text = tidy(text)
    # Our own files have it before what a spreadsheet would run as a formula (`core.export`).
    if text.startswith("'") and text[1:2] in tuple("=+-@"):
        text = text[1:]
    return Cell(text)


# --- XLSX -----------------------------------------------------------------------------------------


def _read_workbook(file: BinaryIO) -> Sheet:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and lists that openpyxl does not know
            return _read_parts(file)
    except SheetRefused:
        raise
    except Exception as error:  # openpyxl raises whatever it stumbles over
        raise SheetRefused(
            _("The workbook cannot be read. Open it, save it anew as XLSX, and send it again.")
        ) from error


def _read_parts(file: BinaryIO) -> Sheet:
    with zipfile.ZipFile(file) as archive:
        _refuse_what_grows(archive)
        # Twice: the values that were calculated when it was saved, and where formulas stand.
        values, formulas = (
            load_workbook(file, read_only=True, data_only=only, keep_links=False)
            for only in (True, False)
        )
        visible = [one for one in values.worksheets if one.sheet_state == "visible"]
        if not visible:
            raise SheetRefused(_("The workbook has no sheet that can be seen."))
        first = visible[0]
        merged = MERGED.findall(archive.read(first._worksheet_path))[:MOST_MERGED]
    # What a sheet says of its own size may be wrong.
    limits = {"max_row": MOST_ROWS + 1, "max_col": MOST_COLUMNS + 1}
    pairs = zip(first.iter_rows(**limits), formulas[first.title].iter_rows(**limits), strict=False)
    rows = [
        [_cell(value, formula) for value, formula in zip(*pair, strict=False)] for pair in pairs
    ]
    values.close()
    formulas.close()
    _mark_merged(rows, merged)
    return Sheet(_lines(rows), name=first.title, others=[one.title for one in visible[1:]])


def _refuse_what_grows(archive: zipfile.ZipFile) -> None:
    """Refuse a workbook that would be far larger in memory: no workbook declares entities."""
    if sum(one.file_size for one in archive.infolist()) > MOST_UNPACKED:
        raise SheetRefused(
            _(
                "What is packed in this workbook is too large. Copy the rows into the template, "
                "without pictures and formats."
            )
        )
    for one in archive.infolist():
        # Without zeros, so that a text in UTF-16 hides nothing.
        if DECLARATIONS.search(archive.read(one).replace(b"\0", b"")):
            raise SheetRefused(
                _(
                    "The workbook holds what none that was saved by a spreadsheet does. Open it, "
                    "save it anew as XLSX, and send it again."
                )
            )


def _cell(value, formula) -> Cell:
    is_formula = formula.data_type == "f"
    if value.data_type == "e":
        return Cell(tidy(str(value.value)), _("This cell holds an error. Write the value itself."))
    if value.value is None:
        if is_formula:
            words = _("This cell holds a formula without a result. Write the value itself.")
            return Cell(tidy(str(formula.value)), words)
        return Cell()
    if isinstance(value.value, bool):
        return Cell(str(value.value))
    if isinstance(value.value, date):
        return Cell(_date_text(value.value, value.number_format))
    if isinstance(value.value, int | float | Decimal):
        return Cell(_number_text(value.value), is_number=True)
    return Cell(tidy(str(value.value)))


def _date_text(value: date, number_format: str) -> str:
    """
    Return a date as far as its cell shows it. Excel makes a day of "10/2022" that was typed, and
    shows "oct-22": only the month was meant.
    """
    day = value.date() if isinstance(value, datetime) else value
    shown = LITERALS.sub("", number_format.partition(";")[0].lower())
    if "d" in shown or "y" not in shown:
        return day.isoformat()
    return day.isoformat()[:7] if "m" in shown else day.isoformat()[:4]


def _number_text(value: int | float | Decimal) -> str:
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        return str(value)
    if number == number.to_integral_value() and number.adjusted() < 20:
        return str(int(number))
    return format(number, "f") if abs(number.adjusted()) < 20 else str(value)


def _mark_merged(rows: list[list[Cell]], merged: Iterable[bytes]) -> None:
    """Note in each row that a merged range touches that one of its cells is no cell of its own."""
    for told in merged:
        left, top, _right, bottom = range_boundaries(told.decode())
        for row in rows[top - 1 : bottom]:
            if left <= len(row) and any(cell.text for cell in row):
                words = _(
                    "This cell is merged with others (%(range)s). Part them, and fill in each."
                )
                place = left - 1
                row[place] = Cell(row[place].text, words % {"range": told.decode()})
