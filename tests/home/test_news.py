import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.models import PageViewRestriction

from home.models import NewsPage
from tests.factories import make_image, make_news

# Wagtail's small pictures leave files open.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ATOM = "{http://www.w3.org/2005/Atom}"


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def titles(answer) -> list[str]:
    assert answer.status_code == 200
    return [item.title for item in answer.context["results"].hits]


# --- The list -----------------------------------------------------------------------------------


def test_list_is_newest_first_by_date_and_not_by_publication(client):
    make_news(title="middle", date=date(2024, 5, 1))
    make_news(title="new", date=date(2025, 1, 1))
    make_news(title="old", date=date(2023, 1, 1))
    make_news(title="same day, written later", date=date(2024, 5, 1))
    assert titles(client.get("/ar/news/")) == ["new", "same day, written later", "middle", "old"]


def test_list_shows_each_item_once_in_the_nearest_language(client):
    arabic = make_news(title="عربي")
    make_news(language="fr", title="français", translation_of=arabic)
    make_news(language="en", title="english")
    assert titles(client.get("/ar/news/")) == ["english", "عربي"]
    assert titles(client.get("/fr/news/")) == ["english", "français"]
    assert titles(client.get("/zgh/news/")) == ["english", "français"]
    html = client.get("/zgh/news/").content.decode()
    assert f'<a href="/zgh/news/{arabic.slug}/" lang="fr" dir="ltr">français</a>' in html


def test_list_leaves_out_what_a_visitor_may_not_see(client):
    make_news(title="shown")
    make_news(title="draft", published=False)
    PageViewRestriction.objects.create(page=make_news(title="closed"), restriction_type="login")
    assert titles(client.get("/ar/news/")) == ["shown"]


def test_list_of_no_news_says_so(client):
    answer = client.get("/en/news/")
    assert titles(answer) == []
    assert "<h2>No news yet</h2>" in answer.content.decode()


def test_list_has_twelve_items_a_page(client):
    for n in range(13):
        make_news(title=f"item {n}", date=date(2025, 1, 1) + timedelta(days=n))
    assert len(titles(client.get("/ar/news/"))) == 12
    assert titles(client.get("/ar/news/?page=2")) == ["item 0"]
    assert titles(client.get("/ar/news/?page=99")) == ["item 0"]
    for odd in ("0", "-1", "x", ""):
        assert len(titles(client.get(f"/ar/news/?page={odd}"))) == 12


def test_list_of_a_year_holds_its_news_alone(client):
    make_news(title="first day", date=date(2024, 1, 1))
    make_news(title="last day", date=date(2024, 12, 31))
    make_news(title="the day after", date=date(2025, 1, 1))
    answer = client.get("/ar/news/?year=2024")
    assert titles(answer) == ["last day", "first day"]
    assert [(one.value, one.count) for one in answer.context["results"].facets[0].choices] == [
        ("2025", 1),
        ("2024", 2),
    ]
    assert titles(client.get("/ar/news/?year=2024&year=2025")) == [
        "the day after",
        "last day",
        "first day",
    ]


@pytest.mark.parametrize("year", ["1999", "2101", "abc", "2024x", "٢٠٢٤", "2024'--"])
def test_unknown_year_is_left_out_and_said(client, year):
    make_news(title="shown", date=date(2024, 5, 1))
    answer = client.get("/fr/news/", {"year": year})
    assert titles(answer) == ["shown"]
    assert answer.context["results"].ignored == [("year", year)]
    assert '<div class="notice notice--info" role="status">' in answer.content.decode()
    known = client.get("/fr/news/", {"year": "2024"})
    assert known.context["results"].ignored == []
    assert "notice--info" not in known.content.decode()


def test_list_is_searched_by_words_of_title_and_summary(client):
    make_news(title="budget ouvert", summary="à Tétouan")
    make_news(title="atelier", summary="sur le budget")
    make_news(title="autre", summary="rien")
    # What answers best comes first; by date where a reader asks for it.
    assert titles(client.get("/ar/news/?q=budget")) == ["budget ouvert", "atelier"]
    assert titles(client.get("/ar/news/?q=budget&sort=newest")) == ["atelier", "budget ouvert"]
    assert titles(client.get("/ar/news/?q=budget+Tétouan")) == ["budget ouvert", "atelier"]


@pytest.mark.parametrize("count", [1, 3, 12])
def test_list_asks_the_same_for_one_item_and_for_many(client, django_assert_num_queries, count):
    for n in range(count):
        make_news(picture=make_image(), event_start=in_days(n))
    client.get("/ar/news/")  # the menus and the small pictures are kept from now on
    with django_assert_num_queries(7):
        client.get("/ar/news/")


# --- An item ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ar", "fr", "en", "zgh"])
def test_item_is_served_at_one_address_in_each_language(client, language):
    item = make_news(language="fr", title="Un atelier", date=date(2024, 6, 5))
    answer = client.get(f"/{language}/news/{item.slug}/")
    html = answer.content.decode()
    own = "" if language == "fr" else ' lang="fr" dir="ltr"'
    assert answer.status_code == 200
    assert item.slug == f"un-atelier-{item.pk}"
    assert f"<h1{own}>Un atelier</h1>" in html
    assert '<time datetime="2024-06-05">' in html
    assert ("language-note" in html) == (language != "fr")


