"""
A visitor who searches, in real Chromium against the real server: the last paragraph of the issue
"Search". Practices are named by the facts of the demo content.
"""

import re
from urllib.parse import parse_qs, quote, urlsplit
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import PATIENCE, load_until
from tests.stories.test_editing import (
    facts_of,
    follow_menu,
    publish,
    sign_in_and_work_in_arabic,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
expect.set_options(timeout=PATIENCE)

COMPLAINTS, AMAZIGH, PETITIONS, BUDGET = "p049", "p067", "p028", "p064"
NOTHING = "xqzzkw"
ATOM = "{http://www.w3.org/2005/Atom}"
INDEXING = 5  # seconds in which what is saved is found while a worker runs

# A practice that stands in Arabic alone, on something that no other one tells of.
TITLE = "ساكنة الحي تختار مواعيد فتح المسبح الجماعي"
SUMMARY = "استمارة قصيرة سألت الأسر عن المواعيد التي تناسبها، ثم عدلت المصلحة جدولها."

with_and_without_javascript = pytest.mark.parametrize(
    "javascript", [True, False], ids=["script", "no script"]
)


def title_of(practice: str, language: str) -> str:
    return facts_of(practice)[language]["title"].replace("\xa0", " ")


def found(page: Page) -> list[str]:
    """Return the titles of this page of results, in their order."""
    titles = page.locator(".entry--found h3").all_inner_texts()
    return [title.replace("\xa0", " ") for title in titles]


def total(page: Page) -> int:
    """Return how many results there are; Arabic says one and two in words."""
    text = page.locator(".tabs [aria-current] .facet__count").inner_text()
    return int(re.sub(r"\D", "", text))


def search_for(page: Page, words: str) -> None:
    """Type into the box of the search page and send it."""
    page.locator("#page-search").fill(words)
    with page.expect_navigation():
        page.locator("#page-search").press("Enter")
    assert parse_qs(urlsplit(page.url).query)["q"] == [words]


def address(language: str, words: str, more: str = "") -> str:
    return f"/{language}/search/?q={quote(words)}{more}"


@with_and_without_javascript
def test_arabic_word_is_found_in_every_form_and_spelling(open_page, javascript):
    page = open_page(width=390, javascript=javascript)
    page.goto("/ar/")
    page.locator(".nav-phone__search").click()
    page.wait_for_url("**/ar/search/#search")
    assert page.locator("html").get_attribute("dir") == "rtl"

    complaints, amazigh = title_of(COMPLAINTS, "ar"), title_of(AMAZIGH, "ar")
    for words, title in {
        "وبشكاياتهم": complaints,  # the title has للشكايات: other clitics on both ends
        "الشِّكَايَات": complaints,  # with vowel signs
        "للامازيغيه": amazigh,  # without hamza, with haa for taa marbuta
        "بِالأَمازيغِيَّةِ": amazigh,
    }.items():
        search_for(page, words)
        assert found(page)[0] == title, words
        assert page.locator(".entry--found h3").first.locator("mark").count() == 1
        assert page.locator(".notice").count() == 0

    search_for(page, "الشكاايات")
    said = page.locator(".notice[role=status]")
    assert said.is_visible()
    assert [one.inner_text() for one in said.locator("bdi").all()] == ["الشكاايات", "الشكايات"]
    assert found(page)[0] == complaints
    assert page.locator("#page-search").input_value() == "الشكاايات"

    search_for(page, NOTHING)
    assert (total(page), found(page)) == (0, [])
    ways = page.locator(".empty__ways a")
    assert {urlsplit(way.get_attribute("href")).path for way in ways.all()} == {
        "/ar/practices/",
        "/ar/collectivities/",
        "/ar/contact/",
    }


@with_and_without_javascript
def test_french_words_are_found_without_accents_and_mistyped(open_page, javascript):
    page = open_page(width=1280, javascript=javascript)
    page.goto("/fr/search/")
    for words, practice in {"petitions": PETITIONS, "reclamation": COMPLAINTS}.items():
        search_for(page, words)
        assert found(page)[0] == title_of(practice, "fr")
        assert page.locator(".notice").count() == 0
    search_for(page, "pétitons")
    assert "pétitons" in page.locator(".notice[role=status]").inner_text()
    assert found(page)[0] == title_of(PETITIONS, "fr")


@with_and_without_javascript
def test_words_of_one_language_find_what_is_told_in_another(open_page, javascript):
    page = open_page(width=390, javascript=javascript)
    page.goto(address("ar", "budget participatif"))
    assert title_of(BUDGET, "ar") in found(page)
    entry = page.locator(".entry--found").filter(has_text=title_of(BUDGET, "ar"))
    assert entry.locator("h3 mark").all_inner_texts() == ["ميزانية", "تشاركية"]
    page.goto(address("fr", "ميزانية تشاركية"))
    entry = page.locator(".entry--found").filter(has_text="Agadir")
    assert entry.locator("h3 mark").all_inner_texts() == ["budget", "participatif"]
    assert title_of(BUDGET, "fr") in found(page)


@with_and_without_javascript
def test_results_in_another_language_are_marked_and_can_be_left_out(open_page, javascript):
    """Nothing of the demo content is written in Tamazight: its reader is shown French."""
    page = open_page(width=390, javascript=javascript)
    page.goto(address("zgh", "petitions"))
    everything = total(page)
    entry = page.locator(".entry--found").first
    link = entry.locator("h3 a")
    assert (link.get_attribute("lang"), link.get_attribute("dir")) == ("fr", "ltr")
    assert entry.locator(".facts-line").inner_text() == "français"

    page.locator(".follow a[href*='own=1']").click()
    page.wait_for_url("**own=1*")
    assert (total(page), found(page)) == (0, [])
    page.locator(".empty__ways a").first.click()
    page.wait_for_url(lambda url: "own" not in url)
    assert total(page) == everything


@with_and_without_javascript
def test_tabs_and_facets_narrow_what_words_find(open_page, javascript):
    page = open_page(width=390, javascript=javascript)
    page.goto(address("ar", "عرائض"))
    everything = total(page)
    page.locator(".tabs a[href*='section=practices']").click()
    page.wait_for_url("**section=practices*")
    practices = total(page)
    assert 0 < practices < everything

    page.locator(".filters-panel > summary").click()
    label = page.locator('label[for="principle-digital"]')
    counted = page.locator("li", has=label).locator(".facet__count").inner_text()
    label.click()
    with page.expect_navigation():
        page.locator(".facets button[type=submit]").click()
    query = parse_qs(urlsplit(page.url).query)
    assert (query["q"], query["section"], query["principle"]) == (
        ["عرائض"],
        ["practices"],
        ["digital"],
    )
    assert total(page) == int(counted)
    assert 0 < total(page) < practices
    assert page.locator(".chosen__list a").count() == 2

    # Other words keep the tab and the facet; all is in the address.
    search_for(page, "شكايات")
    query = parse_qs(urlsplit(page.url).query)
    assert (query["section"], query["principle"]) == (["practices"], ["digital"])
    assert found(page) == [title_of(COMPLAINTS, "ar")]


def test_suggestions_come_while_typing_and_obey_the_keyboard(open_page):
    page = open_page(width=390)
    page.goto("/ar/search/")
    field, options = page.locator("#page-search"), page.locator("[role=option]")
    field.press_sequentially("ميزا")
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    texts = options.locator("span:first-child").all_inner_texts()
    assert "ميزانية تشاركية" in texts
    assert title_of(BUDGET, "ar") in texts

    chosen = page.locator("[role=option][aria-selected=true]")
    for key, text in [
        ("ArrowDown", texts[0]),
        ("ArrowDown", texts[1]),
        ("ArrowUp", texts[0]),
        ("ArrowUp", ""),  # the field itself
        ("ArrowUp", texts[-1]),
    ]:
        field.press(key)
        assert chosen.locator("span:first-child").all_inner_texts() == [text] * bool(text)
        told = chosen.get_attribute("id") if text else None
        assert field.get_attribute("aria-activedescendant") == told

    field.press("Escape")
    expect(options.first).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    assert field.input_value() == "ميزا"

    for _step in range(texts.index(title_of(BUDGET, "ar")) + 1):
        field.press("ArrowDown")  # opens the list again
    field.press("Enter")
    page.wait_for_url("**/ar/practices/*-*/")
    assert page.locator("h1").inner_text() == title_of(BUDGET, "ar")


def test_search_is_kept_listed_and_removed_in_this_browser_alone(visit):
    first, second = address("ar", "شكايات"), address("ar", "عرائض", "&section=practices")
    one = visit(width=390)
    page = one.page
    page.goto(first)
    kept, keep = page.locator(".saved__list"), page.locator("[data-save]")
    expect(kept).to_be_hidden()
    asked = len(one.requests)
    keep.click()
    expect(keep).to_be_disabled()
    assert len(one.requests) == asked
    page.goto(second)
    keep.click()
    kept.locator("summary").click()
    assert kept.locator("li a").all_inner_texts() == ["عرائض", "شكايات"]

    kept.locator("li", has_text="شكايات").get_by_role("link").click()
    page.wait_for_url(f"**{first}")
    expect(keep).to_be_disabled()
    kept.locator("summary").click()
    for words in ("شكايات", "عرائض"):
        kept.locator("li", has_text=words).get_by_role("button").click()
        expect(kept.locator("li", has_text=words)).to_have_count(0)
    expect(kept).to_be_hidden()
    expect(keep).to_be_enabled()
    page.reload()
    expect(kept).to_be_hidden()

    without = visit(width=390, javascript=False).page
    without.goto(first)
    assert not without.locator(".saved").is_visible()
    assert without.locator("[role=listbox]").count() == 0


@with_and_without_javascript
def test_search_is_followed_by_feed(open_page, javascript):
    page = open_page(width=390, javascript=javascript)
    page.goto(address("fr", "petitions", "&section=practices"))
    expected = total(page)
    told = page.locator("head link[type='application/atom+xml']").get_attribute("href")
    assert page.locator(".follow a[type='application/atom+xml']").get_attribute("href") == told
    answer = page.request.get(told)
    assert answer.ok
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.text())
    assert feed.tag == f"{ATOM}feed"
    titles = [one.text.replace("\xa0", " ") for one in feed.findall(f"{ATOM}entry/{ATOM}title")]
    assert len(titles) == expected
    assert title_of(PETITIONS, "fr") in titles


