"""
The fonts and the one stylesheet of the site, made when static files are built.

Four families from PyPI (`fontpkg-*`, all under the SIL Open Font License 1.1) are cut down to the
letters the site's languages need and written as WOFF2; `css/fonts.css` declares them, and
`css/site.css` is that file followed by the project's stylesheets. Noto Sans Arabic has the clearest
joins and dots on a phone and shares its drawing with Noto Sans; Amiri and Vollkorn, of one pen, set
the titles.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

KILOBYTE = 1000  # as browsers' network panels and mobile operators count

# A phone on a slow 3G line (400 kbit/s) loads 50 kB in a second: no single file may hold a text
# back longer than that.
MAX_FONT_BYTES = 50 * KILOBYTE
# All that an Arabic page fetches (spaces, digits and French words come from the Latin text face):
# with 7 kB of HTML and 9 kB of CSS the home page stays near 110 kB, as measured in the mock.
MAX_ARABIC_PAGE_BYTES = 100 * KILOBYTE
ARABIC_PAGE_FONTS = ("text-arabic", "text-latin", "head-arabic")

STAMP = ".stamp.json"  # hidden files are not collected by `collectstatic`

# Letters of Arabic with the Moroccan and Amazigh additions (گ ڭ پ چ ڤ ڥ ڨ), harakat, digits,
# common marks and the direction marks.
ARABIC_LETTERS = (
    "0020-0040 005B-0060 007B-007E 00A0 00AB 00B7 00BB 00D7 060C 061B 061C 061F 0621-063A "
    "0640-0652 0654-0655 0660-066D 0670 0671 067E 0686 06A4 06A5 06A8 06AD 06AF 06CC 200C-200F "
    "2010-2014 2018-201D 2026 202F 2066-2069 2212 25CC"
)
# Letters of French, English, their neighbours and Latin Tamazight; typographic marks and arrows.
LATIN_LETTERS = (
    "0020-007E 00A0-00FF 0131 0152-0153 0178 02BC 010C-010D 0190 0194 025B 0263 1E0C-1E0D "
    "1E24-1E25 1E5A-1E5B 1E62-1E63 1E6C-1E6D 1E92-1E93 2010-2015 2018-201E 2020-2022 2026 202F "
    "2030 2032-2033 2039-203A 20AC 2190-2193 2212"
)
ARABIC_FEATURES = (
    "ccmp locl mark mkmk kern liga rlig calt init medi fina isol tnum lnum pnum rclt curs"
)
LATIN_FEATURES = "ccmp locl mark mkmk kern liga tnum lnum pnum"

# `unicode-range` of the two halves of "Text": an Arabic file is fetched only where a page has
# Arabic letters. Wider than the subsets, so that a rare letter does not change the face twice.
ARABIC_RANGE = "U+0600-06FF, U+200C-200F, U+2066-2069"
LATIN_RANGE = (
    "U+0020-007E, U+00A0-024F, U+0250-02FF, U+1E00-1EFF, U+2010-2044, U+20AC, U+2190-2193, U+2212"
)

# What the mean advance of a font is measured on: the site's own kind of sentence. The numbers in
# the references below hold for these sentences only; measure anew if one of them changes.
LATIN_SAMPLE = (
    "Les communes publient leurs pratiques et leurs résultats pour que d’autres les reprennent "
    "avec leurs associations"
)
ARABIC_SAMPLE = "تنشر الجماعات ممارساتها في الشفافية والمشاركة وتقدم نتائجها للمواطنين"


class AssetError(Exception):
    """The fonts or stylesheets cannot be built as asked; the message says which and why."""


@dataclass(frozen=True)
class Reference:
    """
    A font that many devices hold, shown until ours has arrived.

    names: full and PostScript names for `local()`, of the font and of those drawn to its widths.
    mean_advance: `mean_advance()` of that font on the sample of the same script, in em.
    """

    names: tuple[str, ...]
    mean_advance: float


# Measured on Liberation Sans, which has Arial's and Helvetica's widths. Roboto (Android) is within
# 0.2 % of them (0.4464).
ARIAL = Reference(
    (
        "Arial",
        "ArialMT",
        "Helvetica",
        "Liberation Sans",
        "LiberationSans",
        "Arimo",
        "Roboto",
        "Roboto-Regular",
    ),
    0.4457,
)
# Measured on Noto Sans 2.15: Linux, some Android builds.
NOTO_SANS = Reference(("Noto Sans", "Noto Sans Regular", "NotoSans-Regular"), 0.4730)
# Measured on Liberation Serif Bold, which has the widths of Times New Roman Bold.
TIMES_BOLD = Reference(
    (
        "Times New Roman Bold",
        "TimesNewRomanPS-BoldMT",
        "Times Bold",
        "Liberation Serif Bold",
        "LiberationSerif-Bold",
        "Tinos Bold",
    ),
    0.4265,
)
# Measured on Noto Serif Bold: Android, Linux.
NOTO_SERIF_BOLD = Reference(("Noto Serif Bold", "NotoSerif-Bold"), 0.5118)
# Measured on Noto Naskh Arabic, regular and bold: Android's Arabic. The Arabic of Arial, Segoe UI
# and Geeza Pro could not be measured (no free font has their widths); those devices take the next
# family of the stack as it is.
NOTO_NASKH = Reference(
    ("Noto Naskh Arabic", "Noto Naskh Arabic Regular", "NotoNaskhArabic-Regular"), 0.3724
)
NOTO_NASKH_BOLD = Reference(("Noto Naskh Arabic Bold", "NotoNaskhArabic-Bold"), 0.3876)
# Measured on Noto Sans Arabic 2.12.
NOTO_SANS_ARABIC = Reference(
    ("Noto Sans Arabic", "Noto Sans Arabic Regular", "NotoSansArabic-Regular"), 0.4193
)


@dataclass(frozen=True)
class Face:
    """
    One font file of the site, and how the stylesheet names it.

    name: stem of the WOFF2 file.
    package, file: module of the `fontpkg-*` distribution, and the font in its `files/`.
    family, weight, unicode_range: descriptors of its `@font-face` rule; no range, all letters.
    letters, features: what the subset keeps, code points in hexadecimal and OpenType tags.
    axes: for `instancer`: a number pins an axis, a pair limits it.
    lining: draw the plain digits as lining figures.
    ligatures: what its ligatures, which `mean_advance()` does not see, leave of a line's width.
    sample, references: what its stand-ins are measured on; the last reference is tried first.
    """

    name: str
    package: str
    file: str
    family: str
    weight: str
    letters: str
    features: str
    sample: str
    references: tuple[Reference, ...]
    unicode_range: str = ""
    axes: Mapping[str, float | tuple[float, float]] = field(default_factory=dict)
    lining: bool = False
    ligatures: float = 1.0

    @property
    def path(self) -> str:
        """Path of the file in the build folder."""
        return f"fonts/{self.name}.woff2"

    @property
    def distribution(self) -> str:
        """Name of the package on PyPI."""
        return self.package.replace("_", "-")

    @property
    def licence_path(self) -> str:
        """Path of its licence in the build folder."""
        return f"fonts/OFL-{self.distribution.removeprefix('fontpkg-')}.txt"


FACES = (
    Face(
        name="text-arabic",
        package="fontpkg_noto_sans_arabic",
        file="NotoSansArabic[wdth,wght].ttf",
        family="Text",
        weight="400 700",
        unicode_range=ARABIC_RANGE,
        letters=ARABIC_LETTERS,
        features=ARABIC_FEATURES,
        axes={"wght": (400, 700), "wdth": 100},
        sample=ARABIC_SAMPLE,
        references=(NOTO_NASKH, NOTO_SANS_ARABIC),
    ),
    Face(
        name="text-latin",
        package="fontpkg_noto_sans",
        file="NotoSans[wdth,wght].ttf",
        family="Text",
        weight="400 700",
        unicode_range=LATIN_RANGE,
        letters=LATIN_LETTERS,
        features=LATIN_FEATURES,
        axes={"wght": (400, 700), "wdth": 100},
        sample=LATIN_SAMPLE,
        references=(ARIAL, NOTO_SANS),
    ),
    Face(
        name="head-arabic",
        package="fontpkg_amiri",
        file="Amiri-Bold.ttf",
        family="Head Arabic",
        weight="700",
        letters=ARABIC_LETTERS,
        features=ARABIC_FEATURES,
        sample=ARABIC_SAMPLE,
        references=(NOTO_NASKH_BOLD,),
        # 400 sentences of the demo practices in Chromium, against Noto Naskh Arabic Bold
        ligatures=0.966,
    ),
    Face(
        name="head-latin",
        package="fontpkg_vollkorn",
        file="Vollkorn[wght].ttf",
        family="Head Latin",
        weight="700",  # declared bold, so that no browser thickens it once more
        letters=LATIN_LETTERS,
        features=LATIN_FEATURES,
        axes={"wght": 640},
        lining=True,
        sample=LATIN_SAMPLE,
        references=(NOTO_SERIF_BOLD, TIMES_BOLD),
    ),
)


# --- the build ---------------------------------------------------------------------------------


def build(
    target: Path,
    source: Path,
    stylesheets: Iterable[str],
    say: Callable[[str], None] = print,
) -> list[Path]:
    """
    Make the fonts and stylesheets that are missing or out of date; return what was made.

    target: the build folder, itself on `STATICFILES_DIRS`; made if missing.
    source: folder of the project's stylesheets. They and the bundle are served from `css/`, so
        relative `url()` stay right.
    stylesheets: file names in `source`, in the order of the cascade.
    say: receives one line per file made, with its size in kB.

    Raises AssetError if a stylesheet is missing or cannot be bundled, or a font is too heavy.
    Running it again without a change reads a few small files and makes nothing.
    """
    folder = _BuildFolder(target, say)
    for face in FACES:
        inputs = [_module_digest(), *map(_versioned, (face.distribution, "fonttools", "brotli"))]
        folder.make(face.path, inputs, lambda face=face: subset_face(face))
        licence = files(face.package) / "LICENSE"
        if licence.is_file():
            folder.make(face.licence_path, inputs, licence.read_bytes)
    check_sizes({face.name: (target / face.path).stat().st_size for face in FACES})

    fonts = [_digest((target / face.path).read_bytes()) for face in FACES]
    folder.make("css/fonts.css", [_module_digest(), *fonts], lambda: fonts_css(target).encode())

    parts = [target / "css/fonts.css", *(source / name for name in stylesheets)]
    if missing := [path.name for path in parts if not path.is_file()]:
        raise AssetError(f"no such stylesheet in {source}: {', '.join(missing)}")
    texts = {path.name: path.read_text(encoding="utf-8") for path in parts}
    # the names with the texts: a changed order is a changed bundle
    inputs = [_module_digest(), _digest(json.dumps(list(texts.items())).encode())]
    folder.make("css/site.css", inputs, lambda: bundle(texts).encode())

    if not folder.made:
        say("assets are up to date")
    return folder.made


class _BuildFolder:
    """A folder of built files, with a stamp that tells from which inputs each was made."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self.path = path
        self.say = say
        self.made: list[Path] = []
        try:
            self.stamp = json.loads((path / STAMP).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # first run, or cut short: make everything
            self.stamp = {}

    def make(self, name: str, inputs: Iterable[str], produce: Callable[[], bytes]) -> None:
        """Write what `produce()` returns, unless the file stands as these inputs made it."""
        file = self.path / name
        made_from = _digest("\n".join(inputs).encode())
        if file.is_file() and self.stamp.get(name) == [made_from, _digest(file.read_bytes())]:
            return
        content = produce()
        _write(file, content)
        self.stamp[name] = [made_from, _digest(content)]
        _write(self.path / STAMP, json.dumps(self.stamp, indent=1).encode())
        self.made.append(file)
        self.say(f"{name}  {len(content) / KILOBYTE:.1f} kB")


def _write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all, its folders made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.write_bytes(content)
    os.replace(unfinished, file)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@cache
def _module_digest() -> str:
    return _digest(Path(__file__).read_bytes())


def _versioned(distribution: str) -> str:
    return f"{distribution} {version(distribution)}"


def check_sizes(sizes: Mapping[str, int]) -> None:
    """
    Raise AssetError if a font, or what an Arabic page loads of them, is over its limit.

    sizes: bytes by name of the face, all of `ARABIC_PAGE_FONTS` among them.
    """
    for name, size in sizes.items():
        if size > MAX_FONT_BYTES:
            raise AssetError(f"{name}.woff2 has {size} bytes, the limit is {MAX_FONT_BYTES}")
    total = sum(sizes[name] for name in ARABIC_PAGE_FONTS)
    if total > MAX_ARABIC_PAGE_BYTES:
        raise AssetError(
            f"an Arabic page loads {total} bytes of fonts, the limit is {MAX_ARABIC_PAGE_BYTES}"
        )


# --- fonts -------------------------------------------------------------------------------------


def code_points(ranges: str) -> set[int]:
    """Return the code points of ranges such as `"0020-007E 00A0"` (hexadecimal, ends included)."""
    points: set[int] = set()
    for part in ranges.split():
        first, _, last = part.partition("-")
        points.update(range(int(first, 16), int(last or first, 16) + 1))
    return points


def subset_face(face: Face) -> bytes:
    """
    Return the WOFF2 of a face: its letters and features only, axes limited, no hinting.

    Letters that the font does not draw are passed over. The same versions of fontTools and of the
    font give the same bytes.
    """
    font = _subset((files(face.package) / "files" / face.file).read_bytes(), face)
    if face.axes:
        # after a first subset: Noto Sans draws 3,700 glyphs, and limiting them all takes 15 s
        font = instancer.instantiateVariableFont(font, dict(face.axes), inplace=True)
    if face.lining:
        use_lining_digits(font)
    font = _subset(_saved(font), face)
    font.flavor = "woff2"
    return _saved(font)


def _subset(content: bytes, face: Face) -> TTFont:
    """Return the font in `content` with the letters and features of a face only."""
    font = TTFont(BytesIO(content), recalcTimestamp=False)
    options = subset.Options()
    options.hinting = False
    options.notdef_outline = True
    # `rvrn` swaps glyphs along an axis: the instancer applies it
    options.layout_features = [*face.features.split(), "rvrn"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]  # the usual, with the licence and its address
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=code_points(face.letters))
    subsetter.subset(font)
    return font


