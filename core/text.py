"""Cleaning of text that people wrote or pasted."""

import html
import re

import nh3
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from core import languages

# What the rich fields offer (see `core.fields.CleanRichTextField`). Wagtail keeps a link to a page
# or a document as linktype and id, and turns it into an address when it is shown.
TAGS = {"p", "br", "b", "strong", "ul", "ol", "li", "a", "h2", "h3", "h4", "hr"}
ATTRIBUTES = {"a": {"href", "linktype", "id", "lang", "dir"}}
VALUES = {
    "linktype": re.compile("page|document"),
    "id": re.compile("[0-9]{1,18}"),  # of the page or document: never a name within our own page
    "lang": re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}"),
    "dir": re.compile("ltr|rtl|auto"),
}
URL_SCHEMES = {"http", "https", "mailto", "tel"}

# The parser's time grows with the square of nested lists and of "&" (measured: over two
# minutes for half a megabyte of "<ul><li>"). No text that is meant comes near; one that does keeps
# its words and loses its form.
LONGEST = 200_000  # characters
MOST_MARKS = 5_000  # "<" and "&" together

# Marks that reorder what follows them (Unicode's embeddings, overrides and isolates) come along
# with pasted text and turn the rest of a line; the single marks LRM and RLM are harmless.
BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean_html(value: str) -> str:
    """Return rich text with only the tags, attributes and addresses that the site allows."""
    value = without_controls(value)
    if len(value) > LONGEST or value.count("<") + value.count("&") > MOST_MARKS:
        return value.replace("<", "&lt;")
    cleaned = _allowed_only(value)
    # What was written as an entity ("&#x202e;") is a character now.
    without = without_controls(cleaned)
    return cleaned if without == cleaned else _allowed_only(without)


def without_controls(value: str) -> str:
    """Return text without control characters and without marks that turn what follows them."""
    return CONTROLS.sub("", BIDI_CONTROLS.sub("", value))


def _allowed_only(value: str) -> str:
    return nh3.clean(
        value,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_allowed_value,
        url_schemes=URL_SCHEMES,
        link_rel="noopener",
        clean_content_tags={"script", "style", "title", "template"},
    )


def _allowed_value(tag: str, name: str, value: str) -> str | None:
    pattern = VALUES.get(name)
    return value if pattern is None or pattern.fullmatch(value) else None


def plain_text(value: str) -> str:
    """Return rich text as one line of plain text."""
    spaced = re.sub(r"</(p|li|h[1-6])>|<[bh]r>", " ", clean_html(value))
    # Once cleaned, every "<" begins a tag, and every ">" ends one.
    return " ".join(html.unescape(re.sub("<[^>]*>", "", spaced)).split())


def number_sent(text: str | None, default: int = 0) -> int:
    """
    Return a number that a form or an address holds; the default for what is none, or
    beyond what a database counts to.
    """
    if text and text.isascii() and text.isdecimal() and len(text) < 19:
        return int(text)
    return default


def paragraphs_to_html(text: str) -> str:
    """
    Return plain paragraphs as rich text.

    :param text: paragraphs parted by an empty line; lines that begin with "- " are list items
    """
    blocks = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        words: list[str] = []
        items: list[str] = []
        for line in lines:
            if line.startswith("- "):
                items.append(line[2:])
            elif items:
                items[-1] += f" {line}"
            else:
                words.append(line)
        if words:
            blocks.append(f"<p>{html.escape(' '.join(words), quote=False)}</p>")
        if items:
            inner = "".join(f"<li>{html.escape(item, quote=False)}</li>" for item in items)
            blocks.append(f"<ul>{inner}</ul>")
    return "".join(blocks)


def spoken(typed: str, language: str = "") -> SafeString:
    """
    Return what a person typed for the middle of a sentence in a page: its direction is kept to
    itself, and it is marked with its language where that is known and not the page's.
    """
    if not language or language == languages.current():
        return format_html("<bdi>{}</bdi>", typed)
    return format_html(
        '<bdi lang="{}" dir="{}">{}</bdi>', language, languages.direction(language), typed
    )


def sentence(words: str, **parts: str) -> SafeString:
    """
    Return a translated sentence as HTML, with what stands in it.

    :param words: with a place named `%(name)s` for each part
    :param parts: HTML as `spoken` makes it, or plain text
    """
    plain = conditional_escape(words)
    return mark_safe(  # noqa: S308
        plain % {name: conditional_escape(part) for name, part in parts.items()}
    )
