"""One's own account: looked at, changed, exported, deleted."""

import io
import json
from zipfile import ZipFile

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from core.audit import AuditEntry
from core.outbox.services import claim, run
from members.enums import StaffRole
from members.models import User
from members.services.privacy import MOST_EXPORTS
from tests.factories import make_commune
from tests.members.factories import make_contributor, make_focal_point, make_person, make_staff

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
PAGES = ("account", "account_personal", "account_export", "account_delete")
TICKS = ("shows_name", "shows_email", "shows_phone")


@pytest.fixture
def person(db) -> User:
    return make_person(last_name="Idrissi", language="fr")


@pytest.fixture
def own(client, person):
    """The person's browser."""
    client.force_login(person)
    return client


def filled(**fields) -> dict[str, str]:
    return {
        "first_name": "Salma",
        "last_name": "Idrissi",
        "language": "ar",
        "phone": "+212 5 37 00 00 00",
        "shows_name": "on",
    } | fields


def confirm(client, password=PASSWORD):
    """Tell one's password where it is asked for anew."""
    address = reverse("account_reauthenticate") + "?next=" + reverse("account_delete")
    return client.post(address, {"password": password})


def do_jobs() -> None:
    while job := claim("worker"):
        assert run(job)


# --- The pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_visitor_is_sent_to_the_login_and_the_person_comes_in(client, person, name):
    answer = client.get(reverse(name))
    assert (answer.status_code, "/account/login/" in answer["Location"]) == (302, True)
    client.force_login(person)
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("language", ["ar", "fr", "en", "zgh"])
@pytest.mark.parametrize("name", [*PAGES, "account_deleted"])
def test_pages_stand_in_each_language(own, name, language):
    with override(language):
        page = own.get(reverse(name)).content.decode()
    assert page.count("<h1") == 1


@pytest.mark.parametrize("name", ["account", "account_deleted"])
def test_pages_that_are_only_read_take_nothing(own, name):
    assert own.post(reverse(name)).status_code == 405


def test_account_shows_places_and_leads_to_each_change(own, person):
    commune = make_commune(name_fr="Bourg", name_ar="البلدة")
    make_focal_point(commune, person=person, office="<b>Chef</b>")
    page = own.get(reverse("account")).content.decode()
    for name in (
        "account_personal",
        "account_email",
        "account_change_password",
        "mfa_index",
        "usersessions_list",
        "notices",
        "account_export",
        "account_delete",
    ):
        assert f'href="{reverse(name)}"' in page
    assert reverse("space_home", args=[commune.key]) in page
    assert person.email in page
    assert "<b>Chef</b>" not in page
    assert 'href="/ar/privacy/"' in page


def test_account_asks_the_database_as_often_for_many_places(
    client, person, django_assert_num_queries
):
    other = make_person()
    make_contributor(make_commune(), person=person)
    for _ in range(3):
        make_contributor(make_commune(), person=other)
    for one in (person, other):
        client.force_login(one)
        client.get(reverse("account"))
        with django_assert_num_queries(5):
            client.get(reverse("account"))


# --- Details ------------------------------------------------------------------------------------


def test_details_are_changed(own, person):
    answer = own.post(reverse("account_personal"), filled(first_name=" Sal\u200bma "))
    assert (answer.status_code, answer["Location"]) == (302, reverse("account"))
    person.refresh_from_db()
    assert (person.first_name, person.last_name, person.language, person.phone) == (
        "Salma",
        "Idrissi",
        "ar",
        "+212 5 37 00 00 00",
    )
    assert [getattr(person, name) for name in TICKS] == [True, False, False]


def test_change_of_name_is_audited_without_it_and_other_changes_are_not(own, person):
    own.post(reverse("account_personal"), filled())
    (entry,) = AuditEntry.objects.all()
    assert (entry.kind, entry.actor, entry.before, entry.after) == (
        "person.renamed",
        person,
        None,
        None,
    )
    own.post(reverse("account_personal"), filled(phone=""))
    assert AuditEntry.objects.count() == 1


