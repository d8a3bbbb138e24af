"""Writing jobs, claiming and ending them."""

import logging
import random
import traceback
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from core.outbox.models import JobState, OutboxJob, PeriodicRun
from core.outbox.registry import Payload, handlers, periodic_tasks

logger = logging.getLogger(__name__)

FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)


def enqueue(
    kind: str,
    payload: Payload | None = None,
    *,
    key: str = "",
    due_at: datetime | None = None,
) -> None:
    """
    Write a job in the caller's transaction: it exists exactly if the caller's change does.

    A job of the same kind and key that waits already does for both, and no worker takes it before
    the caller's transaction has ended: so it sees the caller's change. One that runs already may
    have read the old state: a second is written, and runs when the first has ended.

    On PostgreSQL two transactions that enqueue the same key wait for each other; one that enqueues
    several keys does so in sorted order, and late.

    :param kind: a registered kind
    :param payload: what the handler is called with; must be JSON
    :param key: at most 200 characters; the payload must follow from it, the first one's stays
    :param due_at: not before this moment, now by default; of two with one key the earlier counts
    :raises KeyError: for a kind that nobody registered
    :raises TypeError: for a payload that is not JSON
    """
    if kind not in handlers:
        raise KeyError(f"no handler for jobs of kind {kind!r}")
    job = OutboxJob(kind=kind, payload=payload or {}, key=key, due_at=due_at or timezone.now())
    if not key:
        job.save(force_insert=True)
        return
    waiting = OutboxJob.objects.filter(kind=kind, key=key, state=JobState.WAITING, lease_until=None)
    for tries_left in (2, 1, 0):
        try:
            with transaction.atomic():
                found = waiting.select_for_update().first()
                if found is None:
                    job.save(force_insert=True)
                elif not found.attempts and job.due_at < found.due_at:
                    waiting.filter(pk=found.pk).update(due_at=job.due_at)
            return
        except IntegrityError:
            # Another transaction wrote one meanwhile: look again. It may even be claimed by now.
            if not tries_left:
                raise


@transaction.atomic(savepoint=False)
def enqueue_many(
    kind: str, payloads: Mapping[str, Payload], *, due_at: datetime | None = None
) -> None:
    """
    Write many jobs of a kind, as `enqueue` would one by one, in a few queries.

    :param payloads: the payload of each key; both as for `enqueue`
    :param due_at: as for `enqueue`
    :raises KeyError: for a kind that nobody registered
    """
    if kind not in handlers:
        raise KeyError(f"no handler for jobs of kind {kind!r}")
    missing = sorted(payloads)
    due_at = due_at or timezone.now()
    while missing:
        waiting = OutboxJob.objects.filter(
            kind=kind, key__in=missing, state=JobState.WAITING, lease_until=None
        )
        # Locked to the end of the caller's transaction: no worker takes one before.
        held = {one.key: one for one in waiting.order_by("key").select_for_update()}
        late = [one.pk for one in held.values() if not one.attempts and due_at < one.due_at]
        if late:
            OutboxJob.objects.filter(pk__in=late).update(due_at=due_at)
        missing = [key for key in missing if key not in held]
        # One that another transaction writes meanwhile is found, and locked, in the next round.
        OutboxJob.objects.bulk_create(
            [
                OutboxJob(kind=kind, key=key, payload=payloads[key], due_at=due_at)
                for key in missing
            ],
            ignore_conflicts=True,
        )


def delay_after(attempts: int) -> timedelta:
    """
    Return how long to wait after a number of failures: 5 s, 10 s, 20 s … up to an hour.

    Up to a fifth is added at random, so that jobs that failed together do not come back together.
    """
    doublings = min(max(attempts - 1, 0), 20)  # more would overflow
    delay = min(FIRST_DELAY * 2**doublings, LONGEST_DELAY)
    return delay * random.uniform(1, 1.2)  # noqa: S311


