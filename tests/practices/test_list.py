import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from wagtail.models import PageViewRestriction

from tests.factories import (
    make_commune,
    make_practice,
    make_region,
    make_theme,
    many_practices,
)

pytestmark = pytest.mark.django_db


def titles(response) -> list[str]:
    return [practice.title for practice in response.context["results"].hits]


def counts(response, facet: str) -> dict[str, int]:
    facets = {one.name: one for one in response.context["results"].facets}
    return {choice.value: choice.count for choice in facets[facet].choices}


def test_list_is_empty_without_practices_and_offers_a_way_on(client):
    response = client.get("/fr/practices/")
    assert response.status_code == 200
    assert 'href="/fr/practices/"' in response.content.decode()
    assert titles(response) == []


def test_facets_are_counted_each_without_its_own_filter(client):
    one, two = make_region(), make_region()
    make_practice(title="a", principles=("access",), collectivities=(make_commune(region=one),))
    make_practice(
        title="b", principles=("access", "digital"), collectivities=(make_commune(region=two),)
    )
    make_practice(title="c", principles=("digital",), collectivities=(make_commune(region=one),))
    response = client.get("/ar/practices/", {"principle": "access", "region": one.code})
    assert titles(response) == ["a"]
    # Principles among those of region one, regions among those of access.
    assert counts(response, "principle") == {"access": 1, "digital": 1}
    assert counts(response, "region") == {one.code: 1, two.code: 1}
    assert counts(response, "type") == {"commune": 1}


def test_values_of_one_facet_are_alternatives(client):
    make_practice(title="a", principles=("access",))
    make_practice(title="b", principles=("digital",))
    make_practice(title="c", principles=("transparency",))
    response = client.get("/ar/practices/?principle=access&principle=digital&sort=title")
    assert titles(response) == ["a", "b"]


@pytest.mark.parametrize(
    ("facet", "value", "fields"),
    [
        ("kind", "case-study", {"kind": "case-study"}),
        ("status", "stopped", {"status": "stopped"}),
        ("year", "2023", {"start": "2022-05", "end": "2024"}),
    ],
)
def test_filter_shows_what_has_the_value_and_hides_the_rest(client, facet, value, fields):
    make_practice(title="has it", **fields)
    make_practice(title="has it not")
    assert titles(client.get("/ar/practices/", {facet: value})) == ["has it"]


def test_filter_by_theme_and_by_language(client):
    theme = make_theme("petitions")
    with_theme = make_practice(title="عرائض", themes=(theme,))
    make_practice(title="Pétitions", language="fr", translation_of=with_theme, themes=(theme,))
    make_practice(title="غيرها")
    assert titles(client.get("/ar/practices/?theme=petitions")) == ["عرائض"]
    assert titles(client.get("/ar/practices/?language=fr")) == ["عرائض"]


def test_chosen_filters_are_links_that_take_them_away(client):
    make_practice(principles=("access", "digital"))
    page = client.get("/ar/practices/?principle=access&principle=digital&page=1").content.decode()
    assert 'href="?principle=digital"' in page
    assert 'href="?principle=access"' in page


def test_unknown_and_repeated_values_are_ignored_and_said(client):
    make_practice(title="a", principles=("access",))
    response = client.get(
        "/fr/practices/?principle=access&principle=access&principle=bogus&region=99&kind="
    )
    assert titles(response) == ["a"]
    assert response.context["results"].ignored == [("principle", "bogus"), ("region", "99")]
    assert "principle=bogus" in response.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "1" + "0" * 20, "abc", "٣", "1.5", "", "²", "9999"])
def test_page_that_does_not_exist_is_answered_with_one_that_does(client, page):
    make_practice()
    response = client.get("/ar/practices/", {"page": page})
    assert response.status_code == 200
    assert response.context["results"].page == 1


@pytest.mark.parametrize(
    "query",
    ['"', "a\"b'", "%", "\\", "x" * 3000, "\u202e", "😀", "' OR 1=1 --", "نفايات", "  "],
)
def test_hostile_searches_are_answered(client, query):
    make_practice()
    assert client.get("/fr/practices/", {"q": query}).status_code == 200


