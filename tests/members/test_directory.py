import re
from html import unescape
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Permission

from members import registry
from members.models import User
from members.registry import CollectivitySection, register_collectivity_section
from tests.members.conftest import make

LIST = "/fr/collectivities/"


def words(response) -> str:
    """Return what the page's main part says, without markup."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def shown(response) -> list[str]:
    return [one.full_name_in("fr") for one, _counts in response.context["entries"]]


def test_directory_without_filter_is_the_regions(client, commune, many_communes, other_region):
    response = client.get(LIST)

    assert [
        (row["region"].code, row["provinces"], row["communes"])
        for row in response.context["regions"]
    ] == [("01", 1, 51), ("03", 0, 0)]
    assert "Région Tanger-Tétouan-Al Hoceïma" in words(response)
    html = response.content.decode()
    assert f'href="{LIST}fes-meknes-03/"' in html
    assert 'href="?region=01&amp;level=commune"' in html


def test_directory_that_is_empty_says_so(client, db):
    response = client.get(LIST)

    assert response.status_code == 200
    assert response.context["regions"] == []


@pytest.mark.parametrize("language", ["ar", "fr", "en", "zgh"])
def test_directory_in_each_language(client, commune, other_region, language):
    for query in ("", "?level=commune", "?q=zzz"):
        assert client.get(f"/{language}/collectivities/{query}").status_code == 200


@pytest.mark.parametrize(
    "query", ["tetouan", "TÉTOUAN", "تطوان", "commune de Tétouan", "جماعة تطوان", "Commune Tetouan"]
)
def test_search_finds_the_commune_in_either_script(client, commune, query):
    assert "Commune de Tétouan" in shown(client.get(LIST, {"q": query}))


def test_word_for_the_level_narrows_the_search(client, region, province, commune):
    assert shown(client.get(LIST, {"q": "tetouan"})) == [
        "Région Tanger-Tétouan-Al Hoceïma",
        "Province de Tétouan",
        "Commune de Tétouan",
    ]
    assert shown(client.get(LIST, {"q": "commune de tetouan"})) == ["Commune de Tétouan"]
    assert shown(client.get(LIST, {"q": "préfecture de tetouan"})) == ["Province de Tétouan"]
    assert shown(client.get(LIST, {"q": "إقليم تطوان"})) == ["Province de Tétouan"]
    assert shown(client.get(LIST, {"q": "province"})) == ["Province de Tétouan"]


def test_list_is_sorted_by_name_without_accents(client, province):
    for code, name in (("3", "Zag"), ("1", "Élan"), ("2", "Fahs")):
        make(f"01.571.01.{code}", "commune", "ا", name, province)

    assert shown(client.get(LIST, {"level": "commune"})) == [
        "Commune d’Élan",
        "Commune de Fahs",
        "Commune de Zag",
    ]


def test_facets_narrow_the_list(client, region, province, commune, other_region):
    assert shown(client.get(LIST, {"level": "region"})) == [
        "Région Fès-Meknès",
        "Région Tanger-Tétouan-Al Hoceïma",
    ]
    response = client.get(LIST, {"level": ["province", "commune"], "region": "01"})
    assert shown(response) == ["Province de Tétouan", "Commune de Tétouan"]
    level = response.context["results"].facets[0]
    assert [(one.value, one.count, one.chosen) for one in level.choices] == [
        ("region", 1, False),
        ("province", 1, True),
        ("commune", 1, True),
    ]


def test_entry_tells_where_it_lies_and_marks_another_language(client, region, commune):
    response = client.get("/zgh/collectivities/", {"level": "commune"})

    assert '<bdi lang="fr" dir="ltr">Commune de Tétouan</bdi></a>' in response.content.decode()
    assert "Province de Tétouan · Région Tanger-Tétouan-Al Hoceïma" in words(response)


def test_list_has_forty_eight_on_a_page(client, many_communes):
    first = client.get(LIST, {"level": "commune"})
    second = client.get(LIST, {"level": "commune", "page": "2"})

    assert (len(shown(first)), len(shown(second))) == (48, 2)
    assert not set(shown(first)) & set(shown(second))


def test_list_costs_the_same_for_one_and_for_many(
    client, commune, django_assert_num_queries, many_communes
):
    client.get(LIST)  # the menus are kept from here on
    for query, queries in (({"q": "tetouan", "level": "commune"}, 10), ({"level": "commune"}, 6)):
        with django_assert_num_queries(queries):
            client.get(LIST, query)


def test_empty_result_says_so(client, commune):
    response = client.get(LIST, {"q": "zzz"})

    assert response.status_code == 200
    assert shown(response) == []


@pytest.mark.parametrize("page", ["abc", "-1", "0", "", "1" + "0" * 20, "٢", "²", "1.5", "999999"])
def test_page_that_is_none_is_the_nearest(client, commune, page):
    response = client.get(LIST, {"level": "commune", "page": page})

    assert response.status_code == 200
    assert shown(response) == ["Commune de Tétouan"]


def test_nul_character_is_refused(client, commune):
    assert client.get(LIST + "?q=%00").status_code == 400


@pytest.mark.parametrize(
    "query",
    ["é" * 3000, "a " * 1500, "% _ \\ '", "\"'<script>alert(1)</script>", "\u202e", "-", "ـ", "de"],
)
def test_hostile_query_is_answered(client, commune, query):
    response = client.get(LIST, {"q": query})

    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
    results = response.context.get("results")
    assert bool(results and results.query_cut) == (len(query) > 200)


def test_unknown_filter_is_left_out_and_told(client, commune):
    response = client.get(LIST, {"level": ["commune", "commune", "moon"], "region": "99"})

    assert response.status_code == 200
    assert shown(response) == ["Commune de Tétouan"]
    assert response.context["results"].ignored == [("level", "moon"), ("region", "99")]
    assert "level=moon" in words(response)


def test_only_unknown_filters_are_told_too(client, commune):
    response = client.get(LIST, {"region": "99"})

    assert "region=99" in words(response)
    assert len(shown(response)) == 3


def test_unknown_parameter_does_no_harm(client, commune):
    assert client.get(LIST, {"sort": "moon", "who": ["a", "b"]}).status_code == 200


def test_page_tells_what_is_known(client, region, province, commune):
    text = words(client.get(province.get_absolute_url().replace("/ar/", "/fr/")))

    assert "Province de Tétouan" in text
    assert "Région Tanger-Tétouan-Al Hoceïma" in text
    assert "611\u202f928".replace("\u202f", " ") in text.replace("\u202f", " ")
    assert "01.571" in text
    assert "Commune de Tétouan" in text


def test_page_links_up_and_down(client, region, province, commune):
    html = client.get(f"{LIST}{province.slug}/").content.decode()

    assert f'href="{LIST}{region.slug}/"' in html
    assert f'href="{LIST}{commune.slug}/"' in html


def test_long_list_of_what_lies_in_it_is_folded(client, province, many_communes, other_region):
    assert client.get(f"{LIST}{province.slug}/").context["folded"]
    assert not client.get(f"{LIST}{other_region.slug}/").context["folded"]


def test_page_costs_the_same_for_few_and_for_many(
    client, province, commune, django_assert_num_queries
):
    client.get(f"{LIST}{province.slug}/")
    with django_assert_num_queries(3):
        client.get(f"{LIST}{province.slug}/")
    for n in range(3):
        make(f"01.571.05.{n}", "commune", "ا", f"Exemple {n}", province)
    with django_assert_num_queries(3):
        client.get(f"{LIST}{province.slug}/")


@pytest.mark.parametrize("language", ["ar", "fr", "en", "zgh"])
def test_page_in_each_language(client, commune, other_region, language):
    for one in (*commune.lies_in, commune, other_region):
        assert client.get(f"/{language}/collectivities/{one.slug}/").status_code == 200


@pytest.mark.parametrize("slug", ["titwan-015710111", "a-b-c-015710111", "015710111"])
def test_address_with_other_words_leads_on(client, commune, slug):
    response = client.get(f"{LIST}{slug}/")

    assert response.status_code == 301
    assert response["Location"] == f"{LIST}tetouan-015710111/"


@pytest.mark.parametrize(
    "slug", ["tetouan", "tetouan-99", "tetouan-0157", "-", "x-", "x-" + "9" * 300]
)
def test_unknown_address_is_not_found(client, commune, slug):
    assert client.get(f"{LIST}{slug}/").status_code == 404


def test_address_in_other_digits_is_not_found(client, commune):
    assert client.get(f"{LIST}{quote('tetouan-٠١٥٧١٠١١١')}/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_only_reading_is_allowed(client, commune, method):
    assert getattr(client, method)(LIST).status_code == 405
    assert getattr(client, method)(f"{LIST}{commune.slug}/").status_code == 405


def test_head_is_answered(client, commune):
    assert client.head(LIST).status_code == 200
    assert client.head(f"{LIST}{commune.slug}/").status_code == 200


def test_visitors_page_sets_no_cookie(client, commune):
    for path in (LIST, f"{LIST}?q=tetouan", f"{LIST}{commune.slug}/"):
        assert client.get(path).cookies == {}


def test_section_of_an_app_is_shown_with_its_count(client, commune, monkeypatch):
    monkeypatch.setattr(registry, "collectivity_sections", {})
    register_collectivity_section(
        CollectivitySection(
            "example",
            lambda one, language: ("members/inside.html", {"language": language}),
            lambda pks, language: {commune.pk: "7 examples"},
        )
    )
    register_collectivity_section(
        CollectivitySection("silent", lambda one, language: None, lambda pks, language: {})
    )

    page = client.get(f"{LIST}{commune.slug}/")

    assert [section["name"] for section in page.context["sections"]] == ["example"]
    assert "7 examples" in words(client.get(LIST, {"level": "commune"}))


def test_section_with_a_name_taken_is_refused():
    with pytest.raises(ValueError, match="two sections of collectivities named practices"):
        register_collectivity_section(
            CollectivitySection("practices", lambda one, language: None, lambda pks, language: {})
        )


@pytest.fixture
def editor(db) -> User:
    user = User.objects.create_user("editor@example.org", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(
            codename__in=[
                "access_admin",
                "add_collectivity",
                "change_collectivity",
                "delete_collectivity",
            ]
        )
    )
    return user


ADMIN = "/admin/snippets/members/collectivity/"


@pytest.mark.ignore_template_errors  # of Wagtail's own templates
@pytest.mark.parametrize("path", [ADMIN, "/admin/snippets/choose/members/collectivity/"])
def test_admin_finds_a_collectivity_by_name(client, editor, commune, other_region, path):
    client.force_login(editor)

    response = client.get(path, {"q": "تطوان"})
    chooser = response["Content-Type"] == "application/json"
    found = response.json()["html"] if chooser else response.content.decode()

    assert f"/{commune.pk}/" in found
    assert f"/{other_region.pk}/" not in found


def test_admin_changes_only_what_is_not_official(client, editor, commune):
    client.force_login(editor)

    response = client.post(
        f"{ADMIN}edit/{commune.pk}/", {"name_zgh": "ⵜⵉⵟⵟⴰⵡⵉⵏ", "name_en": "", "name_fr": "X"}
    )

    assert response.status_code == 302
    commune.refresh_from_db()
    assert (commune.name_zgh, commune.name_fr) == ("ⵜⵉⵟⵟⴰⵡⵉⵏ", "Tétouan")
    assert commune.search_name == "تطوان tetouan ⵜⵉⵟⵟⴰⵡⵉⵏ"


def test_admin_adds_none(client, editor):
    client.force_login(editor)

    assert client.get(f"{ADMIN}add/").status_code == 302
