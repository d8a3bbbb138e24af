"""What a collectivity and an association tell of themselves."""

import re

import pytest
from django.utils import timezone

from members.enums import StaffRole
from members.models import Association, CollectivityProfile
from search.services import search
from tests.conftest import index_waiting
from tests.factories import make_commune
from tests.members.factories import (
    make_association,
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_staff,
)

pytestmark = pytest.mark.django_db

LANGUAGES = ("ar", "fr", "en", "zgh")


@pytest.fixture
def commune():
    return make_member_collectivity(name_fr="Tétouan")


@pytest.fixture
def contributor(commune):
    return make_contributor(commune).person


@pytest.fixture
def association():
    return make_association(name_fr="Amal")


def profile(organisation, language: str = "en") -> str:
    return f"/{language}/space/{organisation.key}/profile/"


def public(organisation) -> str:
    return f"/en{organisation.get_absolute_url()[3:]}"


def shown(client, organisation) -> dict[str, str]:
    """What a browser would send back of the form as it was handed out."""
    form = client.get(profile(organisation)).context["form"]
    return {field.name: "" if field.value() is None else field.value() for field in form}


def save(client, organisation, **fields):
    return client.post(profile(organisation), shown(client, organisation) | fields)


# --- Of a collectivity ----------------------------------------------------------------------------


def test_profile_is_written_and_stands_on_the_public_page(client, commune, contributor):
    client.force_login(contributor)
    response = save(
        client,
        commune,
        about="جماعة منفتحة\r\nعلى سكانها",
        language="ar",
        website="www.example.org/a",
        email="bureau@example.org",
        phone="0612 345 678",
        services="الحالة المدنية\r\n\r\n  رخص   البناء \r\nالحالة المدنية",
        skills="الميزانية التشاركية",
        challenges="نقل المعطيات",
        population="41000",
        population_year="2020",
        setting="rural",
    )
    assert response["Location"] == profile(commune)
    told = CollectivityProfile.objects.get()
    assert (told.website, told.services) == (
        "https://www.example.org/a",
        "الحالة المدنية\nرخص البناء",
    )
    assert (told.population, told.population_year, told.setting) == (41000, 2020, "rural")
    assert told.updated_by == contributor
    html = client.get(public(commune)).content.decode()
    section = html.split('id="profile"')[1].split("</div>\n</section>")[0]
    for words in ("جماعة منفتحة", "رخص البناء", "الميزانية التشاركية", "نقل المعطيات"):
        assert words in section
    assert 'href="https://www.example.org/a"' in section
    assert 'href="tel:0612345678"' in section
    assert 'href="mailto:bureau@example.org"' in section
    assert "(told by the collectivity, 2020)" in html


def test_unknown_population_is_unknown(client, commune):
    assert re.search(
        r"<dt>Population</dt><dd>\s*Unknown", client.get(public(commune)).content.decode()
    )
    assert 'id="profile"' not in client.get(public(commune)).content.decode()


def test_official_data_are_not_asked_for(client):
    official = make_member_collectivity(population=50000, setting="urban")
    client.force_login(make_contributor(official).person)
    fields = client.get(profile(official)).context["form"].fields
    assert fields.keys() & {"population", "population_year", "setting"} == set()
    save(client, official, about="Ici", population="1", population_year="2020", setting="rural")
    told = CollectivityProfile.objects.get()
    assert (told.about, told.population, told.setting) == ("Ici", None, "")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("about", "ا" * 2001, "Shorten this"),
        ("website", "javascript:alert(1)", "Write the address of a website"),
        ("website", "ftp://example.org", "Write the address of a website"),
        ("website", "http://", "Write the address of a website"),
        ("email", "moi", "Write the e-mail address in full"),
        ("phone", "appelez-moi", "Write the number in digits"),
        ("services", "\n".join(map(str, range(21))), "There are 21 lines"),
        ("skills", "x\n" + "y" * 151, "Shorten line 2"),
        ("challenges", "\n".join(f"{n} {'z' * 140}" for n in range(19)), "Shorten this"),
        ("population", "beaucoup", "Write the number in digits"),
        ("population", "41000", "Write of which year"),
        ("population", "9" * 40, "Ensure this value"),
        ("population_year", "2020", "Write the population"),
        ("setting", "moon", "Choose one of the two"),
        ("language", "xx", "Choose a language."),
    ],
)
def test_wrong_profile_comes_back_filled(client, commune, contributor, field, value, words):
    client.force_login(contributor)
    response = save(client, commune, **{"skills": "Je reste"} | {field: value})
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count(words) == 2
    assert ("Je reste" in page) is (field != "skills")
    assert not CollectivityProfile.objects.exists()


def test_year_of_the_population_is_not_to_come(client, commune, contributor):
    client.force_login(contributor)
    year = timezone.localdate().year
    for one, status in ((year + 1, 422), (year, 302)):
        response = save(client, commune, population="41000", population_year=str(one))
        assert response.status_code == status


