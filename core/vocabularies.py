"""
The two vocabularies that content is tagged with.

Principles are closed: five, with fixed codes that the stylesheet and the icons know. Themes are
kept by editors, who add, rename, merge and retire them.
"""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from taggit.models import NaturalKeyManager, TagBase

from core.labels import Labelled, in_language
from core.slugs import short_slug


class PrincipleCode(models.TextChoices):
    """The five principles of openness of the network, in their official order."""

    TRANSPARENCY = "transparency", _("Transparency")
    ACCOUNTABILITY = "accountability", _("Accountability")
    PARTICIPATION = "participation", _("Citizen participation")
    ACCESS = "access", _("Access to information")
    DIGITAL = "digital", _("Digitalisation")


class Principle(Labelled, TagBase):
    """A principle of openness. `slug` is its code, one of `PrincipleCode`."""

    free_tagging = False

    description_ar = models.CharField(_("description in Arabic"), max_length=200, blank=True)
    description_fr = models.CharField(_("description in French"), max_length=200, blank=True)
    description_en = models.CharField(_("description in English"), max_length=200, blank=True)
    description_zgh = models.CharField(_("description in Tamazight"), max_length=200, blank=True)
    sort_order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("principle")
        verbose_name_plural = _("principles")
        ordering = ["sort_order"]

    @property
    def description(self) -> str:
        """One plain sentence on what the principle asks, in the nearest language."""
        return in_language(self, "description")[0]

    @property
    def description_language(self) -> str:
        return in_language(self, "description")[1]


class ThemeQuerySet(models.QuerySet):
    def current(self) -> "ThemeQuerySet":
        """Those that content may carry."""
        return self.filter(retired_at=None)

    def by_label(self) -> "list[Theme]":
        """All of them, in the order of their labels in the active language."""
        return sorted(self, key=lambda theme: theme.label)

    def destinations(self) -> dict[int, int | None]:
        """
        Tell, by the key of each theme, the key of the theme that stands for it today.

        :returns: a current theme stands for itself; a retired one for where its successors lead
            in the end, or for nothing
        """
        rows = self.order_by().values_list("pk", "retired_at", "successor")
        successors = {pk: successor for pk, retired_at, successor in rows if retired_at}

        def final(pk: int | None) -> int | None:
            # Ends: a theme's successor is a current one at the time (`practices.services.themes`).
            while pk in successors:
                pk = successors[pk]
            return pk

        return {pk: final(pk) for pk, _retired_at, _successor in rows}


class Theme(Labelled, TagBase):
    """
    A theme of a practice, such as the participatory budget.

    Retired, it is carried by nothing and offered nowhere, and its address leads to its successor.
    The row stays, because revisions of pages hold its key.
    """

    retired_at = models.DateTimeField(_("retired on"), null=True, blank=True, editable=False)
    successor = models.ForeignKey(
        "self",
        verbose_name=_("successor"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="predecessors",
    )

    objects = NaturalKeyManager.from_queryset(ThemeQuerySet)()

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(successor=None) | Q(retired_at__isnull=False),
                name="theme_only_retired_has_successor",
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("pk")),
                name="theme_is_not_its_own_successor",
            ),
        ]

    def clean(self) -> None:
        super().clean()
        others = Theme.objects.current().exclude(pk=self.pk)
        for name in ("label_ar", "label_fr"):
            if others.filter(**{f"{name}__iexact": getattr(self, name)}).exists():
                raise ValidationError({name: _("There is a theme with this label already.")})

    def save(self, *args, **kwargs) -> None:
        if not self.name:
            # Made from its labels, in the administration.
            self.name = self.slug = self._free_slug()
        # taggit makes themes from a name alone: the label starts as what was typed.
        self.label_ar = self.label_ar or self.name
        self.label_fr = self.label_fr or self.name
        super().save(*args, **kwargs)

    def _free_slug(self) -> str:
        """Return a slug of the French label that is no other theme's slug or name."""
        number = 1
        slug = self.slugify(self.label_fr)
        while Theme.objects.filter(Q(slug=slug) | Q(name__iexact=slug)).exists():
            number += 1
            slug = self.slugify(self.label_fr, number)
        return slug

    def slugify(self, tag: str, i: int | None = None) -> str:
        slug = short_slug(tag) or "theme"
        return f"{slug}-{i}" if i is not None else slug
