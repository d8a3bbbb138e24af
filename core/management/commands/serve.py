import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

from django.conf import settings
from django.core.management.base import BaseCommand

PATIENCE = 15  # seconds in which both may end what they have in hand


class Command(BaseCommand):
    help = "Run the site: the web server and the background worker, each started anew if it dies."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", default="8000")
        parser.add_argument("--workers", default="2", help="web processes")

    def handle(self, *, host: str, port: str, workers: str, **options) -> None:
        python = [sys.executable, "-m"]
        commands = {
            "web": [
                *python, "granian", "config.wsgi:application", "--interface", "wsgi",
                "--host", host, "--port", port, "--workers", workers, "--blocking-threads", "4",
                "--respawn-failed-workers", "--log-level", "warning",
                "--working-dir", str(settings.BASE_DIR),
            ],
            "worker": [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"],
        }  # fmt: skip
        self.stopping = False
        # SIGHUP comes when the window is closed in which `make demo` was typed.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)
        running = {name: start(command) for name, command in commands.items()}
        while not self.stopping:
            time.sleep(0.5)
            for name, process in running.items():
                if process.poll() is not None and not self.stopping:
                    self.stderr.write(f"{name} ended ({process.returncode}); started anew")
                    end_group(process)
                    time.sleep(1)  # not a hundred times a second, if it cannot start at all
                    running[name] = start(commands[name])
        for process in running.values():
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        for process in running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0, deadline - time.monotonic()))
            end_group(process)
            process.wait()

    def stop(self, *args) -> None:
        self.stopping = True


def start(command: list[str]) -> subprocess.Popen:
    """Start a process in a group of its own: one signal ends it with its children."""
    return subprocess.Popen(command, process_group=0)


def end_group(process: subprocess.Popen) -> None:
    """
    End at once what is left of a process: children outlive one that was killed.

    The web server's would hold the port and go on answering, and nobody would ever end them.
    """
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
