"""
A commune and an association join the network, in Arabic, in real Chromium against the real server,
with mails through a real mail server: the last paragraph of the issue "Members".
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import PATIENCE, Visit, enter_administration, load_until
from tests.live import mails_to

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
expect.set_options(timeout=PATIENCE)

EDITOR = "editor@example.org"
COMMUNE = "شفشاون"
OFFICIAL, COLLEAGUE, ACTIVIST = (
    f"{who}@example.org" for who in ("official", "colleague", "activist")
)
PASSWORD = "أربع كلمات لا يعرفها أحد"
ASSOCIATION = "جمعية الصفصاف للبيئة"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
DOCUMENT = {"name": "مداولة المجلس.pdf", "mimeType": "application/pdf", "buffer": PDF}


def submit(page: Page) -> None:
    """Send the form that has the fields which were just filled in."""
    page.locator("main form.form button[type=submit]").last.click()


def link_in_mail(page: Page, address: str, part: str) -> str:
    """Wait for a mail to an address with a link of some kind, and return the newest such link."""
    for _try in range(PATIENCE // 200):
        for mail in reversed(mails_to(address)):
            text = mail.get_body(("plain",)).get_content()
            if found := re.search(rf"http://\S+?/ar{part}\S+", text):
                return found.group()
        page.wait_for_timeout(200)
    raise AssertionError(f"no mail to {address} with a link to {part}")


def says(page: Page, words: str) -> None:
    expect(page.locator("main")).to_contain_text(words)


# --- What each of them does -----------------------------------------------------------------------


def find_the_way_in(page: Page) -> None:
    """From the home page on a phone to the two ways to join."""
    page.goto("/ar/")
    page.locator(".nav-phone__menu summary").click()
    page.locator('.nav-phone__menu a[href="/ar/space/"]').click()
    page.wait_for_url("**/ar/account/login/**")
    page.locator('main a[href="/ar/join/"]').first.click()
    page.wait_for_url("**/ar/join/")


def apply_for_the_commune(page: Page) -> None:
    page.locator('main a[href="/ar/join/collectivity/"]').click()
    page.locator("main [name=q]").fill(COMMUNE)
    page.locator("main [name=q]").press("Enter")
    page.get_by_role("link", name=f"جماعة {COMMUNE}", exact=True).click()
    fill_in_the_person(page, "مليكة", "الحداد", OFFICIAL, "مديرة المصالح")
    page.locator("[name=document]").set_input_files(DOCUMENT)
    page.wait_for_timeout(3100)  # no person is faster, and the form says so
    submit(page)
    page.wait_for_url("**/ar/join/sent/")


def fill_in_the_person(page: Page, first: str, last: str, email: str, office: str) -> None:
    page.locator("[name=first_name]").fill(first)
    page.locator("[name=last_name]").fill(last)
    page.locator("[name=office]").fill(office)
    page.locator("[name=email]").fill(email)


def confirm_by_mail(page: Page, email: str) -> None:
    page.goto(link_in_mail(page, email, "/join/"))
    page.locator("main form button").first.click()
    expect(page.locator(".join-state")).to_have_text("في انتظار نظر كتابة الشبكة")


def accept(page: Page, name: str) -> None:
    """The editor opens an application from the list and accepts it with a reason."""
    page.goto("/admin/")
    page.locator('a[href*="/admin/applications/"]').first.click()
    page.get_by_role("link", name=name).first.click()
    page.locator("[name=decision][value=accept]").check()
    page.locator("[name=reason]").fill("الطلب مكتمل. مرحبا بكم في الشبكة.")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator(".messages .success")).to_be_visible()


def take_up_the_invitation(page: Page, email: str, first: str, last: str) -> None:
    """Open the link in the mail, make the account, and be in the space."""
    page.goto(link_in_mail(page, email, "/invitation/"))
    page.locator("[name=first_name]").fill(first)
    page.locator("[name=last_name]").fill(last)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password_again]").fill(PASSWORD)
    submit(page)
    page.wait_for_url(re.compile(r"/ar/space/[^/]+/$"))


def sign_the_charter(page: Page) -> None:
    page.locator('main a[href$="/charter/"]').first.click()
    page.locator("[name=name]").fill("رئيس المجلس")
    page.locator("[name=office]").fill("رئيس مجلس الجماعة")
    page.locator("[name=agrees]").check()
    submit(page)
    expect(page.locator(".notice--success")).to_be_visible()
    says(page, "رئيس مجلس الجماعة")


def invite_the_colleague(page: Page) -> None:
    page.locator('a[href$="/people/"]').first.click()
    page.locator('main a[href$="/people/invite/"]').click()
    page.locator("[name=email]").fill(COLLEAGUE)
    page.locator("[name=place][value=contributor]").check()
    page.locator("[name=office]").fill("مصلحة التواصل")
    submit(page)
    expect(page.locator(".notice--success")).to_be_visible()
    says(page, COLLEAGUE)


def hand_over_to_the_colleague(page: Page) -> None:
    page.locator('main a[href$="/handover/"]').click()
    page.get_by_label("ياسين").check()
    submit(page)
    expect(page.locator(".notice--success")).to_be_visible()


def apply_for_the_association(page: Page) -> None:
    page.locator('main a[href="/ar/join/association/"]').click()
    page.locator("main [name=q]").fill(COMMUNE)
    page.locator("main [name=q]").press("Enter")
    page.locator("main .lines li", has_text=f"جماعة {COMMUNE}").first.get_by_role("link").click()
    page.locator('main a.button[href*="form="]').click()
    page.locator("[name=association_name_ar]").fill(ASSOCIATION)
    page.locator("[name=about]").fill("نعتني بالوادي وبالمساحات الخضراء مع ساكنة المدينة.")
    fill_in_the_person(page, "نعيمة", "الزيتوني", ACTIVIST, "رئيسة الجمعية")
    page.wait_for_timeout(3100)
    submit(page)
    page.wait_for_url("**/ar/join/sent/")


def confirm_the_association(page: Page) -> None:
    page.locator('main a[href$="/associations/"]').first.click()
    says(page, ASSOCIATION)
    page.locator("main button[name=decision][value=confirm]").click()
    expect(page.locator(".notice--success")).to_be_visible()


# --- The story ------------------------------------------------------------------------------------


def test_a_commune_and_an_association_join(visit):
    official: Visit = visit(signs_in=True)
    page = official.page
    find_the_way_in(page)
    apply_for_the_commune(page)
    confirm_by_mail(page, OFFICIAL)

    editor = visit(width=1280, height=900, signs_in=True).page
    enter_administration(editor, EDITOR)
    accept(editor, COMMUNE)

    take_up_the_invitation(page, OFFICIAL, "مليكة", "الحداد")
    space = page.url
    sign_the_charter(page)
    visitor = visit().page
    visitor.goto("/ar/charter/")
    says(visitor, COMMUNE)

    page.goto(space)
    invite_the_colleague(page)
    colleague = visit(signs_in=True).page
    take_up_the_invitation(colleague, COLLEAGUE, "ياسين", "المرابط")
    says_no_button(colleague)

    page.goto(f"{space}people/")
    hand_over_to_the_colleague(page)
    page.goto(f"{space}people/")
    expect(page.locator('main a[href$="/people/invite/"]')).to_have_count(0)
    colleague.goto(f"{space}people/")
    expect(colleague.locator('main a[href$="/people/invite/"]')).to_have_count(1)

    activist = visit(signs_in=True).page
    activist.goto("/ar/join/")
    apply_for_the_association(activist)
    confirm_by_mail(activist, ACTIVIST)
    accept(editor, ASSOCIATION)
    take_up_the_invitation(activist, ACTIVIST, "نعيمة", "الزيتوني")
    association = activist.url

    colleague.goto(space)
    confirm_the_association(colleague)
    activist.goto(association)
    says(activist, COMMUNE)
    found = visitor.get_by_role("link", name=ASSOCIATION)
    load_until(visitor, "/ar/associations/", lambda: found.count() > 0)
    found.first.click()
    says(visitor, f"جماعة {COMMUNE}")


def says_no_button(page: Page) -> None:
    """A contributor sees the people and manages none."""
    page.goto(f"{page.url}people/")
    expect(page.locator('main a[href$="/people/invite/"]')).to_have_count(0)
