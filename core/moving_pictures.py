"""
Taking what stands beside the picture out of moving pictures. Their frames stay as they are: written
anew they would lose quality and take long.
"""

import struct

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
# Place, time, texts (PNG 3rd edition, 11.3) and XMP, which stands in a text.
PNG_BESIDE = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
WEBP_BESIDE = {b"EXIF", b"XMP "}
WEBP_FLAGS = 0x08 | 0x04  # in the byte of VP8X: that these two are there


def bare_png(content: bytes) -> bytes:
    """
    Return a PNG of several frames without what stands beside them.

    :raises ValueError: where it is not whole
    """
    kept, place = [PNG_HEAD], len(PNG_HEAD)
    name = b""
    while name != b"IEND":
        if place + 12 > len(content):
            raise ValueError("The PNG is not whole.")
        size, name = struct.unpack_from(">I4s", content, place)
        end = place + 12 + size
        if name not in PNG_BESIDE:
            kept.append(content[place:end])
        place = end
    if place > len(content):
        raise ValueError("The PNG is not whole.")
    return b"".join(kept)


def bare_webp(content: bytes) -> bytes:
    """
    Return a WebP of several frames without what stands beside them.

    :raises ValueError: where it is not whole
    """
    (size,) = struct.unpack_from("<I", content, 4)
    end = 8 + size
    if end > len(content):
        raise ValueError("The WebP is not whole.")
    kept, place = [], 12
    while place + 8 <= end:
        name, size = struct.unpack_from("<4sI", content, place)
        following = place + 8 + size + size % 2
        chunk = content[place:following]
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~WEBP_FLAGS]) + chunk[9:]
        if name not in WEBP_BESIDE:
            kept.append(chunk)
        place = following
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


BARE = {"PNG": bare_png, "WEBP": bare_webp}
