"""Showing where a query was found: in the text as it was written, as safe HTML."""

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from search.analysis import Word, words
from search.query import Plan

SNIPPET = 220  # characters
LOOKED_THROUGH = 20_000  # characters of a long text


def found_words(text: str, language: str, plan: Plan) -> list[Word]:
    """Return the words of a text by which a query finds it, in their order."""
    phrases = {one.stems for group in plan.groups for one in group.alternatives}
    if not phrases:
        return []
    longest = max(map(len, phrases))
    some = words(text, language)
    stems = [word.stem for word in some]
    marked: set[int] = set()
    for start in range(len(some)):
        for length in range(1, longest + 1):
            if tuple(stems[start : start + length]) in phrases:
                marked.update(range(start, min(start + length, len(some))))
    return [some[place] for place in sorted(marked)]


def highlighted(text: str, language: str, plan: Plan) -> SafeString:
    """Return a text with what a query found in `mark` elements; everything else is escaped."""
    return _marked(text, found_words(text, language, plan))


def snippet(texts: Sequence[str], language: str, plan: Plan) -> SafeString:
    """
    Return the part that shows best what was found: the piece with the most different words.

    :param texts: the first one that holds a found word counts; without any, the first one begins
    """
    for text in texts:
        text = text[:LOOKED_THROUGH]
        found = found_words(text, language, plan)
        if found:
            start, end = _best_piece(text, found)
            inside = [
                word._replace(start=word.start - start, end=word.end - start)
                for word in found
                if word.start >= start and word.end <= end
            ]
            piece = _marked(text[start:end].rstrip(), inside)
            before, after = "… " if start else "", " …" if end < len(text.rstrip()) else ""
            return mark_safe(f"{before}{piece}{after}")  # noqa: S308
    whole = next((text for text in texts if text), "")
    short = whole[:SNIPPET].rsplit(" ", 1)[0] + " …" if len(whole) > SNIPPET else whole
    return escape(short)


def _best_piece(text: str, found: Sequence[Word]) -> tuple[int, int]:
    """Return where a piece begins and ends that holds the most different found words."""
    if len(text) <= SNIPPET:
        return 0, len(text)
    best, most = found[0], 0
    for word in found:
        inside = {other.stem for other in found if 0 <= other.start - word.start < SNIPPET * 2 // 3}
        if len(inside) > most:
            best, most = word, len(inside)
    # A few words before, from the beginning of a word to the end of one.
    start = max(best.start - SNIPPET // 4, 0)
    start = text.find(" ", start, best.start) + 1 if start else 0
    end = min(start + SNIPPET, len(text))
    if end < len(text):
        end = text.rfind(" ", best.end, end) if text.rfind(" ", best.end, end) > 0 else end
    return start, end


def _marked(text: str, found: Sequence[Word]) -> SafeString:
    pieces, end = [], 0
    for word in found:
        if word.start < end:
            continue  # two words of one ligature
        pieces += [
            escape(text[end : word.start]),
            f"<mark>{escape(text[word.start : word.end])}</mark>",
        ]
        end = word.end
    return mark_safe("".join([*pieces, escape(text[end:])]))  # noqa: S308
