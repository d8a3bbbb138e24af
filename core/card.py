"""The pictures that a messenger shows beside a link: one of the site, one of each practice."""

import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw

from core import languages
from core.lettering import Lettering, Voice

# Told apart from cards that were drawn before: counted up with each change of the drawing.
DRAWING = 1

SIZE = (1200, 630)  # pixels; what WhatsApp, Facebook and X show whole
SCALE = 2  # drawn twice as large and made smaller, so that slanted edges are smooth
SHADES = 8  # of each colour towards the ground, for the edges: a quarter of the bytes of all shades
GROUND = "#FBFAF6"
INK = "#15231E"
SOFT = "#4A5953"
BRAND = "#0B5B49"
COLOURS = {
    "mosaic-green": "#0B5B49",
    "mosaic-blue": "#1B4F9C",
    "mosaic-honey": "#E0A32B",
    "mosaic-ink": "#15231E",
    "transparency": "#1B4F9C",
    "accountability": "#702C62",
    "participation": "#A0391B",
    "access": "#775300",
    "digital": "#00636F",
}
PATH = re.compile(r'<path class="([\w-]+)" d="([^"]+)"')

# The card of a practice, in its own pixels. Left and right are said as in French.
MARGIN = 60
TEXT_WIDTH = 800
FOOT = 546  # the line above the network's name
ROSE_CENTRE, ROSE_RADIUS = 1182, 312
TITLE_SIZES = (68, 60, 52, 46, 42)
LARGE_TITLE_SIZES = (92, 80, *TITLE_SIZES)  # where no figure stands below
MOST_TITLE_LINES = 5
# A title in Arabic letters of the same size looks smaller.
ARABIC_TITLE = 1.06
OCTAGON = (  # the tile, as in `--octagon`, in parts of its side
    (0.29, 0), (0.71, 0), (1, 0.29), (1, 0.71), (0.71, 1), (0.29, 1), (0, 0.71), (0, 0.29),
)  # fmt: skip
ARROW = (  # pointing right, in parts of its length, around its middle
    (-0.5, -0.05), (0.32, -0.05), (0.1, -0.27), (0.18, -0.35), (0.5, 0),
    (0.18, 0.35), (0.1, 0.27), (0.32, 0.05), (-0.5, 0.05),
)  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """The proof of a practice: numbers as they are written; `before` is empty where unknown."""

    before: str
    after: str
    unit: str
    measured: str


@dataclass(frozen=True)
class Card:
    """
    All that the card of a practice shows, in one language.

    who: the collectivities, as on the page.
    principles: code and name of each.
    network: the network's name.
    """

    language: str
    who: str
    title: str
    figure: Figure | None
    principles: tuple[tuple[str, str], ...]
    network: str


def pieces(svg: str):
    """Yield the tiles of the rose (`templates/parts/rose.html`): a class and its corners."""
    for name, path in PATH.findall(svg):
        for piece in path.strip("Zz").split("Z"):
            numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", piece)]
            yield name, list(zip(numbers[::2], numbers[1::2], strict=True))


def draw_rose(picture: Image.Image, rose: Path, centre: tuple[float, float], unit: float) -> None:
    """
    Draw the rose; what lies outside the picture is cropped.

    :param rose: the SVG file of the rose
    :param centre: pixels of the picture
    :param unit: pixels of the picture to one of the rose, whose petals end at 98
    """
    pen = ImageDraw.Draw(picture)
    for name, corners in pieces(rose.read_text()):
        place = [(centre[0] + x * unit, centre[1] + y * unit) for x, y in corners]
        pen.polygon(place, fill=COLOURS[name])


def draw_site_card(rose: Path, target: Path) -> None:
    """
    Draw the rose on the page's ground, large and cropped, as on the home page.

    It has no words: they stand in the link's title beside it, in the reader's language.

    :param rose: the SVG file of the rose
    :param target: the PNG to write
    """
    width, height = (side * SCALE for side in SIZE)
    picture = Image.new("RGB", (width, height), GROUND)
    draw_rose(picture, rose, (width / 2, height / 2), height * 0.62 / 130)
    target.parent.mkdir(parents=True, exist_ok=True)
    picture.resize(SIZE, Image.Resampling.LANCZOS).save(target, optimize=True)


