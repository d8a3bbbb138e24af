from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from wagtail.models import PageViewRestriction

from core.languages import CODES

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
SITE = "http://127.0.0.1:8000"


def addresses(answer) -> list[str]:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/xml"
    return [one.text for one in ElementTree.fromstring(answer.content).iterfind(".//s:loc", NAMES)]


def test_robots_are_told_where_the_map_is(client):
    answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == (
        f"User-agent: *\nDisallow: /admin/\n\nSitemap: {SITE}/sitemap.xml\n"
    )


def test_security_txt_has_the_fields_of_rfc_9116(client, settings):
    settings.SECURITY_EMAIL = "security@example.org"
    answer = client.get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    expires = datetime.fromisoformat(fields.pop("Expires"))
    assert fields == {
        "Contact": "mailto:security@example.org",
        "Preferred-Languages": "ar, fr, en",
        "Canonical": f"{SITE}/.well-known/security.txt",
    }
    left = expires - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)


def test_front_door_leads_to_arabic_whatever_the_browser_prefers(client):
    answer = client.get("/", headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/ar/")


@pytest.mark.parametrize("address", ["/", "/robots.txt", "/.well-known/security.txt"])
def test_machine_addresses_take_no_other_method(client, address):
    assert client.post(address).status_code == 405


def test_index_of_maps_names_one_per_language(client, db):
    paths = [urlsplit(address).path for address in addresses(client.get("/sitemap.xml"))]
    assert paths == [f"/sitemap-{language}.xml" for language in CODES]


@pytest.mark.parametrize("language", CODES)
def test_map_holds_the_pages_written_in_its_language(client, add_practice, language):
    practices = {code: [add_practice(language=code).slug for _n in range(2)] for code in CODES}
    add_practice(language=language, live=False)
    hidden = add_practice(language=language)
    PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    assert addresses(client.get(f"/sitemap-{language}.xml")) == [
        f"{SITE}/{language}/",
        f"{SITE}/{language}/practices/",
        f"{SITE}/{language}/collectivities/",
        f"{SITE}/{language}/associations/",
        f"{SITE}/{language}/news/",
        f"{SITE}/{language}/contact/",
        *(f"{SITE}/{language}/practices/{slug}/" for slug in practices[language]),
    ]


@pytest.mark.parametrize("language", CODES)
def test_each_address_of_the_map_is_there(client, add_practice, language):
    add_practice(language=language)
    for address in addresses(client.get(f"/sitemap-{language}.xml")):
        assert client.get(address.removeprefix(SITE)).status_code == 200


@pytest.mark.parametrize("address", ["/sitemap-de.xml", "/sitemap-.xml", "/sitemap-ar.xml?p=99"])
def test_map_of_what_is_not_there_is_not_found(client, db, address):
    assert client.get(address).status_code == 404
