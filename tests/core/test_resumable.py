import os
import tracemalloc
from base64 import b64encode
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone
from PIL import Image

from config.urls import urlpatterns as site_urlpatterns
from core.downloads import LONGEST_NAME
from core.files import private_storage
from core.outbox.worker import Worker
from core.uploads import protocol
from core.uploads.models import PartialUpload, Upload
from core.uploads.policies import UploadPolicy, policies
from core.uploads.resumable import (
    MOST_OPEN,
    NotWhole,
    TooLong,
    WrongOffset,
    append,
    begin_upload,
    finish,
)
from core.uploads.services import UploadRefused, clear_uploads
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

MEGABYTE = 1024 * 1024
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
POLICY = UploadPolicy("any", "Any", ("pdf", "jpeg", "csv"), max_bytes=20 * MEGABYTE)
TUS = {"Tus-Resumable": "1.0.0"}


def announce(request):
    return protocol.create(
        request, policy=POLICY, location=lambda key: reverse("test_part", args=[key])
    )


def part(request, key):
    return protocol.transfer(request, key, on_finished=lambda upload: {"upload": upload.pk})


urlpatterns = [
    path("fr/send/", announce),
    path("fr/send/<uuid:key>/", part, name="test_part"),
    path("fr/elsewhere/<uuid:key>/", part),
    *site_urlpatterns,
]


@pytest.fixture(autouse=True)
def policy(monkeypatch):
    """A policy that takes three kinds, up to 20 MB."""
    monkeypatch.setitem(policies, "any", POLICY)


@pytest.fixture
def person():
    return make_user()


@pytest.fixture
def member(client, person):
    client.force_login(person)
    return client


def begin(person, size: int = len(PDF), name: str = "minutes.pdf") -> PartialUpload:
    return begin_upload(owner=person, policy="any", name=name, size=size)


def begin_and_send(person, data: bytes, name: str = "minutes.pdf") -> PartialUpload:
    return append(upload=begin(person, len(data), name), offset=0, chunks=[data])


def content_of(upload: Upload | PartialUpload) -> bytes:
    with upload.file.open("rb") as file:
        return file.read()


def metadata(**told: str) -> str:
    return ",".join(f"{name} {b64encode(text.encode()).decode()}" for name, text in told.items())


def post(client, size: int | str = len(PDF), told: str | None = None, **headers):
    told = metadata(filename="minutes.pdf") if told is None else told
    given = {**TUS, "Upload-Length": str(size), "Upload-Metadata": told, **headers}
    return client.post("/fr/send/", content_type="text/plain", data=b"", headers=given)


def patch(client, address: str, offset: int | str, data: bytes, **extra):
    return client.patch(
        address,
        data,
        headers={**TUS, "Upload-Offset": str(offset)},
        CONTENT_TYPE=protocol.PART_TYPE,  # named so, it stands at an empty part too
        **extra,
    )


def offset_of(client, address: str) -> int:
    answer = client.head(address, headers=TUS)
    assert answer.status_code == 200
    return int(answer["Upload-Offset"])


def work() -> None:
    Worker().run(until_empty=True)


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x0110] = "Camera of a person"
    file = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(file, "JPEG", exif=exif.tobytes())
    return file.getvalue()


# --- Services -----------------------------------------------------------------------------------


def test_file_that_came_in_parts_is_kept_whole(person):
    upload = begin(person, name="محضر الدورة.pdf")
    path = upload.file.name
    append(upload=upload, offset=0, chunks=[PDF[:5], PDF[5:10]])
    assert (content_of(upload), upload.file.name.split("/")[0]) == (PDF[:10], "partial")
    whole = append(upload=upload, offset=10, chunks=iter([PDF[10:]]))
    assert whole.received == len(PDF)
    kept = finish(upload=whole)
    assert (content_of(kept), kept.owner, kept.name, kept.size, kept.policy) == (
        PDF, person, "محضر الدورة.pdf", len(PDF), "any",
    )  # fmt: skip
    assert kept.sha256 == sha256(PDF).hexdigest()
    assert not private_storage().exists(path)


def test_finished_again_it_is_the_same_upload(person):
    upload = begin_and_send(person, PDF)
    first = finish(upload=upload)
    assert finish(upload=upload) == first
    assert finish(upload=PartialUpload.objects.get()) == first
    assert Upload.objects.count() == 1


