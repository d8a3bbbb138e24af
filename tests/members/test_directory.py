import re
from datetime import date
from html import unescape
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from members import registry
from members.enums import AttachmentState, StaffRole
from members.models import Attachment, Collectivity, CollectivityProfile, Membership, User
from members.registry import ProfileSection, register_collectivity_section
from tests.factories import make_user
from tests.members.conftest import make
from tests.members.factories import make_association, make_focal_point, make_person, make_staff

LIST = "/fr/collectivities/"


def words(response) -> str:
    """Return what the page's main part says, without markup."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def shown(response) -> list[str]:
    return [entry["collectivity"].full_name_in("fr") for entry in response.context["entries"]]


def test_directory_without_filter_is_the_regions(client, commune, many_communes, other_region):
    response = client.get(LIST)

    assert [
        (one.region.code, one.provinces.total, one.communes.total)
        for one in response.context["network"].regions
    ] == [("01", 1, 51), ("03", 0, 0)]
    assert "Tanger-Tétouan-Al Hoceïma" in words(response)
    html = response.content.decode()
    assert f'href="{LIST}fes-meknes-03/"' in html
    assert f'href="{LIST}?region=01&amp;level=commune"' in html


def test_directory_that_is_empty_says_so(client, db):
    response = client.get(LIST)

    assert response.status_code == 200
    assert response.context["network"].regions == []


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


@pytest.fixture
def furnish(province):
    """Make communes, each a member with a profile and a confirmed association."""

    def make_many(count: int) -> None:
        first = Collectivity.objects.count()
        for n in range(first, first + count):
            one = make(f"01.571.07.{n}", "commune", "ا", f"Exemple {n}", province)
            Membership.objects.create(collectivity=one)
            CollectivityProfile.objects.create(collectivity=one, population=n)
            association = make_association()
            Attachment.objects.create(
                association=association, collectivity=one, state=AttachmentState.CONFIRMED
            )

    return make_many


def test_list_costs_the_same_for_three_and_for_three_hundred(
    client, furnish, django_assert_num_queries
):
    for count in (3, 297):
        furnish(count)
        for query, queries in (
            ({"level": "commune"}, 9),
            ({"membership": "member", "population": ["0", "unknown"], "setting": "unknown"}, 9),
            ({"q": "exemple", "level": "commune"}, 11),
            ({}, 2),
        ):
            client.get(LIST, query)  # what is kept for a while is kept from here on
            with django_assert_num_queries(queries):
                client.get(LIST, query)
    assert client.get(LIST, {"level": "commune"}).context["results"].total == 300


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
    client, province, furnish, django_assert_num_queries, monkeypatch
):
    # What the sections of apps cost, their own tests tell.
    monkeypatch.setattr(registry, "collectivity_sections", {})
    client.get(f"{LIST}{province.slug}/")
    for count in (1, 3):
        furnish(count)
        make_focal_point(province, person=make_person(shows_name=True))
        with django_assert_num_queries(5):
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
        ProfileSection(
            "example",
            lambda one, language: ("members/inside.html", {"language": language}),
            lambda pks, language: {commune.pk: "7 examples"},
        )
    )
    register_collectivity_section(
        ProfileSection("silent", lambda one, language: None, lambda pks, language: {})
    )

    page = client.get(f"{LIST}{commune.slug}/")

    assert [section["name"] for section in page.context["sections"]] == ["example"]
    assert "7 examples" in words(client.get(LIST, {"level": "commune"}))


def test_section_with_a_name_taken_is_refused():
    with pytest.raises(ValueError, match="two sections of collectivities named practices"):
        register_collectivity_section(
            ProfileSection("practices", lambda one, language: None, lambda pks, language: {})
        )


# --- Members, and what they tell of themselves ----------------------------------------------------


def facet(response, name: str) -> list[tuple[str, int]]:
    found = next(one for one in response.context["results"].facets if one.name == name)
    return [(choice.value, choice.count) for choice in found.choices]


@pytest.fixture
def told(commune) -> CollectivityProfile:
    """A profile, in French."""
    return CollectivityProfile.objects.create(
        collectivity=commune,
        about="Au bord du Martil.",
        services="Guichet unique",
        challenges="Collecte des déchets",
        skills="Budget participatif",
        language="fr",
    )


def test_members_are_told_from_those_that_are_not_yet(client, region, province, commune):
    Membership.objects.create(collectivity=commune)
    Membership.objects.create(collectivity=province, ended_on=date(2024, 5, 6))

    response = client.get(LIST, {"membership": "member"})

    assert shown(response) == ["Commune de Tétouan"]
    assert facet(response, "membership") == [("member", 1), ("not-yet", 2)]
    assert shown(client.get(LIST, {"membership": "not-yet"})) == [
        "Région Tanger-Tétouan-Al Hoceïma",
        "Province de Tétouan",
    ]


def test_filters_narrow_each_other(client, region, province, commune, other_region):
    for one in (commune, other_region):
        Membership.objects.create(collectivity=one)

    response = client.get(LIST, {"membership": "member", "region": "01"})

    assert shown(response) == ["Commune de Tétouan"]
    assert facet(response, "region") == [("01", 1), ("03", 1)]
    assert facet(response, "level") == [("commune", 1)]


def test_members_are_marked_in_words(client, region, province, commune):
    Membership.objects.create(collectivity=province, began_on=date(2023, 1, 2))
    Membership.objects.create(collectivity=region, began_on=None)

    response = client.get("/en/collectivities/", {"region": "01"})

    text = words(response)
    assert (text.count("Member since 2023"), text.count("Member of the network")) == (1, 1)
    assert response.content.decode().count("piece--member") == 2


def test_population_is_what_is_known_and_never_guessed(client, province):
    for n, population in enumerate((None, 9_999, 10_000, 49_999, 50_000, 199_999, 200_000)):
        make(f"01.571.05.{n}", "commune", "ا", f"B{n}", province, population=population)

    response = client.get(LIST, {"level": "commune"})

    assert facet(response, "population") == [
        ("0", 1),
        ("10000", 2),
        ("50000", 2),
        ("200000", 1),
        ("unknown", 1),
    ]
    assert shown(client.get(LIST, {"population": "unknown", "level": "commune"})) == [
        "Commune de B0"
    ]


def test_told_population_counts_where_no_official_one_is(client, province, commune):
    CollectivityProfile.objects.create(collectivity=commune, population=12_000)
    CollectivityProfile.objects.create(collectivity=province, population=1)

    assert shown(client.get(LIST, {"population": "10000"})) == ["Commune de Tétouan"]
    assert shown(client.get(LIST, {"population": "200000"})) == ["Province de Tétouan"]


def test_setting_is_unknown_for_a_commune_only(client, region, province, commune):
    other = make("01.571.05.1", "commune", "ا", "Autre", province)

    assert facet(client.get(LIST, {"region": "01"}), "setting") == [("urban", 1), ("unknown", 1)]

    CollectivityProfile.objects.create(collectivity=other, setting="rural")
    CollectivityProfile.objects.create(collectivity=commune, setting="rural")
    assert facet(client.get(LIST, {"region": "01"}), "setting") == [("urban", 1), ("rural", 1)]


@pytest.mark.parametrize("query", ["guichet", "dechets", "budget participatif", "Martil"])
def test_what_a_collectivity_tells_is_found_and_shown(client, province, told, query):
    response = client.get(LIST, {"q": query})

    assert shown(response) == ["Commune de Tétouan"]
    assert response.content.decode().count("<mark>") >= 1
    # In another language too, without a piece of a text that is not in it.
    assert len(client.get("/ar/collectivities/", {"q": query}).context["entries"]) == 1


def test_what_is_found_follows_what_is_told(client, told):
    assert shown(client.get(LIST, {"q": "guichet"})) == ["Commune de Tétouan"]
    told.services = "Portail"
    told.save()
    assert shown(client.get(LIST, {"q": "guichet"})) == []
    assert shown(client.get(LIST, {"q": "portail"})) == ["Commune de Tétouan"]
    told.delete()
    assert shown(client.get(LIST, {"q": "portail"})) == []


def test_what_is_found_follows_the_membership(client, commune):
    membership = Membership.objects.create(collectivity=commune)
    assert shown(client.get(LIST, {"membership": "member"})) == ["Commune de Tétouan"]
    membership.ended_on = date(2025, 1, 1)
    membership.save()
    assert shown(client.get(LIST, {"membership": "member"})) == []


def test_profile_in_a_language_without_a_name_is_found(client, commune):
    CollectivityProfile.objects.create(
        collectivity=commune, services="Swimming pool", language="en"
    )

    assert shown(client.get(LIST, {"q": "swimming"})) == ["Commune de Tétouan"]


def page(client, one):
    return client.get(f"/en/collectivities/{one.slug}/")


def test_page_tells_since_when_it_is_a_member(client, commune):
    Membership.objects.create(
        collectivity=commune, began_on=date(2022, 10, 21), ended_on=date(2023, 2, 1)
    )
    Membership.objects.create(collectivity=commune, began_on=date(2024, 3, 5))

    text = words(page(client, commune))

    assert "Member since 5 March 2024" in text
    assert "Was a member from 21 October 2022 to 1 February 2023" in text
    assert "Not yet a member" not in text


def test_page_of_a_member_whose_day_is_not_known(client, commune):
    Membership.objects.create(collectivity=commune, began_on=None)

    text = words(page(client, commune))

    assert "Member of the network" in text
    assert "since" not in text


def test_page_of_who_is_not_yet_a_member_leads_to_joining(client, commune):
    Membership.objects.create(collectivity=commune, began_on=None, ended_on=date(2023, 2, 1))

    response = page(client, commune)

    assert "Not yet a member" in words(response)
    assert "Was a member until 1 February 2023" in words(response)
    link = f"{reverse('join_collectivity')}?collectivity={commune.code}".replace("/ar/", "/en/")
    assert f'href="{link}"' in response.content.decode()
    assert client.get(link).status_code == 200


def test_page_tells_where_population_and_setting_come_from(client, region, province, commune):
    assert "611,928 (census of 2024)" in words(page(client, province))
    text = words(page(client, commune))
    assert "Population Unknown" in text
    assert "Urban (official list)" in text

    CollectivityProfile.objects.create(
        collectivity=commune, population=380_787, population_year=2025, setting="rural"
    )
    text = words(page(client, commune))
    assert "380,787 (told by the collectivity, 2025)" in text
    assert "Urban (official list)" in text

    other = make("01.571.05.1", "commune", "ا", "Autre", province)
    assert "Setting Unknown" in words(page(client, other))
    CollectivityProfile.objects.create(collectivity=other, population=0, setting="rural")
    text = words(page(client, other))
    assert "Population 0 (told by the collectivity)" in text
    assert "Rural (told by the collectivity)" in text
    assert "Setting" not in words(page(client, region))


def test_page_names_the_associations_that_it_has_confirmed(client, commune, province):
    other = make("01.571.05.1", "commune", "ا", "Autre", province)
    for name, where, state, left_on in (
        ("Une", commune, AttachmentState.CONFIRMED, None),
        ("Deux", commune, AttachmentState.ASKED, None),
        ("Trois", commune, AttachmentState.ENDED, None),
        ("Quatre", commune, AttachmentState.CONFIRMED, date(2025, 1, 1)),
        ("Cinq", other, AttachmentState.CONFIRMED, None),
    ):
        one = make_association(name_fr=f"Association {name}", left_on=left_on)
        Attachment.objects.create(association=one, collectivity=where, state=state)

    html = page(client, commune).content.decode()

    assert re.findall(r"Association (\w+)<", html) == ["Une"]
    listed = client.get("/en/collectivities/", {"q": "tetouan", "level": "commune"})
    assert [entry["counts"] for entry in listed.context["entries"]] == [["1 association"]]


def show(organisation, **fields):
    """Give an organisation a person who chose what others see."""
    person = make_user(
        **{
            "email": "nadia@example.org",
            "phone": "+212 600 00 00 00",
            "first_name": "Nadia",
            "last_name": "Exemple",
        }
        | fields
    )
    return make_focal_point(organisation, person=person, office="Secrétaire générale")


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [
        ([], []),
        (["shows_email", "shows_phone"], []),
        (["shows_name"], ["name"]),
        (["shows_name", "shows_email"], ["name", "email"]),
        (["shows_name", "shows_phone"], ["name", "phone"]),
        (["shows_name", "shows_email", "shows_phone"], ["name", "email", "phone"]),
    ],
)
def test_page_shows_of_a_person_what_they_chose(client, commune, chosen, seen):
    show(commune, **dict.fromkeys(chosen, True))

    html = page(client, commune).content.decode()

    traces = {"name": "Nadia", "email": "nadia@", "phone": "600 00 00 00"}
    assert [name for name, trace in traces.items() if trace in html] == seen
    assert ("Secrétaire générale" in html) == bool(seen)


def test_page_shows_nobody_who_has_gone_or_has_no_name(client, commune, province):
    everything = {"shows_name": True, "shows_email": True, "shows_phone": True}
    gone = show(commune, **everything)
    gone.ended_at = timezone.now()
    gone.save()
    show(commune, email="nadia@closed.example.org", is_active=False, **everything)
    show(commune, email="nadia@nameless.example.org", first_name="", last_name="", **everything)
    show(province, email="nadia@province.example.org", **everything)

    html = page(client, commune).content.decode()

    assert [trace for trace in ("Nadia", "nadia@", "600 00") if trace in html] == []
    assert "nadia@province" in page(client, province).content.decode()


@pytest.fixture
def editor(db) -> User:
    user = make_staff(StaffRole.EDITOR)
    user.user_permissions.set(
        Permission.objects.filter(
            codename__in=["add_collectivity", "change_collectivity", "delete_collectivity"]
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