def _saved(font: TTFont) -> bytes:
    written = BytesIO()
    font.save(written)
    return written.getvalue()


def use_lining_digits(font: TTFont) -> None:
    """Map 0-9 onto the glyphs of the feature `lnum`: figures of one height without any CSS."""
    lining = _substitutions(font, "lnum")
    for table in font["cmap"].tables:
        for digit in range(ord("0"), ord("9") + 1):
            if digit in table.cmap:
                [table.cmap[digit]] = _substitute([table.cmap[digit]], lining)


def _substitutions(font: TTFont, feature: str) -> list[dict[str, list[str]]]:
    """Return the unconditional substitutions of a feature, one mapping per lookup, in order."""
    if "GSUB" not in font:
        return []
    table = font["GSUB"].table
    indexes = {
        index
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == feature
        for index in record.Feature.LookupListIndex
    }
    found = []
    for index in sorted(indexes):
        mapping: dict[str, list[str]] = {}
        for subtable in table.LookupList.Lookup[index].SubTable:
            subtable = getattr(subtable, "ExtSubTable", subtable)
            if subtable.LookupType in (1, 2):  # one glyph by one, one glyph by several
                for glyph, new in subtable.mapping.items():
                    mapping.setdefault(glyph, [new] if isinstance(new, str) else new)
        if mapping:
            found.append(mapping)
    return found


