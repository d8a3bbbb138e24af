"""
Words in a picture, set as a browser sets them, on any machine.

HarfBuzz joins the letters and fills their outlines, python-bidi tells where words turn; both bring
their own code. Pillow's text would need Raqm and FriBiDi, which it looks for in the system at run
time, and without which Arabic letters stand apart and run the wrong way.

No font here has Tifinagh; a letter that no font has is left out.
"""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import uharfbuzz as hb
from bidi import algorithm
from bidi.mirror import MIRRORED
from PIL import Image

from core import languages
from core.text import BIDI_CONTROLS

ELLIPSIS = "…"
BREAK = re.compile(r"[^\S\u00a0\u2007\u202f]+")  # white space, but for spaces that hold together

# The fonts that `core.assets` cuts down for the browser, whole: package, file, features. Named
# here again, as that module brings fontTools along, 25 MB in each process.
AMIRI = ("fontpkg_amiri", "Amiri-Bold.ttf")
VOLLKORN = ("fontpkg_vollkorn", "Vollkorn[wght].ttf")
NOTO_SANS = ("fontpkg_noto_sans", "NotoSans[wdth,wght].ttf")
NOTO_SANS_ARABIC = ("fontpkg_noto_sans_arabic", "NotoSansArabic[wdth,wght].ttf")
HEAD_WEIGHT = 640  # of Vollkorn; Amiri is bold as it is
FEATURES = {"lnum": True, "pnum": True}  # figures of one height, close together


class Voice(StrEnum):
    """What a text is: a title, set in the head face, or any other."""

    HEAD = "head"
    TEXT = "text"


# A letter is set in the first font that has it.
FONTS = {
    (Voice.HEAD, "rtl"): (AMIRI, VOLLKORN),
    (Voice.HEAD, "ltr"): (VOLLKORN, AMIRI),
    (Voice.TEXT, "rtl"): (NOTO_SANS_ARABIC, NOTO_SANS),
    (Voice.TEXT, "ltr"): (NOTO_SANS, NOTO_SANS_ARABIC),
}
LINE_HEIGHT = {
    (Voice.HEAD, "rtl"): 1.36,
    (Voice.HEAD, "ltr"): 1.16,
    (Voice.TEXT, "rtl"): 1.6,
    (Voice.TEXT, "ltr"): 1.4,
}


@dataclass(frozen=True)
class Run:
    """
    Letters of one line that stand in one font and one direction, shaped.

    start: where they begin in the line's text.
    glyphs: from left to right, each its number, its advance and its shift to the right and up, in
        units of the font.
    """

    font: hb.Font
    start: int
    level: int
    glyphs: tuple[tuple[int, int, int, int], ...]

    @property
    def width(self) -> float:
        """The width in em."""
        return sum(advance for _glyph, advance, _x, _y in self.glyphs) / self.font.face.upem


