import io

import pytest
from django.core.management import CommandError, call_command

from members.collectivity_file import COLUMNS, read_collectivities
from members.management.commands.import_collectivities import DEFAULT
from members.models import Collectivity
from members.services.collectivities import ImportRefused, import_collectivities

HEADING = ",".join(COLUMNS)
REGION = "01,region,,طنجة-تطوان-الحسيمة,Tanger-Tétouan-Al Hoceïma,,4030222,"
PROVINCE = "01.571,province,01,تطوان,Tétouan,,611928,"
COMMUNE = "01.571.01.11,commune,01.571,تطوان,Tétouan,,,urban"


def lines(*rows: str) -> bytes:
    return "\n".join([HEADING, *rows, ""]).encode()


def bring_in(data: bytes):
    file = read_collectivities(data)
    return import_collectivities(rows=file.rows, problems=file.problems)


def problems_of(data: bytes) -> list[str]:
    with pytest.raises(ImportRefused) as refusal:
        bring_in(data)
    assert not Collectivity.objects.exists()
    return [str(problem) for problem in refusal.value.problems]


def codes(collectivities) -> list[str]:
    return [one.code for one in collectivities]


@pytest.fixture
def command(db):
    def run(data: bytes, tmp_path, **options) -> str:
        path = tmp_path / "file.csv"
        path.write_bytes(data)
        out = io.StringIO()
        call_command("import_collectivities", path, stdout=out, **options)
        return out.getvalue()

    return run


def test_first_import_creates_all_with_their_place(db):
    report = bring_in(lines(COMMUNE, PROVINCE, REGION))  # in any order

    assert codes(report.created) == ["01", "01.571", "01.571.01.11"]
    region = Collectivity.objects.get(code="01")
    commune = Collectivity.objects.get(code="01.571.01.11")
    assert region.region == region
    assert region.parent is None
    assert region.population == 4030222
    assert [one.code for one in commune.lies_in] == ["01.571", "01"]
    assert commune.slug == "tetouan-015710111"
    assert commune.search_name == "تطوان tetouan"
    assert commune.setting == "urban"
    assert commune.population is None


def test_second_import_changes_nothing_in_few_queries(db, django_assert_num_queries):
    data = lines(REGION, PROVINCE, COMMUNE)
    bring_in(data)

    with django_assert_num_queries(3):  # a savepoint, one look, its release
        report = bring_in(data)

    assert codes(report.same) == ["01", "01.571", "01.571.01.11"]
    assert (report.created, report.changed, report.absent) == ([], [], [])


def test_changed_name_is_told_field_by_field(db):
    bring_in(lines(REGION, PROVINCE, COMMUNE))

    report = bring_in(lines(REGION, PROVINCE, COMMUNE.replace("Tétouan", "Titwan")))

    assert len(report.changed) == 1
    assert report.changed[0].fields == {
        "name_fr": ("Tétouan", "Titwan"),
        "search_name": ("تطوان tetouan", "تطوان titwan"),
        "slug": ("tetouan-015710111", "titwan-015710111"),
    }
    assert Collectivity.objects.get(code="01.571.01.11").slug == "titwan-015710111"


def test_empty_cell_keeps_what_is_known(db):
    bring_in(lines(REGION, PROVINCE, COMMUNE))
    Collectivity.objects.filter(code="01.571").update(name_en="Tetouan", name_zgh="ⵜⵉⵟⵟⴰⵡⵉⵏ")
    Collectivity.objects.get(code="01.571").save()

    report = bring_in(lines(REGION, PROVINCE.replace("611928", ""), COMMUNE))

    province = Collectivity.objects.get(code="01.571")
    assert report.changed == []
    assert (province.name_en, province.name_zgh) == ("Tetouan", "ⵜⵉⵟⵟⴰⵡⵉⵏ")
    assert province.population == 611928


def test_absent_collectivity_is_left_and_told(db):
    bring_in(lines(REGION, PROVINCE, COMMUNE))

    report = bring_in(lines(REGION))

    assert codes(report.absent) == ["01.571", "01.571.01.11"]
    assert Collectivity.objects.count() == 3


def test_part_of_the_country_lies_in_what_the_site_has(db):
    bring_in(lines(REGION, PROVINCE))

    report = bring_in(lines(COMMUNE))

    assert codes(report.created) == ["01.571.01.11"]
    assert report.created[0].region.code == "01"