def test_what_misses_something_is_not_finished(person):
    upload = append(upload=begin(person), offset=0, chunks=[PDF[:-1]])
    with pytest.raises(NotWhole):
        finish(upload=upload)
    append(upload=upload, offset=len(PDF) - 1, chunks=[PDF[-1:]])
    assert finish(upload=upload).size == len(PDF)


@pytest.mark.parametrize(("size", "code"), [(0, "empty"), (20 * MEGABYTE + 1, "size")])
def test_announced_size_is_refused_before_anything_is_sent(person, size, code):
    with pytest.raises(UploadRefused) as refused:
        begin(person, size)
    assert refused.value.code == code
    assert PartialUpload.objects.count() == 0
    assert begin(person, 20 * MEGABYTE).size == 20 * MEGABYTE


def test_no_more_than_twenty_are_on_the_way_at_once(person):
    first = begin_and_send(person, PDF)
    for _n in range(MOST_OPEN - 1):
        begin(person)
    with pytest.raises(UploadRefused) as refused:
        begin(person)
    assert (refused.value.code, str(MOST_OPEN) in str(refused.value)) == ("open", True)
    assert begin(make_user()).received == 0
    finish(upload=first)
    assert begin(person).received == 0


@pytest.mark.parametrize("offset", [0, 9, 11])
def test_part_that_does_not_continue_is_refused_with_the_right_place(person, offset):
    upload = append(upload=begin(person), offset=0, chunks=[PDF[:10]])
    with pytest.raises(WrongOffset) as wrong:
        append(upload=upload, offset=offset, chunks=[b"something else"])
    assert (wrong.value.offset, content_of(upload)) == (10, PDF[:10])


def test_two_windows_at_once_do_not_mix(person):
    upload = begin(person)
    other = PartialUpload.objects.get(pk=upload.pk)

    def slow():
        yield PDF[:20]
        append(upload=other, offset=0, chunks=[PDF[:10]])  # is there before
        yield PDF[20:]

    with pytest.raises(WrongOffset) as wrong:
        append(upload=upload, offset=0, chunks=slow())
    assert (wrong.value.offset, content_of(upload)) == (10, PDF[:10])


def test_no_lock_is_held_while_a_part_comes_slowly(person):
    upload = begin(person)
    blocks = []

    def chunks():
        blocks.append(len(connection.savepoint_ids))
        yield PDF

    before = len(connection.savepoint_ids)
    append(upload=upload, offset=0, chunks=chunks())
    assert blocks == [before]


def test_never_more_is_written_than_was_announced(person):
    upload = append(upload=begin(person), offset=0, chunks=[PDF[:10]])
    with pytest.raises(TooLong):
        append(upload=upload, offset=10, chunks=[PDF[10:], b"x"])
    upload.refresh_from_db()
    assert (upload.received, content_of(upload)) == (10, PDF[:10])
    with pytest.raises(IntegrityError), transaction.atomic():
        PartialUpload.objects.update(received=len(PDF) + 1)


def test_part_that_was_written_and_not_noted_is_written_over(person):
    upload = append(upload=begin(person), offset=0, chunks=[PDF[:10]])
    with open(upload.file.path, "ab") as file:
        file.write(b"left by a process that was killed")
    append(upload=upload, offset=10, chunks=[PDF[10:]])
    assert content_of(finish(upload=upload)) == PDF


def test_content_that_is_refused_is_gone_with_its_row(person):
    upload = begin_and_send(person, b"<html><script>alert(1)</script>")
    with pytest.raises(UploadRefused) as refused:
        finish(upload=upload)
    work()
    assert (refused.value.code, PartialUpload.objects.count(), Upload.objects.count()) == (
        "type", 0, 0,
    )  # fmt: skip
    assert not private_storage().exists(upload.file.name)


def test_photo_loses_its_camera_and_the_parts_are_deleted(person):
    upload = begin_and_send(person, photo(), "IMG_1.jpg")
    assert b"Camera of a person" in content_of(upload)
    kept = finish(upload=upload)
    work()
    assert b"Camera of a person" not in content_of(kept)
    assert (kept.content_type, private_storage().exists(upload.file.name)) == ("image/jpeg", False)


def test_name_decides_between_list_and_text_and_holds_no_path(person):
    kept = finish(upload=begin_and_send(person, b"a;b\n1;2\n", "../budget\u202e.csv"))
    assert (kept.name, kept.content_type) == ("budget.csv", "text/csv")
    with pytest.raises(UploadRefused):
        finish(upload=begin_and_send(person, b"a;b\n1;2\n", "budget.txt"))


