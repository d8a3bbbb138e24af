"""What a reader hands on of a practice: a text to paste, and a code on paper that leads back."""

import re
from functools import lru_cache
from textwrap import shorten
from typing import NamedTuple
from urllib.parse import quote

import segno
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext, pgettext

from core.numbers import format_number, format_percent

MOST_NAMES = 3
SUMMARY_LENGTH = 200  # characters, so that the text is read without unfolding it


class Share(NamedTuple):
    """The text of a practice, and the addresses that open an app with it."""

    text: str
    whatsapp: str
    email: str


def share(page, *, who: list[str], proof, url: str) -> Share:
    """Return what the practice's page offers for handing it on; arguments as in `share_text`."""
    text = share_text(page, who=who, proof=proof, url=url)
    lines = quote(text.replace("\n", "\r\n"), safe="")  # RFC 6068: a mail's lines end so
    return Share(
        text=text,
        whatsapp=f"https://wa.me/?text={quote(text, safe='')}",
        email=f"mailto:?subject={quote(page.title, safe='')}&body={lines}",
    )


def share_text(page, *, who: list[str], proof, url: str) -> str:
    """
    Return a practice as a few plain lines in its own language, to be pasted anywhere.

    It holds no mark of direction. Each line takes the direction of its first letter, so the figure
    stands before the words that explain it: after an Arabic word, "62%" would be turned around.

    :param who: the collectivities' full names in the practice's language
    :param proof: the indicator that stands for the practice, or None
    :param url: its address, which gets a line of its own
    """
    with translation.override(page.language):
        lines = [
            _names(who),
            page.title,
            _figure(proof, page) if proof else "",
            _one_line(page.summary),
            url,
        ]
    return "\n".join(line for line in lines if line)


def _names(who: list[str]) -> str:
    names = pgettext("list", ", ").join(who[:MOST_NAMES])
    others = len(who) - MOST_NAMES
    if others <= 0:
        return names
    return f"{names} {ngettext('and %(n)s other', 'and %(n)s others', others) % {'n': others}}"


def _one_line(summary: str) -> str:
    """Return the sentences of a summary that fit a short line; of a longer sentence its words."""
    short = shorten(summary, SUMMARY_LENGTH, placeholder="…")
    if not short.endswith("…"):
        return short
    sentences = re.match(r".{60,}[.!?؟](?= )", short)
    return sentences[0] if sentences else short


def _figure(proof, page) -> str:
    """Return "9% → 62%: who know the service", the arrow in the direction of reading."""
    write = format_percent if proof.unit == "%" else format_number
    figure = write(proof.value, page.language)
    if proof.baseline is not None:
        arrow = "←" if page.direction == "rtl" else "→"
        figure = f"{write(proof.baseline, page.language)} {arrow} {figure}"
    if proof.unit and proof.unit != "%":
        figure = f"{figure} {proof.unit}"
    return pgettext("figure", "%(figure)s: %(what)s") % {"figure": figure, "what": proof.name}


@lru_cache(maxsize=512)
def qr_code(url: str) -> SafeString:
    """
    Draw the QR code of an address, with its quiet zone, as an SVG without sizes.

    Kept in memory: drawing takes longer (10 to 20 ms) than the rest of the page's text.
    """
    code = segno.make_qr(url, error="m", boost_error=False)
    drawn = code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308 - made of numbers; the address itself is not in it
