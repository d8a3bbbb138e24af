import threading
from contextlib import suppress
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from core import outbox
from core.outbox import registry, services
from core.outbox.models import JobState, OutboxJob, PeriodicRun
from core.outbox.worker import Worker

# Rows that other connections see.
committed = pytest.mark.django_db(transaction=True)
LONG = timedelta(hours=3)


@pytest.fixture(autouse=True)
def no_other_work():
    """No handlers and no periodic tasks but the test's own."""
    before = dict(registry.handlers), dict(registry.periodic_tasks)
    registry.handlers.clear()
    registry.periodic_tasks.clear()
    yield
    registry.handlers.clear()
    registry.periodic_tasks.clear()
    registry.handlers.update(before[0])
    registry.periodic_tasks.update(before[1])


@pytest.fixture
def done():
    """Return what the handler of the kind "note" was called with."""
    payloads = []
    outbox.handler("note", max_attempts=2)(payloads.append)
    return payloads


def in_thread(function) -> threading.Thread:
    """Call a function on a connection of its own."""

    def call() -> None:
        try:
            function()
        finally:
            connection.close()

    thread = threading.Thread(target=call)
    thread.start()
    return thread


def work() -> int:
    return Worker().run(until_empty=True)


def fail_with(error: Exception):
    def fail(payload) -> None:
        raise error

    return fail


# --- Enqueueing ---------------------------------------------------------------------------------


def test_enqueue_of_an_unknown_kind_is_refused():
    with pytest.raises(KeyError):
        outbox.enqueue("nobody")


@pytest.mark.django_db
def test_job_is_done_with_its_payload_and_deleted(done):
    outbox.enqueue("note", {"name": "a"})
    assert work() == 1
    assert done == [{"name": "a"}]
    assert not OutboxJob.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "k"])
def test_job_of_a_transaction_that_is_rolled_back_does_not_exist(done, key):
    with transaction.atomic():
        outbox.enqueue("note", key=key)
        transaction.set_rollback(True)
    assert not OutboxJob.objects.exists()


@pytest.mark.django_db
def test_jobs_of_one_key_are_one_while_it_waits_and_others_are_not(done):
    for key in ("k", "k", "other", "", ""):
        outbox.enqueue("note", key=key)
    assert sorted(OutboxJob.objects.values_list("key", flat=True)) == ["", "", "k", "other"]


@pytest.mark.django_db
def test_earlier_moment_counts_for_two_jobs_of_one_key(done):
    now = timezone.now()
    outbox.enqueue("note", key="k", due_at=now + LONG)
    outbox.enqueue("note", key="k", due_at=now)
    outbox.enqueue("note", key="k", due_at=now + LONG)
    assert OutboxJob.objects.get().due_at == now


@pytest.mark.django_db
def test_job_set_aside_does_not_stand_for_a_new_one(done):
    OutboxJob.objects.create(kind="note", key="k", state=JobState.SET_ASIDE)
    outbox.enqueue("note", key="k")
    assert OutboxJob.objects.filter(state=JobState.WAITING).count() == 1


@pytest.mark.django_db
def test_job_that_is_not_due_is_left(done):
    outbox.enqueue("note", due_at=timezone.now() + LONG)
    assert work() == 0


@committed
@pytest.mark.postgresql
def test_job_with_a_key_is_not_taken_before_the_transaction_that_relies_on_it_ends(done):
    outbox.enqueue("note", key="k")
    with transaction.atomic():
        outbox.enqueue("note", key="k")  # nothing new, but the worker must see what we changed
        claims = []
        in_thread(lambda: claims.append(services.claim("other"))).join()
        assert claims == [None]
    assert services.claim("other")


@committed
@pytest.mark.postgresql
@pytest.mark.parametrize("claimed_meanwhile", [False, True])
def test_enqueue_of_a_key_that_another_transaction_has_just_written(done, claimed_meanwhile):
    # In the other transaction: the row is unseen until it ends, and holds up ours.
    with transaction.atomic():
        OutboxJob.objects.create(kind="note", key="k")
        thread = in_thread(lambda: outbox.enqueue("note", key="k"))
        wait_for_blocked_connection()
        if claimed_meanwhile:
            assert services.claim("worker")
    thread.join()
    leases = OutboxJob.objects.order_by("pk").values_list("leased_by", flat=True)
    assert list(leases) == (["worker", ""] if claimed_meanwhile else [""])


