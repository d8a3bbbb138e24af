import os
import struct
import zipfile
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import ProtectedError
from django.db.models.signals import pre_delete
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from core.files import SiteDocument, private_storage
from core.outbox.worker import Worker
from core.uploads import content
from core.uploads.forms import UploadField
from core.uploads.models import Upload
from core.uploads.policies import KINDS, UploadPolicy, policies, register_upload_policy
from core.uploads.services import (
    UploadRefused,
    clear_uploads,
    delete_upload,
    display_name,
    hand_out,
    keep_upload,
)
from tests.members.world import staff

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def policy(monkeypatch):
    """A policy that takes every kind, up to 1 MB."""
    monkeypatch.setitem(
        policies, "any", UploadPolicy("any", "Any", tuple(KINDS), max_bytes=1024 * 1024)
    )
    monkeypatch.setitem(policies, "pdf", UploadPolicy("pdf", "PDF", ("pdf",)))


def picture(kind: str = "PNG", size=(40, 30), **options) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, "navy").save(file, kind, **options)
    return file.getvalue()


def archive(entries: dict[str, bytes], compression=zipfile.ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", compression) as one:
        for name, text in entries.items():
            one.writestr(name, text)
    return file.getvalue()


DOCX = archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
XLSX = archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"})
ODT = archive(
    {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<o/>"},
    zipfile.ZIP_STORED,
)


def damaged_mimetype() -> bytes:
    """An archive whose directory is whole and whose first part cannot be unpacked."""
    whole = archive({"mimetype": b"application/vnd.oasis.opendocument.text"})
    start = 30 + len("mimetype")
    return whole[:start] + b"\xff" * 6 + whole[start + 6 :]


def many_entries(count: int) -> bytes:
    """An archive with a directory of so many entries that say nothing."""
    first = b"PK\x03\x04" + struct.pack("<5H3I2H", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    entry = b"PK\x01\x02" + struct.pack("<6H3I5H2I", 20, 20, *[0] * 7, 1, *[0] * 6) + b"a"
    end = struct.pack("<4H2IH", 0, 0, 1, 1, len(entry) * count, len(first), 0)
    return first + entry * count + b"PK\x05\x06" + end


def sent(data: bytes, name: str = "file.bin", content_type: str = "text/html"):
    return SimpleUploadedFile(name, data, content_type)


def keep(data: bytes, name: str = "file.bin", policy: str = "any") -> Upload:
    return keep_upload(file=sent(data, name), owner=None, policy=policy)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PDF, "pdf"),
        (picture("PNG"), "png"),
        (picture("JPEG"), "jpeg"),
        (picture("WEBP"), "webp"),
        (DOCX, "docx"),
        (XLSX, "xlsx"),
        (ODT, "odt"),
        ("محضر الدورة\n".encode(), "txt"),
    ],
)
def test_content_tells_the_kind_whatever_the_name_says(data, kind):
    upload = keep(data, "page.html")
    assert (upload.content_type, upload.name) == (
        KINDS[kind].content_type,
        f"page{KINDS[kind].suffix}",
    )
    assert upload.file.name.endswith(KINDS[kind].suffix)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"x" * (1024 * 1024 + 1), "size"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "type"),
        (b"  <!DOCTYPE html><p>", "type"),
        (b"<?php echo 1;", "type"),
        (b"MZ\x00\x01" + b"\x00" * 100, "type"),
        (b"caf\xe9", "type"),
        (b"\x00" * 20, "type"),
        (PDF.replace(b"%%EOF", b""), "damaged"),
        (PDF + archive({"a": b"b"}), "type"),
        (PDF + archive({"a": b"b"})[:-2] + struct.pack("<H", 5000) + b"%%EOF" * 1000, "type"),
        (PDF.replace(b"1 0 obj", b"<html><script>alert(1)</script>"), "type"),
        (b"#!/bin/sh\necho", "type"),
        (picture("PNG")[:60], "damaged"),
        (picture("JPEG", (400, 300))[:-1500], "damaged"),
        (picture("GIF"), "type"),
        (archive({"a.txt": b"plain archive"}), "type"),
        (archive({"[Content_Types].xml": b"", "word/document.xml": b"0" * 400_000}), "size"),
        (
            archive(
                {
                    "[Content_Types].xml": b"<Types/>",
                    "word/document.xml": b"<w/>",
                    "word/vbaProject.bin": b"macro",
                }
            ),
            "type",
        ),
        (DOCX[:80], "damaged"),
        (damaged_mimetype(), "damaged"),
        (many_entries(5_001), "size"),
    ],
    # Not the bytes: an archive holds the time, and workers collect at different moments.
    ids=lambda value: value if isinstance(value, str) else "data",
)
def test_what_is_no_plain_file_is_refused_and_nothing_kept(data, code):
    with pytest.raises(UploadRefused) as refused:
        keep(data, "minutes.pdf")
    assert refused.value.code == code
    assert str(refused.value)
    assert Upload.objects.count() == 0