def _substitute(glyphs: list[str], substitutions: list[dict[str, list[str]]]) -> list[str]:
    for mapping in substitutions:
        glyphs = [new for glyph in glyphs for new in mapping.get(glyph, [glyph])]
    return glyphs


# --- metrics -----------------------------------------------------------------------------------


def mean_advance(font: TTFont, text: str) -> float:
    """
    Return the mean advance of the characters of a text, in em, Arabic letters in joined forms.

    Kerning and ligatures are left out: the same is done for both fonts of a comparison. A
    character the font lacks counts as its `.notdef`.
    """
    cmap, advances = font.getBestCmap(), font["hmtx"]
    classes = font["GDEF"].table.GlyphClassDef if "GDEF" in font else None
    marks = {name for name, kind in classes.classDefs.items() if kind == 3} if classes else set()
    forms = {form: _substitutions(font, form) for form in ("ccmp", "init", "medi", "fina", "isol")}
    total = 0
    for position, letter in enumerate(text):
        after = _joins_back(text[position + 1 : position + 2]) and _joins_on(letter)
        before = position > 0 and _joins_on(text[position - 1]) and _joins_back(letter)
        form = {(0, 0): "isol", (0, 1): "init", (1, 1): "medi", (1, 0): "fina"}[before, after]
        glyphs = _substitute([cmap.get(ord(letter), ".notdef")], forms["ccmp"] + forms[form])
        total += sum(advances[glyph][0] for glyph in glyphs if glyph not in marks)
    return total / len(text) / font["head"].unitsPerEm


