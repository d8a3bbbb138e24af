from email.utils import formatdate
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse
from wagtail.models import Collection, CollectionViewRestriction

from core.downloads import parse_range, safe_name
from core.files import SiteDocument
from members.models import User

CONTENT = bytes(range(256)) * 1000
NAME = "ميزانية 2026.pdf"


@pytest.fixture
def add_document(db):
    def add(content: bytes = CONTENT, name: str = NAME, **fields) -> SiteDocument:
        document = SiteDocument(title="الميزانية", file=ContentFile(content, name=name), **fields)
        document.save()
        return document

    return add


@pytest.fixture
def document(add_document) -> SiteDocument:
    return add_document()


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_document_is_handed_out_whole(client, document):
    answer = client.get(document.url)
    assert (answer.status_code, body(answer)) == (200, CONTENT)
    modified = document.file.storage.get_modified_time(document.file.name).timestamp()
    expected = {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(CONTENT)),
        "Content-Disposition": "inline; filename*=utf-8''%D9%85%D9%8A%D8%B2%D8%A7%D9%86%D9%8A%D8%A9"
        "%202026.pdf",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-cache",
        "ETag": f'"{document.file_hash}"',
        "Last-Modified": formatdate(modified, usegmt=True),
    }
    assert {name: answer.headers[name] for name in expected} == expected
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("name", "kind", "disposition"),
    [
        ("a.txt", "text/plain", "inline"),
        ("a.csv", "text/csv", "attachment"),
        ("a.zip", "application/zip", "attachment"),
        ("a.html", "text/html", "attachment"),
        ("a.svg", "image/svg+xml", "attachment"),
        ("a.unknown", "application/octet-stream", "attachment"),
    ],
)
def test_document_is_shown_by_the_browser_only_where_it_is_harmless(
    client, add_document, name, kind, disposition
):
    answer = client.get(add_document(name=name).url)
    assert body(answer) == CONTENT
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"] == f'{disposition}; filename="{name}"'


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=255990-", 255990, 255999),
        ("bytes=-10", 255990, 255999),
        ("bytes=-999999999", 0, 255999),
        ("bytes=0-999999999", 0, 255999),
        ("bytes=0-", 0, 255999),
        ("Bytes=10-19", 10, 19),
        ("bytes=70000-200000", 70000, 200000),
    ],
)
def test_range_is_handed_out(client, document, wanted, first, last):
    answer = client.get(document.url, headers={"Range": wanted})
    assert (answer.status_code, body(answer)) == (206, CONTENT[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/256000"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert answer.headers["Content-Disposition"].startswith("inline; filename*=")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_file_is_not_compressed_on_its_way(client, document):
    for headers, part in (({}, CONTENT), ({"Range": "bytes=10-999"}, CONTENT[10:1000])):
        answer = client.get(document.url, headers={"Accept-Encoding": "gzip, br", **headers})
        assert body(answer) == part
        assert answer.headers["Content-Length"] == str(len(part))
        assert answer.headers["ETag"] == f'"{document.file_hash}"'
        assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "wanted", ["bytes=256000-", "bytes=256000-256001", "bytes=-0", f"bytes={'9' * 400}-"]
)
def test_range_outside_the_file_is_416(client, document, wanted):
    answer = client.get(document.url, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["Content-Range"] == "bytes */256000"


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-1,5-6",
        "bytes=5-1",
        "bytes=-",
        "bytes=a-b",
        "bytes=٠-٩",
        "bytes 0-1",
        "pages=0-1",
        "bytes=0x0-1",
        "",
        "," * 10_000,
    ],
)
def test_range_that_is_not_one_is_ignored(client, document, wanted):
    answer = client.get(document.url, headers={"Range": wanted})
    assert (answer.status_code, body(answer)) == (200, CONTENT)
    assert "Content-Range" not in answer.headers


def test_range_of_an_empty_file():
    with pytest.raises(ValueError, match="bytes=0-"):
        parse_range("bytes=0-", 0)