def test_large_file_goes_by_and_is_never_in_memory(person):
    chunk = b"%" + b"x" * (64 * 1024 - 2) + b"\n"
    size = len(PDF) + 319 * len(chunk)
    upload = begin(person, size)
    with measured() as memory:
        upload = append(upload=upload, offset=0, chunks=large(chunk))
        kept = finish(upload=upload)
    assert (kept.size, os.path.getsize(kept.file.path)) == (size, size)
    assert size > 19 * MEGABYTE
    assert memory["peak"] < 5 * MEGABYTE


def large(chunk: bytes):
    yield PDF[:9]
    for _n in range(319):
        yield chunk
    yield PDF[9:]


@contextmanager
def measured():
    memory = {}
    tracemalloc.start()
    try:
        yield memory
        memory["peak"] = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_file_that_is_gone_from_the_disk_takes_its_row_along(person):
    begun = append(upload=begin(person), offset=0, chunks=[PDF[:10]])
    whole = begin_and_send(person, PDF)
    for upload in (begun, whole):
        os.remove(upload.file.path)
    with pytest.raises(PartialUpload.DoesNotExist):
        append(upload=begun, offset=10, chunks=[PDF[10:]])
    with pytest.raises(PartialUpload.DoesNotExist):
        finish(upload=whole)
    assert PartialUpload.objects.count() == 0


def test_what_did_not_come_whole_is_cleared_after_two_days(person):
    old, new = (append(upload=begin(person), offset=0, chunks=[PDF[:10]]) for _n in range(2))
    PartialUpload.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=49))
    stray = private_storage().path("partial/stray")
    with open(stray, "wb") as file:
        file.write(b"of somebody who has left")
    os.utime(stray, (0, 0))
    clear_uploads()
    work()
    there = private_storage().exists
    assert list(PartialUpload.objects.all()) == [new]
    assert [there(old.file.name), there(new.file.name), there("partial/stray")] == [
        False, True, False,
    ]  # fmt: skip


def test_finished_file_that_nobody_refers_to_is_cleared_too(person):
    finish(upload=begin_and_send(person, PDF))
    PartialUpload.objects.update(created_at=timezone.now() - timedelta(hours=49))
    Upload.objects.update(created_at=timezone.now() - timedelta(hours=49))
    clear_uploads()
    assert (PartialUpload.objects.count(), Upload.objects.count()) == (0, 0)


def test_everybody_sees_their_own_only(person):
    upload = begin(person)
    assert list(PartialUpload.objects.visible_to(person)) == [upload]
    assert list(PartialUpload.objects.visible_to(make_user(is_superuser=True))) == []


# --- Protocol -----------------------------------------------------------------------------------


def test_file_goes_through_announced_asked_about_and_sent(member, person):
    made = post(member)
    assert (made.status_code, made["Tus-Resumable"]) == (201, "1.0.0")
    address = made["Location"]
    asked = member.head(address, headers=TUS)
    assert (asked.status_code, asked["Upload-Offset"], asked["Upload-Length"]) == (
        200, "0", str(len(PDF)),
    )  # fmt: skip
    assert asked["Cache-Control"] == "no-store"
    first = patch(member, address, 0, PDF[:10])
    assert (first.status_code, first["Upload-Offset"], first.content) == (204, "10", b"")
    last = patch(member, address, 10, PDF[10:])
    upload = Upload.objects.get()
    assert (last.status_code, last.json()) == (200, {"upload": upload.pk})
    assert (last["Upload-Offset"], last["Tus-Resumable"]) == (str(len(PDF)), "1.0.0")
    assert (upload.name, upload.owner, content_of(upload)) == ("minutes.pdf", person, PDF)


def test_last_part_whose_answer_was_lost_is_answered_the_same_again(member):
    address = post(member)["Location"]
    first = patch(member, address, 0, PDF)
    doubled = patch(member, address, 0, PDF)
    assert (doubled.status_code, doubled["Upload-Offset"]) == (409, str(len(PDF)))
    again = patch(member, address, offset_of(member, address), b"")
    assert (again.status_code, again.json()) == (200, first.json())
    assert Upload.objects.count() == 1


def test_announcement_that_comes_again_makes_nothing_new(member):
    told = metadata(filename="minutes.pdf", once="a1")
    first, again = post(member, told=told), post(member, told=told)
    assert (first["Location"], PartialUpload.objects.count()) == (again["Location"], 1)
    others = [
        post(member, told=metadata(filename="minutes.pdf", once="a2")),
        post(member, told=metadata(filename="other.pdf", once="a1")),
        post(member, size=7, told=told),
        post(member),
        post(member),
    ]
    assert len({first["Location"], *(one["Location"] for one in others)}) == 6
    stranger = Client()
    stranger.force_login(make_user())
    assert post(stranger, told=told)["Location"] != first["Location"]


