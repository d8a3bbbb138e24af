"""Applications and associations in the administration."""

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.audit import AuditEntry
from core.uploads.models import Upload
from core.uploads.services import keep_upload
from members.enums import ApplicationState, AttachmentState, OrganisationKind, StaffRole
from members.models import Application, Association, Attachment, Invitation
from notifications.models import Letter
from tests.factories import make_commune, make_region, number
from tests.members.factories import make_association, make_focal_point, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wagtails_own_templates")]

LIST = "/admin/applications/"
ASSOCIATIONS = "/admin/associations/"


def make_application(**fields) -> Application:
    n = next(number)
    if fields.get("kind") != OrganisationKind.ASSOCIATION:
        fields.setdefault("collectivity", make_commune())
    one = Application.objects.create(
        **{
            "kind": OrganisationKind.COLLECTIVITY,
            "first_name": "Salma",
            "last_name": f"Alami {n}",
            "email": f"applicant-{n}@example.org",
            "office": "Directrice",
            "language": "fr",
            "state": ApplicationState.WAITING,
            "token_digest": f"digest {n}",
        }
        | fields
    )
    one.steps.create(before="unconfirmed", after="waiting")
    return one


def make_applying_association(**fields) -> Application:
    return make_application(
        kind=OrganisationKind.ASSOCIATION,
        **{"association_name_fr": "Amis du quartier", "about": "Nous travaillons ici"} | fields,
    )


def inspect(application: Application) -> str:
    return reverse("applications:inspect", args=[application.pk])


def found(response) -> set[str]:
    return {one.email for one in response.context["object_list"]}


def bulk(action: str, *applications: Application) -> str:
    ids = "&".join(f"id={one.pk}" for one in applications)
    return f"/admin/bulk/members/application/{action}/?{ids}&next={LIST}"


@pytest.fixture
def editor(client):
    one = make_staff(StaffRole.EDITOR)
    client.force_login(one)
    return one


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [(StaffRole.EDITOR, 200), (StaffRole.ADMINISTRATOR, 200), (StaffRole.MODERATOR, 302)],
)
def test_editors_and_administrators_see_applications_and_associations(client, role, status):
    one, association = make_application(), make_association()
    client.force_login(make_staff(role))
    assert client.get(LIST).status_code == status
    assert client.get(inspect(one)).status_code == status
    assert client.get(ASSOCIATIONS).status_code == status
    assert client.get(f"{ASSOCIATIONS}edit/{association.pk}/").status_code == status


def test_moderator_decides_nothing(client):
    one = make_application()
    client.force_login(make_staff(StaffRole.MODERATOR))
    client.post(inspect(one), {"decision": "accept", "reason": "x"})
    client.post(bulk("refuse", one), {"reason": "x"})
    assert Application.objects.get().state == ApplicationState.WAITING
    assert Letter.objects.count() == 0


@pytest.mark.parametrize("path", ["new/", "edit/{}/", "delete/{}/", "copy/{}/"])
def test_nobody_writes_or_deletes_an_application(client, editor, path):
    one = make_application()
    address = LIST + path.format(one.pk)
    before = Application.objects.values().get()
    assert client.get(address).status_code in (302, 404)
    assert client.post(address, {"state": "accepted"}).status_code in (302, 404)
    assert Application.objects.values().get() == before


@pytest.mark.parametrize("path", ["new/", "delete/{}/"])
def test_nobody_makes_or_deletes_an_association(client, editor, path):
    one = make_association()
    assert client.post(ASSOCIATIONS + path.format(one.pk), {"name_fr": "x"}).status_code == 302
    assert Association.objects.get() == one


# --- The list -------------------------------------------------------------------------------------


def test_unconfirmed_application_is_not_shown(client, editor):
    one = make_application(state=ApplicationState.UNCONFIRMED)
    seen = make_application()
    assert found(client.get(LIST)) == {seen.email}
    assert client.get(inspect(one), follow=True).status_code == 404
    assert (
        client.post(inspect(one), {"decision": "accept", "reason": "x"}, follow=True).status_code
        == 404
    )


def test_list_is_filtered_and_searched(client, editor):
    region = make_region(name_fr="Oriental")
    old = make_application(
        collectivity=make_commune(name_fr="Figuig", name_ar="فكيك", region=region),
        created_at=timezone.now() - timezone.timedelta(days=10),
    )
    asked = make_application(state=ApplicationState.MORE_ASKED)
    association = make_applying_association()
    association.attach_to.add(make_commune(region=region), make_commune(region=region))
    for query, expected in (
        ("state=waiting", {old, association}),
        ("state=more-asked", {asked}),
        ("kind=association", {association}),
        (f"region={region.pk}", {old, association}),
        ("age=7", {old}),
        ("age=30", set()),
        ("q=figuig", {old}),
        ("q=فكيك", {old}),
        ("q=quartier", {association}),
        (f"q={asked.email}", {asked}),
        ("q=Salma+figuig", {old}),
        ("q=nobody", set()),
    ):
        answer = client.get(f"{LIST}?{query}")
        assert (query, found(answer)) == (query, {one.email for one in expected})
    assert client.get(f"{LIST}?state=nonsense&region=x").status_code == 200


