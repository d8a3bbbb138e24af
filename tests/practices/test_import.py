import csv
import io
import random
import re
import zipfile
from datetime import date, datetime
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import Workbook, load_workbook

from contributions.drafts import newest
from contributions.models import Authorship, Contribution
from contributions.services.drafts import start_draft
from core.audit import AuditEntry
from core.uploads.models import Upload
from core.uploads.services import keep_upload
from core.vocabularies import Principle
from members.models import Collectivity
from notifications.models import Notice
from practices.importing.columns import (
    column_of,
    columns,
    csv_template,
    template_rows,
    xlsx_template,
)
from practices.importing.lookup import NotFound, Places, Tags
from practices.importing.sheets import SheetRefused, read_sheet
from practices.importing.values import date_as_kept, decimal_number, whole_number
from practices.models import PracticeIndexPage
from practices.services.importing import (
    ImportRefused,
    create_drafts,
    key_of,
    look_through,
    preview,
)
from tests.factories import make_commune, make_practice, make_region, make_staff, make_theme
from tests.members.factories import make_contributor, make_focal_point, make_member_collectivity

pytestmark = pytest.mark.django_db

HEADER = ["Langue", "Titre", "Collectivité"]


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def tetouan(**fields) -> Collectivity:
    """The commune that the example names, a member."""
    return make_member_collectivity(
        **{"code": "01.571.01.11", "name_ar": "تطوان", "name_fr": "Tétouan"} | fields
    )


def workbook(*rows, sheets=()) -> bytes:
    book = Workbook()
    book.active.title = "Pratiques"
    for row in rows:
        book.active.append(row)
    for change in sheets:
        change(book)
    return saved(book)


def saved(book) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def csv_of(*rows, delimiter=";") -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode()


def checked(data: bytes):
    return look_through(file=io.BytesIO(data))


def row_of(commune, title="Un budget discuté", **answers):
    """A header and a row with further answers by the names of columns."""
    names = [columns()[name].names["fr"] for name in answers]
    return [*HEADER, *names], ["Français", title, commune.code, *answers.values()]


def initial_of(**answers):
    """What a draft begins with, of a row that is right."""
    found = checked(workbook(*row_of(make_commune(), **answers)))
    assert found.problems == []
    return found.proposals[0].initial


def problem_of(**answers) -> str:
    """The words of the one problem of a row, which is told of its fourth column."""
    found = checked(workbook(*row_of(make_commune(), **answers)))
    assert [(one.row, one.place) for one in found.problems] == [(2, "D2")]
    assert found.proposals == []
    return plain(found.problems[0].words)


def plain(words: str) -> str:
    """Words without the marks that keep the direction of what was typed to itself."""
    return re.sub("[\u2068\u2069]", "", words)


def refusal_of(data: bytes) -> str:
    with pytest.raises(SheetRefused) as refused:
        checked(data)
    return plain(str(refused.value))


def keep(data: bytes, owner, name="practices.xlsx") -> Upload:
    return keep_upload(file=SimpleUploadedFile(name, data), owner=owner, policy="practice-import")


# --- The template ---------------------------------------------------------------------------------


def test_each_column_has_names_an_explanation_and_an_example_in_the_languages_of_templates():
    names = [known for one in columns().values() for known in one.names.values()]
    assert [column_of(name) for name in names] == [
        one.name for one in columns().values() for _ in one.names
    ]
    also = [(known, one.name) for one in columns().values() for known in one.also]
    assert [column_of(known) for known, _name in also] == [name for _known, name in also]
    for language in ("ar", "fr"):
        _names, explained, example = template_rows(language)
        assert all(explained)
        assert "{" not in "".join(explained)
        assert len(example) == len(columns()) == 34


@pytest.mark.parametrize("language", ["ar", "fr"])
@pytest.mark.parametrize("make", [xlsx_template, csv_template])
def test_a_template_that_was_not_filled_in_holds_no_practice(language, make):
    assert "holds no practice" in refusal_of(make(language))


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_the_example_of_a_template_is_right_and_begins_a_whole_draft(language):
    commune = tetouan()
    book = load_workbook(io.BytesIO(xlsx_template(language)))
    sheet = book.active
    place = list(columns()).index("title") + 1
    sheet.cell(3, place).value = "عنوان آخر"
    found = checked(saved(book))
    assert found.problems == []
    (proposal,) = found.proposals
    assert (proposal.row, proposal.language, proposal.collectivity) == (3, language, commune)
    told = proposal.initial
    assert (told["kind"], told["status"], told["start"]) == ("practice", "running", "2022-10")
    assert (told["population_reached"], told["budget_mad"]) == (12000, 450000)
    assert told["principles"] == ["participation", "transparency"]
    assert told["contact_phone"] == "+212 5 37 00 00 00"
    assert [one["date"] for one in told["steps"]] == ["2022-10", "2023-03"]
    assert [one["stage"] for one in told["participants"]] == ["design"]
    assert [(one["baseline"], one["value"]) for one in told["indicators"]] == [(35, 420)]
    assert len(told["challenges"]) == 2


