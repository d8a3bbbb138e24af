"""Takes the pictures of docs/ from a demo site of its own: `make screenshots`."""

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.places import path_of  # noqa: E402
from tests.live import CHROMIUM_OPTIONS, running_site  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
PLACES = {"home": "home", "list": "list filtered", "practice": "practice with a chart"}
LANGUAGES = ("ar", "fr")
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
TALLEST = 1600  # pixels
LARGEST = 150_000  # bytes


def take_all(site: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS
        )
        for device, (width, height) in SIZES.items():
            context = browser.new_context(
                base_url=site, viewport={"width": width, "height": height}, reduced_motion="reduce"
            )
            page = context.new_page()
            for name, place in PLACES.items():
                for language in LANGUAGES:
                    page.goto(path_of(site, place, language), wait_until="networkidle")
                    page.evaluate("document.fonts.ready")
                    file = PICTURES / f"{name}-{language}-{device}.png"
                    tall = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
                    area = {"x": 0, "y": 0, "width": width, "height": tall}
                    save(page.screenshot(full_page=True, clip=area), file)
                    print(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1000:.0f} kB")
            context.close()
        browser.close()


def save(picture: bytes, file: Path) -> None:
    """Keep a picture with as many colours as its size allows."""
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (256, 128, 64, 32):
        reduced = whole.quantize(
            colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        reduced.save(file, optimize=True)
        if file.stat().st_size < LARGEST:
            return


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    if os.environ.get("LIVE_URL"):
        take_all(os.environ["LIVE_URL"])
    else:
        with running_site() as address:
            take_all(address)
