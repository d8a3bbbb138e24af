from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.text import without_controls
from notifications.registry import kinds


class Told(models.Model):
    """Something that is told: a kind and its data, put into words in the active language."""

    kind = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @property
    def subject(self) -> str:
        """One line, without marks that break or turn it."""
        return " ".join(without_controls(kinds[self.kind].subject(self.data)).split())

    @property
    def text(self) -> str:
        return kinds[self.kind].text(self.data)

    @property
    def address(self) -> str:
        """The path of what it is about, or ""."""
        return kinds[self.kind].address(self.data)


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user) -> "NoticeQuerySet":
        """
        A person sees their own notices, a visitor none. One whose kind has left the code is seen no
        more, as nobody has words for it.
        """
        return self.filter(person_id=user.pk, kind__in=kinds) if user.pk else self.none()

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)


class Notice(Told):
    """What one person is told, on the site and mostly by mail."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    key = models.CharField(
        max_length=200,
        blank=True,
        help_text="The same event told to a person twice is one notice.",
    )
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["person", "-created_at", "-id"], name="notice_newest_first"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "key"],
                condition=~Q(key=""),
                name="notice_once_per_event",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def label(self) -> str:
        """What its kind is about."""
        return kinds[self.kind].label


class Letter(Told):
    """
    A mail to an address and nothing else: to people without an account, or words that are written
    already.

    What it says may open a door (an invitation, a new password): once it is sent, only its kind and
    its times are left, and the hash by which the same event is known again.
    """

    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10)
    digest = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None, email__gt="")
                | Q(sent_at__isnull=False, email="", data={}),
                name="letter_is_emptied_when_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