def test_part_at_a_wrong_place_is_told_the_right_one(member):
    address = post(member)["Location"]
    patch(member, address, 0, PDF[:10])
    for offset in (0, 11):
        wrong = patch(member, address, offset, PDF[10:])
        assert (wrong.status_code, wrong["Upload-Offset"]) == (409, "10")
    assert patch(member, address, 10, PDF[10:]).status_code == 200


def test_somebody_elses_file_is_not_found(member):
    address = post(member)["Location"]
    stranger = Client()
    for one in (stranger, Client()):
        if one is stranger:
            one.force_login(make_user(is_superuser=True))
        assert [
            one.head(address, headers=TUS).status_code,
            patch(one, address, 0, PDF).status_code,
            one.delete(address, headers=TUS).status_code,
        ] == [404, 404, 404]
    assert member.head(f"/fr/send/{uuid4()}/", headers=TUS).status_code == 404
    assert offset_of(member, address) == 0
    assert patch(member, address, 0, PDF).status_code == 200


def test_part_is_taken_where_it_was_announced_only(member):
    address = post(member)["Location"]
    elsewhere = address.replace("/send/", "/elsewhere/")
    assert patch(member, elsewhere, 0, PDF).status_code == 404
    assert patch(member, address, 0, PDF).status_code == 200


@pytest.mark.parametrize(
    ("size", "status", "words"),
    [(20 * MEGABYTE + 1, 413, "20"), (0, 422, ""), (10**17, 413, "20")],
)
def test_size_is_refused_in_words_when_it_is_announced(member, size, status, words):
    refused = post(member, size)
    assert (refused.status_code, PartialUpload.objects.count()) == (status, 0)
    assert words in refused.json()["error"]
    assert post(member, 20 * MEGABYTE).status_code == 201


def test_one_too_many_on_the_way_is_refused_in_words(member, person):
    for _n in range(MOST_OPEN - 1):
        begin(person)
    assert post(member).status_code == 201
    refused = post(member)
    assert (refused.status_code, str(MOST_OPEN) in refused.json()["error"]) == (422, True)


def test_content_is_refused_in_words_and_the_file_is_gone(member):
    bad = b"<html><script>alert(1)</script>"
    address = post(member, len(bad))["Location"]
    refused = patch(member, address, 0, bad)
    assert refused.status_code == 422
    assert "PDF" in refused.json()["error"]
    assert member.head(address, headers=TUS).status_code == 404
    assert Upload.objects.count() == 0


def test_more_than_was_announced_is_refused(member):
    address = post(member)["Location"]
    assert patch(member, address, 0, PDF + b"x").status_code == 413
    assert patch(member, address, 0, PDF).status_code == 200


def test_what_is_not_wanted_any_more_is_deleted(member):
    address = post(member)["Location"]
    patch(member, address, 0, PDF[:10])
    upload = PartialUpload.objects.get()
    assert member.delete(address, headers=TUS).status_code == 204
    work()
    assert member.head(address, headers=TUS).status_code == 404
    assert not private_storage().exists(upload.file.name)


def test_finished_file_stays_when_its_way_is_forgotten(member):
    address = post(member)["Location"]
    patch(member, address, 0, PDF)
    assert member.delete(address, headers=TUS).status_code == 204
    work()
    assert content_of(Upload.objects.get()) == PDF


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ("", metadata(filename="a.pdf")),
        ("-1", metadata(filename="a.pdf")),
        ("1e3", metadata(filename="a.pdf")),
        ("9" * 40, metadata(filename="a.pdf")),
        (len(PDF), "filename !!"),
        (len(PDF), "filename /w=="),
        (len(PDF), "filename é"),
    ],
)
def test_announcement_that_cannot_be_read_is_a_bad_request(member, size, told):
    assert post(member, size, told).status_code == 400
    assert PartialUpload.objects.count() == 0


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("", "file"),
        ("filename ", "file"),
        ("filename", "file"),
        (metadata(filename="صورة.pdf", filetype="application/pdf"), "صورة.pdf"),
        (metadata(filename="a\x00b.pdf"), "ab.pdf"),
        (metadata(filename="م" * 400 + ".pdf"), "م" * (LONGEST_NAME - 4) + ".pdf"),
    ],
)
def test_name_that_is_announced_is_made_safe(member, told, name):
    assert post(member, told=told).status_code == 201
    assert PartialUpload.objects.get().name == name