def test_the_workbook_offers_lists_and_leaves_dates_as_they_are_typed():
    sheet = load_workbook(io.BytesIO(xlsx_template("ar"))).active
    assert sheet.sheet_view.rightToLeft
    offered = {
        str(one.sqref).partition("3")[0]: one.formula1
        for one in sheet.data_validations.dataValidation
    }
    assert offered["B"] == '"ممارسة جيدة,دراسة حالة,ما لم ينجح"'
    assert len(offered) == 5
    start = list(columns()).index("start") + 1
    assert [sheet.cell(row, start).number_format for row in (3, 100, 503)] == ["@"] * 3


def test_the_csv_template_runs_as_no_formula_and_is_read_back():
    tetouan()
    data = csv_template("fr").decode("utf-8-sig")
    assert "'+212 5" in data
    mended = data.replace("Exemple : les habitants", "Les habitants").encode()
    assert checked(mended).proposals[0].initial["contact_phone"] == "+212 5 37 00 00 00"


# --- Reading files --------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_names_of_columns_are_known_in_three_languages_whatever_their_order_and_sign(
    delimiter, language
):
    commune = make_commune()
    names = [columns()[name].names[language] for name in ("title", "collectivity", "language")]
    data = csv_of(names, ["Un titre", commune.code, "fr"], delimiter=delimiter)
    (proposal,) = checked(b"\xef\xbb\xbf" + data).proposals
    assert (proposal.title, proposal.language) == ("Un titre", "fr")


def test_names_of_columns_may_stand_below_a_heading():
    commune = make_commune()
    data = workbook(["Pratiques de 2024"], [], HEADER, ["fr", "Un titre", commune.code])
    assert [one.row for one in checked(data).proposals] == [4]


def test_columns_that_are_not_known_and_those_that_are_missing_are_told():
    commune = make_commune()
    rows = [*HEADER, "Couleur"], ["fr", "Un titre", commune.code, "vert", "x"]
    notes = [plain(one) for one in checked(workbook(*rows)).notes]
    assert notes[0] == "These columns are not known, and are not read: “Couleur”."
    assert notes[1].endswith("are not read: E1.")
    assert notes[2].startswith("These columns are missing")
    assert "Summary" in notes[2]
    assert "Title" not in notes[2]


def test_a_needed_column_that_is_missing_is_told():
    assert "are needed and missing: Collectivity" in refusal_of(
        workbook(["Langue", "Titre"], ["fr", "x"])
    )


def test_a_column_that_stands_twice_is_refused():
    rows = [*HEADER, "Title"], ["fr", "a", "01", "b"]
    assert "stands twice: in B1 and D1" in refusal_of(workbook(*rows))


def test_empty_rows_are_passed_over():
    commune = make_commune()
    data = workbook(
        HEADER, [], ["fr", "Un", commune.code], [None, "  "], ["fr", "Deux", commune.code]
    )
    assert [one.row for one in checked(data).proposals] == [3, 5]


def test_the_first_sheet_that_can_be_seen_is_read_and_the_others_are_told():
    commune = make_commune()

    def change(book):
        hidden = book.create_sheet("Cachée", 0)
        hidden.sheet_state = "hidden"
        hidden.append(["rien"])
        book.create_sheet("Suite").append(["rien"])

    found = checked(workbook(*row_of(commune), sheets=[change]))
    assert len(found.proposals) == 1
    assert "Only the sheet “Pratiques” is read, not: “Suite”." in map(plain, found.notes)


def test_a_formula_that_was_never_calculated_is_told():
    assert "formula without a result" in problem_of(budget_mad="=1+1")


def test_a_formula_that_was_calculated_counts_as_its_result():
    data = workbook(*row_of(make_commune(), budget_mad="=1+1"))
    mended = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(mended, "w") as new:
        for one in old.infolist():
            content = old.read(one)
            if one.filename.endswith("sheet1.xml"):
                assert b"<f>1+1</f><v></v>" in content or b"<f>1+1</f><v />" in content
                content = content.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")
            new.writestr(one, content)
    assert checked(mended.getvalue()).proposals[0].initial["budget_mad"] == 2


def test_an_error_in_a_cell_is_told():
    assert "holds an error" in problem_of(budget_mad="#REF!")


def test_a_merged_cell_is_told_in_each_row_that_it_touches():
    commune = make_commune()

    def merge(book):
        book.active.merge_cells("D2:D3")

    header, first = row_of(commune, title="Un", summary="Pour les deux")
    data = workbook(header, first, ["fr", "Deux", commune.code], sheets=[merge])
    found = checked(data)
    assert [(one.place, "merged" in one.words) for one in found.problems] == [
        ("D2", True),
        ("D3", True),
    ]


def test_a_quotation_mark_that_is_missing_is_told_with_its_line():
    assert "Line 2" in refusal_of(b'Langue;Titre;Collectivite\nfr;"Un titre;01')


