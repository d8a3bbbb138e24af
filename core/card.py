"""The picture that a messenger shows beside a link to the site."""

import re
from pathlib import Path

from PIL import Image, ImageDraw

SIZE = (1200, 630)  # pixels; what WhatsApp, Facebook and X show whole
SCALE = 2  # drawn twice as large and made smaller, so that slanted edges are smooth
GROUND = "#FBFAF6"
COLOURS = {
    "mosaic-green": "#0B5B49",
    "mosaic-blue": "#1B4F9C",
    "mosaic-honey": "#E0A32B",
    "mosaic-ink": "#15231E",
}
PATH = re.compile(r'<path class="([\w-]+)" d="([^"]+)"')


def pieces(svg: str):
    """Yield the tiles of the rose (`templates/parts/rose.html`): a class and its corners."""
    for name, path in PATH.findall(svg):
        for piece in path.strip("Zz").split("Z"):
            numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", piece)]
            yield name, list(zip(numbers[::2], numbers[1::2], strict=True))


def draw_site_card(rose: Path, target: Path) -> None:
    """
    Draw the rose on the page's ground, large and cropped, as on the home page.

    It has no words: they stand in the link's title beside it, in the reader's language.

    :param rose: the SVG file of the rose
    :param target: the PNG to write
    """
    width, height = (side * SCALE for side in SIZE)
    picture = Image.new("RGB", (width, height), GROUND)
    pen = ImageDraw.Draw(picture)
    radius = height * 0.62 / 130
    for name, corners in pieces(rose.read_text()):
        pen.polygon(
            [(width / 2 + x * radius, height / 2 + y * radius) for x, y in corners],
            fill=COLOURS[name],
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    picture.resize(SIZE, Image.Resampling.LANCZOS).save(target, optimize=True)
