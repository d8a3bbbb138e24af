"""Collectivities that take a practice over."""

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import PartialDateField
from core.languages import OWN_NAMES
from members.models import Collectivity
from practices.enums import AdoptionState
from practices.models.pages import PracticePage


class AdoptionQuerySet(models.QuerySet):
    def shown(self) -> "AdoptionQuerySet":
        """Those that everybody sees: not hidden by an editor."""
        return self.filter(hidden_at=None)

    def carried(self) -> "AdoptionQuerySet":
        """Those that count as taken over: shown, and not given up."""
        return self.shown().exclude(state=AdoptionState.GIVEN_UP)

    def with_last_step(self) -> "AdoptionQuerySet":
        """With the words that were said when it came to its state, and when (`why`, `state_at`)."""
        steps = AdoptionStep.objects.filter(adoption=OuterRef("pk")).order_by("-at", "-pk")
        return self.annotate(
            why=Subquery(steps.values("words")[:1]), state_at=Subquery(steps.values("at")[:1])
        )


class Adoption(models.Model):
    """A collectivity takes a practice over: what it keeps, what it changes, and what came of it."""

    practice = models.ForeignKey(
        PracticePage,
        verbose_name=_("practice"),
        on_delete=models.CASCADE,
        related_name="adoptions",
        help_text="Its first version, which stands for all its languages.",
    )
    collectivity = models.ForeignKey(
        Collectivity,
        verbose_name=_("collectivity"),
        on_delete=models.PROTECT,
        related_name="adoptions",
    )
    state = models.CharField(
        pgettext_lazy("adoption", "state"),
        max_length=10,
        choices=AdoptionState.choices,
        default=AdoptionState.INTENTION,
    )
    since = PartialDateField(_("since"), blank=True)
    kept = models.TextField(_("what was kept"), max_length=1500, blank=True)
    changed = models.TextField(_("what was changed, and why"), max_length=1500, blank=True)
    result = models.TextField(_("what came of it"), max_length=1500, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=list(OWN_NAMES.items()))
    own_practice = models.ForeignKey(
        PracticePage,
        verbose_name=_("its own practice"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="grew_from",
        help_text="The first version of what the collectivity wrote of it, published or not.",
    )
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("declared by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    declared_at = models.DateTimeField(_("declared on"), default=timezone.now)
    changed_at = models.DateTimeField(_("last changed on"), default=timezone.now)
    hidden_at = models.DateTimeField(_("hidden on"), null=True, blank=True)

    objects = AdoptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("adoption")
        verbose_name_plural = _("adoptions")
        ordering = ["declared_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "collectivity"], name="adoption_once_by_a_collectivity"
            ),
            models.CheckConstraint(
                condition=Q(own_practice=None) | ~Q(own_practice=models.F("practice")),
                name="adoption_of_another_practice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collectivity} ← {self.practice_id}: {self.get_state_display()}"


class AdoptionStep(models.Model):
    """A change of state of an adoption: who, when, why."""

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=10, choices=AdoptionState.choices)
    words = models.TextField(_("why"), max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.get_state_display()
