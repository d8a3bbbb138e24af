"""The network as tiles: what is drawn, what is said of it, and that both are the same."""

import re
from datetime import date

import pytest

from core import languages
from members.models import Collectivity, Membership
from members.tile_map import PLACES, Share, name_lines, network_map, short_name
from tests.members.conftest import make
from tests.members.test_directory import words

LIST = "/en/collectivities/"
REGIONS = 12


def drawing(client, language: str = "en") -> str:
    html = client.get(f"/{language}/collectivities/").content.decode()
    return html.partition('<svg class="tile-map__drawing"')[2].partition("</svg>")[0]


@pytest.fixture
def country(db) -> dict[str, Collectivity]:
    """Twelve regions, in each three provinces with two communes each, by code."""
    made = {}
    for number in range(1, REGIONS + 1):
        code = f"{number:02}"
        region = made[code] = make(code, "region", f"جهة {code}", f"Région {code}")
        for n in range(3):
            inside = f"{code}.{n}1"
            kind = "prefecture" if n == 0 else "province"
            province = made[inside] = make(inside, kind, "ا", f"Ville {inside}", region)
            for m in range(2):
                below = f"{inside}.0{m}"
                made[below] = make(below, "commune", "ا", f"Bourg {below}", province)
    return made


def join(*some: Collectivity) -> None:
    for one in some:
        Membership.objects.create(collectivity=one)


def test_map_tells_who_is_a_member(country):
    join(country["05"], country["05.01"], country["05.21"], country["05.11.00"], country["12.01"])

    network = network_map()

    found = {one.region.code: one for one in network.regions}
    assert found.keys() == PLACES.keys()
    fifth, twelfth, first = found["05"], found["12"], found["01"]
    assert (fifth.is_member, fifth.provinces, fifth.communes) == (True, Share(2, 3), Share(1, 6))
    assert [one.is_member for one in fifth.tile.diamonds] == [True, False, True]
    assert (twelfth.is_member, twelfth.provinces, twelfth.communes) == (
        False,
        Share(1, 3),
        Share(0, 6),
    )
    assert (first.is_member, first.provinces, first.communes) == (False, Share(0, 3), Share(0, 6))
    assert (network.in_regions, network.in_provinces, network.in_communes) == (
        Share(1, 12),
        Share(3, 36),
        Share(1, 72),
    )
    assert network.in_all == Share(5, 120)


def test_who_has_left_is_no_member_and_who_came_back_counts_once(country):
    for ended_on in (date(2023, 1, 1), date(2024, 1, 1), None):
        Membership.objects.create(collectivity=country["01.01.00"], ended_on=ended_on)
    Membership.objects.create(collectivity=country["01.11.00"], ended_on=date(2024, 1, 1))
    Membership.objects.create(collectivity=country["01"], ended_on=date(2024, 1, 1))

    first = network_map().regions[0]

    assert (first.is_member, first.communes) == (False, Share(1, 6))


def test_map_takes_two_queries_whatever_the_number(country, django_assert_num_queries):
    with django_assert_num_queries(2):
        network_map()
    join(*country.values())
    with django_assert_num_queries(2):
        assert network_map().in_all == Share(120, 120)


def test_tiles_lie_in_their_rough_places():
    def column(code: str) -> int:
        return PLACES[code][0]

    def row(code: str) -> int:
        return PLACES[code][1]

    assert len(set(PLACES.values())) == REGIONS
    assert min(PLACES, key=row) == "01"
    assert max(PLACES, key=row) == "12"
    assert max(PLACES, key=column) == "02"
    assert column("04") < column("03") < column("02")
    assert row("06") < row("07") < row("09") < row("11") < row("12")


def test_each_piece_is_drawn_once_and_filled_where_it_is_a_member(client, country):
    join(country["05"], country["05.01"], country["12.01"], country["12.01.00"])

    svg = drawing(client)

    assert svg.count('class="tile-map__region"') == REGIONS
    assert svg.count("piece--region") == REGIONS
    assert svg.count("piece--province") == 36
    assert svg.count("piece--region piece--member") == 1
    assert svg.count("piece--province piece--member") == 2


def test_tile_leads_to_the_list_of_its_region(client, country):
    links = re.findall(r'href="([^"#]+)"', drawing(client))

    assert links == [
        f"{LIST}?region={code}" for code in sorted(PLACES, key=lambda code: PLACES[code][::-1])
    ]
    assert client.get(links[0]).context["results"].total == 10