def test_large_directory_of_an_archive_is_not_even_read(monkeypatch):
    assert content.kind_of(BytesIO(DOCX)) == "docx"
    monkeypatch.setattr(content, "LARGEST_DIRECTORY", 100)
    with pytest.raises(content.TooMuch):
        content.kind_of(BytesIO(DOCX))


def test_picture_of_many_pixels_is_refused_from_its_head(settings):
    settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = 1_000
    with pytest.raises(UploadRefused) as refused:
        keep(picture("PNG", (40, 30)))
    assert refused.value.code == "size"
    with pytest.raises(UploadRefused) as refused:
        keep(picture("PNG", (11_000, 11_000)))
    assert refused.value.code == "size"
    settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = 1_200
    assert keep(picture("PNG", (40, 30))).content_type == "image/png"


def test_policy_takes_its_own_kinds_only():
    assert keep(PDF, policy="pdf").policy == "pdf"
    with pytest.raises(UploadRefused) as refused:
        keep(picture("PNG"), policy="pdf")
    assert refused.value.code == "type"


def test_place_and_camera_are_taken_out_of_a_photo():
    exif = Image.Exif()
    exif[0x0110] = "Camera of a person"
    upload = keep(picture("JPEG", exif=exif.tobytes()))
    with upload.file.open("rb") as file:
        stored = file.read()
    assert b"Camera of a person" not in stored
    assert (upload.size, upload.sha256) == (len(stored), sha256(stored).hexdigest())


def test_photo_of_a_telephone_with_a_second_picture_behind_it_is_a_jpeg():
    second = Image.new("RGB", (20, 10), "red")
    data = picture("MPO", save_all=True, append_images=[second])
    upload = keep(data, "IMG_1.jpg")
    with upload.file.open("rb") as file, Image.open(file) as kept:
        assert (kept.format, kept.size, upload.name) == ("JPEG", (40, 30), "IMG_1.jpg")


def test_picture_is_found_damaged_by_the_form_already():
    exif = Image.Exif()
    exif[0x0110] = "Camera"
    whole = picture("WEBP", exif=exif.tobytes())
    assert OnePicture({}, {"photo": sent(whole)}).is_valid()
    form = OnePicture({}, {"photo": sent(whole.replace(b"MM\x00*", b"MM\x00!"))})
    assert [error.code for error in form.errors.as_data()["photo"]] == ["damaged"]


def test_what_the_form_gives_is_kept_without_being_written_anew_again():
    form = OnePicture({}, {"photo": sent(picture("WEBP"))})
    assert form.is_valid()
    bare = form.cleaned_data["photo"]
    upload = keep_upload(file=bare, owner=None, policy="any")
    with upload.file.open("rb") as file:
        assert (file.read(), upload.name) == (bare.file.getvalue(), "file.webp")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("محضر الدورة.pdf", "محضر الدورة.pdf"),
        ("minutes.pdf.exe", "minutes.pdf"),
        ("minutes.html.pdf", "minutes.pdf"),
        ("MINUTES.PDF", "MINUTES.pdf"),
        ("PV 12.05.2026.pdf", "PV 12.05.2026.pdf"),
        ("محضر M.Alami.pdf", "محضر M.Alami.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\tmp\\minutes.pdf", "minutes.pdf"),
        ("a\u202egnp.pdf", "agnp.pdf"),
        ("", "file.pdf"),
        ("م" * 250 + ".pdf", "م" * 250 + ".pdf"),
        ("م" * 260 + ".pdf", "م" * 251 + ".pdf"),
        ("😀" * 250 + ".pdf", "😀" * 250 + ".pdf"),
    ],
)
def test_name_is_kept_for_people_and_tells_what_the_file_is(name, shown):
    assert display_name(name, ".pdf") == shown
    assert len(shown) <= 255


def test_long_arabic_name_is_safe_on_the_disk():
    upload = keep(PDF, "م" * 250 + ".pdf")
    assert len(upload.file.name.encode()) < 100
    assert os.path.exists(upload.file.path)


class OneFile(forms.Form):
    document = UploadField(policy="pdf", required=False)


class OnePicture(forms.Form):
    photo = UploadField(policy="any")


@pytest.mark.parametrize(
    ("name", "kind", "megabytes", "words"),
    [
        ("pdf", "pdf", 25, "two upload policies"),
        ("new", "exe", 25, "no such kinds"),
        ("new", "pdf", 26, "UPLOAD_MAX_BYTES"),
    ],
)
def test_policy_that_cannot_hold_is_not_registered(name, kind, megabytes, words):
    before = dict(policies)
    size = megabytes * 1024 * 1024
    with pytest.raises(ValueError, match=words):
        register_upload_policy(UploadPolicy(name, "Wrong", (kind,), max_bytes=size))
    assert policies == before
    register_upload_policy(UploadPolicy("new", "Right", ("pdf",), max_bytes=25 * 1024 * 1024))
    assert policies.pop("new").label == "Right"


