"""How a contribution is reviewed: the task of Wagtail's workflow, steps, notes, opinions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision, Task

from contributions.enums import StepKind, Verdict
from contributions.models.contributions import Contribution


class ReviewTask(Task):
    """
    The task of Wagtail's workflow "Review". `contributions.services.review` alone approves it, and
    asks who may: Wagtail's own buttons and addresses offer nothing and refuse everybody.
    """

    def locked_for_user(self, obj, user) -> bool:
        """Editors work on what is in review; whoever wrote it waits."""
        from contributions.permissions import may_review_page

        return not may_review_page(user, obj)

    def user_can_access_editor(self, obj, user) -> bool:
        return False

    def get_actions(self, obj, user) -> list:
        return []

    @classmethod
    def get_description(cls) -> str:
        return _("An editor checks what members have submitted; no author can approve it.")

    class Meta:
        verbose_name = _("review of a contribution")


class Step(models.Model):
    """Something that was done with a contribution: who, when, why. It is never changed."""

    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=20, choices=StepKind.choices)
    words = models.TextField(_("why"), max_length=2000, blank=True)
    data = models.JSONField(default=dict, blank=True)
    revision = models.ForeignKey(
        Revision, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("who"),
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("step of a contribution")
        verbose_name_plural = _("steps of contributions")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.get_kind_display()


class NoteQuerySet(models.QuerySet):
    def open_ones(self) -> "NoteQuerySet":
        return self.filter(done_at=None)


class Note(models.Model):
    """What a reviewer says of one field, or of the whole. Authors tick what they have done."""

    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE, related_name="notes")
    field = models.CharField(
        max_length=60, blank=True, help_text="The name of a field of the kind; empty for the whole."
    )
    words = models.TextField(_("note"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="When the authors saw it: with the request for changes."
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note of a reviewer")
        verbose_name_plural = _("notes of reviewers")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.words[:60]


class Opinion(models.Model):
    """The second step, where an editor wants it: what a thematic reviewer advises."""

    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="opinions"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("thematic reviewer"),
    )
    question = models.TextField(_("what is asked"), max_length=1000, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    words = models.TextField(_("reasons"), max_length=3000, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("opinion of a thematic reviewer")
        verbose_name_plural = _("opinions of thematic reviewers")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contribution"],
                condition=Q(given_at=None, dropped_at=None),
                name="opinion_one_open",
            ),
            models.CheckConstraint(
                condition=Q(given_at=None, verdict="")
                | (Q(given_at__isnull=False) & ~Q(verdict="") & ~Q(words="")),
                name="opinion_given_with_reasons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contribution_id}: {self.get_verdict_display() or '…'}"
