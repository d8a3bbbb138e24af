"""The periodic jobs that belong to no app of ours."""

from datetime import timedelta

from django.core.management import call_command

from core import outbox


@outbox.periodic("publish-scheduled", every=timedelta(minutes=1))
def publish_scheduled() -> None:
    """Publish and unpublish the pages whose time has come."""
    call_command("publish_scheduled", verbosity=0)


@outbox.periodic("clear-sessions", every=timedelta(days=1))
def clear_sessions() -> None:
    """Delete the sessions that have run out."""
    call_command("clearsessions", verbosity=0)
