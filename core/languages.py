"""
The four languages: their direction, what a reader is given when their own is missing, addresses.

Every address is the same in each language but for its first part, so that a reader who switches
keeps the place: `/ar/practices/x-3/` and `/fr/practices/x-3/` are one practice.
"""

from django.conf import settings
from django.utils import translation

CODES: tuple[str, ...] = tuple(code for code, _name in settings.LANGUAGES)

OWN_NAMES = {"ar": "العربية", "fr": "Français", "en": "English", "zgh": "ⵜⴰⵎⴰⵣⵉⵖⵜ"}

# What is offered when a text is missing in the reader's language, nearest first. French fills the
# gaps of Tamazight and English, as most officials who read these read it.
FALLBACKS: dict[str, tuple[str, ...]] = {
    "ar": ("ar", "fr", "en", "zgh"),
    "fr": ("fr", "ar", "en", "zgh"),
    "en": ("en", "fr", "ar", "zgh"),
    "zgh": ("zgh", "fr", "ar", "en"),
}


def current() -> str:
    """Return the active language's code, Arabic where none of ours is active."""
    language = translation.get_language()
    return language if language in CODES else settings.PUBLIC_LANGUAGE


def direction(language: str) -> str:
    """Return "rtl" for Arabic and "ltr" for the rest."""
    return "rtl" if language == "ar" else "ltr"


def own_name(language: str) -> str:
    """Return a language's name in its own script, such as "العربية"."""
    return OWN_NAMES[language]


def language_of_path(path: str) -> str | None:
    """Return the language that a path stands under, None where it stands under none."""
    first = path.lstrip("/").partition("?")[0].partition("/")[0]
    return first if first in CODES else None


def path_in(language: str, path: str) -> str:
    """
    Return the address of the same place in another language.

    :param path: an absolute path, with or without a query string
    """
    rest = path.lstrip("/")
    if code := language_of_path(path):
        rest = rest.removeprefix(code).removeprefix("/")
    return f"/{language}/{rest}"
