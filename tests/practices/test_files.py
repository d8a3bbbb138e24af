"""Files of drafts: private while a page is written, public once it is, and never lost between."""

from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from PIL import Image
from wagtail.models import Locale, Revision

from contributions.drafts import newest
from contributions.models import Contribution, ContributionFile
from contributions.services.drafts import restore
from core.files import SiteDocument, SiteImage
from core.outbox.models import OutboxJob
from core.uploads.models import Upload
from core.uploads.services import delete_file, keep_upload
from practices.enums import Audience, PracticeKind
from practices.files import JOB, settle_files
from practices.models import PracticeAttachment, PracticePage, PracticePhoto
from tests.contributions.factories import make_author, make_draft
from tests.factories import make_image, make_practice
from tests.members.factories import make_contributor, make_member_collectivity, make_staff

pytestmark = pytest.mark.django_db

# Wagtail leaves the file in which it draws a rendition to the garbage collector.
LEFT_OPEN = "ignore::pytest.PytestUnraisableExceptionWarning"


def picture(size=(64, 40), kind="JPEG") -> bytes:
    content = BytesIO()
    Image.new("RGB", size, "navy").save(content, kind)
    return content.getvalue()


def photo_upload(person, *, name="commune-cachee.jpg", size=(64, 40)) -> Upload:
    return keep_upload(
        file=ContentFile(picture(size), name=name), owner=person, policy="practice-photo"
    )


def document_upload(person, *, name="rapport.pdf") -> Upload:
    file = ContentFile(b"%PDF-1.4\nx\n%%EOF\n", name=name)
    return keep_upload(file=file, owner=person, policy="practice-document")


def with_files(draft: Contribution, *, photos: int = 1, documents: int = 1) -> PracticePage:
    """A draft with photos and documents that were sent, as `add_file` puts them into a version."""
    person = draft.started_by
    page = newest(draft)
    page.photos = [
        PracticePhoto(
            upload=photo_upload(person),
            description=f"Une salle {n}",
            caption=f"Légende {n}",
            sort_order=n,
            locale=page.locale,
        )
        for n in range(photos)
    ]
    page.attachments = [
        PracticeAttachment(
            upload=document_upload(person), title=f"Rapport {n}", sort_order=n, locale=page.locale
        )
        for n in range(documents)
    ]
    for row, role in [(one, "photo") for one in page.photos.all()] + [
        (one, "document") for one in page.attachments.all()
    ]:
        ContributionFile.objects.create(contribution=draft, upload=row.upload, role=role)
    page.save_revision(user=person, clean=False)
    return page


def publish(draft: Contribution) -> PracticePage:
    newest(draft).latest_revision.publish()
    return PracticePage.objects.get(pk=draft.page_id)


def read(response) -> bytes:
    """Return a file that was handed out, closed at its end."""
    assert response.status_code == 200
    content = response.getvalue()
    for close in response._resource_closers:
        close()
    return content


def settle() -> None:
    """Do what the worker would: settle files, delete those of uploads."""
    for kind, run in ((JOB, settle_files), ("delete-upload", delete_file)):
        for job in OutboxJob.objects.filter(kind=kind):
            run(job.payload)
            job.delete()


@pytest.fixture
def draft():
    return make_draft()


@pytest.mark.filterwarnings(LEFT_OPEN)
def test_publishing_makes_a_picture_and_a_document(
    draft, client, django_capture_on_commit_callbacks
):
    with_files(draft)
    assert (SiteImage.objects.count(), SiteDocument.objects.count()) == (0, 0)
    with django_capture_on_commit_callbacks(execute=True):
        page = publish(draft)
    image, document = SiteImage.objects.get(), SiteDocument.objects.get()
    assert page.photos.get().image == image
    assert (image.title, image.alt_fr, image.alt_ar) == ("Une salle 0", "Une salle 0", "")
    assert (image.width, image.height, image.licence) == (64, 40, page.licence)
    assert image.uploaded_by_user is None
    with image.file.open("rb") as file:
        content = file.read()
    assert image.file_size == len(content) == image.file.size
    assert b"commune" not in content
    assert "commune" not in image.file.name
    assert page.attachments.get().document == document
    assert (document.title, document.filename, document.language) == (
        "Rapport 0",
        "rapport.pdf",
        "fr",
    )
    assert "rapport" not in document.file.name
    assert read(client.get(document.url)) == b"%PDF-1.4\nx\n%%EOF\n"
    shown = client.get(f"/fr/practices/{page.slug}/").content.decode()
    assert 'alt="Une salle 0"' in shown
    assert document.url in shown


def test_hash_of_a_picture_is_wagtails(draft, django_capture_on_commit_callbacks):
    with_files(draft)
    with django_capture_on_commit_callbacks(execute=True):
        publish(draft)
    for one in (SiteImage.objects.get(), SiteDocument.objects.get()):
        kept = one.file_hash
        one._set_file_hash()
        assert one.file_hash == kept


