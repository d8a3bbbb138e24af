"""The language versions of what the demo loader writes."""

from wagtail.models import Locale

from core.pages import BasePage

# The first is written first, and the others are its translations.
LANGUAGES = ("ar", "fr", "en")


def version(model: type[BasePage], locale: Locale, first: BasePage | None) -> BasePage:
    """
    Return the page of a language, a new one where there is none yet.

    :param first: the version that was written first; None where this is it
    """
    if first is None:
        return model(locale=locale)
    found = model.objects.filter(translation_key=first.translation_key, locale=locale).first()
    return found or model(locale=locale, translation_key=first.translation_key, slug=first.slug)