def wait_for_blocked_connection() -> None:
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(100_000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(query)
            if cursor.fetchone()[0]:
                return
    pytest.fail("nobody waited for our row")


@committed
def test_many_threads_that_enqueue_one_key_at_once_write_one_job(done):
    start = threading.Barrier(6)

    def enqueue() -> None:
        start.wait()
        outbox.enqueue("note", key="k")

    for thread in [in_thread(enqueue) for _ in range(6)]:
        thread.join()
    assert OutboxJob.objects.count() == 1


# --- Claiming -----------------------------------------------------------------------------------


@committed
def test_workers_that_claim_at_once_get_each_job_once(done):
    for _ in range(20):
        outbox.enqueue("note")
    start = threading.Barrier(4)
    claimed = []

    def claim_all(name: str) -> None:
        start.wait()
        while job := services.claim(name):
            claimed.append(job.pk)

    for thread in [in_thread(lambda name=name: claim_all(name)) for name in "abcd"]:
        thread.join()
    assert sorted(claimed) == sorted(OutboxJob.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_claimed_job_is_left_alone_until_its_lease_is_over(done):
    outbox.enqueue("note")
    now = timezone.now()
    assert services.claim("a", now)
    assert services.claim("b", now + timedelta(minutes=1)) is None
    taken_over = services.claim("b", now + timedelta(minutes=3))
    assert (taken_over.leased_by, taken_over.attempts) == ("b", 2)


@pytest.mark.django_db
def test_worker_that_lost_its_job_to_another_does_not_do_it(done):
    outbox.enqueue("note")
    now = timezone.now()
    lost = services.claim("same name", now)
    held = services.claim("same name", now + LONG)
    assert services.run(lost) is False
    assert services.run(held) is True
    assert done == [{}]


@pytest.mark.django_db
def test_worker_that_lost_its_job_does_not_give_it_back():
    outbox.handler("note", atomic=False)(lambda payload: take_over())

    def take_over() -> None:
        assert services.claim("other", timezone.now() + LONG)
        raise ValueError

    outbox.enqueue("note")
    assert services.run(services.claim("slow")) is False
    assert OutboxJob.objects.get().leased_by == "other"


@pytest.mark.django_db
def test_job_whose_workers_died_at_every_try_is_set_aside(done):
    outbox.enqueue("note")
    moment = timezone.now()
    for _ in range(2):
        assert services.claim("dies", moment)
        moment += LONG
    assert services.claim("lives", moment) is None
    job = OutboxJob.objects.get()
    assert job.state == JobState.SET_ASIDE
    assert job.last_error == "its worker died at every try"


@pytest.mark.django_db
def test_younger_job_of_a_key_waits_until_the_older_has_ended(done):
    outbox.enqueue("note", {"n": 1}, key="k")
    older = services.claim("a")
    outbox.enqueue("note", {"n": 2}, key="k")
    assert services.claim("b") is None
    assert services.claim("b", timezone.now() + LONG).pk == older.pk
    OutboxJob.objects.filter(pk=older.pk).delete()
    assert services.claim("b").payload == {"n": 2}


@pytest.mark.django_db
def test_job_whose_handler_is_gone_waits_and_is_told(done):
    outbox.enqueue("note")
    del registry.handlers["note"]
    assert work() == 0
    assert OutboxJob.objects.get().attempts == 0
    assert "nobody does this kind any more" in listing()


# --- Running ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_job_that_fails_leaves_no_effect_and_is_tried_later():
    @outbox.handler("note")
    def write_and_fail(payload) -> None:
        OutboxJob.objects.create(kind="effect")
        raise ValueError("nul \0 in the middle of it")

    outbox.enqueue("note")
    before = timezone.now()
    assert work() == 0
    job = OutboxJob.objects.get()
    assert (job.kind, job.state, job.attempts, job.lease_until) == ("note", "waiting", 1, None)
    assert timedelta(seconds=5) <= job.due_at - before <= timedelta(seconds=10)
    assert "in the middle of it" in job.last_error


@pytest.mark.django_db
def test_job_that_fails_at_its_last_try_is_set_aside_and_can_be_retried(done):
    outbox.handler("bad", max_attempts=1)(fail_with(ValueError("broken")))
    outbox.enqueue("bad", {"n": 1}, key="k")
    work()
    assert OutboxJob.objects.get().state == JobState.SET_ASIDE
    assert "ValueError: broken" in listing()
    assert services.retry_set_aside("other") == 0
    assert services.retry_set_aside() == 1
    job = OutboxJob.objects.get()
    assert (job.state, job.attempts, job.payload, job.key) == ("waiting", 0, {"n": 1}, "k")


@pytest.mark.django_db
def test_retry_of_a_job_whose_key_waits_already_leaves_one(done):
    OutboxJob.objects.create(kind="note", key="k", state=JobState.SET_ASIDE)
    outbox.enqueue("note", key="k")
    services.retry_set_aside()
    assert OutboxJob.objects.get().state == JobState.WAITING


@pytest.mark.django_db
def test_job_that_fails_while_a_newer_one_of_its_key_waits_gives_way():
    @outbox.handler("note", atomic=False)
    def change_and_fail(payload) -> None:
        outbox.enqueue("note", {"n": 2}, key="k")
        raise ValueError

    outbox.enqueue("note", {"n": 1}, key="k")
    services.run(services.claim("a"))
    assert OutboxJob.objects.get().payload == {"n": 2}


@pytest.mark.django_db
def test_handler_that_hides_a_database_error_has_failed():
    @outbox.handler("note")
    def hide_error(payload) -> None:
        OutboxJob.objects.create(kind="effect")
        with suppress(IntegrityError):
            OutboxJob(pk=OutboxJob.objects.first().pk, kind="twice").save(force_insert=True)

    outbox.enqueue("note")
    assert work() == 0
    job = OutboxJob.objects.get()
    assert (job.kind, job.attempts, job.lease_until) == ("note", 1, None)


@committed
def test_atomic_handler_runs_in_a_transaction_and_the_other_outside():
    seen = {}
    for kind, atomic in (("inside", True), ("outside", False)):
        outbox.handler(kind, atomic=atomic)(
            lambda payload, kind=kind: seen.update({kind: connection.in_atomic_block})
        )
        outbox.enqueue(kind)
    in_thread(work).join()
    assert seen == {"inside": True, "outside": False}


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 5), (1, 5), (2, 10), (3, 20), (10, 2560), (11, 3600), (99, 3600)]
)
def test_delay_doubles_up_to_an_hour(attempts, seconds):
    assert seconds <= services.delay_after(attempts).total_seconds() <= 1.2 * seconds


