from datetime import date

import pytest
from wagtail.models import PageViewRestriction

from home.models import FeaturedNews, FeaturedPractice, FrontPage
from home.models.pages import Audience
from practices.models import PracticePage
from tests.factories import make_image, make_news, make_page, make_practice, many_practices

# Wagtail's small pictures leave files open.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

LANGUAGES = ("ar", "fr", "en", "zgh")


def feature(model, *pages) -> None:
    for place, page in enumerate(pages):
        model.objects.create(front_page=FrontPage.load(), page=page, sort_order=place)


def titles(client, name: str, language: str = "ar") -> list[str]:
    return [one.title for one in client.get(f"/{language}/").context[name]]


# --- Practices ----------------------------------------------------------------------------------


def test_newest_practices_are_shown_where_none_is_chosen(client):
    for n in range(4):
        make_practice(title=f"practice {n}")
    answer = client.get("/en/")
    assert [one.title for one in answer.context["practices"]] == [
        "practice 3",
        "practice 2",
        "practice 1",
    ]
    assert "<h2>Latest practices</h2>" in answer.content.decode()


def test_chosen_practices_alone_are_shown_in_their_order(client):
    first, _second, third = (make_practice(title=f"practice {n}") for n in range(3))
    feature(FeaturedPractice, third, first)
    answer = client.get("/en/")
    assert [one.title for one in answer.context["practices"]] == ["practice 2", "practice 0"]
    assert "<h2>Worth reading</h2>" in answer.content.decode()


def test_chosen_practice_stands_for_its_versions(client):
    arabic = make_practice(title="ar")
    french = make_practice(language="fr", title="fr", translation_of=arabic)
    feature(FeaturedPractice, french)
    make_practice(title="newer")
    assert {language: titles(client, "practices", language) for language in LANGUAGES} == {
        "ar": ["ar"],
        "fr": ["fr"],
        "en": ["fr"],
        "zgh": ["fr"],
    }


def test_practice_chosen_in_two_versions_is_shown_once(client):
    arabic = make_practice(title="ar")
    french = make_practice(language="fr", title="fr", translation_of=arabic)
    feature(FeaturedPractice, french, arabic)
    assert titles(client, "practices") == ["ar"]


def test_chosen_practice_that_nobody_can_read_gives_way(client):
    shown = make_practice(title="shown")
    closed = make_practice(title="closed")
    PageViewRestriction.objects.create(page=closed, restriction_type="login")
    feature(FeaturedPractice, make_practice(published=False), closed)
    assert titles(client, "practices") == ["shown"]
    feature(FeaturedPractice, shown)
    assert titles(client, "practices") == ["shown"]


def test_deleted_practice_is_chosen_no_longer(client):
    page = make_practice()
    feature(FeaturedPractice, page)
    page.delete()
    assert FeaturedPractice.objects.count() == 0
    assert titles(client, "practices") == []


# --- News ---------------------------------------------------------------------------------------


def test_newest_three_news_are_shown(client):
    for n in (2, 4, 1, 3):
        make_news(title=f"news {n}", date=date(2024, 1, n))
    assert titles(client, "news") == ["news 4", "news 3", "news 2"]


def test_chosen_news_come_first_and_the_newest_fill_the_rest(client):
    old, older, _new, _newer = (
        make_news(title=title, date=date(year, 1, 1))
        for title, year in (("old", 2021), ("older", 2020), ("new", 2024), ("newer", 2025))
    )
    feature(FeaturedNews, older, old)
    assert titles(client, "news") == ["older", "old", "newer"]


def test_chosen_news_stand_for_their_versions(client):
    arabic = make_news(title="ar", date=date(2020, 1, 1))
    make_news(language="fr", title="fr", translation_of=arabic, date=date(2020, 1, 1))
    make_news(title="newer", date=date(2025, 1, 1))
    feature(FeaturedNews, arabic)
    assert titles(client, "news", "ar") == ["ar", "newer"]
    for language in ("fr", "en", "zgh"):
        assert titles(client, "news", language) == ["fr", "newer"]


def test_home_without_news_and_dates_leaves_their_place_out(client):
    assert "home-news" not in client.get("/ar/").content.decode()
    make_news()
    assert "home-news" in client.get("/ar/").content.decode()


# --- Where to begin -----------------------------------------------------------------------------


def test_starting_points_are_one_for_each_audience_in_their_order(client):
    for audience in reversed(Audience.values):
        make_page(title=audience, audience=audience)
    make_page(title="a second", audience=Audience.CITIZEN)
    make_page(title="none")
    make_page(title="draft", audience=Audience.CITIZEN, published=False)
    assert titles(client, "starts") == ["collectivity", "association", "citizen"]


def test_starting_point_is_in_the_nearest_language_and_leads_into_the_readers(client):
    page = make_page(slug="start", title="ar", audience=Audience.CITIZEN)
    make_page(language="fr", title="fr", translation_of=page, audience=Audience.CITIZEN)
    assert titles(client, "starts", "ar") == ["ar"]
    html = client.get("/zgh/").content.decode()
    assert '<a href="/zgh/start/" lang="fr" dir="ltr">fr</a>' in html


def test_home_without_starting_points_does_not_ask_where_to_start(client):
    assert "starts-title" not in client.get("/ar/").content.decode()


# --- How much it asks ---------------------------------------------------------------------------


@pytest.mark.slow
def test_home_asks_the_same_for_ten_practices_and_a_hundred(client, django_assert_num_queries):
    for audience in Audience.values:
        make_page(audience=audience)
    for _ in range(4):
        make_news(picture=make_image(), event_start=date(2100, 1, 1))
    for more in (10, 90):
        many_practices(more)
        client.get("/fr/")  # the menus and the small pictures are kept from now on
        with django_assert_num_queries(21):
            client.get("/fr/")
    feature(FeaturedPractice, *PracticePage.objects.all()[:3])
    with django_assert_num_queries(21):
        client.get("/fr/")
