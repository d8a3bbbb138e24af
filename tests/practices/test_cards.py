import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from PIL import Image
from wagtail.models import PageViewRestriction

from core.card import SIZE, draw_practice_card
from core.outbox.models import OutboxJob
from core.outbox.worker import Worker
from practices.cards import JOB, ROSE, card_file, card_of, card_url, fingerprint, load_card
from practices.models import PracticeIndicator
from tests.factories import make_commune, make_practice

pytestmark = pytest.mark.django_db
SITE_CARD = "/static/img/card.png"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def practice():
    """A practice with a figure, in French; what its publishing left to do is taken away."""
    page = make_practice(
        language="fr",
        title="Le budget ouvert",
        principles=("access", "digital"),
        collectivities=(make_commune(name_fr="Agadir", name_ar="أكادير"),),
        published=False,
    )
    page.indicators = [
        PracticeIndicator(locale=page.locale, name="connaissent", baseline=9, value=62, unit="%")
    ]
    page.save_revision().publish()
    page.refresh_from_db()
    OutboxJob.objects.all().delete()
    return page


def url(page) -> str:
    return card_url(page, load_card(page))


def work() -> int:
    """Let the worker do the cards that wait; returns how many."""
    waiting = OutboxJob.objects.filter(kind=JOB).count()
    Worker().run(until_empty=True)
    return waiting


def files(media) -> list[str]:
    return sorted(str(file.relative_to(media)) for file in media.rglob("*") if file.is_file())


def assert_site_card(response) -> None:
    assert (response.status_code, response["Location"]) == (302, SITE_CARD)
    assert response["Cache-Control"] == "no-store"


# --- The address --------------------------------------------------------------------------------


def test_card_shows_what_the_page_shows_in_its_language(practice):
    with translation.override("ar"):
        card = load_card(practice)
    assert card.title == "Le budget ouvert"
    assert card.who.startswith("Commune d’Agadir · Province de Ville")
    assert (card.figure.before, card.figure.after, card.figure.unit) == (
        "9\u00a0%",
        "62\u00a0%",
        "",
    )
    assert [code for code, _name in card.principles] == ["access", "digital"]


def test_page_names_the_address_of_its_card(client, practice):
    for language in ("fr", "ar"):  # in another language it is the same version that is shown
        page = client.get(f"/{language}/practices/{practice.slug}/").content.decode()
        assert dict(re.findall(r'property="og:(image[\w:]*)" content="([^"]+)"', page)) == {
            "image": f"http://127.0.0.1:8000{url(practice)}",
            "image:width": "1200",
            "image:height": "630",
            "image:alt": "Le budget ouvert",
        }
    assert url(practice).startswith(f"/fr/practices/{practice.slug}/card-")


def test_card_of_a_loaded_page_asks_nothing_of_the_database(practice, django_assert_num_queries):
    links = practice.collectivity_links.select_related("collectivity__parent")
    loaded = {
        "collectivities": [link.collectivity for link in links],
        "principles": list(practice.principle_tags),
        "proof": practice.proof,
    }
    assert practice.locale
    with django_assert_num_queries(0):
        card_url(practice, card_of(practice, **loaded))


def test_page_costs_no_query_more_for_its_card(client, practice):
    client.get(f"/fr/practices/{practice.slug}/")
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/fr/practices/{practice.slug}/")
    assert len(captured) == 15


def test_address_changes_with_what_is_drawn_and_with_nothing_else(practice):
    before = url(practice)
    practice.summary = "Un autre résumé"
    assert url(practice) == before
    practice.title = "Le budget fermé"
    assert url(practice) != before


def test_address_changes_with_the_way_of_drawing(practice, monkeypatch):
    before = url(practice)
    monkeypatch.setattr("practices.cards.DRAWING", 1000)
    assert url(practice) != before


def test_several_collectivities_are_named_and_counted():
    places = tuple(make_commune(name_ar=name) for name in ("تطوان", "أكادير", "فاس"))
    card = load_card(make_practice(collectivities=places))
    assert card.who.startswith("جماعة تطوان · جماعة أكادير ")
    assert "فاس" not in card.who


def test_version_in_tamazight_shows_the_card_of_the_site(client):
    page = make_practice(language="zgh")
    assert SITE_CARD in client.get(f"/zgh/practices/{page.slug}/").content.decode()
    mark = fingerprint(load_card(page))
    assert client.get(f"/zgh/practices/{page.slug}/card-{mark}.png").status_code == 404


