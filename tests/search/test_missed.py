"""What people searched and did not find: counted, without anything about them."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from search import missed
from search.models import MissedSearch
from search.services import search
from tests.factories import make_practice

pytestmark = pytest.mark.django_db
PAGE = "/fr/search/"


def kept() -> list[tuple[str, str, int]]:
    rows = MissedSearch.objects.order_by("language", "folded")
    return [(one.language, one.query, one.count) for one in rows]


def test_search_without_result_is_counted_by_language_and_way_of_writing(client):
    for path, query in (
        (PAGE, "Piscine Été"),
        (PAGE, "  piscine   ete"),
        ("/ar/search/", "piscine été"),
        ("/ar/search/", "المَسابح"),
        ("/ar/search/", "المسابح"),
    ):
        assert client.get(path, {"q": query}).status_code == 200
    assert kept() == [("ar", "piscine été", 1), ("ar", "المَسابح", 2), ("fr", "Piscine Été", 2)]


def test_search_with_result_is_not_counted(client):
    make_practice(title="piscine", language="fr")
    client.get(PAGE, {"q": "piscine"})
    client.get(PAGE, {"q": "stade"})
    assert kept() == [("fr", "stade", 1)]


def test_search_that_only_a_correction_answered_is_counted(client):
    make_practice(title="piscine", language="fr")
    response = client.get(PAGE, {"q": "piscinne"})
    assert response.context["results"].corrected
    assert kept() == [("fr", "piscinne", 1)]


@pytest.mark.parametrize(
    "more", [{"principle": "access"}, {"own": "1"}, {"region": "99"}, {"section": "news"}]
)
def test_search_that_filters_left_without_result_is_not_counted(client, more):
    client.get(PAGE, {"q": "piscine", **more})
    assert kept() == []


@pytest.mark.parametrize(
    "query",
    [
        *("nom@example.org", "écrire à nom@example.org", "@nom"),
        *("0661234567", "06 61 23 45 67", "06.61.23.45.67", "06-61-23-45-67", "+212661234567"),
        *("06/61/23/45/67", "(06)61 23 45 67", "06_61_23_45_67", "06,61,23,45,67"),
        *("٠٦٦١٢٣٤٥٦٧", "٠٦ ٦١ ٢٣ ٤٥ ٦٧", "AB123456", "dossier 12345"),
        *("https://example.org/x", "HTTP://example.org", "mot " * 30, "a", "", "😀", "…"),
    ],
)
def test_what_may_tell_of_a_person_or_says_nothing_is_not_kept(client, query):
    client.get(PAGE, {"q": query})
    client.get(PAGE, {"q": "budget 2024"})
    assert kept() == [("fr", "budget 2024", 1)]


@pytest.mark.parametrize(
    "query", ['"', "NEAR(", "a\ud800bc", "\u202enoitisop", "<script>", "x" * 200]
)
def test_odd_searches_are_counted_or_not_and_never_fail(query):
    missed.note(search(query, "fr"), "fr")
    assert MissedSearch.objects.count() <= 1


def test_search_answers_though_it_cannot_be_counted(client, caplog):
    def fail(execute, sql, params, many, context):
        if "search_missedsearch" in sql:
            raise OperationalError("the disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        assert client.get(PAGE, {"q": "piscine"}).status_code == 200
    assert kept() == []
    assert [record.getMessage() for record in caplog.records] == [
        "a search without result could not be counted"
    ]
    assert client.get(PAGE, {"q": "piscine"}).status_code == 200
    assert kept() == [("fr", "piscine", 1)]


def test_flood_of_nonsense_is_bounded_and_what_is_known_counts_on(client):
    MissedSearch.objects.bulk_create(
        MissedSearch(language="fr", folded=f"mot {n}", query=f"mot {n}") for n in range(missed.MOST)
    )
    client.get(PAGE, {"q": "encore un"})
    client.get(PAGE, {"q": "mot 7"})
    assert MissedSearch.objects.count() == missed.MOST
    assert MissedSearch.objects.get(folded="mot 7").count == 2


def test_counting_again_moves_the_last_time_and_not_the_first(client):
    client.get(PAGE, {"q": "piscine"})
    then = timezone.now() - timedelta(days=30)
    MissedSearch.objects.update(first_at=then, last_at=then)
    client.get(PAGE, {"q": "piscine"})
    one = MissedSearch.objects.get()
    assert one.first_at == then
    assert one.last_at > then + timedelta(days=29)


def test_what_nobody_searched_for_a_year_is_cleared():
    now = timezone.now()
    for days in (10, 364, 366, 1000):
        MissedSearch.objects.create(
            language="fr", folded=f"{days}", query=f"{days}",
            first_at=now - timedelta(days=2000), last_at=now - timedelta(days=days),
        )  # fmt: skip
    missed.clear_missed()
    assert [query for _language, query, _count in kept()] == ["10", "364"]


def test_suggestions_and_feeds_count_nothing(client):
    for address in ("suggest/", "feed.xml"):
        assert client.get(f"{PAGE}{address}", {"q": "piscine"}).status_code == 200
    assert kept() == []
