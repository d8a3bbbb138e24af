from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from practices.models import PracticePage
from tests.factories import make_commune, make_practice, make_theme, many_practices

pytestmark = pytest.mark.django_db

HOST = "http://127.0.0.1:8000"
ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def feed(client, path: str):
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def entries(root) -> list[str]:
    return [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]


def links(element) -> dict[str, str]:
    return {one.get("rel"): one.get("href") for one in element.findall(f"{ATOM}link")}


def test_feed_names_itself_its_list_and_the_network(client):
    root = feed(client, "/fr/practices/feed.xml")
    assert root.get(LANG) == "fr"
    assert root.findtext(f"{ATOM}title") == "Pratiques et études de cas"
    assert root.findtext(f"{ATOM}id") == f"{HOST}/fr/practices/"
    assert links(root) == {
        "alternate": f"{HOST}/fr/practices/",
        "self": f"{HOST}/fr/practices/feed.xml",
    }
    name = root.findtext(f"{ATOM}author/{ATOM}name")
    assert name == "Réseau marocain des collectivités territoriales ouvertes"


def test_addresses_are_the_sites_own_whatever_host_is_asked(client):
    make_practice()
    page = client.get("/ar/practices/feed.xml", headers={"host": "evil.example"}).content.decode()
    assert "evil" not in page
    assert page.count(f'href="{HOST}/ar/practices/') == 3


def test_entry_tells_who_what_when_and_in_which_language(client):
    practice = make_practice(
        language="fr",
        title="Le budget <b>ouvert</b> & plus",
        summary="Un <i>résumé</i>",
        principles=("access", "digital"),
        themes=(make_theme("petitions", label_fr="Pétitions"),),
        collectivities=(make_commune(name_fr="Agadir"), make_commune(name_fr="Taza")),
    )
    PracticePage.objects.filter(pk=practice.pk).update(
        first_published_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        last_published_at=datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
    )
    (entry,) = feed(client, "/ar/practices/feed.xml").iter(f"{ATOM}entry")
    address = f"{HOST}/fr/practices/{practice.slug}/"
    assert entry.get(LANG) == "fr"
    assert entry.findtext(f"{ATOM}title") == "Le budget <b>ouvert</b> & plus"
    assert entry.findtext(f"{ATOM}summary") == "Un &lt;i&gt;résumé&lt;/i&gt;"  # as HTML
    assert (entry.findtext(f"{ATOM}id"), links(entry)) == (address, {"alternate": address})
    assert entry.findtext(f"{ATOM}published") == "2026-01-02T03:04:05+00:00"
    assert entry.findtext(f"{ATOM}updated") == "2026-02-03T04:05:06+00:00"
    names = [one.text for one in entry.findall(f"{ATOM}author/{ATOM}name")]
    assert names == ["Commune d’Agadir", "Commune de Taza"]
    assert [one.attrib for one in entry.findall(f"{ATOM}category")] == [
        {"term": term, "scheme": f"{HOST}/ar/practices/#{facet}", "label": label}
        for term, facet, label in (
            ("access", "principle", "Accès à l’information"),
            ("digital", "principle", "Digitalisation"),
            ("petitions", "theme", "Pétitions"),
        )
    ]


def test_practice_stands_once_in_the_nearest_language(client):
    both = make_practice(language="fr", title="français")
    make_practice(language="ar", translation_of=both, title="عربي")
    assert entries(feed(client, "/ar/practices/feed.xml")) == ["عربي"]
    assert entries(feed(client, "/zgh/practices/feed.xml")) == ["français"]


def test_feed_of_a_principle_holds_its_practices_alone(client):
    make_practice(title="a", principles=("access", "digital"))
    make_practice(title="b", principles=("digital",))
    assert entries(feed(client, "/ar/practices/feed.xml")) == ["b", "a"]
    root = feed(client, "/ar/practices/feed-access.xml")
    assert entries(root) == ["a"]
    assert root.findtext(f"{ATOM}id") == f"{HOST}/ar/practices/?principle=access"


@pytest.mark.parametrize(
    "code", ["transparency", "accountability", "participation", "access", "digital"]
)
def test_each_principle_has_a_feed_in_each_language(client, code):
    for language in ("ar", "fr", "en", "zgh"):
        assert entries(feed(client, f"/{language}/practices/feed-{code}.xml")) == []


@pytest.mark.parametrize("code", ["nothing", "Access", "access-2"])
def test_feed_of_an_unknown_principle_is_not_found(client, code):
    assert client.get("/ar/practices/feed-access.xml").status_code == 200
    assert client.get(f"/ar/practices/feed-{code}.xml").status_code == 404


def test_drafts_and_restricted_practices_are_not_in_the_feed(client):
    make_practice(title="draft", published=False)
    PageViewRestriction.objects.create(page=make_practice(title="hidden"), restriction_type="login")
    make_practice(title="shown")
    assert entries(feed(client, "/ar/practices/feed.xml")) == ["shown"]


def test_feed_is_kept_a_quarter_of_an_hour_and_asked_for_again_on_condition(client):
    make_practice()
    first = client.get("/ar/practices/feed.xml")
    assert first["Cache-Control"] == "public, max-age=900"
    assert not first.cookies
    assert "Cookie" not in first.get("Vary", "")
    etag = {"if-none-match": first["ETag"]}
    again = client.get("/ar/practices/feed.xml", headers=etag)
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "public, max-age=900"
    make_practice()
    assert client.get("/ar/practices/feed.xml", headers=etag).status_code == 200


def test_empty_feed_does_not_change_by_itself(client):
    first = client.get("/ar/practices/feed.xml")
    assert ElementTree.fromstring(first.content).findtext(f"{ATOM}updated") == (
        "2022-10-21T00:00:00+00:00"
    )
    etag = {"if-none-match": first["ETag"]}
    assert client.get("/ar/practices/feed.xml", headers=etag).status_code == 304


def test_control_characters_do_not_break_the_feed(client):
    make_practice(title="a\x01b", summary="c\x1fd")
    (entry,) = feed(client, "/ar/practices/feed.xml").iter(f"{ATOM}entry")
    texts = (entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}summary"))
    assert texts == ("ab", "cd")


def test_head_is_answered_and_post_is_refused(client):
    assert client.head("/ar/practices/feed.xml").status_code == 200
    assert client.post("/ar/practices/feed.xml").status_code == 405


@pytest.mark.parametrize("path", ["/ar/practices/feed.xml", "/ar/practices/feed-transparency.xml"])
def test_newest_thirty_cost_the_queries_of_one(client, path):
    for made, shown in ((1, 1), (29, 30), (10, 30)):
        for _ in range(made):
            make_practice(collectivities=(make_commune(),), themes=(make_theme(),))
        with CaptureQueriesContext(connection) as captured:
            found = entries(feed(client, path))
        assert (len(found), len(captured)) == (shown, 7)


def test_list_offers_the_feed_of_the_one_principle_that_is_chosen(client):
    many_practices(5, languages=("ar",))
    whole, access = "/ar/practices/feed.xml", "/ar/practices/feed-access.xml"
    for query, path in (
        ("", whole),
        ("?principle=access", access),
        ("?principle=access&kind=practice", access),
        ("?principle=access&principle=digital", whole),
        ("?q=zzzz", whole),
    ):
        page = client.get(f"/ar/practices/{query}").content.decode()
        link = f'<link rel="alternate" type="application/atom+xml" href="{HOST}{path}"'
        assert page.count(link) == 1, query
    assert client.get("/ar/practices/").content.decode().count(f'href="{whole}"') == 1
