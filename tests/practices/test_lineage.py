"""Who is like whom, and the lineage of a practice: what is in it, how it is drawn."""

import re

import pytest
from django.urls import reverse
from django.utils.translation import override

from members.models import Collectivity
from practices.adoption import DRAWN_ON_PRACTICE, adoptions_of
from practices.likeness import bands_between, likeness
from practices.lineage import LEVELS, lineage_of
from practices.lineage_drawing import DRAWN, described, draw
from practices.models import Adoption, PracticePage
from tests.factories import make_commune, make_practice, make_region
from tests.members.factories import make_member_collectivity, make_person

pytestmark = pytest.mark.django_db


def adopt(practice, collectivity=None, *, own=None, state="in-place", **fields) -> Adoption:
    """Have a collectivity take a practice over."""
    return Adoption.objects.create(
        **{
            "practice": practice,
            "collectivity": collectivity or make_member_collectivity(),
            "own_practice": own,
            "state": state,
            "language": "ar",
            "declared_by": make_person(),
        }
        | fields
    )


def taken_on(practice, **fields) -> PracticePage:
    """Have a collectivity take a practice over, and publish its own version."""
    commune = make_member_collectivity()
    own = make_practice(collectivities=(commune,), **fields)
    adopt(practice, commune, own=own)
    return own


def chain(length: int) -> list[PracticePage]:
    """Practices of which each grew from the one before."""
    practices = [make_practice(collectivities=(make_commune(),))]
    for _n in range(length - 1):
        practices.append(taken_on(practices[-1]))
    return practices


def told(lineage) -> list[tuple]:
    """Return the branches as (collectivity, own practice, branches below)."""

    def of(branches):
        return [
            (one.collectivity.pk, one.page.pk if one.page else None, of(one.children))
            for one in branches
        ]

    return of(lineage.branches)


# --- Likeness -----------------------------------------------------------------------------------


def place(region: Collectivity, **fields) -> Collectivity:
    return make_commune(region=region, **fields)


def test_the_same_kind_of_place_is_nearest():
    region = make_region()
    one = place(region, population=8_000, setting="rural")
    other = place(region, population=9_000, setting="rural")
    assert likeness(one, other).distance == 0
    assert len(likeness(one, other).reasons) == 4
    assert likeness(one, other) == likeness(other, one)


@pytest.mark.parametrize(
    ("fields", "distance"),
    [
        ({"population": 8_000, "setting": "urban"}, 2),
        ({"population": 8_000, "setting": ""}, 1),
        ({"population": 12_000, "setting": "rural"}, 1),
        ({"population": 400_000, "setting": "rural"}, 3),
        ({"population": None, "setting": "rural"}, 2),
    ],
)
def test_each_difference_adds_its_points(fields, distance):
    region = make_region()
    one = place(region, population=8_000, setting="rural")
    assert likeness(one, place(region, **fields)).distance == distance


def test_another_region_adds_one_and_another_type_four():
    one = place(make_region(), population=8_000, setting="rural")
    elsewhere = place(make_region(), population=8_000, setting="rural")
    assert likeness(one, elsewhere).distance == 1
    province = one.parent
    province.population = 8_000
    assert likeness(one, province).distance == 4


@pytest.mark.parametrize(
    ("one", "other", "bands"),
    [(4_999, 5_000, 1), (5_000, 9_999, 0), (1, 2_000_000, 7), (None, 5, None), (0, 0, 0)],
)
def test_bands_between_two_populations(one, other, bands):
    assert bands_between(one, other) == bands


# --- What is in it ------------------------------------------------------------------------------


def test_a_practice_that_nobody_took_over_has_no_lineage():
    lineage = lineage_of(make_practice())
    assert (lineage.branches, lineage.ancestors, draw(lineage)) == ([], [], "")


def test_those_below_and_those_above_are_found_to_the_fourth_level():
    practices = chain(2 * LEVELS + 3)
    middle = practices[LEVELS + 1]
    lineage = lineage_of(middle)
    assert [one.page.pk for one in lineage.ancestors] == [
        one.pk for one in reversed(practices[1 : LEVELS + 1])
    ]
    below = [one.page.pk for one in lineage.walk()]
    assert below == [one.pk for one in practices[LEVELS + 2 : 2 * LEVELS + 2]]


