"""The search page, its feed, its suggestions, and how a browser learns of it."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from xml.etree import ElementTree

import pytest

from search.models import Concept, Term
from tests.factories import make_commune, make_news, make_page, make_practice
from tests.search.conftest import thing
from tests.search.hostile import SPECIAL

pytestmark = pytest.mark.django_db
LANGUAGES = {"ar": "rtl", "fr": "ltr", "en": "ltr", "zgh": "ltr"}
PAGE = "/fr/search/"
ATOM = "{http://www.w3.org/2005/Atom}"


def html(response) -> str:
    return response.content.decode()


def text(response) -> str:
    """What the page's main part says, without markup."""
    main = html(response).partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def titles(response) -> list[str]:
    return [found.document.title for found in response.context["results"].hits]


def tabs(response) -> dict[str, int]:
    return {one.value: one.count for one in response.context["results"].sections}


@pytest.fixture
def everything():
    """A thing of each kind that holds "Martil"."""
    commune = make_commune(name_fr="Martil", name_ar="مرتيل")
    practice = make_practice(
        title="Piscine de Martil", language="fr", collectivities=(commune,), principles=("access",)
    )
    make_practice(title="مسبح مرتيل", translation_of=practice, principles=("access",))
    make_news(title="Nouvelles de Martil", language="fr")
    make_page(title="Venir à Martil", language="fr")
    return commune


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", ["", "?q=martil", "?q=zzz", "?q=martil&section=news", "?own=1"])
def test_page_answers_in_each_language(client, everything, language, query):
    response = client.get(f"/{language}/search/{query}")
    assert response.status_code == 200
    page = f'<html lang="{language}" dir="{LANGUAGES[language]}"'
    assert page in html(response)


def test_all_kinds_are_found_together_and_counted_in_tabs(client, everything):
    response = client.get(PAGE, {"q": "martil"})
    assert sorted(titles(response)) == [
        "Commune de Martil",
        "Nouvelles de Martil",
        "Piscine de Martil",
        "Venir à Martil",
    ]
    assert tabs(response) == {"practices": 1, "news": 1, "pages": 1, "collectivities": 1}


def test_tab_narrows_and_the_other_tabs_stay(client, everything):
    response = client.get(PAGE, {"q": "martil", "section": "news"})
    assert titles(response) == ["Nouvelles de Martil"]
    assert tabs(response) == {"practices": 1, "news": 1, "pages": 1, "collectivities": 1}
    assert response.context["all_count"] == 4
    assert html(response).count('aria-current="true"') >= 1


def test_facets_in_common_narrow_and_are_told_as_chosen(client, everything):
    response = client.get(PAGE, {"q": "martil", "principle": "access"})
    assert titles(response) == ["Piscine de Martil"]
    [(facet, choice)] = response.context["results"].chosen
    assert (facet.name, choice.value, choice.count) == ("principle", "access", 1)
    region = everything.region.code
    assert len(titles(client.get(PAGE, {"q": "martil", "region": region}))) == 2


def test_found_words_are_marked_and_the_kind_is_named(client, everything):
    response = client.get(PAGE, {"q": "piscines"})
    assert "<mark>Piscine</mark> de Martil" in html(response)
    assert f'href="{PAGE}../"' not in html(response)


def test_result_in_another_language_is_marked_so_and_leads_under_the_readers(client):
    page = make_page(title="النفايات", slug="waste")
    response = client.get(PAGE, {"q": "النفايات"})
    assert titles(response) == [page.title]
    assert 'href="/fr/waste/" lang="ar" dir="rtl"' in html(response)


def test_own_language_alone_can_be_wanted_and_taken_back(client):
    make_page(title="مرتيل martil")
    make_page(title="Martil", language="fr")
    assert len(titles(client.get(PAGE, {"q": "martil"}))) == 2
    response = client.get(PAGE, {"q": "martil", "own": "1"})
    assert titles(response) == ["Martil"]
    assert '<a href="?q=martil">' in html(response)
    assert 'name="own" value="1"' in html(response)