def claim(worker: str, now: datetime | None = None) -> OutboxJob | None:
    """
    Take the job that has been due longest, an urgent one first, under a lease; None where nothing
    is due.

    A job whose lease has run out is taken over: its worker died. That costs it an attempt, so that
    a job which kills its worker is set aside in the end. Of two jobs with one kind and key the
    younger waits until the older has ended, so that the older never overwrites its work.

    :param worker: a name that no other worker has, at most 60 characters
    :param now: the moment; the clock's by default
    """
    now = now or timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    older_runs = Exists(
        OutboxJob.objects.filter(
            kind=OuterRef("kind"),
            key=OuterRef("key"),
            pk__lt=OuterRef("pk"),
            lease_until__isnull=False,
        ).exclude(key="")
    )
    due = OutboxJob.objects.filter(
        free, ~older_runs, state=JobState.WAITING, due_at__lte=now, kind__in=handlers
    )
    urgent = due.filter(kind__in=[kind for kind, how in handlers.items() if how.urgent])
    hurried = due.exclude(kind__in=[kind for kind, how in handlers.items() if how.patient])
    if urgent.exists():
        due = urgent
    elif hurried.exists():
        due = hurried
    # Looked at before it is locked: on SQLite a transaction would lock out every other writer.
    while due.exists():
        with transaction.atomic():
            # A row that is locked is being claimed, or runs though its lease is over.
            job = due.select_for_update(skip_locked=True).first()
            if job is None:
                return None
            job.lease_until = now + handlers[job.kind].lease
            job.leased_by = worker
            job.attempts += 1
            job.save(update_fields=["lease_until", "leased_by", "attempts"])
            if job.attempts <= handlers[job.kind].max_attempts:
                return job
            _set_aside(job, "its worker died at every try")
    return None


def claim_alike(job: OutboxJob, now: datetime | None = None) -> list[OutboxJob]:
    """
    Take what else is due of a claimed job's kind, for the same worker, up to its batch.

    :returns: the jobs with the claimed one, which comes first
    """
    how = handlers[job.kind]
    now = now or timezone.now()
    if how.batch == 1:
        return [job]
    with transaction.atomic():
        due = OutboxJob.objects.filter(
            state=JobState.WAITING,
            kind=job.kind,
            lease_until=None,
            due_at__lte=now,
            attempts__lt=how.max_attempts,
        )
        # Not where an older job of the same key runs: the younger waits for it (see `claim`).
        running = OutboxJob.objects.filter(kind=job.kind, lease_until__isnull=False)
        keys = set(running.exclude(key="").values_list("key", flat=True))
        others = [
            one
            for one in due.select_for_update(skip_locked=True)[: how.batch - 1]
            if one.key not in keys
        ]
        OutboxJob.objects.filter(pk__in=[one.pk for one in others]).update(
            lease_until=now + how.lease, leased_by=job.leased_by, attempts=F("attempts") + 1
        )
    for one in others:
        one.leased_by, one.attempts = job.leased_by, one.attempts + 1
    return [job, *others]


def run_together(jobs: Sequence[OutboxJob]) -> int:
    """
    Do jobs of one kind, from `claim_alike`, in one transaction; where they fail, one by one.

    :returns: how many succeeded
    :raises django.db.Error: where the database is away; the leases then bring the jobs back
    """
    if len(jobs) == 1:
        return int(run(jobs[0]))
    how = handlers[jobs[0].kind]
    try:
        with transaction.atomic():
            held = OutboxJob.objects.filter(
                pk__in=[job.pk for job in jobs],
                state=JobState.WAITING,
                leased_by=jobs[0].leased_by,
            )
            held.update(lease_until=timezone.now() + how.lease)
            ours = set(held.values_list("pk", flat=True))
            how.run([job.payload for job in jobs if job.pk in ours])
            held.delete()
        return len(ours)
    except Exception:
        logger.exception("a batch of %s jobs of kind %s failed", len(jobs), jobs[0].kind)
        return sum(run(job) for job in jobs)


def _held(job: OutboxJob) -> QuerySet[OutboxJob]:
    """The row of a claimed job, for as long as nobody has taken it over since."""
    return OutboxJob.objects.filter(
        pk=job.pk, state=JobState.WAITING, leased_by=job.leased_by, attempts=job.attempts
    )


