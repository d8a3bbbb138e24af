"""
How many jobs a second the worker does: `.venv/bin/python benchmarks/outbox.py [jobs]`.

On a throw-away test database of the kind that DATABASE_URL names (SQLite by default), with real
worker processes. Figures of different machines do not compare; the ratio within one run does.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"

import django
from django.db import connection, transaction
from django.test.utils import setup_databases, teardown_databases

POLL = 0.01  # seconds between two looks at what is left


def jobs_a_second(workers: int, jobs: int) -> float:
    """Write jobs, let workers do them, and return how many they did in a second."""
    from core import outbox
    from core.outbox.models import OutboxJob

    waiting = OutboxJob.objects.filter(kind="test-effect")
    # All workers are up before the clock starts; the jobs appear for them in one moment.
    processes = [start_worker() for _ in range(workers)]
    at_work = set()
    while len(at_work) < workers:
        outbox.enqueue("test-effect", {"name": "are you there?"})
        time.sleep(POLL)
        at_work = {job.payload["worker"] for job in OutboxJob.objects.filter(kind="effect")}
    while waiting.exists():
        time.sleep(POLL)
    with transaction.atomic():
        for number in range(jobs):
            outbox.enqueue("test-effect", {"name": "a"}, key=f"{number}")
    started = time.perf_counter()
    while waiting.exists():
        time.sleep(POLL)
    seconds = time.perf_counter() - started
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()
    OutboxJob.objects.all().delete()
    return jobs / seconds


def start_worker() -> subprocess.Popen:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings_worker",
        "WORKER_DATABASE": str(connection.settings_dict["NAME"]),
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "manage.py", "worker", "--poll", "0.02"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def main() -> None:
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    django.setup()
    from core import outbox
    from tests.core import outbox_handlers

    outbox_handlers.register(outbox)
    databases = setup_databases(verbosity=0, interactive=False, aliases=["default"])
    try:
        print(f"{connection.vendor}, {jobs} jobs, each writes a row\n")
        print("workers  jobs/s  ratio")
        one = 0.0
        for workers in (1, 2):
            speed = jobs_a_second(workers, jobs)
            one = one or speed
            print(f"{workers:7}  {speed:6.0f}  {speed / one:5.2f}")
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