def test_a_row_of_csv_with_too_many_cells_is_told():
    commune = make_commune()
    data = f"Langue;Titre;Collectivité;Résumé\nfr;Un titre;{commune.code};avant;après\n".encode()
    (problem,) = checked(data).problems
    assert (problem.row, "5 cells where 4" in problem.words) == (2, True)


def test_more_than_five_hundred_practices_are_refused_in_words():
    rows = [["fr", f"Titre {n}", "01"] for n in range(501)]
    assert "The file holds 501 practices. At most 500" in refusal_of(csv_of(HEADER, *rows))
    assert checked(csv_of(HEADER, *rows[:500])).wrong_rows == 500


def test_a_sheet_that_goes_on_below_its_limit_is_refused_in_words():
    def far_below(book):
        book.active["B5000"] = "oubliée"

    assert "below row 2000" in refusal_of(workbook(*row_of(make_commune()), sheets=[far_below]))


def test_a_sheet_with_too_many_columns_is_refused_in_words():
    assert "more than 60 columns" in refusal_of(workbook([*HEADER, *["x"] * 60], ["fr"]))


# --- Values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2022", "2022"),
        (2022, "2022"),
        ("10/2022", "2022-10"),
        ("2022-10-21", "2022-10-21"),
        ("2022-1-5", "2022-01-05"),
        ("21/10/2022", "2022-10-21"),
        ("21.10.2022", "2022-10-21"),
        ("٢١/١٠/٢٠٢٢", "2022-10-21"),
        (date(2022, 10, 21), "2022-10-21"),
        (datetime(2022, 10, 21, 9, 30), "2022-10-21"),
    ],
)
def test_a_date_is_read_in_each_usual_form(typed, kept):
    assert initial_of(start=typed)["start"] == kept


@pytest.mark.parametrize("shown", ["mmm-yy", "mm/yyyy", 'yyyy" "mmmm'])
def test_a_month_of_which_excel_has_made_a_day_stays_a_month(shown):
    commune = make_commune()

    def show(book):
        book.active["D2"].number_format = shown

    data = workbook(*row_of(commune, start=date(2022, 10, 1)), sheets=[show])
    assert checked(data).proposals[0].initial["start"] == "2022-10"


@pytest.mark.parametrize("typed", ["hier", "31/02/2022", "2022-13", 44855, "22"])
def test_a_date_that_is_none_is_told_with_what_would_be_right(typed):
    assert "like 2022, 2022-10 or 2022-10-21" in problem_of(start=typed)


def test_an_end_before_the_start_is_told():
    commune = make_commune()
    found = checked(workbook(*row_of(commune, start="2024", end="2023-05")))
    assert [(one.place, one.words) for one in found.problems] == [
        ("E2", "The end is earlier than the start.")
    ]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (12000, 12000),
        (12000.0, 12000),
        ("12 000", 12000),
        ("12\u202f000", 12000),
        ("12.000", 12000),
        ("1,250,000", 1250000),
        ("١٢٠٠٠", 12000),
        ("0", 0),
    ],
)
def test_a_whole_number_is_read_in_each_usual_form(typed, kept):
    assert initial_of(population_reached=typed)["population_reached"] == kept


@pytest.mark.parametrize("typed", ["beaucoup", "12,5", 1.125, -3, 10**15])
def test_a_whole_number_that_is_none_is_told(typed):
    assert problem_of(population_reached=typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("9.840,5", "9840.5"),
        ("9,840.5", "9840.5"),
        ("1 250", "1250"),
        ("1.250.000", "1250000"),
        ("٣٫٥", "3.5"),
        ("0,125", "0.125"),
        ("−4", "-4"),
    ],
)
def test_a_number_with_decimals_is_read_in_each_usual_form(typed, kept):
    assert decimal_number(typed) == kept


def test_a_number_that_may_be_two_is_told():
    assert "1250 or 1,25" in problem_of(indicators="Sessions | 1.250 | 3")


def test_dates_and_whole_numbers_that_are_none_are_left_as_they_are():
    assert [date_as_kept("hier"), whole_number("12,5")] == ["hier", "12,5"]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("contact_email", "participation(at)example.org"),
        ("contact_phone", "appelez-nous"),
        ("source_url", "javascript:alert(1)"),
        ("source_url", "ftp://example.org/"),
        ("kind", "Projet"),
        ("status", "bientôt"),
        ("origin", "moi"),
        ("steps", "2022-10 | "),
        ("steps", "hier | Réunion"),
        ("participants", "Associations"),
        ("participants", "Avant | Associations | rôle"),
        ("indicators", "Sessions | 3"),
        ("indicators", "Sessions | trois | 4"),
        ("challenges", "un | deux | trois | quatre"),
        ("challenges", "x" * 151),
        ("summary", "x" * 301),
        ("problem", "x" * 4001),
        ("source_title", "x" * 256),
        ("collectivities", "Atlantide"),
        ("steps", "\n".join(["2022 | Réunion"] * 31)),
    ],
)
def test_a_wrong_value_is_told_with_its_cell(name, typed):
    assert problem_of(**{name: typed})


