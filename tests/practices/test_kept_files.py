"""Pictures of practices that not everybody may read, under their addresses, old and new."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from core.files import SiteDocument, SiteImage
from core.outbox.models import OutboxJob
from core.pictures import delete_pictures, place_picture
from core.uploads.services import delete_file
from practices.enums import Audience, PracticeKind
from practices.files import JOB, settle_files
from practices.models import PracticeAttachment, PracticePage, PracticePhoto
from tests.contributions.factories import make_draft
from tests.factories import make_commune, make_image, make_news, make_practice, make_user
from tests.members.factories import make_contributor, make_member_collectivity
from tests.practices.test_files import picture, publish, read, with_files

# Wagtail leaves the file in which it draws a rendition to the garbage collector.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

NETWORK = {"kind": PracticeKind.DID_NOT_WORK, "audience": Audience.NETWORK}
PUBLIC = {"kind": PracticeKind.DID_NOT_WORK, "audience": Audience.PUBLIC}


def work() -> None:
    """Do what the worker would."""
    handlers = {
        JOB: settle_files,
        "delete-upload": delete_file,
        "delete-pictures": delete_pictures,
    }
    for kind, run in handlers.items():
        for job in OutboxJob.objects.filter(kind=kind):
            run(job.payload)
            job.delete()


def make_shown(image: SiteImage | None = None, **fields) -> tuple[PracticePage, SiteImage]:
    """A published practice that shows a picture."""
    page = make_practice(language="fr", published=False, **fields)
    return change(page, image or make_image())


def change(page: PracticePage, image: SiteImage | None = None, **fields):
    """Publish a new version of a practice."""
    for name, value in fields.items():
        setattr(page, name, value)
    if image:
        page.photos = [PracticePhoto(image=image, decorative=True, locale=page.locale)]
    page.save_revision().publish()
    work()
    page = PracticePage.objects.get(pk=page.pk)
    return page, page.photos.get().image


def addresses(image: SiteImage) -> list[str]:
    image = SiteImage.objects.get(pk=image.pk)
    return [image.file.url, image.get_rendition("width-20|format-webp").url]


def answers(client, address: str) -> list[int]:
    """Ask in all ways in which a file may be asked for."""
    asked = [
        client.get(address),
        client.head(address),
        client.get(address, headers={"range": "bytes=0-3"}),
        client.get(address, headers={"if-none-match": "*"}),
        client.get(address, headers={"if-none-match": f'"{Path(address).stem}"'}),
    ]
    return [status(response) for response in asked]


def status(response) -> int:
    """Return the status of an answer, and close the file that it hands out."""
    for close in response._resource_closers:
        close()
    return response.status_code


NOT_THERE = [404] * 5


@pytest.fixture
def member():
    return make_contributor(make_member_collectivity()).person


def test_pictures_of_a_page_for_the_network_are_its_peoples(client, member):
    _page, image = make_shown(**NETWORK)
    outside = [make_user(), make_contributor(make_commune()).person]
    for address in addresses(image):
        assert address.startswith("/media/kept/")
        assert answers(client, address) == NOT_THERE
        assert not client.get(address).cookies
        for person in outside:
            client.force_login(person)
            assert answers(client, address) == NOT_THERE
        client.force_login(member)
        assert answers(client, address) == [200, 200, 206, 304, 304]
        response = client.get(address)
        assert response["Cache-Control"] == "private, no-cache"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "Cookie" in response["Vary"]
        read(response)
        client.logout()


def test_nothing_of_a_kept_picture_lies_where_a_web_server_may_hand_it_out():
    before = {one for one in Path(settings.MEDIA_ROOT).rglob("*") if one.is_file()}
    _page, image = make_shown(**NETWORK)
    addresses(image)
    assert {one for one in Path(settings.MEDIA_ROOT).rglob("*") if one.is_file()} <= before
    image.refresh_from_db()
    assert Path(image.file.path).is_relative_to(settings.PRIVATE_ROOT)


def test_what_members_sent_was_never_public(django_capture_on_commit_callbacks, client):
    draft = make_draft()
    page = with_files(draft)
    for name, value in NETWORK.items():
        setattr(page, name, value)
    page.save_revision(clean=False)
    before = {one for one in Path(settings.MEDIA_ROOT).rglob("*") if one.is_file()}
    with django_capture_on_commit_callbacks(execute=True):
        publish(draft)
    image = SiteImage.objects.get()
    assert image.is_kept
    with image.file.open() as file:
        assert file.read() == picture()
    work()
    assert SiteImage.objects.get().file.name == image.file.name
    assert {one for one in Path(settings.MEDIA_ROOT).rglob("*") if one.is_file()} == before
    assert answers(client, image.file.url) == NOT_THERE


def test_page_shows_its_kept_pictures_to_the_network(client, member):
    page, image = make_shown(**NETWORK)
    client.force_login(member)
    shown = client.get(f"/fr/practices/{page.slug}/").content.decode()
    rendition = SiteImage.objects.get(pk=image.pk).renditions.get()
    assert rendition.url in shown
    assert rendition.file.name.startswith("kept/images/")
    read(client.get(rendition.url))


def test_old_addresses_are_dead_once_a_page_is_for_the_network(client, member):
    page, image = make_shown(**PUBLIC)
    old = addresses(image)
    files = [Path(settings.MEDIA_ROOT, one.removeprefix("/media/")) for one in old]
    assert [status(client.get(one)) for one in old] == [200, 200]
    page, image = change(page, audience=Audience.NETWORK)
    client.force_login(member)
    assert [client.get(one).status_code for one in old] == [404, 404]
    assert not any(file.exists() for file in files)
    for address in addresses(image):
        read(client.get(address))


def test_pictures_are_everybodys_once_a_page_is(client):
    page, image = make_shown(**NETWORK)
    kept = addresses(image)
    page, image = change(page, audience=Audience.PUBLIC)
    for address in addresses(image):
        assert not address.startswith("/media/kept/")
        response = client.get(address)
        assert "immutable" in response["Cache-Control"]
        assert status(response) == 200
    assert [client.get(one).status_code for one in kept] == [404, 404]


def test_kept_picture_of_a_page_that_became_public_is_shown_before_the_worker_comes(client):
    page, image = make_shown(**NETWORK)
    kept = addresses(image)
    page.audience = Audience.PUBLIC
    page.save_revision().publish()
    for address in kept:
        response = client.get(address)
        assert "Cookie" not in response.get("Vary", "")
        read(response)


def test_picture_that_is_shown_elsewhere_stays_everybodys(client):
    image = make_image()
    public, _image = make_shown(image)
    news = make_news(picture=make_image())
    for shown in (image, news.picture):
        make_shown(shown, **NETWORK)
        shown.refresh_from_db()
        assert not shown.is_kept
        assert status(client.get(shown.file.url)) == 200
    public.unpublish()
    work()
    image.refresh_from_db()
    assert image.is_kept


def test_pictures_and_documents_of_a_page_that_is_public_no_more_are_kept_back(client, member):
    document = SiteDocument.objects.create(title="R", file=ContentFile(b"%PDF", name="r.pdf"))
    page, image = make_shown()
    page.attachments = [PracticeAttachment(title="R", document=document, locale=page.locale)]
    page, image = change(page)
    old = addresses(image)
    read(client.get(document.url))
    page.unpublish()
    work()
    for address in [*old, *addresses(image), document.url]:
        assert client.get(address).status_code == 404
    client.force_login(member)
    read(client.get(document.url))
    client.logout()
    page, image = change(page)
    for address in addresses(image):
        assert status(client.get(address)) == 200
    read(client.get(document.url))


def test_another_file_in_the_place_of_a_kept_one_is_kept_too():
    _page, image = make_shown(**NETWORK)
    image = SiteImage.objects.get(pk=image.pk)
    image.file = ContentFile(picture(), name="autre.jpg")
    image.save()
    assert image.is_kept
    other = make_image()
    other.file = ContentFile(picture(), name="autre.jpg")
    other.save()
    assert not other.is_kept


def test_picture_that_was_given_another_file_while_it_moved_is_left_as_it_is():
    image = make_image()
    stale = SiteImage.objects.get(pk=image.pk)
    image.file = ContentFile(picture(), name="autre.jpg")
    image.save()
    place_picture(image=stale, kept=True)
    work()
    kept = SiteImage.objects.get(pk=image.pk)
    assert kept.file.name == image.file.name
    assert storages["default"].exists(image.file.name)
    place_picture(image=kept, kept=True)
    place_picture(image=SiteImage.objects.get(pk=image.pk), kept=True)
    work()
    assert SiteImage.objects.get(pk=image.pk).is_kept
    assert not storages["default"].exists(image.file.name)


def test_smaller_versions_of_a_picture_that_is_lost_are_taken_off_too(client):
    page, image = make_shown()
    rendition = addresses(image)[1]
    assert status(client.get(rendition)) == 200
    image.file.storage.delete(image.file.name)
    page.unpublish()
    work()
    assert client.get(rendition).status_code == 404


def test_deleted_picture_takes_its_kept_files_along(django_capture_on_commit_callbacks):
    image = make_image()
    place_picture(image=image, kept=True)
    image = SiteImage.objects.get(pk=image.pk)
    files = [image.file.path, image.get_rendition("width-20|format-webp").file.path]
    assert all(Path(one).exists() for one in files)
    with django_capture_on_commit_callbacks(execute=True):
        image.delete()
    assert not any(Path(one).exists() for one in files)


@pytest.mark.parametrize(
    "path", ["x.jpg", "../documents/x.pdf", "images/../../x.jpg", "x" * 300, "images/%2e%2e/x"]
)
def test_no_other_file_is_found_under_kept_pictures(client, member, path):
    client.force_login(member)
    assert client.get(f"/media/kept/{path}").status_code == 404