def test_part_that_cannot_be_read_changes_nothing(member):
    address = post(member)["Location"]
    assert [patch(member, address, offset, PDF).status_code for offset in ("", "-1", "x")] == [
        400, 400, 400,
    ]  # fmt: skip
    headers = {**TUS, "Upload-Offset": "0"}
    for content_type in ("application/pdf", "multipart/form-data; boundary=x", ""):
        answer = member.patch(address, PDF, content_type=content_type, headers=headers)
        assert answer.status_code == 415
    assert member.put(address, headers=TUS).status_code == 405
    assert offset_of(member, address) == 0


def test_other_version_is_told_which_is_spoken(member):
    address = post(member)["Location"]
    for other in ({"Tus-Resumable": "0.2.2"}, {}):
        for answer in (
            member.post("/fr/send/", headers={**other, "Upload-Length": "5"}),
            member.head(address, headers=other),
            member.patch(address, PDF, headers={**other, "Upload-Offset": "0"}),
        ):
            assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")
    assert PartialUpload.objects.get().received == 0


def test_other_site_cannot_send(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    token = "a" * 32
    assert post(client).status_code == 403
    client.cookies["csrftoken"] = token
    address = post(client, **{"X-CSRFToken": token})["Location"]
    assert patch(client, address, 0, PDF).status_code == 403
    assert patch(client, address, 0, PDF, HTTP_X_CSRFTOKEN=token).status_code == 200


class BrokenLine:
    """What comes before a line breaks."""

    def __init__(self, data: bytes) -> None:
        self.file = BytesIO(data)

    def read(self, *args) -> bytes:
        if data := self.file.read(*args):
            return data
        raise OSError("the line broke")

    readline = read


def test_what_came_before_the_line_broke_is_kept(member):
    address = post(member)["Location"]
    sent = {"wsgi.input": BrokenLine(PDF[:30]), "CONTENT_LENGTH": str(len(PDF))}
    patch(member, address, 0, b"", **sent)
    assert offset_of(member, address) == 30
    assert patch(member, address, 30, PDF[30:]).status_code == 200
    assert content_of(Upload.objects.get()) == PDF


def test_large_body_streams_through_all_of_the_site(member, tmp_path):
    data = tmp_path / "large.pdf"
    with data.open("wb") as file:
        file.writelines(large(b"%" + b"x" * (64 * 1024 - 2) + b"\n"))
    size = data.stat().st_size
    address = post(member, size)["Location"]
    with data.open("rb") as file, measured() as memory:
        sent = {"wsgi.input": file, "CONTENT_LENGTH": str(size)}
        answer = patch(member, address, 0, b"", **sent)
    assert (answer.status_code, Upload.objects.get().size) == (200, size)
    assert memory["peak"] < 5 * MEGABYTE


def test_refusal_of_the_app_above_leaves_the_file_to_be_asked_for_again(rf, person):
    upload = begin_upload(
        owner=person, policy="any", name="a.pdf", size=len(PDF), address="/x/", key=UUID(int=1)
    )

    def send(offset: int, data: bytes, on_finished):
        request = rf.patch(
            "/x/", data, CONTENT_TYPE=protocol.PART_TYPE,
            headers={**TUS, "Upload-Offset": str(offset)},
        )  # fmt: skip
        request.user = person
        return protocol.transfer(request, upload.key, on_finished=on_finished)

    def refuse(kept):
        raise PermissionError("no room")

    with pytest.raises(PermissionError):
        send(0, PDF, refuse)
    given = []
    answer = send(len(PDF), b"", lambda kept: given.append(kept) or {})
    assert (answer.status_code, given) == (200, [Upload.objects.get()])


# --- The widget ---------------------------------------------------------------------------------


def test_widget_tells_the_limits_to_people_and_to_the_script():
    told = {"name": "files", "url": "/fr/send/", "policy": POLICY, "label": "<Photos>"}
    text = render_to_string("parts/upload.html", told | {"form_id": "form-photos"})
    assert text.count('form="form-photos"') == 2  # the files and the button that sends them
    assert 'data-upload-url="/fr/send/"' in text
    assert f'data-upload-max="{20 * MEGABYTE}"' in text
    assert 'data-upload-accept="application/pdf,image/jpeg,text/csv,.pdf,.jpg,.csv"' in text
    assert ("&lt;Photos&gt;" in text, POLICY.hint in text) == (True, True)
