"""
Images and documents, and the one door through which a document leaves.

Images are public, under `MEDIA_URL`, but for those that are kept back (`core.picture_storage`).
Documents lie in the private storage and are handed out by
`core.views.document` alone, which asks for rights. The name on the disk is made by us, because a
file system counts bytes where Django counts characters; the name that people see is kept here.
"""

import secrets
from io import BytesIO
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import models
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition

from core.downloads import LONGEST_NAME, safe_name
from core.labels import in_language
from core.languages import OWN_NAMES
from core.moving_pictures import BARE
from core.picture_storage import KEPT


class Licence(models.TextChoices):
    """The terms on which a text or a file may be used again (law 31-13 asks to name them)."""

    CC_BY = "cc-by-4.0", _("Creative Commons Attribution 4.0")
    CC_BY_SA = "cc-by-sa-4.0", _("Creative Commons Attribution-ShareAlike 4.0")
    CC0 = "cc0-1.0", _("Creative Commons Zero 1.0")
    ALL_RIGHTS = "all-rights-reserved", _("All rights reserved by the author")


LICENCE_URLS = {
    Licence.CC_BY: "https://creativecommons.org/licenses/by/4.0/",
    Licence.CC_BY_SA: "https://creativecommons.org/licenses/by-sa/4.0/",
    Licence.CC0: "https://creativecommons.org/publicdomain/zero/1.0/",
}


NOT_WHOLE = _("The picture is damaged or not whole. Save it anew and send it again.")


def generated_name(folder: str, filename: str) -> str:
    """Return a short random name in a folder that keeps the file's own ending."""
    suffix = PurePath(filename).suffix.lower()[:12]
    return f"{folder}/{secrets.token_hex(12)}{suffix}"


# The formats in which a camera writes, and how each is written anew with the least loss.
REWRITTEN = {
    "JPEG": {"quality": "keep"},
    "MPO": {"quality": 92},  # a JPEG with further pictures behind it, which are left out
    "PNG": {},
    "WEBP": {"quality": 92},
    "AVIF": {"quality": 85},
}


class BarePicture(ContentFile):
    """A picture's file that holds the picture alone."""


def without_metadata(content: bytes) -> bytes:
    """
    Return a picture's file without what a camera wrote beside the picture: place, time, names.

    The orientation is turned into the picture itself. GIF and moving AVIF come back as they are: no
    camera writes them.

    :raises ValueError: where the file is no picture, or is not whole
    """
    try:
        picture = Image.open(BytesIO(content))
        options = REWRITTEN.get(picture.format)
        if options is None:
            return content
        if picture.format != "MPO" and getattr(picture, "is_animated", False):
            bare_of = BARE.get(picture.format)
            return bare_of(content) if bare_of else content
        ImageOps.exif_transpose(picture, in_place=True)
        bare = BytesIO()
        picture.save(
            bare,
            "JPEG" if picture.format == "MPO" else picture.format,
            icc_profile=picture.info.get("icc_profile"),
            comment=b"",
            exif=b"",
            **options,
        )
    except Exception as error:  # decoders raise whatever they stumble over
        raise ValueError("The file is no whole picture.") from error
    return bare.getvalue()


def document_path(instance: "SiteDocument", filename: str) -> str:
    return generated_name("documents", filename)


def private_storage():
    return storages["private"]


class DefaultedField(models.CharField):
    """
    A choice that a form may leave out; the default stands then.

    Wagtail uploads several files without asking. If something required is missing, it lays them
    in `MEDIA_ROOT` under their own names until it is told.
    """

    def formfield(self, **kwargs):
        return super().formfield(**{"required": False, **kwargs})

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class Provenance(models.Model):
    """Where a file comes from and on what terms it may be used."""

    licence = DefaultedField(
        _("licence"), max_length=30, choices=Licence.choices, default=Licence.CC_BY
    )
    source = models.CharField(
        _("source"), max_length=255, blank=True, help_text=_("Who made it, or where it was taken.")
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=list(OWN_NAMES.items()),
        help_text=_("The language of its words, if it has any."),
    )

    class Meta:
        abstract = True