def test_nul_byte_is_refused_with_a_page(client):
    response = client.get("/fr/practices/?principle=a%00b")
    assert response.status_code == 400
    assert 'lang="fr"' in response.content.decode()


def test_long_search_is_cut_and_said(client):
    with override("fr"):
        page = client.get("/fr/practices/", {"q": "é" * 300}).content.decode()
    assert "200 premiers caractères" in page


def test_search_finds_titles_and_summaries(client):
    make_practice(title="ميزانية تشاركية")
    make_practice(title="شيء آخر", summary="عن ميزانية المواطن")
    make_practice(title="لا صلة له")
    assert len(titles(client.get("/ar/practices/?q=ميزانية"))) == 2


def test_each_practice_stands_once_in_the_nearest_language(client):
    arabic = make_practice(title="عربي")
    make_practice(title="français", language="fr", translation_of=arabic)
    make_practice(title="seulement en français", language="fr")
    assert sorted(titles(client.get("/ar/practices/"))) == ["seulement en français", "عربي"]
    assert sorted(titles(client.get("/fr/practices/"))) == ["français", "seulement en français"]
    # English falls back to French before Arabic.
    assert sorted(titles(client.get("/en/practices/"))) == ["français", "seulement en français"]


def test_practice_in_another_language_is_marked_with_it(client):
    make_practice(title="seulement en français", language="fr")
    page = client.get("/ar/practices/").content.decode()
    assert 'lang="fr" dir="ltr">seulement en français</a>' in page


def test_drafts_and_restricted_practices_are_nowhere(client):
    make_practice(title="published", principles=("access",))
    make_practice(title="draft", published=False, principles=("digital",))
    hidden = make_practice(title="hidden", principles=("digital",))
    PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    response = client.get("/ar/practices/")
    assert titles(response) == ["published"]
    assert counts(response, "principle") == {"access": 1}
    assert "hidden" not in client.get("/sitemap-ar.xml").content.decode()


def test_restriction_on_the_list_hides_all_below_it(client):
    practice = make_practice()
    PageViewRestriction.objects.create(page=practice.get_parent(), restriction_type="login")
    assert titles(client.get("/ar/practices/")) == []


def test_counts_follow_a_change_made_since(client):
    practice = make_practice(principles=("access",))
    assert counts(client.get("/ar/practices/"), "principle") == {"access": 1}
    make_practice(principles=("access",))
    assert counts(client.get("/ar/practices/"), "principle") == {"access": 2}
    practice.unpublish()
    assert counts(client.get("/ar/practices/"), "principle") == {"access": 1}


def test_sorts_by_title_and_by_date(client):
    make_practice(title="ب")
    make_practice(title="أ")
    assert titles(client.get("/ar/practices/?sort=title")) == ["أ", "ب"]
    assert titles(client.get("/ar/practices/?sort=newest")) == ["أ", "ب"]
    assert titles(client.get("/ar/practices/?sort=nonsense")) == ["أ", "ب"]


def test_pages_keep_the_filters(client):
    many_practices(30, languages=("ar",))
    response = client.get("/ar/practices/?kind=practice&sort=title")
    page = response.content.decode()
    assert response.context["results"].pages == 2
    assert 'href="?kind=practice&amp;sort=title&amp;page=2"' in page
    second = client.get("/ar/practices/?kind=practice&sort=title&page=2")
    assert len(second.context["results"].hits) == 12


def test_post_is_refused(client):
    assert client.post("/ar/practices/").status_code == 405


@pytest.mark.slow
def test_queries_do_not_grow_with_the_number_of_practices(client):
    """Under half of the 43 and 40 of bakerydemo, and the same for 1,000 as for 10."""
    limits = {
        "/ar/": 20,
        "/ar/practices/": 16,
        "/ar/practices/?principle=access&kind=practice": 16,
    }
    for more in (10, 990):
        many_practices(more)
        for address in limits:
            client.get(address)
        for address, queries in limits.items():
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            assert (address, len(captured)) == (address, queries)