def begin_practice(page: Page) -> None:
    """From the menu to an empty practice below the Arabic list of practices."""
    follow_menu(page, "/admin/practice_listing/")
    page.locator('a[href*="/practice_listing/choose_parent/"]').first.click()
    page.wait_for_url("**/choose_parent/**")
    page.get_by_label("العربية").check()
    page.locator("main form footer [type=submit]").click()
    page.wait_for_url("**/add/practices/practicepage/**")


def write_practice(page: Page) -> None:
    """Fill in what a practice needs to be published."""
    page.locator("#id_title").fill(TITLE)
    page.locator("#id_summary").fill(SUMMARY)
    page.locator("[name=principles][value=participation]").check()
    page.locator("[data-chooser-action-choose]:visible").first.click()
    modal = page.locator(".modal-body")
    modal.locator("a[data-chooser-modal-choice]").first.click()
    expect(modal).to_have_count(0)


def test_practice_is_found_and_gone_within_seconds_of_its_publication(visit, open_page):
    """An Arabic practice, found by a French word, marked as Arabic; afterwards none is left."""
    reader = open_page(width=390, locale="fr-MA")
    path = address("fr", "piscines")
    entry = reader.locator(".entry--found").filter(has_text=TITLE)
    editor = visit(width=1280, height=900, signs_in=True).page
    sign_in_and_work_in_arabic(editor)
    begin_practice(editor)
    write_practice(editor)
    reader.goto(path)
    assert entry.count() == 0

    publish(editor)
    done = editor.locator(".messages .success")
    expect(done).to_be_visible()
    load_until(reader, path, lambda: entry.count() == 1, INDEXING)
    assert entry.locator("h3 a").get_attribute("lang") == "ar"
    assert entry.locator("mark").all_inner_texts() == ["المسبح"]
    assert entry.locator(".facts-line").inner_text() == "arabe"
    reader.locator(".follow a[href*='own=1']").click()
    reader.wait_for_url("**own=1*")
    assert entry.count() == 0

    edit = done.locator("a[href*='/edit/']").first.get_attribute("href")
    editor.goto(edit.replace("/edit/", "/unpublish/"))
    editor.locator("main form [type=submit]").first.click()
    expect(done).to_be_visible()
    load_until(reader, path, lambda: entry.count() == 0, INDEXING)
    reader.goto(address("ar", TITLE))
    assert entry.count() == 0
