"""
An editor who works in Arabic, in real Chromium against the real server: the last paragraph of the
issue "The site is full". What the editor makes stays on the site; the other browser tests do not
rely on what it changes.
"""

import html
import io
import re
import tomllib
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.browsing import PATIENCE, enter_administration, load_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
expect.set_options(timeout=PATIENCE)

EDITOR = "editor@example.org"
DEMO = Path(__file__).parents[2] / "home" / "demo"

TITLE = "لقاء مفتوح مع الساكنة حول ميزانية الجماعة"
SUMMARY = "الساكنة مدعوة إلى مناقشة مشروع الميزانية مع أعضاء المجلس قبل التصويت عليه."
TEXT = "يبدأ اللقاء بعرض قصير، ثم تعطى الكلمة للحاضرات والحاضرين."
DESCRIPTION = "صفوف من الكراسي في ساحة أمام مقر الجماعة"
FEATURED = "p010"
STAYS, GOES = "urban-planning", "council-sessions"  # themes of one practice each
ARABIC = re.compile(r"[\u0600-\u06ff]")
ENTRY = re.compile(r'<h2><a href="(/\w+/practices/[^"?]+/)"')
# A title in the language of the page carries no mark of another.
HEADING = re.compile(r"<h1>(.*?)</h1>")
# Where it can be read; one source is known by its title alone.
SOURCE = re.compile(
    r'<section id="documents">.*?<div class="source">\s*<h3>.*?</h3>\s*'
    r'<p>(?:<a href="(https?://[^"]+)"|<span>(.*?)</span>)',
    re.DOTALL,
)


def facts_of(practice: str) -> dict:
    return tomllib.loads((DEMO / "practices" / f"{practice}.toml").read_text("utf-8"))


def picture() -> bytes:
    """Draw a picture as a camera would send it."""
    image = Image.new("RGB", (1200, 800), "#d8c9a3")
    pen = ImageDraw.Draw(image)
    for row in range(4):
        for seat in range(9):
            corner = (90 + seat * 115, 380 + row * 95)
            pen.rectangle((*corner, corner[0] + 70, corner[1] + 60), fill="#1f5c50")
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return file.getvalue()


def sign_in_and_work_in_arabic(page: Page) -> None:
    enter_administration(page, EDITOR)
    page.goto("/admin/account/")
    page.locator("[name=locale-preferred_language]").select_option("ar")
    page.locator("main form footer [type=submit]").click()
    expect(page.locator(".messages .success")).to_be_visible()
    page.goto("/admin/")
    html = page.locator("html")
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == ("ar", "rtl")


def follow_menu(page: Page, path: str) -> None:
    page.locator(f'.sidebar a[href="{path}"]').click()
    page.wait_for_url(f"**{path}**")


def begin_news(page: Page) -> None:
    """From the menu to an empty news item below the Arabic list of news."""
    follow_menu(page, "/admin/news_listing/")
    page.locator('a[href*="/news_listing/choose_parent/"]').first.click()
    page.wait_for_url("**/choose_parent/**")
    page.get_by_label("العربية").check()
    page.locator("main form footer [type=submit]").click()
    page.wait_for_url("**/add/home/newspage/**")


def write_news(page: Page) -> None:
    page.locator("#id_title").fill(TITLE)
    page.locator("#id_summary").fill(SUMMARY)
    page.locator(".c-sf-add-button:visible").first.click()
    page.locator("[role=option]").first.click()
    page.locator('[data-contentpath="text"] [contenteditable=true]').click()
    page.keyboard.type(TEXT)


