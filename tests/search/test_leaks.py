"""What is restricted is found by those who may see it, and by nobody else: not a trace of it."""

import json

import pytest
from django.test import Client

from search.documents import withdraw
from search.models import SearchWord
from search.registry import PUBLIC, audience_holders, audiences_of, register_audiences
from search.services import search
from search.suggestions import suggestions
from tests.conftest import index_waiting
from tests.factories import make_user
from tests.search.conftest import thing

pytestmark = pytest.mark.django_db
NETWORK, TWELVE = "network", "collectivity:12"
READERS = ("visitor", "member", "twelve", "thirteen", "stranger")


@pytest.fixture
def readers():
    """A visitor, and people who hold audiences of the network and of collectivities."""
    people = {name: make_user() for name in READERS[1:]}
    held = {
        "member": {NETWORK},
        "twelve": {NETWORK, TWELVE},
        "thirteen": {NETWORK, "collectivity:13"},
        "stranger": set(),
    }
    by_pk = {people[name].pk: keys for name, keys in held.items()}
    register_audiences("test", lambda person: by_pk.get(person.pk, ()))
    yield {"visitor": None, **people}
    del audience_holders["test"]


@pytest.fixture
def secrets(things, readers):
    """
    One thing for each audience, one of them in a public and a restricted version.

    Each holds "budget" and a word of its own.
    """
    things.add("open", "budget ouvert", "fr", labels={"colour": ["red"]})
    things.add(
        "inside",
        "budget interne zanzibar",
        "fr",
        summary="résumé zanzibar",
        body="corps zanzibar",
        keywords="zanzibar",
        audiences=(NETWORK,),
        labels={"colour": ["blue"]},
    )
    things.add(
        "ours", "budget kilimandjaro", "fr", audiences=(TWELVE,), labels={"colour": ["green"]}
    )
    things.put(
        "both",
        thing("both", "ميزانية مفتوحة", "ar", labels={"colour": ["red"]}),
        thing("both", "budget madagascar", "fr", audiences=(NETWORK,), labels={"colour": ["blue"]}),
    )
    return readers


def keys(reader, query: str = "", language: str = "fr", **options) -> list[str]:
    results = search(query, language, reader=reader, **options)
    found = sorted(one.document.key for one in results.hits)
    assert results.total == len(found)
    return found


MAY_SEE = {
    "visitor": ["both-ar", "open-fr"],
    "stranger": ["both-ar", "open-fr"],
    "member": ["both-fr", "inside-fr", "open-fr"],
    "thirteen": ["both-fr", "inside-fr", "open-fr"],
    "twelve": ["both-fr", "inside-fr", "open-fr", "ours-fr"],
}


@pytest.mark.parametrize("name", READERS)
def test_each_reader_finds_what_that_reader_may_see(secrets, name):
    reader = secrets[name]
    assert keys(reader) == MAY_SEE[name]
    french = [key for key in MAY_SEE[name] if key != "both-ar"]
    assert keys(reader, "budget") == french
    for sort in ("newest", "relevance"):
        assert keys(reader, "budget", sort=sort) == french


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("word", "key"),
    [("zanzibar", "inside-fr"), ("kilimandjaro", "ours-fr"), ("madagascar", "both-fr")],
)
def test_word_of_a_restricted_thing_finds_it_for_those_alone(secrets, name, word, key):
    assert keys(secrets[name], word) == ([key] if key in MAY_SEE[name] else [])


@pytest.mark.parametrize("name", READERS)
def test_facets_and_tabs_count_what_the_reader_may_see(secrets, name):
    red = {"visitor": 2, "stranger": 2}.get(name, 1)
    blue = {"visitor": 0, "stranger": 0}.get(name, 2)
    green = int(name == "twelve")
    expected = {c: n for c, n in (("red", red), ("blue", blue), ("green", green)) if n}
    for options in ({}, {"kind": "things"}):
        results = search("", "fr", reader=secrets[name], **options)
        [colours] = [facet for facet in results.facets if facet.name == "colour"]
        assert {choice.value: choice.count for choice in colours.choices} == expected
    sections = {
        choice.value: choice.count for choice in search("", "fr", reader=secrets[name]).sections
    }
    assert sections == {"things": len(MAY_SEE[name])}


