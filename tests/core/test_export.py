import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.functional import lazystr
from openpyxl import load_workbook

from core.export import (
    Column,
    Export,
    Kind,
    csv_response,
    json_response,
    neutralise,
    xlsx_response,
)

FORMULAS = [
    '=HYPERLINK("https://example.org","x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\ttext",
    "  =1",
    "\u00a0=1",
    "\u3000=1",
    "\ufeff=1",
    "\u200b=1",
    "\u200f=1",
    "\u202e=1",
    "\u2067=1",
    "＝1",
    "＋1",
    "－1",
    "＠SUM",
    "﹦1",
    "-",
]
HARMLESS = ["", "a=1", "1-2", "'=1", "جماعة", "\u200fجماعة", "🙂", "🙂=1", "50%", "(=1)", " "]


def export_of(*values, kind=Kind.TEXT, language="ar", name="practices"):
    return Export(
        name=name,
        columns=[Column("value", "القيمة", kind)],
        rows=[{"value": value} for value in values],
        language=language,
    )


def csv_text(export):
    return b"".join(csv_response(export).streaming_content).decode()


def csv_rows(export):
    text = csv_text(export).removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def xlsx_sheet(export):
    return load_workbook(io.BytesIO(xlsx_response(export).content)).active


def xlsx_values(export):
    return [row[0].value for row in xlsx_sheet(export).iter_rows(min_row=2)]


def json_values(export):
    return [row["value"] for row in json.loads(json_response(export).content)["rows"]]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_like_a_formula_gets_an_apostrophe(text):
    assert neutralise(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_text_unlike_a_formula_is_left_alone(text):
    assert neutralise(text) == text


@pytest.mark.parametrize("text", FORMULAS)
def test_formula_is_text_in_csv(text):
    assert csv_rows(export_of(text))[1] == [f"'{text}"]


@pytest.mark.parametrize("text", FORMULAS)
def test_formula_is_text_in_xlsx(text):
    cell = xlsx_sheet(export_of(text))["A2"]
    # XML readers make one line break of every kind of them.
    assert (cell.value, cell.data_type) == (f"'{text}".replace("\r", "\n"), "s")


@pytest.mark.parametrize("text", FORMULAS)
def test_formula_is_unchanged_in_json(text):
    assert json_values(export_of(text)) == [text]


@pytest.mark.parametrize("text", ["\x00=1", "\x07\x1b=1", "\ud800=1", "\uffff=1"])
def test_formula_behind_a_character_that_is_removed_is_found(text):
    assert csv_rows(export_of(text))[1] == ["'=1"]
    assert xlsx_values(export_of(text)) == ["'=1"]


def test_formula_in_a_label_or_first_in_a_list_is_text():
    export = Export("x", [Column("v", "=1+1", Kind.LIST)], [{"v": ["=2", "=3"]}], language="en")
    assert csv_rows(export) == [["'=1+1"], ["'=2 ; =3"]]
    assert [row[0].value for row in xlsx_sheet(export).iter_rows()] == ["'=1+1", "'=2 ; =3"]


@pytest.mark.parametrize(
    ("value", "in_csv", "in_xlsx", "in_json"),
    [
        (-5, "-5", -5, -5),
        (0, "0", 0, 0),
        (-2.5, "-2,5", -2.5, -2.5),
        (Decimal("62.50"), "62,50", 62.5, 62.5),
        (Decimal("-3.00"), "-3,00", -3, -3),
        (Decimal("NaN"), "", None, None),
        (Decimal("sNaN"), "", None, None),
        (float("inf"), "", None, None),
        (10**20, str(10**20), str(10**20), 10**20),
        (Decimal("1E+400"), "1E+400", "1E+400", "1E+400"),
        (True, "true", True, True),
        (False, "false", False, False),
        (None, "", None, None),
        ("", "", None, ""),
        ("01.041", "01.041", "01.041", "01.041"),
        ("#N/A", "#N/A", "#N/A", "#N/A"),
        ("a\x00b\x08c", "abc", "abc", "abc"),
        ("\u200fسلا\u200e 🙂", "\u200fسلا\u200e 🙂", "\u200fسلا\u200e 🙂", "\u200fسلا\u200e 🙂"),
        ('a;"b"\nc', 'a;"b"\nc', 'a;"b"\nc', 'a;"b"\nc'),
        (["a", None, "b"], "a ; b", "a ; b", ["a", None, "b"]),
        ({"b", "a"}, "a ; b", "a ; b", ["a", "b"]),
        ([], "", None, []),
        (lazystr("نص"), "نص", "نص", "نص"),
        (date(2026, 11, 23), "2026-11-23", datetime(2026, 11, 23), "2026-11-23"),
        (date(1850, 1, 2), "1850-01-02", "1850-01-02", "1850-01-02"),
        (
            datetime(2026, 11, 23, 9, 5, 7, 123, tzinfo=UTC),
            "2026-11-23T09:05:07Z",
            "2026-11-23T09:05:07Z",
            "2026-11-23T09:05:07Z",
        ),
    ],
)
def test_value_in_each_format(value, in_csv, in_xlsx, in_json):
    export = export_of(value, "end")
    assert csv_rows(export)[1:] == [[in_csv], ["end"]]
    assert xlsx_values(export) == [in_xlsx, "end"]
    assert json_values(export) == [in_json, "end"]


def test_numbers_in_xlsx_have_the_type_of_numbers():
    sheet = xlsx_sheet(export_of(-5, Decimal("62.5"), True))
    assert [row[0].data_type for row in sheet.iter_rows(min_row=2)] == ["n", "n", "b"]


def test_date_in_xlsx_is_shown_in_iso_order():
    cell = xlsx_sheet(export_of(date(2026, 11, 23)))["A2"]
    assert (cell.is_date, cell.number_format) == (True, "yyyy-mm-dd")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 32_767, "a" * 32_767),
        ("a" * 40_000, "a" * 32_766 + "…"),
        ("=" + "a" * 40_000, "'=" + "a" * 32_764 + "…"),
        ("🙂" * 20_000, "🙂" * 16_383 + "…"),
        ("a" + "🙂" * 20_000, "a" + "🙂" * 16_382 + "…"),
    ],
)
def test_text_too_long_for_a_cell_is_cut_in_xlsx_only(text, expected):
    assert xlsx_values(export_of(text)) == [expected]
    assert json_values(export_of(text)) == [text]
    assert csv_rows(export_of(text))[1] == [neutralise(text)]


