"""
What becomes of the files that members send, when their page is published.

While a page is written its photos and documents are private uploads, named in the rows of its
revisions. Publishing makes pictures and documents of them, in the transaction that publishes; their
bytes are copied once it is certain, so that nothing stays behind where it fails. The worker then
puts the picture in the place of the upload in all older versions too, so that they open as before,
and deletes the upload.

Pictures and documents of practices that are for the network, or public no more, are handed out to
its people alone.
"""

import json
from collections.abc import Iterable, Mapping
from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import File
from django.core.files.storage import Storage
from django.db import models, transaction
from django.db.models import Case, Value, When
from django.http import Http404
from PIL import Image
from wagtail import hooks
from wagtail.models import Page, ReferenceIndex, Revision
from wagtail.models.media import get_root_collection_id
from wagtail.search import index
from wagtail.utils.file import hash_filelike
from wagtail_localize.models import TranslationSource

from contributions.models import Contribution
from core import outbox
from core.files import SiteDocument, SiteImage, generated_name
from core.outbox.registry import Payload
from core.pictures import place_picture
from core.uploads.models import Upload
from core.uploads.services import delete_upload
from members.permissions import is_of_network
from practices.enums import Audience

JOB = "settle-files"
REVISIONS_AT_ONCE = 50
# The rows that hold files, and the field for what publishing makes of what was sent.
FILE_FIELDS = {"photos": "image", "attachments": "document"}


def make_files_of_uploads(page) -> None:
    """
    Make pictures and documents of the uploads that a page's rows name, in the caller's transaction
    and in a number of queries that does not grow with the rows. To be called before the page is
    saved. A page that hides its collectivity gets no documents.

    Leaves the copying of the bytes to the moment after the transaction, and to the worker if that
    fails; the rows go on naming the uploads until the worker has settled all.

    :param page: a practice that is or becomes public, with the rows that are to be saved
    """
    photos = _to_be_made(page, "photos")
    attachments = [] if page.hides_collectivity else _to_be_made(page, "attachments")
    if not photos and not attachments:
        return
    uploads = Upload.objects.in_bulk({row.upload_id for row in (*photos, *attachments)})
    collection = get_root_collection_id()
    made = [
        *_make(photos, "image", SiteImage, partial(_picture, page, collection), uploads),
        *_make(
            attachments, "document", SiteDocument, partial(_document, page, collection), uploads
        ),
    ]
    # Fails safely: the worker copies what is not there.
    transaction.on_commit(partial(_store_all, made), robust=True)
    outbox.enqueue(JOB, {"page": page.pk}, key=str(page.pk))


def _to_be_made(page, rows: str) -> list:
    manager = getattr(page, rows)
    if not manager.is_deferring:  # they were saved with their files, or as rows of a draft
        return []
    return [
        row
        for row in manager.all()
        if row.upload_id and not getattr(row, f"{FILE_FIELDS[rows]}_id")
    ]


def _make(rows: list, field: str, model, make, uploads: Mapping[int, Upload]) -> list[tuple]:
    """
    Give rows their files; of an upload that is published already, here or in another language, the
    one that was made of it.

    :returns: the files whose bytes are to be copied, with what they were made of
    """
    if not rows:
        return []
    keys = {row.upload_id for row in rows}
    earlier = type(rows[0])._base_manager.filter(upload__in=keys, **{f"{field}__isnull": False})
    found = dict(earlier.values_list("upload", field))
    new = {
        row.upload_id: make(row, uploads[row.upload_id])
        for row in rows
        if row.upload_id not in found
    }
    model.objects.bulk_create(new.values())
    for row in rows:
        setattr(row, f"{field}_id", found.get(row.upload_id) or new[row.upload_id].pk)
    return [(one.file, uploads[key].file) for key, one in new.items()]


def _picture(page, collection: int, row, upload: Upload) -> SiteImage:
    """Return a picture of an upload, which holds no metadata any more; its name tells nothing."""
    with upload.file.open("rb") as file, Image.open(file) as picture:
        width, height = picture.size
        digest = hash_filelike(file)
    return SiteImage(
        title=row.description or page.title,
        file=SiteImage.file_name(upload.file.name, kept=page.audience != Audience.PUBLIC),
        width=width,
        height=height,
        file_size=upload.size,
        file_hash=digest,
        licence=page.licence,
        collection_id=collection,
        **{f"alt_{page.language}": row.description},
    )


def _document(page, collection: int, row, upload: Upload) -> SiteDocument:
    with upload.file.open("rb") as file:
        digest = hash_filelike(file)
    return SiteDocument(
        title=row.title or upload.name,
        file=generated_name("documents", upload.file.name),
        display_name=upload.name,
        file_size=upload.size,
        file_hash=digest,
        licence=page.licence,
        language=page.language,
        collection_id=collection,
    )


def _store_all(files: Iterable[tuple]) -> None:
    for made, sent in files:
        store(made.storage, made.name, sent)


def store(storage: Storage, name: str, sent) -> None:
    """Copy an upload's bytes under a name. Where they lie there whole, nothing is done."""
    if storage.exists(name):
        if storage.size(name) == sent.size:
            return
        storage.delete(name)  # a copy that was broken off
    with sent.open("rb") as file:
        storage.save(name, File(file))


# --- Settling -----------------------------------------------------------------------------------