def test_moved_province_takes_its_communes_along(db):
    other = "02,region,,الشرق,Oriental,,,"
    bring_in(lines(REGION, other, PROVINCE, COMMUNE))

    report = bring_in(lines(PROVINCE.replace(",01,", ",02,")))

    assert [(one.collectivity.code, one.fields) for one in report.changed] == [
        ("01.571", {"parent": ("01", "02"), "region": ("01", "02")}),
        ("01.571.01.11", {"region": ("01", "02")}),
    ]
    assert Collectivity.objects.get(code="01.571.01.11").region.code == "02"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + lines(REGION, PROVINCE, COMMUNE),
        lines(REGION, PROVINCE, COMMUNE).replace(b",", b";"),
        lines(REGION, PROVINCE, COMMUNE).replace(b"\n", b"\r\n"),
        lines(REGION, "", ",,,,,,,", PROVINCE, COMMUNE),
        lines(REGION, PROVINCE.replace("01.571", "٠١.٥٧١"), COMMUNE),
        lines(REGION, PROVINCE.replace("611928", "٦١١٩٢٨"), COMMUNE),
        lines(REGION, PROVINCE.replace("611928", "611\u00a0928"), COMMUNE),
        lines(REGION, PROVINCE.replace(",Tétouan,", ",  Te\u0301touan ,"), COMMUNE),
        lines(REGION, PROVINCE.replace("province", "Province"), COMMUNE),
    ],
    ids=[
        "byte order mark",
        "semicolons",
        "line ends of Windows",
        "empty lines",
        "Arabic digits in the code",
        "Arabic digits in the population",
        "spaces between digits",
        "letters in parts",
        "capitals",
    ],
)
def test_file_as_offices_write_it_is_read_alike(db, data):
    bring_in(data)

    province = Collectivity.objects.get(code="01.571")
    assert province.population == 611928
    assert province.name_fr == "Tétouan"
    assert Collectivity.objects.count() == 3


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        (b"", ["the file is empty"]),
        (b"\xef\xbb\xbf \n", ["the file is empty"]),
        (lines(), ["the file holds no collectivity"]),
        (
            lines(REGION).decode().encode("utf-16"),
            ["line 1: is not UTF-8; save the file as “CSV UTF-8”"],
        ),
        (
            HEADING.encode() + b"\n01,region,,\xc7\xe1\xd4\xd1\xde,Oriental,,,\n",
            ["line 2: is not UTF-8; save the file as “CSV UTF-8”"],
        ),
        (
            b"code,kind,parent_code,name_ar\n01,region,,x\n",
            [
                "line 1: the column name_fr is missing",
                "line 1: the column name_zgh is missing",
                "line 1: the column population is missing",
                "line 1: the column setting is missing",
            ],
        ),
        (
            lines(REGION).replace(b"setting", b"setting,code"),
            ["line 1: the column code stands twice"],
        ),
        (lines(REGION + ",more"), ["line 2: has 9 cells where 8 are expected"]),
        (lines(REGION, "02,region,,الشرق,Oriental"), ["line 3: has 5 cells where 8 are expected"]),
        (
            lines(REGION.replace("region", "county")),
            ["line 2: kind is “county”, not one of region, prefecture, province, commune"],
        ),
        (lines(REGION, REGION), ["line 3: the code 01 stands already in line 2"]),
        (
            lines(REGION, REGION.replace("01,", "٠١,", 1)),
            ["line 3: the code 01 stands already in line 2"],
        ),
        (
            lines(REGION.replace("01", "MA-01", 1)),
            ["line 2: code is “MA-01”, not like 01, 01.051 or 01.051.01.01"],
        ),
        (
            lines(REGION, COMMUNE),
            ["line 3: the parent 01.571 is neither in the file nor on the site"],
        ),
        (
            lines(REGION, COMMUNE.replace(",01.571,", ",01,")),
            ["line 3: a commune cannot lie in 01, a region"],
        ),
        (
            lines(REGION, PROVINCE.replace(",01,", ",01.571,")),
            ["line 3: a province cannot lie in 01.571, a province"],
        ),
        (lines(REGION, PROVINCE.replace(",01,", ",,")), ["line 3: parent_code is empty"]),
        (
            lines(REGION.replace("region,,", "region,MA,")),
            ["line 2: a region lies in nothing, not in MA"],
        ),
        (lines(REGION.replace("Tanger-Tétouan-Al Hoceïma", " ")), ["line 2: name_fr is empty"]),
        (
            lines(REGION.replace("4030222", "4.030.222")),
            ["line 2: population is “4.030.222”, not a whole number"],
        ),
        (
            lines(REGION.replace("4030222", "-1")),
            ["line 2: population is “-1”, not a whole number"],
        ),
        (lines(REGION.replace("4030222", "²")), ["line 2: population is “²”, not a whole number"]),
        (
            lines(REGION.replace("4030222", "9" * 5000)),
            [f"line 2: population is “{'9' * 29}…”, more than can be"],
        ),
        (
            lines(REGION.replace("Tanger-", "T" * 100)),
            ["line 2: name_fr is longer than 100 characters"],
        ),
        (
            lines(REGION.replace("طنجة", "ﷺ" * 20)),  # one letter, eighteen once folded
            ["line 2: name_ar is longer than 100 characters"],
        ),
        (
            lines(REGION.replace("Tanger", "Tan\x00ger")),
            ["line 2: name_fr holds an invisible control character"],
        ),
        (
            lines(REGION.replace("Tanger", "Tan\u202eger")),
            ["line 2: name_fr holds an invisible control character"],
        ),
        (
            lines(REGION + "coastal"),
            ["line 2: setting is “coastal”, not one of urban, rural"],
        ),
        (lines(REGION + "urban"), ["line 2: setting is told of communes only"]),
        (lines(REGION, '"02,region'), ["line 3: cannot be read: unexpected end of data"]),
        (
            lines(REGION, f'"{"x" * 200_000}",region,,a,b,,,'),
            ["line 3: cannot be read: field larger than field limit (131072)"],
        ),
        (
            lines("01.5,region,,ا,A,,,", "01.571,province,01.5,ب,B,,,", "01.57.1,region,,ج,C,,,"),
            ["line 4: the code 01.57.1 stands already in line 3"],
        ),
    ],
)
def test_file_with_a_fault_is_refused_whole(db, data, problems):
    assert problems_of(data) == problems


