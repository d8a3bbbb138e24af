"""
A member writes a practice on a phone, loses the network, comes back and submits; an editor asks for
a change, then publishes; the association confirms; another collectivity takes it over. In Arabic
and French, in real Chromium against the real server: the last paragraph of the issue "A member
publishes a practice".
"""

import base64
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import PATIENCE, Visit, enter_administration, enter_space, load_until
from tests.live import mails_to

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
expect.set_options(timeout=PATIENCE)

OFFICIAL, ACTIVIST, NEIGHBOUR, EDITOR = (
    f"{who}@example.org" for who in ("contributor", "association", "neighbour", "editor")
)
TITLE = "مثال: دفتر الطلبات مفتوح للجميع في السوق الأسبوعي"
SUMMARY = (
    "مثال: تعرض الجماعة كل أسبوع في السوق ما طلبه السكان وما تم في كل طلب، بلوحة يقرؤها الجميع."
)
WITHOUT_NETWORK = " وقد كتبت هذه الجملة بلا شبكة."
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)


def saved(page: Page) -> None:
    """Wait until the script has saved what was typed, and keeps nothing on the device."""
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('draft:')).length"
    for _try in range(PATIENCE // 200):
        if page.evaluate(kept) == 0:
            break
        page.wait_for_timeout(200)
    assert page.evaluate(kept) == 0, page.locator("[data-save-status]").inner_text()


# --- What each of them does ---------------------------------------------------------------------


def begin(page: Page) -> str:
    """From the space to the quick sheet. Return the address of the draft."""
    page.locator('main a[href$="/start/"]').click()
    page.locator("[name=title]").fill("مثال: دفتر الطلبات")
    page.locator("main form.form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/ar/contributions/\d+/write/quick/"))
    return re.search(r"/ar/contributions/\d+/", page.url).group()


def write_the_quick_sheet(visit: Visit, page: Page) -> None:
    """Type, lose the network in the middle, close the page, come back: nothing is lost."""
    page.locator("[name=title]").fill(TITLE)
    page.locator("[name=summary]").fill(SUMMARY)
    saved(page)
    address = page.url
    visit.context.set_offline(True)
    page.locator("[name=summary]").press_sequentially(WITHOUT_NETWORK)
    page.wait_for_timeout(500)  # the device keeps it a moment after the last key
    page.close()
    visit.context.set_offline(False)
    # That there was no network, the browser said too.
    visit.faults[:] = [one for one in visit.faults if "ERR_INTERNET_DISCONNECTED" not in one]
    page = visit.page = visit.context.new_page()
    page.goto(address)
    expect(page.locator("[name=summary]")).to_have_value(SUMMARY + WITHOUT_NETWORK)
    saved(page)
    page.locator("[name=principles]").first.check()
    page.locator("[name=status]").select_option("running")
    page.locator("[name=start]").fill("10/2023")
    page.locator("[name=contact_name]").fill("مثال: مصلحة العلاقة مع المرتفقين")
    page.locator("[name=contact_email]").fill("service@example.org")
    page.locator("#id_challenges [data-row-add]").click()
    page.locator("[name='challenges-0-text']").fill("لا يعرف السكان ما صار إليه طلبهم")
    saved(page)


def send_a_photo(page: Page) -> None:
    file = {"name": "لوحة السوق.png", "mimeType": "image/png", "buffer": PHOTO}
    page.locator("#send-photos input[type=file]").set_input_files(file)
    page.locator("[name='photos-0-description']").fill("لوحة كبيرة عند مدخل السوق، وأمامها سكان")
    saved(page)


def name_the_association(page: Page, draft: str) -> None:
    page.goto(f"{draft}write/partners/")
    page.locator("#id_participants [data-row-add]").click()
    page.locator("[name='participants-0-who']").fill("مثال: جمعية الحي")
    page.locator("[name='participants-0-association']").select_option(index=1)
    page.locator("[name='participants-0-stage']").select_option("implementation")
    saved(page)


def submit(page: Page, draft: str) -> None:
    page.goto(f"{draft}check/")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(f"**{draft}sent/")


# --- The editor, in French ----------------------------------------------------------------------


def open_review(page: Page, draft: str) -> None:
    """From the queue to the draft; the queue holds others too."""
    page.goto("/admin/contributions/")
    number = re.search(r"\d+", draft).group()
    page.locator(f'main a[href="/admin/contributions/{number}/"]').first.click()