def test_each_tile_says_its_numbers_in_a_sentence(client, country):
    join(country["05"], country["05.01"], country["05.01.00"])

    sentences = re.findall(r"<title>(.+?)</title>", drawing(client))

    assert len(sentences) == REGIONS
    said = next(one for one in sentences if one.startswith("Région Région 05"))
    assert said == (
        "Région Région 05: the region is a member. Members among its prefectures and provinces:"
        " 1 of 3; among its communes: 1 of 6."
    )
    assert sum("is not yet a member" in one for one in sentences) == REGIONS - 1


def test_table_says_the_same_as_the_drawing(client, country):
    join(country["05"], country["05.01"], country["05.01.00"], country["07.01.01"])

    response = client.get(LIST)

    rows = re.findall(
        r'<th scope="row".*?>(Région \d\d)</bdi>.*?, ([\w ]+)</span>.*?(\d+ of \d+).*?(\d+ of \d+)',
        response.content.decode(),
        re.DOTALL,
    )
    assert [row[0] for row in rows] == [f"Région {n:02}" for n in range(1, REGIONS + 1)]
    assert rows[4][1:] == ("member", "1 of 3", "1 of 6")
    assert rows[6][1:] == ("not yet a member", "0 of 3", "1 of 6")
    text = words(response)
    assert "The whole country 1 of 36 2 of 72" in text
    assert "4 members of 120 collectivities" in text


def test_drawing_holds_attributes_only_and_points_of_no_language(client, country):
    # A seventh of a turn is no whole number of degrees.
    for n in range(3, 7):
        make(f"01.{n}1", "province", "ا", f"Ville {n}", country["01"])
    for language in languages.CODES:
        svg = drawing(client, language)
        assert "style" not in svg
        angles = re.findall(r"rotate\(([^)]+)\)", svg)
        assert angles[:7] == ["0", "51.4286", "102.857", "154.286", "205.714", "257.143", "308.571"]


def test_drawing_is_not_mirrored_in_arabic(client, country):
    places = {
        language: re.findall(r"\?region=(\d\d)\" transform=\"([^\"]+)\"", drawing(client, language))
        for language in ("ar", "fr")
    }

    assert len(places["fr"]) == REGIONS
    assert places["ar"] == places["fr"]
    assert 'direction="rtl" x="50"' in drawing(client, "ar")
    assert 'direction="rtl" x="50"' not in drawing(client, "fr")


def test_region_without_a_known_place_stands_in_the_table(client, country):
    make("77", "region", "جهة", "Septante")

    assert "Septante" in words(client.get(LIST))
    assert "Septante" not in drawing(client)


def test_no_drawing_where_no_place_is_known(client, db):
    make("77", "region", "جهة", "Septante")

    response = client.get(LIST)

    assert "Septante" in words(response)
    assert '<svg class="tile-map' not in response.content.decode()


def test_page_can_be_kept_for_everybody(client, country):
    first, second = client.get(LIST), client.get(LIST)

    assert first.content == second.content
    assert first.cookies == {}
    assert "cookie" not in first.get("Vary", "").lower()


@pytest.mark.parametrize(
    ("name", "short", "lines"),
    [
        ("Oriental", "Oriental", ["Oriental"]),
        ("Tanger-Tétouan-Al Hoceïma", "Tanger", ["Tanger-Tétouan-", "Al Hoceïma"]),
        ("Béni Mellal-Khénifra", "Béni Mellal", ["Béni Mellal-", "Khénifra"]),
        ("Dakhla-Oued Ed-Dahab", "Dakhla", ["Dakhla-", "Oued Ed-Dahab"]),
        ("الدار البيضاء-سطات", "الدار البيضاء", ["الدار البيضاء-", "سطات"]),
        ("ⵎⵕⵕⴰⴽⵛ - ⴰⵙⴼⵉ", "ⵎⵕⵕⴰⴽⵛ", ["ⵎⵕⵕⴰⴽⵛ -", "ⴰⵙⴼⵉ"]),
        ("ⵕⵕⴱⴰⵟ ⵙⵍⴰ ⵍⵇⵏⵉⵟⵕⴰ", "ⵕⵕⴱⴰⵟ", ["ⵕⵕⴱⴰⵟ ⵙⵍⴰ", "ⵍⵇⵏⵉⵟⵕⴰ"]),
        ("Anticonstitutionnel", "Anticonstitutionnel", ["Anticonstitutionnel"]),
    ],
)
def test_names_are_cut_between_places(name, short, lines):
    assert short_name(name) == short
    assert name_lines(name) == lines
