"""A picture for the demo, drawn by us: people round a table, and what they ask for on a board."""

from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (1200, 800)
WALL, FLOOR, BOARD, TABLE, MAP = "#f3ead8", "#d9c7a3", "#ffffff", "#8a5a3b", "#cfe3d0"
NOTES = ("#e0a32b", "#2f7d6b", "#b5523b", "#3c6e9f")
COATS = ("#2f7d6b", "#b5523b", "#3c6e9f", "#6d4f7d", "#c07a2c")
SKINS = ("#8d5b3f", "#b98260", "#a06a48", "#c9997a", "#7a4c33")


def draw_assembly() -> bytes:
    """Return the picture as a PNG."""
    picture = Image.new("RGB", SIZE, WALL)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 470, 1200, 800), fill=FLOOR)
    pen.rounded_rectangle((330, 60, 870, 300), 12, fill=BOARD, outline=TABLE, width=8)
    for place in range(12):
        x, y = 365 + place % 6 * 82, 90 + place // 6 * 100
        pen.rectangle((x, y, x + 58, y + 72), fill=NOTES[place % len(NOTES)])
    for place in range(5):  # behind the table
        _person(pen, 200 + place * 200, 400, place)
    pen.ellipse((130, 500, 1070, 760), fill=TABLE)
    pen.polygon(((430, 560), (790, 545), (840, 680), (400, 700)), fill=MAP)
    for line in ((440, 600, 800, 590), (420, 655, 825, 640), (560, 556, 540, 694)):
        pen.line(line, fill=BOARD, width=7)
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _person(pen: ImageDraw.ImageDraw, x: int, y: int, place: int) -> None:
    pen.rounded_rectangle((x - 70, y, x + 70, y + 260), 60, fill=COATS[place])
    pen.ellipse((x - 46, y - 80, x + 46, y + 16), fill=SKINS[place])
