"""Short ASCII addresses for titles in any script."""

import re

from anyascii import anyascii
from django.utils.text import slugify

MAX_LENGTH = 48  # with "-" and the number behind it a slug stays under 60 characters


def short_slug(title: str) -> str:
    """
    Return a short ASCII slug of a title, cut at a word; empty where the title has no letters.

    Arabic and Tifinagh are transliterated (`anyascii`), which gives consonants only: readable
    enough in an address, and the number behind it makes it unique. Emoji are left out.
    """
    letters = "".join(c for c in title if c.isalnum() or c.isspace() or c in "-_'’.")
    slug = re.sub(r"[-_]+", "-", slugify(anyascii(letters).replace("'", " "))).strip("-")
    if len(slug) > MAX_LENGTH:
        slug = slug[: MAX_LENGTH + 1].rpartition("-")[0] or slug[:MAX_LENGTH]
    return slug
