"""Pictures for everybody and pictures that are kept back: moved from the one place to the other."""

from django.core.files.storage import storages
from django.db import transaction

from core import outbox
from core.files import SiteImage
from core.outbox.registry import Payload


def place_picture(*, image: SiteImage, kept: bool) -> None:
    """
    Have a picture lie where everybody, or where only some may see it. It gets a new name, so that
    nothing stands at its old addresses any more; its smaller versions are made anew when shown.

    Not to be called within a transaction. Done twice, it does no harm.
    """
    if image.is_kept == kept:
        return
    storage, old = image.file.storage, image.file.name
    new = SiteImage.file_name(old, kept=kept)
    if storage.exists(old):  # of one that is lost, what was made of it goes
        with storage.open(old) as file:
            storage.save(new, file)
    with transaction.atomic():
        if SiteImage.objects.filter(pk=image.pk, file=old).update(file=new):
            gone = [old, *image.renditions.values_list("file", flat=True)]
            image.renditions.all().delete()
        else:  # it was given another file meanwhile
            gone = [new]
        outbox.enqueue("delete-pictures", {"files": gone})


@outbox.handler("delete-pictures")
def delete_pictures(payload: Payload) -> None:
    """Delete files that no picture names any more; one that is gone already is no fault."""
    for name in payload["files"]:
        storages["default"].delete(name)