def ask_for_a_change(page: Page, draft: str) -> None:
    """Take it up, say something of the summary, and give it back."""
    open_review(page, draft)
    page.locator("button[name=do][value=take]").click()
    expect(page.locator("button[name=do][value=release]")).to_be_visible()
    note = page.locator("form", has=page.locator("input[value=summary]"))
    page.locator("details", has=note).locator("summary").click()
    note.locator("textarea").fill("Dites depuis quand, et combien de demandes par semaine.")
    note.locator("button[value=note]").click()
    page.locator("[name=changes-words]").fill("Un mot de plus dans le résumé, et c’est prêt.")
    page.locator("button[name=do][value=changes]").click()
    expect(page.locator(".messages .success")).to_be_visible()


def publish(page: Page, draft: str) -> None:
    open_review(page, draft)
    page.locator("button[name=do][value=take]").click()
    expect(page.locator("button[name=do][value=release]")).to_be_visible()
    for box in page.locator("[name=publish-met]").all():
        box.check()
    page.locator("button[name=do][value=publish]").click()
    expect(page.locator(".messages .success")).to_be_visible()


# --- What follows -------------------------------------------------------------------------------


def answer_the_note(page: Page, draft: str) -> None:
    page.goto(draft)
    expect(page.locator(".note")).to_contain_text("combien de demandes par semaine")
    page.locator(".note button").click()
    page.goto(f"{draft}write/about/")
    page.locator("[name=summary]").fill(f"{SUMMARY} منذ سنة 2023، نحو أربعين طلبا كل أسبوع.")
    saved(page)


def confirm(page: Page) -> None:
    """The association opens what it is asked for from its space, and confirms."""
    page.locator('main a[href*="/practices/words/"]', has_text=TITLE).first.click()
    page.locator("[name=state][value=confirmed]").check()
    page.locator("main form.form button[type=submit]").last.click()
    expect(page.locator(".notice--success")).to_be_visible()


def find_in_the_list(page: Page) -> None:
    """A visitor finds it by a word of its title; the worker has indexed it by then."""
    address = "/ar/practices/?q=السوق+الأسبوعي"
    link = page.locator("article.entry a", has_text="السوق الأسبوعي").first
    load_until(page, address, lambda: link.count() > 0)
    link.click()
    expect(page.locator("h1")).to_have_text(TITLE)


def take_it_over(page: Page, address: str) -> None:
    page.goto(address)
    page.locator('a[href$="/adopt/"]').first.click()
    page.locator("[name=state][value=under-way]").check()
    page.locator("[name=changed]").fill("مثال: نعرض اللوحة في دار الجماعة، فالسوق بعيد.")
    page.locator("main form.form button[type=submit]").last.click()
    expect(page.locator(".notice--success")).to_be_visible()


def test_a_practice_is_written_reviewed_confirmed_and_taken_over(visit):
    official = visit(signs_in=True, width=360, height=740)
    page = enter_space(official, OFFICIAL)
    draft = begin(page)
    write_the_quick_sheet(official, page)
    send_a_photo(official.page)
    name_the_association(official.page, draft)
    submit(official.page, draft)

    editor = visit(signs_in=True, width=1280, height=900, locale="fr-FR").page
    enter_administration(editor, EDITOR)
    ask_for_a_change(editor, draft)
    answer_the_note(official.page, draft)
    submit(official.page, draft)
    publish(editor, draft)

    confirm(enter_space(visit(signs_in=True), ACTIVIST))

    reader = visit().page
    find_in_the_list(reader)
    expect(reader.locator("#words")).to_contain_text("مثال")
    address = reader.url

    neighbour = visit(signs_in=True)
    take_it_over(enter_space(neighbour, NEIGHBOUR), address)

    reader.reload()
    drawing = reader.locator("#adoptions svg.lineage__drawing")
    expect(drawing).to_be_visible()
    expect(reader.locator("#adoptions")).to_contain_text("قيد الإنجاز")
    # Of the request for changes and of the publication the official was told by mail.
    for _try in range(PATIENCE // 200):
        told = [mail for mail in mails_to(OFFICIAL) if TITLE in str(mail["Subject"])]
        if len(told) >= 2:
            break
        reader.wait_for_timeout(200)
    assert len(told) >= 2
