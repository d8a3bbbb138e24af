from datetime import timedelta

import pytest
from django.utils import timezone

from core.outbox.models import PeriodicRun
from core.outbox.services import run_due_periodic_tasks
from tests.factories import make_practice

pytestmark = pytest.mark.django_db


def test_practice_is_published_when_its_time_has_come(client):
    due, later = make_practice(published=False), make_practice(published=False)
    for page, moment in ((due, -1), (later, 1)):
        page.go_live_at = timezone.now() + timedelta(hours=moment)
        page.save_revision(approved_go_live_at=page.go_live_at)
    PeriodicRun.objects.all().delete()
    run_due_periodic_tasks()
    due.refresh_from_db()
    later.refresh_from_db()
    assert (due.live, later.live) == (True, False)


def test_practice_is_withdrawn_when_its_time_is_over():
    page = make_practice(published=True)
    type(page).objects.filter(pk=page.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    PeriodicRun.objects.all().delete()
    run_due_periodic_tasks()
    page.refresh_from_db()
    assert page.live is False