def test_uploads_are_deleted_once_the_worker_has_settled_them(
    draft, django_capture_on_commit_callbacks
):
    with_files(draft)
    files = [Path(one.file.path) for one in Upload.objects.all()]
    with django_capture_on_commit_callbacks(execute=True):
        page = publish(draft)
    assert Upload.objects.count() == 2
    settle()
    assert (Upload.objects.count(), ContributionFile.objects.count()) == (0, 0)
    assert [file.exists() for file in files] == [False, False]
    photo, row = page.photos.get(), page.attachments.get()
    assert (photo.upload, row.upload) == (None, None)
    assert (photo.image, row.document) == (SiteImage.objects.get(), SiteDocument.objects.get())


def test_worker_copies_what_was_not_copied_after_the_commit(draft):
    """As when the process dies between the two: the callbacks of this test never run."""
    with_files(draft)
    publish(draft)
    image = SiteImage.objects.get()
    assert not image.file.storage.exists(image.file.name)
    settle()
    assert image.file.size == image.file_size


def test_copy_that_was_broken_off_is_made_anew(draft):
    with_files(draft, documents=0)
    publish(draft)
    image = SiteImage.objects.get()
    image.file.storage.save(image.file.name, ContentFile(b"half"))
    settle()
    assert image.file.size == image.file_size


def test_transaction_that_fails_leaves_no_file_and_no_row(draft):
    with_files(draft)
    media = Path(settings.MEDIA_ROOT)
    before = sorted(media.rglob("*"))
    with transaction.atomic():
        publish(draft)
        transaction.set_rollback(True)
    assert sorted(media.rglob("*")) == before
    assert (SiteImage.objects.count(), SiteDocument.objects.count()) == (0, 0)
    assert Upload.objects.count() == 2
    assert not OutboxJob.objects.filter(kind=JOB).exists()


def test_settling_twice_does_no_harm(draft):
    with_files(draft)
    page = publish(draft)
    settle_files({"page": page.pk})
    settle_files({"page": page.pk})
    assert PracticePage.objects.get(pk=page.pk).photos.get().image == SiteImage.objects.get()


def test_settling_a_page_that_is_gone_does_nothing(draft):
    settle_files({"page": 999_999})
    assert not OutboxJob.objects.filter(kind="delete-upload").exists()


def test_older_version_opens_with_the_picture_and_can_be_restored(draft):
    with_files(draft)
    first = newest(draft).latest_revision
    publish(draft)
    settle()
    earlier = Revision.objects.get(pk=first.pk).as_object()
    image, document = SiteImage.objects.get(), SiteDocument.objects.get()
    assert [row.image for row in earlier.photos.all()] == [image]
    assert [row.document for row in earlier.attachments.all()] == [document]
    restore(
        contribution=Contribution.objects.get(pk=draft.pk),
        revision=Revision.objects.get(pk=first.pk),
        person=draft.started_by,
    )
    page = publish(draft)
    assert page.photos.get().image == image
    assert SiteImage.objects.count() == SiteDocument.objects.count() == 1


def test_published_again_before_the_worker_came_no_second_picture_is_made(draft):
    with_files(draft)
    publish(draft)
    page = newest(draft)
    page.summary = "Une autre"
    page.save_revision(user=draft.started_by, clean=False)
    again = publish(draft)
    assert again.photos.get().image == SiteImage.objects.get()
    settle()
    assert Upload.objects.count() == 0
    assert [row.image for row in newest(draft).photos.all()] == [SiteImage.objects.get()]


def test_upload_that_was_taken_out_before_publishing_stays_private(draft):
    page = with_files(draft, photos=2, documents=0)
    dropped = page.photos.all()[1].upload
    page.photos = [page.photos.all()[0]]
    page.save_revision(user=draft.started_by, clean=False)
    publish(draft)
    settle()
    assert list(Upload.objects.all()) == [dropped]
    assert SiteImage.objects.count() == 1


def test_row_whose_upload_is_gone_is_left_out_of_a_version(draft):
    page = with_files(draft, photos=2)
    for row in (page.photos.all()[0], page.attachments.all()[0]):
        row.upload.delete()
    found = newest(draft)
    assert [row.description for row in found.photos.all()] == ["Une salle 1"]
    assert list(found.attachments.all()) == []


def test_queries_of_publishing_do_not_grow_with_the_files():
    counts = []
    for number in (1, 5):
        draft = make_draft()
        with_files(draft, photos=number, documents=number)
        revision = newest(draft).latest_revision
        with CaptureQueriesContext(connection) as captured:
            revision.publish()
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_translation_shows_the_same_picture(draft):
    page = with_files(draft, documents=0)
    arabic = make_practice(language="ar", published=False, translation_of=page)
    [row] = page.photos.all()
    PracticePhoto.objects.create(
        practice=arabic,
        upload=row.upload,
        description="قاعة",
        locale=Locale.objects.get(language_code="ar"),
    )
    publish(draft)
    settle()
    image = SiteImage.objects.get()
    assert arabic.photos.get().image == image
    PracticePage.objects.get(pk=arabic.pk).save_revision().publish()
    assert SiteImage.objects.count() == 1


