"""What each template looks like in each language: nothing overflows, the script is set right."""

import re

import pytest

from tests.browser.places import ALL, LANGUAGES, open_place

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.xdist_group("browser"),
]

SMALLEST = 15  # pixels
LOOSEST = 1.6  # lines of a title, as parts of its size
UNFOLD = "() => document.querySelectorAll('details').forEach(one => { one.open = true })"

# Elements that reach over the edge of the window, innermost first; [] where the page does not.
OVERFLOW = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const over = [...document.body.querySelectorAll("*")].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && (box.right > root.clientWidth + 1 || box.left < -1);
  });
  const said = over.reverse().slice(0, 8).map(one =>
    `${one.tagName}.${one.getAttribute("class")}: ${one.textContent.trim().slice(0, 40)}`);
  return [`${root.scrollWidth} > ${root.clientWidth}`, ...said];
}"""

# Every piece of text that is shown, with what it is set in.
TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.trim();
    const one = node.parentElement;
    // The words in the map's tiles stand beside it in the table, in full size.
    const leftOut = "script, style, .visually-hidden, .tile-map__words";
    if (!text || one.closest(leftOut) || !one.checkVisibility()) continue;
    const style = getComputedStyle(one);
    const svg = one.closest("svg");
    const scale = svg && one.getScreenCTM ? one.getScreenCTM().a : 1;
    found.push({
      text: text.slice(0, 60),
      where: `${one.tagName.toLowerCase()}.${one.getAttribute("class")}`,
      size: parseFloat(style.fontSize) * scale,
      spacing: style.letterSpacing,
      slant: style.fontStyle,
      language: one.closest("[lang]").getAttribute("lang"),
    });
  }
  return found;
}"""


# How far apart the lines of titles are, of those in another language than the page's too.
HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h1 *, h2 *, h3 *")].map(one => {
  const style = getComputedStyle(one);
  return {
    text: one.textContent.trim().slice(0, 60),
    lines: parseFloat(style.lineHeight) / parseFloat(style.fontSize),
  };
})"""

# What stands on a ground that is nearly as dark as itself.
UNREADABLE = """() => {
  const light = colour => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).map(Number);
    return (red * 299 + green * 587 + blue * 114) / 255000;
  };
  return [...document.querySelectorAll("main :is(.notice, .cite, .record, .language-note)")]
    .filter(one => one.checkVisibility())
    .filter(one => {
      const style = getComputedStyle(one);
      return Math.abs(light(style.color) - light(style.backgroundColor)) < .5;
    }).map(one => one.className);
}"""


def is_arabic(text: str) -> bool:
    return any("\u0620" <= letter <= "\u064a" for letter in text)


def is_tifinagh(text: str) -> bool:
    return any("\u2d30" <= letter <= "\u2d7f" for letter in text)


@pytest.mark.parametrize(("place", "language"), ALL)
def test_page_is_set_right_in_its_language(visit, place, language):
    one = visit(width=320)
    open_place(one, place, language)
    page = one.page
    html = page.evaluate("""() => {
      const root = document.documentElement;
      return [root.lang, root.dir, getComputedStyle(document.body).direction];
    }""")
    direction = "rtl" if language == "ar" else "ltr"
    assert html == [language, direction, direction]

    page.evaluate(UNFOLD)
    assert page.evaluate(OVERFLOW) == []
    assert [one for one in page.evaluate(HEADINGS) if one["lines"] > LOOSEST] == []
    page.set_viewport_size({"width": 640, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(OVERFLOW) == []
    page.evaluate("document.documentElement.style.fontSize = ''")

    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        texts = page.evaluate(TEXTS)
        assert len(texts) > 20
        assert [text for text in texts if text["size"] < SMALLEST - 0.01] == []
        arabic = [one for one in texts if is_arabic(one["text"])]
        assert arabic
        assert [one for one in arabic if one["spacing"] not in ("normal", "0px")] == []
        assert [one for one in arabic if one["slant"] != "normal"] == []
        assert [one for one in arabic if one["language"] != "ar"] == []
        tifinagh = [one for one in texts if is_tifinagh(one["text"])]
        assert [one for one in tifinagh if one["language"] != "zgh"] == []


@pytest.mark.parametrize("place", ["home", "practice", "directory", "charter"])
def test_only_the_fonts_of_the_language_are_fetched(visit, place):
    fetched = {}
    for language in LANGUAGES:
        one = visit()
        open_place(one, place, language)
        one.page.wait_for_load_state("networkidle")
        fonts = [request.url for request in one.requests if request.resource_type == "font"]
        fetched[language] = {url.rpartition("/")[2].partition(".")[0] for url in fonts}
    latin, arabic = {"text-latin", "head-latin"}, {"text-arabic", "head-arabic"}
    assert arabic <= fetched["ar"] <= arabic | {"text-latin"}
    assert fetched["fr"] == latin
    assert fetched["zgh"] <= latin


@pytest.mark.parametrize("place", ["label: proof", "practice with a chart"])
def test_on_paper_it_is_black_on_white_in_the_dark_too(visit, place):
    one = visit(dark=True)
    open_place(one, place, "ar")
    one.page.emulate_media(media="print")
    assert one.page.evaluate(UNREADABLE) == []


def test_the_printed_label_is_one_lying_page(visit):
    one = visit(width=1280)
    open_place(one, "label: to print", "ar")
    one.page.locator(".label-sheet__title").evaluate("""one => {
      one.textContent = "كلمة ".repeat(51);
      one.classList.add("label-sheet__title--long");
    }""")
    paper = one.page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert [tuple(round(float(side)) for side in box) for box in boxes] == [(842, 595)]
