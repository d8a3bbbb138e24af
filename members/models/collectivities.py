"""The territorial collectivities, and what they say of themselves."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import languages
from core.labels import in_language
from core.slugs import short_slug
from members.enums import LEVEL_OF_KIND, CollectivityKind, Setting
from members.models.contacts import Contacts
from members.names import full_name
from search.analysis import fold

MOST_WORDS = 30  # no name has more; databases limit how long a condition may be


class CollectivityQuerySet(models.QuerySet):
    def regions(self) -> "CollectivityQuerySet":
        """The regions in their official order."""
        return self.filter(kind=CollectivityKind.REGION).order_by("code")

    def members(self) -> "CollectivityQuerySet":
        """Those that are members of the network today."""
        return self.filter(memberships__isnull=False, memberships__ended_on__isnull=True)

    def named(self, text: str) -> "CollectivityQuerySet":
        """Those whose name holds a text, in whichever script it is written."""
        words = fold(text).split()
        if text.strip() and not words:
            return self.none()
        for word in words[:MOST_WORDS]:
            self = self.filter(search_name__contains=word)
        return self


class Collectivity(models.Model):
    """
    A territorial collectivity: a region, a prefecture or province, or a commune.

    Names, codes and levels are official data (High Commission for Planning), brought in by
    `manage.py import_collectivities`. That one of them is a member is told by `Membership`.
    """

    code = models.CharField(
        _("HCP code"), max_length=20, unique=True, help_text="01, 01.051, 01.051.01.01"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=CollectivityKind.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("lies in"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    region = models.ForeignKey(
        "self",
        verbose_name=_("region"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The region it lies in; itself for a region. Kept for filters.",
    )
    name_ar = models.CharField(_("name in Arabic"), max_length=100)
    name_fr = models.CharField(_("name in French"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100, blank=True)
    name_zgh = models.CharField(_("name in Tamazight"), max_length=100, blank=True)
    search_name = models.CharField(max_length=450, editable=False)
    setting = models.CharField(_("setting"), max_length=10, choices=Setting.choices, blank=True)
    population = models.PositiveIntegerField(_("population (2024)"), null=True, blank=True)
    slug = models.SlugField(max_length=60, editable=False)

    objects = CollectivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("collectivity")
        verbose_name_plural = _("collectivities")
        ordering = ["code"]
        indexes = [models.Index(fields=["kind", "region"], name="collectivity_kind_region")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=CollectivityKind.REGION, parent=None)
                | (~Q(kind=CollectivityKind.REGION) & Q(parent__isnull=False)),
                name="collectivity_only_regions_have_no_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args, **kwargs) -> None:
        self.prepare()
        super().save(*args, **kwargs)

    def prepare(self) -> None:
        """Fill what follows from the names; `bulk_create` must call it itself."""
        names = (self.name_ar, self.name_fr, self.name_en, self.name_zgh)
        self.search_name = fold(" ".join(name for name in names if name))
        self.slug = f"{short_slug(self.name_fr)}-{self.code.replace('.', '')}"

    def get_absolute_url(self) -> str:
        return reverse("collectivity", args=[self.slug])

    @property
    def key(self) -> str:
        """What stands for it in the address of its space."""
        return self.slug

    @property
    def membership(self):
        """Its `Membership` of today, None where it is no member."""
        return next((one for one in self.memberships.all() if one.ended_on is None), None)

    @property
    def is_member(self) -> bool:
        """Whether it is a member of the network today."""
        return self.membership is not None

    @property
    def level(self) -> str:
        return LEVEL_OF_KIND[self.kind]

    @property
    def name(self) -> str:
        return in_language(self, "name")[0]

    @property
    def name_language(self) -> str:
        return in_language(self, "name")[1]

    @property
    def lies_in(self) -> "list[Collectivity]":
        """What it lies in, the nearest first: a commune's province and region."""
        around = dict.fromkeys([self.parent, self.region])
        return [one for one in around if one and one.pk != self.pk]

    @property
    def full_name(self) -> str:
        """The name with its level: "Commune de Tétouan", "جماعة تطوان"."""
        return self.full_name_in(languages.current())

    def full_name_in(self, language: str) -> str:
        name, spoken = in_language(self, "name", language)
        return full_name(name, self.kind, spoken)

    @property
    def known_population(self) -> int | None:
        """The population: the official figure, or else the one that the collectivity tells."""
        if self.population is not None:
            return self.population
        return self.profile.population if hasattr(self, "profile") else None

    @property
    def known_setting(self) -> str:
        """Urban or rural: the official word, or else the collectivity's; empty if unknown."""
        return self.setting or (self.profile.setting if hasattr(self, "profile") else "")


class CollectivityProfile(Contacts):
    """
    What a collectivity says of itself. Its people write it in their space.

    Population and setting count only where the official data are silent.
    """

    collectivity = models.OneToOneField(
        Collectivity,
        on_delete=models.CASCADE,
        related_name="profile",
        verbose_name=_("collectivity"),
    )
    services = models.TextField(
        _("services"), max_length=2000, blank=True, help_text=_("One on each line.")
    )
    challenges = models.TextField(
        _("challenges"),
        max_length=2000,
        blank=True,
        help_text=_("What you look for help with from others. One on each line."),
    )
    skills = models.TextField(
        _("skills"),
        max_length=2000,
        blank=True,
        help_text=_("What you can help others with. One on each line."),
    )
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    population_year = models.PositiveSmallIntegerField(
        _("year of the population"), null=True, blank=True
    )
    setting = models.CharField(_("setting"), max_length=10, choices=Setting.choices, blank=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("updated by"),
    )

    class Meta:
        verbose_name = _("profile of a collectivity")
        verbose_name_plural = _("profiles of collectivities")

    def __str__(self) -> str:
        return str(self.collectivity)
