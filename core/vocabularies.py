"""
The two vocabularies that content is tagged with.

Principles are closed: five, with fixed codes that the stylesheet and the icons know. Themes are
free; editors keep them, writers are offered those in use.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from taggit.models import TagBase

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


class Theme(Labelled, TagBase):
    """A theme of a practice, such as the participatory budget."""

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["slug"]

    def save(self, *args, **kwargs) -> None:
        # taggit makes themes from a name alone: the label starts as what was typed.
        self.label_ar = self.label_ar or self.name
        self.label_fr = self.label_fr or self.name
        super().save(*args, **kwargs)

    def slugify(self, tag: str, i: int | None = None) -> str:
        slug = short_slug(tag) or "theme"
        return f"{slug}-{i}" if i is not None else slug