def test_all_problems_are_told_at_once_by_line(db):
    assert problems_of(
        lines(
            REGION.replace("4030222", "many"),
            PROVINCE.replace("province", "shire"),
            COMMUNE.replace("urban", "seaside"),
            "01.571.01.12,commune,01.999,ا,A,,,",
        )
    ) == [
        "line 2: population is “many”, not a whole number",
        "line 3: kind is “shire”, not one of region, prefecture, province, commune",
        "line 4: setting is “seaside”, not one of urban, rural",
        "line 5: the parent 01.999 is neither in the file nor on the site",
    ]


def test_kind_that_leaves_a_collectivity_of_the_site_without_place_is_refused(db):
    bring_in(lines(REGION, PROVINCE, COMMUNE))

    with pytest.raises(ImportRefused) as refusal:
        bring_in(lines("01.571,region,,تطوان,Tétouan,,,"))

    assert str(refusal.value) == (
        "line 2: 01.571.01.11, which is on the site: a commune cannot lie in 01.571, a region"
    )
    assert Collectivity.objects.get(code="01.571").kind == "province"


def test_code_with_the_digits_of_another_on_the_site_is_refused(db):
    bring_in(lines(REGION, PROVINCE))

    with pytest.raises(ImportRefused) as refusal:
        bring_in(lines("01.57.1,province,01,ب,B,,,"))

    assert str(refusal.value) == (
        "line 2: the code 01.57.1 is too like 01.571, which is on the site"
    )


def test_command_tells_what_it_did(command, tmp_path):
    assert command(lines(REGION, PROVINCE), tmp_path) == (
        "created    01  Région Tanger-Tétouan-Al Hoceïma\n"
        "created    01.571  Province de Tétouan\n"
        "2 created, 0 changed, 0 the same, 0 not in the file\n"
    )
    assert command(lines(PROVINCE.replace("611928", "611929"), COMMUNE), tmp_path) == (
        "created    01.571.01.11  Commune de Tétouan\n"
        "changed    01.571  Province de Tétouan: population “611928” → “611929”\n"
        "not in it  01  Région Tanger-Tétouan-Al Hoceïma: left as it is\n"
        "1 created, 1 changed, 0 the same, 1 not in the file\n"
    )


def test_command_tells_each_row_when_asked(command, tmp_path):
    command(lines(REGION), tmp_path)
    assert (
        command(lines(REGION), tmp_path) == "0 created, 0 changed, 1 the same, 0 not in the file\n"
    )
    assert command(lines(REGION), tmp_path, verbosity=2) == (
        "same       01  Région Tanger-Tétouan-Al Hoceïma\n"
        "0 created, 0 changed, 1 the same, 0 not in the file\n"
    )


def test_command_refuses_with_the_lines(command, tmp_path):
    with pytest.raises(CommandError, match="line 2: population is “x”, not a whole number"):
        command(lines(REGION.replace("4030222", "x")), tmp_path)


def test_command_without_its_file_says_so(db, tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_collectivities", tmp_path / "none.csv")


@pytest.mark.slow
def test_file_of_the_country_is_whole(db, django_assert_max_num_queries):
    with django_assert_max_num_queries(90):
        report = bring_in(DEFAULT.read_bytes())

    assert len(report.created) == 12 + 75 + 1503
    kinds = Collectivity.objects.values_list("kind", flat=True)
    assert [
        list(kinds).count(kind) for kind in ("region", "prefecture", "province", "commune")
    ] == [
        12,
        13,
        62,
        1503,
    ]
    regions = Collectivity.objects.regions()
    for region in regions:
        provinces = Collectivity.objects.filter(parent=region)
        assert sum(one.population for one in provinces) == region.population
    assert Collectivity.objects.get(code="06.371").name_fr == "Mohammédia"
    assert Collectivity.objects.get(code="06.371.01.01").name_fr == "Mohammédia"
    assert Collectivity.objects.get(code="09.001").name_fr == "Agadir Ida-Outanane"
    slugs = set(Collectivity.objects.values_list("slug", flat=True))
    assert len(slugs) == 1590
    assert bring_in(DEFAULT.read_bytes()).changed == []
