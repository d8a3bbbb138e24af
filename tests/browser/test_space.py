"""What members see behind the login: axe finds nothing, nothing overflows, fingers find all."""

import re
from pprint import pformat

import pytest

from tests.browser.test_accessibility import AXE, OPTIONS, UNFOLD
from tests.browser.test_layout import OVERFLOW
from tests.browsing import enter_space

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.xdist_group("browser"),
]

DRAFT = "يوم للإنصات في السوق الأسبوعي (مثال)"
OF_A_DRAFT = (
    "",
    "write/quick/",
    "write/steps/",
    "write/photos/",
    "write/results/",
    "check/",
    "authors/",
    "history/",
    "drop/",
)
# What is pressed with a thumb. Links within a sentence are as high as its lines.
SMALL = """() => [...document.querySelectorAll(
  "main :is(button, summary, select, input:not([type=hidden], [type=radio], [type=checkbox]))"
)].filter(one => one.checkVisibility() && !one.closest(".visually-hidden"))
  .map(one => [one.textContent.trim().slice(0, 40) || one.name, one.getBoundingClientRect().height])
  .filter(([, height]) => height < 43.5)"""


def addresses(page) -> list[str]:
    """Return where a member writes and exchanges, from the space on."""
    space = re.search(r"/space/([^/]+)/", page.url)[1]
    own = f"/contributions/of/{space}/"
    page.goto(f"/ar{own}")
    draft = page.locator("main a", has_text=DRAFT).get_attribute("href").removeprefix("/ar")
    taken = f"/practices/adoptions/{space}/"
    return [
        f"/space/{space}/",
        own,
        f"{own}start/",
        *(draft + one for one in OF_A_DRAFT),
        taken,
        "/practices/network/",
    ]


@pytest.mark.parametrize(("language", "width", "dark"), [("ar", 320, False), ("fr", 1280, True)])
def test_pages_of_a_member_are_open_to_everybody(visit, language, width, dark):
    one = visit(width=width, dark=dark, signs_in=True)
    page = enter_space(one, "contributor@example.org")
    page.emulate_media(reduced_motion="reduce")
    wrong = {}
    for address in addresses(page):
        one.go(f"/{language}{address}")
        page.evaluate(UNFOLD)
        answer = AXE.run(page, options=OPTIONS).response
        found = [
            f"{rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in answer["violations"]
            for node in rule["nodes"]
        ]
        found += page.evaluate(OVERFLOW)
        found += page.evaluate(SMALL) if width == 320 else []
        if found:
            wrong[address] = found
    assert not wrong, pformat(wrong)