# --- The file -----------------------------------------------------------------------------------


def test_first_request_gives_the_card_of_the_site_and_the_next_the_drawn_one(client, practice):
    assert_site_card(client.get(url(practice)))
    assert work() == 1
    response = client.get(url(practice), headers={"accept-encoding": "gzip"})
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Content-Encoding" not in response
    assert not response.cookies
    assert len(response.content) < 80_000
    assert response.content == card_file(practice.pk, fingerprint(load_card(practice))).read_bytes()


def test_many_requests_are_one_job(client, practice):
    for _time in range(3):
        client.get(url(practice))
    assert OutboxJob.objects.filter(kind=JOB).count() == 1


def test_card_is_drawn_once(client, practice, media):
    client.get(url(practice))
    work()
    (drawn,) = media.rglob("*.png")
    before = drawn.stat().st_ino  # a card that is drawn anew is another file
    practice.save_revision().publish()
    assert work() == 1
    assert drawn.stat().st_ino == before


def test_publishing_draws_the_new_card_and_deletes_the_old(client, practice, media):
    client.get(url(practice))
    work()
    old = url(practice)
    practice.title = "Le budget fermé"
    practice.save_revision().publish()
    assert work() == 1
    assert files(media) == [f"cards/{practice.pk}/{fingerprint(load_card(practice))}.png"]
    assert client.get(url(practice)).status_code == 200
    assert_site_card(client.get(old))


def test_unpublished_practice_loses_its_card(client, practice, media):
    client.get(url(practice))
    work()
    address = url(practice)
    practice.unpublish()
    assert client.get(address).status_code == 404
    assert work() == 1
    assert files(media) == []


def test_deleted_practice_loses_its_card(client, practice, media):
    client.get(url(practice))
    work()
    practice.delete()
    assert work() == 1
    assert files(media) == []


def test_card_of_a_restricted_practice_is_not_found_though_it_is_drawn(client, practice):
    client.get(url(practice))
    work()
    assert client.get(url(practice)).status_code == 200
    PageViewRestriction.objects.create(page=practice, restriction_type="login")
    assert client.get(url(practice)).status_code == 404


@pytest.mark.parametrize("mark", ["0" * 16, "a", "x" * 300])
def test_unknown_fingerprint_draws_nothing(client, practice, mark):
    assert_site_card(client.get(f"/fr/practices/{practice.slug}/card-{mark}.png"))
    assert work() == 0


def test_card_of_another_practice_or_language_is_not_found(client, practice):
    mark = fingerprint(load_card(practice))
    assert client.get(f"/fr/practices/nothing-1/card-{mark}.png").status_code == 404
    assert client.get(f"/ar/practices/{practice.slug}/card-{mark}.png").status_code == 404


def test_post_is_refused(client, practice):
    assert client.post(url(practice)).status_code == 405


# --- The drawing --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ar", "fr"])
@pytest.mark.parametrize("figure", [True, False])
def test_card_of_any_length_is_whole_and_mirrored(language, figure):
    page = make_practice(
        language=language,
        title="كلمة mot " * 28,
        principles=("transparency", "accountability", "participation", "access", "digital"),
        collectivities=tuple(make_commune(name_ar="ا" * 90, name_fr="a" * 90) for _n in range(3)),
        published=False,
    )
    if figure:
        page.indicators = [
            PracticeIndicator(
                locale=page.locale, name="n" * 200, baseline=-1, value=10**13, unit="u" * 40
            )
        ]
    page.save_revision().publish()
    picture = draw_practice_card(load_card(page), ROSE)
    assert picture.size == SIZE
    colours = picture.convert("RGB")
    far, near = (0, SIZE[0] - 60) if language == "ar" else (SIZE[0] - 60, 0)
    honey = Image.new("RGB", (1, 1), "#E0A32B").getpixel((0, 0))
    found = {
        side: honey
        in {colour for _n, colour in colours.crop((side, 0, side + 60, 630)).getcolors(9999)}
        for side in (far, near)
    }
    assert found == {far: True, near: False}
    # Where the text starts, the margin stays empty.
    margin = colours.crop((near, 0, near + 50, 630) if near == 0 else (near + 10, 0, 1200, 630))
    assert len(margin.getcolors(9999)) == 1