def test_field_tells_beforehand_and_refuses_in_words():
    assert str(OneFile().fields["document"].help_text) == policies["pdf"].hint
    assert OneFile({}, {"document": sent(PDF)}).is_valid()
    assert OneFile({}, {}).is_valid()
    form = OneFile({}, {"document": sent(b"<html>")})
    assert [error.code for error in form.errors.as_data()["document"]] == ["type"]


def test_file_beyond_the_limit_is_dropped_and_the_rest_of_the_form_kept(settings):
    settings.UPLOAD_MAX_BYTES = 3 * 1024 * 1024
    body = {"message": "kept", "document": sent(b"%PDF-" + b"x" * (4 * 1024 * 1024), "a.pdf")}
    request = RequestFactory().post("/", body)
    assert request.POST["message"] == "kept"
    file = request.FILES["document"]
    assert (file.too_large, file.size <= settings.UPLOAD_MAX_BYTES) == (True, True)
    form = OneFile(request.POST, request.FILES)
    assert [error.code for error in form.errors.as_data()["document"]] == ["size"]
    request.close()


def test_whoever_sends_far_more_is_cut_off_and_nothing_stays(settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    body = {"message": "kept", "document": sent(b"x" * (5 * 1024 * 1024), "a.pdf")}
    request = RequestFactory().post("/", body)
    assert (request.POST["message"], dict(request.FILES)) == ("kept", {})


def test_wagtails_own_limits_lie_below_the_one_at_which_files_are_cut_off(settings):
    largest = max(settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE, settings.WAGTAILDOCS_MAX_UPLOAD_SIZE)
    assert largest < settings.UPLOAD_MAX_BYTES


def test_document_of_wagtail_comes_whole_by_way_of_the_disk(client):
    data = PDF.replace(b"endobj", b"%" + b"x" * (3 * 1024 * 1024) + b"\nendobj")
    fields = {"title": "Large", "file": sent(data, "a.pdf"), "collection": 1}
    client.force_login(staff("Administrators"))
    assert client.post(reverse("wagtaildocs:add"), fields).status_code == 302
    kept = SiteDocument.objects.get()
    with kept.file.open("rb") as file:
        assert file.read() == data


def test_file_within_the_limit_comes_whole_by_way_of_the_disk(settings):
    settings.UPLOAD_MAX_BYTES = 5 * 1024 * 1024
    data = PDF.replace(b"endobj", b"%" + b"x" * (3 * 1024 * 1024) + b"\nendobj")
    request = RequestFactory().post("/", {"document": sent(data, "a.pdf")})
    file = request.FILES["document"]
    assert (file.temporary_file_path() != "", file.too_large) == (True, False)
    assert keep_upload(file=file, owner=None, policy="pdf").size == len(data)
    request.close()


def test_file_is_handed_out_to_be_saved_and_runs_nowhere(rf):
    upload = keep("نص".encode(), "note.txt")
    response = hand_out(rf.get("/"), upload)
    assert response.getvalue() == "نص".encode()
    response.close()
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-cache"


def test_what_nobody_refers_to_is_cleared_after_two_days():
    old, new = keep(PDF), keep(PDF)
    Upload.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=49))
    clear_uploads()
    Worker().run(until_empty=True)
    assert list(Upload.objects.all()) == [new]
    assert not private_storage().exists(old.file.name)
    assert private_storage().exists(new.file.name)


def test_file_stays_where_its_row_cannot_be_deleted():
    upload = keep(PDF)

    def refuse(**kwargs):
        raise ProtectedError("somebody refers to it", set())

    pre_delete.connect(refuse, sender=Upload)
    try:
        with pytest.raises(ProtectedError):
            delete_upload(upload=upload)
    finally:
        pre_delete.disconnect(refuse, sender=Upload)
    Worker().run(until_empty=True)
    assert private_storage().exists(upload.file.name)


def test_what_a_row_refers_to_stays(django_user_model):
    from members.models import CharterVersion, Signature
    from tests.factories import make_commune, make_user

    upload = keep(PDF)
    Upload.objects.update(created_at=timezone.now() - timedelta(days=400))
    version = CharterVersion.objects.create(number=1, text_ar="<p>a</p>", text_fr="<p>a</p>")
    Signature.objects.create(
        collectivity=make_commune(), version=version, person=make_user(), name="N", office="O",
        document=upload,
    )  # fmt: skip
    clear_uploads()
    assert list(Upload.objects.all()) == [upload]


def test_file_without_a_row_is_cleared_when_it_is_old():
    storage = private_storage()
    upload = keep(PDF)
    name = upload.file.name
    Upload.objects.all().delete()
    clear_uploads()
    assert storage.exists(name)
    past = (timezone.now() - timedelta(days=3)).timestamp()
    os.utime(storage.path(name), (past, past))
    clear_uploads()
    assert not storage.exists(name)


def test_sign_of_several_bytes_may_be_cut_where_a_text_is_read_in_parts():
    data = b"x" * (64 * 1024 - 1) + "ي".encode()
    assert content.kind_of(BytesIO(data)) == "txt"
