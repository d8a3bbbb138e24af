"""
What a file is, judged by its bytes: its name and what the browser says of it count for nothing.

What could be read as two kinds at once (a PDF that is an archive too, a text that is a web page) is
refused.
"""

import re
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image

HEAD = 4096  # bytes that are looked at for signs of another kind
MOST_ENTRIES = 5_000  # of an office document, which is an archive
LARGEST_DIRECTORY = 1024 * 1024  # bytes, of those entries; a real one has half
MOST_UNPACKED = 300 * 1024 * 1024  # bytes
HIGHEST_RATIO = 200  # unpacked to packed; office documents stay below 100
WEB_PAGE = re.compile(rb"<(!doctype|html|head|body|script|svg|iframe|\?xml|\?php)", re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    """A kind of content: its name for people, its MIME type, the ending of its file's name."""

    label: str | Promise
    content_type: str
    suffix: str


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
KINDS = {
    "pdf": Kind("PDF", "application/pdf", ".pdf"),
    "jpeg": Kind("JPEG", "image/jpeg", ".jpg"),
    "png": Kind("PNG", "image/png", ".png"),
    "webp": Kind("WebP", "image/webp", ".webp"),
    "docx": Kind("DOCX", f"{_OFFICE}wordprocessingml.document", ".docx"),
    "xlsx": Kind("XLSX", f"{_OFFICE}spreadsheetml.sheet", ".xlsx"),
    "pptx": Kind("PPTX", f"{_OFFICE}presentationml.presentation", ".pptx"),
    "odt": Kind("ODT", f"{_OPEN}text", ".odt"),
    "ods": Kind("ODS", f"{_OPEN}spreadsheet", ".ods"),
    "odp": Kind("ODP", f"{_OPEN}presentation", ".odp"),
    "csv": Kind("CSV", "text/csv", ".csv"),
    "txt": Kind(_("plain text"), "text/plain", ".txt"),
}
PICTURES = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp"}
TELEPHONE = "MPO"  # what Pillow calls a JPEG with further pictures behind it; they are left out
# The part of an archive that makes it a document of Microsoft's kind.
PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}


class Unknown(Exception):
    """The content is of no kind that is known, or of several at once."""


class Damaged(Exception):
    """The content begins like a known kind and is not whole."""


class TooMuch(Exception):
    """Unpacked or drawn, the content would be far larger than the file."""


class TooManyPixels(TooMuch):
    """A picture beyond `WAGTAILIMAGES_MAX_IMAGE_PIXELS`."""


def kind_of(file: BinaryIO) -> str:
    """
    Return the kind of a file's content, one of `KINDS`; texts are "txt" (a list may be "csv" too).

    :param file: open for reading, at any place; it is left at its beginning
    :raises Unknown: as well as `Damaged` and `TooMuch`
    """
    file.seek(0)
    head = file.read(HEAD)
    try:
        if head.startswith(b"%PDF-"):
            return _pdf(file, head)
        if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (
            head.startswith(b"RIFF") and head[8:12] == b"WEBP"
        ):
            return _picture(file)
        if head.startswith(b"PK\x03\x04"):
            return _document(file)
        return _text(file, head)
    finally:
        file.seek(0)


def _pdf(file: BinaryIO, head: bytes) -> str:
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(size - 2048, 0))
    if b"%%EOF" not in file.read():
        raise Damaged
    # An archive is read from its end, a web page from its beginning: such a file would be both.
    if zipfile.is_zipfile(file) or WEB_PAGE.search(head[:1024]):
        raise Unknown
    return "pdf"


def _picture(file: BinaryIO) -> str:
    file.seek(0)
    try:
        # The size stands in the head: nothing is drawn for this.
        with Image.open(file, formats=tuple(PICTURES)) as picture:
            width, height = picture.size
            kind = "jpeg" if picture.format == TELEPHONE else PICTURES[picture.format]
            if width * height > settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS:
                raise TooManyPixels
            picture.verify()
    except (TooMuch, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels from error
    except Exception as error:  # decoders raise whatever they stumble over
        raise Damaged from error
    return kind


class _Sparingly:
    """A file that is read in small parts only: the directory of an archive is read in one."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > LARGEST_DIRECTORY:
            raise TooMuch
        return self.file.read(size)


def _document(file: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(_Sparingly(file)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise TooMuch
            packed = max(sum(one.compress_size for one in entries), 1)
            unpacked = sum(one.file_size for one in entries)
            if unpacked > MOST_UNPACKED or unpacked > packed * HIGHEST_RATIO:
                raise TooMuch
            names = {one.filename for one in entries}
            # A password hides what it is; macros run.
            hidden = any(one.flag_bits & 1 for one in entries)
            if hidden or any(name.lower().endswith("vbaproject.bin") for name in names):
                raise Unknown
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                told = archive.read("mimetype").decode("ascii", "replace").strip()
                for name in ("odt", "ods", "odp"):
                    if told == KINDS[name].content_type:
                        return name
            for part, name in PARTS.items():
                if part in names and "[Content_Types].xml" in names:
                    return name
    except (Unknown, TooMuch):
        raise
    except Exception as error:  # decoders raise whatever they stumble over
        raise Damaged from error
    raise Unknown


def _text(file: BinaryIO, head: bytes) -> str:
    if WEB_PAGE.search(head) or head.startswith(b"#!"):  # the latter begins a script
        raise Unknown
    file.seek(0)
    rest = b""
    try:
        while chunk := file.read(64 * 1024):
            if b"\x00" in chunk:
                raise Unknown
            chunk = rest + chunk
            try:
                chunk.decode()
                rest = b""
            except UnicodeDecodeError as error:
                # A sign of several bytes may be cut in two at the end of what was read.
                if len(chunk) - error.start > 3:
                    raise
                rest = chunk[error.start :]
        if rest:
            raise Unknown
    except UnicodeDecodeError as error:
        raise Unknown from error
    return "txt"
