"""
Where pictures lie: most under `MEDIA_ROOT`, where whoever has the address may see them. Some are
kept back, in the private storage, and handed out by `core.views.kept_picture` to those who may.

The name of a picture's file tells which: one that is kept back begins with `KEPT`.
"""

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, storages
from django.utils.deconstruct import deconstructible

KEPT = "kept/"


@deconstructible
class PictureStorage(FileSystemStorage):
    """The folder of pictures; what is kept back lies in the private one, under the same name."""

    def path(self, name: str) -> str:
        storage = storages["private"] if str(name).startswith(KEPT) else super()
        return storage.path(name)

    def _save(self, name: str, content: File) -> str:
        # Each gives the name back as seen from its own folder.
        storage = storages["private"] if name.startswith(KEPT) else super()
        return storage._save(name, content)