def test_likelier_spelling_is_offered_where_something_was_found(client):
    make_page(title="Budget participatif", language="fr")
    response = client.get("/en/search/", {"q": "budget particpatif"})
    results = response.context["results"]
    assert (results.total, results.suggestion, results.corrected) == (
        1,
        "budget participatif",
        False,
    )
    assert "Did you mean budget participatif ?" in text(response)
    assert "q=budget+participatif" in html(response)


def test_results_of_a_corrected_spelling_say_so(client):
    make_page(title="Budget participatif", language="fr")
    response = client.get("/en/search/", {"q": "particpatif"})
    assert titles(response) == ["Budget participatif"]
    assert "Nothing was found for « particpatif »." in text(response)
    assert "These are the results for « participatif »." in text(response)


def test_right_spelling_says_nothing(client):
    make_page(title="Budget participatif", language="fr")
    response = client.get("/en/search/", {"q": "participatif"})
    assert titles(response) == ["Budget participatif"]
    assert "Nothing was found" not in text(response)
    assert "Did you mean" not in text(response)


def test_empty_result_helps_on(client, everything):
    response = client.get("/en/search/", {"q": "martil", "principle": "digital"})
    assert titles(response) == []
    said = text(response)
    assert "Nothing answers all of this" in said
    assert "Without filters: 4 results" in said
    for address in ("practices", "collectivities", "contact"):
        assert f'<li><a href="/en/{address}/">' in html(response)


def test_empty_result_of_a_tab_leads_to_the_others(client, everything):
    response = client.get("/en/search/", {"q": "piscine", "section": "news"})
    assert titles(response) == []
    assert "Without filters: 1 result" in text(response)
    assert tabs(response)["practices"] == 1


def test_filters_that_nobody_knows_are_told(client, everything):
    response = client.get("/en/search/", {"q": "martil", "principle": "<b>", "section": "nothing"})
    assert len(titles(response)) == 4
    assert "principle= &lt;b&gt;".replace(" ", "") in html(response).replace(" ", "")
    assert "section=nothing" in html(response)
    assert "Not every filter was understood." in text(response)
    assert "Not every filter" not in text(client.get("/en/search/", {"q": "martil"}))


def test_long_query_is_cut_and_told(client):
    response = client.get("/en/search/", {"q": "mot " * 100})
    assert "only its first 200 characters were used" in text(response)
    assert "only its first" not in text(client.get("/en/search/", {"q": "mot " * 50}))


@pytest.mark.parametrize(
    ("asked", "given"), [("", 1), ("0", 1), ("2", 2), ("99", 2), ("x", 1), ("9" * 30, 1), ("-1", 1)]
)
def test_page_number_is_bounded(client, things, asked, given):
    for number in range(13):
        things.add(str(number), f"budget {number}", "fr")
    response = client.get(PAGE, {"q": "budget", "page": asked})
    assert response.status_code == 200
    assert (response.context["results"].page, len(titles(response))) == (
        given,
        {1: 12, 2: 1}[given],
    )


@pytest.mark.parametrize(
    ("sort", "given"), [("", "relevance"), ("newest", "newest"), ("zzz", "relevance")]
)
def test_order_that_nobody_knows_is_the_usual_one(client, everything, sort, given):
    response = client.get(PAGE, {"q": "martil", "sort": sort})
    assert response.context["results"].sort == given


def test_page_holds_what_was_typed_escaped(client):
    response = client.get(PAGE, {"q": '"><script>alert(1)</script>'})
    assert "<script>alert" not in html(response)
    assert 'value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in html(response)


def test_page_is_not_for_search_engines(client):
    assert '<meta name="robots" content="noindex, follow">' in html(client.get(PAGE))


@pytest.mark.parametrize("address", ["", "suggest/", "feed.xml", "opensearch.xml"])
def test_anything_that_is_typed_is_answered(client, address):
    for query in SPECIAL:
        sent = query[:2000].replace("\x00", "").encode("utf-8", "surrogatepass")
        status = client.get(f"{PAGE}{address}", {"q": sent}).status_code
        assert status == 200, ascii(query[:200])


@pytest.mark.parametrize("address", ["", "suggest/", "feed.xml"])
def test_nul_is_refused_beside_the_same_without(client, address):
    assert client.get(f"{PAGE}{address}?q=a%00b").status_code == 400
    assert client.get(f"{PAGE}{address}?q=ab").status_code == 200


