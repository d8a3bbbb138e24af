"""Lists as files to take away: CSV, XLSX and JSON from one description.

The caller gives rows that the reader may see (``visible_to(user)``); nothing is filtered here.

CSV is written for the spreadsheets of Moroccan offices, which are set to French or Arabic:
UTF-8 with a byte order mark, fields separated by ``;``, decimal comma, lines ended by CR LF
(what R calls ``read.csv2``). A comma would put a whole row into one cell there, a decimal point
would turn 12.5 into the 12th of May. There is no ``sep=;`` line: it makes Excel ignore the byte
order mark and every other program read it as data. Programs are better served by the JSON.

What people typed may begin like a formula, and a spreadsheet would run it on the reader's
machine: such text gets an apostrophe in front in CSV and XLSX (OWASP, "CSV Injection"). Numbers
stay numbers. JSON holds the text as it is.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import override
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from core.languages import current, direction
from core.numbers import finite_decimal
from core.slugs import short_slug

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_CELL_LENGTH = 32_767
"""Longest text of a cell, in UTF-16 units (Microsoft, "Excel specifications and limits")."""

LIST_SEPARATOR = " ; "

_Response = TypeVar("_Response", HttpResponse, StreamingHttpResponse)

_FORMULA_SIGNS = frozenset("=+-@")
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
# Halves of characters and the two code points that no XML file may hold.
_NOT_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")
_EXACT_INTEGER = 10**15
"""Spreadsheets and JSON readers keep 15 digits; longer integers become text in a spreadsheet."""


class Kind(StrEnum):
    """What a column holds. It tells readers and sets the width; cells follow their value."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"


_WIDTHS = {Kind.TEXT: 40, Kind.NUMBER: 14, Kind.DATE: 14, Kind.BOOLEAN: 10, Kind.LIST: 40}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``key`` in the rows and in JSON, ``label`` for people in CSV and XLSX."""

    key: str
    label: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Export:
    """A list to be written as a file.

    ``name`` becomes the file name. ``rows`` map column keys to None, texts, numbers, booleans,
    dates, or lists of these; a key that is absent is an empty cell; it is read once, so a
    generator is welcome. ``language`` (the active one by default) decides the direction of the
    sheet and translates lazy texts. ``title``, ``licence`` and ``source`` say what this is,
    under which terms and from whom (law 31-13 on access to information).
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Mapping[str, Any]]
    title: str = ""
    licence: str = ""
    source: str = ""
    language: str = field(default_factory=current)


def csv_response(export: Export) -> StreamingHttpResponse:
    """The export as CSV, sent row by row; see the module for its dialect.

    An error while rows are read ends the file early, after the status was sent.
    """
    response = StreamingHttpResponse(_csv_lines(export), content_type="text/csv; charset=utf-8")
    return _attach(response, export, "csv")