@pytest.mark.parametrize("more", [1, 3])
def test_queries_of_the_list_do_not_grow(client, editor, more):
    for _ in range(more):
        make_application()
        make_applying_association()
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    assert len([one for one in queries if "members_application" in one["sql"]]) == 2


def test_dashboard_counts_those_that_wait(client, editor):
    make_application(state=ApplicationState.MORE_ASKED)
    address = f'href="{LIST}?state=waiting"'
    assert address not in client.get("/admin/").content.decode()
    make_application()
    assert address in client.get("/admin/").content.decode()


# --- One application ------------------------------------------------------------------------------


def test_page_shows_everything(client, editor):
    commune = make_commune(name_fr="Figuig")
    one = make_application(
        collectivity=commune, phone="0612345678", message="Bonjour <b>", office="Maire"
    )
    other = make_application(collectivity=commune)
    make_focal_point(commune)
    page = client.get(inspect(one)).content.decode()
    for text in (one.email, "0612345678", "Bonjour &lt;b&gt;", "Maire", inspect(other)):
        assert text in page
    answer = client.get(inspect(one))
    assert (list(answer.context["others"]), answer.context["has_people"]) == ([other], True)
    assert client.get(inspect(make_application())).context["has_people"] is False


@pytest.mark.parametrize(
    ("decision", "state"), [("accept", "accepted"), ("ask", "more-asked"), ("refuse", "refused")]
)
def test_decision_is_made_with_a_reason(client, editor, decision, state):
    one = make_application()
    answer = client.post(inspect(one), {"decision": decision, "reason": " Voilà. "})
    assert (answer.status_code, answer.url) == (302, inspect(one))
    one.refresh_from_db()
    step = one.steps.last()
    assert (one.state, step.actor, step.reason) == (state, editor, "Voilà.")
    assert Letter.objects.filter(kind="application-state", email=one.email).count() == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"decision": "accept"}, {"reason"}),
        ({"decision": "accept", "reason": " \u202e"}, {"reason"}),
        ({"decision": "refuse", "reason": "x" * 2001}, {"reason"}),
        ({"reason": "x"}, {"decision"}),
        ({"decision": "delete", "reason": "x"}, {"decision"}),
        ({}, {"decision", "reason"}),
    ],
)
def test_decision_without_a_reason_is_refused_with_words(client, editor, fields, wrong):
    one = make_application()
    answer = client.post(inspect(one), fields)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, wrong)
    assert answer.context["form"]["reason"].value() == fields.get("reason")
    assert Application.objects.get().state == ApplicationState.WAITING
    assert client.post(inspect(one), {"decision": "accept", "reason": "x"}).status_code == 302


def test_second_editor_is_told_and_changes_nothing(client, editor):
    one = make_application()
    client.post(inspect(one), {"decision": "refuse", "reason": "x"})
    answer = client.post(inspect(one), {"decision": "accept", "reason": "x"}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["success", "warning"]
    assert Application.objects.get().state == ApplicationState.REFUSED
    assert Invitation.objects.count() == 0
    assert 'name="decision"' not in answer.content.decode()


def test_extra_fields_change_nothing(client, editor):
    one = make_application()
    fields = {"decision": "ask", "reason": "x", "state": "accepted", "email": "x@example.org"}
    client.post(inspect(one), fields)
    after = Application.objects.get()
    assert (after.state, after.email) == ("more-asked", one.email)


def test_invitation_is_sent_again(client, editor):
    one = make_application()
    client.post(inspect(one), {"decision": "accept", "reason": "x"})
    assert 'name="invite"' in client.get(inspect(one)).content.decode()
    client.post(inspect(one), {"invite": "again"})
    assert [invitation.state for invitation in Invitation.objects.all()] == ["open", "revoked"]


def test_accepted_association_is_linked(client, editor):
    one = make_applying_association()
    one.attach_to.add(make_commune())
    assert "Amis du quartier" in client.get(inspect(one)).content.decode()
    client.post(inspect(one), {"decision": "accept", "reason": "x"})
    association = Association.objects.get()
    assert f"{ASSOCIATIONS}edit/{association.pk}/" in client.get(inspect(one)).content.decode()


def test_document_is_handed_out_to_those_who_decide_alone(client, editor):
    content = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    file = ContentFile(content, name="x.pdf")
    upload = keep_upload(file=file, owner=None, policy="deliberation")
    one, bare = make_application(document=upload), make_application()
    address = reverse("applications:document", args=[one.pk])
    assert address in client.get(inspect(one)).content.decode()
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == content
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert (
        client.get(reverse("applications:document", args=[bare.pk]), follow=True).status_code == 404
    )
    assert client.post(address).status_code == 405
    client.force_login(make_staff(StaffRole.MODERATOR))
    assert client.get(address).status_code in (302, 403)
    client.logout()
    assert client.get(address).status_code == 302
    assert Upload.objects.count() == 1


# --- Many at once ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "state"), [("ask_for_more", "more-asked"), ("refuse", "refused")]
)
def test_many_are_decided_with_one_reason(client, editor, action, state):
    some = [make_application(), make_applying_association()]
    accepted, hidden = make_application(state="accepted"), make_application(state="unconfirmed")
    address = bulk(action, *some, accepted, hidden)
    page = client.get(address)
    assert page.status_code == 200
    assert [item["item"] for item in page.context["items"]] == [accepted, *reversed(some)]
    assert client.post(address, {"reason": " "}).status_code == 200
    assert Letter.objects.count() == 0
    answer = client.post(address, {"reason": "Le document manque."})
    assert (answer.status_code, answer.url) == (302, LIST)
    states = dict(Application.objects.values_list("pk", "state"))
    assert states == {
        some[0].pk: state,
        some[1].pk: state,
        accepted.pk: "accepted",
        hidden.pk: "unconfirmed",
    }
    assert Letter.objects.filter(kind="application-state").count() == 2
    assert [one.steps.last().reason for one in some] == ["Le document manque."] * 2


