import pytest

from tests.factories import make_commune, make_practice

pytestmark = pytest.mark.django_db


def test_front_door_leads_to_arabic(client):
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (302, "/ar/")


@pytest.mark.parametrize(
    ("language", "direction"), [("ar", "rtl"), ("fr", "ltr"), ("en", "ltr"), ("zgh", "ltr")]
)
def test_home_exists_in_each_language_from_the_first_migration_on(client, language, direction):
    response = client.get(f"/{language}/")
    page = response.content.decode()
    assert response.status_code == 200
    assert f'<html lang="{language}" dir="{direction}">' in page
    for other in ("ar", "fr", "en", "zgh"):
        assert f'hreflang="{other}"' in page
    assert 'hreflang="x-default" href="http://127.0.0.1:8000/ar/"' in page


def test_home_without_words_of_its_own_shows_the_nearest_and_says_its_language(client):
    page = client.get("/zgh/").content.decode()
    assert '<div class="hero__text" lang="fr" dir="ltr">' in page
    assert "Ce qui marche dans une commune profite à toutes" in page


def test_language_switch_keeps_the_place_and_the_filters(client):
    page = client.get("/ar/practices/?principle=access&page=2").content.decode()
    assert 'href="/fr/practices/?principle=access&amp;page=2"' in page


def test_figures_count_what_a_visitor_sees(client):
    commune = make_commune()
    arabic = make_practice(collectivities=(commune,), principles=("access", "digital"))
    make_practice(
        language="fr", translation_of=arabic, collectivities=(commune,), principles=("access",)
    )
    make_practice(published=False, collectivities=(make_commune(),))
    response = client.get("/ar/")
    assert [figure["number"] for figure in response.context["figures"]] == [1, 1, 1]
    counts = {one.slug: one.count for one in response.context["principles"]}
    assert counts == {
        "transparency": 0,
        "accountability": 0,
        "participation": 0,
        "access": 1,
        "digital": 1,
    }


def test_latest_practices_are_three_and_the_newest_first(client):
    for n in range(5):
        make_practice(title=f"ممارسة رقم {n}")
    response = client.get("/ar/")
    assert [one.title[-1] for one in response.context["practices"]] == ["4", "3", "2"]


def test_home_sets_no_cookie(client):
    assert not client.get("/ar/").cookies
