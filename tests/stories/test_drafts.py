"""
Two people of a collectivity write one draft, and the line breaks: what the script of the form does
in real Chromium against the real server.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import PATIENCE, enter_space
from tests.stories.test_contribute import begin, saved

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
expect.set_options(timeout=PATIENCE)

KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('draft:')).length"
REFUSED = re.compile(r"status of 4(04|22)")


@pytest.fixture
def writers(visit) -> tuple[Page, Page, str]:
    """Two who write the same draft, at their lists of its parts, and its address."""
    first, second = visit(signs_in=True), visit(signs_in=True)
    one = enter_space(first, "contributor@example.org")
    draft = begin(one)
    yield one, enter_space(second, "focal@example.org"), draft
    for one in (first, second):  # that something is refused, the browser says too
        one.faults[:] = [fault for fault in one.faults if not REFUSED.search(fault)]


def lessons(page: Page, draft: str):
    page.goto(f"{draft}write/lessons/")
    return page.locator("[name=lessons]")


def save_and_leave(page: Page, draft: str) -> None:
    """Press the last button: what was typed is sent, and nothing is left on the device."""
    page.locator(".writing__actions button").last.click()
    page.wait_for_url(re.compile(rf"{draft}$"))
    assert page.evaluate(KEPT) == 0


def test_two_who_change_the_same_answer_choose_and_nothing_is_chosen_for_them(writers):
    one, two, draft = writers
    mine, theirs = lessons(one, draft), lessons(two, draft)
    theirs.fill("ما كتبه الزميل")
    saved(two)
    mine.fill("ما كتبته أنا")
    expect(one.locator("[name=theirs]")).to_be_visible()
    expect(mine).to_have_value("ما كتبته أنا")

    # Neither waiting nor typing on decides.
    mine.fill("ما كتبته أنا وأزيد")
    one.wait_for_timeout(3_000)
    expect(lessons(two, draft)).to_have_value("ما كتبه الزميل")
    # Whoever goes away and comes back sees both again.
    mine = lessons(one, draft)
    expect(one.locator("[name=theirs]")).to_be_visible()
    expect(mine).to_have_value("ما كتبته أنا وأزيد")
    expect(lessons(two, draft)).to_have_value("ما كتبه الزميل")

    save_and_leave(one, draft)
    expect(lessons(two, draft)).to_have_value("ما كتبته أنا وأزيد")


def test_what_the_others_wrote_is_taken_where_somebody_ticks_it(writers):
    one, two, draft = writers
    mine, theirs = lessons(one, draft), lessons(two, draft)
    theirs.fill("ما كتبه الزميل")
    saved(two)
    mine.fill("ما كتبته أنا")
    one.locator("[name=theirs]").check()
    save_and_leave(one, draft)
    expect(lessons(one, draft)).to_have_value("ما كتبه الزميل")


def test_a_button_sends_what_was_typed_and_leaves_nothing_behind(writers):
    one, two, draft = writers
    lessons(one, draft).fill("درس أول")
    save_and_leave(one, draft)
    theirs = lessons(two, draft)
    expect(theirs).to_have_value("درس أول")
    theirs.fill("درس ثان")
    saved(two)
    expect(lessons(one, draft)).to_have_value("درس ثان")
    expect(one.locator("[name=theirs]")).to_have_count(0)


def test_a_button_without_a_network_stays_on_the_page_and_loses_nothing(visit):
    one = visit(signs_in=True)
    page = enter_space(one, "contributor@example.org")
    draft = begin(page)
    answer = lessons(page, draft)
    one.context.set_offline(True)
    answer.fill("درس بلا شبكة")
    page.locator(".writing__actions button").last.click()
    page.wait_for_timeout(1_000)
    expect(answer).to_have_value("درس بلا شبكة")
    assert page.url.endswith("/write/lessons/")
    one.context.set_offline(False)
    saved(page)
    one.faults[:] = [fault for fault in one.faults if "ERR_INTERNET_DISCONNECTED" not in fault]
    page.locator(".writing__actions button").last.click()
    page.wait_for_url(re.compile(rf"{draft}$"))
    expect(lessons(page, draft)).to_have_value("درس بلا شبكة")


def test_who_cannot_write_any_more_is_told_so_and_keeps_the_text(writers):
    one, two, draft = writers
    answer = lessons(one, draft)
    two.goto(f"{draft}drop/")
    two.locator("main form button[type=submit]").click()
    two.wait_for_url(re.compile("/contributions/of/"))
    answer.fill("درس متأخر")
    expect(one.locator("[data-save-status]")).not_to_contain_text("شبكة")
    one.wait_for_timeout(2_000)
    assert one.evaluate(KEPT) == 1
    expect(one.locator("[data-save-status]")).to_have_text(
        one.locator("#draft").get_attribute("data-words-gone")
    )