def draw_practice_card(card: Card, rose: Path) -> Image.Image:
    """
    Draw the card of a practice: words where its language starts, the rose at the far side.

    :param rose: the SVG file of the rose
    """
    return _PracticeCard(card, rose).draw()


def _palette() -> Image.Image:
    """
    Return the colours of a practice's card: each as it is, and mixed with the ground.

    A palette made for each picture would let principles fall together that stand on few pixels.
    """
    ground = ImageColor.getrgb(GROUND)
    shades = [*ground]
    for colour in sorted({INK, SOFT, BRAND, *COLOURS.values()}):
        for step in range(1, SHADES + 1):
            shades += [
                round(of_ground + (of_colour - of_ground) * step / SHADES)
                for of_ground, of_colour in zip(ground, ImageColor.getrgb(colour), strict=True)
            ]
    palette = Image.new("P", (1, 1))
    palette.putpalette(shades)
    return palette


class _PracticeCard:
    """
    A card while it is drawn.

    Places are counted from the side where the language starts, in pixels of the finished card.
    """

    def __init__(self, card: Card, rose: Path) -> None:
        self.card = card
        self.rose = rose
        self.rtl = languages.direction(card.language) == "rtl"
        self.picture = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), GROUND)
        self.pen = ImageDraw.Draw(self.picture)

    def draw(self) -> Image.Image:
        centre = self.x(ROSE_CENTRE) * SCALE
        draw_rose(self.picture, self.rose, (centre, SIZE[1] / 2 * SCALE), ROSE_RADIUS * SCALE / 130)
        self.draw_foot()
        bottom = self.draw_principles(FOOT - 22)
        if self.card.figure:
            bottom = self.draw_figure(self.card.figure, bottom - 18)
        else:
            bottom -= 16
        self.draw_title(MARGIN - 10, bottom)
        return self.finished()

    def finished(self) -> Image.Image:
        small = self.picture.resize(SIZE, Image.Resampling.LANCZOS)
        return small.quantize(palette=_palette(), dither=Image.Dither.NONE)

    def x(self, start: float) -> float:
        """Return where a place lies from the left."""
        return SIZE[0] - start if self.rtl else start

    def box(self, start: float, top: float, width: float, height: float) -> tuple[int, ...]:
        """Return a box in pixels of the picture."""
        left = SIZE[0] - start - width if self.rtl else start
        sides = (left, top, left + width, top + height)
        return tuple(round(side * SCALE) for side in sides)

    def write(
        self, lettering, text: str, size: float, colour: str, box: tuple[int, ...], lines: int = 1
    ) -> float:
        used = lettering.draw(self.picture, box, text, size * SCALE, colour, lines)
        return used / SCALE

    def polygon(self, corners, colour: str) -> None:
        self.pen.polygon([(self.x(x) * SCALE, y * SCALE) for x, y in corners], fill=colour)

    def draw_foot(self) -> None:
        """The network's name under a line."""
        self.polygon(
            [
                (MARGIN, FOOT),
                (MARGIN + TEXT_WIDTH, FOOT),
                (MARGIN + TEXT_WIDTH, FOOT + 2),
                (MARGIN, FOOT + 2),
            ],
            INK,
        )
        lettering = Lettering(self.card.language, Voice.HEAD)
        size = min(26, TEXT_WIDTH / lettering.width(self.card.network))
        self.write(
            lettering, self.card.network, size, BRAND, self.box(MARGIN, FOOT + 12, TEXT_WIDTH, 40)
        )

    def draw_principles(self, bottom: float) -> float:
        """A tile and a name for each principle, in as many rows as they need; returns their top."""
        tile, size, gap, between = 30, 25, 10, 30
        lettering = Lettering(self.card.language, weight=600)
        rows: list[list[tuple[float, str, str]]] = []
        start = float(TEXT_WIDTH)
        for code, name in self.card.principles:
            width = tile + gap + lettering.width(name) * size
            if start + width > TEXT_WIDTH:
                rows.append([])
                start = 0
            rows[-1].append((MARGIN + start, code, name))
            start += width + between
        height = 44
        top = bottom - height * len(rows)
        for number, row in enumerate(rows):
            middle = top + height * (number + 0.5)
            for place, code, name in row:
                corners = [(place + x * tile, middle + (y - 0.5) * tile) for x, y in OCTAGON]
                self.polygon(corners, COLOURS[code])
                line = lettering.line_height * size
                box = self.box(place + tile + gap, middle - line / 2, TEXT_WIDTH, line)
                self.write(lettering, name, size, COLOURS[code], box)
        return top

    def draw_figure(self, figure: Figure, bottom: float) -> float:
        """Before, an arrow in the reading direction, after; what was measured. Returns its top."""
        language = self.card.language
        label = Lettering(language)
        label_size = 25
        label_height = label.line_height * label_size
        top = bottom - label_height
        self.write(
            label, figure.measured, label_size, SOFT,
            self.box(MARGIN, top, TEXT_WIDTH, label_height),
        )  # fmt: skip
        numbers = Lettering(language, Voice.HEAD, isolated=True)
        unit = Lettering(language, Voice.HEAD)
        large, small, arrow, gap = 104, 70, 62, 22
        wide = numbers.width(figure.after) * large + unit.width(figure.unit) * small * 0.6
        wide += numbers.width(figure.before) * small + arrow + 3 * gap
        shrink = min(1, TEXT_WIDTH / wide)  # sums in dirhams are long
        large, small, arrow = large * shrink, small * shrink, arrow * shrink
        baseline_box = large * 0.92
        top -= baseline_box + 6
        place = float(MARGIN)
        if figure.before:
            place = self.figure_part(numbers, figure.before, small, SOFT, place, top, baseline_box)
            place += gap + arrow / 2
            middle = top + baseline_box * 0.62
            self.polygon([(place + x * arrow, middle + y * arrow) for x, y in ARROW], SOFT)
            place += gap + arrow / 2
        place = self.figure_part(numbers, figure.after, large, BRAND, place, top, baseline_box)
        if figure.unit:
            self.figure_part(
                unit, figure.unit, small * 0.6, BRAND, place + gap * 0.8, top, baseline_box
            )
        return top

    def figure_part(self, lettering, text, size, colour, start, top, height) -> float:
        """Write a part of the figure, on the line that all its parts share; returns its end."""
        width = lettering.width(text) * size + 2
        baseline = top + height * 0.95
        line_top = baseline - lettering.baseline * size
        box = self.box(start, line_top, width, lettering.line_height * size)
        self.write(lettering, text, size, colour, box)
        return start + width

    def draw_title(self, top: float, bottom: float) -> None:
        """Who, and the title as large as it may be."""
        who = Lettering(self.card.language, weight=500)
        if self.card.who:
            top += self.write(who, self.card.who, 27, SOFT, self.box(MARGIN, top, TEXT_WIDTH, 50))
        top += 6 if self.rtl else 14  # Arabic lines have room above
        title = Lettering(self.card.language, Voice.HEAD)
        height = bottom - top
        factor = ARABIC_TITLE if self.rtl else 1
        sizes = TITLE_SIZES if self.card.figure else LARGE_TITLE_SIZES
        for size in (size * factor for size in sizes):
            lines = min(MOST_TITLE_LINES, int(height / (size * title.line_height)))
            if title.fits(self.card.title, TEXT_WIDTH / size, lines):
                break
        self.write(
            title, self.card.title, size, INK, self.box(MARGIN, top, TEXT_WIDTH, height), lines
        )
