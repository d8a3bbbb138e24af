"""A person's data as a ZIP archive, sent while it is packed."""

import io
import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import PurePath
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Manager, Model
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from core.downloads import CHUNK, safe_name
from members.models import User
from members.registry import PersonalData, personal_data

LONGEST_IN_ARCHIVE = 60  # characters of a file name: unpacked, a disk takes 255 bytes of it
MOST_ROWS = 10_000  # of one model: an editor of many years stays within memory

Files = dict[str, FieldFile]


def collect(person: User, addresses: Sequence[str]) -> tuple[dict[str, Any], Files]:
    """
    Return what the site knows of a person: a JSON document, and files by their path within the
    archive.

    :param addresses: the e-mail addresses that the person has shown to be theirs
    """
    files: Files = {}
    data: dict[str, list] = {}
    shortened = []
    for treatment in personal_data.values():
        if not treatment.fields:
            continue
        rows = treatment.own_rows(person, addresses).filter(treatment.exported).order_by("-pk")
        found = list(rows.select_related(*_related(rows.model, treatment.fields))[: MOST_ROWS + 1])
        if found:
            name = f"{rows.model._meta.verbose_name_plural} ({treatment.model})"
            data[name] = [_entry(treatment, row, files) for row in found[:MOST_ROWS]]
            if len(found) > MOST_ROWS:
                shortened.append(name)
    about = {
        "site": settings.SITE_URL,
        "person": person.name,
        "exported_at": timezone.localtime(),
        # Of these only the newest are here.
        "shortened": shortened,
    }
    return {"about": about, "data": data}, files


def packed(document: dict[str, Any], files: Files) -> Iterator[bytes]:
    """Give the parts of the archive; a file that is missing from the disk is left out."""
    out = Outflow()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        text = json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        archive.writestr("data.json", text)
        yield out.taken()
        for path, file in files.items():
            try:
                source = file.storage.open(file.name, "rb")
            except FileNotFoundError:
                continue
            with source, archive.open(path, "w", force_zip64=True) as entry:
                for chunk in iter(partial(source.read, CHUNK), b""):
                    entry.write(chunk)
                    yield out.taken()
    yield out.taken()


class Outflow(io.RawIOBase):
    """What an archive is written to, and taken from bit by bit."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, part) -> int:
        self.waiting += part
        return len(part)

    def taken(self) -> bytes:
        part = bytes(self.waiting)
        self.waiting.clear()
        return part


def _related(model: type[Model], names: Sequence[str]) -> list[str]:
    """Return the relations that are read with the rows, so that no row asks the database anew."""
    direct = [field.name for field in model._meta.concrete_fields if field.is_relation]
    return direct + [name for name in names if "__" in name]


def _entry(treatment: PersonalData, row: Model, files: Files) -> dict[str, Any]:
    entry = {name: _readable(row, name) for name in treatment.fields}
    if treatment.files:
        entry["files"] = [_place(files, name, file) for name, file in treatment.files(row)]
    return entry


def _place(files: Files, name: str, file: FieldFile) -> str:
    """Enter a file under a path that no other one has, and return it."""
    name = safe_name(name, LONGEST_IN_ARCHIVE)
    suffix = PurePath(name).suffix or PurePath(file.name).suffix
    path, again = f"files/{PurePath(name).stem}{suffix}", 1
    while path in files:
        again += 1
        path = f"files/{PurePath(name).stem}-{again}{suffix}"
    files[path] = file
    return path


def _readable(row: Model, name: str) -> Any:
    """Return a value as a person reads it: choices in words, rows by their names."""
    *way, last = name.split("__")
    for step in way:
        row = getattr(row, step)
        if row is None:
            return None
    value = getattr(row, last)
    if in_words := getattr(row, f"get_{last}_display", None):
        return str(in_words())
    if isinstance(value, User):
        return value.get_full_name()  # of others the name alone, never the address
    if isinstance(value, Model):
        return str(value)
    if isinstance(value, Manager):
        return [str(one) for one in value.all()]
    return value
