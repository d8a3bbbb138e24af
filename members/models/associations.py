"""Associations of civil society, and the collectivities that they are attached to."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.labels import in_language
from members.enums import AttachmentState
from members.models.collectivities import Collectivity
from members.models.contacts import Contacts


class AssociationQuerySet(models.QuerySet):
    def listed(self) -> "AssociationQuerySet":
        """Those of the network: accepted by the secretariat, and not gone since."""
        return self.filter(left_on=None)

    def public(self) -> "AssociationQuerySet":
        """Those that everybody sees: of the network, and confirmed by a collectivity."""
        confirmed = Attachment.objects.confirmed().filter(association=OuterRef("pk"))
        return self.listed().filter(Exists(confirmed))

    def once_public(self) -> "AssociationQuerySet":
        """Those that everybody sees or saw: of who has left, it is told until when it was there."""
        confirmed = Attachment.objects.once_confirmed().filter(association=OuterRef("pk"))
        return self.public() | self.exclude(left_on=None).filter(Exists(confirmed))

    def with_collectivities(self) -> "AssociationQuerySet":
        """Read with each association the collectivities that have confirmed it."""
        confirmed = Attachment.objects.confirmed().select_related(
            "collectivity__parent", "collectivity__region"
        )
        return self.prefetch_related(
            Prefetch("attachments", confirmed.order_by("collectivity__code"), "confirmed")
        )

    def attached_to(self, collectivity: Collectivity) -> "AssociationQuerySet":
        """Those that a collectivity has confirmed."""
        return self.listed().filter(
            Exists(
                Attachment.objects.confirmed().filter(
                    association=OuterRef("pk"), collectivity=collectivity
                )
            )
        )


class Association(Contacts):
    """A local association that an editor has accepted."""

    name_ar = models.CharField(_("name in Arabic"), max_length=150, blank=True)
    name_fr = models.CharField(_("name in French"), max_length=150, blank=True)
    name_en = models.CharField(_("name in English"), max_length=150, blank=True)
    name_zgh = models.CharField(_("name in Tamazight"), max_length=150, blank=True)
    joined_on = models.DateField(_("member since"), default=timezone.localdate)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    collectivities = models.ManyToManyField(
        Collectivity,
        through="Attachment",
        related_name="associations",
        verbose_name=_("attached to"),
    )

    objects = AssociationQuerySet.as_manager()

    class Meta:
        verbose_name = _("association")
        verbose_name_plural = _("associations")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name_ar="") | ~Q(name_fr=""), name="association_has_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("association", args=[self.pk])

    @property
    def key(self) -> str:
        """What stands for it in the address of its space."""
        return f"association-{self.pk}"

    @property
    def name(self) -> str:
        return in_language(self, "name")[0]

    @property
    def name_language(self) -> str:
        return in_language(self, "name")[1]

    @property
    def full_name(self) -> str:
        """The same as its name; a collectivity's has the word for what it is."""
        return self.name


class AttachmentQuerySet(models.QuerySet):
    def confirmed(self) -> "AttachmentQuerySet":
        return self.filter(state=AttachmentState.CONFIRMED)

    def once_confirmed(self) -> "AttachmentQuerySet":
        """Those that are confirmed, or were before they ended; one taken back never was."""
        ended = Q(state=AttachmentState.ENDED, decided_at__isnull=False)
        return self.filter(Q(state=AttachmentState.CONFIRMED) | ended)

    def open_ones(self) -> "AttachmentQuerySet":
        """Those that are asked for or confirmed: of them a pair has one at most."""
        return self.filter(state__in=AttachmentState.OPEN)


class Attachment(models.Model):
    """
    That an association works with a collectivity. The association asks, the collectivity's focal
    point confirms or declines with a reason; either may end it. A row is a stretch of history.
    """

    association = models.ForeignKey(
        Association,
        on_delete=models.CASCADE,
        related_name="attachments",
        verbose_name=_("association"),
    )
    collectivity = models.ForeignKey(
        Collectivity,
        on_delete=models.PROTECT,
        related_name="attachments",
        verbose_name=_("collectivity"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=AttachmentState.choices, default=AttachmentState.ASKED
    )
    asked_at = models.DateTimeField(_("asked on"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("decided by"),
    )
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    ended_at = models.DateTimeField(_("ended on"), null=True, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["association", "collectivity"],
                condition=Q(state__in=AttachmentState.OPEN),
                name="attachment_one_open_per_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.association} – {self.collectivity}"
