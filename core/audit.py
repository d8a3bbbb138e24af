"""
The audit log: who did what, when, with what it was before and after. Append-only.

Apps register kinds from `AppConfig.ready()` and write entries in the transaction of the change. An
entry is never changed or deleted: the model refuses, and the database does by triggers.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class AppendOnly(Exception):
    """The log is added to and never changed."""


@dataclass(frozen=True)
class AuditKind:
    """
    Something that is entered into the log.

    :param name: such as "staff.appointed", at most 60 characters
    :param secret: whether its entries tell that, who and when, but never the value, until they are
        opened (`open_sealed`)
    """

    name: str
    label: str | Promise
    secret: bool = False


kinds: dict[str, AuditKind] = {}


def register_audit_kind(kind: AuditKind) -> None:
    """Enter a kind. Each name stands once."""
    if kind.name in kinds:
        raise ValueError(f"two kinds of audit entries named {kind.name}")
    kinds[kind.name] = kind


class AuditQuerySet(models.QuerySet):
    def visible_to(self, user) -> "AuditQuerySet":
        """Administrators see all, everybody else nothing."""
        return self if user.is_active and user.is_superuser else self.none()

    def update(self, **fields):
        raise AppendOnly("Entries of the audit log are not changed.")

    def delete(self):
        raise AppendOnly("Entries of the audit log are not deleted.")

    def bulk_update(self, *args, **kwargs):
        raise AppendOnly("Entries of the audit log are not changed.")


class AuditEntry(models.Model):
    """One thing that was done."""

    kind = models.CharField(_("what"), max_length=60)
    at = models.DateTimeField(_("when"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty where it was a command on the machine, or somebody without an account.",
    )
    subject_type = models.CharField(max_length=100, blank=True)
    subject_id = models.CharField(max_length=40, blank=True)
    before = models.JSONField(_("before"), null=True, blank=True)
    after = models.JSONField(_("after"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    sealed = models.BooleanField(_("sealed"), default=False)
    opens = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="opened_by"
    )

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the audit log")
        verbose_name_plural = _("audit log")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at"], name="audit_newest_first"),
            models.Index(fields=["kind", "-at"], name="audit_of_a_kind"),
            models.Index(fields=["subject_type", "subject_id"], name="audit_of_a_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sealed=False) | Q(before__isnull=True, after__isnull=True, note=""),
                name="audit_sealed_tells_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"

    @property
    def label(self) -> str:
        """Its kind in words; the bare name where the kind has left the code."""
        known = kinds.get(self.kind)
        return str(known.label) if known else self.kind

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise AppendOnly("Entries of the audit log are not changed.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise AppendOnly("Entries of the audit log are not deleted.")


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("The audit log is written in the transaction of the change.")


def record(
    *,
    kind: str,
    actor: models.Model | None,
    subject: models.Model | None = None,
    before: Any = None,
    after: Any = None,
    note: str = "",
) -> AuditEntry:
    """
    Enter something into the log, in the transaction of the change that it tells of.

    :param kind: a registered one; of a secret kind the values are dropped
    :param actor: the person; None for a command on the machine, or somebody without an account
    :param subject: what it was done to. It is named by its number: no name of a person is kept
    :param before: JSON, like `after`
    :raises KeyError: for a kind that nobody registered
    :raises RuntimeError: outside a transaction
    """
    _require_transaction()
    sealed = kinds[kind].secret
    return AuditEntry.objects.create(
        kind=kind,
        actor=actor,
        subject_type=subject._meta.label_lower if subject else "",
        subject_id=str(subject.pk) if subject else "",
        before=None if sealed else before,
        after=None if sealed else after,
        note="" if sealed else note,
        sealed=sealed,
    )


def open_sealed(
    *, entry: AuditEntry, actor: models.Model | None, before: Any = None, after: Any = None
) -> AuditEntry:
    """
    Tell what a sealed entry kept quiet, by a new entry that leads to it.

    :raises ValueError: for an entry that is not sealed
    :raises django.db.IntegrityError: for one that was opened before
    :raises RuntimeError: outside a transaction
    """
    _require_transaction()
    if not entry.sealed:
        raise ValueError("Only what is sealed is opened.")
    return AuditEntry.objects.create(
        kind=entry.kind,
        actor=actor,
        subject_type=entry.subject_type,
        subject_id=entry.subject_id,
        before=before,
        after=after,
        opens=entry,
    )
