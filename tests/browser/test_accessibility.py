"""axe (WCAG 2.2 A and AA, and its best practices) on every template: no violation, none ignored."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.places import ALIKE, ALL, open_place

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.xdist_group("browser"),
]

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
AXE = Axe()
LOOKS = [(width, scheme) for width in (320, 1280) for scheme in ("light", "dark")]
HALF_OF_LOOKS = [(320, "light"), (1280, "dark")]
# What is folded away is looked at too.
UNFOLD = "() => document.querySelectorAll('details').forEach(one => { one.open = true })"


@pytest.mark.parametrize(("place", "language"), ALL)
def test_axe_finds_nothing(visit, place, language):
    one = visit()
    # With motion, a colour would still be on its way when it is looked at.
    one.page.emulate_media(reduced_motion="reduce")
    open_place(one, place, language)
    one.page.evaluate(UNFOLD)
    one.page.evaluate(AXE.axe_script)
    found = []
    for width, scheme in HALF_OF_LOOKS if place in ALIKE else LOOKS:
        one.page.set_viewport_size({"width": width, "height": 900})
        one.page.emulate_media(color_scheme=scheme)
        answer = one.page.evaluate("options => axe.run(options)", OPTIONS)
        found += [
            f"{width} {scheme} {rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in answer["violations"]
            for node in rule["nodes"]
        ]
    assert found == []


def test_axe_finds_nothing_in_open_suggestions_and_kept_searches(visit):
    one = visit(width=320)
    page = one.page
    page.emulate_media(reduced_motion="reduce")
    open_place(one, "search", "ar")
    page.locator("[data-save]").click()
    page.locator(".saved__list summary").click()
    page.locator("#page-search").fill("ميزا")
    page.locator("[role=option]").first.wait_for()
    page.locator("#page-search").press("ArrowDown")
    answer = AXE.run(page, options=OPTIONS).response
    assert [(rule["id"], rule["nodes"]) for rule in answer["violations"]] == []


def test_axe_finds_what_is_wrong(visit):
    """The check itself works: a button without a name, grey on grey."""
    one = visit()
    one.go("/fr/")
    one.page.evaluate("""() => {
      document.querySelector("h1").style.color = "#eee";
      document.querySelector("#main").append(document.createElement("button"));
    }""")
    answer = AXE.run(one.page, options=OPTIONS).response
    rules = {rule["id"] for rule in answer["violations"]}
    assert {"button-name", "color-contrast"} <= rules