def test_what_is_told_of_a_text_that_is_too_long_names_the_limit():
    assert problem_of(summary="x" * 302) == (
        "Too long: at most 300 characters. Shorten it by 2 characters."
    )


@pytest.mark.parametrize(
    ("name", "typed", "code"),
    [
        ("kind", "دراسة حالة", "case-study"),
        ("kind", "etude de cas", "case-study"),
        ("kind", "What did not work", "did-not-work"),
        ("status", "جارية", "running"),
        ("status", "En cours", "running"),
        ("status", "completed", "completed"),
        ("origin", "Sources publiques", "compiled"),
    ],
)
def test_words_are_known_in_three_languages(name, typed, code):
    assert initial_of(**{name: typed})[name] == code


def test_rows_in_a_cell_are_read_line_by_line():
    told = initial_of(
        steps="2022-10 | Réunion | Avec | tous\n\nVote",
        participants="Suivi | Association Amal\n | Les habitants | Ils votent",
        indicators="Sessions | | 3",
    )
    assert told["steps"] == [
        {"date": "2022-10", "title": "Réunion", "text": "Avec | tous"},
        {"date": "", "title": "Vote", "text": ""},
    ]
    assert told["participants"] == [
        {"stage": "monitoring", "who": "Association Amal", "role": ""},
        {"stage": "", "who": "Les habitants", "role": "Ils votent"},
    ]
    assert told["indicators"] == [{"name": "Sessions", "baseline": None, "value": 3}]


def test_empty_answers_are_told_where_they_are_needed():
    found = checked(workbook(HEADER, [None, None, "01.999"], ["fr", "x"]))
    assert [(one.place, one.value) for one in found.problems] == [
        ("A2", ""),
        ("B2", ""),
        ("C2", "01.999"),
        ("C3", ""),
    ]


def test_a_language_without_a_list_of_practices_is_told():
    commune = make_commune()
    (problem,) = checked(workbook(HEADER, ["Deutsch", "x", commune.code])).problems
    assert "العربية" in problem.words
    PracticeIndexPage.objects.filter(locale__language_code="fr").update(live=False)
    (problem,) = checked(workbook(HEADER, ["fr", "x", commune.code])).problems
    assert problem.words == "There is no list of practices in this language yet."


# --- What is named --------------------------------------------------------------------------------


def find(typed, **options):
    return Places(Collectivity.objects.all()).find(typed, **options)


def test_a_collectivity_is_found_by_code_name_and_province():
    region = make_region(code="01", name_fr="Nord", name_ar="الشمال")
    commune = make_commune(region=region, code="01.050.01.11", name_fr="Tétouan", name_ar="تطوان")
    province = commune.parent
    province.code, province.name_fr, province.name_ar = "01.050", "Tétouan", "تطوان"
    province.save()
    other = make_commune(code="C-other", name_fr="Tétouan", name_ar="تطوان")
    for typed in (
        "01.050.01.11",
        "1.050.01.11",
        "Commune de Tétouan (01.050.01.11)",
        "Commune de Tetouan, Province de Tétouan",
        "جماعة تطوان، إقليم تطوان",
        "COMMUNE DE TÉTOUAN (Nord)",
    ):
        assert find(typed) == commune, typed
    assert [find("1.05", is_number=True), find("1", is_number=True)] == [province, region]
    assert find("Province de Tétouan") == province
    with pytest.raises(NotFound, match=r"Several have this name.*01\.050.*C-other"):
        find("Tétouan")
    assert other.name_fr == "Tétouan"


def test_near_names_are_told_of_a_collectivity_that_is_not_known():
    make_commune(name_fr="Chefchaouen", name_ar="شفشاون", code="C-chaouen")
    with pytest.raises(NotFound, match=r"Near to it: .*C-chaouen"):
        find("Chefchaoun")
    with pytest.raises(NotFound, match="Write it as the directory does"):
        find("Atlantide")


def test_principles_and_themes_are_found_by_their_words_in_any_language():
    make_theme("budget", label_ar="الميزانية التشاركية", label_fr="Budget participatif")
    told = initial_of(
        principles="الشفافية ؛ Redevabilité;transparency", themes="budget participatif"
    )
    assert told["principles"] == ["transparency", "accountability"]
    assert told["themes"] == ["budget"]
    assert "Transparency" in problem_of(principles="Ouverture")
    assert "Near to it: Budget participatif" in problem_of(themes="Budgets participatifs")


def test_a_retired_theme_stands_for_its_successor_and_for_nothing_without_one():
    now = timezone.now()
    stays = make_theme("stays")
    make_theme("goes", label_fr="Ancien", retired_at=now, successor=stays)
    make_theme("ends", label_fr="Disparu", retired_at=now)
    assert initial_of(themes="Ancien")["themes"] == ["stays"]
    assert problem_of(themes="Disparu")


def test_more_themes_than_a_practice_may_have_are_told():
    slugs = [make_theme().slug for _ in range(6)]
    assert problem_of(themes=";".join(slugs)) == "At most 5 are kept."


