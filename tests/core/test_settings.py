import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings

from config.secret import read_or_create_secret

READ = re.compile(r"""\benv(?:\.\w+)?\(\s*["'](\w+)["']""")
TOLD = re.compile(r"^#?\s?([A-Z][A-Z_]+)=", re.MULTILINE)


def python(program: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "site_url",
    [
        "http://example.org",
        "http://192.168.1.10:8000",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://127.0.0.1@example.org",
        "ftp://example.org",
        "example.org",
    ],
)
def test_production_refuses_plain_http_on_another_host(tmp_path, site_url):
    run = python("import config.settings.production", SITE_URL=site_url, DATA_DIR=str(tmp_path))
    assert run.returncode == 1
    assert f"ImproperlyConfigured: SITE_URL is {site_url}: plain http is allowed" in run.stderr


@pytest.mark.parametrize(
    ("site_url", "hosts"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1 localhost [::1]"),
        ("http://localhost:8000/", "localhost 127.0.0.1 [::1]"),
        ("https://example.org", "example.org"),
    ],
)
def test_production_takes_https_and_the_own_machine(tmp_path, site_url, hosts):
    program = (
        "from config.settings import production as s; print(s.SITE_URL, *s.ALLOWED_HOSTS, s.DEBUG)"
    )
    run = python(program, SITE_URL=site_url, DATA_DIR=str(tmp_path))
    assert (run.returncode, run.stdout) == (0, f"{site_url.rstrip('/')} {hosts} False\n")


def test_example_of_the_environment_tells_every_variable_that_is_read():
    folder = settings.BASE_DIR / "config" / "settings"
    read = {name for file in folder.glob("*.py") for name in READ.findall(file.read_text())}
    told = TOLD.findall((settings.BASE_DIR / ".env.example").read_text())
    assert sorted(told) == sorted(read)


def test_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path):
    path = tmp_path / "secret-key"
    secret = read_or_create_secret(path)
    assert len(secret) >= 50
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_or_create_secret(path) == secret
    assert read_or_create_secret(tmp_path / "other") != secret


@pytest.mark.slow
def test_secret_is_the_same_for_processes_that_start_at_once(tmp_path):
    """They wait for one moment, again and again, and each says what it read."""
    program = (
        "import sys, time; from pathlib import Path; "
        "from config.secret import read_or_create_secret\n"
        "start = float(sys.stdin.readline())\n"
        "for n in range(200):\n"
        "    while time.time() < start + n / 200: pass\n"
        f"    print(read_or_create_secret(Path({str(tmp_path)!r}) / f'key-{{n}}'))\n"
    )
    start = f"{time.time() + 1.5}\n"

    def run(_number: int) -> list[str]:
        process = subprocess.run(
            [sys.executable, "-c", program],
            input=start,
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        )
        return process.stdout.splitlines()

    with ThreadPoolExecutor() as pool:
        first, second = pool.map(run, range(2))
    assert "" not in first + second
    assert first == second
