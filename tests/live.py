"""
The real site with its demo content, as `make demo` runs it: for the browser tests, for Lighthouse
and for the pictures of docs/.

`python -m tests.live COMMAND…` runs a command while the site runs, its address in LIVE_URL and its
folder in LIVE_DATA.
"""

import base64
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.smtp import mail_server

ROOT = Path(__file__).parent.parent
PREPARING = 600  # seconds; on two slow processors it takes one and a half minutes
STARTING = 60

# Debian's Chromium, made to talk to nobody but this machine.
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@contextmanager
def running_site(database_url: str = "") -> Iterator[str]:
    """
    Prepare and run a site of its own, and give its address. All of it is gone afterwards.

    While it runs, LIVE_DATA names its folder (see `password_of`). Its mails go to a mail server of
    the tests (see `mails_to`).

    :param database_url: of an empty database; SQLite in the site's own folder without one
    """
    with ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="open-collectivities-live-")
        )
        data = Path(folder)
        (data / "mails").mkdir()
        mails = stack.enter_context(mail_server(data / "mails"))
        if (ROOT / "var" / "assets").is_dir():  # fonts take a while to be cut
            shutil.copytree(ROOT / "var" / "assets", data / "assets")
        port = str(free_port())
        address = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "DATA_DIR": folder,
            "DATABASE_URL": database_url,
            "SITE_URL": address,
            "ALLOWED_HOSTS": "",
            "LOG_LEVEL": "WARNING",
            "EMAIL_URL": f"smtp://127.0.0.1:{mails.port}",
        }
        manage = [sys.executable, str(ROOT / "manage.py")]
        prepared = subprocess.run(
            [*manage, "demo", "--no-serve", "--port", port],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PREPARING,
        )
        if prepared.returncode:
            raise RuntimeError(f"The demo cannot be prepared:\n{prepared.stdout}{prepared.stderr}")
        log = data / "serve.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [*manage, "serve", "--port", port],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                wait_for(f"{address}/ar/", process, log)
                os.environ["LIVE_DATA"] = folder
                yield address
            finally:
                os.environ.pop("LIVE_DATA", None)
                stop(process)


def password_of(email: str) -> str:
    """Return the password of a demo account of the site that runs."""
    accounts = Path(os.environ["LIVE_DATA"]) / "demo-accounts.json"
    return json.loads(accounts.read_text())[email]


used_codes: set[tuple[str, int]] = set()


def second_step_of(email: str) -> str:
    """
    Return a code that the phone of a demo account's owner shows: each once, as the site takes each
    once. Three are good at any moment.
    """
    keys = json.loads((Path(os.environ["LIVE_DATA"]) / "demo-second-steps.json").read_text())
    while True:
        now = int(time.time()) // 30
        for counter in (now - 1, now, now + 1):
            if (email, counter) not in used_codes:
                used_codes.add((email, counter))
                return one_time_code(keys[email], counter)
        time.sleep(1)


def one_time_code(key: str, counter: int) -> str:
    """Return the code of six digits for a stretch of 30 seconds (RFC 6238, with SHA-1)."""
    secret = base64.b32decode(key)
    digest = hmac.new(secret, struct.pack(">Q", counter), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def mails_to(address: str) -> list[EmailMessage]:
    """Return the mails that the running site has sent to an address, the oldest first."""
    files = sorted((Path(os.environ["LIVE_DATA"]) / "mails").glob("*.eml"))
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [mail for mail in mails if mail["To"] == address]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    """Return when an address answers. Raises when it does not, with what the server said."""
    deadline = time.monotonic() + STARTING
    while True:
        try:
            urllib.request.urlopen(url, timeout=10).close()
            return
        except (urllib.error.URLError, OSError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{url} does not answer:\n{log.read_text()}") from error
            time.sleep(0.2)


def stop(process: subprocess.Popen) -> None:
    """End the server with its children."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    with running_site() as url:
        ended = subprocess.run(sys.argv[1:], env={**os.environ, "LIVE_URL": url})
    sys.exit(ended.returncode)
