"""
The real site with its demo content, as `make demo` runs it: for the browser tests, for Lighthouse
and for the pictures of docs/.

`python -m tests.live COMMAND…` runs a command while the site runs, its address in LIVE_URL and its
folder in LIVE_DATA.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

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

    While it runs, LIVE_DATA names its folder (see `password_of`).

    :param database_url: of an empty database; SQLite in the site's own folder without one
    """
    with tempfile.TemporaryDirectory(prefix="open-collectivities-live-") as folder:
        data = Path(folder)
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
