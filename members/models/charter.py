"""The charter of the network: its versions, who signed them, what each member does for it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.fields import CleanRichTextField
from core.labels import in_language
from core.languages import OWN_NAMES
from core.uploads.models import Upload
from members.enums import CharterCommitment
from members.models.collectivities import Collectivity


class Membership(models.Model):
    """A stretch of time in which a collectivity was a member of the network. History stays."""

    collectivity = models.ForeignKey(
        Collectivity,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("collectivity"),
    )
    began_on = models.DateField(
        _("member since"),
        null=True,
        blank=True,
        default=timezone.localdate,
        help_text=_("Empty where the day is not known: many were members before this site."),
    )
    ended_on = models.DateField(_("member until"), null=True, blank=True)
    reason = models.TextField(_("reason"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["began_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["collectivity"],
                condition=Q(ended_on=None),
                name="membership_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collectivity}: {self.began_on or '?'}"


# The charter is a long text with parts of its own.
HEADED = ["h2", "h3", *CleanRichTextField.FEATURES]


class PublishedForGood(Exception):
    """A published version of the charter never changes."""


class CharterVersionQuerySet(models.QuerySet):
    def published(self) -> "CharterVersionQuerySet":
        return self.exclude(published_at=None)

    def in_force(self) -> "CharterVersion | None":
        """The newest that is published: the one that members sign."""
        return self.published().order_by("-number").first()


class CharterVersion(models.Model):
    """
    A text of the charter. Once published it never changes, as signatures refer to it; what changes
    makes a new version, which members are asked to sign again.
    """

    WRITTEN = ("number", "text_ar", "text_fr", "text_en", "changes_ar", "changes_fr")

    number = models.PositiveSmallIntegerField(_("number"), unique=True)
    text_ar = CleanRichTextField(_("text in Arabic"), features=HEADED)
    text_fr = CleanRichTextField(_("text in French"), features=HEADED)
    text_en = CleanRichTextField(_("text in English"), blank=True, features=HEADED)
    changes_ar = models.TextField(_("what is new, in Arabic"), max_length=2000, blank=True)
    changes_fr = models.TextField(_("what is new, in French"), max_length=2000, blank=True)
    published_at = models.DateTimeField(_("published on"), null=True, blank=True, editable=False)

    objects = CharterVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the charter")
        verbose_name_plural = _("versions of the charter")
        ordering = ["-number"]

    def __str__(self) -> str:
        return gettext("Charter, version %(number)d") % {"number": self.number}

    def save(self, *args, **kwargs) -> None:
        self._refuse_if_published()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        if CharterVersion.objects.published().filter(pk=self.pk).exists():
            raise PublishedForGood("A published version of the charter is not deleted.")
        return super().delete(*args, **kwargs)

    def _refuse_if_published(self) -> None:
        """
        :raises PublishedForGood: where what is stored is published and this says something else
        """
        stored = CharterVersion.objects.published().filter(pk=self.pk).first()
        if stored is None:
            return
        fields = [self._meta.get_field(name) for name in (*self.WRITTEN, "published_at")]
        if any(
            one.get_prep_value(getattr(self, one.name)) != getattr(stored, one.name)
            for one in fields
        ):
            raise PublishedForGood("A published version of the charter is not changed.")

    def get_absolute_url(self) -> str:
        return reverse("charter_version", args=[self.number])

    def text(self, language: str) -> tuple[str, str]:
        """Return the text for a reader, and the language that it is in."""
        return in_language(self, "text", language)

    def changes(self, language: str) -> tuple[str, str]:
        """Return what is new in it for a reader, and the language that it is in."""
        return in_language(self, "changes", language)


class SignatureQuerySet(models.QuerySet):
    def current(self) -> "SignatureQuerySet":
        """Those by which a collectivity is bound today: it has not left since."""
        return self.filter(ended_at=None)


class Signature(models.Model):
    """
    That a collectivity signed a version of the charter. It is kept for good: the name and office
    are those that the signatory wrote, and stay when their account goes. When the collectivity
    leaves the network its signatures end; if it comes back, it signs anew.
    """

    collectivity = models.ForeignKey(
        Collectivity,
        on_delete=models.PROTECT,
        related_name="signatures",
        verbose_name=_("collectivity"),
    )
    version = models.ForeignKey(
        CharterVersion,
        on_delete=models.PROTECT,
        related_name="signatures",
        verbose_name=_("version"),
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="signatures",
        verbose_name=_("signed through the account of"),
    )
    name = models.CharField(_("signed by"), max_length=130)
    office = models.CharField(_("in the office of"), max_length=120)
    signed_at = models.DateTimeField(_("signed on"), default=timezone.now)
    document = models.ForeignKey(
        Upload,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("deliberation of the council"),
    )
    ended_at = models.DateTimeField(_("ended on"), null=True, blank=True)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["collectivity", "version"],
                condition=Q(ended_at=None),
                name="signature_once_per_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collectivity}: {self.version}"


class Statement(models.Model):
    """What a member says, in its own words, that it did in a year for one commitment."""

    collectivity = models.ForeignKey(
        Collectivity,
        on_delete=models.PROTECT,
        related_name="statements",
        verbose_name=_("collectivity"),
    )
    year = models.PositiveSmallIntegerField(_("year"))
    commitment = models.PositiveSmallIntegerField(
        _("commitment"), choices=CharterCommitment.choices
    )
    text = models.TextField(_("statement"), max_length=2000)
    language = models.CharField(_("language"), max_length=10, choices=list(OWN_NAMES.items()))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("written by"),
    )
    written_at = models.DateTimeField(_("written on"), default=timezone.now)

    class Meta:
        verbose_name = _("yearly statement")
        verbose_name_plural = _("yearly statements")
        ordering = ["-year", "commitment"]
        constraints = [
            models.UniqueConstraint(
                fields=["collectivity", "year", "commitment"],
                name="statement_once_a_year_per_commitment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collectivity} {self.year}: {self.get_commitment_display()}"