class Lettering:
    """A way of setting words: a language, a voice, a weight."""

    def __init__(
        self,
        language: str,
        voice: Voice = Voice.TEXT,
        weight: int = 400,
        *,
        isolated: bool = False,
    ) -> None:
        """
        :param weight: 400 to 700, for the text voice; the titles have one
        :param isolated: set numbers as `<bdi>` does: left to right, whatever the language
        """
        fonts = (voice, languages.direction(language))
        self.level = 0 if isolated or fonts[1] == "ltr" else 1
        weight = HEAD_WEIGHT if voice == Voice.HEAD else weight
        self.fonts = tuple(_font(*font, weight) for font in FONTS[fonts])
        self.line_height = LINE_HEIGHT[fonts]
        self.starts_right = self.level == 1

    def draw(
        self,
        picture: Image.Image,
        box: tuple[int, int, int, int],
        text: str,
        size: float,
        colour: str,
        max_lines: int = 1,
    ) -> int:
        """
        Draw a text in a box, from its top, each line from the side where the language starts.

        :param box: left, top, right and bottom in pixels; lines are as wide as it, and more than
            fit are not drawn below it but cut short with an ellipsis
        :param size: of the letters, in pixels
        :returns: the height that was used, in pixels
        """
        left, top, right, bottom = box
        leading = size * self.line_height
        fitting = max(1, int((bottom - top) / leading + 0.01))
        lines = self.lines(text, (right - left) / size, min(max_lines, fitting))
        for number, line in enumerate(lines):
            runs = self.shape(line)
            x = right - size * sum(run.width for run in runs) if self.starts_right else left
            baseline = top + leading * number + self.baseline * size
            _fill(picture, runs, x, baseline, size, colour)
        return round(leading * len(lines))

    @property
    def baseline(self) -> float:
        """How far below the top of its line the letters stand, in em."""
        extents = self.fonts[0].get_font_extents("ltr")
        middle = (extents.ascender + extents.descender) / 2 / self.fonts[0].face.upem
        return self.line_height / 2 + middle

    def width(self, text: str) -> float:
        """Return how wide a text is on one line, in em."""
        return sum(run.width for run in self.shape(text))

    def fits(self, text: str, width: float, max_lines: int) -> bool:
        """Return whether a text fits into so many lines of a width in em."""
        return self._hold(_words(text), width, max_lines)

    def lines(self, text: str, width: float, max_lines: int) -> list[str]:
        """
        Break a text into lines of about one length, at most `width` em wide.

        What does not fit into `max_lines` is left out, with an ellipsis in its place.
        """
        words = [self._cut(word, width) for word in _words(text)]
        lines = self._wrapped(words, width)
        if len(lines) > max_lines:
            rest = _words(" ".join(lines[max_lines - 1 :]))
            while len(rest) > 1 and self.width(" ".join(rest) + ELLIPSIS) > width:
                rest.pop()
            last = " ".join(rest).rstrip("،,;:.؛ ")
            return [*lines[: max_lines - 1], self._cut(last + ELLIPSIS, width)]
        if len(lines) > 1:
            # The narrowest column that needs no further line: no word stands alone at the end.
            steps = [width * step / 40 for step in range(20, 41)]
            narrowest = bisect_left(
                steps, True, key=lambda step: self._hold(words, step, len(lines))
            )
            lines = self._wrapped(words, steps[min(narrowest, 20)])
        return lines

    def _hold(self, words: list[str], width: float, count: int) -> bool:
        widest = max(map(self.width, words), default=0)
        return widest <= width and len(self._wrapped(words, width)) <= count

    def _wrapped(self, words: list[str], width: float) -> list[str]:
        lines: list[str] = []
        for word in words:
            if lines and self.width(f"{lines[-1]} {word}") <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return lines

    def _cut(self, word: str, width: float) -> str:
        """Return a word, or its beginning and an ellipsis where it is wider than a line."""
        if self.width(word) <= width:
            return word
        word = word.removesuffix(ELLIPSIS)
        while word and self.width(word + ELLIPSIS) > width:
            word = word[:-1]
        return word + ELLIPSIS

    def shape(self, line: str) -> list[Run]:
        """Return a line's runs from left to right, as the eye meets them."""
        line = BIDI_CONTROLS.sub("", line)
        fonts = self._fonts_of(line)
        found: list[Run] = []
        levels = embedding_levels(line, self.level)
        start = 0
        for end in range(1, len(line) + 1):
            same = end < len(line) and levels[end] == levels[start] and fonts[end] is fonts[start]
            if not same:
                if fonts[start]:
                    found.append(_shaped(fonts[start], line[start:end], start, levels[start]))
                start = end
        return in_visual_order(found)

    def _fonts_of(self, line: str) -> list[hb.Font | None]:
        """Return the font of each letter, None where no font has it; marks stay by their letter."""
        found: list[hb.Font | None] = []
        for letter in line:
            kind = unicodedata.category(letter)
            if found and kind in ("Mn", "Me", "Cf", "Zs"):
                found.append(found[-1] or self.fonts[0])
                continue
            found.append(
                next(
                    (font for font in self.fonts if font.get_nominal_glyph(ord(letter))),
                    None,
                )
            )
        return found


def _words(text: str) -> list[str]:
    return [word for word in BREAK.split(text) if word]


@cache
def _font(package: str, file: str, weight: int) -> hb.Font:
    """Return a font of a `fontpkg-*` package at a weight."""
    font = hb.Font(hb.Face(hb.Blob((files(package) / "files" / file).read_bytes())))
    font.set_variations({"wght": weight})
    return font