def test_document_that_is_empty_is_handed_out(client, add_document):
    answer = client.get(add_document(b"").url)
    assert (answer.status_code, body(answer), answer.headers["Content-Length"]) == (200, b"", "0")


def if_range(document: SiteDocument, kind: str) -> str:
    modified = document.file.storage.get_modified_time(document.file.name).timestamp()
    return {
        "same tag": f'"{document.file_hash}"',
        "same time": formatdate(modified, usegmt=True),
        "weak tag": f'W/"{document.file_hash}"',
        "other tag": '"x"',
        "other time": formatdate(modified - 60, usegmt=True),
        "nonsense": "Sun, 99 Foo 99999 99:99:99 +99999999999999999999",
        "zone out of bounds": "Mon, 23 Nov 2026 12:00:00 +99999999999999999999",
    }[kind]


@pytest.mark.parametrize("kind", ["same tag", "same time"])
def test_range_is_kept_where_the_file_is_the_same(client, document, kind):
    headers = {"Range": "bytes=0-9", "If-Range": if_range(document, kind)}
    answer = client.get(document.url, headers=headers)
    assert (answer.status_code, body(answer)) == (206, CONTENT[:10])


@pytest.mark.parametrize(
    "kind", ["weak tag", "other tag", "other time", "nonsense", "zone out of bounds"]
)
def test_range_is_dropped_where_the_file_may_have_changed(client, document, kind):
    headers = {"Range": "bytes=0-9", "If-Range": if_range(document, kind)}
    answer = client.get(document.url, headers=headers)
    assert (answer.status_code, body(answer)) == (200, CONTENT)


@pytest.mark.parametrize("known", ['"{}"', 'W/"{}"', '"x", "{}"', "*"])
def test_document_that_is_known_is_not_sent_again(client, document, known):
    headers = {"If-None-Match": known.format(document.file_hash)}
    answer = client.get(document.url, headers=headers)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == f'"{document.file_hash}"'


@pytest.mark.parametrize("known", ['"x"', "", "x", '"{}'])
def test_document_that_is_not_known_is_sent(client, document, known):
    headers = {"If-None-Match": known.format(document.file_hash)}
    answer = client.get(document.url, headers=headers)
    assert (answer.status_code, body(answer)) == (200, CONTENT)


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}])
def test_head_answers_as_get_without_the_content(client, document, headers):
    answer = client.head(document.url, headers=headers)
    assert (answer.status_code, body(answer)) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(CONTENT))


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_document_takes_no_other_method(client, document, method):
    answer = getattr(client, method)(document.url)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/documents/{pk}/other.pdf",
        "/documents/{pk}/",
        "/documents/{pk}/..%2f{name}",
        "/documents/{pk}/x/{name}",
        "/documents/0/{name}",
        "/documents/-1/{name}",
        "/documents/99999999/{name}",
        f"/documents/{'9' * 30}/{{name}}",
        f"/documents/{'9' * 5000}/{{name}}",
    ],
)
def test_document_under_another_address_is_not_found(client, document, path):
    assert client.get(path.format(pk=document.pk, name=NAME)).status_code == 404


def test_document_whose_file_is_missing_is_not_found(client, document):
    Path(document.file.path).unlink()
    assert client.get(document.url).status_code == 404


@pytest.fixture
def private_collection(db) -> Collection:
    collection = Collection.get_first_root_node().add_child(name="Private")
    CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    return collection


