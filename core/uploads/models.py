import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.downloads import LONGEST_NAME
from core.files import generated_name, private_storage

PARTIAL = "partial"  # the folder of what has not come whole


def upload_path(instance: "Upload", filename: str) -> str:
    return generated_name("uploads", filename)


def partial_path(instance: "PartialUpload", filename: str) -> str:
    return generated_name(PARTIAL, filename)


class Upload(models.Model):
    """
    A file that somebody sent. It has no address of its own: what refers to it hands it out, to
    those who may have it (`core.uploads.services.hand_out`).
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("sent by"),
    )
    policy = models.CharField(max_length=60)
    name = models.CharField(_("file name"), max_length=LONGEST_NAME)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("date"), default=timezone.now)
    file = models.FileField(upload_to=upload_path, storage=private_storage, max_length=100)

    class Meta:
        verbose_name = _("uploaded file")
        verbose_name_plural = _("uploaded files")
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.name


class PartialUploadQuerySet(models.QuerySet):
    def visible_to(self, user) -> "PartialUploadQuerySet":
        """Everybody sees their own."""
        return self.filter(owner=user) if user.is_authenticated else self.none()


class PartialUpload(models.Model):
    """
    A file that somebody sends in parts. What has come lies in `file` until all has come, and is an
    `Upload` then; the row stays two days, so that a repeated request finds that same one.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("sent by"),
    )
    policy = models.CharField(max_length=60)
    address = models.TextField(blank=True)  # the one path at which parts are taken
    name = models.CharField(_("file name"), max_length=LONGEST_NAME)
    size = models.PositiveBigIntegerField(_("size"))
    received = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(_("date"), default=timezone.now)
    file = models.FileField(
        upload_to=partial_path, storage=private_storage, max_length=100, blank=True
    )
    finished = models.OneToOneField(
        Upload, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    objects = PartialUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("file on its way")
        verbose_name_plural = _("files on their way")
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gt=0, received__lte=F("size")), name="partial_within_its_size"
            ),
            models.CheckConstraint(
                condition=Q(finished__isnull=True) | Q(received=F("size")),
                name="partial_finished_when_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name
