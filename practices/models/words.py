"""What associations that are named as partners say of a practice."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.languages import OWN_NAMES
from members.models import Association
from practices.enums import Word
from practices.models.pages import PracticePage


class PartnerWordQuerySet(models.QuerySet):
    def given(self) -> "PartnerWordQuerySet":
        """Those that say something, be it of an earlier version."""
        return self.exclude(state=Word.ASKED)

    def open_ones(self) -> "PartnerWordQuerySet":
        """Those that wait for an answer, asked for the first time or anew."""
        return self.filter(Q(state=Word.ASKED) | Q(asked_at__gt=F("answered_at")))


class PartnerWord(models.Model):
    """
    The word of an association on a practice that names it as a partner: asked for when the practice
    is published, shown beside it once given. One for each association and practice; asked anew
    after a new version, the old word stays until the new one comes.
    """

    practice = models.ForeignKey(
        PracticePage,
        verbose_name=_("practice"),
        on_delete=models.CASCADE,
        related_name="partner_words",
        help_text="Its first version, which stands for all its languages.",
    )
    association = models.ForeignKey(
        Association,
        verbose_name=_("association"),
        on_delete=models.PROTECT,
        related_name="practice_words",
    )
    state = models.CharField(_("word"), max_length=10, choices=Word.choices, default=Word.ASKED)
    words = models.TextField(_("in their own words"), max_length=1500, blank=True)
    language = models.CharField(
        _("language"), max_length=10, blank=True, choices=list(OWN_NAMES.items())
    )
    asked_at = models.DateTimeField(_("asked on"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = PartnerWordQuerySet.as_manager()

    class Meta:
        verbose_name = _("word of a partner")
        verbose_name_plural = _("words of partners")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "association"], name="partner_word_once_for_a_practice"
            ),
            models.CheckConstraint(
                condition=Q(state=Word.ASKED) | Q(answered_at__isnull=False),
                name="partner_word_given_has_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[Word.CORRECTED, Word.DISSENTED]) | ~Q(words=""),
                name="partner_word_tells_what_differs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.association}: {self.get_state_display()}"

    @property
    def is_given(self) -> bool:
        return self.state != Word.ASKED

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer: the first one, or one on a new version."""
        return self.answered_at is None or self.asked_at > self.answered_at