def test_what_turns_a_line_or_is_not_seen_is_taken_out(client, commune, contributor):
    client.force_login(contributor)
    save(
        client,
        commune,
        about="a\u202eb\x07c",
        services="\u200b\u200b\nd\u2066e",
        website="\u200bexample.org",
    )
    told = CollectivityProfile.objects.get()
    assert (told.about, told.services, told.website) == ("abc", "de", "https://example.org")


def test_markup_is_shown_as_it_was_typed(client, commune, contributor):
    client.force_login(contributor)
    save(client, commune, about="<script>alert(1)</script>", skills="<b>x")
    html = client.get(public(commune)).content.decode()
    assert "<script>alert" not in html
    assert "&lt;b&gt;x" in html


def test_somebody_saved_meanwhile(client, commune, contributor):
    client.force_login(contributor)
    mine = shown(client, commune) | {"about": "Le mien", "phone": "0600000000"}
    save(client, commune, about="Le leur", email="leur@example.org")
    response = client.post(profile(commune), mine)
    page = response.content.decode()
    assert response.status_code == 422
    assert [one["theirs"] for one in response.context["differing"]] == [
        "Le leur",
        "leur@example.org",
        "",
    ]
    assert "Le mien</textarea>" in page
    assert CollectivityProfile.objects.get().about == "Le leur"
    client.post(profile(commune), mine | {"seen": response.context["form"]["seen"].value()})
    told = CollectivityProfile.objects.get()
    assert (told.about, told.phone, told.email) == ("Le mien", "0600000000", "")


def test_same_form_sent_twice_is_no_conflict(client, commune, contributor):
    client.force_login(contributor)
    mine = shown(client, commune) | {"about": "Le mien"}
    for _twice in range(2):
        assert client.post(profile(commune), mine).status_code == 302
    assert CollectivityProfile.objects.get().about == "Le mien"


def test_extra_fields_change_nothing(client, commune, contributor):
    other = make_commune()
    client.force_login(contributor)
    save(
        client,
        commune,
        about="Ici",
        collectivity=str(other.pk),
        name_fr="Autre",
        updated_by="1",
        is_staff="on",
    )
    told = CollectivityProfile.objects.get()
    commune.refresh_from_db()
    contributor.refresh_from_db()
    assert (told.collectivity, told.updated_by) == (commune, contributor)
    assert (commune.name_fr, contributor.is_staff) == ("Tétouan", False)


def test_profile_is_found_by_its_words(client, commune, contributor):
    client.force_login(contributor)
    save(client, commune, about="Une commune qui filme ses conseils", language="fr")
    index_waiting()
    assert search("filme conseils", "fr", kind="collectivities").hits == [commune]


def test_who_may_write_a_profile(client, commune, contributor):
    answers = {}
    for name, person in (
        ("visitor", None),
        ("outsider", make_focal_point(make_commune()).person),
        ("editor", make_staff(StaffRole.EDITOR)),
        ("contributor", contributor),
    ):
        client.logout()
        if person:
            client.force_login(person)
        answers[name] = (
            client.get(profile(commune)).status_code,
            client.post(profile(commune), {"about": "x"}).status_code,
        )
    assert answers == {
        "visitor": (302, 302),
        "outsider": (404, 404),
        "editor": (403, 403),
        "contributor": (200, 422),  # without the stamp of what stands there
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_in_each_language(client, commune, association, language):
    for one in (commune, association):
        client.force_login(make_contributor(one).person)
        assert client.get(profile(one, language)).status_code == 200


# --- Of an association ----------------------------------------------------------------------------


def test_association_tells_of_itself(client, association):
    client.force_login(make_contributor(association).person)
    response = save(
        client,
        association,
        name_ar="جمعية الأمل",
        about="Nous lisons les budgets",
        language="fr",
        website="http://amal.example.org",
    )
    assert response.status_code == 302
    told = Association.objects.get()
    assert (told.name_ar, told.name_fr, told.about, told.website) == (
        "جمعية الأمل",
        "Amal",
        "Nous lisons les budgets",
        "http://amal.example.org",
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name_fr": ""}, "Write the name in Arabic, in French, or in both."),
        ({"name_ar": "الإدارة"}, "This name stands for the network"),
        ({"name_fr": "Administration"}, "This name stands for the network"),
    ],
)
def test_association_keeps_a_name_of_its_own(client, association, fields, words):
    client.force_login(make_contributor(association).person)
    response = save(client, association, **{"about": "Je reste"} | fields)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert "Je reste" in response.content.decode()
    assert Association.objects.get().name_fr == "Amal"


def test_somebody_saved_the_association_meanwhile(client, association):
    client.force_login(make_contributor(association).person)
    mine = shown(client, association) | {"about": "Le mien"}
    save(client, association, about="Le leur")
    response = client.post(profile(association), mine)
    assert response.status_code == 422
    assert [one["theirs"] for one in response.context["differing"]] == ["Le leur"]
    assert Association.objects.get().about == "Le leur"


def test_association_cannot_set_its_own_dates(client, association):
    client.force_login(make_contributor(association).person)
    save(client, association, about="Ici", joined_on="2000-01-01", left_on="2000-01-01")
    told = Association.objects.get()
    assert (told.about, told.joined_on, told.left_on) == ("Ici", timezone.localdate(), None)
