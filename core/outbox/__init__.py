"""
Work to be done later, kept as rows of ours.

A row is written in the caller's transaction (`enqueue`), so that it exists exactly if the change
does; a worker claims it under a lease, runs it, and deletes it with what it did. What fails is
tried again later, and set aside after the last try. The same worker runs the periodic jobs.

Registered by apps from `AppConfig.ready()`:

    @outbox.handler("mail")
    def send(payload): ...

    @outbox.periodic("publish-scheduled", every=timedelta(minutes=1))
    def publish(): ...

See `docs/features/background-work.md`.
"""

from core.outbox.registry import handler, periodic
from core.outbox.services import enqueue, enqueue_many, retry_set_aside

__all__ = ["enqueue", "enqueue_many", "handler", "periodic", "retry_set_aside"]