def test_item_tells_its_date_its_place_and_its_source(client):
    item = make_news(
        language="fr",
        event_start=date(2026, 3, 2),
        event_end=date(2026, 3, 4),
        event_place="Tétouan",
        source_title="Le Matin",
        source_url="https://example.org/x",
    )
    html = client.get(item.url_path).content.decode()
    assert re.findall(r'<dd><time datetime="([\d-]+)">', html) == ["2026-03-02"]
    assert '– <time datetime="2026-03-04">4 mars 2026</time>' in html
    assert "<dd>Tétouan</dd>" in html
    assert '<a href="https://example.org/x" rel="noopener">Le Matin</a>' in html


@pytest.mark.parametrize("decorative", [True, False])
def test_picture_of_an_item_is_described_unless_it_only_decorates(client, decorative):
    picture = make_image(alt_fr="Une fontaine")
    item = make_news(language="fr", picture=picture, picture_decorative=decorative)
    html = client.get(item.url_path).content.decode()
    figure = html[html.index('<figure class="picture">') : html.index("</figure>")]
    assert ('alt=""' in figure) == decorative
    assert ('alt="Une fontaine" lang="fr"' in figure) != decorative


def test_item_that_is_not_published_is_not_found_beside_one_that_is(client):
    shown, draft = make_news(), make_news(published=False)
    assert client.get(f"/ar/news/{shown.slug}/").status_code == 200
    assert client.get(f"/ar/news/{draft.slug}/").status_code == 404
    PageViewRestriction.objects.create(page=shown, restriction_type="login")
    assert client.get(f"/ar/news/{shown.slug}/").status_code == 404


# --- Announced dates ----------------------------------------------------------------------------


def test_dates_to_come_are_in_order_and_end_with_their_last_day(client):
    make_news(title="over", event_start=in_days(-1))
    make_news(title="over since yesterday", event_start=in_days(-3), event_end=in_days(-1))
    make_news(title="later", event_start=in_days(9))
    make_news(title="today", event_start=in_days(0))
    make_news(title="last day", event_start=in_days(-2), event_end=in_days(0))
    make_news(title="no date")
    make_news(title="draft", event_start=in_days(1), published=False)
    coming = ["last day", "today", "later"]
    assert [item.title for item in NewsPage.objects.visible().upcoming()] == coming
    for address in ("/ar/", "/ar/news/"):
        assert [item.title for item in client.get(address).context["dates"]] == coming


def test_four_dates_are_shown_each_in_the_nearest_language(client):
    for n in range(5):
        item = make_news(title=f"ar {n}", event_start=in_days(n))
        make_news(language="fr", title=f"fr {n}", translation_of=item, event_start=item.event_start)
    dates = client.get("/zgh/news/").context["dates"]
    assert [item.title for item in dates] == ["fr 0", "fr 1", "fr 2", "fr 3"]


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (None, None, ""),
        (0, None, ""),
        (0, 0, ""),
        (0, 1, ""),
        (None, 1, "event_start"),
        (1, 0, "event_end"),
    ],
)
def test_event_ends_when_it_has_begun(start, end, field):
    item = make_news()
    item.event_start = None if start is None else in_days(start)
    item.event_end = None if end is None else in_days(end)
    if field:
        with pytest.raises(ValidationError) as error:
            item.full_clean()
        assert list(error.value.message_dict) == [field]
    else:
        item.full_clean()


# --- The feed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "expected"),
    [("ar", ["ar 2", "ar 1"]), ("fr", ["ar 2", "fr 1"]), ("zgh", ["ar 2", "fr 1"])],
)
def test_feed_holds_the_newest_in_the_nearest_language(client, language, expected):
    first = make_news(title="ar 1", summary="a & b", date=date(2024, 1, 1))
    make_news(language="fr", title="fr 1", translation_of=first, date=date(2024, 1, 1))
    second = make_news(title="ar 2", date=date(2025, 1, 1))
    make_news(title="draft", published=False)
    answer = client.get(f"/{language}/news/feed.xml")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=900")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert not answer.cookies
    feed = ElementTree.fromstring(answer.content)
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == expected
    assert [entry.find(f"{ATOM}link").attrib["href"] for entry in entries] == [
        f"http://127.0.0.1:8000/{language}/news/{item.slug}/" for item in (second, first)
    ]


def test_feed_without_news_is_a_feed(client):
    feed = ElementTree.fromstring(client.get("/ar/news/feed.xml").content)
    assert feed.findall(f"{ATOM}entry") == []


def test_feed_asks_the_same_for_one_item_and_for_many(client, django_assert_num_queries):
    for more in (1, 4):
        for _ in range(more):
            make_news()
        with django_assert_num_queries(1):
            client.get("/ar/news/feed.xml")
