"""What the first view costs on a slow line, and that a visitor is not marked."""

import pytest

from tests.browser.places import open_place

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.xdist_group("browser"),
]

MOST_BYTES = 150_000
MOST_FONT_BYTES = 100_000
MOST_REQUESTS = 15


@pytest.mark.parametrize("language", ["ar", "fr"])
@pytest.mark.parametrize(
    "place", ["home", "list", "search", "practice with a chart", "charter", "news"]
)
def test_first_view_is_light(visit, place, language):
    one = visit()
    asked: dict[str, str] = {}
    sent: dict[str, float] = {}
    kinds: dict[str, str] = {}
    line = one.context.new_cdp_session(one.page)
    line.on(
        "Network.requestWillBeSent", lambda e: asked.update({e["requestId"]: e["request"]["url"]})
    )
    line.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
    line.on(
        "Network.loadingFinished", lambda e: sent.update({e["requestId"]: e["encodedDataLength"]})
    )
    line.send("Network.enable")
    answer = open_place(one, place, language)
    one.page.wait_for_load_state("networkidle")

    assert asked.keys() == sent.keys()
    total = sum(sent.values())
    fonts = sum(size for key, size in sent.items() if kinds.get(key) == "Font")
    print(f"{place} {language}: {total:.0f} bytes, {fonts:.0f} of fonts, {len(asked)} requests")
    assert total <= MOST_BYTES
    assert fonts <= MOST_FONT_BYTES
    assert len(asked) <= MOST_REQUESTS
    # Cacheable whole: no cookie is set (each visit asserts it), and no session was looked at.
    assert "set-cookie" not in answer.headers
    assert "cookie" not in answer.headers.get("vary", "").lower()
