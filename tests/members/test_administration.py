"""Collectivities in Wagtail's administration."""

import pytest
from django.urls import reverse

from members.models import Collectivity
from tests.factories import make_practice, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wagtails_own_templates")]

VIEWS = "wagtailsnippets_members_collectivity"


@pytest.fixture
def editor(client):
    client.force_login(make_staff("Editors"))
    return client


def listed(client, query: str = "") -> list[str]:
    answer = client.get(f"{reverse(f'{VIEWS}:list')}{query}")
    assert answer.status_code == 200
    return [one.code for one in answer.context["object_list"]]


def bulk(action: str, *collectivities: Collectivity) -> str:
    address = reverse("wagtail_bulk_action", args=["members", "collectivity", action])
    return f"{address}?{'&'.join(f'id={one.pk}' for one in collectivities)}"


def test_list_is_filtered_and_searched(editor, commune, province, region, other_region):
    make_practice(collectivities=(commune,))
    everything = [region.code, province.code, commune.code, other_region.code]
    assert listed(editor) == everything
    assert listed(editor, "?kind=region") == ["01", "03"]
    assert listed(editor, "?setting=urban") == [commune.code]
    assert listed(editor, f"?region={other_region.pk}") == ["03"]
    assert listed(editor, "?used=yes") == [commune.code]
    assert listed(editor, "?used=no") == [code for code in everything if code != commune.code]
    assert listed(editor, "?q=tetouan") == ["01", province.code, commune.code]


def test_list_asks_the_same_for_few_and_for_many(editor, province, django_assert_num_queries):
    address = reverse(f"{VIEWS}:list")
    editor.get(address)
    for n in range(40):
        if n in (10, 39):
            with django_assert_num_queries(18):
                editor.get(address)
        Collectivity.objects.create(
            code=f"01.571.05.{n}",
            kind="commune",
            name_ar=f"جماعة {n}",
            name_fr=f"Exemple {n}",
            parent=province,
            region=province.region,
        )


@pytest.mark.parametrize("view", ["edit", "inspect"])
def test_pages_that_name_a_collectivity_are_linked(editor, commune, province, view):
    page = make_practice(title="تجربة", collectivities=(commune,))
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert address in editor.get(reverse(f"{VIEWS}:{view}", args=[commune.pk])).content.decode()
    other = editor.get(reverse(f"{VIEWS}:{view}", args=[province.pk])).content.decode()
    assert address not in other


def test_name_in_english_is_filled_in_and_official_data_stay(editor, commune):
    address = reverse(f"{VIEWS}:edit", args=[commune.pk])
    fields = {"name_en": "Tetouan", "name_zgh": "", "name_fr": "Autre"}
    assert editor.post(address, fields).status_code == 302
    commune.refresh_from_db()
    assert (commune.name_en, commune.name_fr) == ("Tetouan", "Tétouan")


@pytest.mark.parametrize("method", ["get", "post"])
def test_deleting_is_answered_with_why_and_where_and_what_to_do(
    editor, admin_client, commune, province, method
):
    page = make_practice(title="تجربة", collectivities=(commune,))
    for client, address in (
        (editor, reverse(f"{VIEWS}:delete", args=[commune.pk])),
        (admin_client, reverse(f"{VIEWS}:delete", args=[commune.pk])),
        (admin_client, bulk("delete", commune, province)),
    ):
        answer = getattr(client, method)(address)
        assert answer.status_code == {"get": 200, "post": 409}[method]
        assert reverse("wagtailadmin_pages:edit", args=[page.pk]) in answer.content.decode()
    assert getattr(editor, method)(bulk("delete", commune)).status_code in (200, 302)
    assert Collectivity.objects.count() == 3


@pytest.mark.parametrize(("form", "start"), [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")])
def test_chosen_collectivities_are_taken_away_as_a_file(editor, commune, province, form, start):
    make_practice(collectivities=(commune,))
    assert editor.get(bulk("export", commune)).status_code == 200
    answer = editor.post(bulk("export", commune), {"form": form})
    content = answer.getvalue()
    assert (answer.status_code, content[:3].startswith(start[:3])) == (200, True)
    assert "collectivities-" in answer.headers["Content-Disposition"]
    if form == "csv":
        head, row = content.decode("utf-8-sig").splitlines()
        assert row.startswith("01.571.01.11;")
        assert head.count(";") == row.count(";") == 10
    assert editor.post(bulk("export", commune), {"form": "exe"}).status_code == 200


def test_list_is_taken_away_as_it_is_filtered(editor, commune, other_region):
    answer = editor.get(f"{reverse(f'{VIEWS}:list')}?kind=region&export=csv")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert [line.partition(";")[0] for line in lines[1:]] == ["01", "03"]


def test_who_has_no_right_to_collectivities_takes_none_away(client, commune):
    client.force_login(make_staff("Moderators"))
    answer = client.post(bulk("export", commune), {"form": "csv"})
    assert commune.code not in answer.getvalue().decode() if answer.streaming else True
    assert client.get(reverse(f"{VIEWS}:list")).status_code == 302