def _joins_back(letter: str) -> bool:
    """Whether an Arabic letter joins the one before it."""
    return "\u0620" <= letter <= "\u064a" and letter != "\u0621"


def _joins_on(letter: str) -> bool:
    """Whether an Arabic letter joins the one after it."""
    return _joins_back(letter) and letter not in "اأإآدذرزوؤة"


# --- stylesheets -------------------------------------------------------------------------------


def fonts_css(target: Path) -> str:
    """
    Return the `@font-face` rules of the fonts built in `target`, and of their stand-ins.

    A stand-in "… Fallback" is a font of the device, scaled to the mean width of ours and given our
    line metrics, so that the text does not move when ours arrives. Read with fontTools from the
    built files; `size-adjust` scales the overrides too, hence the division.
    """
    rules = []
    for face in FACES:
        font = TTFont(target / face.path)
        common = {"unicode-range": face.unicode_range} if face.unicode_range else {}
        rules.append(
            {
                "font-family": f'"{face.family}"',
                "src": f'url("../{face.path}") format("woff2")',
                "font-weight": face.weight,
                "font-display": "swap",
                **common,
            }
        )
        advance, metrics = mean_advance(font, face.sample) * face.ligatures, font["hhea"]
        for reference in face.references:
            scale = advance / reference.mean_advance
            em = font["head"].unitsPerEm * scale
            rules.append(
                {
                    "font-family": f'"{face.family} Fallback"',
                    "src": ", ".join(f'local("{name}")' for name in reference.names),
                    # not the whole range: the browser itself must thicken a stand-in for bold
                    "font-weight": face.weight.split()[0],
                    "size-adjust": f"{scale:.2%}",
                    "ascent-override": f"{metrics.ascent / em:.2%}",
                    "descent-override": f"{-metrics.descent / em:.2%}",
                    "line-gap-override": f"{metrics.lineGap / em:.2%}",
                    **common,
                }
            )
    return "".join(
        "@font-face {\n" + "".join(f"\t{name}: {value};\n" for name, value in rule.items()) + "}\n"
        for rule in rules
    )