def test_all_means_all_that_are_open(client, editor):
    one, decided = make_application(), make_application(state="refused")
    page = client.get("/admin/bulk/members/application/refuse/?id=all")
    assert [item["item"] for item in page.context["items"]] == [one]
    assert decided.state == "refused"
    for ids in ("id=x", "id=999", ""):
        answer = client.get(f"/admin/bulk/members/application/refuse/?{ids}")
        assert (answer.status_code, answer.context["items"]) == (200, [])


# --- Associations ---------------------------------------------------------------------------------


def association_fields(**fields) -> dict[str, str]:
    return {
        "name_ar": "جمعية الحي",
        "name_fr": "",
        "name_en": "",
        "name_zgh": "",
        "about": "",
        "language": "ar",
        "website": "",
        "email": "",
        "phone": "",
    } | fields


def test_associations_are_filtered_and_searched(client, editor):
    region = make_region()
    attached = make_association(name_fr="Amis de Figuig", name_ar="أصدقاء فكيك")
    Attachment.objects.create(
        association=attached,
        collectivity=make_commune(region=region),
        state=AttachmentState.CONFIRMED,
    )
    alone = make_association(email="alone@example.org")
    left = make_association(left_on=timezone.localdate())
    for query, expected in (
        ("", {attached, alone, left}),
        ("state=attached", {attached}),
        ("state=alone", {alone}),
        ("state=left", {left}),
        (f"region={region.pk}", {attached}),
        ("q=figuig", {attached}),
        ("q=فكيك", {attached}),
        ("q=alone@example.org", {alone}),
    ):
        answer = client.get(f"{ASSOCIATIONS}?{query}")
        assert (query, set(answer.context["object_list"])) == (query, expected)
        if query == "q=figuig":
            assert [one.confirmed for one in answer.context["object_list"]] == [1]


def test_change_of_an_association_is_in_the_log(client, editor):
    one = make_association(name_fr="Vieux nom")
    address = f"{ASSOCIATIONS}edit/{one.pk}/"
    fields = association_fields(phone="٠٥٣٩", website="https://example.org/")
    assert client.post(address, fields).status_code == 200  # too short for a phone
    fields["phone"] = "٠٥٣٩ ١٢٣٤٥٦"
    assert client.post(address, fields | {"left_on": "2020-01-01"}).status_code == 302
    one.refresh_from_db()
    assert (one.name_ar, one.name_fr, one.phone, one.left_on) == (
        "جمعية الحي",
        "",
        "0539 123456",
        None,
    )
    entry = AuditEntry.objects.get(kind="association.changed")
    assert (entry.actor, entry.before) == (
        editor,
        {"name_ar": "", "name_fr": "Vieux nom", "language": "", "website": "", "phone": ""},
    )
    assert client.post(address, fields).status_code == 302
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"name_ar": ""}, {"name_ar": "الإدارة"}, {"email": "x"}, {"website": "javascript:x"}],
)
def test_association_keeps_a_name_and_right_contacts(client, editor, changes):
    one = make_association()
    address = f"{ASSOCIATIONS}edit/{one.pk}/"
    assert client.post(address, association_fields(**changes)).status_code == 200
    assert AuditEntry.objects.count() == 0
    assert client.post(address, association_fields()).status_code == 302
