"""Small pictures of uploads, for those who may see the upload: kept in the cache of content."""

from io import BytesIO

from django.core.cache import caches
from PIL import Image

from core.uploads.content import KINDS, PICTURES
from core.uploads.models import Upload

WIDTH = 480  # pixels
KEPT_FOR = 7 * 24 * 60 * 60  # seconds


def small_picture(upload: Upload) -> bytes | None:
    """Return a small WebP of a picture, None for a file that is none or is gone."""
    if upload.content_type not in {KINDS[name].content_type for name in PICTURES.values()}:
        return None
    cache, key = caches["content"], f"small-picture-{upload.sha256}"
    drawn = cache.get(key)
    if drawn is None:
        try:
            with upload.file.open("rb") as file, Image.open(file) as picture:
                picture.draft("RGB", (WIDTH * 2, WIDTH * 2))  # a JPEG is decoded small
                picture.thumbnail((WIDTH, WIDTH * 2))
                made = BytesIO()
                picture.convert("RGBA" if picture.has_transparency_data else "RGB").save(
                    made, "WEBP", quality=70
                )
        except OSError:
            return None
        drawn = made.getvalue()
        cache.set(key, drawn, KEPT_FOR)
    return drawn