class SiteImage(Provenance, AbstractImage):
    """A picture, with a description in each language for those who do not see it."""

    alt_ar = models.CharField(_("description in Arabic"), max_length=255, blank=True)
    alt_fr = models.CharField(_("description in French"), max_length=255, blank=True)
    alt_en = models.CharField(_("description in English"), max_length=255, blank=True)
    alt_zgh = models.CharField(_("description in Tamazight"), max_length=255, blank=True)

    admin_form_fields = (
        "title",
        "file",
        "alt_ar",
        "alt_fr",
        "alt_en",
        "alt_zgh",
        "licence",
        "source",
        "language",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")

    @property
    def default_alt_text(self) -> str:
        return in_language(self, "alt")[0]

    @property
    def alt_language(self) -> str:
        return in_language(self, "alt")[1]

    def clean(self) -> None:
        super().clean()
        try:
            self._bare_file()
        except ValueError as error:
            raise ValidationError({"file": NOT_WHOLE}) from error

    def save(self, *args, **kwargs) -> None:
        """Save the picture. A photo is published without the place and time of its taking."""
        self._bare_file()
        super().save(*args, **kwargs)

    def _bare_file(self) -> None:
        """Take the metadata out of a file that is not stored yet."""
        if self.file and not self.file._committed:
            self._set_image_file_metadata()

    def _set_image_file_metadata(self) -> None:
        # Wagtail calls this for each new file: mostly before it is stored, but after where it was
        # uploaded among several and asked about then.
        if not isinstance(self.file.file, BarePicture):
            with self.open_file() as file:
                bare = BarePicture(without_metadata(file.read()), name=self.file.name)
            if self.file._committed:
                stored = self.file.name
                self.file.save(stored, bare, save=False)
                self.file.storage.delete(stored)
            else:
                self.file = bare
        super()._set_image_file_metadata()

    @property
    def is_kept(self) -> bool:
        """Whether the picture is kept back, for those who may see what it belongs to."""
        return self.file.name.startswith(KEPT)

    @staticmethod
    def file_name(filename: str, *, kept: bool) -> str:
        """Return a new name for a picture's file."""
        return generated_name(f"{KEPT if kept else ''}original_images", filename)

    def get_upload_to(self, filename: str) -> str:
        # Another file in the place of one that is kept back is kept back too.
        stored = SiteImage.objects.filter(pk=self.pk, file__startswith=KEPT)
        return self.file_name(filename, kept=self.pk is not None and stored.exists())


class SiteRendition(AbstractRendition):
    image = models.ForeignKey(SiteImage, on_delete=models.CASCADE, related_name="renditions")

    def get_upload_to(self, filename: str) -> str:
        name = super().get_upload_to(filename)
        return f"{KEPT}{name}" if self.image.is_kept else name

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)


class SiteDocument(Provenance, AbstractDocument):
    """A file to download."""

    file = models.FileField(
        _("file"), upload_to=document_path, storage=private_storage, max_length=100
    )
    display_name = models.CharField(
        _("file name"),
        max_length=LONGEST_NAME,
        blank=True,
        help_text=_("The name that the downloaded file gets."),
    )

    admin_form_fields = (
        "title",
        "file",
        "display_name",
        "licence",
        "source",
        "language",
        "collection",
        "tags",
    )

    class Meta(AbstractDocument.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    def save(self, *args, **kwargs) -> None:
        if self.file:
            # An address is made of it, and it tells the type of the file.
            suffix = PurePath(self.file.name).suffix.lower()[:12]
            self.display_name = safe_name(self.display_name or self.file.name)
            if PurePath(self.display_name).suffix.lower() != suffix:
                self.display_name = safe_name(
                    self.display_name[: LONGEST_NAME - len(suffix)] + suffix
                )
        if self.file and not self.file_size:
            self._set_document_file_metadata()
        super().save(*args, **kwargs)

    @property
    def filename(self) -> str:
        return self.display_name or super().filename
