"""The rows of a practice. They know the page by its name: its module comes after this one."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from taggit.models import ItemBase
from wagtail.models import Orderable, TranslatableMixin
from wagtail_localize.fields import SynchronizedField, TranslatableField

from core.fields import PartialDateField
from core.vocabularies import Principle, Theme
from practices.enums import Stage

PAGE = "practices.PracticePage"


class PracticePrinciple(ItemBase):
    """A practice's principle; the first is the main one."""

    # The classes, not their names: taggit reads them before all apps are loaded.
    tag = models.ForeignKey(Principle, on_delete=models.PROTECT, related_name="practice_links")
    content_object = ParentalKey(PAGE, on_delete=models.CASCADE, related_name="principle_links")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tag", "content_object"], name="practice_principle_once"
            )
        ]


class PracticeTheme(ItemBase):
    tag = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="practice_links")
    content_object = ParentalKey(PAGE, on_delete=models.CASCADE, related_name="theme_links")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["tag", "content_object"], name="practice_theme_once")
        ]


class PracticeCollectivity(Orderable):
    """A collectivity that a practice concerns."""

    practice = ParentalKey(PAGE, on_delete=models.CASCADE, related_name="collectivity_links")
    collectivity = models.ForeignKey(
        "members.Collectivity",
        verbose_name=_("collectivity"),
        on_delete=models.PROTECT,
        related_name="practice_links",
    )

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "collectivity"], name="practice_collectivity_once"
            )
        ]


class PracticeRow(TranslatableMixin, Orderable):
    """A row of a practice that is translated with it."""

    class Meta(TranslatableMixin.Meta, Orderable.Meta):
        abstract = True


class PracticeChallenge(PracticeRow):
    """What a practice answers, as an official would ask it. At most three, the main one first."""

    practice = ParentalKey(PAGE, on_delete=models.CASCADE, related_name="challenges")
    text = models.CharField(_("challenge"), max_length=150)

    translatable_fields = [TranslatableField("text")]

    def __str__(self) -> str:
        return self.text


class PracticeStep(PracticeRow):
    """One thing that was done, with its date where it is known."""

    practice = ParentalKey(PAGE, on_delete=models.CASCADE, related_name="steps")
    date = PartialDateField(_("date"), blank=True)
    title = models.CharField(_("title"), max_length=150)
    text = models.TextField(_("what was done"), blank=True, max_length=1000)

    translatable_fields = [
        SynchronizedField("date", overridable=False),
        TranslatableField("title"),
        TranslatableField("text"),
    ]

    def __str__(self) -> str:
        return self.title


class PracticeParticipant(PracticeRow):
    """Who took part, at which stage, in which role. Here stands how civil society was involved."""

    practice = ParentalKey(PAGE, on_delete=models.CASCADE, related_name="participants")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    who = models.CharField(_("who"), max_length=200)
    association = models.ForeignKey(
        "members.Association",
        verbose_name=_("association of the network"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("It is asked to confirm the practice once it is published."),
    )
    role = models.TextField(_("role"), blank=True, max_length=500)

    translatable_fields = [
        SynchronizedField("stage", overridable=False),
        SynchronizedField("association", overridable=False),
        TranslatableField("who"),
        TranslatableField("role"),
    ]

    def __str__(self) -> str:
        return self.who


class PracticeIndicator(PracticeRow):
    """A figure that shows the result: before and after, or after alone."""

    practice = ParentalKey(PAGE, on_delete=models.CASCADE, related_name="indicators")
    name = models.CharField(_("what was measured"), max_length=200)
    baseline = models.DecimalField(
        _("before"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    value = models.DecimalField(_("after"), max_digits=16, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    date = PartialDateField(_("date"), blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)

    translatable_fields = [
        TranslatableField("name"),
        TranslatableField("unit"),
        TranslatableField("source"),
        SynchronizedField("baseline", overridable=False),
        SynchronizedField("value", overridable=False),
        SynchronizedField("date", overridable=False),
    ]

    def __str__(self) -> str:
        return self.name


class PracticeAttachment(PracticeRow):
    """A document of the practice or a link to one elsewhere."""

    practice = ParentalKey(PAGE, on_delete=models.CASCADE, related_name="attachments")
    title = models.CharField(_("title"), max_length=200)
    document = models.ForeignKey(
        "core.SiteDocument",
        verbose_name=_("document"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    upload = models.ForeignKey(
        "core.Upload",
        verbose_name=_("file that was sent"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Private. Publishing makes the document of it (`practices.files`).",
    )
    url = models.URLField(_("address"), max_length=1000, blank=True)

    translatable_fields = [
        TranslatableField("title"),
        SynchronizedField("document"),
        SynchronizedField("url"),
    ]

    class Meta(PracticeRow.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(document__isnull=False, url="")
                | Q(document__isnull=True, upload__isnull=True) & ~Q(url="")
                | Q(document__isnull=True, upload__isnull=False, url=""),
                name="practice_attachment_document_or_url",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def holds_something(self) -> bool:
        return bool(self.document_id or self.upload_id or self.url)

    @property
    def sent_file_address(self) -> str:
        """Where those who see the draft find the file; to be asked of a row without document."""
        return address_of_sent_file(self)

    def clean(self) -> None:
        super().clean()
        if bool(self.document_id or self.upload_id) == bool(self.url):
            raise ValidationError({"url": _("Give a document or an address, one of the two.")})


class PracticePhoto(PracticeRow):
    practice = ParentalKey(PAGE, on_delete=models.CASCADE, related_name="photos")
    image = models.ForeignKey(
        "core.SiteImage",
        verbose_name=_("image"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    upload = models.ForeignKey(
        "core.Upload",
        verbose_name=_("file that was sent"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Private. Publishing makes the picture of it (`practices.files`).",
    )
    description = models.CharField(
        _("description"),
        max_length=255,
        blank=True,
        help_text=_("What is to be seen, for those who do not see it."),
    )
    decorative = models.BooleanField(
        _("only decorates"),
        default=False,
        help_text=_("Tick it where the picture says nothing that the text does not say."),
    )
    caption = models.CharField(_("caption"), max_length=250, blank=True)

    translatable_fields = [
        SynchronizedField("image", overridable=False),
        SynchronizedField("decorative", overridable=False),
        TranslatableField("caption"),
    ]

    class Meta(PracticeRow.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(image__isnull=False) | Q(upload__isnull=False),
                name="practice_photo_has_a_picture",
            )
        ]

    @property
    def holds_something(self) -> bool:
        return bool(self.image_id or self.upload_id)

    @property
    def sent_file_address(self) -> str:
        """Where those who see the draft find the photo; to be asked of a row without image."""
        return address_of_sent_file(self)


def address_of_sent_file(row: PracticeAttachment | PracticePhoto) -> str:
    """Return the address of a file that waits to be published, for those who see the draft."""
    contribution = getattr(row.practice, "contribution", None)
    if not contribution:
        return ""
    return reverse("contribution_file", args=[contribution.pk, row.upload.key])
