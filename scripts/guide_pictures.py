"""
Takes the pictures of the editors' guide, as the demo's editor sees the administration in Arabic
and in French, from a demo site of its own: `make guide-pictures`.
"""

import os
import shutil
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright
from screenshots import ROOT, save

from tests.browsing import enter_administration
from tests.live import CHROMIUM_OPTIONS, running_site

PICTURES = ROOT / "docs" / "editors" / "pictures"
LANGUAGES = ("ar", "fr")
SIZE = {"width": 1100, "height": 760}
LARGEST = 120_000  # bytes
PATIENCE = 60_000  # milliseconds
EDITOR = "editor@example.org"
FILLING = 4_000  # milliseconds; the form refuses what is sent faster than a person writes
PLACES = {
    "dashboard": "",
    "practice-list": "practice_listing/?locale={language}",
    "themes": "themes/",
    "selection": "settings/home/frontpage/1/",
    "menus": "settings/home/navigation/1/",
    "messages": "contact_messages/",
}
MESSAGES = {
    "ar": {
        "name": "زينب (مثال)",
        "email": "zineb@example.org",
        "subject": "جماعتنا تريد أن تحكي تجربتها",
        "text": "هذه رسالة للمثال فقط: كيف نرسل إليكم تجربة جماعتنا في الميزانية التشاركية؟",
    },
    "fr": {
        "name": "Youssef (exemple)",
        "email": "youssef@example.org",
        "subject": "Une date à corriger",
        "text": "Ce message est un exemple : l’atelier a eu lieu en mars, et non en avril.",
    },
}
TERM = {"ar": "ميزانية", "fr": "budget"}
# What nothing on the site says, and the word that the site uses for it.
SYNONYM = {"ar": ("بودجي", "ميزانية"), "fr": ("bénévoles", "volontaires")}


def take_all(site: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS
        )
        context = browser.new_context(base_url=site, viewport=SIZE, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        for language, message in MESSAGES.items():
            write_message(page, language, message)
            search_in_vain(page, language)
        enter_administration(page, EDITOR)
        for language in LANGUAGES:
            choose_language(page, language)
            for name, place in PLACES.items():
                page.goto(f"/admin/{place.format(language=language)}")
                keep(page, name, language)
            take_forms(page, language)
            take_merge(page, language)
            take_search(page, language)
        browser.close()


def write_message(page: Page, language: str, message: dict[str, str]) -> None:
    """Write to the secretariat, so that there is something to read."""
    page.goto(f"/{language}/contact/")
    for name, text in message.items():
        page.locator(f"main [name={name}]").fill(text)
    page.wait_for_timeout(FILLING)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"**/{language}/contact/sent/")


def search_in_vain(page: Page, language: str) -> None:
    """Search what the site has no word for, so that there is something to make a synonym of."""
    for _time in range(4):
        page.goto(f"/{language}/search/?q={quote(SYNONYM[language][0])}")


def choose_language(page: Page, language: str) -> None:
    page.goto("/admin/account/")
    field = page.locator("[name=locale-preferred_language]")
    field.select_option(language)
    with page.expect_navigation():
        field.evaluate("field => field.form.requestSubmit()")


def take_forms(page: Page, language: str) -> None:
    """The form of a news item; that of a practice, and its preview on a phone."""
    open_first(page, f"/admin/news_listing/?locale={language}")
    keep(page, "news-form", language)
    open_first(page, f"/admin/practice_listing/?q=Tadafor&locale={language}")
    keep(page, "practice-form", language)
    preview = page.locator("[data-side-panel-toggle=preview]:visible")
    preview.click()
    page.locator("[data-side-panel=preview] label:has([name=preview-size])").first.click()
    shown = page.frame_locator("[data-side-panel=preview] iframe").first
    shown.locator("h1").wait_for()
    keep(page, "preview", language)
    preview.click()  # the next form would open with it


def open_first(page: Page, listing: str) -> None:
    page.goto(listing)
    page.goto(page.locator("td.title a[href*='/edit/']").first.get_attribute("href"))


def take_merge(page: Page, language: str) -> None:
    """What merging the first two themes of the list would change; nothing is merged."""
    page.goto("/admin/themes/")
    boxes = page.locator("[data-bulk-action-checkbox]").all()[:2]
    chosen = "&".join(f"id={box.get_attribute('data-object-id')}" for box in boxes)
    page.goto(f"/admin/bulk/core/theme/merge/?{chosen}&next=/admin/themes/")
    keep(page, "merge", language)


def take_search(page: Page, language: str) -> None:
    """What the termbase knows of a word; a synonym as it is made, which is not saved."""
    page.goto(f"/admin/termbase/?q={quote(TERM[language])}")
    keep(page, "termbase", language)
    searched, known = SYNONYM[language]
    page.goto(f"/admin/missed_searches/?q={quote(searched)}")
    page.locator("td.title .w-dropdown__toggle").first.click()
    page.locator("a[href*='/synonym/']:visible").click()
    page.locator("[name=same_as]").fill(known)
    keep(page, "synonym", language)


def keep(page: Page, name: str, language: str) -> None:
    page.wait_for_load_state("networkidle")
    save(page.screenshot(), PICTURES / language / f"{name}.png", LARGEST)


if __name__ == "__main__":
    for code in LANGUAGES:
        (PICTURES / code).mkdir(parents=True, exist_ok=True)
    if os.environ.get("LIVE_URL"):
        take_all(os.environ["LIVE_URL"])
    else:
        with running_site() as address:
            take_all(address)