def test_csv_has_byte_order_mark_semicolons_and_crlf():
    export = Export(
        "x",
        [Column("a", "الجماعة"), Column("b", "Taux", Kind.NUMBER)],
        [{"a": "سلا; المدينة", "b": 62.5}, {"b": 1}],
        language="ar",
    )
    assert csv_text(export) == '\ufeffالجماعة;Taux\r\n"سلا; المدينة";62,5\r\n;1\r\n'


def test_csv_reads_rows_only_as_they_are_sent():
    read = []

    def rows():
        for number in range(3):
            read.append(number)
            yield {"value": number}

    export = Export("x", [Column("value", "v", Kind.NUMBER)], rows(), language="en")
    lines = iter(csv_response(export).streaming_content)
    assert next(lines).decode() == "\ufeffv\r\n"
    assert read == []
    assert next(lines).decode() == "0\r\n"
    assert read == [0]


@pytest.mark.parametrize(
    ("language", "right_to_left"), [("ar", True), ("fr", False), ("zgh", False), ("en", False)]
)
def test_xlsx_sheet_lies_as_the_language_reads(language, right_to_left):
    sheet = xlsx_sheet(export_of("x", language=language))
    assert bool(sheet.sheet_view.rightToLeft) is right_to_left


def test_xlsx_head_is_bold_and_stays_in_view():
    sheet = xlsx_sheet(export_of("x"))
    assert (sheet["A1"].value, sheet["A1"].font.bold, sheet.freeze_panes) == ("القيمة", True, "A2")


def test_xlsx_properties_tell_title_source_and_licence():
    export = Export(
        "x", [], [], title="ممارسات\x00", source="REMACTO", licence="CC BY 4.0", language="ar"
    )
    properties = load_workbook(io.BytesIO(xlsx_response(export).content)).properties
    assert (properties.title, properties.creator, properties.description) == (
        "ممارسات",
        "REMACTO",
        "CC BY 4.0",
    )


def test_json_tells_what_it_is(monkeypatch):
    moment = datetime(2026, 11, 23, 19, 5, 7, 99, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    export = Export(
        "practices",
        [Column("name", "الاسم"), Column("themes", "المواضيع", Kind.LIST)],
        [{"name": "=1", "themes": ["a", "b"], "secret": 1}],
        title="الممارسات",
        licence="CC BY 4.0",
        source="REMACTO",
        language="ar",
    )
    assert json.loads(json_response(export).content) == {
        "title": "الممارسات",
        "generated": "2026-11-23T19:05:07Z",
        "licence": "CC BY 4.0",
        "source": "REMACTO",
        "language": "ar",
        "columns": [
            {"key": "name", "label": "الاسم", "kind": "text"},
            {"key": "themes", "label": "المواضيع", "kind": "list"},
        ],
        "rows": [{"name": "=1", "themes": ["a", "b"]}],
    }


@pytest.mark.parametrize(
    ("write", "suffix", "content_type"),
    [
        (csv_response, "csv", "text/csv; charset=utf-8"),
        (
            xlsx_response,
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (json_response, "json", "application/json"),
    ],
)
@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Good practices", "good-practices"),
        ('../../etc/"passwd\r\nX: 1', "etcpasswd-x-1"),
        ("ممارسات", "mmrst"),
        ("🙂", "export"),
        ("Été 🙂", "ete"),
        ("a" * 300, "a" * 48),
    ],
)
def test_file_is_attached_under_a_safe_dated_name(write, suffix, content_type, name, stem):
    response = write(export_of("x", name=name))
    file_name = f"{stem}-{timezone.localdate().isoformat()}.{suffix}"
    assert response["Content-Disposition"] == f'attachment; filename="{file_name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == content_type


@pytest.mark.parametrize("write", [csv_response, xlsx_response, json_response])
def test_empty_export_is_a_valid_file(write):
    assert write(Export("x", [Column("a", "A")], [], language="en")).status_code == 200