@pytest.mark.parametrize("address", ["", "suggest/", "feed.xml", "opensearch.xml"])
def test_visitor_gets_no_cookie_and_no_session_is_read(client, address):
    response = client.get(f"{PAGE}{address}", {"q": "budget"})
    assert response.status_code == 200
    assert not response.cookies
    assert "cookie" not in response.get("Vary", "").lower()


@pytest.mark.parametrize("address", ["", "suggest/", "feed.xml", "opensearch.xml"])
def test_only_reading_is_allowed(client, address):
    for method in ("post", "put", "delete"):
        assert getattr(client, method)(f"{PAGE}{address}").status_code == 405, method
    assert client.get(f"{PAGE}{address}").status_code == 200
    assert client.head(f"{PAGE}{address}").status_code == 200


def test_page_takes_the_same_queries_for_any_number_of_results(
    client, things, django_assert_num_queries
):
    things.add("0", "budget communal", "fr")
    client.get(PAGE, {"q": "budget"})  # menus and totals are kept from here on
    for count in (1, 12):
        for number in range(count):
            things.add(str(number), f"budget communal {number}", "fr", body="corps " * 50)
        with django_assert_num_queries(8):
            assert len(titles(client.get(PAGE, {"q": "budget"}))) == count


def test_every_page_has_a_search_box_and_names_the_description(client):
    for language in LANGUAGES:
        page = html(client.get(f"/{language}/"))
        assert f'action="/{language}/search/"' in page
        assert f'href="/{language}/search/opensearch.xml"' in page


# The feed


def feed(client, **query) -> ElementTree.Element:
    response = client.get(f"{PAGE}feed.xml", query)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def entries(root) -> list[tuple[str, str]]:
    return [
        (entry.findtext(f"{ATOM}title"), entry.find(f"{ATOM}link").get("href"))
        for entry in root.iter(f"{ATOM}entry")
    ]


def test_feed_holds_what_the_search_finds_the_newest_first(client, things):
    for number, day in ((1, 10), (2, 20), (3, 15)):
        things.add(str(number), f"budget {number}", "fr", date=datetime(2025, 1, day, tzinfo=UTC))
    things.add("4", "budget sans date", "fr")
    things.add("5", "eau", "fr", date=datetime(2025, 1, 1, tzinfo=UTC))
    root = feed(client, q="budget")
    assert entries(root) == [
        (f"budget {number}", f"http://127.0.0.1:8000/fr/things/{number}/") for number in (2, 3, 1)
    ]
    assert root.findtext(f"{ATOM}updated") == "2025-01-20T00:00:00+00:00"


def test_feed_follows_filters_tabs_and_the_own_language(client, things):
    date = datetime(2025, 1, 1, tzinfo=UTC)
    things.add("1", "budget rouge", "fr", date=date, labels={"colour": ["red"]})
    things.add("2", "budget bleu", "fr", date=date, labels={"colour": ["blue"]})
    things.add("3", "budget blue", "en", date=date, labels={"colour": ["blue"]})
    make_news(title="Budget", language="fr")
    assert [title for title, _link in entries(feed(client, q="budget", colour="red"))] == [
        "budget rouge"
    ]
    assert [title for title, _link in entries(feed(client, q="budget", section="news"))] == [
        "Budget"
    ]
    own = feed(client, q="budget", colour="blue", own="1")
    assert [title for title, _link in entries(own)] == ["budget bleu"]


def test_empty_feed_does_not_change_from_one_moment_to_the_next(client):
    root = feed(client, q="zzz")
    assert (entries(root), root.findtext(f"{ATOM}updated")) == ([], "2022-10-21T00:00:00+00:00")


def test_feed_escapes_what_it_holds(client, things):
    date = datetime(2025, 1, 1, tzinfo=UTC)
    things.add("1", "budget <b>\x07", "fr", date=date, summary="<script>x</script>")
    [entry] = feed(client, q="budget").iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "budget <b>"
    assert entry.findtext(f"{ATOM}summary") == "&lt;script&gt;x&lt;/script&gt;"


