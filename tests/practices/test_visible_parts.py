"""What visitors see of adoptions, labels and figures: the markup that the look hangs on."""

import re

import pytest
from django.urls import reverse
from django.utils.translation import override

from practices.enums import AdoptionState, Audience, PracticeKind
from practices.lineage import lineage_of
from practices.lineage_drawing import draw
from practices.models import PracticeIndicator
from tests.factories import make_practice
from tests.members.factories import make_contributor, make_member_collectivity
from tests.practices.test_lineage import adopt
from tests.practices.test_recognition import award, run_out

pytestmark = pytest.mark.django_db

SIDE = 'class="practice__side"'


def url(name, *args) -> str:
    with override("fr"):
        return reverse(name, args=args)


def head_of(client, practice) -> str:
    page = client.get(url("practice", practice.slug)).content.decode()
    return re.search(r'<header class="wrap practice__head">.*?</header>', page, re.S)[0]


def test_the_head_of_a_practice_leads_to_taking_it_over_and_to_who_did(client):
    practice = make_practice()
    adopt(practice, state=AdoptionState.IN_PLACE)
    adopt(practice, state=AdoptionState.INTENTION)
    adopt(practice, state=AdoptionState.GIVEN_UP)
    head = head_of(client, practice)
    assert f'href="{url("practice_adopt", practice.slug)}"' in head
    count = re.search(r'href="#adoptions">([^<]*)<', head)[1]
    assert re.findall(r"\d+", count) == ["2"]  # what was given up does not count
    other = head_of(client, make_practice())
    assert url("practice_adopt", practice.slug) not in other
    assert "#adoptions" not in other


def test_a_practice_for_the_network_alone_has_no_empty_side(client):
    commune = make_member_collectivity()
    client.force_login(make_contributor(commune).person)
    kept = make_practice(kind=PracticeKind.DID_NOT_WORK, audience=Audience.NETWORK)
    assert SIDE not in head_of(client, kept)
    assert SIDE in head_of(client, make_practice(kind=PracticeKind.DID_NOT_WORK))


def test_the_drawing_marks_the_practice_whose_lineage_it_is():
    practice = make_practice()
    adopt(practice)
    drawing = draw(lineage_of(practice))
    assert drawing.count("lineage__here") == 1
    own = drawing.index("lineage__sign--here")
    assert drawing.index("lineage__here") < own < drawing.index("lineage__sign--in-place")


def test_the_ground_of_the_drawing_lies_at_the_side_where_reading_begins():
    practice = make_practice()
    adopt(practice)
    found = {}
    for language in ("ar", "fr"):
        with override(language):
            ground = re.search(
                r'lineage__here" x="(-?\d+)".*?width="(\d+)"', draw(lineage_of(practice))
            )
        found[language] = [int(one) for one in ground.groups()]
    start, width = found["fr"]
    assert found["ar"] == [-start - width, width]


def test_a_figure_and_its_unit_stand_in_one_box_of_their_cell(client):
    """On a phone a cell is a grid of label and value: what stands loose would be a third piece."""
    practice = make_practice()
    practice.indicators.add(
        PracticeIndicator(
            name="حاضرون", baseline=35, value=410, unit="شخص", date="2025", source="سجل"
        )
    )
    practice.save()
    page = client.get(url("practice", practice.slug)).content.decode()
    rows = re.search(r'<table class="table table--stack".*?</table>', page, re.S)[0]
    cells = re.findall(r"<t[dh] [^>]*>(.*?)</t[dh]>", rows.partition("<tbody")[2], re.S)
    assert len(cells) == 5
    assert "410" in cells[2]
    assert "شخص" in cells[2]
    for cell in cells[:3]:
        depth, pieces = 0, 0
        for closes in re.findall(r"<(/?)\w+", cell):
            pieces += not closes and depth == 0
            depth += -1 if closes else 1
        assert pieces == 1, cell
    # The first column begins where the page does, whatever its words' direction.
    assert not re.search(r"<th [^>]*\bdir=", rows.partition("<tbody")[2])


def test_the_proof_of_a_label_leads_to_the_practice_and_to_print_while_it_holds(client):
    one = award()
    printed = url("practice_label_print", one.practice.slug)
    practice = f'href="{url("practice", one.practice.slug)}"'
    page = client.get(url("award_proof", one.key)).content.decode()
    assert practice in page
    assert printed in page
    assert not re.search(r"<h1[^>]*>\s*<a", page)
    run_out(one)
    over = client.get(url("award_proof", one.key)).content.decode()
    assert practice in over
    assert printed not in over


def test_differences_are_told_in_a_list_with_marks_that_have_their_style(client):
    practice = make_practice(problem="<p>لا أحد يعلم</p>")
    commune = make_member_collectivity()
    own = make_practice(collectivities=(commune,), problem="<p>القليل يعلم</p>")
    adopt(practice, commune, own=own)
    page = client.get(url("practice_differences", practice.slug, own.slug)).content.decode()
    assert re.search(r'<link rel="stylesheet" href="[^"]*contributions[^"]*\.css">', page)
    parts = re.search(r'<dl class="differences">.*?</dl>\s*</section>', page, re.S)[0]
    assert "<ins>" in parts
    assert "<del>" in parts
