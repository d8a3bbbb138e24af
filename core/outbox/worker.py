"""The loop of a worker process."""

import logging
import os
import secrets
import signal
import socket
import time

from django.db import close_old_connections

from core.outbox import services

logger = logging.getLogger(__name__)

PERIODIC_LOOK = 5  # seconds between two looks at the periodic tasks
PAUSE_AFTER_FAILURE = 5  # seconds, when the database is away or locked


class Worker:
    """
    Does the jobs that are due, one after the other, until it is told to stop.

    Several may run side by side. One that is killed in the middle leaves a lease behind; when it
    runs out, another takes the job over.
    """

    def __init__(self, poll: float = 0.5) -> None:
        """:param poll: seconds to wait when nothing is due"""
        # Process numbers come again, in containers at every start: the last part does not.
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.poll = poll
        # Not a threading.Event: setting one in a signal handler can lock up the thread below it.
        self.stopping = False

    def stop(self, *signal_and_frame) -> None:
        """End after the job in hand."""
        self.stopping = True

    def stop_on_signals(self) -> None:
        """End after the job in hand on SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)

    def run(self, *, until_empty: bool = False) -> int:
        """
        Work. Returns how many jobs were done.

        :param until_empty: end when nothing is due, instead of waiting for more
        :raises django.db.Error: with `until_empty`, where the database is away; else it waits
        """
        done = 0
        next_look = 0.0
        while not self.stopping:
            try:
                # Between two jobs too: a long queue must not hold up what is done at set times.
                if time.monotonic() >= next_look:
                    if not until_empty:  # that ends soon, and may run inside a test's transaction
                        close_old_connections()
                    services.run_due_periodic_tasks()
                    next_look = time.monotonic() + PERIODIC_LOOK
                job = services.claim(self.name)
                if job:
                    done += services.run_together(services.claim_alike(job))
            except Exception:
                # The database is away or locked: nothing is lost, wait and try again.
                if until_empty:
                    raise
                logger.exception("the worker could not reach its work")
                next_look = 0.0
                time.sleep(PAUSE_AFTER_FAILURE)
                continue
            if not job:
                if until_empty:
                    break
                time.sleep(self.poll)
        return done
