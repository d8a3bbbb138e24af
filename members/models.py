from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import languages
from core.labels import in_language
from core.slugs import short_slug
from members.enums import LEVEL_OF_KIND, CollectivityKind, Setting
from members.names import full_name
from search.analysis import fold

MOST_WORDS = 30  # no name has more; databases limit how long a condition may be


class UserManager(BaseUserManager):
    """People log in by e-mail; there are no user names."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email)


class User(AbstractUser):
    """A person with an account."""

    username = None
    email = models.EmailField(_("e-mail address"), unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_whatever_the_case"),
        ]


class CollectivityQuerySet(models.QuerySet):
    def regions(self) -> "CollectivityQuerySet":
        """The regions in their official order."""
        return self.filter(kind=CollectivityKind.REGION).order_by("code")

    def count_by_region(self) -> dict[int, dict[str, int]]:
        """Count what lies in each region: the region's key, then the level, then how many."""
        counts: dict[int, dict[str, int]] = {}
        rows = self.filter(region__isnull=False).order_by().values_list("region", "kind")
        for region, kind, number in rows.annotate(number=Count("pk")):
            levels = counts.setdefault(region, {})
            levels[LEVEL_OF_KIND[kind]] = levels.get(LEVEL_OF_KIND[kind], 0) + number
        return counts

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
    `manage.py import_collectivities`. That one of them is a member is told elsewhere.
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
