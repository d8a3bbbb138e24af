"""The label of the network: awarded by editors on published criteria, for a time."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.languages import OWN_NAMES
from members.models import Collectivity
from practices.models.pages import PracticePage


class AwardQuerySet(models.QuerySet):
    def standing(self) -> "AwardQuerySet":
        """Those that hold today."""
        return self.open().filter(expires_on__gte=timezone.localdate())

    def open(self) -> "AwardQuerySet":
        """Those that were neither withdrawn nor given anew; some may have run out."""
        return self.filter(withdrawn_at=None, replaced_on=None)


class Award(models.Model):
    """The label on a practice: why, who looked at it, and until when it holds."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    practice = models.ForeignKey(
        PracticePage,
        verbose_name=_("practice"),
        on_delete=models.CASCADE,
        related_name="awards",
        help_text="Its first version, which stands for all its languages.",
    )
    criteria_version = models.PositiveSmallIntegerField(_("version of the criteria"))
    reasons = models.TextField(_("reasons"), max_length=2000)
    language = models.CharField(_("language"), max_length=10, choices=list(OWN_NAMES.items()))
    awarded_on = models.DateField(_("awarded on"), default=timezone.localdate)
    expires_on = models.DateField(_("holds until"))
    awarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("awarded by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("withdrawn by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    withdrawn_because = models.TextField(_("why it was withdrawn"), max_length=1000, blank=True)
    replaced_on = models.DateField(
        _("given anew on"),
        null=True,
        blank=True,
        help_text="The day on which the label was given anew.",
    )

    objects = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = _("award of the label")
        verbose_name_plural = _("awards of the label")
        ordering = ["-awarded_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("awarded_on")), name="award_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_because=""),
                name="award_withdrawn_for_a_reason",
            ),
            models.UniqueConstraint(
                fields=["practice"],
                condition=Q(withdrawn_at=None, replaced_on=None),
                name="award_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id}: {self.awarded_on} – {self.expires_on}"

    @property
    def stands(self) -> bool:
        is_open = self.withdrawn_at is None and self.replaced_on is None
        return is_open and self.expires_on >= timezone.localdate()

    @property
    def was_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def was_renewed(self) -> bool:
        """Whether it was given anew while it held: the practice went on holding the label."""
        return self.replaced_on is not None and self.replaced_on <= self.expires_on


class AwardReview(models.Model):
    """What one reviewer says, on each of the criteria that were published."""

    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewer"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    collectivity = models.ForeignKey(
        Collectivity,
        verbose_name=_("collectivity of the reviewer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="As it was then; none for somebody of the secretariat.",
    )
    met = models.JSONField(_("criteria that are met"), default=list)
    words = models.TextField(_("in their own words"), max_length=2000)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["award", "reviewer"], name="award_review_once")
        ]

    def __str__(self) -> str:
        return f"{self.award_id}: {self.reviewer_id}"