@outbox.handler(JOB, atomic=False)
def settle_files(payload: Payload) -> None:
    """
    Put the pictures and documents of a published page in the place of the uploads that they were
    made of, in all rows and versions; enter them in the administration's search; delete the
    uploads. Have its pictures lie where those who may read it find them. Done twice, it does no
    harm.
    """
    key = Page.objects.filter(pk=payload["page"]).values_list("translation_key", flat=True).first()
    if key is None:
        return  # deleted meanwhile; its uploads are cleared away, as nothing names them
    _settle_uploads(key)
    for image in _pictures(key):
        place_picture(image=image, kept=not is_for_everybody(image))


def _settle_uploads(key: UUID) -> None:
    made = {name: _made(name, key) for name in FILE_FIELDS}
    if not any(made.values()):
        return
    uploads = {row.upload_id: row.upload for rows in made.values() for row in rows}
    for name, rows in made.items():
        for row in rows:
            file = getattr(row, FILE_FIELDS[name]).file
            store(file.storage, file.name, row.upload.file)
    with transaction.atomic():
        # Whoever saves a version meanwhile waits, and finds all settled.
        list(Contribution.objects.select_for_update().filter(page__translation_key=key))
        files = {
            name: {row.upload_id: getattr(row, f"{FILE_FIELDS[name]}_id") for row in rows}
            for name, rows in made.items()
        }
        _settle_versions(key, files)
        for name, rows in made.items():
            _settle_rows(name, files[name], {type(row) for row in rows})
        for upload in uploads.values():
            delete_upload(upload=upload)
    for name, rows in made.items():
        for row in rows:
            index.insert_or_update_object(getattr(row, FILE_FIELDS[name]))


def _pictures(translation_key: UUID) -> Iterable[SiteImage]:
    from practices.models import PracticePhoto

    rows = PracticePhoto.objects.filter(practice__translation_key=translation_key)
    return SiteImage.objects.filter(pk__in=rows.order_by().values("image"))


def _made(name: str, translation_key) -> list:
    """Return the rows of a practice that name an upload and what was made of it."""
    from practices.models import PracticePage

    model = PracticePage._meta.get_field(name).related_model
    field = FILE_FIELDS[name]
    return list(
        model._base_manager.filter(
            practice__translation_key=translation_key,
            upload__isnull=False,
            **{f"{field}__isnull": False},
        ).select_related("upload", field)
    )


def _settle_rows(name: str, files: Mapping[int, int], models_: set[type[models.Model]]) -> None:
    """Give all rows that name an upload what was made of it, those of copied drafts too."""
    field = FILE_FIELDS[name]
    for model in models_:
        rows = model._base_manager.filter(upload__in=files)
        whens = [When(upload=key, then=Value(pk)) for key, pk in files.items()]
        rows.filter(**{field: None}).update(**{field: Case(*whens)})
        rows.update(upload=None)


def _settle_versions(translation_key, files: Mapping[str, Mapping[int, int]]) -> None:
    """Write what was made of the uploads into the versions of a page and its translations."""
    pages = Page.objects.filter(translation_key=translation_key).values_list("pk", flat=True)
    revisions = Revision.page_revisions.filter(object_id__in=[str(pk) for pk in pages])
    changed = [one for one in revisions.only("content") if _settle(one.content, files)]
    Revision.objects.bulk_update(changed, ["content"], batch_size=REVISIONS_AT_ONCE)
    for source in TranslationSource.objects.filter(object_id=translation_key):
        content = json.loads(source.content_json)
        if _settle(content, files):
            source.content_json = json.dumps(content)
            source.save(update_fields=["content_json"])


def _settle(content: dict, files: Mapping[str, Mapping[int, int]]) -> bool:
    """Put files in the place of their uploads; tell whether there were any."""
    changed = False
    for name, of_uploads in files.items():
        for row in content.get(name, ()):
            if row.get("upload") in of_uploads:
                row[FILE_FIELDS[name]] = row[FILE_FIELDS[name]] or of_uploads[row["upload"]]
                row["upload"] = None
                changed = True
    return changed


# --- Files of what is kept to the network -------------------------------------------------------


def place_pictures_later(page) -> None:
    """
    Leave it to the worker to move the pictures of a page that may have changed its readers. To be
    called in the transaction that saves it, after it is saved.
    """
    outbox.enqueue(JOB, {"page": page.pk}, key=str(page.pk))


def is_for_everybody(file: SiteImage | SiteDocument) -> bool:
    """Return whether a public practice, or something that is no practice, shows a file."""
    from practices.models import PracticePage

    named_in = "photos__image" if isinstance(file, SiteImage) else "attachments__document"
    if PracticePage.objects.visible().filter(**{named_in: file}).exists():
        return True
    practices = ContentType.objects.get_for_model(PracticePage)
    return ReferenceIndex.get_references_to(file).exclude(content_type=practices).exists()


@hooks.register("may_see_kept_picture")
def may_see_picture(image: SiteImage, request) -> bool:
    """Tell whether somebody may see a picture that is kept back: people of the network may."""
    return is_for_everybody(image) or _comes_from_the_network(request)


@hooks.register("before_serve_document")
def keep_to_the_network(document: SiteDocument, request) -> None:
    """
    Give a document of practices that are not public to the people of the network alone.

    :raises Http404: for the others, for whom it is not there
    """
    from practices.models import PracticePage

    naming = PracticePage.objects.filter(attachments__document=document)
    if not naming.exists() or is_for_everybody(document):
        return
    if not _comes_from_the_network(request):
        raise Http404("There is no such document.")


def _comes_from_the_network(request) -> bool:
    # Nobody's session is looked at for what is public.
    return settings.SESSION_COOKIE_NAME in request.COOKIES and is_of_network(request.user)