def test_preview_shows_the_sent_file_by_its_private_address(draft, client):
    page = with_files(draft)
    client.force_login(draft.started_by)
    with translation.override("fr"):
        shown = client.get(reverse("contribution_preview", args=[draft.pk])).content.decode()
        for row in (page.photos.all()[0], page.attachments.all()[0]):
            assert reverse("contribution_file", args=[draft.pk, row.upload.key]) in shown


def test_document_of_a_page_for_the_network_is_the_networks(client):
    document = SiteDocument.objects.create(title="R", file=ContentFile(b"%PDF", name="r.pdf"))
    page = make_practice(kind=PracticeKind.DID_NOT_WORK, audience=Audience.NETWORK, published=False)
    page.attachments = [PracticeAttachment(title="R", document=document, locale=page.locale)]
    page.save_revision().publish()
    assert client.get(document.url).status_code == 404
    assert client.head(document.url).status_code == 404
    client.force_login(make_contributor(make_member_collectivity()).person)
    assert read(client.get(document.url)) == b"%PDF"
    client.logout()
    public = make_practice(published=False)
    public.attachments = [PracticeAttachment(title="R", document=document, locale=public.locale)]
    public.save_revision().publish()
    assert read(client.get(document.url)) == b"%PDF"


# --- The editors' form --------------------------------------------------------------------------


def edit_form(client, page, **changes):
    """Post the editors' form as it stands, with some values changed; return the answer."""
    from wagtail.test.utils.form_data import querydict_from_html

    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    html = client.get(address).content.decode()
    data = querydict_from_html(html, form_id="page-edit-form")
    for name, value in changes.items():
        data[name] = value
    return client.post(address, data), html


@pytest.mark.usefixtures("wagtails_own_templates")
def test_editor_keeps_the_file_of_a_row_that_was_sent(client):
    draft = make_draft(author=make_author())
    page = with_files(draft)
    client.force_login(make_staff("Editors"))
    response, html = edit_form(client, page, **{"photos-0-caption": "Autre légende"})
    assert response.status_code == 302, response.context["form"].errors
    assert reverse("contribution_file", args=[draft.pk, page.photos.all()[0].upload.key]) in html
    found = newest(draft)
    [photo], [row] = found.photos.all(), found.attachments.all()
    assert (photo.caption, photo.upload) == ("Autre légende", page.photos.all()[0].upload)
    assert row.upload == page.attachments.all()[0].upload


@pytest.mark.usefixtures("wagtails_own_templates")
def test_editor_puts_a_picture_in_the_place_of_what_was_sent(client):
    draft = make_draft(author=make_author())
    page = with_files(draft, documents=0)
    image = make_image(alt_fr="Une image")
    client.force_login(make_staff("Editors"))
    response, _html = edit_form(client, page, **{"photos-0-image": str(image.pk)})
    assert response.status_code == 302, response.context["form"].errors
    [photo] = newest(draft).photos.all()
    assert (photo.image, photo.upload) == (image, None)


@pytest.mark.usefixtures("wagtails_own_templates")
def test_editor_cannot_name_an_upload_of_somebody_else(client):
    draft = make_draft(author=make_author())
    page = with_files(draft, documents=0)
    foreign = photo_upload(make_author())
    client.force_login(make_staff("Editors"))
    response, _html = edit_form(client, page, **{"photos-0-upload": str(foreign.pk)})
    assert response.status_code == 200
    [photo] = newest(draft).photos.all()
    assert photo.upload == page.photos.all()[0].upload


@pytest.mark.usefixtures("wagtails_own_templates")
def test_photo_that_was_sent_needs_words_to_be_published(client):
    """Here in a translation: what members write, an editor publishes on the page of the review."""
    page = with_files(make_draft(author=make_author()), documents=0)
    PracticePage.objects.filter(pk=page.pk).update(live=True)  # a review has let it through
    arabic = make_practice(
        published=False, translation_of=page, collectivities=(make_member_collectivity(),)
    )
    arabic.photos = [PracticePhoto(upload=page.photos.all()[0].upload, locale=arabic.locale)]
    arabic.save_revision()
    client.force_login(make_staff("Editors"))
    changes = {"action-publish": "1"}
    response, _html = edit_form(client, arabic, **changes)
    assert response.status_code == 200
    assert not PracticePage.objects.get(pk=arabic.pk).live
    changes["photos-0-description"] = "قاعة"
    response, _html = edit_form(client, arabic, **changes)
    assert response.status_code == 302, response.context["form"].errors
    assert PracticePage.objects.get(pk=arabic.pk).photos.get().image == SiteImage.objects.get()