def test_those_furthest_come_first_and_like_ones_before_them():
    practice = make_practice()
    region = make_region()
    near, far = place(region, population=8_000), place(make_region(), population=900_000)
    adopt(practice, near, state="intention")
    adopt(practice, far, state="in-place")
    mine = place(region, population=8_000)
    assert [one.collectivity for one in lineage_of(practice).branches] == [far, near]
    alike = lineage_of(practice, like=mine).branches
    assert [one.collectivity for one in alike] == [near, far]


def test_a_circle_ends():
    first, second = chain(2)
    commune = make_member_collectivity()
    adopt(second, commune, own=first)
    lineage = lineage_of(first)
    assert [one.page.pk for one in lineage.walk()] == [second.pk, first.pk]
    assert [one.page.pk for one in lineage.ancestors] == [second.pk]
    assert draw(lineage)


def test_a_practice_of_two_parents_shows_both():
    one, other = make_practice(), make_practice()
    commune = make_member_collectivity()
    own = make_practice(collectivities=(commune,))
    adopt(one, commune, own=own)
    adopt(other, commune, own=own)
    lineage = lineage_of(own)
    assert {found.page.pk for found in lineage.ancestors} == {one.pk, other.pk}
    assert draw(lineage).count("lineage__line") == 2


def test_all_languages_have_one_lineage():
    practice = make_practice(language="ar")
    french = make_practice(language="fr", translation_of=practice, title="En français")
    own = taken_on(practice)
    with override("fr"):
        assert told(lineage_of(french)) == told(lineage_of(practice))
        assert [one.page.pk for one in lineage_of(own).ancestors] == [french.pk]


def test_what_is_hidden_or_not_public_is_not_in_it():
    practice = make_practice()
    shown = adopt(practice)
    hidden = taken_on(practice)
    Adoption.objects.filter(own_practice=hidden).update(hidden_at=shown.declared_at)
    below_hidden = adopt(hidden)
    draft = make_practice(published=False, title="مسودة لا ترى")
    with_draft = adopt(practice, own=draft)
    below_draft = adopt(draft)
    lineage = lineage_of(practice)
    assert {one.adoption.pk for one in lineage.walk()} == {shown.pk, with_draft.pk}
    assert {below_hidden.pk, below_draft.pk} & {one.adoption.pk for one in lineage.walk()} == set()
    assert all(one.page is None for one in lineage.walk())
    assert "مسودة" not in draw(lineage)
    hidden.refresh_from_db()
    assert lineage_of(hidden).ancestors == []


def test_a_page_that_hides_its_collectivity_is_tied_to_none():
    practice = make_practice()
    masked = make_practice(kind="did-not-work", hides_collectivity=True, title="ما لم ينجح")
    writer = make_member_collectivity()
    adopt(practice, writer, own=masked)
    taker = adopt(masked)
    assert [one.page for one in lineage_of(practice).walk()] == [None]
    assert lineage_of(masked).ancestors == []
    # Who took it over in the open is shown with it, and with it alone.
    assert [one.adoption.pk for one in lineage_of(masked).walk()] == [taker.pk]


def test_what_the_network_alone_may_read_is_in_nobodys_lineage():
    practice = make_practice()
    kept = taken_on(practice, kind="did-not-work", audience="network")
    assert [one.page for one in lineage_of(practice).walk()] == [None]
    grown = taken_on(kept)
    assert lineage_of(grown).ancestors == []


# --- How it is drawn ----------------------------------------------------------------------------


def test_the_drawing_and_the_list_have_no_more_queries_for_more(django_assert_num_queries):
    # As views read it: with its language.
    pages = PracticePage.objects.select_related("locale")
    practice = pages.get(pk=make_practice().pk)
    for number in (1, 3, 30):
        while Adoption.objects.filter(practice=practice).count() < number:
            adopt(practice, make_commune())
        with django_assert_num_queries(2):
            adoptions_of(practice)
    for _n in range(3):
        taken_on(taken_on(practice))
    with django_assert_num_queries(3):
        adoptions_of(practice)
    own = pages.get(pk=taken_on(practice).pk)
    adopt(own)
    with django_assert_num_queries(4):
        adoptions_of(own)