def xlsx_response(export: Export) -> HttpResponse:
    """The export as an Excel workbook, from right to left when the language is.

    Texts over 32,767 units are cut and end in ``…``. Days are true dates, moments ISO texts.
    Title, source and licence are in the properties of the file.
    """
    workbook = Workbook(write_only=True)
    workbook.properties.title = _clean(export.title or export.name)
    workbook.properties.creator = _clean(export.source)
    workbook.properties.description = _clean(export.licence)
    sheet = workbook.create_sheet(_slug(export)[:31])  # Excel's longest name
    sheet.sheet_view.rightToLeft = direction(export.language) == "rtl"
    sheet.freeze_panes = "A2"
    for position, column in enumerate(export.columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = _WIDTHS[Kind(column.kind)]

    def cell(value: Any) -> Any:
        value = _xlsx_value(value)
        if not isinstance(value, str):
            return value
        # Said to be text, or openpyxl would take "#N/A" for an error.
        written = WriteOnlyCell(sheet, value=value)
        written.data_type = "s"
        return written

    head = [cell(label) for label in _labels(export)]
    for written in head:
        if written is not None:
            written.font = Font(bold=True)
    sheet.append(head)
    for values in _rows(export, cell):
        sheet.append(values)
    file = io.BytesIO()
    workbook.save(file)
    return _attach(HttpResponse(file.getvalue(), content_type=XLSX_TYPE), export, "xlsx")


def json_response(export: Export) -> HttpResponse:
    """The export as JSON: what it is, its columns, its rows as objects by column key.

    ``generated`` is in UTC. Unknown numbers are null, lists stay lists.
    """
    keys = [column.key for column in export.columns]
    content = {
        "title": _clean(export.title or export.name),
        "generated": _utc(timezone.now()),
        "licence": _clean(export.licence),
        "source": _clean(export.source),
        "language": export.language,
        "columns": [
            {"key": column.key, "label": _clean(label), "kind": str(column.kind)}
            for column, label in zip(export.columns, _labels(export), strict=True)
        ],
        "rows": [dict(zip(keys, values, strict=True)) for values in _rows(export, _json_value)],
    }
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    return _attach(HttpResponse(text, content_type="application/json"), export, "json")


def neutralise(text: str) -> str:
    """The text with an apostrophe in front if a spreadsheet might run it as a formula.

    That is: its first visible character is ``= + - @`` or a full-width or small form of these,
    or it begins with a tab or a line break, which some programs drop before they look.
    """
    if text.startswith(("\t", "\r", "\n")):
        return f"'{text}"
    for character in text:
        if unicodedata.category(character) not in _INVISIBLE:
            if unicodedata.normalize("NFKC", character) in _FORMULA_SIGNS:
                return f"'{text}"
            break
    return text


def _labels(export: Export) -> list[str]:
    with override(export.language):
        return [str(column.label) for column in export.columns]


def _rows(export: Export, convert: Callable[[Any], Any]) -> Iterator[list[Any]]:
    for row in export.rows:
        # Row by row, because nothing of ours may stay active while a streamed file is sent.
        with override(export.language):
            values = [convert(row.get(column.key)) for column in export.columns]
        yield values


def _csv_lines(export: Export) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")

    def line(values: list[str]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(values)
        return buffer.getvalue()

    yield "\ufeff" + line([neutralise(_clean(label)) for label in _labels(export)])
    for values in _rows(export, _csv_value):
        yield line(values)


def _csv_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return "" if finite_decimal(value) is None else str(value).replace(".", ",")
    return neutralise(_text(value))


def _xlsx_value(value: Any) -> bool | int | float | date | str | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        number = _number(value)
        if isinstance(number, int) and abs(number) >= _EXACT_INTEGER:
            return str(number)
        return number
    if isinstance(value, date) and not isinstance(value, datetime) and value.year > 1900:
        return value
    return _cut(neutralise(_text(value))) or None


def _json_value(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_json_value(item) for item in _ordered(value)]
    return _text(value)


def _number(value: int | float | Decimal) -> int | float | str | None:
    """An int or a float; None when not finite; text when beyond what a float holds."""
    if finite_decimal(value) is None:
        return None
    if isinstance(value, Decimal):
        if value.adjusted() < 15 and value == value.to_integral_value():
            return int(value)
        number = float(value)
        return number if math.isfinite(number) else str(value)
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return _utc(value) if timezone.is_aware(value) else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        texts = (_text(item) for item in _ordered(value))
        return LIST_SEPARATOR.join(text for text in texts if text)
    return _clean(str(value))


def _ordered(values: Iterable[Any]) -> Iterable[Any]:
    return sorted(values, key=str) if isinstance(values, set | frozenset) else values


def _clean(text: str) -> str:
    return _NOT_TEXT.sub("", ILLEGAL_CHARACTERS_RE.sub("", str(text)))


def _cut(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * XLSX_CELL_LENGTH:
        return text
    return units[: 2 * (XLSX_CELL_LENGTH - 1)].decode("utf-16-le", "ignore") + "…"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _slug(export: Export) -> str:
    return short_slug(export.name) or "export"


def _attach(response: _Response, export: Export, suffix: str) -> _Response:
    name = f"{_slug(export)}-{timezone.localdate().isoformat()}.{suffix}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