@pytest.mark.parametrize("name", READERS)
def test_filter_for_a_restricted_value_finds_what_the_reader_may_see(secrets, name):
    found = keys(secrets[name], filters={"colour": ["green"]})
    assert found == (["ours-fr"] if name == "twelve" else [])
    results = search("", "fr", {"colour": ["green"]}, reader=secrets[name])
    assert results.total_without_filters == (0 if found else len(MAY_SEE[name]))


@pytest.mark.parametrize("name", READERS)
def test_suggestions_offer_what_the_reader_may_see(secrets, name):
    offered = [one.text for one in suggestions("bud", "fr", audiences_of(secrets[name]))]
    titles = {
        "open-fr": "budget ouvert",
        "inside-fr": "budget interne zanzibar",
        "ours-fr": "budget kilimandjaro",
        "both-fr": "budget madagascar",
    }
    assert sorted(offered) == sorted(titles[key] for key in MAY_SEE[name] if key in titles)
    for start in ("zanz", "kilim", "madag"):
        offered = [one.text for one in suggestions(start, "fr", audiences_of(secrets[name]))]
        seen = [title for key, title in titles.items() if key in MAY_SEE[name] and start in title]
        assert offered == seen


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("typed", ["zanzebar", "zanzib", "kilimandjarro", "madagascat"])
def test_no_spelling_is_taken_from_a_restricted_word(secrets, name, typed):
    results = search(typed, "fr", reader=secrets[name])
    assert (results.suggestion, results.corrected, results.total) == ("", False, 0)


def test_spelling_is_taken_from_public_words(secrets):
    results = search("ouvrt", "fr")
    assert (results.suggestion, results.corrected, results.total) == ("ouvert", True, 1)


def test_vocabulary_holds_public_words_alone(secrets):
    words = set(SearchWord.objects.values_list("word", "documents"))
    assert words == {("budget", 1), ("ouvert", 1), ("ميزانيه", 1), ("مفتوحه", 1)}


def test_restricted_version_does_not_bring_a_visitor_to_the_public_one(secrets):
    assert keys(None, "madagascar") == keys(None, "madagascar", "ar") == []
    assert keys(None, "مفتوحة") == ["both-ar"]


def test_public_version_brings_a_member_to_the_restricted_one(things, readers):
    """It may say what everybody may read; a member who searches in Arabic finds it in French."""
    things.put(
        "a",
        thing("a", "ميزانية مفتوحة", "ar", audiences=(PUBLIC, NETWORK)),
        thing("a", "budget madagascar", "fr", audiences=(NETWORK,)),
    )
    assert keys(readers["member"], "مفتوحة") == ["a-fr"]
    assert keys(None, "مفتوحة") == ["a-ar"]


def test_highlights_show_the_version_that_the_reader_may_see(secrets):
    [hit] = search("ميزانية", "fr").hits
    assert (hit.title, hit.text) == ("<mark>ميزانية</mark> مفتوحة", "")
    [hit] = search("zanzibar", "fr", reader=secrets["member"]).hits
    assert hit.text == "résumé <mark>zanzibar</mark>"


def test_reader_with_several_keys_sees_each_thing_once_in_the_nearest_version(things, readers):
    things.put(
        "a",
        thing("a", "ميزانية", "ar", audiences=(PUBLIC,)),
        thing("a", "budget", "fr", audiences=(NETWORK,)),
        thing("a", "budget", "en", audiences=(TWELVE,)),
    )
    things.add("b", "budget", "fr", audiences=(PUBLIC, NETWORK, TWELVE))
    expected = {
        "visitor": {"ar": "a-ar", "fr": "a-ar", "en": "a-ar", "zgh": "a-ar"},
        "member": {"ar": "a-ar", "fr": "a-fr", "en": "a-fr", "zgh": "a-fr"},
        "twelve": {"ar": "a-ar", "fr": "a-fr", "en": "a-en", "zgh": "a-fr"},
    }
    for name, by_language in expected.items():
        for language, key in by_language.items():
            assert keys(readers[name], language=language) == sorted([key, "b-fr"])
            results = search("", language, reader=readers[name])
            assert [one.count for one in results.sections] == [2]


