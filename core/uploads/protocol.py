"""
Files in parts over HTTP, for the views of the apps above, which have asked for the right before.

Spoken is the tus resumable upload protocol 1.0.0 (https://tus.io/protocols/resumable-upload): its
core and the extensions creation and termination. Two things differ, for our own script: the last
part is answered with 200 and JSON instead of 204, and a refusal tells its reason in JSON
(`{"error": words}`). The metadata may hold "once", a text by which the same announcement that comes
again (its answer was lost) makes nothing new.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from django.http import HttpResponse, HttpResponseNotAllowed, JsonResponse, UnreadablePostError

from core.uploads.models import PartialUpload, Upload
from core.uploads.policies import UploadPolicy
from core.uploads.resumable import TooLong, WrongOffset, append, begin_upload, finish
from core.uploads.services import UploadRefused, delete_upload

VERSION = "1.0.0"
PART_TYPE = "application/offset+octet-stream"
CHUNK = 64 * 1024
NUMBER = re.compile(r"\d{1,18}", re.ASCII)


def create(request, *, policy: UploadPolicy, location: Callable[[UUID], str]) -> HttpResponse:
    """
    Answer the announcement of a file (POST): 201 with the address of its parts.

    :param location: gives the path for a key; parts are taken nowhere else (`transfer`)
    """
    if refused := _other_version(request):
        return refused
    size = _number(request, "Upload-Length")
    try:
        metadata = _metadata(request.headers.get("Upload-Metadata", ""))
    except ValueError:
        return _answer(400)
    if size is None:
        return _answer(400)
    name, once = metadata.get("filename", ""), metadata.get("once", "")
    told = (str(request.user.pk), request.path, policy.name, name, str(size), once)
    key = uuid5(NAMESPACE_URL, "\0".join(told)) if once else uuid4()
    try:
        upload = begin_upload(
            owner=request.user,
            policy=policy.name,
            name=name,
            size=size,
            key=key,
            address=location(key),
        )
    except UploadRefused as refusal:
        return _refusal(refusal, 413 if refusal.code == "size" else 422)
    return _answer(201, Location=upload.address)


def transfer(request, key: UUID, *, on_finished: Callable[[Upload], dict]) -> HttpResponse:
    """
    Answer what is asked about a file that was announced: how much has come (HEAD), a part (PATCH),
    that it is not wanted any more (DELETE). Somebody else's, and one that was announced elsewhere,
    is not found.

    :param on_finished: gives what the last part is answered with. It is called anew, with the same
        upload, where the last part is sent anew
    """
    if refused := _other_version(request):
        return refused
    own = PartialUpload.objects.visible_to(request.user)
    upload = own.filter(key=key, address=request.path).first()
    if upload is None:
        return _answer(404)
    if request.method == "HEAD":
        size = {"Upload-Offset": upload.received, "Upload-Length": upload.size}
        return _answer(200, **size)
    if request.method == "PATCH":
        return _take(request, upload, on_finished)
    if request.method == "DELETE":
        delete_upload(upload=upload)
        return _answer(204)
    return HttpResponseNotAllowed(["HEAD", "PATCH", "DELETE"])


def _take(request, upload: PartialUpload, on_finished: Callable[[Upload], dict]) -> HttpResponse:
    if request.content_type != PART_TYPE:
        return _answer(415)
    offset = _number(request, "Upload-Offset")
    if offset is None:
        return _answer(400)
    try:
        upload = append(upload=upload, offset=offset, chunks=_body(request))
        come = {"Upload-Offset": upload.received}
        if upload.received < upload.size:
            return _answer(204, **come)
        kept = finish(upload=upload)
    except WrongOffset as wrong:
        return _answer(409, **{"Upload-Offset": wrong.offset})
    except TooLong:
        return _answer(413)
    except UploadRefused as refusal:
        return _refusal(refusal, 422)
    except PartialUpload.DoesNotExist:
        return _answer(404)
    return _sealed(JsonResponse(on_finished(kept)), come)


def _body(request) -> Iterator[bytes]:
    """What comes, as it comes: `request.body` would hold all of it. A broken line is its end."""
    try:
        while chunk := request.read(CHUNK):
            yield chunk
    except UnreadablePostError:
        return


def _number(request, header: str) -> int | None:
    text = request.headers.get(header, "")
    return int(text) if NUMBER.fullmatch(text) else None


def _metadata(header: str) -> dict[str, str]:
    """
    Return what a file was announced with: names with texts in base64, apart by commas.

    :raises ValueError: where it cannot be read
    """
    found = {}
    for pair in header.split(",") if header else []:
        name, _space, value = pair.strip().partition(" ")
        found[name] = b64decode(value, validate=True).decode()
    return found


def _other_version(request) -> HttpResponse | None:
    if request.headers.get("Tus-Resumable") == VERSION:
        return None
    return _answer(412, **{"Tus-Version": VERSION})


def _refusal(refusal: UploadRefused, status: int) -> HttpResponse:
    return _sealed(JsonResponse({"error": str(refusal)}, status=status), {})


def _answer(status: int, **headers) -> HttpResponse:
    return _sealed(HttpResponse(status=status), headers)


def _sealed(response: HttpResponse, headers: dict) -> HttpResponse:
    common = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
    for name, value in {**common, **headers}.items():
        response[name] = str(value)
    return response