def test_page_offers_the_feed_of_what_is_searched_without_page_and_order(client, everything):
    response = client.get(
        PAGE, {"q": "martil", "principle": "access", "page": "1", "sort": "newest"}
    )
    link = '<link rel="alternate" type="application/atom+xml" href="/fr/search/feed.xml?'
    address = html(response).partition(link)[2].partition('"')[0]
    assert unescape(address) == "q=martil&principle=access"
    assert link not in html(client.get(PAGE))


# OpenSearch


@pytest.mark.parametrize("language", LANGUAGES)
def test_browser_is_told_where_to_search(client, language):
    response = client.get(f"/{language}/search/opensearch.xml")
    assert response["Content-Type"] == "application/opensearchdescription+xml"
    root = ElementTree.fromstring(response.content)
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    addresses = [url.get("template") for url in root.iter(f"{space}Url")]
    assert addresses[0] == f"http://127.0.0.1:8000/{language}/search/?q={{searchTerms}}"
    assert len(root.findtext(f"{space}ShortName")) <= 16
    assert root.findtext(f"{space}Language") == language


# Suggestions


def suggested(client, typed: str, language: str = "fr") -> list[dict]:
    response = client.get(f"/{language}/search/suggest/", {"q": typed})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    return json.loads(response.content)["suggestions"]


def test_suggestion_tells_its_text_language_address_and_kind(client):
    commune = make_commune(name_fr="Martil", name_ar="مرتيل")
    assert suggested(client, "mart", "en") == [
        {
            "text": "Commune de Martil",
            "lang": "fr",
            "dir": "ltr",
            "path": f"/en/collectivities/{commune.slug}/",
            "kind": "Collectivities",
        }
    ]


@pytest.mark.parametrize("typed", ["part", "PARTICIPATIF", "budget p", "  budgét ", "bu"])
def test_suggestion_begins_at_any_word_however_written(client, things, typed):
    things.add("1", "Budget participatif", "fr")
    things.add("2", "Eau", "fr")
    assert [one["text"] for one in suggested(client, typed)] == ["Budget participatif"]


@pytest.mark.parametrize("typed", ["نفا", "النفا", "النُّفَايَات", "تدبير الن"])
def test_arabic_suggestion_begins_with_or_without_the_article(client, things, typed):
    things.add("1", "تدبير النفايات", "ar")
    [one] = suggested(client, typed, "ar")
    assert (one["text"], one["lang"], one["dir"]) == ("تدبير النفايات", "ar", "rtl")


@pytest.mark.parametrize("typed", ["", "b", " b ", "zz", "udget", "%", "__", "b%"])
def test_too_little_or_nothing_known_suggests_nothing(client, things, typed):
    things.add("1", "Budget", "fr")
    assert suggested(client, typed) == []


def test_terms_are_suggested_in_the_readers_language_after_whole_titles(client, things):
    concept = Concept.objects.create()
    Term.objects.create(concept=concept, language="fr", text="budget citoyen", preferred=True)
    Term.objects.create(concept=concept, language="fr", text="budgétiser")  # in no document
    Term.objects.create(concept=concept, language="en", text="budget of citizens")
    things.add("1", "Budget de la commune", "fr")
    things.add("2", "Le budget", "fr")
    assert [(one["text"], one["path"]) for one in suggested(client, "budg")] == [
        ("budget citoyen", "/fr/search/?q=budget+citoyen"),
        ("Budget de la commune", "/fr/things/1/"),
        ("Le budget", "/fr/things/2/"),
    ]


def test_thing_is_suggested_once_in_the_nearest_version(client, things):
    things.put("1", thing("1", "budget", "fr"), thing("1", "budget", "en"))
    assert [one["lang"] for one in suggested(client, "budg", "fr")] == ["fr"]
    assert [one["lang"] for one in suggested(client, "budg", "en")] == ["en"]


def test_suggestions_are_eight_and_take_one_query(client, things, django_assert_num_queries):
    for number in range(20):
        things.add(str(number), f"budget {number}", "fr")
    for typed, count in (("budg", 8), ("zzz", 0)):
        with django_assert_num_queries(1):
            assert len(suggested(client, typed)) == count
