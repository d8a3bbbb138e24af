"""
Fixtures of the browser tests (a pytest plugin: `stories/conftest.py` and `browser/conftest.py`
name it): one running site for all of them, one Chromium per module, and visits that note what a
page must never do.
"""

import os
import shutil
import time
import uuid
from collections.abc import Callable
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.live import CHROMIUM_OPTIONS, password_of, running_site, second_step_of

FOLDERS = ("tests/stories/", "tests/browser/")
PATIENCE = 20_000  # milliseconds


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """
    Give all browser tests to one worker, so that the site is prepared once.

    pytest-xdist 3.8 does not see its own groups under pytest 9.2 (its issue 1386). The process that
    hands out the tests reads no conftest of a folder: `-p tests.browsing` shows it this.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "browser" if nodeid.startswith(FOLDERS) else nodeid

    return Scheduling(config, log)


@pytest.fixture(scope="session")
def site(chromium):
    """
    The address of the real site with its demo content, on the kind of database of this run.

    One that runs already is taken: `python -m tests.live python -m pytest tests/stories`.
    """
    from django.conf import settings

    if os.environ.get("LIVE_URL"):
        yield os.environ["LIVE_URL"]
        return
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        with running_site() as address:
            yield address
        return
    with new_database(os.environ["DATABASE_URL"]) as url, running_site(url) as address:
        yield address


@contextmanager
def new_database(url: str):
    """Make an empty database next to another, give its address, and drop it at the end."""
    import psycopg

    name = f"live_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def chromium() -> str:
    path = shutil.which("chromium")
    if not path and os.environ.get("CI") == "true":
        pytest.fail("Chromium is missing, and under CI nothing may be skipped")
    if not path:
        pytest.skip("Chromium is missing")
    return path


@pytest.fixture(scope="module")
def browser(chromium):
    """
    Chromium, for one module.

    Not for the session: while Playwright runs, Django believes that it is in asynchronous code,
    and refuses the tests that come after on the same worker their database.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield one
        one.close()


class Visit:
    """A person with an empty browser, and the faults that it has seen."""

    def __init__(
        self,
        browser,
        site: str,
        *,
        width: int = 390,
        height: int = 844,
        dark: bool = False,
        javascript: bool = True,
        locale: str = "ar-MA",
        signs_in: bool = False,
    ) -> None:
        self.site = site
        self.signs_in = signs_in  # a visitor who does not is given no cookie
        self.faults: list[str] = []
        self.requests: list = []
        self.missing: set[str] = set()
        self.context = browser.new_context(
            base_url=site,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            locale=locale,
            service_workers="block",
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.on("request", self._note_request)
        self.context.on("response", self._note_response)
        self.context.on("console", self._note_message)
        self.context.on("weberror", lambda one: self.faults.append(f"script: {one.error}"))
        self.page = self.context.new_page()

    def go(self, path: str, status: int = 200):
        """Open a page of the site. A 404 is a fault but where it is asked for."""
        if status == 404:
            self.missing.add(self.site + path)
        answer = self.page.goto(path)
        assert answer.status == status, f"{path}: {answer.status}"
        return answer

    def _note_request(self, request) -> None:
        self.requests.append(request)
        if not request.url.startswith((self.site + "/", "data:", "blob:", "about:")):
            self.faults.append(f"another host: {request.url}")

    def _note_response(self, response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status}: {response.url}")

    def _note_message(self, message) -> None:
        """A blocked inline style, a missing file, a script's error: all are said here."""
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url')})")

    def close(self) -> None:
        """End the visit. What was wrong in it is raised."""
        cookies = [cookie["name"] for cookie in self.context.cookies()]
        self.context.close()
        meant = {f"({url})" for url in self.missing}
        faults = [one for one in self.faults if not one.endswith(tuple(meant) or ("\0",))]
        assert faults == []
        assert self.signs_in or cookies == []


def load_until(
    page, path: str, holds: Callable[[], bool], seconds: float = PATIENCE / 1000
) -> None:
    """Load a page again and again until it shows what the worker has to put there."""
    deadline = time.monotonic() + seconds
    while True:
        page.goto(path)
        if holds():
            return
        assert time.monotonic() < deadline, f"{path}: not within {seconds} seconds"
        page.wait_for_timeout(200)


def enter_administration(page, email: str) -> None:
    """Come in as a member of staff of the demo: through the one login, with both steps."""
    page.goto("/admin/")
    page.wait_for_url("**/account/login/**")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(password_of(email))
    page.locator("main form [type=submit]").first.click()
    page.wait_for_url("**/second-step/authenticate/**")
    page.locator("[name=code]").fill(second_step_of(email))
    page.locator("main form [type=submit]").first.click()
    page.wait_for_url("**/admin/")


def enter_space(visit: Visit, email: str, language: str = "ar"):
    """Log somebody of a member in, as they do. Return their page: the space."""
    page = visit.page
    page.goto(f"/{language}/account/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(password_of(email))
    page.locator("main form [type=submit]").first.click()
    page.wait_for_url(f"**/{language}/space/**")
    return page


@pytest.fixture
def visit(browser, site):
    """Return a function that begins a visit. Each is looked through at the end of the test."""
    begun: list[Visit] = []

    def begin(**wishes) -> Visit:
        begun.append(Visit(browser, site, **wishes))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


@pytest.fixture
def open_page(visit):
    """Return a function that gives an empty page in a fresh browser."""
    return lambda **wishes: visit(**wishes).page
