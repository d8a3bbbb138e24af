"""Reading the file of collectivities: what it says, and what is wrong with it, line by line."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.text import BIDI_CONTROLS, CONTROLS
from members.enums import CollectivityKind, Setting
from members.models import Collectivity
from search.analysis import fold

COLUMNS = (
    "code",
    "kind",
    "parent_code",
    "name_ar",
    "name_fr",
    "name_zgh",
    "population",
    "setting",
)
REQUIRED = ("code", "kind", "name_ar", "name_fr")
DELIMITERS = ",;\t"  # Excel in French or Arabic writes semicolons

# At most eleven digits, so that a slug holds them behind its words.
CODE = re.compile(r"\d{2}(\.\d{1,3}){0,3}", re.ASCII)
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
GREATEST_POPULATION = 2_147_483_647  # what the column holds on every database
LENGTHS = {
    name: Collectivity._meta.get_field(name).max_length
    for name in ("code", "name_ar", "name_fr", "name_zgh")
}


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong with the file; line 0 is the file as a whole."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


@dataclass(frozen=True)
class Row:
    """One collectivity as the file has it. Empty texts and None are what the file does not know."""

    line: int
    code: str
    kind: str
    parent_code: str
    name_ar: str
    name_fr: str
    name_zgh: str = ""
    population: int | None = None
    setting: str = ""


@dataclass
class CollectivityFile:
    """
    :ivar rows: the lines that can be told apart by a code, sound or not
    :ivar problems: all that is wrong with the cells; whether the rows fit together is told by
        `members.services.collectivities.import_collectivities`
    """

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, line: int, text: str) -> None:
        self.problems.append(Problem(line, text))


def read_collectivities(data: bytes) -> CollectivityFile:
    """
    Read a CSV file of collectivities.

    :param data: the file's bytes: UTF-8 with or without a byte order mark, columns parted by
        commas, semicolons or tabs, digits of any Arabic form. Columns beside `COLUMNS` are passed
        over.
    """
    file = CollectivityFile()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        file.refuse(line, "is not UTF-8; save the file as “CSV UTF-8”")
        return file
    if not text.strip():
        file.refuse(0, "the file is empty")
        return file
    seen: dict[str, int] = {}
    for line, cells in _lines(text, file):
        _read_row(line, cells, seen, file)
    if not file.rows and not file.problems:
        file.refuse(0, "the file holds no collectivity")
    return file


def _lines(text: str, file: CollectivityFile) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the number and the cells of each line that is not empty."""
    heading = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader)]
        for name in COLUMNS:
            if columns.count(name) != 1:
                fault = "is missing" if name not in columns else "stands twice"
                file.refuse(reader.line_num, f"the column {name} {fault}")
        if file.problems:
            return
        for cells in reader:
            cells = [_tidy(cell) for cell in cells]
            if not any(cells):
                continue
            if len(cells) != len(columns):
                file.refuse(
                    reader.line_num, f"has {len(cells)} cells where {len(columns)} are expected"
                )
            # A line that is too short is read on, so that all its problems are told at once.
            cells += [""] * (len(columns) - len(cells))
            yield reader.line_num, dict(zip(columns, cells, strict=False))
    except csv.Error as error:
        file.refuse(reader.line_num, f"cannot be read: {error}")


def _tidy(cell: str) -> str:
    return unicodedata.normalize("NFC", " ".join(cell.split()))


def _read_row(
    line: int, cells: dict[str, str], seen: dict[str, int], file: CollectivityFile
) -> None:
    """
    Enter one line into the file's rows and its problems.

    :param seen: the lines by the digits of their codes; with the digits alone an address is made
    """
    code, kind = cells["code"].translate(DIGITS), cells["kind"].lower()
    setting = cells["setting"].lower()
    for name in REQUIRED:
        if not cells[name]:
            file.refuse(line, f"{name} is empty")
    for name, longest in LENGTHS.items():
        # Folding makes several letters of a few, and the folded names share one column.
        if max(len(cells[name]), len(fold(cells[name]))) > longest:
            file.refuse(line, f"{name} is longer than {longest} characters")
        elif CONTROLS.search(cells[name]) or BIDI_CONTROLS.search(cells[name]):
            file.refuse(line, f"{name} holds an invisible control character")
    if kind and kind not in CollectivityKind.values:
        file.refuse(line, f"kind is “{_short(kind)}”, not one of {', '.join(CollectivityKind)}")
    if setting and setting not in Setting.values:
        file.refuse(line, f"setting is “{_short(setting)}”, not one of {', '.join(Setting)}")
    elif setting and kind in CollectivityKind.values and kind != CollectivityKind.COMMUNE:
        file.refuse(line, "setting is told of communes only")
    population = _read_population(line, cells["population"], file)
    if not code:
        return
    if not CODE.fullmatch(code):
        file.refuse(line, f"code is “{_short(code)}”, not like 01, 01.051 or 01.051.01.01")
        return
    digits = code.replace(".", "")
    if digits in seen:
        file.refuse(line, f"the code {code} stands already in line {seen[digits]}")
        return
    seen[digits] = line
    file.rows.append(
        Row(
            line=line,
            code=code,
            kind=kind,
            parent_code=cells["parent_code"].translate(DIGITS),
            name_ar=cells["name_ar"],
            name_fr=cells["name_fr"],
            name_zgh=cells["name_zgh"],
            population=population,
            setting=setting,
        )
    )


def _read_population(line: int, cell: str, file: CollectivityFile) -> int | None:
    """Return a number of people; spaces between its digits are let pass."""
    figure = cell.translate(DIGITS).replace(" ", "")
    if not figure:
        return None
    if not (figure.isascii() and figure.isdecimal()):
        file.refuse(line, f"population is “{_short(cell)}”, not a whole number")
    elif len(figure) > len(str(GREATEST_POPULATION)) or int(figure) > GREATEST_POPULATION:
        file.refuse(line, f"population is “{_short(cell)}”, more than can be")
    else:
        return int(figure)
    return None


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:29]}…"
