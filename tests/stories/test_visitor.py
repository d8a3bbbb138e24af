"""
A visitor, in real Chromium against the real server: the last paragraph of the issue "The site
runs", and what stands beside it. Nothing here logs in.
"""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ARABIC = re.compile(r"[\u0600-\u06ff]")
NOT_PRINTED = (".masthead", ".breadcrumbs", ".contents", ".footer", ".skip")
FILTERED = {"principle": ["participation"], "region": ["01"]}
TADAFOR = "/fr/practices/?q=Tadafor"


def total(page) -> int:
    return int(page.locator(".results-head h2 b").inner_text().replace(" ", ""))


def tick(page, name: str) -> None:
    """Tick a filter by its label; where it stands under "more", open that first."""
    label = page.locator(f'label[for="{name}"]')
    if not label.is_visible():
        label.locator("xpath=ancestor::details[contains(@class, 'facet__more')]/summary").click()
    label.click()
    assert page.locator(f"#{name}").is_checked()


def filters_of(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def address_of_tadafor(page) -> str:
    page.goto(TADAFOR)
    return page.locator(".entry h2 a").first.get_attribute("href")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_from_home_to_paper(open_page, javascript):
    page = open_page(javascript=javascript)
    page.goto("/")
    html = page.locator("html")
    assert urlsplit(page.url).path == "/ar/"
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == ("ar", "rtl")

    page.locator(".hero a.button").click()
    page.wait_for_url("**/ar/practices/")
    everything = total(page)

    page.locator(".filters-panel > summary").click()
    tick(page, "principle-participation")
    tick(page, "region-01")
    page.locator(".facets button[type=submit]").click()
    page.wait_for_url("**/practices/?*")
    assert filters_of(page) == FILTERED
    assert 0 < total(page) < everything
    assert page.locator(".chosen__list a").count() == 2
    entries = page.locator(".entry")
    assert entries.count() == entries.filter(has=page.locator(".principle-participation")).count()

    link = entries.filter(has_not_text="(مثال)").first.locator("h2 a")  # told in both languages
    arabic_title = link.inner_text()
    assert ARABIC.search(arabic_title)
    link.click()
    page.wait_for_url("**/ar/practices/*-*/")
    assert page.locator("h1").inner_text() == arabic_title
    place = urlsplit(page.url).path.removeprefix("/ar/")

    page.locator(".languages a[lang=fr]").click()
    page.wait_for_url("**/fr/**")
    assert urlsplit(page.url).path == f"/fr/{place}"
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == ("fr", "ltr")
    french_title = page.locator("h1").inner_text()
    assert re.search(r"[a-zé]{3}", french_title)
    assert not ARABIC.search(french_title)
    assert page.locator(".languages [aria-current]").get_attribute("lang") == "fr"

    page.emulate_media(media="print")
    for selector in NOT_PRINTED:
        assert not page.locator(selector).first.is_visible(), selector
    assert page.locator("h1").is_visible()
    sections = page.locator(".practice__body > section")
    assert sections.count() > 1
    assert all(section.is_visible() for section in sections.all())
    paper = page.pdf(format="A4")
    assert paper.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) > 1


def test_practice_on_paper_is_dark_on_white_even_in_dark_mode(open_page):
    page = open_page(dark=True)
    page.goto(address_of_tadafor(page))
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate("""() => [
      getComputedStyle(document.body).backgroundColor,
      getComputedStyle(document.querySelector("h1")).color]""")
    assert colours == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_tamazight_reader_is_told_and_given_the_original(open_page, javascript):
    page = open_page(javascript=javascript)
    page.goto(address_of_tadafor(page))
    french_title = page.locator("h1").inner_text()
    page.locator(".languages a[lang=zgh]").click()
    page.wait_for_url("**/zgh/practices/**")

    html, article = page.locator("html"), page.locator("article.practice")
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == ("zgh", "ltr")
    assert page.locator(".language-note").is_visible()
    title = article.locator("h1")
    assert (title.get_attribute("lang"), title.get_attribute("dir")) == ("fr", "ltr")
    assert page.locator("h1").inner_text() == french_title
    offered = page.locator(".language-note a")
    assert [link.get_attribute("lang") for link in offered.all()] == ["fr", "ar", "en"]
    page.locator(".language-note a[lang=ar]").click()
    page.wait_for_url("**/ar/practices/**")
    assert ARABIC.search(page.locator("h1").inner_text())


def test_unknown_filter_is_said_and_left_out(open_page):
    page = open_page()
    page.goto("/fr/practices/")
    everything = total(page)
    page.goto("/fr/practices/?principle=nonsense&region=99")
    said = page.locator(".notice[role=status]")
    assert said.is_visible()
    assert "principle=nonsense" in said.inner_text()
    assert "region=99" in said.inner_text()
    assert total(page) == everything
    assert page.locator(".chosen__list").count() == 0


@pytest.mark.parametrize(
    ("width", "box"), [(390, "#page-search"), (1280, "#site-search")], ids=["phone", "desk"]
)
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_search_box_finds_a_practice_by_its_title(open_page, language, width, box):
    page = open_page(width=width)
    page.goto(address_of_tadafor(page).replace("/fr/", f"/{language}/", 1))
    title = page.locator("h1").inner_text()
    page.goto(f"/{language}/")
    if width == 390:
        page.locator(".nav-phone__search").click()
        page.wait_for_url(f"**/{language}/search/#search")
    page.locator(box).fill(title)
    page.locator(box).press("Enter")
    page.wait_for_url(f"**/{language}/search/?*q=*")
    assert page.locator(".entry--found h3").first.inner_text() == title


def test_second_page_keeps_the_filters_and_a_new_filter_goes_back_to_the_first(open_page):
    page = open_page()
    page.goto("/ar/practices/?principle=participation&region=01&sort=title")
    found = total(page)
    first = page.locator(".entry h2").all_inner_texts()
    assert found > len(first)
    page.locator(".pages__next").click()
    page.wait_for_url("**page=2*")
    assert filters_of(page) == {**FILTERED, "sort": ["title"], "page": ["2"]}
    assert total(page) == found
    assert page.locator(".chosen__list a").count() == 2
    assert set(first).isdisjoint(page.locator(".entry h2").all_inner_texts())

    page.locator(".chosen__list a").first.click()
    page.wait_for_url(lambda url: "page=" not in url)
    assert filters_of(page) == {"region": ["01"], "sort": ["title"]}
    assert total(page) > found


def test_keyboard_skips_to_the_content_and_sees_where_it_is(open_page):
    page = open_page(width=1280)
    page.goto("/ar/practices/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert page.evaluate("document.activeElement.className") == "skip"
    box = skip.bounding_box()
    assert box["width"] > 40
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#main') !== null")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_focus_is_visible_at_every_stop(open_page, width, dark):
    page = open_page(width=width, dark=dark)
    page.goto("/fr/practices/?principle=participation")
    unseen = []
    for _stop in range(45):
        page.keyboard.press("Tab")
        fault = page.evaluate("""() => {
          const one = document.activeElement;
          if (one === document.body) return null;
          const style = getComputedStyle(one);
          const box = one.getBoundingClientRect();
          const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
          const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0
            && box.left < innerWidth && box.width > 0 && box.height > 0;
          return (ring || style.boxShadow !== "none") && seen
            ? null : `${one.outerHTML.slice(0, 120)} ring=${ring} seen=${seen}`;
        }""")
        if fault:
            unseen.append(fault)
    assert unseen == []
