from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SET_ASIDE = "set-aside", _("set aside after the last try")


class OutboxJob(models.Model):
    """
    One piece of work to be done.

    A job that is done is deleted. `lease_until` is empty while nobody holds it; a lease that has
    run out means that its worker died, and the job is taken over.
    """

    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    key = models.CharField(
        max_length=200,
        blank=True,
        help_text=(
            "While a job with this kind and key waits and nobody holds it, no second is made."
        ),
    )
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state=JobState.WAITING), name="outbox_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(state=JobState.WAITING, lease_until=None) & ~Q(key=""),
                name="outbox_one_waiting_per_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key or self.pk}"


class PeriodicRun(models.Model):
    """When a periodic task runs next. A row a task, made when the worker first meets the task."""

    name = models.CharField(max_length=60, primary_key=True)
    next_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_started_at = models.DateTimeField(null=True, blank=True)
    last_finished_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
