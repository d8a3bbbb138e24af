"""Template tags and filters of the whole site; loaded everywhere (see settings, "builtins")."""

from decimal import Decimal
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from wagtail.rich_text import expand_db_html

from core import languages
from core.fields import format_partial_date
from core.numbers import format_money_mad, format_number, format_percent
from core.text import clean_html

register = template.Library()


@register.simple_tag
def stylesheets():
    """Link the stylesheet: the built bundle, in development its parts one by one."""
    parts = ["fonts.css", *settings.STYLESHEETS] if settings.DEBUG else ["site.css"]
    return format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(f"css/{part}"),) for part in parts)
    )


# The fonts of the first screen: text and titles. What else a page needs comes by `unicode-range`.
PRELOADED = {"ar": ("text-arabic", "text-latin", "head-arabic")}


@register.simple_tag
def preload_fonts():
    """Let the browser fetch the language's fonts before it has read the stylesheet."""
    fonts = PRELOADED.get(languages.current(), ("text-latin", "head-latin"))
    return format_html_join(
        "\n",
        '<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>',
        ((static(f"fonts/{font}.woff2"),) for font in fonts),
    )


@register.simple_tag
def icon(name: str, classes: str = ""):
    """Draw an icon of the sprite (`templates/parts/icons.html`). It is never the only label."""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<use href="#icon-{}"/></svg>',
        f" {classes}" if classes else "",
        name,
    )


@register.filter
def cleaned(value: str):
    """Show rich text: links resolved, then cleaned, whatever was stored."""
    value = value or ""
    if "linktype" in value:
        # Cleaned before as well: Wagtail looks up whatever is stored as a page's number.
        value = expand_db_html(clean_html(value))
    return mark_safe(clean_html(value))  # noqa: S308


@register.filter
def partial_date(value: str) -> str:
    """Show "2022-10" as "October 2022" in the reader's language."""
    return format_partial_date(value)


@register.filter
def number(value) -> str:
    """Show a number as the reader's language writes it."""
    return format_number(value, languages.current())


@register.filter
def dirhams(value) -> str:
    """Show an amount of whole dirhams with its unit."""
    return format_money_mad(value, languages.current())


@register.simple_tag
def measure(value: Decimal, unit: str) -> str:
    """Show an indicator's number; a percentage takes its sign, other units stand beside it."""
    if unit == "%":
        return format_percent(value, languages.current())
    return format_number(value, languages.current())


@register.simple_tag
def period(start: str, end: str):
    """Show from when to when, each as exactly as it is known; "since …" where it has no end."""
    if not end:
        return format_partial_date(start)
    if start == end:
        return format_partial_date(start)
    return format_html(
        "<bdi>{}</bdi> – <bdi>{}</bdi>", format_partial_date(start), format_partial_date(end)
    )


@register.simple_tag
def path_in(language: str, path: str) -> str:
    """Return the address of the same place in another language."""
    return languages.path_in(language, path)


@register.simple_tag
def spoken_in(language: str):
    """
    Mark a text with its language and direction where these are not the page's.

    Stands inside a tag: `<p{% spoken_in page.language %}>`; gives nothing in the page's language.
    """
    if language == languages.current():
        return ""
    return format_html(' lang="{}" dir="{}"', language, languages.direction(language))


@register.simple_tag
def spoken_back(around: str):
    """
    Mark the site's own words where they stand inside a text of another language.

    :param around: the language of the text around them
    """
    if around == languages.current():
        return ""
    code = languages.current()
    return format_html(' lang="{}" dir="{}"', code, languages.direction(code))


@register.simple_tag
def own_name(language: str) -> str:
    """Return a language's name in its own script."""
    return languages.own_name(language)


@register.simple_tag
def language_name(code: str) -> str:
    """Return a language's name in the reader's language."""
    return translation.gettext(dict(settings.LANGUAGES)[code])


@register.filter
def host_of(url: str) -> str:
    """Return the host of an address, to be shown beside a link that leads away."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _address(values) -> str:
    return f"?{values.urlencode()}" if values else "."


@register.simple_tag(takes_context=True)
def query(context, **changes) -> str:
    """Return this page's query string with some values changed; None takes one away."""
    values = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            values.pop(name, None)
        else:
            values[name] = value
    return _address(values)


@register.simple_tag(takes_context=True)
def query_without(context, name: str, value: str) -> str:
    """Return this page's query string without one value of a filter, back on the first page."""
    values = context["request"].GET.copy()
    values.setlist(name, [one for one in values.getlist(name) if one != value])
    values.pop("page", None)
    return _address(values)
