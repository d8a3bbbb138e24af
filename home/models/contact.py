"""What visitors write to the secretariat."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ContactMessageQuerySet(models.QuerySet):
    def open_messages(self) -> "ContactMessageQuerySet":
        """Those that wait for an answer."""
        return self.filter(answered_at=None)


class ContactMessage(models.Model):
    """A message from the contact form. It is kept for a year (see `home.contact`)."""

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail address"), max_length=254)
    subject = models.CharField(_("subject"), max_length=150)
    text = models.TextField(_("message"), max_length=5000)
    language = models.CharField(_("language"), max_length=3)
    page = models.CharField(_("written about"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("date"), default=timezone.now, db_index=True)
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    digest = models.CharField(
        max_length=64,
        unique=True,
        editable=False,
        help_text="The same for the same words of the same person on the same day.",
    )

    objects = ContactMessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def __str__(self) -> str:
        return self.subject


class ContactCount(models.Model):
    """How many messages came from one place in one hour. The place is told by a keyed hash."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.count}"
