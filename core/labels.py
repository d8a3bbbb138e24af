"""Names and labels that are official data: a column per language, not a translation."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import languages


def in_language(instance: models.Model, stem: str, language: str | None = None) -> tuple[str, str]:
    """
    Return a text kept in columns `<stem>_<language>` in the nearest language that has it.

    :param stem: the columns' common name, such as "name" for `name_ar`, `name_fr` …
    :param language: the reader's language, the active one by default
    :returns: the text and the language that it is in; ("", reader's language) where all are empty
    """
    language = language or languages.current()
    for code in languages.FALLBACKS[language]:
        text = getattr(instance, f"{stem}_{code}", "")
        if text:
            return text, code
    return "", language


class Labelled(models.Model):
    """A thing with a label in each language. Arabic and French are required."""

    label_ar = models.CharField(_("label in Arabic"), max_length=100)
    label_fr = models.CharField(_("label in French"), max_length=100)
    label_en = models.CharField(_("label in English"), max_length=100, blank=True)
    label_zgh = models.CharField(_("label in Tamazight"), max_length=100, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The label in the active language, or the nearest one."""
        return in_language(self, "label")[0]

    @property
    def label_language(self) -> str:
        """The language that `label` is in, for its `lang` attribute."""
        return in_language(self, "label")[1]
