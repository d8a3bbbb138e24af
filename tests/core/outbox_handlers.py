"""
Handlers that wait in mid-task until a test lets them go on, or kills their worker.

Loaded by the worker processes of `test_outbox_killed` (see `tests/settings_worker.py`). What a
handler has done is a row of kind "effect", which nobody handles. The payload names two files: one
the handler makes when it is in the middle, one it waits for.
"""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

from django.apps import AppConfig

LEASE = timedelta(seconds=1)
LONGEST_WAIT = 60  # seconds


def effect(name: str) -> None:
    from core.outbox.models import OutboxJob

    OutboxJob.objects.create(kind="effect", payload={"name": name, "worker": os.getpid()})


def effect_then_wait(payload: dict) -> None:
    effect(payload["name"])
    wait_in_the_middle(payload)


def wait_in_the_middle(payload: dict) -> None:
    Path(payload["reached"]).touch()
    deadline = time.monotonic() + LONGEST_WAIT
    while not Path(payload["go_on"]).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(payload["go_on"])
        time.sleep(0.02)


def kill_own_worker(payload: dict) -> None:
    effect("deadly")
    os.kill(os.getpid(), signal.SIGKILL)


def only_effect(payload: dict) -> None:
    effect(payload["name"])


def periodic_effect() -> None:
    """Wait in the middle on the first run, when the test asks for it."""
    folder = os.environ.get("WORKER_PERIODIC_FOLDER")
    if folder:
        effect("periodic")
        wait_in_the_middle({"reached": f"{folder}/reached", "go_on": f"{folder}/go-on"})


class OutboxHandlersConfig(AppConfig):
    name = "tests.core.outbox_handlers"
    label = "outbox_handlers"

    def ready(self) -> None:
        from core import outbox

        register(outbox)
        outbox.periodic("test-periodic", every=timedelta(days=1), lease=LEASE)(periodic_effect)


def register(outbox) -> None:
    outbox.handler("test-wait", lease=LEASE)(effect_then_wait)
    outbox.handler("test-wait-outside", lease=LEASE, atomic=False)(effect_then_wait)
    outbox.handler("test-deadly", lease=LEASE, max_attempts=2)(kill_own_worker)
    outbox.handler("test-effect", lease=LEASE)(only_effect)
