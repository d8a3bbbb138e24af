"""Files that come in parts over lines that break: begun, added to, finished or dropped."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.core.files.base import File
from django.db import models, transaction
from django.utils.translation import gettext as _

from core import outbox
from core.downloads import safe_name
from core.files import private_storage
from core.uploads.models import PARTIAL, PartialUpload, Upload, partial_path
from core.uploads.policies import policies
from core.uploads.services import (
    UploadRefused,
    delete_upload,
    judge,
    keep_judged,
    require_size,
)

MOST_OPEN = 20  # of one person


class WrongOffset(Exception):
    """
    The part does not continue what has come.

    :ivar offset: where it must begin, in bytes
    """

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class TooLong(Exception):
    """More came than was announced. Nothing of the part was kept."""


class NotWhole(Exception):
    """A file is finished when all that was announced has come."""


class Arrived(File):
    """A file that has come whole. The storage moves it into place instead of copying it."""

    def temporary_file_path(self) -> str:
        return self.file.name


@transaction.atomic
def begin_upload(
    *,
    owner: models.Model,
    policy: str,
    name: str,
    size: int,
    key: UUID | None = None,
    address: str = "",
) -> PartialUpload:
    """
    Announce a file. What has not come whole within two days is deleted.

    :param policy: the name of a registered one
    :param size: in bytes
    :param key: where the owner has begun one of this key already, that one is returned
    :param address: the path at which its parts are taken
    :raises UploadRefused: where it is empty or too large, or the person has `MOST_OPEN` on the way
    """
    require_size(size, policies[policy])
    # Held, so that what the person begins at the same time elsewhere is counted.
    get_user_model()._default_manager.select_for_update(no_key=True).get(pk=owner.pk)
    begun = PartialUpload.objects.visible_to(owner)
    if key and (known := begun.filter(key=key).first()):
        return known
    if begun.filter(finished=None).count() >= MOST_OPEN:
        raise UploadRefused(
            "open",
            _(
                "%(count)d files are on their way already. Let them come to an end or cancel some,"
                " then choose this one again."
            )
            % {"count": MOST_OPEN},
        )
    upload = PartialUpload(
        key=key or uuid4(),
        owner=owner,
        policy=policy,
        address=address,
        name=safe_name(name),
        size=size,
    )
    upload.file.name = partial_path(upload, "")
    upload.save(force_insert=True)
    return upload


def append(*, upload: PartialUpload, offset: int, chunks: Iterable[bytes]) -> PartialUpload:
    """
    Add a part to what has come of a file, all of the part or nothing.

    :param offset: where the part begins, in bytes
    :param chunks: the part as it comes in; whoever gives them ends where the line breaks
    :returns: the upload as it stands then
    :raises WrongOffset: where another number of bytes has come, by another window perhaps
    :raises TooLong: where it goes beyond the size that was announced
    :raises PartialUpload.DoesNotExist: where it was dropped meanwhile
    """
    upload.refresh_from_db()
    if offset != upload.received:
        raise WrongOffset(upload.received)
    folder = Path(private_storage().path(PARTIAL))
    folder.mkdir(parents=True, exist_ok=True)
    # The part waits in a file of its own until it is there: a slow line must hold no lock.
    with TemporaryFile(dir=folder) as part:
        for chunk in chunks:
            part.write(chunk)
            if offset + part.tell() > upload.size:
                raise TooLong
        if not (length := part.tell()):
            return upload
        part.seek(0)
        with _begin_anew_without_file(upload), transaction.atomic():
            held = _hold(upload)
            if offset != held.received:
                raise WrongOffset(held.received)
            with open(held.file.path, "r+b" if offset else "wb") as file:
                file.seek(offset)
                shutil.copyfileobj(part, file)
                # On the disk before the row says so.
                file.flush()
                os.fsync(file.fileno())
            held.received = offset + length
            held.save(update_fields=["received"])
    return held


def finish(*, upload: PartialUpload) -> Upload:
    """
    Keep a file that has come whole (`keep_upload`). Finished again, the same upload is returned. A
    file that is refused is deleted with what is known of it.

    :raises UploadRefused: where the policy does not take it
    :raises NotWhole: while something is missing
    :raises PartialUpload.DoesNotExist: where it was dropped meanwhile
    """
    with _begin_anew_without_file(upload), transaction.atomic():
        held = _hold(upload)
        if held.finished:
            return held.finished
        if held.received < held.size:
            raise NotWhole
        opened = open(held.file.path, "rb")  # noqa: SIM115 (closed below, outside the lock)
    with opened:
        try:
            # It may take seconds to look at a large picture: nobody waits for a lock meanwhile.
            kind, file = judge(Arrived(opened, name=held.name), policies[held.policy])
        except UploadRefused:
            delete_upload(upload=held)
            raise
        with transaction.atomic():
            held = _hold(upload)
            if not held.finished:
                _finish(held, kind, file)
            return held.finished


def _finish(held: PartialUpload, kind: str, file: File) -> None:
    came = held.file.name
    held.finished = keep_judged(kind=kind, file=file, owner=held.owner, policy=held.policy)
    held.file = ""
    held.save(update_fields=["finished", "file"])
    if not isinstance(file, Arrived):  # a picture was written anew
        outbox.enqueue("delete-upload", {"file": came})


def _hold(upload: PartialUpload) -> PartialUpload:
    """Lock it for the rest of the transaction, and read it anew."""
    return PartialUpload.objects.select_for_update().get(pk=upload.pk)


@contextmanager
def _begin_anew_without_file(upload: PartialUpload) -> Iterator[None]:
    """Where the file is gone from the disk the row goes too: the sender begins anew."""
    try:
        yield
    except FileNotFoundError as error:
        delete_upload(upload=upload)
        raise PartialUpload.DoesNotExist from error
