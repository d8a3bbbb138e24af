"""What changed between two versions of a text, word by word, as a person reads it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, zip_longest

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import pgettext
from rapidfuzz.distance import LCSseq

from core.markup import to_plain

Cells = list[list[str]]
Paragraph = tuple[str, ...]

# Arabic vowel signs, Latin accents and the Tifinagh joiner belong to the letter before them.
SIGNS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u2d7f"
# A word, a number with its separators, or one mark. A space belongs to what comes after it, so
# that the tokens put together again are the text.
TOKEN = re.compile(rf" ?(?:\d+(?:[.,٫٬]\d+)*(?![\w{SIGNS}])|[\w{SIGNS}]+|[^\w\s])")
RICH = re.compile("<(?:p|ul|ol|h[2-4]|hr)[ />]")
BREAK = "\n"  # the token before each paragraph

CONTEXT = 8  # tokens that are kept of an unchanged passage beside a change
FEW = 3  # words: where fewer of them stayed between two longer changes, these are shown as one
# Tokens before times tokens after (measured: a tenth of a second, 13 MB). Above it, what was and
# what is are shown whole.
MOST_PAIRS = 100_000_000


@dataclass(frozen=True)
class FieldValue:
    """
    An answer as one version tells it.

    :param value: text, rich text as HTML, or rows of cells that are text
    """

    name: str
    label: str
    value: str | Cells


@dataclass(frozen=True)
class Difference:
    name: str
    label: str
    html: SafeString
    is_rows: bool


@dataclass(frozen=True)
class Passage:
    """What stayed, or what went and what came in its place."""

    before: Sequence
    after: Sequence
    stayed: bool

    def joined(self, following: "Passage", *, stayed: bool = False) -> "Passage":
        before = [*self.before, *following.before]
        return Passage(before, [*self.after, *following.after], stayed)

    @property
    def words(self) -> int:
        return max(
            sum(any(map(str.isalnum, token)) for token in side)
            for side in (self.before, self.after)
        )


def differences(before: Sequence[FieldValue], after: Sequence[FieldValue]) -> list[Difference]:
    """
    Return the answers that differ.

    :param before: the answers of the earlier version; none before the first
    :param after: the answers of the later one; they give the order, and what they lack comes last
    """
    earlier = {answer.name: answer for answer in before}
    later = {answer.name: answer for answer in after}
    found = []
    for name in later | earlier:
        answer = later.get(name) or earlier[name]
        is_rows = isinstance(answer.value, list)
        nothing = FieldValue(name, answer.label, [] if is_rows else "")
        old, new = (answers.get(name, nothing).value for answers in (earlier, later))
        if is_rows:
            html = _marked_rows(old, new)
        else:
            html = marked(old, new) if _paragraphs(old) != _paragraphs(new) else ""
        if html:
            found.append(Difference(name, answer.label, html, is_rows))
    return found


def marked(before: str, after: str) -> SafeString:
    """
    Return a text as paragraphs in which all that went and all that came is marked.

    Long passages that stayed are shortened. Rich text shows the signs of the members' form
    (`core.markup`), so that a link which leads elsewhere is a difference too.

    :param before: text, or rich text as HTML
    :param after: the same at a later time
    """
    passages = _told_together(_passages(_paragraphs(before), _paragraphs(after)))
    last = len(passages) - 1
    paragraphs: list[list[SafeString]] = [[]]
    for place, passage in enumerate(passages):
        if passage.stayed:
            _write(paragraphs, _shortened(passage.after, place == 0, place == last))
        else:
            _write(paragraphs, passage.before, "del", pgettext("difference", "removed"))
            _write(paragraphs, passage.after, "ins", pgettext("difference", "added"))
    return format_html_join(
        "", '<p dir="auto">{}</p>', ((_together(parts),) for parts in paragraphs if parts)
    )


def _marked_rows(before: Cells, after: Cells) -> SafeString:
    """Return a list of the rows that differ, with the cells of each marked; "" for none."""
    rows = []
    for part in _compared([tuple(row) for row in before], [tuple(row) for row in after]):
        if not part.stayed:
            for old, new in zip_longest(part.before, part.after, fillvalue=()):
                cells = zip_longest(old, new, fillvalue="")
                rows.append(format_html("<li>{}</li>", _together(marked(*pair) for pair in cells)))
    return format_html('<ul class="differences__rows">{}</ul>', _together(rows)) if rows else ""


def _paragraphs(text: str) -> list[Paragraph]:
    """Return a text as the tokens of its paragraphs."""
    plain = to_plain(text) if RICH.match(text) else text
    lines = (" ".join(line.split()) for line in plain.splitlines())
    return [(BREAK, *TOKEN.findall(f" {line}")) for line in lines if line]


def _passages(before: list[Paragraph], after: list[Paragraph]) -> Iterator[Passage]:
    """Compare two texts by paragraph, and the paragraphs that differ by token."""
    for part in _compared(before, after):
        old, new = list(chain(*part.before)), list(chain(*part.after))
        if part.stayed or len(old) * len(new) > MOST_PAIRS:
            yield Passage(old, new, part.stayed)
        else:
            yield from _compared(old, new)


def _compared(before: Sequence, after: Sequence) -> Iterator[Passage]:
    """Yield by turns what stayed and what did not."""
    opcodes = LCSseq.opcodes(before, after)
    for stayed, group in groupby(opcodes, key=lambda opcode: opcode.tag == "equal"):
        parts = list(group)
        yield Passage(
            before[parts[0].src_start : parts[-1].src_end],
            after[parts[0].dest_start : parts[-1].dest_end],
            stayed,
        )


def _told_together(passages: Iterable[Passage]) -> list[Passage]:
    """Join neighbours, and changes with so little between them that nobody could read them."""
    told: list[Passage] = []
    for passage in passages:
        if told and told[-1].stayed == passage.stayed:
            passage = told.pop().joined(passage, stayed=passage.stayed)
        elif not passage.stayed and len(told) > 1:
            change, between = told[-2:]
            few = max(1, min(FEW, change.words, passage.words))
            if BREAK not in between.after and between.words < few:
                del told[-2:]
                passage = change.joined(between).joined(passage)
        told.append(passage)
    return told


def _shortened(tokens: Sequence[str], is_first: bool, is_last: bool) -> list[str]:
    """Leave of a passage that stayed what stands beside a change."""
    head = 0 if is_first and not is_last else CONTEXT
    tail = 0 if is_last else CONTEXT
    end = len(tokens) - tail
    if end - head <= CONTEXT:
        return list(tokens)
    dots = [" …"]
    if head and tail and tokens[end] != BREAK and BREAK in tokens[head:end]:
        dots = [" …", BREAK, " …"]
    return [*tokens[:head], *dots, *tokens[end:]]


def _write(
    paragraphs: list[list[SafeString]], tokens: Sequence[str], tag: str = "", words: str = ""
) -> None:
    """
    Add tokens to the paragraphs that were written so far.

    :param tag: the element that marks them; none for what stayed
    :param words: what tells the mark to those who do not see it
    """
    # Two paragraphs became one, or one two, and no word went or came: the break is shown.
    if tag and set(tokens) == {BREAK}:
        paragraphs[-1].append(_mark("¶", tag, words))
        if tag == "del":
            return
    for is_break, run in groupby(tokens, key=BREAK.__eq__):
        if is_break:
            paragraphs.append([])
        else:
            text = "".join(run)
            paragraphs[-1].append(_mark(text, tag, words) if tag else escape(text))


def _mark(text: str, tag: str, words: str) -> SafeString:
    # The words stand in an element with a direction of its own: they are in the reader's
    # language, and must not give the paragraph its direction.
    return format_html('<{0}><bdi class="visually-hidden">{1} </bdi>{2}</{0}>', tag, words, text)


def _together(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