# --- Periodic tasks -----------------------------------------------------------------------------


@pytest.fixture
def ticks():
    """Return the runs of a task that is due every hour."""
    runs = []
    outbox.periodic("tick", every=timedelta(hours=1))(lambda: runs.append(1))
    return runs


@pytest.mark.django_db
def test_periodic_task_runs_once_in_each_span(ticks):
    now = timezone.now()
    counts = [
        services.run_due_periodic_tasks(now + timedelta(minutes=minutes))
        for minutes in (0, 1, 59, 60, 61)
    ]
    assert counts == [1, 0, 0, 1, 0]


@pytest.mark.django_db
def test_periodic_task_that_fails_keeps_its_error_and_runs_at_its_next_time():
    outbox.periodic("bad", every=timedelta(hours=1))(lambda: 1 / 0)
    now = timezone.now()
    assert services.run_due_periodic_tasks(now) == 1
    row = PeriodicRun.objects.get()
    assert (row.lease_until, row.next_at) == (None, now + timedelta(hours=1))
    assert "ZeroDivisionError" in row.last_error
    assert "bad: failed" in listing()


@pytest.mark.django_db
def test_periodic_task_whose_worker_died_runs_again_when_its_lease_is_over(ticks):
    now = timezone.now()
    PeriodicRun.objects.create(name="tick", next_at=now, lease_until=now + timedelta(minutes=10))
    assert services.run_due_periodic_tasks(now) == 0
    assert services.run_due_periodic_tasks(now + timedelta(minutes=11)) == 1


@pytest.mark.django_db
def test_periodic_task_that_outlived_its_lease_leaves_the_other_workers_alone():
    other = timezone.now() + LONG

    @outbox.periodic("slow", every=timedelta(hours=1))
    def slow() -> None:
        PeriodicRun.objects.update(lease_until=other)

    services.run_due_periodic_tasks()
    assert PeriodicRun.objects.get().lease_until == other


@pytest.mark.django_db
def test_periodic_task_whose_next_time_is_beyond_reason_runs(ticks):
    PeriodicRun.objects.create(name="tick", next_at=timezone.now() + timedelta(days=4000))
    assert services.run_due_periodic_tasks() == 1


@pytest.mark.django_db
def test_periodic_task_that_left_the_code_does_nothing_and_is_told(ticks):
    PeriodicRun.objects.create(name="old")
    services.run_due_periodic_tasks()
    assert "old: no longer in the code" in listing()


# --- The worker ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_long_queue_does_not_hold_up_periodic_tasks(monkeypatch, ticks, done):
    monkeypatch.setattr("core.outbox.worker.PERIODIC_LOOK", 0)
    order = []
    outbox.handler("job")(lambda payload: order.append("job"))
    outbox.periodic("often", every=timedelta(0))(lambda: order.append("task"))
    for _ in range(2):
        outbox.enqueue("job")
    work()
    assert order == ["task", "job", "task", "job", "task"]


