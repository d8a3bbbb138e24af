"""The associations of the network: who is listed, how they are found, what their pages tell."""

import re
from datetime import date

import pytest
from django.utils import timezone

from members import registry
from members.enums import AttachmentState
from members.models import Association, Attachment, Collectivity
from members.registry import ProfileSection, register_association_section
from search.services import search
from search.status import compare
from tests.conftest import index_waiting
from tests.factories import make_user
from tests.members.conftest import make
from tests.members.factories import make_association, make_focal_point, make_person
from tests.members.test_directory import words

LIST = "/fr/associations/"
CONFIRMED = AttachmentState.CONFIRMED


def attach(
    association: Association, collectivity: Collectivity, state: str = CONFIRMED, **fields
) -> Attachment:
    return Attachment.objects.create(
        association=association, collectivity=collectivity, state=state, **fields
    )


def address(association: Association, language: str = "en") -> str:
    return f"/{language}/associations/{association.pk}/"


def shown(response) -> list[str]:
    return [entry["association"].name_fr for entry in response.context["entries"]]


@pytest.fixture
def association(commune) -> Association:
    one = make_association(
        name_fr="Amis du Martil",
        name_ar="أصدقاء مرتيل",
        about="Nous nettoyons les berges.",
        language="fr",
        website="https://martil.example.org/accueil",
        email="contact@martil.example.org",
        phone="+212 539 00 00 00",
    )
    attach(one, commune)
    return one


@pytest.fixture
def index_is_right():
    yield
    index_waiting()
    kinds = {one.name: (one.missing, one.stale, one.forbidden) for one in compare().kinds}
    assert not any(kinds["associations"])


# --- Who is listed --------------------------------------------------------------------------------


def test_list_has_those_that_a_collectivity_has_confirmed(client, association, province):
    make_association(name_fr="Sans personne")
    for state in AttachmentState.values:
        attach(make_association(name_fr=f"Exemple {state}"), province, state)
    gone = make_association(name_fr="Partie", left_on=date(2025, 1, 1))
    attach(gone, province)

    assert shown(client.get(LIST)) == ["Amis du Martil", "Exemple confirmed"]


def test_page_is_there_for_those_that_are_listed_alone(client, association, province):
    assert client.get(address(association)).status_code == 200
    others = [make_association()]
    for state in set(AttachmentState.values) - {CONFIRMED}:
        others.append(make_association())
        attach(others[-1], province, state, decided_at=timezone.now())

    assert [client.get(address(one)).status_code for one in others] == [404] * len(others)


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 40])
def test_page_of_a_number_that_nobody_has_is_not_found(client, association, pk):
    assert client.get(f"{LIST}{pk}/").status_code == 404


def test_list_that_is_empty_says_so(client, db):
    response = client.get("/en/associations/")

    assert response.status_code == 200
    assert "No association has been confirmed yet" in words(response)


@pytest.mark.parametrize("language", ["ar", "fr", "en", "zgh"])
def test_list_and_page_in_each_language(client, association, language):
    for query in ("", "?q=martil", "?q=zzz", "?region=01", "?region=99"):
        assert client.get(f"/{language}/associations/{query}").status_code == 200
    html = client.get(address(association, language)).content.decode()
    assert f'href="{address(association, "ar")}" lang="ar"' in html


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_only_reading_is_allowed(client, association, method):
    assert getattr(client, method)(LIST).status_code == 405
    assert getattr(client, method)(address(association)).status_code == 405


def test_visitors_page_sets_no_cookie(client, association):
    for path in (LIST, f"{LIST}?q=martil", address(association)):
        assert client.get(path).cookies == {}


# --- How they are found ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["martil", "Amis du Martil", "مرتيل", "اصدقاء مرتيل", "berges", "tetouan", "تطوان"]
)
def test_search_finds_by_name_words_and_place_in_either_script(
    client, association, other_region, query
):
    attach(make_association(name_fr="Autre", name_ar="أخرى"), other_region)

    for language in ("ar", "fr"):
        found = client.get(f"/{language}/associations/", {"q": query})
        assert shown(found) == ["Amis du Martil"]


