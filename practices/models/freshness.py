"""Whether what a practice tells is still true."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from practices.models.pages import PracticePage


class Freshness(models.Model):
    """When a practice was last said to be still true, and when its owners were asked."""

    practice = models.OneToOneField(
        PracticePage,
        verbose_name=_("practice"),
        on_delete=models.CASCADE,
        related_name="freshness",
        help_text="Its first version, which stands for all its languages.",
    )
    confirmed_at = models.DateTimeField(_("last confirmed on"), default=timezone.now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("confirmed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    asked_at = models.DateTimeField(_("asked on"), null=True, blank=True)

    class Meta:
        verbose_name = _("freshness of a practice")

    def __str__(self) -> str:
        return f"{self.practice_id}: {self.confirmed_at:%Y-%m-%d}"