# Strings and bare addresses, which no rule below may touch.
_KEPT = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|url\([^)\"']*\)"
_COMMENT = re.compile(rf"({_KEPT})|/\*.*?\*/", re.DOTALL)
_LINE_BREAK = re.compile(rf"({_KEPT})|\s*\n\s*", re.DOTALL)
_FIRST_ONLY = re.compile(rf"({_KEPT})|@(?:import|charset)\b", re.DOTALL)


def bundle(texts: Mapping[str, str]) -> str:
    """
    Return stylesheets as one, without comments, indentation and empty lines.

    texts: contents by file name, in the order of the cascade.

    Raises AssetError on `@import` and `@charset`, which only count at the start of a file.
    """
    small = {name: minify(text) for name, text in texts.items()}
    for name, text in small.items():
        if any(found[1] is None for found in _FIRST_ONLY.finditer(text)):
            raise AssetError(f"{name}: @import and @charset do not survive bundling")
    return "".join(small.values())


def minify(css: str) -> str:
    """Return CSS without comments, indentation and empty lines; strings and `url()` untouched."""
    css = _COMMENT.sub(_comment, css)
    return _LINE_BREAK.sub(lambda found: found[1] or "\n", css).strip() + "\n"


def _comment(found: re.Match[str]) -> str:
    """Drop a comment, or leave an empty one where it alone parts two words (`a/* */.b`)."""
    if found[1] is not None:
        return found[1]
    css, start, end = found.string, *found.span()
    parted = " \t\r\n{};,"  # beside one of these nothing can grow together
    before, after = css[max(start - 1, 0) : start].strip(parted), css[end : end + 1].strip(parted)
    return "/**/" if before and after else ""