def test_facets_are_region_and_collectivity(client, association, province, commune, other_region):
    second = make_association(name_fr="Zellige")
    attach(second, province)
    attach(second, other_region)
    third = make_association(name_fr="Ailleurs")
    attach(third, other_region)

    response = client.get(LIST, {"region": "01"})

    assert shown(response) == ["Amis du Martil", "Zellige"]
    facets = {
        one.name: [(choice.value, choice.count) for choice in one.choices]
        for one in response.context["results"].facets
    }
    assert facets == {
        "region": [("01", 2), ("03", 2)],
        "collectivity": [("01.571", 1), (commune.code, 1), ("03", 1)],
    }
    # Those of the whole country would be too many.
    assert [one.name for one in client.get(LIST).context["results"].facets] == ["region"]
    assert shown(client.get(LIST, {"collectivity": commune.code})) == ["Amis du Martil"]
    assert shown(client.get(LIST, {"region": ["01", "03"], "q": "zellige"})) == ["Zellige"]
    assert client.get(LIST, {"collectivity": "x"}).context["results"].ignored == [
        ("collectivity", "x")
    ]


def test_search_of_the_whole_site_has_a_tab_for_them(client, association):
    response = client.get("/fr/search/", {"q": "martil", "section": "associations"})

    assert [found.document.title for found in response.context["results"].hits] == [
        "Amis du Martil"
    ]
    assert address(association, "fr") in response.content.decode()


def test_what_ends_is_found_no_more_at_once(association, commune, index_is_right):
    def found() -> int:
        return search("martil", "fr", kind="associations").total

    index_waiting()
    assert found() == 1
    attachment = association.attachments.get()
    attachment.state, attachment.ended_at = AttachmentState.ENDED, timezone.now()
    attachment.save()
    assert found() == 0
    attach(association, commune)
    index_waiting()
    assert found() == 1
    association.left_on = date(2025, 1, 1)
    association.save()
    assert found() == 0
    association.left_on = None
    association.save()
    index_waiting()
    assert found() == 1
    association.attachments.all().delete()
    assert found() == 0


def test_one_that_asks_another_collectivity_stays_found(association, province, index_is_right):
    index_waiting()
    asked = attach(association, province, AttachmentState.ASKED)
    assert search("martil", "fr", kind="associations").total == 1
    asked.state = AttachmentState.DECLINED
    asked.save()
    assert search("martil", "fr", kind="associations").total == 1


def test_what_is_found_follows_what_is_told(client, association, commune, index_is_right):
    association.name_fr = "Gardiens du Martil"
    association.about = "Nous plantons."
    association.save()
    assert shown(client.get(LIST, {"q": "plantons"})) == ["Gardiens du Martil"]
    assert shown(client.get(LIST, {"q": "berges"})) == []
    commune.name_fr = "Oued Exemple"
    commune.save()
    assert shown(client.get(LIST, {"q": "oued exemple"})) == ["Gardiens du Martil"]
    region = commune.region
    region.name_fr = "Grand Nord"
    region.save()
    assert shown(client.get(LIST, {"q": "grand nord"})) == ["Gardiens du Martil"]


def test_deleted_one_is_found_no_more(association, index_is_right):
    index_waiting()
    association.delete()
    assert search("martil", "fr", kind="associations").total == 0


def test_list_costs_the_same_for_one_and_for_many(
    client, province, commune, django_assert_num_queries
):
    for count in (1, 3, 30):
        for _n in range(count):
            one = make_association()
            attach(one, commune)
            attach(one, province)
        for query, queries in (({}, 7), ({"region": "01"}, 7), ({"q": "association"}, 9)):
            client.get(LIST, query)
            with django_assert_num_queries(queries):
                client.get(LIST, query)


# --- What a page tells ----------------------------------------------------------------------------


def test_page_tells_names_words_contacts_and_collectivities(client, association, province):
    attach(association, province, AttachmentState.ASKED)

    response = client.get(address(association))

    text = words(response)
    assert re.findall("Amis du Martil|أصدقاء مرتيل", text) == ["Amis du Martil", "أصدقاء مرتيل"]
    assert "Nous nettoyons les berges." in text
    assert "Works with Commune de Tétouan In the network" in text
    html = response.content.decode()
    assert 'href="https://martil.example.org/accueil" rel="nofollow"' in html
    assert 'href="mailto:contact@martil.example.org"' in html
    assert 'href="tel:+212539000000"' in html
    assert f'href="{commune_address(association)}"' in html


