"""
Rich text for a plain form, and back. A phone has no editor of rich text; what the rich fields offer
(`core.fields.CleanRichTextField`) is written with the signs that people use in messages anyway:

    A paragraph; an empty line parts it from the next.
    - an item of a list
    1. an item of a numbered list
    **bold words** and [words of a link](https://example.org/)

What an editor wrote in the administration comes through there and back unchanged, but for headings,
which become bold paragraphs.
"""

import html
import re
from html.parser import HTMLParser
from itertools import groupby

from core.text import clean_html

BULLET = re.compile(r"\s*[-–•*]\s+(?=\S)")
NUMBER = re.compile(r"\s*[0-9٠-٩]{1,3}[.)]\s+(?=\S)")
ITEM = re.compile(rf"(?:{BULLET.pattern}|{NUMBER.pattern})")
# Up to the next two stars and no further: else a text of them takes the square of its length.
BOLD = re.compile(r"\*\*(?=\S)((?:[^*]|\*(?!\*))+)(?<=\S)\*\*")
LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)")
INNER = re.compile(r"(page|document):(\d{1,18})")


class _Reader(HTMLParser):
    """Turns clean rich text into blocks of plain text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self.line = ""
        self.lists: list[list] = []  # of open lists: their tag, and the number of their last item
        self.items: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attributes) -> None:
        told = dict(attributes)
        if tag in ("ul", "ol"):
            if not self.lists:
                self.end_block()
            self.lists.append([tag, 0])
        elif tag == "li":
            self.end_item()
            if self.lists:
                self.lists[-1][1] += 1
        elif tag in ("p", "h2", "h3", "h4"):
            if not self.lists:
                self.end_block()
            if tag != "p":
                self.line += "**"
        elif tag == "br":
            self.line += "\n" if not self.lists else " "
        elif tag in ("b", "strong"):
            self.line += "**"
        elif tag == "a":
            kind, number = told.get("linktype"), told.get("id")
            self.links.append(f"{kind}:{number}" if kind and number else told.get("href") or "")
            self.line += "[" if self.links[-1] else ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("b", "strong"):
            self.line += "**"
        elif tag == "a" and self.links:
            address = self.links.pop()
            self.line += f"]({address})" if address else ""
        elif tag == "li":
            self.end_item()
        elif tag in ("ul", "ol") and self.lists:
            self.end_item()
            self.lists.pop()
            if not self.lists:
                self.blocks.append("\n".join(self.items))
                self.items = []
        elif tag in ("h2", "h3", "h4"):
            self.line += "**"
            self.end_block()
        elif tag == "p" and not self.lists:
            self.end_block()

    def handle_data(self, data: str) -> None:
        self.line += re.sub(r"\s+", " ", data)

    def end_block(self) -> None:
        text = "\n".join(part.strip() for part in self.line.split("\n")).strip()
        if text.replace("*", ""):
            self.blocks.append(text)
        self.line = ""

    def end_item(self) -> None:
        text = " ".join(self.line.split())
        if text and self.lists:
            kind, number = self.lists[-1]
            self.items.append(f"{number}. {text}" if kind == "ol" else f"- {text}")
        self.line = ""


def to_plain(value: str) -> str:
    """Return rich text as plain text with the signs of this module."""
    reader = _Reader()
    reader.feed(clean_html(value or ""))
    reader.close()
    reader.end_block()
    return "\n\n".join(block for block in reader.blocks if block)


def to_html(text: str) -> str:
    """
    Return plain text with the signs of this module as rich text.

    :param text: as somebody typed it; whatever looks like a tag is text
    """
    if not text.strip():
        return ""
    blocks: list[str] = []
    for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n").strip()):
        for kind, lines in groupby(part.splitlines(), key=_kind_of):
            if kind == "p":
                texts = [_inline(line.strip()) for line in lines]
                blocks.append(f"<p>{'<br/>'.join(texts)}</p>")
            else:
                texts = [_inline(ITEM.sub("", line, count=1).strip()) for line in lines]
                blocks.append(f"<{kind}>{''.join(f'<li>{text}</li>' for text in texts)}</{kind}>")
    return clean_html("".join(blocks))


def _kind_of(line: str) -> str:
    """Return the tag of what a line is: of a list, or of a paragraph."""
    if BULLET.match(line):
        return "ul"
    return "ol" if NUMBER.match(line) else "p"


def _inline(text: str) -> str:
    """Return a line with its bold words and links as HTML."""
    escaped = html.escape(text, quote=True)
    escaped = LINK.sub(_link, escaped)
    return BOLD.sub(r"<b>\1</b>", escaped)


def _link(found: re.Match) -> str:
    words, address = found.groups()
    if inner := INNER.fullmatch(address):
        return f'<a linktype="{inner[1]}" id="{inner[2]}">{words}</a>'
    if not re.match(r"(https?://|mailto:|tel:|/)", address):
        return found[0]
    return f'<a href="{address}">{words}</a>'
