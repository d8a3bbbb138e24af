import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.urls import reverse

PAGES = [
    "/ar/",
    "/fr/practices/",
    "/en/collectivities/",
    "/zgh/",
    "/ar/nothing-here/",
    "/robots.txt",
]


@pytest.mark.parametrize(
    ("path", "language", "words"),
    [
        ("/ar/practices/?q=a%00b", "ar", "تعذرت قراءة هذا الطلب"),
        ("/fr/practices/x%00y/", "fr", "Cette demande n’a pas pu être lue"),
        ("/en/?%00", "en", "This request could not be read"),
        ("/zgh/%00/", "zgh", "Cette demande n’a pas pu être lue"),
        ("/%00", "ar", "تعذرت قراءة هذا الطلب"),
        ("/media/%00.png", "ar", "تعذرت قراءة هذا الطلب"),
        ("/nothing%00here/", "ar", "تعذرت قراءة هذا الطلب"),
    ],
)
def test_address_with_a_nul_is_refused_in_its_language(
    client, db, catalogues, path, language, words
):
    answer = client.get(path)
    assert answer.status_code == 400
    assert answer.headers["Content-Language"] == language
    page = answer.content.decode()
    assert f'<html lang="{language}"' in page
    assert f"<h1>{words}</h1>" in page
    assert f'<a class="button" href="/{language}/">' in page
    assert "\x00" not in page


def test_form_with_a_nul_is_refused(client, db, catalogues):
    for form in ({"username": "a\x00b"}, {"a\x00b": "x"}):
        answer = client.post("/admin/login/", form)
        assert (answer.status_code, answer.headers["Content-Language"]) == (400, "ar")


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language", "other"])
def test_cookie_with_a_nul_is_refused(client, db, name):
    answer = client.get("/admin/", headers={"Cookie": f'{name}="aaaaaaaaaa\\000"'})
    assert answer.status_code == 400


@pytest.mark.ignore_template_errors
def test_form_without_a_nul_is_taken(client, db):
    assert client.post("/ar/account/login/", {"login": "ا"}).status_code == 422


def policy(answer) -> dict[str, str]:
    """The one content security policy of an answer: its directives and what each allows."""
    parts = [
        part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";")
    ]
    assert "Content-Security-Policy-Report-Only" not in answer.headers
    assert len({name for name, _space, _allowed in parts}) == len(parts)
    return {name: allowed for name, _space, allowed in parts}


@pytest.mark.parametrize("path", PAGES)
def test_public_page_carries_the_strict_policy(client, db, path):
    assert policy(client.get(path)) == {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.ignore_template_errors
@pytest.mark.parametrize("name", ["wagtailadmin_login", "wagtailadmin_password_reset"])
def test_admin_carries_one_policy_that_is_looser(client, db, name):
    allowed = policy(client.get(reverse(name)))
    assert allowed["script-src"] == "'self' 'unsafe-inline'"
    assert allowed["style-src"] == "'self' 'unsafe-inline'"
    assert {allowed[one] for one in ("default-src", "base-uri", "frame-ancestors")} == {"'self'"}
    assert allowed["object-src"] == "'none'"
    assert "unsafe-eval" not in str(allowed)


def test_address_that_only_begins_like_the_admin_carries_the_strict_policy(client, db):
    assert "script-src" not in policy(client.get("/administration/"))


@pytest.mark.parametrize("path", PAGES)
def test_page_carries_the_other_headers_of_safety(client, db, path):
    headers = client.get(path).headers
    expected = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    assert {name: headers[name] for name in expected} == expected
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize(
    ("site_url", "told"),
    [
        ("http://127.0.0.1:8000", [0, False, False, False]),
        ("https://example.org", [31536000, True, True, True]),
    ],
)
def test_strict_transport_goes_with_https(tmp_path, site_url, told):
    names = (
        "SECURE_HSTS_SECONDS",
        "SECURE_SSL_REDIRECT",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
    )
    program = (
        "import json; from config.settings import production as s; "
        f"print(json.dumps([getattr(s, name) for name in {names}]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "SITE_URL": site_url, "DATA_DIR": str(tmp_path)},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout) == told


def test_strict_transport_is_told_over_https_alone(client, settings):
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    secure, plain = client.get("/robots.txt", secure=True), client.get("/robots.txt")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in plain.headers


@pytest.mark.parametrize("charset", ["utf-7", "nonsense", "utf-16"])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("kind", ["text/html", "application/x-www-form-urlencoded"])
def test_request_in_an_odd_charset_is_no_error_of_ours(client, db, charset, method, kind):
    answer = client.generic(
        method.upper(),
        "/ar/practices/?q=%41&x=%D8",
        b"a=%41",
        content_type=f"{kind}; charset={charset}",
    )
    assert answer.status_code in (200, 400, 405)


def test_visitor_gets_no_cookie_and_no_session_is_read(client, add_practice):
    page = add_practice()
    client.cookies["sessionid"] = "a" * 32
    client.cookies["messages"] = "x"
    paths = [
        "/ar/",
        "/ar/practices/",
        f"/ar/practices/{page.slug}/",
        "/ar/collectivities/",
        "/ar/x/",
    ]
    for path in paths:
        answer = client.get(path)
        assert "Set-Cookie" not in answer.headers, path
        assert len(answer.cookies) == 0, path
        assert "Cookie" not in answer.headers.get("Vary", ""), path
        assert not answer.wsgi_request.session.accessed, path