def _shaped(font: hb.Font, text: str, start: int, level: int) -> Run:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if level % 2 else "ltr"
    hb.shape(font, buffer, FEATURES)
    glyphs = tuple(
        (info.codepoint, position.x_advance, position.x_offset, position.y_offset)
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    )
    return Run(font, start, level, glyphs)


def _fill(
    picture: Image.Image, runs: list[Run], x: float, baseline: float, size: float, colour: str
) -> None:
    """Fill the outlines of a line's glyphs with a colour; the place is in fractions of a pixel."""
    pen = hb.RasterDraw()
    for run in runs:
        scale = size / run.font.face.upem
        for glyph, advance, right, up in run.glyphs:
            # Above the baseline is less than 0 in the picture and more in the font.
            pen.transform = (scale, 0, 0, scale, x + right * scale, up * scale - baseline)
            pen.draw_glyph(run.font, glyph)
            x += advance * scale
    drawn = pen.render()
    extents = drawn.extents
    if not extents.width or not extents.height:
        return  # a line of spaces
    cover = Image.frombytes(
        "L", (extents.width, extents.height), drawn.buffer, "raw", "L", extents.stride, -1
    )
    picture.paste(colour, (extents.x_origin, -extents.y_origin - extents.height), cover)


# --- The order of mixed text (Unicode Standard Annex 9) -----------------------------------------


def embedding_levels(line: str, base: int) -> list[int]:
    """
    Return the level of each letter of a line: even ones run to the right, odd ones to the left.

    python-bidi's steps, with the one between them that it lacks (N0, brackets), and rule L1.

    :param base: 0 for a paragraph that runs to the right, 1 for one that runs to the left
    """
    storage = algorithm.get_empty_storage()
    storage["base_level"] = base
    algorithm.get_embedding_levels(line, storage)
    letters = list(storage["chars"])
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    _resolve_brackets(storage["chars"], base)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    # Joiners have no level of their own (X9): they stay by the letter before them.
    kept = {id(letter) for letter in storage["chars"]}
    levels: list[int] = []
    for letter in letters:
        before = levels[-1] if levels else base
        levels.append(letter["level"] if id(letter) in kept else before)
    for index in range(len(line) - 1, -1, -1):
        if not line[index].isspace():
            break
        levels[index] = base
    return levels


def _resolve_brackets(letters: list[dict], base: int) -> None:
    """Turn both brackets of a pair the same way (rule N0), in a line without embeddings."""
    own, other = ("R", "L") if base % 2 else ("L", "R")
    strong = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
    for opening, closing in _bracket_pairs(letters):
        inside = {strong.get(letter["type"]) for letter in letters[opening + 1 : closing]}
        if own in inside:
            direction = own
        elif other in inside:
            before = [
                strong[letter["type"]] for letter in letters[:opening] if letter["type"] in strong
            ]
            direction = before[-1] if before else own
        else:
            continue
        letters[opening]["type"] = letters[closing]["type"] = direction


def _bracket_pairs(letters: list[dict]) -> list[tuple[int, int]]:
    """Return where brackets open and close, in the order in which they open (BD16)."""
    pairs, opened = [], []
    for index, letter in enumerate(letters):
        kind = unicodedata.category(letter["ch"])
        if letter["type"] != "ON" or letter["ch"] not in MIRRORED:
            continue
        if kind == "Ps":
            opened.append((MIRRORED[letter["ch"]], index))
        elif kind == "Pe":
            for depth in range(len(opened) - 1, -1, -1):
                if opened[depth][0] == letter["ch"]:
                    pairs.append((opened[depth][1], index))
                    del opened[depth:]
                    break
    return sorted(pairs)


def in_visual_order(runs: list[Run]) -> list[Run]:
    """Return the runs of a line from left to right (rule L2)."""
    ordered = list(runs)
    highest = max((run.level for run in runs), default=0)
    for level in range(highest, 0, -1):
        start = 0
        while start < len(ordered):
            end = start
            while end < len(ordered) and ordered[end].level >= level:
                end += 1
            ordered[start:end] = reversed(ordered[start:end])
            start = end + 1
    return ordered
