"""The site as the server calls it."""

from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from config.wsgi import application

pytestmark = pytest.mark.django_db
FORM = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n\\ud800\r\n--b--\r\n'


@pytest.fixture(autouse=True)
def _database_stays_open():
    """A request ends with its connection, which holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def status_of(method: str, address: str, content_type: str, body: bytes = b"") -> int:
    environ: dict = {}
    setup_testing_defaults(environ)
    path, _mark, query = address.partition("?")
    environ |= {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_HOST": "testserver",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    told = []
    answer = application(environ, lambda status, heads, *more: told.append(status))
    b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return int(told[0].split()[0])


@pytest.mark.parametrize(
    ("charset", "status"),
    [
        ("utf-8", 200),
        ("UTF8", 200),
        ("no-such-thing", 200),
        ("base64", 400),
        ("idna", 400),
        ("unicode_escape", 400),
        ("utf-7", 400),
        ("latin-1", 400),
    ],
)
def test_address_is_read_in_utf8_and_in_nothing_else(charset, status):
    address = "/fr/practices/?q=%D9%85%5Cud800"
    assert status_of("GET", address, f"text/plain; charset={charset}") == status


def test_type_that_cannot_be_read_is_refused():
    assert status_of("GET", "/robots.txt", "text/plain; name*=no-such-thing'en'a") == 400
    assert status_of("GET", "/robots.txt", "text/plain; name*=utf-8'en'a") == 200


@pytest.mark.parametrize(
    ("charset", "status"), [("utf-8", 422), ("base64", 400), ("unicode_escape", 400), ("idna", 400)]
)
def test_form_is_read_in_utf8_and_in_nothing_else(charset, status):
    kind = f"multipart/form-data; boundary=b; charset={charset}"
    assert status_of("POST", "/fr/contact/", kind, FORM) == status
