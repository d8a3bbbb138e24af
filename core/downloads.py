"""Handing out a file: byte ranges, safe names, never run by the browser."""

import re
from email.utils import formatdate
from pathlib import PurePath
from typing import BinaryIO

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header, parse_etags, parse_http_date_safe

# What a browser may show in its own window; everything else is saved.
INLINE_TYPES = {"application/pdf", "text/plain"}
RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII | re.IGNORECASE)
CHUNK = 64 * 1024
LONGEST_NAME = 255  # characters of a file name that people see; on the disk stand names of ours


class Part:
    """A stretch of an open file, read in chunks."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self.file, self.left = file, length
        file.seek(start)

    def __iter__(self):
        while self.left > 0 and (chunk := self.file.read(min(CHUNK, self.left))):
            self.left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self.file.close()


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """
    Return the first and last byte that a Range header asks for (RFC 9110, 14.1.2).

    :returns: None where the header is no single range of bytes: the whole file is sent then
    :raises ValueError: where the range lies outside the file: the answer is 416 then
    """
    match = RANGE.fullmatch(header.strip())
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if len(first) > 19 or len(last) > 19:
        raise ValueError(header)
    if not first:  # the last so many bytes
        start, end = max(size - int(last), 0), size - 1
        if int(last) == 0:
            raise ValueError(header)
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < int(first):
            return None
    if start >= size:
        raise ValueError(header)
    return start, end


def safe_name(name: str, longest: int = LONGEST_NAME) -> str:
    """
    Return a file name without paths and control characters.

    :param longest: in characters
    """
    path = PurePath("".join(c for c in name.replace("\\", "/") if c.isprintable()))
    suffix = path.suffix[:12]
    stem = path.stem[: longest - len(suffix)].strip(". ")
    return (stem or "file") + suffix


def keep_uncompressed(request) -> None:
    """
    Keep Django's GZipMiddleware off the answer.

    It would compress a part of a file as if it were a page, and what is compressed already.
    """
    request.META.pop("HTTP_ACCEPT_ENCODING", None)


def download(
    request, file: BinaryIO, *, size: int, name: str, content_type: str, etag="", modified=None
):
    """
    Return the answer that hands out a file, whole or in part.

    :param file: open for reading in binary mode; closed when the answer is sent
    :param size: in bytes
    :param name: the name under which it is saved
    :param etag: without quotation marks
    :param modified: seconds since 1970, UTC
    """
    keep_uncompressed(request)
    etag = f'"{etag}"' if etag else ""
    attachment = content_type not in INLINE_TYPES
    common = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": content_disposition_header(attachment, safe_name(name)),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if etag:
        common["ETag"] = etag
    if modified:
        common["Last-Modified"] = formatdate(modified, usegmt=True)
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if etag and any(tag in ("*", etag, f"W/{etag}") for tag in known):
        file.close()
        return HttpResponse(status=304, headers=common)

    wanted = request.headers.get("Range", "") if request.method == "GET" else ""
    if_range = request.headers.get("If-Range", "")
    if if_range and if_range != etag:
        time = parse_http_date_safe(if_range)
        if time is None or modified is None or time != int(modified):
            wanted = ""
    try:
        part = parse_range(wanted, size) if wanted else None
    except ValueError:
        file.close()
        return HttpResponse(status=416, headers={**common, "Content-Range": f"bytes */{size}"})

    start, end = part or (0, size - 1)
    response = StreamingHttpResponse(
        Part(file, start, end - start + 1),
        status=206 if part else 200,
        content_type=content_type,
        headers=common,
    )
    response["Content-Length"] = str(end - start + 1)
    if part:
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response
