"""
The columns of the spreadsheet, the words that may stand in their cells, and the template to fill
in. The names are read from `practices/data/import.toml`; what a cell takes is what the form of a
practice takes (`practices.drafting.sections`).
"""

import csv
import io
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from contributions.fields import line, partial_date, web_address
from contributions.registry import Field, Rows
from core import languages
from core.export import neutralise
from core.vocabularies import Principle
from practices.drafting.kind import MOST_THEMES
from practices.drafting.sections import SECTIONS
from search.analysis import fold

FILE = Path(__file__).resolve().parent.parent / "data" / "import.toml"
NEEDED = ("language", "title", "collectivity")
TEMPLATE_LANGUAGES = ("ar", "fr")
MOST_PRACTICES = 500
REMARK = "#"  # begins a row that is not read
WORDS_OF = {"ar": 0, "fr": 1, "en": 2}  # the place of a language among the words for a code

FIELDS: dict[str, Field] = {
    field.name: field for section in SECTIONS for field in section.fields
} | {
    field.name: field
    for field in (
        line("source_title", gettext_lazy("source"), limit=255),
        web_address("source_url", gettext_lazy("address of the source")),
        partial_date("source_date", gettext_lazy("date of the source")),
    )
}
ROWS: dict[str, Rows] = {rows.name: rows for section in SECTIONS for rows in section.rows}
MOST_COLLECTIVITIES = ROWS["collectivity_links"].most


@dataclass(frozen=True)
class Column:
    """
    :ivar names: by language
    :ivar also: further names under which it is known
    :ivar explained: what stands in it, by the language of the template
    :ivar example: as somebody might fill it in, likewise
    :ivar width: in the template, in letters
    :ivar is_text: whether a spreadsheet has to leave it as it is typed
    """

    name: str
    names: dict[str, str]
    also: tuple[str, ...]
    explained: dict[str, str]
    example: dict[str, str]
    width: int
    is_text: bool

    def told_in(self, language: str) -> str:
        """Return its name for a reader."""
        return next(self.names[one] for one in languages.FALLBACKS[language] if one in self.names)


@cache
def _file() -> dict:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def columns() -> dict[str, Column]:
    """Return the columns by their names in code, in the order of the template."""
    return {
        told["name"]: Column(
            name=told["name"],
            names={code: told[code] for code in WORDS_OF},
            also=tuple(told.get("also", ())),
            explained={code: told[f"explained_{code}"] for code in TEMPLATE_LANGUAGES},
            example={code: told[f"example_{code}"] for code in TEMPLATE_LANGUAGES},
            width=told["width"],
            is_text=told.get("text", False),
        )
        for told in _file()["column"]
    }


@cache
def _by_header() -> dict[str, str]:
    return {
        fold(known): one.name
        for one in columns().values()
        for known in (*one.names.values(), *one.also, one.name.replace("_", " "))
    }


def column_of(header: str) -> str:
    """Return the name of the column that a header stands for, "" for none."""
    return _by_header().get(fold(header.replace("_", " ")), "")


def words_for(name: str) -> dict[str, list[str]]:
    """Return the codes that a column takes, each with its words in all languages."""
    return _file()["words"][name]


def code_of(name: str, typed: str) -> str | None:
    """Return the code that a word stands for in a column, None for none."""
    wanted = fold(typed)
    for code, told in words_for(name).items():
        if typed == code or wanted in map(fold, told):
            return code
    return None


def offered(name: str, language: str) -> list[str]:
    """Return the word for each code of a column in a language, as the template offers it."""
    place = WORDS_OF.get(language, WORDS_OF["fr"])
    return [told[place] for told in words_for(name).values()]


# --- The template ---------------------------------------------------------------------------------


def example_titles() -> set[str]:
    """Return what tells the example's row, folded."""
    return {fold(told) for told in columns()["title"].example.values()}


def _limits(name: str) -> dict[str, int]:
    if name == "themes":
        return {"most": MOST_THEMES}
    if name == "challenges":
        rows = ROWS[name]
        return {"most": rows.most, "limit": rows.fields[0].limit}
    return {"limit": FIELDS[name].limit} if name in FIELDS else {}


def template_rows(language: str) -> list[list[str]]:
    """Return the rows of the template: names, explanations, an example."""
    all_of_them = list(columns().values())
    explained = [one.explained[language].format(**_limits(one.name)) for one in all_of_them]
    explained[0] = f"{REMARK} {explained[0]}"
    return [
        [one.names[language] for one in all_of_them],
        explained,
        [one.example[language] for one in all_of_them],
    ]


def csv_template(language: str) -> bytes:
    """Return the template as CSV, in the dialect of `core.export`."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerows([neutralise(cell) for cell in row] for row in template_rows(language))
    return file.getvalue().encode("utf-8-sig")


def xlsx_template(language: str) -> bytes:
    """Return the template as a workbook with lists to choose from. Asks for the principles."""
    book = Workbook()
    sheet = book.active
    sheet.title = {"ar": "الممارسات", "fr": "Pratiques"}[language]
    sheet.sheet_view.rightToLeft = languages.direction(language) == "rtl"
    sheet.freeze_panes = "A2"
    last = 3 + MOST_PRACTICES
    for row in template_rows(language):
        sheet.append(row)
    for place, column in enumerate(columns().values(), start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = column.width
        for cell in (sheet.cell(1, place), sheet.cell(2, place), sheet.cell(3, place)):
            cell.data_type = "s"  # never a formula
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.cell(1, place).font = Font(bold=True)
        sheet.cell(2, place).font = Font(italic=True)
        sheet.cell(2, place).fill = PatternFill("solid", start_color="F2EFE6")
        if column.is_text:
            for number in range(3, last + 1):
                sheet.cell(number, place).number_format = "@"
    names = list(columns())
    principles = [
        one.label_ar if language == "ar" else one.label_fr for one in Principle.objects.all()
    ]
    for name, words, is_strict in (
        *((one, offered(one, language), True) for one in ("language", "kind", "status", "origin")),
        ("principles", principles, False),  # several may stand in a cell
    ):
        letter = get_column_letter(names.index(name) + 1)
        choice = DataValidation(
            type="list",
            formula1=_listed(words),
            allow_blank=True,
            showErrorMessage=is_strict,
        )
        choice.add(f"{letter}3:{letter}{last}")
        sheet.add_data_validation(choice)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _listed(words: Iterable[str]) -> str:
    """Return words as the list that a cell offers: a comma parts them in every language."""
    told = ",".join(one.replace(",", " ").replace('"', "") for one in words)
    return f'"{told}"'
