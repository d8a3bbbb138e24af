"""A real `manage.py serve` with its web server and its worker, on an empty database."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings

from tests.live import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.any_database,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc"),
]

DEADLINE = 60  # seconds; a slow machine takes ten to start


def children(pid: int) -> dict[int, str]:
    """Return the processes that a process has started, with their commands."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(folder.name)] = words.decode()
    return found


def lives(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable, what: str):
    deadline = time.monotonic() + DEADLINE
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)
    return answer


class Site:
    def __init__(self, process: subprocess.Popen, url: str) -> None:
        self.process, self.url = process, url

    def child(self, word: str, but: int = 0) -> int:
        """Wait for the child whose command holds a word, and which is another than one before."""

        def found():
            of_serve = children(self.process.pid).items()
            return next((pid for pid, words in of_serve if word in words and pid != but), 0)

        return wait_until(found, word)

    def web_workers(self, web: int) -> list[int]:
        return wait_until(lambda: len(them := list(children(web))) == 2 and them, "two workers")

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url + "/robots.txt", timeout=5).close()
        except (urllib.error.URLError, OSError):
            return False
        return True


@pytest.fixture
def site(tmp_path):
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",  # static files need not be collected
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'serve.sqlite3'}",
        "SITE_URL": url,
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", port],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        one = Site(process, url)
        wait_until(one.answers, "the first answer")
        yield one
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def test_web_server_that_is_killed_comes_back_and_leaves_no_orphan(site):
    web = site.child("granian")
    workers = site.web_workers(web)
    os.kill(web, signal.SIGKILL)
    again = site.child("granian", but=web)
    wait_until(lambda: not any(map(lives, workers)), "the end of the orphans")
    wait_until(site.answers, "an answer of the new one")
    everybody = [again, *site.web_workers(again), site.child("worker")]

    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(DEADLINE) == 0
    wait_until(lambda: not any(map(lives, everybody)), "the end of all")
    assert not site.answers()


def test_worker_of_the_web_server_that_is_killed_comes_back(site):
    web = site.child("granian")
    killed = site.web_workers(web)[0]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: killed not in children(web) and len(children(web)) == 2, "a new worker")
    # A request that the kernel gives to the new worker waits until that one has started.
    wait_until(site.answers, "an answer of the new one")
    assert lives(web)


def test_background_worker_that_is_killed_comes_back(site):
    worker = site.child("manage.py worker")
    os.kill(worker, signal.SIGKILL)
    assert site.child("manage.py worker", but=worker)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_when_it_is_told_to_end(site, number):
    web = site.child("granian")
    everybody = [web, *site.web_workers(web), site.child("manage.py worker")]
    site.process.send_signal(number)
    assert site.process.wait(DEADLINE) == 0
    assert not any(map(lives, everybody))