def test_the_drawing_stops_at_thirty_rows_and_says_so():
    practice = make_practice()
    for _n in range(DRAWN + 5):
        adopt(practice, make_commune())
    grown = taken_on(practice)
    adopt(grown)
    shown = adoptions_of(practice, whole=True)["adoptions"]
    assert shown["drawing"].count("lineage__sign ") == DRAWN
    assert (shown["is_cut"], shown["total"], shown["listed"].size) == (True, DRAWN + 6, DRAWN + 8)
    # The one of which something grew is drawn, though it came last.
    assert grown.slug in shown["drawing"]


def test_the_page_of_a_practice_draws_and_lists_the_nearest(client):
    practice = make_practice(collectivities=(make_commune(),))
    takers = [adopt(practice, make_commune()) for _n in range(DRAWN_ON_PRACTICE + 5)]
    shown = adoptions_of(practice)["adoptions"]
    assert shown["drawing"].count("lineage__sign ") == shown["listed"].size == DRAWN_ON_PRACTICE
    assert (shown["is_cut"], shown["total"]) == (True, len(takers))
    with override("fr"):
        address, whole = reverse("practice", args=[practice.slug]), "practice_adoptions"
        whole = reverse(whole, args=[practice.slug])
    page = client.get(address).content.decode()
    assert sum(one.collectivity.slug in page for one in takers) == DRAWN_ON_PRACTICE - 1
    assert page.count(f'href="{whole}"') == 2
    page = client.get(whole).content.decode()
    assert all(one.collectivity.slug in page for one in takers)


def test_a_line_does_not_end_at_a_space_that_keeps_two_things_together():
    practice = make_practice(title="Comités de quartier à Agadir\u00a0: un cadre pour durer")
    drawn = draw(lineage_of(taken_on(practice)))
    assert "Agadir\u00a0:" in drawn


def test_a_link_that_is_cut_bears_its_whole_text():
    practice = make_practice()
    title = "مستشارون للشباب في كل حي من أحياء المدينة القديمة والجديدة وما حولها"
    taken_on(practice, title=title)
    taken_on(practice, title="قصير")
    drawn = draw(lineage_of(practice))
    assert title in re.findall(r"<a [^>]*><title>([^<]*)</title><text", drawn)
    assert "<title>قصير" not in drawn


def test_the_drawing_is_described_for_those_who_do_not_see_it():
    first, second, third = chain(3)
    adopt(first, Adoption.objects.get(own_practice=third).collectivity)
    with override("en"):
        assert described(lineage_of(first)) == (
            "2 collectivities took it over, directly or from another one. "
            "2 of them published their own version."
        )
        assert described(lineage_of(third)) == "It grew from 2 other practices."
        assert described(lineage_of(second)).startswith("It grew from 1 other practice. 1 coll")


def test_the_drawing_is_named_escaped_and_has_no_style_of_its_own():
    practice = make_practice(title="<script>x</script> & كلمات")
    adopt(practice, since="2024")
    drawn = draw(lineage_of(practice))
    assert "<script>" not in drawn
    assert "style=" not in drawn
    assert re.search(r'aria-labelledby="(lineage-\d+-title)".*<title id="\1">', drawn)


def test_the_drawing_runs_from_the_right_in_arabic_and_from_the_left_in_french():
    practice = make_practice()
    adopt(practice)
    with override("ar"):
        arabic = draw(lineage_of(practice))
    with override("fr"):
        french = draw(lineage_of(practice))
    assert 'x="100%"' in arabic
    assert 'x="100%"' not in french
    assert re.search(r'<text [^>]*x="-', arabic)
    assert not re.search(r'<text [^>]*x="-', french)


def test_each_state_has_its_own_sign_and_its_word():
    practice = make_practice()
    for state in ("intention", "under-way", "in-place", "given-up"):
        adopt(practice, state=state)
    with override("en"):
        drawn = draw(lineage_of(practice))
    icons = re.findall(r"#icon-([\w-]+)", drawn)
    assert icons == [
        "document",
        "status-completed",
        "status-running",
        "status-planned",
        "status-stopped",
    ]
    for word in ("In place", "Under way", "Intended", "Given up"):
        assert word in drawn