def test_document_of_a_private_collection_is_refused_and_the_same_in_a_public_one_is_not(
    client, add_document, private_collection
):
    below = private_collection.add_child(name="Below")
    private, inherited = (
        add_document(collection=collection) for collection in (private_collection, below)
    )
    public = add_document()
    assert body(client.get(public.url)) == CONTENT
    for one in (private, inherited):
        for headers in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": f'"{one.file_hash}"'}):
            answer = client.get(one.url, headers=headers)
            assert answer.status_code == 302
            assert "login" in answer.headers["Location"]
            assert {"ETag", "Last-Modified"} & answer.headers.keys() == set()

    client.force_login(User.objects.create_user("owner@example.org"))
    for one in (private, inherited, public):
        assert body(client.get(one.url)) == CONTENT
    answer = client.get(private.url)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Cookie" in answer.headers["Vary"].split(", ")
    answer.close()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("ميزانية 2026.pdf", "ميزانية 2026.pdf"),
        ('a"b.pdf', 'a"b.pdf'),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie: x=1.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("/", "file"),
        ("", "file"),
        ("..", "file"),
        ("a/..", "file"),
        (".htaccess", "htaccess"),
        (" .pdf", "file.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("fdp\u202egpj.exe", "fdpgpj.exe"),
        ("ا" * 260 + ".pdf", "ا" * 251 + ".pdf"),
        ("a." + "b" * 200, "a." + "b" * 11),
        ("🏛️" * 200 + ".pdf", ("🏛️" * 200)[:251] + ".pdf"),
    ],
)
def test_name_of_a_file_is_safe(name, safe):
    assert safe_name(name) == safe
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ('a"b\\c;d.pdf', 'inline; filename="c;d.pdf"'),
        ('a"b;c.pdf', 'inline; filename="a\\"b;c.pdf"'),
        ("a\r\nX-Evil: 1.pdf", 'inline; filename="aX-Evil: 1.pdf"'),
        ("../../a.pdf", 'inline; filename="a.pdf"'),
        ("é%.pdf", "inline; filename*=utf-8''%C3%A9%25.pdf"),
    ],
)
def test_name_of_a_document_is_safe_in_its_address_and_its_header(
    client, add_document, name, header
):
    answer = client.get(add_document(display_name=name).url)
    assert (answer.status_code, body(answer)) == (200, CONTENT)
    assert answer.headers["Content-Disposition"] == header
    assert "X-Evil" not in answer.headers


def test_name_of_a_document_keeps_the_ending_of_the_file(add_document):
    assert add_document(display_name="الميزانية").filename == "الميزانية.pdf"
    assert add_document(display_name="a.html").filename == "a.html.pdf"
    assert add_document(display_name="A.PDF").filename == "A.PDF"
    assert add_document(name="README", display_name="a.html").filename == "a.html"


def test_documents_have_no_public_address(client, document):
    path = Path(document.file.path)
    assert path.is_relative_to(settings.PRIVATE_ROOT)
    assert not path.is_relative_to(settings.MEDIA_ROOT)
    assert not Path(settings.PRIVATE_ROOT).is_relative_to(settings.MEDIA_ROOT)
    # The address that Django makes up for any stored file leads nowhere.
    assert client.get(document.file.url).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../private/{name}",
        "..%2fprivate%2f{name}",
        "%2e%2e/private/{name}",
        "x/../../private/{name}",
        "//{path}",
        "/{path}",
        "..\\private\\{name}",
        "{name}",
        "",
        ".",
        "documents/",
        "a" * 300,
        "ا" * 200,
        "a/" * 3000,
    ],
)
def test_documents_cannot_be_reached_through_the_pictures(client, document, path):
    path = path.format(name=document.file.name, path=document.file.path)
    answer = client.get("/media/" + path)
    assert answer.status_code in (400, 404)
    assert CONTENT[:100] not in answer.content


def test_picture_is_served_to_be_kept_for_ever(client, settings):
    file = Path(settings.MEDIA_ROOT) / "images" / "a.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"picture")
    answer = client.get("/media/images/a.png", headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, body(answer)) == (200, b"picture")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize(
    "path", ["wagtail_uploads/a.png", "images/../wagtail_uploads/a.png", "./wagtail_uploads/a.png"]
)
def test_file_that_was_sent_and_is_not_saved_yet_has_no_address(client, db, settings, path):
    file = Path(settings.MEDIA_ROOT) / "wagtail_uploads" / "a.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"picture")
    (Path(settings.MEDIA_ROOT) / "images").mkdir(exist_ok=True)
    assert client.get("/media/" + path).status_code == 404


def test_picture_takes_no_other_method(client):
    assert client.post(reverse("media", args=["a.png"])).status_code == 405