def test_other_collectivities_are_read_without_the_leading_one():
    first, second = make_commune(), make_commune()
    header, row = row_of(first, collectivities=f"{second.code} ; {first.code};{second.name_fr}")
    assert checked(workbook(header, row)).proposals[0].initial["collectivities"] == [second]


def test_a_title_that_stands_twice_for_a_collectivity_is_told():
    first, second = make_commune(), make_commune()
    rows = [
        ["fr", "Un Budget", first.code],
        ["fr", "un budget", second.code],
        ["ar", "un  budget", first.code],
    ]
    found = checked(workbook(HEADER, *rows))
    assert [(one.row, one.words) for one in found.problems] == [
        (4, "Row 2 has this title already, for the same collectivity.")
    ]
    assert [one.row for one in found.proposals] == [2, 3]


# --- Creating -------------------------------------------------------------------------------------


def test_each_right_row_becomes_a_draft_of_its_collectivity():
    commune, other, editor = tetouan(), make_commune(), make_staff()
    member = make_focal_point(commune).person
    make_theme("budget")
    header, row = row_of(
        commune,
        kind="Étude de cas",
        summary="Une phrase",
        problem="Un paragraphe\n\n- un\n- deux",
        principles="participation;access",
        themes="budget",
        collectivities=other.code,
        start="10/2022",
        budget_mad="450 000",
        origin="Sources publiques",
        source_title="Un rapport",
        source_url="example.org/rapport",
        steps="2022-10 | Réunion",
        indicators="Sessions | 1 | 3 | par an | 2023 | Registre",
        challenges="Personne ne vient",
    )
    upload = keep(workbook(header, row), editor)
    assert create_drafts(upload=upload, person=editor, only_right=False) == 1
    contribution = Contribution.objects.get()
    assert contribution.key == key_of(upload.sha256, 2)
    assert contribution.provenance == {"kind": "import", "file": "practices.xlsx", "row": 2}
    authorship = Authorship.objects.get()
    assert (authorship.collectivity, authorship.leads) == (commune, True)
    page = newest(contribution)
    assert (page.live, page.language, page.title) == (False, "fr", "Un budget discuté")
    assert (page.kind, page.origin, page.start, page.budget_mad) == (
        "case-study",
        "compiled",
        "2022-10",
        450000,
    )
    assert (page.source_title, page.source_url) == ("Un rapport", "https://example.org/rapport")
    assert page.problem == "<p>Un paragraphe</p><ul><li>un</li><li>deux</li></ul>"
    assert [one.slug for one in page.principle_tags] == ["participation", "access"]
    assert [link.tag.slug for link in page.theme_links.all()] == ["budget"]
    assert page.collectivities == [commune, other]
    assert [str(one) for one in page.challenges.all()] == ["Personne ne vient"]
    assert [(one.date, one.title) for one in page.steps.all()] == [("2022-10", "Réunion")]
    assert [(one.baseline, one.value) for one in page.indicators.all()] == [(1, 3)]
    notice = Notice.objects.get()
    assert (notice.person, notice.kind) == (member, "practices-imported")
    assert "“" not in notice.data["titles"][0]
    assert AuditEntry.objects.filter(kind="practices.imported", actor=editor).count() == 1


def test_the_main_principle_is_the_first_that_is_written():
    editor = make_staff()
    slugs = list(Principle.objects.values_list("slug", flat=True))[::-1][:2]
    rows = row_of(make_commune(), principles=";".join(slugs))
    create_drafts(upload=keep(workbook(*rows), editor), person=editor, only_right=False)
    page = newest(Contribution.objects.get())
    assert [one.slug for one in page.principle_tags] == slugs


def test_the_same_file_makes_one_set_however_often_it_is_sent():
    commune, editor = tetouan(), make_staff()
    make_contributor(commune)
    data = workbook(HEADER, ["fr", "Un", commune.code], ["ar", "اثنان", commune.code])
    counts = [
        create_drafts(upload=keep(data, editor), person=editor, only_right=False) for _ in range(2)
    ]
    assert (counts, Contribution.objects.count(), Notice.objects.count()) == ([2, 0], 2, 1)
    found = preview(upload=Upload.objects.first())
    assert (sorted(found.made), found.waiting, found.checked.problems) == ([2, 3], [], [])


def test_one_notice_goes_to_each_collectivity():
    editor = make_staff()
    communes = [make_member_collectivity() for _ in range(2)]
    people = [make_contributor(one).person for one in communes]
    rows = [["fr", f"Titre {n}", communes[n % 2].code] for n in range(4)]
    create_drafts(
        upload=keep(csv_of(HEADER, *rows), editor, "p.csv"), person=editor, only_right=False
    )
    told = {one.person: one.data["titles"] for one in Notice.objects.all()}
    assert told == {people[0]: ["Titre 0", "Titre 2"], people[1]: ["Titre 1", "Titre 3"]}
    for language in ("ar", "fr", "en"):
        with translation.override(language):
            notice = Notice.objects.first()
            assert notice.subject
            assert [title in notice.text for title in told[notice.person]] == [True, True]
            assert notice.person.affiliations.get().collectivity.key in notice.address