@committed
def test_worker_goes_on_when_the_database_comes_back(monkeypatch, done):
    monkeypatch.setattr("core.outbox.worker.PAUSE_AFTER_FAILURE", 0)
    worker = Worker(poll=0)
    outbox.handler("last")(lambda payload: worker.stop())
    outbox.enqueue("last")
    claim = services.claim
    answers = iter([OperationalError("the database is away")])

    def claim_after_failure(name: str):
        for error in answers:
            raise error
        return claim(name)

    monkeypatch.setattr(services, "claim", claim_after_failure)
    assert worker.run() == 1


@pytest.mark.django_db
def test_worker_until_empty_tells_that_the_database_is_away(monkeypatch):
    def away(name: str):
        raise OperationalError

    monkeypatch.setattr(services, "claim", away)
    with pytest.raises(OperationalError):
        work()


def test_name_of_a_worker_is_its_own_and_fits():
    names = {Worker().name for _ in range(3)}
    assert len(names) == 3
    assert max(map(len, names)) <= OutboxJob._meta.get_field("leased_by").max_length


# --- The commands -------------------------------------------------------------------------------


def listing() -> str:
    output = StringIO()
    call_command("outbox", stdout=output)
    return output.getvalue()


@pytest.mark.django_db
def test_outbox_command_lists_what_waits_and_who_holds_what(done):
    outbox.enqueue("note")
    outbox.enqueue("note")
    services.claim("worker-1")
    assert "waiting    note: 2, since " in listing()
    assert "by worker-1 until " in listing()


@pytest.mark.django_db
def test_outbox_command_retries_what_was_set_aside(done):
    OutboxJob.objects.create(kind="note", state=JobState.SET_ASIDE)
    output = StringIO()
    call_command("outbox", "--retry", stdout=output)
    assert output.getvalue() == "1 jobs will be tried anew\n"
    assert work() == 1


@pytest.mark.django_db
def test_urgent_jobs_go_before_those_that_wait_longer(done):
    order = []
    outbox.handler("slow")(lambda payload: order.append(payload["name"]))
    outbox.handler("quick", urgent=True)(lambda payload: order.append(payload["name"]))
    outbox.enqueue("slow", {"name": "first"})
    outbox.enqueue("quick", {"name": "second"})
    outbox.enqueue("quick", {"name": "third"})
    assert work() == 3
    assert order == ["second", "third", "first"]


@pytest.mark.django_db
def test_jobs_of_a_batch_are_done_together(done):
    batches = []
    outbox.handler("many", batch=3)(lambda payloads: batches.append(sorted(map(str, payloads))))
    outbox.enqueue_many("many", {f"k{n}": {"n": n} for n in range(5)})
    assert work() == 5
    assert [len(batch) for batch in batches] == [3, 2]
    assert not OutboxJob.objects.exists()


@pytest.mark.django_db
def test_batch_that_fails_is_tried_one_by_one_and_only_the_bad_one_waits(done):
    good = []

    def run(payloads) -> None:
        if any(payload["n"] == 1 for payload in payloads):
            raise ValueError("bad")
        good.extend(payload["n"] for payload in payloads)

    outbox.handler("many", batch=5)(run)
    outbox.enqueue_many("many", {f"k{n}": {"n": n} for n in range(3)})
    assert work() == 2
    assert sorted(good) == [0, 2]
    [left] = OutboxJob.objects.all()
    assert (left.key, left.attempts, left.lease_until) == ("k1", 1, None)


def test_batch_outside_a_transaction_is_refused():
    with pytest.raises(ValueError, match="must be atomic"):
        outbox.handler("many", batch=2, atomic=False)
    outbox.handler("many", batch=2)(print)


@pytest.mark.django_db
def test_enqueue_many_writes_one_job_a_key_and_brings_waiting_ones_forward(done):
    later = timezone.now() + LONG
    outbox.enqueue_many("note", {"a": {"n": 1}, "b": {"n": 2}}, due_at=later)
    outbox.enqueue_many("note", {"a": {"n": 1}, "c": {"n": 3}})
    jobs = {job.key: job.due_at for job in OutboxJob.objects.all()}
    assert sorted(jobs) == ["a", "b", "c"]
    assert jobs["b"] == later
    assert jobs["a"] < later
    with pytest.raises(KeyError):
        outbox.enqueue_many("nobody", {"a": {}})


@pytest.mark.django_db
def test_enqueue_many_of_a_transaction_that_is_rolled_back_writes_nothing(done):
    with transaction.atomic():
        outbox.enqueue_many("note", {"a": {}})
        transaction.set_rollback(True)
    assert not OutboxJob.objects.exists()
