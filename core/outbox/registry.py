"""Who does which kind of work. Filled by the apps from `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

Payload = dict[str, Any]


@dataclass(frozen=True)
class Handler:
    """What does one kind of work, and how patiently."""

    run: Callable[..., None]
    lease: timedelta
    max_attempts: int
    atomic: bool
    batch: int
    urgent: bool
    patient: bool = False


@dataclass(frozen=True)
class PeriodicTask:
    """What is done again and again."""

    run: Callable[[], None]
    every: timedelta
    lease: timedelta


handlers: dict[str, Handler] = {}
periodic_tasks: dict[str, PeriodicTask] = {}


def handler(
    kind: str,
    *,
    lease: timedelta = timedelta(minutes=2),
    max_attempts: int = 6,
    atomic: bool = True,
    batch: int = 1,
    urgent: bool = False,
    patient: bool = False,
):
    """
    Register the function that does a kind of work.

    It is called with the payload inside a transaction, the same one that ends the job: what it
    writes to the database happens exactly once. On SQLite nobody else can write meanwhile, so it
    must be quick and call no other server. It leaves `transaction.on_commit` alone: a worker that
    dies after the commit would lose what was left to do; let it enqueue a job instead.

    With `atomic=False` it is called outside a transaction: for mail and other servers. All that it
    does may then happen again, if the worker dies in the middle or the lease runs out, so it must
    be told apart by a key of its own there, and its timeouts must be shorter than the lease.

    With `batch` above 1 it is called with a list of payloads, at most so many: whatever is due of
    its kind when its turn comes. They succeed together; where they fail, each is tried alone.

    :param kind: at most 60 characters
    :param lease: how long a worker may hold the job before another one takes it over
    :param max_attempts: after so many failures the job is set aside for a person to look at
    :param atomic: whether its effect and the end of the job are one transaction
    :param batch: how many jobs it does in one call; needs `atomic`
    :param urgent: whether its jobs go before all that are not, however long those wait; for quick
        ones that a person waits for
    :param patient: whether its jobs are taken only where nothing else is due; for those that take
        long and nobody waits for
    :raises ValueError: where the kind has a handler already, or a batch would not be atomic
    """
    if batch > 1 and not atomic:
        raise ValueError(f"jobs of kind {kind} are done in batches, so they must be atomic")

    def register(function: Callable[..., None]) -> Callable[..., None]:
        if kind in handlers:
            raise ValueError(f"two handlers for {kind}")
        handlers[kind] = Handler(function, lease, max_attempts, atomic, batch, urgent, patient)
        return function

    return register


def periodic(name: str, *, every: timedelta, lease: timedelta = timedelta(minutes=10)):
    """
    Register a function that the worker calls once in each span of time, on one worker alone.

    It is called outside a transaction, and must bear being called again after it was broken off.
    What must not wait for its next time after a failure, it leaves to a job (`enqueue`).

    :param name: at most 60 characters
    :param every: from one start to the next; the worker looks every 5 seconds
    :param lease: longer than it ever takes; so late it starts again when its worker was killed
    :raises ValueError: where the name is taken
    """

    def register(function: Callable[[], None]) -> Callable[[], None]:
        if name in periodic_tasks:
            raise ValueError(f"two periodic tasks named {name}")
        periodic_tasks[name] = PeriodicTask(function, every, lease)
        return function

    return register