def test_inactive_person_is_a_visitor(secrets):
    person = secrets["twelve"]
    person.is_active = False
    assert audiences_of(person) == frozenset({PUBLIC})
    assert keys(person) == MAY_SEE["visitor"]


def test_holder_of_audiences_is_registered_once(readers):
    with pytest.raises(ValueError, match="two holders of audiences named test"):
        register_audiences("test", lambda person: ())


# What changes


def test_thing_that_becomes_restricted_is_gone_at_once_and_comes_back_for_its_readers(
    things, readers
):
    things.add("a", "budget zanzibar", "fr")
    assert keys(None, "zanzibar") == ["a-fr"]
    things.documents["a"] = [thing("a", "budget zanzibar", "fr", audiences=(NETWORK,))]
    withdraw("things", ["a"])
    for reader in readers.values():
        assert keys(reader, "zanzibar") == []
    assert SearchWord.objects.count() == 0
    index_waiting()
    assert keys(None, "zanzibar") == keys(readers["stranger"], "zanzibar") == []
    assert keys(readers["member"], "zanzibar") == ["a-fr"]
    assert SearchWord.objects.count() == 0


def test_version_that_becomes_restricted_leaves_no_words_in_its_sister(things, readers):
    things.put("a", thing("a", "ميزانية", "ar"), thing("a", "budget zanzibar", "fr"))
    assert keys(None, "zanzibar", "ar") == ["a-ar"]
    things.put(
        "a", thing("a", "ميزانية", "ar"), thing("a", "budget zanzibar", "fr", audiences=(NETWORK,))
    )
    assert keys(None, "zanzibar", "ar") == keys(None, "zanzibar", "fr") == []
    assert keys(None, "ميزانية", "fr") == ["a-ar"]
    assert keys(readers["member"], "zanzibar") == ["a-fr"]


def test_restricted_thing_that_becomes_public_is_found_by_all(things, readers):
    things.add("a", "budget zanzibar", "fr", audiences=(TWELVE,))
    assert keys(None, "zanzibar") == []
    things.add("a", "budget zanzibar", "fr")
    for reader in readers.values():
        assert keys(reader, "zanzibar") == ["a-fr"]
    assert search("zanzebar", "fr").suggestion == "zanzibar"


# In pages


def unmarked(response) -> str:
    return response.content.decode().replace("<mark>", "").replace("</mark>", "")


def trace(client: Client) -> str:
    """All that the search tells in its pages, whatever is asked."""
    told = []
    for language in ("ar", "fr", "en", "zgh"):
        for query in ("", "budget", "zanzibar", "zanzib", "kilimandjaro", "madagascar", "bud"):
            for address in ("", "feed.xml", "suggest/"):
                told.append(client.get(f"/{language}/search/{address}", {"q": query}))
    return "".join(map(unmarked, told))


SECRETS = ("budget interne", "résumé", "/things/inside/", "/things/ours/", "budget madagascar")


def test_no_page_tells_a_visitor_of_what_is_restricted(client, secrets):
    told = trace(client)
    assert [one for one in SECRETS if one in told] == []
    assert "/things/open/" in told


def test_pages_tell_a_person_what_that_person_may_see(client, secrets):
    client.force_login(secrets["member"])
    told = unmarked(client.get("/fr/search/", {"q": "budget"}))
    assert [one for one in SECRETS if one not in told] == ["/things/ours/"]
    offered = json.loads(client.get("/fr/search/suggest/", {"q": "bud"}).content)["suggestions"]
    assert len(offered) == 3


def test_page_of_a_person_is_kept_by_no_shared_cache(client, secrets):
    client.force_login(secrets["member"])
    for address in ("/fr/search/?q=budget", "/fr/search/suggest/?q=bud"):
        response = client.get(address)
        assert "Cookie" in response.get("Vary", ""), address
        assert "public" not in response.get("Cache-Control", ""), address


def test_feed_tells_public_things_alone_whoever_asks(client, secrets, things):
    client.force_login(secrets["twelve"])
    told = unmarked(client.get("/fr/search/feed.xml", {"q": "budget"}))
    assert [one for one in SECRETS if one in told] == []
