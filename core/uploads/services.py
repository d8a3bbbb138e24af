"""Keeping what is sent, handing it out, and clearing away what nobody refers to."""

import hashlib
import re
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import PurePath

from django.conf import settings
from django.core.files.base import File
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from core import outbox
from core.downloads import LONGEST_NAME, download, safe_name
from core.files import NOT_WHOLE, BarePicture, private_storage, without_metadata
from core.text import without_controls
from core.uploads import content
from core.uploads.content import KINDS, PICTURES
from core.uploads.models import PARTIAL, PartialUpload, Upload
from core.uploads.policies import UploadPolicy, policies

KEPT_ALONE = timedelta(hours=48)
# What tells a type at the end of a name. "12.05.2026" tells a day, and "M.Alami" a person.
ENDING = re.compile(r"\.([a-z][a-z0-9]{1,4}|[A-Z][A-Z0-9]{1,4})")


class UploadRefused(Exception):
    """
    A file was not kept.

    :ivar code: "empty", "size", "type", "damaged" or "open"
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def require_size(size: int, policy: UploadPolicy) -> None:
    """
    Let pass what is as large as a policy takes.

    :param size: in bytes
    :raises UploadRefused: for an empty file and one that is too large
    """
    if not size:
        raise UploadRefused("empty", _("The file is empty. Choose another one."))
    if size > policy.max_bytes:
        raise UploadRefused("size", policy.too_large)


def judge(file: File, policy: UploadPolicy) -> tuple[str, File]:
    """
    Return the kind of a file's content, if a policy takes it, and the file as it is to be kept: a
    picture without what a camera wrote beside it.

    :raises UploadRefused: with what is wrong and what the limit is
    """
    cut_off = getattr(file, "too_large", False)
    require_size(policy.max_bytes + 1 if cut_off else file.size, policy)
    try:
        kind = content.kind_of(file)
    except content.Unknown:
        kind = ""
    except content.TooManyPixels as error:
        raise UploadRefused(
            "size",
            _("The picture is too large: at most %(count)d million pixels. Save it smaller.")
            % {"count": settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS // 1_000_000},
        ) from error
    except content.TooMuch as error:
        raise UploadRefused(
            "size", _("What is packed in this file is too large. Save it smaller.")
        ) from error
    except content.Damaged as error:
        raise UploadRefused(
            "damaged", _("The file is damaged or not whole. Save it anew and send it again.")
        ) from error
    if kind == "txt" and "csv" in policy.types and PurePath(file.name).suffix.lower() == ".csv":
        kind = "csv"
    if kind not in policy.types:
        raise UploadRefused("type", policy.wrong_kind)
    if kind in PICTURES.values() and not isinstance(file, BarePicture):
        try:
            file = BarePicture(without_metadata(file.read()), name=file.name)
        except ValueError as error:
            raise UploadRefused("damaged", str(NOT_WHOLE)) from error
    return kind, file


def keep_upload(*, file: File, owner: models.Model | None, policy: str) -> Upload:
    """
    Keep a file that somebody sent in the private storage. What a camera wrote into a picture beside
    the picture is taken out.

    What no row refers to within two days is deleted.

    :param file: as a form gives it
    :param owner: None for somebody without an account
    :param policy: the name of a registered one
    :raises UploadRefused: where the policy does not take it
    """
    kind, file = judge(file, policies[policy])
    return keep_judged(kind=kind, file=file, owner=owner, policy=policy)


def keep_judged(*, kind: str, file: File, owner: models.Model | None, policy: str) -> Upload:
    """
    Keep a file as `judge` gave it. It goes by in parts, never into memory; one that lies on the
    disk by itself (`temporary_file_path`) is moved.
    """
    found = KINDS[kind]
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    upload = Upload(
        owner=owner,
        policy=policy,
        name=display_name(file.name, found.suffix),
        content_type=found.content_type,
        size=file.size,
        sha256=digest.hexdigest(),
    )
    upload.file.save(f"file{found.suffix}", file, save=False)
    upload.save(force_insert=True)
    return upload


def display_name(name: str, suffix: str) -> str:
    """Return the name that people see: as it was sent, with the ending of what the file is."""
    stem = without_controls(name).replace("\\", "/").rpartition("/")[2]
    # Each ending goes, so that "minutes.pdf.exe" or "minutes.html.pdf" tells nothing false.
    while ENDING.fullmatch(PurePath(stem).suffix):
        stem = PurePath(stem).stem
    return safe_name((stem[: LONGEST_NAME - len(suffix)] or "file") + suffix)


def hand_out(request, upload: Upload):
    """
    Return the answer with a file. The caller has made sure that the reader may have it.

    Nothing in it runs. A browser may show a PDF or a plain text; the rest is saved.
    """
    try:
        file = upload.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("The file is missing.") from error
    response = download(
        request,
        file,
        size=upload.size,
        name=upload.name,
        content_type=upload.content_type,
        etag=upload.sha256,
    )
    response["Cache-Control"] = "private, no-cache"
    return response


@transaction.atomic
def delete_upload(*, upload: Upload | PartialUpload) -> None:
    """Delete a row and, once that is certain, its file."""
    if upload.file:
        outbox.enqueue("delete-upload", {"file": upload.file.name})
    upload.delete()


@outbox.handler("delete-upload")
def delete_file(payload: dict) -> None:
    """Delete a file that no row refers to any more; one that is gone already is no fault."""
    private_storage().delete(payload["file"])


def unreferred() -> models.QuerySet[Upload]:
    """Return the uploads that no row of any model refers to."""
    found = Upload.objects.all()
    for relation in Upload._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and relation.is_relation):
            continue
        rows = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
        found = found.filter(~Exists(rows))
    return found


@outbox.periodic("clear-uploads", every=timedelta(hours=6))
def clear_uploads() -> None:
    """
    Delete what was sent two days ago and nobody refers to, what had not come whole after two days,
    and files without a row.
    """
    before = timezone.now() - KEPT_ALONE
    partial = PartialUpload.objects.filter(created_at__lt=before)
    for pk in list(partial.values_list("pk", flat=True)):
        with transaction.atomic():
            if held := partial.select_for_update().filter(pk=pk).first():
                delete_upload(upload=held)
    for pk in list(unreferred().filter(created_at__lt=before).values_list("pk", flat=True)):
        with transaction.atomic():
            # Held, so that nobody comes to refer to it between the question and the deletion.
            upload = Upload.objects.select_for_update().filter(pk=pk).first()
            if upload and unreferred().filter(pk=pk).exists():
                delete_upload(upload=upload)
    _clear_files("uploads", Upload, before)
    _clear_files(PARTIAL, PartialUpload, before)


def _clear_files(folder: str, model: type[models.Model], before: datetime) -> None:
    storage = private_storage()
    if not storage.exists(folder):
        return
    known = set(model._default_manager.values_list("file", flat=True))
    for name in storage.listdir(folder)[1]:
        path = f"{folder}/{name}"
        # A row may be on its way while its file is there: only old ones go.
        with suppress(FileNotFoundError):  # deleted meanwhile, with its row
            if path not in known and storage.get_modified_time(path) < before:
                storage.delete(path)
