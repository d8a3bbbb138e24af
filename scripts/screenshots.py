"""Takes the pictures of the public site for docs/, from a demo of its own: `make screenshots`."""

import io
import os
import shutil
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.places import path_of  # noqa: E402
from tests.live import CHROMIUM_OPTIONS, running_site  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
TALLEST = 1600  # pixels
LARGEST = 150_000  # bytes
PLACES = {
    "home": "home",
    "list": "list filtered",
    "practice": "practice with a chart",
    "charter": "charter",
    "programme": "programme",
    "news": "news",
    "news-item": "news item",
    "start": "start page",
    "contact": "contact",
    "collectivities": "directory",
}
# As people type: haa for taa marbuta, no accent.
SEARCHED = {"ar": "ميزانيه تشاركيه", "fr": "petitions"}


class Shot(NamedTuple):
    """A picture of a place, in a language, on a device."""

    place: str
    language: str
    device: str
    dark: bool = False

    @property
    def file(self) -> Path:
        dark = "-dark" if self.dark else ""
        return PICTURES / f"{self.place}-{self.language}-{self.device}{dark}.png"

    def path(self, site: str) -> str:
        if self.place == "search":
            return f"/{self.language}/search/?q={quote(SEARCHED[self.language])}"
        return path_of(site, PLACES[self.place], self.language)


# README shows home, list and practice; docs/site-in-pictures.md shows them all.
SHOTS = (
    *(
        Shot(place, language, device)
        for place in ("home", "list", "practice")
        for language in ("ar", "fr")
        for device in SIZES
    ),
    Shot("charter", "ar", "desk"),
    Shot("charter", "fr", "phone"),
    Shot("programme", "fr", "desk"),
    Shot("programme", "ar", "phone"),
    Shot("news", "ar", "desk"),
    Shot("news-item", "fr", "phone"),
    Shot("start", "ar", "phone"),
    Shot("start", "fr", "desk"),
    Shot("contact", "ar", "phone"),
    Shot("collectivities", "fr", "desk"),
    Shot("search", "ar", "desk"),
    Shot("search", "ar", "phone"),
    Shot("search", "fr", "desk"),
    Shot("search", "fr", "phone", dark=True),
    Shot("home", "en", "desk"),
    Shot("home", "zgh", "phone"),
    Shot("practice", "zgh", "desk"),
    Shot("home", "ar", "desk", dark=True),
    Shot("practice", "fr", "desk", dark=True),
    Shot("list", "ar", "phone", dark=True),
    Shot("charter", "en", "phone", dark=True),
)


def take_all(site: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS
        )
        for shot in SHOTS:
            take(browser, site, shot)
        browser.close()


def take(browser: Browser, site: str, shot: Shot) -> None:
    width, height = SIZES[shot.device]
    context = browser.new_context(
        base_url=site,
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(shot.path(site), wait_until="networkidle")
    page.evaluate("document.fonts.ready")
    tall = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    area = {"x": 0, "y": 0, "width": width, "height": tall}
    save(page.screenshot(full_page=True, clip=area), shot.file, LARGEST)
    context.close()


def save(picture: bytes, file: Path, largest: int) -> None:
    """
    Keep a picture with as many colours as its size allows.

    :param largest: bytes
    """
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (256, 128, 64, 32):
        # One round of k-means: without it the ground's colour is a little off.
        reduced = whole.quantize(
            colours, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE
        )
        reduced.save(file, optimize=True)
        if file.stat().st_size < largest:
            break
    print(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    if os.environ.get("LIVE_URL"):
        take_all(os.environ["LIVE_URL"])
    else:
        with running_site() as address:
            take_all(address)
