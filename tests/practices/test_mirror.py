"""What a collectivity takes and gives: its page, its section, its panel, its evidence."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from members.enums import CharterCommitment
from members.registry import counts_of, evidence_of, panels_of
from practices.models import Adoption
from tests.factories import make_commune, make_practice
from tests.members.factories import make_contributor, make_member_collectivity
from tests.practices.test_lineage import adopt

pytestmark = pytest.mark.django_db


def url(name, *args) -> str:
    with override("fr"):
        return reverse(name, args=args)


@pytest.fixture
def giver():
    return make_member_collectivity(name_fr="Donneuse")


@pytest.fixture
def taker():
    return make_member_collectivity(name_fr="Preneuse")


@pytest.fixture
def adoption(giver, taker):
    practice = make_practice(collectivities=(giver,), title="ممارسة متبناة")
    return adopt(practice, taker)


def page_of(client, collectivity) -> str:
    response = client.get(url("collectivity_exchanges", collectivity.slug))
    assert response.status_code == 200
    assert response.cookies == {}
    return response.content.decode()


def test_both_sides_show_the_exchange(client, adoption, giver, taker):
    for one, other in ((giver, taker), (taker, giver)):
        page = page_of(client, one)
        assert "ممارسة متبناة" in page
        assert other.name_fr in page
    assert client.get(url("collectivity_exchanges", "nowhere-1")).status_code == 404


def test_a_collectivity_without_exchanges_says_so(client):
    assert "<h1" in page_of(client, make_commune())


def test_hidden_ones_and_what_is_not_public_are_on_no_page(client, adoption, giver, taker):
    kept = make_practice(
        kind="did-not-work", audience="network", collectivities=(giver,), title="محجوبة"
    )
    adopt(kept, taker)
    for one in (giver, taker):
        assert "محجوبة" not in page_of(client, one)
    Adoption.objects.filter(pk=adoption.pk).update(hidden_at=timezone.now())
    for one in (giver, taker):
        assert "ممارسة متبناة" not in page_of(client, one)
        assert evidence_of_adoptions(one) == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_no_more_for_more(client, giver, taker, count, django_assert_num_queries):
    for _n in range(count):
        adopt(make_practice(collectivities=(giver,)), taker)
    client.get(url("collectivity_exchanges", taker.slug))
    with django_assert_num_queries(6):
        client.get(url("collectivity_exchanges", taker.slug))


def test_the_profile_and_the_directory_count(client, adoption, giver, taker):
    profile = client.get(url("collectivity", taker.slug)).content.decode()
    assert 'id="exchanges"' in profile
    assert url("collectivity_exchanges", taker.slug) in profile
    assert (
        'id="exchanges"'
        not in client.get(url("collectivity", make_commune().slug)).content.decode()
    )
    with override("en"):
        assert counts_of([taker, giver], "en")[taker.pk] == ["1 practice taken over"]


def test_what_was_given_up_does_not_count_and_is_told_on_the_page_of_exchanges(
    client, adoption, giver, taker
):
    Adoption.objects.filter(pk=adoption.pk).update(state="given-up")
    for one in (giver, taker):
        profile = client.get(url("collectivity", one.slug)).content.decode()
        section = profile[profile.index('id="exchanges"') :].partition("</section>")[0]
        assert url("collectivity_exchanges", one.slug) in section
        assert url("practice", adoption.practice.slug) not in section
        assert "ممارسة متبناة" in page_of(client, one)
    adopt(make_practice(collectivities=(giver,), title="ممارسة أخرى"), taker)
    profile = client.get(url("collectivity", taker.slug).replace("/fr/", "/en/")).content.decode()
    assert "1 practice taken over from others" in profile


def test_the_page_leads_to_what_was_kept_and_changed(client, adoption, giver, taker):
    own = make_practice(collectivities=(taker,))
    Adoption.objects.filter(pk=adoption.pk).update(own_practice=own)
    for one in (giver, taker):
        page = page_of(client, one)
        assert url("practice_adoptions", adoption.practice.slug) in page
        assert url("practice_differences", adoption.practice.slug, own.slug) in page


def evidence_of_adoptions(collectivity) -> list[tuple]:
    with override("en"):
        return [
            (one.commitment, one.on)
            for one in evidence_of(collectivity, "en")
            if "taken over" in one.text or "took over" in one.text
        ]


def test_the_ledger_tells_both_what_it_took_and_what_it_gave(adoption, giver, taker):
    day = timezone.localdate()
    assert evidence_of_adoptions(taker) == [(CharterCommitment.COOPERATE, day)]
    assert evidence_of_adoptions(giver) == [(CharterCommitment.VISIBILITY, day)]
    Adoption.objects.filter(pk=adoption.pk).update(state="given-up")
    assert evidence_of_adoptions(taker) == evidence_of_adoptions(giver) == []


def test_the_space_has_a_panel(adoption, taker):
    official = make_contributor(taker).person
    panel = next(one for one in panels_of(taker, official) if one["name"] == "adoptions")
    assert [matter.text for matter in panel["matters"]] == ["ممارسة متبناة"]
    assert panel["more"].endswith(f"/practices/adoptions/{taker.key}/")


def test_the_list_of_the_space_shows_what_is_hidden_too(client, adoption, taker):
    Adoption.objects.filter(pk=adoption.pk).update(hidden_at=timezone.now())
    client.force_login(make_contributor(taker).person)
    page = client.get(url("space_adoptions", taker.key)).content.decode()
    assert "ممارسة متبناة" in page