def test_nothing_is_created_while_a_row_is_wrong_unless_it_is_asked():
    commune, editor = make_commune(), make_staff()
    data = workbook(HEADER, ["fr", "Un", commune.code], ["fr", "Deux", "Atlantide"])
    upload = keep(data, editor)
    with pytest.raises(ImportRefused):
        create_drafts(upload=upload, person=editor, only_right=False)
    assert not Contribution.objects.exists()
    assert create_drafts(upload=upload, person=editor, only_right=True) == 1
    assert [one.page.title for one in Contribution.objects.all()] == ["Un"]


@pytest.mark.parametrize("published", [True, False])
def test_a_title_that_a_practice_of_the_collectivity_has_is_told(published):
    commune, editor = make_commune(), make_staff()
    if published:
        make_practice(title="Un budget", collectivities=(commune,))
    else:
        start_draft(
            kind="practice", collectivity=commune, person=editor, language="ar", title="Un budget"
        )
    make_practice(title="Deux budgets", collectivities=(make_commune(),))
    data = workbook(HEADER, ["fr", "UN BUDGET", commune.code], ["fr", "Deux budgets", commune.code])
    found = preview(upload=keep(data, editor))
    assert [(one.row, "of this title already" in one.words) for one in found.checked.problems] == [
        (2, True)
    ]
    assert [one.title for one in found.waiting] == ["Deux budgets"]


def test_a_collectivity_that_is_no_member_is_told():
    outside, inside, editor = make_commune(), tetouan(), make_staff()
    data = workbook(HEADER, ["fr", "Un", outside.code], ["fr", "Deux", inside.code])
    notes = preview(upload=keep(data, editor)).checked.notes
    assert [outside.full_name in one for one in notes if "no members" in one] == [True]
    assert not any(inside.full_name in one for one in notes)


def test_what_fails_on_the_way_leaves_nothing_of_a_collectivity(monkeypatch):
    commune, editor = make_commune(), make_staff()
    rows = [["fr", f"Titre {n}", commune.code] for n in range(3)]
    upload = keep(csv_of(HEADER, *rows), editor, "p.csv")
    monkeypatch.setattr("practices.services.importing._tell", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        create_drafts(upload=upload, person=editor, only_right=False)
    assert not Contribution.objects.exists()
    monkeypatch.undo()
    assert create_drafts(upload=upload, person=editor, only_right=False) == 3


@pytest.mark.parametrize("number", [1, 3])
def test_looking_through_takes_the_same_queries_with_one_and_three_rows(
    number, django_assert_num_queries
):
    communes = [make_member_collectivity() for _ in range(number)]
    data = csv_of(HEADER, *(["fr", f"Titre {n}", one.code] for n, one in enumerate(communes)))
    upload = keep(data, make_staff(), "p.csv")
    with django_assert_num_queries(9):
        assert len(preview(upload=upload).waiting) == number


# --- Hostile files --------------------------------------------------------------------------------


def packed(**parts: bytes) -> bytes:
    """A right workbook in which parts are replaced, by the ends of their names."""
    file = io.BytesIO()
    right = workbook(*row_of(make_commune()))
    with zipfile.ZipFile(io.BytesIO(right)) as old, zipfile.ZipFile(file, "w") as new:
        for one in old.infolist():
            name = one.filename.rpartition("/")[2].partition(".")[0].strip("[]")
            content = parts.get(name, old.read(one))
            if name == "Content_Types":
                content = content.replace(b"</Types>", STRINGS + b"</Types>")
            new.writestr(one.filename, content)
        new.writestr("xl/sharedStrings.xml", parts.get("sharedStrings", NO_STRINGS))
    return file.getvalue()


# As spreadsheets write it: texts stand in a part of their own.
STRINGS = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
    b'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
NO_STRINGS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
TEXTS = (
    b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    + "".join(
        f"<si><t>{text}</t></si>"
        for text in ("Langue", "Titre", "Collectivité", "fr", "Un_x000D_ titre", "C-1")
    ).encode()
    + b"</sst>"
)


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "haha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b']><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<si><t>&j;</t></si></sst>"
)
SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData>%s</sheetData>%s</worksheet>"
)


def strings(row: int, *numbers: int) -> bytes:
    cells = "".join(
        f'<c r="{chr(65 + place)}{row}" t="s"><v>{number}</v></c>'
        for place, number in enumerate(numbers)
    )
    return f'<row r="{row}">{cells}</row>'.encode()


def test_texts_in_a_part_of_their_own_are_read():
    make_commune(code="C-1")
    data = packed(
        sharedStrings=TEXTS, sheet1=SHEET % (strings(1, 0, 1, 2) + strings(7, 3, 4, 5), b"")
    )
    assert [(one.row, one.title) for one in checked(data).proposals] == [(7, "Un titre")]