def upload_picture(page: Page) -> None:
    """Choose a picture for the news item from the editor's own machine, without describing it."""
    page.locator("#id_picture-chooser [data-chooser-action-choose]:visible").click()
    page.locator("#tab-label-upload").click()
    form = page.locator("#tab-upload")
    form.locator("[type=file]").set_input_files(
        {"name": "place.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    form.locator("#id_image-chooser-upload-title").fill("ساحة الجماعة")
    form.locator("[type=submit]").click()
    expect(page.locator("#id_picture-chooser")).not_to_have_class(re.compile("blank"))


def describe_picture(page: Page) -> None:
    """Follow the link at the chosen picture, which opens in a tab of its own."""
    page.locator("#id_picture-chooser .w-dropdown__toggle").click()
    with page.expect_popup() as opened:
        page.locator("[data-chooser-edit-link]:visible").click()
    image = opened.value
    image.locator("#id_alt_ar").fill(DESCRIPTION)
    image.locator("main form footer [type=submit]").first.click()
    expect(image.locator(".messages .success")).to_be_visible()
    image.close()


def publish(page: Page) -> None:
    page.locator("footer .w-dropdown--dropdown-button .w-dropdown__toggle").click()
    page.locator("[name=action-publish]").click()


def preview_on_a_phone(page: Page) -> None:
    """See the draft as readers in Arabic and in French will, without leaving the form."""
    page.locator("[data-side-panel-toggle=preview]").click()
    page.locator("label", has=page.locator("[name=preview-size][value=mobile]")).click()
    frame = page.frame_locator("#w-preview-iframe")
    expect(frame.locator("html")).to_have_attribute("lang", "ar")
    expect(frame.locator("h1")).to_have_text(TITLE)
    expect(frame.locator(".text-page figure img")).to_have_attribute("alt", DESCRIPTION)
    assert frame.locator("html").evaluate("() => innerWidth") < 400

    page.locator("#id_preview_mode").select_option("fr")
    expect(frame.locator("html")).to_have_attribute("lang", "fr")
    expect(frame.locator("html")).to_have_attribute("dir", "ltr")
    expect(frame.locator("h1")).to_have_text(TITLE)
    expect(frame.locator("h1")).to_have_attribute("lang", "ar")
    expect(frame.locator(".language-note")).to_be_visible()
    page.locator("[data-side-panel-toggle=preview]").click()


def feature_practice(page: Page, title: str) -> None:
    """Put a practice in the first place of the home page's selection."""
    follow_menu(page, "/admin/settings/home/frontpage/")
    chooser = page.locator("#id_practices-0-page-chooser")
    chooser.locator(".w-dropdown__toggle").click()
    page.locator("[data-chooser-action-choose]:visible", has_not_text="أضف").first.click()
    modal = page.locator(".modal-body")
    modal.locator("[name=q]").fill(title)
    modal.locator("a.choose-page", has_text=title).click()
    expect(chooser.locator("[data-chooser-title]")).to_have_text(title)
    page.locator("main form footer [type=submit]").click()
    expect(page.locator(".messages .success")).to_be_visible()


def merge_themes(page: Page, stays: dict, goes: dict) -> None:
    follow_menu(page, "/admin/themes/")
    for theme in (stays, goes):
        page.locator("tr", has_text=theme["ar"]).locator("[data-bulk-action-checkbox]").check()
    page.locator('.bulk-actions-choices a[href*="/merge/"]').click()
    page.wait_for_url("**/merge/**")
    page.locator("[name=into]").select_option(STAYS)
    page.locator("main form [type=submit]").click()
    page.wait_for_url("**/admin/themes/**")
    expect(page.locator(".messages .success")).to_be_visible()


def test_editor_fills_the_site_and_a_visitor_sees_it(visit, open_page):
    featured = facts_of(FEATURED)
    themes = tomllib.loads((DEMO / "themes.toml").read_text("utf-8"))
    practices = [facts_of(file.stem) for file in (DEMO / "practices").glob("*.toml")]
    merged = {one["ar"]["title"] for one in practices if {STAYS, GOES} & set(one["themes"])}
    visitor = open_page(width=390)

    editor = visit(width=1280, height=900, signs_in=True).page
    sign_in_and_work_in_arabic(editor)
    begin_news(editor)
    write_news(editor)
    upload_picture(editor)

    publish(editor)
    refusal = editor.locator('[data-contentpath="picture"] .error-message')
    expect(refusal).to_have_text(ARABIC)
    expect(editor.locator("#id_title")).to_have_value(TITLE)
    expect(editor.locator("#id_summary")).to_have_value(SUMMARY)
    expect(editor.locator('[data-contentpath="text"] [contenteditable=true]')).to_have_text(TEXT)
    expect(editor.locator("#id_picture-chooser [data-chooser-title]")).to_have_text("ساحة الجماعة")
    visitor.goto("/ar/news/")
    assert visitor.locator(".news a", has_text=TITLE).count() == 0

    describe_picture(editor)
    preview_on_a_phone(editor)
    publish(editor)
    expect(editor.locator(".messages .success")).to_be_visible()
    feature_practice(editor, featured["ar"]["title"])
    merge_themes(editor, themes[STAYS], themes[GOES])

    visitor.goto("/ar/")
    assert visitor.locator(".news a", has_text=TITLE).count() == 1
    assert visitor.locator(".cards h3").first.inner_text() == featured["ar"]["title"]
    visitor.goto("/fr/")
    assert visitor.locator(".cards h3").first.inner_text() == featured["fr"]["title"]
    told = visitor.locator(".news a", has_text=TITLE)
    load_until(visitor, "/ar/news/", lambda: told.count() == 1)  # lists follow by the worker
    told.click()
    visitor.wait_for_url("**/ar/news/*-*/")
    assert visitor.locator("h1").inner_text() == TITLE
    assert visitor.locator(".text-page figure img").get_attribute("alt") == DESCRIPTION
    assert TEXT in visitor.locator(".text-page").inner_text()
    titles = visitor.locator(".entry h2")
    path = f"/ar/practices/?theme={GOES}"
    load_until(visitor, path, lambda: set(titles.all_inner_texts()) == merged)
    assert urlsplit(visitor.url).query == f"theme={STAYS}"


def read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return html.unescape(answer.read().decode())


def addresses_of_practices(site: str, language: str) -> list[str]:
    """Return the addresses of all practices in a language, as their list has them."""
    found, number = [], 1
    while True:
        text = read(f"{site}/{language}/practices/?page={number}")
        found += ENTRY.findall(text)
        if 'class="pages__next"' not in text:
            return found
        number += 1


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_every_compiled_practice_opens_with_its_source(site, language):
    told = {}
    for address in addresses_of_practices(site, language):
        text = read(site + address)
        title, source = HEADING.search(text), SOURCE.search(text)
        if title and source:  # what members tell themselves has none
            told[title[1]] = source[1] or source[2]
    facts = [facts_of(file.stem) for file in (DEMO / "practices").glob("*.toml")]
    assert len(facts) == 73
    assert sum(bool(one["source_url"]) for one in facts) == 72
    assert told == {
        one[language]["title"]: one["source_url"] or one[language]["source_title"] for one in facts
    }
