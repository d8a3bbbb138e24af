import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.files import generated_name, private_storage


def upload_path(instance: "Upload", filename: str) -> str:
    return generated_name("uploads", filename)


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
    name = models.CharField(_("file name"), max_length=150)
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