def run(job: OutboxJob) -> bool:
    """
    Do a job that `claim` returned. Its effect on the database and its end are one transaction,
    unless its handler is registered with `atomic=False`.

    :returns: whether it succeeded; a failure is kept in the row with when to try again
    :raises django.db.Error: where the database is away; the lease then brings the job back
    """
    how = handlers[job.kind]
    held = _held(job)
    try:
        with transaction.atomic() if how.atomic else nullcontext():
            # Still ours? In a transaction this holds the row to its end, past the lease too.
            if not held.update(lease_until=timezone.now() + how.lease):
                logger.warning("job %s was taken over by another worker", job)
                return False
            how.run(job.payload if how.batch == 1 else [job.payload])
            # At the end: it fails where the handler hid an error that broke the transaction.
            if not held.delete()[0]:
                logger.warning("job %s took longer than its lease and is done twice", job)
    except Exception:
        logger.exception("job %s failed, attempt %s", job, job.attempts)
        if job.attempts >= how.max_attempts:
            _set_aside(job, traceback.format_exc())
        else:
            _release(job, traceback.format_exc())
        return False
    return True


def _storable(error: str) -> str:
    """Return the end of an error's text, without what PostgreSQL cannot store."""
    return error[-4000:].replace("\x00", "").encode(errors="replace").decode()


def _release(job: OutboxJob, error: str) -> None:
    """Give a job back for later. One with the same key that came meanwhile makes it needless."""
    try:
        with transaction.atomic():
            _held(job).update(
                lease_until=None,
                leased_by="",
                due_at=timezone.now() + delay_after(job.attempts),
                last_error=_storable(error),
            )
    except IntegrityError:
        _held(job).delete()


def _set_aside(job: OutboxJob, error: str) -> None:
    logger.error("job %s is set aside", job)
    _held(job).update(
        state=JobState.SET_ASIDE, lease_until=None, leased_by="", last_error=_storable(error)
    )


def retry_set_aside(kind: str = "") -> int:
    """
    Write the jobs that were set aside anew, so that they are tried again.

    :param kind: only this kind; all by default. Kinds without a handler are left where they are
    :returns: how many
    """
    jobs = OutboxJob.objects.filter(state=JobState.SET_ASIDE, kind__in=handlers)
    if kind:
        jobs = jobs.filter(kind=kind)
    count = 0
    for pk in list(jobs.values_list("pk", flat=True)):
        with transaction.atomic():
            job = jobs.select_for_update().filter(pk=pk).first()
            if job:
                enqueue(job.kind, job.payload, key=job.key)
                job.delete()
                count += 1
    return count


def run_due_periodic_tasks(now: datetime | None = None) -> int:
    """
    Run the periodic tasks that are due, each on one worker alone.

    A task that fails is logged and runs again at its next time. One whose worker died runs again
    when its lease is over. A row whose task is no longer in the code stays and does nothing.

    :param now: the moment; the clock's by default
    :returns: how many ran, failed ones included
    """
    known = set(PeriodicRun.objects.values_list("name", flat=True))
    PeriodicRun.objects.bulk_create(
        [
            PeriodicRun(name=name, next_at=now or timezone.now())
            for name in periodic_tasks
            if name not in known
        ],
        ignore_conflicts=True,
    )
    count = 0
    for name, task in periodic_tasks.items():
        started_at = now or timezone.now()  # for each anew: the one before may have taken long
        lease_until = started_at + task.lease
        # Too far ahead: its span was shortened in the code, or the clock was wrong.
        due = Q(next_at__lte=started_at) | Q(next_at__gt=started_at + 2 * task.every)
        free = Q(lease_until=None) | Q(lease_until__lt=started_at)
        row = PeriodicRun.objects.filter(name=name)
        mine = row.filter(due, free)
        # Looked at before it is locked, as in `claim`.
        if not mine.exists() or not mine.update(
            lease_until=lease_until, last_started_at=started_at
        ):
            continue
        error = ""
        try:
            task.run()
        except Exception:
            logger.exception("periodic task %s failed", name)
            error = traceback.format_exc()
        # Not where it outlived its lease and another worker has it now.
        row.filter(lease_until=lease_until).update(
            next_at=started_at + task.every,
            lease_until=None,
            last_finished_at=timezone.now(),
            last_error=_storable(error),
        )
        count += 1
    return count
