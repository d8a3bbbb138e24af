"""Real `manage.py worker` processes on the test database, killed with SIGKILL."""

import os
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.conf import settings
from django.db import connection

from core import outbox
from core.outbox import registry
from core.outbox.models import JobState, OutboxJob, PeriodicRun
from core.outbox.services import claim
from tests.core import outbox_handlers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

DEADLINE = 40  # seconds


@pytest.fixture(autouse=True)
def handlers_of_the_workers():
    """The handlers that the worker processes have, so that their jobs can be enqueued here."""
    before = dict(registry.handlers)
    outbox_handlers.register(outbox)
    yield
    registry.handlers.clear()
    registry.handlers.update(before)


@pytest.fixture
def start_worker(transactional_db, tmp_path):
    """Return a function that starts a worker process. Those left are killed at the end."""
    started = []

    def start(**environment: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker", "--poll", "0.05"],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings_worker",
                "WORKER_DATABASE": str(connection.settings_dict["NAME"]),
                "TMPDIR": str(tmp_path),
                **environment,
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def kill(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


def wait_until(condition, what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


def effects() -> Counter:
    return Counter(job.payload["name"] for job in OutboxJob.objects.filter(kind="effect"))


def nothing_left() -> bool:
    return not OutboxJob.objects.exclude(kind="effect").exists()


def payload(name: str, folder) -> dict:
    return {"name": name, "reached": str(folder / "reached"), "go_on": str(folder / "go-on")}


def test_job_is_done_once_when_its_worker_is_killed_in_the_middle(start_worker, tmp_path):
    outbox.enqueue("test-wait", payload("a", tmp_path), key="a")
    first = start_worker()
    wait_until((tmp_path / "reached").exists, "the first worker in mid-task")
    kill(first)
    assert effects() == {}
    (tmp_path / "go-on").touch()
    start_worker()
    wait_until(nothing_left, "the second worker takes the job over")
    assert effects() == {"a": 1}


def test_job_outside_a_transaction_is_done_again_when_its_worker_is_killed(start_worker, tmp_path):
    outbox.enqueue("test-wait-outside", payload("a", tmp_path))
    first = start_worker()
    wait_until((tmp_path / "reached").exists, "the first worker in mid-task")
    kill(first)
    assert effects() == {"a": 1}
    (tmp_path / "go-on").touch()
    start_worker()
    wait_until(nothing_left, "the second worker takes the job over")
    assert effects() == {"a": 2}


def test_job_whose_worker_was_killed_before_the_handler_is_done_once(start_worker):
    outbox.enqueue("test-effect", {"name": "a"})
    # What a worker leaves that dies between claiming and running.
    assert claim("dead worker")
    start_worker()
    wait_until(nothing_left, "the lease runs out and the job is taken over")
    assert effects() == {"a": 1}


def test_job_that_outlives_its_lease_is_not_done_by_another_worker(start_worker, tmp_path):
    outbox.enqueue("test-wait", payload("a", tmp_path))
    start_worker()
    start_worker()
    wait_until((tmp_path / "reached").exists, "a worker in mid-task")
    lease_over = time.monotonic() + 2 * outbox_handlers.LEASE.total_seconds()
    wait_until(lambda: time.monotonic() > lease_over, "the lease is over")
    (tmp_path / "go-on").touch()
    wait_until(nothing_left, "the job ends")
    assert effects() == {"a": 1}


def test_job_that_kills_every_worker_is_set_aside_and_others_are_done(start_worker):
    outbox.enqueue("test-deadly")
    for _ in range(2):
        assert start_worker().wait(DEADLINE) == -9
    outbox.enqueue("test-effect", {"name": "a"})
    start_worker()
    wait_until(
        lambda: OutboxJob.objects.filter(kind="test-deadly", state=JobState.SET_ASIDE).exists(),
        "the deadly job is set aside",
    )
    wait_until(lambda: effects() == {"a": 1}, "the other job is done")


def test_jobs_are_done_once_each_by_three_workers_of_which_one_is_killed(start_worker):
    wanted = Counter(f"{number}" for number in range(60))
    for name in wanted:
        outbox.enqueue("test-effect", {"name": name}, key=name)
    workers = [start_worker() for _ in range(3)]
    wait_until(lambda: len(effects()) > 5, "the first jobs are done")
    kill(workers[0])
    wait_until(nothing_left, "all jobs are done")
    assert effects() == wanted


def test_periodic_task_runs_again_when_its_worker_is_killed_in_the_middle(start_worker, tmp_path):
    first = start_worker(WORKER_PERIODIC_FOLDER=str(tmp_path))
    wait_until((tmp_path / "reached").exists, "the task in the middle")
    kill(first)
    (tmp_path / "go-on").touch()
    start_worker(WORKER_PERIODIC_FOLDER=str(tmp_path))
    task = PeriodicRun.objects.filter(name="test-periodic")
    wait_until(task.exclude(last_finished_at=None).exists, "the task has run")
    assert effects() == {"periodic": 2}


def test_worker_ends_after_the_job_in_hand_when_it_is_told_to_stop(start_worker, tmp_path):
    outbox.enqueue("test-wait", payload("a", tmp_path))
    worker = start_worker()
    wait_until((tmp_path / "reached").exists, "a worker in mid-task")
    outbox_job_waiting = OutboxJob.objects.filter(kind="test-wait")
    worker.terminate()
    (tmp_path / "go-on").touch()
    assert worker.wait(DEADLINE) == 0
    assert not outbox_job_waiting.exists()
    assert effects() == {"a": 1}


@pytest.mark.postgresql  # SQLite has no server to cut it off
def test_worker_goes_on_after_the_database_cut_it_off(start_worker):
    outbox.enqueue("test-effect", {"name": "a"})
    start_worker()
    wait_until(lambda: effects() == {"a": 1}, "the worker works")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    outbox.enqueue("test-effect", {"name": "b"})
    wait_until(nothing_left, "the worker comes back")
    assert effects() == {"a": 1, "b": 1}