def commune_address(association: Association) -> str:
    collectivity = association.attachments.confirmed().get().collectivity
    return collectivity.get_absolute_url().replace("/ar/", "/en/")


def test_what_people_typed_is_shown_as_text(client, association):
    association.name_fr = association.about = "<script>alert(1)</script>"
    association.save()

    for path in (address(association), LIST, f"{LIST}?q=script"):
        assert "<script>alert" not in client.get(path).content.decode()


def test_page_of_one_that_has_left_tells_until_when(client, association, commune):
    person = make_user(shows_name=True, first_name="Nadia", last_name="Exemple")
    make_focal_point(association, person=person)
    association.joined_on, association.left_on = date(2023, 5, 6), date(2025, 1, 2)
    association.save()
    for state in (CONFIRMED, AttachmentState.ENDED):
        association.attachments.update(state=state, decided_at=timezone.now())
        response = client.get(address(association))

        text = words(response)
        assert response.status_code == 200
        assert "This association was part of the network until 2 January 2025." in text
        assert "Worked with Commune de Tétouan" in text
        assert "from 6 May 2023 to 2 January 2025" in text
        # Nothing by which it could be reached.
        html = response.content.decode()
        traces = ("martil.example.org", "539 00", "Nadia")
        assert [trace for trace in traces if trace in html] == []


def test_page_names_a_collectivity_once(client, association, commune):
    association.left_on = date(2025, 1, 2)
    association.save()
    attach(association, commune, AttachmentState.ENDED, decided_at=timezone.now())

    assert words(client.get(address(association))).count("Commune de Tétouan") == 1


def test_page_shows_of_its_people_what_they_chose(client, association):
    for name, fields in (
        ("Aya", {"shows_name": True, "shows_email": True}),
        ("Badr", {"shows_name": True}),
        ("Chadi", {"shows_email": True, "shows_phone": True}),
    ):
        person = make_user(
            first_name=name,
            last_name="Exemple",
            email=f"{name.lower()}@example.org",
            phone=f"+212 6 {name}",
            **fields,
        )
        make_focal_point(association, person=person, office=f"Bureau {name}")

    html = client.get(address(association)).content.decode()

    assert re.findall(r"(\w+) Exemple", html) == ["Aya", "Badr"]
    assert re.findall(r"Bureau (\w+)", html) == ["Aya", "Badr"]
    assert re.findall(r"mailto:(\w+)@example.org", html) == ["aya"]
    assert "+212 6" not in html


def test_page_costs_the_same_for_few_and_for_many(
    client, association, province, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(registry, "association_sections", {})
    client.get(address(association))
    for count in (1, 3):
        for n in range(count):
            make_focal_point(association, person=make_person(shows_name=True))
            attach(
                association,
                make(f"01.571.0{count}.{n}", "commune", "ا", f"Exemple {n}", province),
            )
        with django_assert_num_queries(3):
            client.get(address(association))


def test_section_of_an_app_is_shown_with_its_count(client, association, monkeypatch):
    monkeypatch.setattr(registry, "association_sections", {})
    register_association_section(
        ProfileSection(
            "example",
            lambda one, language: ("members/associations_of.html", {"associations": [one]}),
            lambda pks, language: {association.pk: "7 examples"},
        )
    )

    page = client.get(address(association))

    assert [section["name"] for section in page.context["sections"]] == ["example"]
    assert 'id="example"' in page.content.decode()
    assert "7 examples" in words(client.get(LIST))


# --- Machines -------------------------------------------------------------------------------------


def test_sitemap_has_those_that_are_named_in_its_language(client, association, province):
    attach(make_association(name_fr="Autre"), province)
    make_association(name_fr="Sans personne")
    gone = make_association(left_on=date(2025, 1, 1))
    attach(gone, province)

    def pages(language: str) -> list[str]:
        xml = client.get(f"/sitemap-{language}.xml").content.decode()
        return re.findall(rf"/{language}/associations/(\d*)", xml)

    other = Association.objects.get(name_fr="Autre")
    assert pages("fr") == ["", str(association.pk), str(other.pk)]
    assert pages("ar") == ["", str(association.pk)]
    assert pages("en") == [""]
