import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.urls import re_path

from config import urls
from core import views

pytestmark = pytest.mark.usefixtures("catalogues")

HEADINGS = {
    400: {"ar": "تعذرت قراءة هذا الطلب", "en": "This request could not be read"},
    403: {"ar": "هذه الصفحة غير متاحة لكم", "en": "This is not open to you"},
    404: {"ar": "هذه الصفحة غير موجودة", "en": "This page does not exist"},
    500: {"ar": "وقع خلل من جهتنا", "en": "Something went wrong on our side"},
}
DIRECTION = {"ar": "rtl", "fr": "ltr", "en": "ltr", "zgh": "ltr"}


def broken(error):
    def view(request):
        raise error

    return view


# The site's addresses, with some that fail before them.
handler400, handler403 = views.bad_request, views.permission_denied
handler404, handler500 = views.page_not_found, views.server_error
urlpatterns = [
    re_path(r"^(?:[a-z]+/)?400/$", broken(BadRequest("x"))),
    re_path(r"^(?:[a-z]+/)?suspicious/$", broken(SuspiciousOperation("x"))),
    re_path(r"^(?:[a-z]+/)?403/$", broken(PermissionDenied("x"))),
    re_path(r"^(?:[a-z]+/)?404/$", broken(Http404("x"))),
    re_path(r"^(?:[a-z]+/)?500/$", broken(RuntimeError("x"))),
    *urls.urlpatterns,
]


@pytest.fixture
def failing(client, settings):
    """A client to which errors come as pages, and the addresses above."""
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    return client


def check(answer, status: int, language: str) -> None:
    assert answer.status_code == status
    assert answer.headers["Content-Language"] == language
    page = answer.content.decode()
    assert f'<html lang="{language}" dir="{DIRECTION[language]}">' in page
    assert f"<bdi>{status}</bdi>" in page
    main = page[page.index("<main") : page.index("</main>")]
    assert re.findall(r'href="([^"]+)"', main) == [f"/{language}/", f"/{language}/practices/"]
    assert f'<a class="brand" href="/{language}/">' in page
    assert '<meta name="robots" content="noindex">' in page
    if words := HEADINGS[status].get(language):
        assert f"<h1>{words}</h1>" in main


# The database may be what is broken.
@pytest.mark.parametrize("language", DIRECTION)
@pytest.mark.parametrize(
    ("name", "status"), [("400", 400), ("suspicious", 400), ("403", 403), ("500", 500)]
)
def test_error_is_told_in_the_language_of_the_address_without_the_database(
    failing, database_away, language, name, status
):
    check(failing.get(f"/{language}/{name}/"), status, language)


@pytest.mark.parametrize("address", ["/500/", "/de/500/"])
def test_error_under_no_language_is_told_in_arabic(failing, database_away, address):
    check(failing.get(address), 500, "ar")


@pytest.mark.parametrize("language", DIRECTION)
@pytest.mark.parametrize(
    "place", ["404/", "nothing-here/", "practices/nothing-here/", "a/b/c/", "ا/"]
)
def test_page_that_does_not_exist_is_told_in_the_language_of_the_address(
    failing, db, language, place
):
    check(failing.get(f"/{language}/{place}"), 404, language)


@pytest.mark.parametrize("address", ["/de/", "/xx/practices/", "/AR/", "/nothing/", "/ar.php"])
def test_page_under_no_language_of_ours_is_told_in_arabic(client, db, address):
    check(client.get(address, headers={"Accept-Language": "fr"}), 404, "ar")


def test_page_with_no_slash_at_its_end_is_found(client, db):
    answer = client.get("/fr/practices")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/fr/practices/")
    answer = client.get("/admin")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/admin/")


def test_address_in_an_error_page_is_safe_to_show(client, db):
    page = client.get("/ar/%22%3E%3Cscript%3E/?a=%22%3E%3Cscript%3E&b=\"'<b>").content.decode()
    assert "<script>" not in page
    assert 'href="/fr/%22%3E%3Cscript%3E/?a=%22%3E%3Cscript%3E&amp;b=&quot;&#x27;&lt;b&gt;"' in page


def test_errors_have_a_template_each():
    folder = Path(django_settings.BASE_DIR) / "templates" / "errors"
    assert sorted(file.name for file in folder.iterdir()) == sorted(
        [*(f"{status}.html" for status in (*HEADINGS, 429)), "error.html"]
    )