def test_fields_that_are_not_in_the_form_change_nothing(own, person):
    before = User.objects.filter(pk=person.pk).values().get()
    extra = {
        "is_staff": "on",
        "is_superuser": "on",
        "is_active": "",
        "groups": "1",
        "user_permissions": "1",
        "email": "other@example.org",
        "password": "x",
        "deleted_at": "2026-01-01",
        "id": "1",
        "pk": "1",
        "collectivity": "1",
        "role": "administrator",
        "person": "1",
    }
    assert own.post(reverse("account_personal"), filled(**extra)).status_code == 302
    after = User.objects.filter(pk=person.pk).values().get()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"first_name", "language", "phone", "shows_name"}
    assert not person.groups.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", ""),
        ("first_name", "Administration"),
        ("last_name", "الإدارة"),
        ("last_name", "x" * 61),
        ("language", "de"),
        ("language", ""),
        ("phone", "call me"),
        ("phone", "1" * 31),
        ("phone", "١٢٣"),
    ],
)
def test_wrong_details_come_back_with_a_word_and_nothing_is_changed(own, person, field, value):
    before = User.objects.filter(pk=person.pk).values().get()
    answer = own.post(reverse("account_personal"), filled(**{field: value}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count('class="error-summary"') == 1
    assert f'href="#id_{field}"' in page
    assert 'value="Salma"' in page or field == "first_name"  # nothing that was typed is lost
    assert User.objects.filter(pk=person.pk).values().get() == before


def test_name_of_staff_is_refused_with_a_word(own):
    staff = make_staff(StaffRole.EDITOR)
    User.objects.filter(pk=staff.pk).update(first_name="Salma", last_name="Idrissi")
    answer = own.post(reverse("account_personal"), filled())
    assert answer.status_code == 422
    assert own.post(reverse("account_personal"), filled(first_name="Sara")).status_code == 302


def test_empty_form_that_was_sent_is_refused(own):
    assert own.post(reverse("account_personal"), {}).status_code == 422


# --- Export -------------------------------------------------------------------------------------


def test_export_is_a_file_for_this_answer_alone(own, person):
    stranger = make_person(last_name="Stranger")
    answer = own.post(reverse("account_export"), {"person": stranger.pk, "id": stranger.pk})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="remacto-my-data-2')
    assert "no-store" in answer["Cache-Control"]
    assert not answer.has_header("Content-Encoding")
    with ZipFile(io.BytesIO(answer.getvalue())) as archive:
        document = json.loads(archive.read("data.json"))
    assert document["about"]["person"] == person.name
    assert stranger.email not in json.dumps(document)


def test_looking_at_the_export_makes_none(own):
    own.get(reverse("account_export"))
    assert not AuditEntry.objects.exists()


def test_too_many_exports_are_refused_with_a_word(own):
    for _ in range(MOST_EXPORTS):
        assert own.post(reverse("account_export")).status_code == 200
    answer = own.post(reverse("account_export"))
    assert answer.status_code == 429
    assert 'class="error-summary"' in answer.content.decode()


@pytest.mark.parametrize("name", ["account_export", "account_delete", "account_personal"])
def test_form_of_another_site_is_refused(person, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    assert client.post(reverse(name), {"understood": "on"}).status_code == 403
    person.refresh_from_db()
    assert (person.deleted_at, AuditEntry.objects.count()) == (None, 0)


# --- Deletion -----------------------------------------------------------------------------------


def test_account_is_deleted_when_the_password_is_told_anew(own, person):
    email = person.email
    other_browser = Client()
    assert other_browser.login(email=email, password=PASSWORD)
    answer = own.post(reverse("account_delete"), {"understood": "on"})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    person.refresh_from_db()
    assert person.deleted_at is None
    assert confirm(own, "wrong password").status_code == 422
    person.refresh_from_db()
    assert person.deleted_at is None
    answer = confirm(own)
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_deleted"))
    person.refresh_from_db()
    assert person.deleted_at is not None

    page = own.get(answer["Location"])
    assert page.status_code == 200
    assert 'name="csrfmiddlewaretoken"' not in page.content.decode()
    for browser in (own, other_browser):
        assert browser.get(reverse("account")).status_code == 302
    assert own.get(reverse("account_deleted")).status_code == 200
    assert not Client().login(email=email, password=PASSWORD)
    do_jobs()
    assert [one.to for one in mail.outbox] == [[email]]


def test_whoever_has_just_shown_who_they_are_is_not_asked_twice(own, person):
    confirm(own)
    answer = own.post(reverse("account_delete"), {"understood": "on"})
    assert answer["Location"] == reverse("account_deleted")


def test_box_that_is_not_ticked_deletes_nothing(own, person):
    confirm(own)
    answer = own.post(reverse("account_delete"), {})
    page = answer.content.decode()
    assert (answer.status_code, page.count('class="error-summary"')) == (422, 1)
    assert 'href="#id_understood"' in page
    person.refresh_from_db()
    assert person.deleted_at is None


def test_only_focal_point_is_led_to_the_handover(own, person):
    commune, alone = make_commune(), make_commune()
    make_focal_point(commune, person=person)
    make_focal_point(alone, person=person)
    make_contributor(commune)
    page = own.get(reverse("account_delete")).content.decode()
    assert reverse("space_handover", args=[commune.key]) in page
    assert reverse("space_handover", args=[alone.key]) not in page
    assert 'name="understood"' not in page
    confirm(own)
    answer = own.post(reverse("account_delete"), {"understood": "on"})
    assert answer.status_code == 409
    assert reverse("space_handover", args=[commune.key]) in answer.content.decode()
    person.refresh_from_db()
    assert person.deleted_at is None


def test_last_administrator_is_told_to_appoint_another(client):
    person = make_staff(StaffRole.ADMINISTRATOR)
    client.force_login(person)
    assert 'name="understood"' not in client.get(reverse("account_delete")).content.decode()
    make_staff(StaffRole.ADMINISTRATOR)
    assert 'name="understood"' in client.get(reverse("account_delete")).content.decode()


def test_page_after_the_deletion_is_public_and_sets_no_cookie(client):
    answer = client.get(reverse("account_deleted"))
    assert (answer.status_code, answer.cookies) == (200, {})
    assert 'content="noindex"' in answer.content.decode()