@pytest.mark.parametrize("part", ["sharedStrings", "sheet1", "workbook", "styles"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_that_grow_are_refused_in_words(part, encoding):
    bomb = LAUGHS if encoding == "utf-8" else LAUGHS.decode().encode(encoding)
    assert "save it anew as XLSX" in refusal_of(packed(**{part: bomb}))


def sheet_of(cells: bytes, behind: bytes = b"", row: bytes = b"1") -> bytes:
    return SHEET % (b'<row r="%s">%s</row>' % (row, cells), behind)


def hostile_files() -> dict[str, bytes]:
    right = workbook(*row_of(make_commune()))
    chance = random.Random(7)
    files = {
        "empty": b"",
        "no archive": b"PK\x03\x04" + bytes(200),
        "cut": right[: len(right) // 2],
        "no xml": packed(sheet1=b"no xml at all"),
        "no workbook": packed(workbook=b"<workbook/>"),
        "no sheets": packed(
            workbook=b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets/></workbook>'
        ),
        "no styles": packed(styles=b"<styleSheet/>"),
        "wrong string": packed(sheet1=sheet_of(b'<c r="A1" t="s"><v>999</v></c>')),
        "wrong style": packed(sheet1=sheet_of(b'<c r="A1" s="999"><v>1</v></c>')),
        "wrong number": packed(sheet1=sheet_of(b'<c r="A1"><v>x</v></c>')),
        "no number": packed(sheet1=sheet_of(b'<c r="1A"><v>1</v></c>', row=b"-1")),
        "far row": packed(sheet1=sheet_of(b'<c r="A9999999"><v>1</v></c>', row=b"9999999")),
        "far cell": packed(sheet1=sheet_of(b'<c r="XFD1"><v>1</v></c>')),
        "endless": packed(sheet1=sheet_of(b'<c r="A1"><v>1e999</v></c>')),
        "wrong merge": packed(
            sheet1=sheet_of(b"", b'<mergeCells><mergeCell ref="ZZZ9:A1"/></mergeCells>')
        ),
        "nested": packed(sheet1=b"<a>" * 100_000),
        "other encoding": "Langue;Titre;Collectivité\nfr;é;01".encode("cp1252"),
        "arabic encoding": "اللغة;العنوان".encode("cp1256"),
        "nothing but signs": b";;;;\n;;;;\n",
        "one long cell": b"Langue,Titre,Collectivite\nfr," + b"x" * 200_000 + b",01",
        "one quote": b'"',
        "nul": b"Langue\0;Titre\n",
        "formulas": csv_of(HEADER, ["=cmd|' /C calc'!A0", "@SUM(1)", "-1+1"]),
        "html": b"<html><script>alert(1)</script>",
        "turned": "Langue;Titre;Collectivité\nfr;\u202etxt;01\n".encode(),
        "emoji": "Langue;Titre;Collectivité\nfr;🏛️👩‍🌾;🌍\n".encode(),
        "lone halves": "Langue;Titre;Collectivité\n".encode() + b"fr;\xed\xa0\x80;01\n",
        "deep bars": csv_of([*HEADER, "Étapes"], ["fr", "x", "01", "|" * 30_000]),
        "digits": csv_of([*HEADER, "Budget"], ["fr", "x", "01", "9" * 5_000]),
        "powers": csv_of([*HEADER, "Indicateurs"], ["fr", "x", "01", "a | 1e999999999 | 1e-9"]),
        "nan": csv_of([*HEADER, "Indicateurs"], ["fr", "x", "01", "a | NaN | Infinity"]),
    }  # fmt: skip
    for n in range(30):
        broken = bytearray(right)
        for _ in range(12):
            broken[chance.randrange(4, len(broken))] = chance.randrange(256)
        files[f"broken {n}"] = bytes(broken)
    return files


def test_no_file_is_answered_with_a_fault(client, wagtails_own_templates):
    client.force_login(make_staff())
    address = reverse("practice_import:index")
    answers = {}
    for name, data in hostile_files().items():
        for suffix in ("xlsx", "csv"):
            file = SimpleUploadedFile(f"file.{suffix}", data)
            answer = client.post(address, {"file": file})
            answers[name, suffix] = answer.status_code
            if answer.status_code == 302:
                assert client.get(answer["Location"]).status_code in (200, 302)
    assert {key: code for key, code in answers.items() if code not in (302, 422)} == {}
    assert answers["cut", "xlsx"] == answers["one quote", "csv"] == 422
    assert not Contribution.objects.exists()


# --- The administration ---------------------------------------------------------------------------


@pytest.fixture
def editor(client, wagtails_own_templates):
    person = make_staff(language="fr")
    client.force_login(person)
    return person


def send(client, data: bytes, name="practices.xlsx"):
    address = reverse("practice_import:index")
    return client.post(address, {"file": SimpleUploadedFile(name, data)})


def test_an_editor_sends_a_file_looks_it_through_and_creates_the_drafts(client, editor):
    commune = tetouan()
    assert client.get(reverse("practice_import:index")).status_code == 200
    response = send(client, workbook(*row_of(commune, title="Un <b>budget</b>")))
    page = response["Location"]
    assert response.status_code == 302
    looked = client.get(page)
    assert [one.title for one, _name, _code in looked.context["waiting"]] == ["Un <b>budget</b>"]
    assert "<b>budget</b>" not in looked.content.decode()
    assert not Contribution.objects.exists()
    answers = [client.post(page) for _ in range(2)]
    assert [one.status_code for one in answers] == [302, 302]
    contribution = Contribution.objects.get()
    after = client.get(page).content.decode()
    assert reverse("contributions:review", args=[contribution.pk]) in after
    assert client.get(reverse("contributions:review", args=[contribution.pk])).status_code == 200


def test_a_wrong_row_stands_in_the_page_and_nothing_is_created_before_it_is_asked(client, editor):
    commune = tetouan()
    data = workbook(HEADER, ["fr", "Un", commune.code], ["fr", "Deux", "Atlantide"])
    page = send(client, data)["Location"]
    looked = client.get(page).content.decode()
    assert [
        words in looked for words in ("C3", "Atlantide", "Aucune collectivité ne porte ce nom")
    ] == ([True] * 3)
    assert client.post(page).status_code == 422
    assert not Contribution.objects.exists()
    assert client.post(page, {"only_right": "1"}).status_code == 302
    assert Contribution.objects.count() == 1


def test_a_file_that_cannot_be_read_is_refused_with_words_and_not_kept(client, editor):
    for name, data, words in (
        ("practices.csv", "Langue;Titre;é".encode("cp1252"), "CSV UTF-8"),
        ("practices.xlsx", workbook(["rien"], ["rien"]), "sont obligatoires et manquent"),
        ("practices.pdf", b"%PDF-1.4 %%EOF", "XLSX, CSV"),
        ("practices.csv", b"", "Le fichier est vide"),
    ):
        response = send(client, data, name)
        assert response.status_code == 422
        assert words in response.content.decode()
    assert client.post(reverse("practice_import:index")).status_code == 422
    assert not Upload.objects.exists()


def test_a_file_of_somebody_else_is_not_found(client, editor):
    commune = tetouan()
    theirs = keep(workbook(*row_of(commune)), make_staff())
    mine = keep(workbook(*row_of(commune)), editor)
    other = keep_upload(
        file=SimpleUploadedFile("note.txt", b"text"), owner=editor, policy="practice-document"
    )
    codes = [
        client.get(reverse("practice_import:checked", args=[key]), follow=True).status_code
        for key in (theirs.key, other.key, uuid4(), mine.key)
    ]
    assert codes == [404, 404, 404, 200]


def test_a_file_that_is_gone_is_told(client, editor):
    upload = keep(workbook(*row_of(tetouan())), editor)
    upload.file.storage.delete(upload.file.name)
    page = reverse("practice_import:checked", args=[upload.key])
    for response in (client.get(page), client.post(page)):
        assert (response.status_code, response["Location"]) == (
            302,
            reverse("practice_import:index"),
        )


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_templates_are_handed_out(client, editor, form):
    response = client.get(reverse("practice_import:template", args=["ar", form]))
    assert response.status_code == 200
    assert response["Content-Disposition"] == f'attachment; filename="practices-ar.{form}"'
    assert (
        read_sheet(io.BytesIO(response.content), known=lambda text: bool(column_of(text)))
        .lines[0]
        .cells[0]
        .text
        == "اللغة"
    )
    for wrong in (["zgh", form], ["ar", "pdf"]):
        assert client.get(reverse("practice_import:template", args=wrong)).status_code == 404


def test_who_may_not_import_comes_to_no_page_of_it(client, wagtails_own_templates):
    moderator, editor = make_staff("Moderators"), make_staff()
    upload = keep(workbook(*row_of(tetouan())), moderator)
    addresses = [
        reverse("practice_import:index"),
        reverse("practice_import:template", args=["ar", "csv"]),
        reverse("practice_import:checked", args=[upload.key]),
    ]
    client.force_login(moderator)
    assert {client.get(one).status_code for one in addresses} == {302}
    assert client.post(addresses[2]).status_code == 302
    assert not Contribution.objects.exists()
    client.force_login(editor)
    answers = [client.get(one, follow=True).status_code for one in addresses]
    assert answers == [200, 200, 404]


def test_the_listing_of_practices_leads_those_to_the_import_who_may(client, editor):
    address = reverse("practice_import:index")
    listing = reverse("practice_listing:index")
    assert address in client.get(listing).content.decode()
    client.force_login(make_staff("Moderators"))
    assert address not in client.get(listing).content.decode()


def test_addresses_take_no_other_method(editor):
    from practices.import_admin import checked as page
    from practices.import_admin import template

    request = RequestFactory().post("/")
    request.user = editor
    assert template(request, language="ar", form="csv").status_code == 405
    request = RequestFactory().delete("/")
    request.user = editor
    assert page(request, key=uuid4()).status_code == 405


def test_tags_of_a_small_vocabulary_are_all_told():
    with pytest.raises(NotFound, match=r"Transparency.*Digitalisation"):
        Tags(Principle.objects.all()).find("rien")
