"""Spreadsheets as they come: from other hands, other regions, and broken off on the way."""

from contextlib import contextmanager

import pytest
from django.db.models.signals import post_save
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from openpyxl import Workbook

from contributions.models import Contribution
from core.audit import AuditEntry
from notifications.models import Notice
from practices.models import PracticeIndexPage
from practices.services import importing
from tests.factories import make_commune, make_staff
from tests.members.factories import make_contributor, make_member_collectivity
from tests.practices.test_import import (
    HEADER,
    checked,
    csv_of,
    keep,
    refusal_of,
    saved,
    workbook,
)

pytestmark = pytest.mark.django_db

STOPPED = (
    "The import stopped on the way. Created: %(created)d of %(all)d drafts, each of them whole. "
    "Press the button once more for the rest."
)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def titles(data: bytes) -> list[tuple[int, str]]:
    found = checked(data)
    assert found.problems == []
    return [(one.row, one.title) for one in found.proposals]


# --- CSV of all regions ---------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_the_sign_between_columns_is_found_below_a_heading_too(delimiter):
    heading = ["Pratiques, reçues; par courriel", "2022"]
    rows = (heading, [""], HEADER, ["fr", "Un", make_commune().code])
    assert titles(csv_of(*rows, delimiter=delimiter)) == [(4, "Un")]


@pytest.mark.parametrize("told", [b"sep=;\r\n", b'"sep=;"\n', b"SEP=;\n", b"\xef\xbb\xbfsep=;\r\n"])
def test_the_line_by_which_a_file_tells_excel_its_sign_is_no_row(told):
    assert titles(told + csv_of(HEADER, ["fr", "Un", make_commune().code])) == [(2, "Un")]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_csv_in_another_encoding_is_refused_with_what_to_do(encoding):
    data = csv_of(HEADER, ["fr", "Été", make_commune().code]).decode().encode(encoding)
    assert "CSV UTF-8" in refusal_of(data)


def test_a_code_in_arabic_digits_is_known():
    make_commune(code="01.571.01.11")
    assert titles(csv_of(HEADER, ["fr", "Un", "٠١.٥٧١.٠١.١١"])) == [(2, "Un")]
    assert titles(csv_of(HEADER, ["fr", "Un", "Tétouan (٠١.٥٧١.٠١.١١)"])) == [(2, "Un")]


# --- Cells ----------------------------------------------------------------------------------------


def test_an_error_in_the_first_cell_is_told_and_is_no_remark():
    code = make_commune().code
    book = Workbook()
    for row in (HEADER, ["fr", "Un", code], ["# vu", "Deux", code], ["fr", "Trois", code]):
        book.active.append(row)
    for cell in ("A2", "A4"):
        book.active[cell] = "#REF!"
        book.active[cell].data_type = "e"
    found = checked(saved(book))
    assert [(one.place, one.value) for one in found.problems] == [("A2", "#REF!"), ("A4", "#REF!")]
    assert found.rows == [2, 4]


@pytest.mark.parametrize("invisible", ["\u200f\u200e", "\u200b", "\ufeff\u00a0", "\u2066 \u2069"])
def test_a_title_of_which_nothing_is_to_be_seen_is_missing(invisible):
    code = make_commune().code
    found = checked(workbook(HEADER, ["fr", invisible, code], ["fr", "مشروع (2022)\u200f", code]))
    assert [(one.place, one.value) for one in found.problems] == [("B2", "")]
    assert [one.title for one in found.proposals] == ["مشروع (2022)\u200f"]


def test_the_number_of_a_day_is_no_date_and_a_year_is():
    code = make_commune().code
    found = checked(
        workbook([*HEADER, "Début"], ["fr", "Un", code, 44855], ["fr", "Deux", code, 2022])
    )
    assert [(one.place, one.value) for one in found.problems] == [("D2", "44855")]
    assert [one.initial for one in found.proposals] == [{"start": "2022"}]


# --- What stops on the way ------------------------------------------------------------------------


@contextmanager
def list_taken_off_after_the_first_draft():
    """The French list of practices is taken off the site while drafts are begun below it."""
    french = PracticeIndexPage.objects.filter(locale__language_code="fr")

    def take_off(**kwargs) -> None:
        french.update(live=False)

    post_save.connect(take_off, sender=Contribution)
    yield
    post_save.disconnect(take_off, sender=Contribution)
    french.update(live=True)


@pytest.mark.usefixtures("wagtails_own_templates")
def test_what_stops_on_the_way_is_told_and_goes_on_where_it_ended(client, monkeypatch):
    monkeypatch.setattr(importing, "PIECE", 1)
    editor, communes = make_staff(), [make_member_collectivity() for _ in range(3)]
    people = [make_contributor(one).person for one in communes]
    rows = [["fr", f"Titre {number}", one.code] for number, one in enumerate(communes)]
    upload = keep(csv_of(HEADER, *rows), editor, "p.csv")
    client.force_login(editor)
    page = reverse("practice_import:checked", args=[upload.key])
    with list_taken_off_after_the_first_draft():
        stopped = client.post(page)
    assert stopped.status_code == 422
    with translation.override(stopped.context["request"].LANGUAGE_CODE):
        words = gettext(STOPPED) % {"created": 1, "all": 3}
    assert words in stopped.content.decode()
    assert [row for row, _one in stopped.context["made"]] == [2]
    assert [one.person for one in Notice.objects.all()] == people[:1]
    assert client.post(page).status_code == 302
    assert sorted(one.page.title for one in Contribution.objects.all()) == [
        f"Titre {number}" for number in range(3)
    ]
    assert sorted(one.person.pk for one in Notice.objects.all()) == [one.pk for one in people]
    entries = AuditEntry.objects.filter(kind="practices.imported")
    assert [one.after["drafts"] for one in entries] == [1, 1, 1]
