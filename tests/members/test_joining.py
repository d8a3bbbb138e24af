"""Joining the network: the open forms, the secret link, what the services do."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from PIL import Image

from core.audit import AuditEntry
from core.open_forms import make_stamp
from core.outbox.models import OutboxJob
from core.uploads.models import Upload
from members.enums import ApplicationState, OrganisationKind, Place, StaffRole
from members.models import Affiliation, Application, Association, Attachment, Invitation, Membership
from members.services.joining import (
    JoiningRefused,
    accept_application,
    answer_application,
    ask_for_more,
    clear_applications,
    confirm_application,
    invite_again,
    refuse_application,
    send_application,
    token_of,
    withdraw_application,
)
from notifications.models import Letter, Notice
from tests.factories import make_commune
from tests.members.factories import (
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_person,
    make_staff,
)

pytestmark = pytest.mark.django_db

LANGUAGES = ("ar", "fr", "en", "zgh")
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def official(**fields) -> dict[str, str]:
    """What a browser sends for a collectivity: a form that was open for a minute."""
    return {
        "first_name": "مريم",
        "last_name": "العلوي",
        "office": "مديرة المصالح",
        "email": "Maryam@example.org",
        "phone": "",
        "message": "",
        "website": "",
        "stamp": make_stamp(time.time() - 60),
    } | fields


def association(**fields) -> dict[str, str]:
    return {
        "association_name_ar": "جمعية الحي",
        "association_name_fr": "",
        "about": "نعمل مع السكان على الميزانية التشاركية منذ 2015",
        "first_name": "Salma",
        "last_name": "Idrissi",
        "office": "Présidente",
        "email": "salma@example.org",
        "phone": "+212 612 345 678",
        "website": "",
        "stamp": make_stamp(time.time() - 60),
    } | fields


def pdf(name: str = "délibération.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, content_type="application/pdf")


def picture() -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (40, 40), "navy").save(content, "JPEG")
    return SimpleUploadedFile("page.jpg", content.getvalue())


def address_for(collectivity, language: str = "en") -> str:
    return f"/{language}/join/collectivity/?collectivity={collectivity.code}"


def address_with(*collectivities, language: str = "en") -> str:
    codes = "&".join(f"c={one.code}" for one in collectivities)
    return f"/{language}/join/association/?{codes}&form="


def link(application: Application, action: str = "") -> str:
    end = f"{action}/" if action else ""
    return f"/en/join/{token_of(application)}/{end}"


def letters(kind: str = "") -> list[Letter]:
    rows = Letter.objects.order_by("pk")
    return list(rows.filter(kind=kind) if kind else rows)


@pytest.fixture
def commune():
    return make_commune(name_fr="Tétouan", name_ar="تطوان", code="01.571.01.11")


@pytest.fixture
def sent(client, commune) -> Application:
    """An application whose address is not confirmed yet."""
    client.post(address_for(commune), official())
    return Application.objects.get()


@pytest.fixture
def waiting(sent) -> Application:
    confirm_application(application=sent)
    sent.refresh_from_db()
    return sent


@pytest.fixture
def editor():
    return make_staff(StaffRole.EDITOR)


# --- The start page and the search ----------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["", "collectivity/", "association/", "sent/"])
def test_pages_open_in_each_language_without_cookie_or_database(
    client, language, path, database_away
):
    answer = client.get(f"/{language}/join/{path}")
    assert (answer.status_code, answer.headers["Content-Language"]) == (200, language)
    assert dict(answer.cookies) == {}
    assert "csrf" not in answer.content.decode().lower()
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_only_the_forms_take_what_is_sent(client):
    assert client.post("/en/join/").status_code == 405
    assert client.post("/en/join/sent/").status_code == 405
    assert client.put("/en/join/collectivity/").status_code == 405
    assert client.put("/en/join/association/").status_code == 405


@pytest.mark.parametrize("query", ["تطوان", "tetouan", "TÉTOUAN", "Teto"])
def test_collectivity_is_found_in_either_script(client, commune, query):
    make_commune(name_fr="Ifrane", name_ar="إفران")
    answer = client.get("/fr/join/collectivity/", {"q": query})
    assert answer.context["results"] == [commune]
    assert f"?collectivity={commune.code}" in answer.content.decode()


def test_shortest_name_comes_first_and_a_long_list_says_so(client, commune):
    for n in range(21):
        make_commune(name_fr=f"Tétouan Jadida {n}", name_ar="تطوان الجديدة")
    answer = client.get("/fr/join/collectivity/", {"q": "tétouan"})
    assert (len(answer.context["results"]), answer.context["has_more"]) == (20, True)
    assert answer.context["results"][0] == commune


@pytest.mark.parametrize("query", ["zzz", "…", "x" * 5000, "%", "'"])
def test_search_without_a_result_says_so_or_asks_again(client, commune, query):
    answer = client.get("/en/join/collectivity/", {"q": query})
    assert (answer.status_code, answer.context["results"]) == (200, [])


@pytest.mark.parametrize("number", [1, 3])
def test_search_takes_one_query_whatever_it_finds(client, number):
    for n in range(number):
        make_commune(name_fr=f"Tétouan {n}")
    client.get("/en/join/collectivity/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(client.get("/en/join/collectivity/?q=tetouan").context["results"]) == number
    assert len(queries) == 1


@pytest.mark.parametrize("code", ["99.999", "x"])
def test_unknown_collectivity_leads_to_the_search(client, commune, code):
    answer = client.get("/en/join/collectivity/", {"collectivity": code})
    assert (answer.status_code, answer.context["unknown"]) == (200, True)
    assert client.get(address_for(commune)).context["collectivity"] == commune


# --- For a collectivity ---------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_application_is_kept_unconfirmed_and_its_mail_waits(client, commune, language):
    answer = client.post(address_for(commune, language), official() | {"document": pdf()})
    assert (answer.status_code, answer.url) == (302, f"/{language}/join/sent/")
    assert client.get(answer.url).status_code == 200
    one = Application.objects.get()
    assert (one.kind, one.collectivity, one.name, one.email, one.office) == (
        OrganisationKind.COLLECTIVITY,
        commune,
        "مريم العلوي",
        "maryam@example.org",
        "مديرة المصالح",
    )
    assert (one.state, one.language) == (ApplicationState.UNCONFIRMED, language)
    assert (one.document.name, one.document.owner) == ("délibération.pdf", None)
    letter = Letter.objects.get()
    assert (letter.kind, letter.email, letter.language) == (
        "application-confirm",
        "maryam@example.org",
        language,
    )
    assert client.get(f"/{language}/join/{letter.data['token']}/").status_code == 200
    assert letter.data["token"] not in one.token_digest
    assert OutboxJob.objects.filter(kind="letter-mail").count() == 1
    assert Notice.objects.count() == 0


def test_form_sent_twice_is_one_application_and_one_mail(client, commune):
    stamp = make_stamp(time.time() - 60)
    for _ in range(3):
        assert client.post(address_for(commune), official(stamp=stamp)).status_code == 302
    assert (Application.objects.count(), len(letters())) == (1, 1)
    assert client.post(address_for(commune), official(stamp=stamp, office="x")).status_code == 302
    assert (Application.objects.count(), len(letters())) == (2, 2)


def test_extra_fields_change_nothing(client, commune):
    other = make_commune()
    extra = {
        "state": "accepted",
        "kind": "association",
        "collectivity": other.code,
        "collectivity_id": other.pk,
        "association": "1",
        "token_digest": "0" * 64,
        "key": "00000000-0000-0000-0000-000000000000",
        "is_staff": "1",
        "language": "fr",
    }
    client.post(address_for(commune), official() | extra)
    one = Application.objects.get()
    assert (one.state, one.kind, one.collectivity, one.association, one.language) == (
        "unconfirmed",
        "collectivity",
        commune,
        None,
        "en",
    )
    assert one.token_digest != "0" * 64


@pytest.mark.parametrize(
    ("field", "value", "good"),
    [
        ("first_name", "", "مريم"),
        ("first_name", "الإدارة", "مريم"),
        ("first_name", "x" * 61, "x" * 60),
        ("last_name", "www.example.org", "Ait-Ali"),
        ("last_name", "\u202e", "بن\u200b علي"),
        ("office", "", "م"),
        ("office", "x" * 121, "x" * 120),
        ("email", "", "a@example.org"),
        ("email", "maryam", "a@example.org"),
        ("email", "a@example.org\nBcc: b@example.org", "a@example.org"),
        ("phone", "call me", "٠٦١٢٣٤٥٦٧٨"),
        ("phone", "1", "+212 612-345-678"),
        ("message", "x" * 2001, "x" * 2000),
    ],
)
def test_each_field_says_what_is_missing_and_keeps_what_was_typed(
    client, commune, field, value, good
):
    answer = client.post(address_for(commune), official(**{field: value}))
    page = unescape(answer.content.decode())
    form = answer.context["form"]
    assert (answer.status_code, set(form.errors)) == (422, {field})
    words = form.errors[field][0]
    assert page.count(words) == 2  # in the summary and at the field
    assert f'<a href="#id_{field}">{words}</a>' in page
    for name, typed in official(**{field: value}).items():
        if name in form.fields and name not in ("stamp", "website"):
            assert form[name].value() == typed
    assert (Application.objects.count(), Letter.objects.count()) == (0, 0)
    assert client.post(address_for(commune), official(**{field: good})).status_code == 302


def test_digits_of_a_phone_are_kept_as_latin_ones(client, commune):
    client.post(address_for(commune), official(phone="٠٦١٢٣٤٥٦٧٨"))
    assert Application.objects.get().phone == "0612345678"


def test_name_of_the_staff_is_refused(client, commune):
    one = make_staff(StaffRole.EDITOR)
    one.first_name, one.last_name = "Salma", "Bennani"
    one.save()
    answer = client.post(address_for(commune), official(first_name="SALMA", last_name="Bennani"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["__all__"])
    again = official(first_name="Salma", last_name="Alami")
    assert client.post(address_for(commune), again).status_code == 302


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"<html><script>", "x.pdf"), (b"MZ\x90\x00", "x.pdf"), (b"", "x.pdf"), (b"GIF89a", "x.png")],
)
def test_document_is_judged_by_its_content(client, commune, content, name):
    file = SimpleUploadedFile(name, content)
    answer = client.post(address_for(commune), official() | {"document": file})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["document"])
    assert "Choose the document once more" in answer.content.decode()
    assert (Application.objects.count(), Upload.objects.count()) == (0, 0)
    assert (
        client.post(address_for(commune), official() | {"document": picture()}).status_code == 302
    )
    assert Application.objects.get().document.content_type == "image/jpeg"


def test_machine_is_answered_like_a_person_and_dropped(client, commune):
    answer = client.post(address_for(commune), official(website="http://example.org"))
    assert (answer.status_code, answer.url) == (302, "/en/join/sent/")
    assert (Application.objects.count(), Letter.objects.count()) == (0, 0)


@pytest.mark.parametrize("stamp", ["", "x", make_stamp(0)])
def test_stamp_that_is_missing_or_old_sends_the_form_back(client, commune, stamp):
    answer = client.post(address_for(commune), official(stamp=stamp))
    assert (answer.status_code, Application.objects.count()) == (422, 0)
    again = official(stamp=answer.context["form"].lasting_stamp)
    assert client.post(address_for(commune), again).status_code == 422  # faster than a person


def test_form_of_another_site_is_refused(client, commune):
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post(address_for(commune), official(), headers=headers)
    assert (answer.status_code, Application.objects.count()) == (403, 0)
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert client.post(address_for(commune), official(), headers=headers).status_code == 302


def test_flood_is_refused_with_a_word_and_nothing_is_lost(client, commune):
    for n in range(20):
        fields = official(email=f"person-{n}@example.org")
        assert client.post(address_for(commune), fields).status_code == 302
    answer = client.post(address_for(commune), official())
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert answer.context["form"]["first_name"].value() == "مريم"
    assert Application.objects.count() == 20
    other = client.post(address_for(commune), official(), REMOTE_ADDR="192.0.2.9")
    assert other.status_code == 302


def test_nobody_is_mailed_without_end(client, commune):
    for n in range(5):
        fields = official(office=f"x{n}")
        assert (
            client.post(address_for(commune), fields, REMOTE_ADDR=f"192.0.2.{n}").status_code == 302
        )
    fields = official(email="MARYAM@example.org")
    assert client.post(address_for(commune), fields, REMOTE_ADDR="192.0.2.8").status_code == 429
    assert len(letters()) == 5


def test_collectivity_with_a_focal_point_says_who_invites_and_names_nobody(client, commune):
    contributor = make_contributor(commune)
    assert client.get(address_for(commune)).context["form"]
    focal = make_focal_point(commune)
    answer = client.get(address_for(commune))
    page = answer.content.decode()
    assert (answer.status_code, "form" in answer.context) == (200, False)
    assert "Its focal point invites" in page
    assert f'/en/contact/?about={commune.get_absolute_url()}"' in page
    assert [one.person.email for one in (focal, contributor) if one.person.email in page] == []
    assert client.post(address_for(commune), official()).status_code == 409
    assert Application.objects.count() == 0


def test_service_refuses_where_a_focal_point_came_meanwhile(commune):
    make_focal_point(commune)
    with pytest.raises(JoiningRefused):
        send_application(
            kind=OrganisationKind.COLLECTIVITY,
            fields={"email": "x@example.org"},
            collectivity=commune,
            language="fr",
            stamp="1",
        )


def test_member_without_people_may_be_applied_for(client):
    member = make_member_collectivity()
    assert "member of the network already" in client.get(address_for(member)).content.decode()
    assert client.post(address_for(member), official()).status_code == 302


def test_second_application_is_answered_alike_and_its_mail_leads_to_the_first(
    client, commune, waiting
):
    first = token_of(waiting)
    answer = client.post(address_for(commune), official(office="Other") | {"document": pdf()})
    assert (answer.status_code, answer.url) == (302, "/en/join/sent/")
    assert (Application.objects.count(), Upload.objects.count()) == (1, 0)
    last = letters()[-1]
    assert (last.kind, last.email, last.data["token"]) == (
        "application-known",
        "maryam@example.org",
        first,
    )
    other = make_commune()
    assert client.post(address_for(other), official()).status_code == 302
    assert Application.objects.count() == 2


# --- For an association ---------------------------------------------------------------------------


def test_collectivities_are_gathered_in_the_address(client, commune):
    other = make_commune(name_fr="Ifrane")
    page = client.get("/en/join/association/", {"q": "ifrane"}).content.decode()
    assert f'href="?c={other.code}"' in page
    page = client.get(f"/en/join/association/?c={commune.code}&q=ifrane").content.decode()
    assert f'href="?c={commune.code}&amp;c={other.code}"' in page
    both = client.get(f"/en/join/association/?c={commune.code}&c={other.code}&q=tetouan")
    assert both.context["results"] == []  # chosen already
    assert [one for one, _without in both.context["chosen"]] == [commune, other]
    assert [address for _one, address in both.context["chosen"]] == [
        f"/en/join/association/?c={other.code}",
        f"/en/join/association/?c={commune.code}",
    ]


def test_more_than_ten_unknown_and_doubled_collectivities_are_left_out(client):
    codes = [make_commune().code for _ in range(12)]
    answer = client.get("/en/join/association/", {"c": [codes[0], *codes], "q": "Bourg"})
    assert [one.code for one, _without in answer.context["chosen"]] == codes[:10]
    assert 'role="search" action="/en/join/association/"' not in answer.content.decode()
    answer = client.get("/en/join/association/", {"c": ["x", codes[1]]})
    assert [one.code for one, _without in answer.context["chosen"]] == [codes[1]]


def test_association_applies_with_its_collectivities(client, commune):
    other = make_commune()
    assert client.get(address_with(commune, other)).context["form"]
    answer = client.post(address_with(commune, other), association())
    assert (answer.status_code, answer.url) == (302, "/en/join/sent/")
    one = Application.objects.get()
    assert (one.kind, one.collectivity, one.association) == ("association", None, None)
    assert (one.organisation_name, one.phone) == ("جمعية الحي", "+212 612 345 678")
    assert set(one.attach_to.all()) == {commune, other}
    assert (letters()[0].kind, letters()[0].data["organisation"]["fr"]) == (
        "application-confirm",
        "جمعية الحي",
    )


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"association_name_ar": ""}, "association_name_ar"),
        ({"association_name_ar": "\u200b\u202e"}, "association_name_ar"),
        ({"association_name_ar": "الإدارة"}, "association_name_ar"),
        ({"association_name_fr": "REMАСТО"}, "association_name_fr"),
        ({"association_name_fr": "x" * 151}, "association_name_fr"),
        ({"association_name_fr": "12345"}, "association_name_fr"),
        ({"about": "short"}, "about"),
        ({"about": "x" * 2001}, "about"),
    ],
)
def test_what_is_told_of_an_association_is_checked(client, commune, changes, wrong):
    answer = client.post(address_with(commune), association(**changes))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [wrong])
    assert answer.context["form"]["last_name"].value() == "Idrissi"
    assert Application.objects.count() == 0
    good = association(association_name_ar="", association_name_fr="Association de soutien 2000")
    assert client.post(address_with(commune), good).status_code == 302


def test_association_without_a_collectivity_is_asked_for_one_and_loses_nothing(client, commune):
    answer = client.post("/en/join/association/?form=", association())
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["__all__"])
    assert answer.context["form"]["about"].value() == association()["about"]
    assert client.get("/en/join/association/?form=").context["chosen"] == []


# --- The page of the application ------------------------------------------------------------------


def test_link_is_secret_and_kept_from_caches_and_other_sites(client, sent):
    answer = client.get(link(sent))
    assert answer.status_code == 200
    assert dict(answer.cookies) == {}
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == (
        "private, no-store",
        "same-origin",
    )
    assert "csrf" not in answer.content.decode().lower()
    for wrong in ("x", token_of(sent)[:-1], sent.token_digest, sent.key):
        answer = client.get(f"/en/join/{wrong}/")
        assert (answer.status_code, answer["Referrer-Policy"]) == (404, "same-origin")
    for action in ("confirm", "answer", "withdraw"):
        assert client.post(f"/en/join/x/{action}/").status_code == 404
        assert client.get(link(sent, action)).status_code == 405


def test_confirmed_application_waits_and_editors_are_told(client, sent, editor):
    administrator = make_staff(StaffRole.ADMINISTRATOR)
    make_staff(StaffRole.MODERATOR)
    answer = client.post(link(sent, "confirm"))
    assert (answer.status_code, answer.url) == (302, link(sent))
    sent.refresh_from_db()
    assert sent.state == ApplicationState.WAITING
    step = sent.steps.get()
    assert (step.before, step.after, step.actor, step.reason) == (
        "unconfirmed",
        "waiting",
        None,
        "",
    )
    told = Notice.objects.filter(kind="application-waiting")
    assert {one.person for one in told} == {editor, administrator}
    entry = AuditEntry.objects.get(kind="application.waiting")
    assert (entry.actor, entry.subject_id, entry.after) == (
        None,
        str(sent.pk),
        {"state": "waiting"},
    )
    again = client.post(link(sent, "confirm"))
    assert (again.status_code, sent.steps.count()) == (409, 1)
    assert told.count() == 2


def test_second_application_of_the_same_person_is_not_confirmed(client, commune):
    for office in ("One", "Two"):
        client.post(address_for(commune), official(office=office))
    first, second = Application.objects.order_by("pk")
    assert client.post(link(first, "confirm")).status_code == 302
    answer = client.post(link(second, "confirm"))
    assert (answer.status_code, "another application" in answer.content.decode()) == (409, True)
    second.refresh_from_db()
    assert second.state == ApplicationState.UNCONFIRMED


@pytest.mark.parametrize("action", ["confirm", "withdraw", "answer"])
def test_link_opened_by_another_sites_form_does_nothing(client, sent, editor, action):
    if action != "confirm":
        confirm_application(application=sent)
    if action == "answer":
        ask_for_more(application=sent, editor=editor, reason="What?")
    before = Application.objects.get().state
    fields = {"text": "Answer", "stamp": make_stamp(time.time() - 60)}
    answer = client.post(link(sent, action), fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, Application.objects.get().state) == (403, before)
    assert client.post(link(sent, action), fields).status_code == 302
    assert Application.objects.get().state != before


def test_question_is_answered_with_a_document(client, editor, waiting):
    ask_for_more(application=waiting, editor=editor, reason="Please the <deliberation>.")
    page = client.get(link(waiting)).content.decode()
    assert "Please the &lt;deliberation&gt;." in page
    assert editor.email not in page
    stamp = make_stamp(time.time() - 60)
    empty = client.post(link(waiting, "answer"), {"text": " ", "stamp": stamp})
    assert (empty.status_code, list(empty.context["form"].errors)) == (422, ["text"])
    fields = {"text": "Here it is", "stamp": stamp, "document": pdf("one.pdf")}
    assert client.post(link(waiting, "answer"), fields).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.state, waiting.document.name) == (ApplicationState.WAITING, "one.pdf")
    assert [one.reason for one in waiting.steps.all()] == [
        "",
        "Please the <deliberation>.",
        "Here it is",
    ]
    assert [one.data["again"] for one in Notice.objects.filter(person=editor).order_by("pk")] == [
        False,
        True,
    ]
    fields["document"] = pdf("two.pdf")
    assert client.post(link(waiting, "answer"), fields).status_code == 409


def test_new_document_takes_the_place_of_the_old_one(waiting, editor):
    for name in ("one.pdf", "two.pdf"):
        ask_for_more(application=waiting, editor=editor, reason="x")
        answer_application(application=waiting, text="x", document=pdf(name))
    waiting.refresh_from_db()
    assert [one.name for one in Upload.objects.all()] == [waiting.document.name] == ["two.pdf"]
    assert OutboxJob.objects.filter(kind="delete-upload").count() == 1


def test_withdrawn_application_stays_so_and_its_applicant_is_mailed(client, waiting, editor):
    assert client.post(link(waiting, "withdraw")).status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == ApplicationState.WITHDRAWN
    assert letters("application-state")[0].data["state"] == "withdrawn"
    assert client.post(link(waiting, "withdraw")).status_code == 409
    with pytest.raises(JoiningRefused):
        accept_application(application=waiting, editor=editor, reason="x")
    assert client.get(link(waiting)).status_code == 200


def test_unconfirmed_application_is_not_withdrawn(sent):
    with pytest.raises(JoiningRefused):
        withdraw_application(application=sent)


@pytest.mark.parametrize("state", ApplicationState.values)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_page_shows_each_state(client, sent, state, language):
    Application.objects.update(state=state)
    answer = client.get(f"/{language}/join/{token_of(sent)}/")
    assert answer.status_code == 200
    with_form = "text" in answer.context["form"].fields and "<textarea" in answer.content.decode()
    assert with_form == (state == "more-asked")


@pytest.mark.parametrize("steps", [1, 3])
def test_page_of_an_application_takes_two_queries_whatever_has_happened(client, waiting, steps):
    for n in range(1, steps):
        waiting.steps.create(before="waiting", after="waiting", reason=str(n))
    address = link(waiting)
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    assert len(queries) == 2


def test_person_comes_to_their_own_application_by_their_account(client, waiting):
    address = f"/en/join/mine/{waiting.key}/"
    assert client.get(address).status_code == 302
    assert "/account/login/" in client.get(address).url
    client.force_login(make_person(email="maryam@example.org"))
    assert client.get(address).url == link(waiting)
    client.force_login(make_person())
    assert client.get(address).status_code == 404


def test_person_with_an_unconfirmed_address_comes_to_nothing(client, waiting):
    one = make_person(email="maryam@example.org")
    one.emailaddress_set.update(verified=False)
    client.force_login(one)
    assert client.get(reverse("own_application", args=[waiting.key])).status_code == 404


# --- Decisions ------------------------------------------------------------------------------------


def test_question_is_mailed_and_noted_where_there_is_an_account(waiting, editor):
    account = make_person(email="maryam@example.org")
    ask_for_more(application=waiting, editor=editor, reason="The deliberation, please.")
    letter = letters("application-state")[0]
    assert (letter.email, letter.language) == ("maryam@example.org", "en")
    assert (letter.data["state"], letter.data["reason"], letter.data["token"]) == (
        "more-asked",
        "The deliberation, please.",
        token_of(waiting),
    )
    notice = Notice.objects.get(person=account)
    assert "token" not in notice.data
    assert notice.address == reverse("own_application", args=[waiting.key])
    assert "The deliberation, please." in notice.text
    assert OutboxJob.objects.filter(kind="notice-mail", payload={"notice": notice.pk}).count() == 0


def test_acceptance_of_a_collectivity_invites_its_focal_point(waiting, editor, commune):
    accept_application(application=waiting, editor=editor, reason="Welcome.")
    waiting.refresh_from_db()
    assert waiting.state == ApplicationState.ACCEPTED
    invitation = Invitation.objects.get()
    assert (invitation.collectivity, invitation.email, invitation.place, invitation.office) == (
        commune,
        "maryam@example.org",
        Place.FOCAL_POINT,
        "مديرة المصالح",
    )
    assert [one.kind for one in letters()] == [
        "application-confirm",
        "invitation",
        "application-state",
    ]
    step = waiting.steps.last()
    assert (step.actor, step.after, step.reason) == (editor, "accepted", "Welcome.")
    entry = AuditEntry.objects.get(kind="application.accepted")
    assert (entry.actor, entry.before, entry.after) == (
        editor,
        {"state": "waiting"},
        {"state": "accepted"},
    )
    assert Membership.objects.count() == 0  # that begins with the signature


def test_contributor_who_applied_is_raised(waiting, editor, commune):
    one = make_contributor(commune, person=make_person(email="maryam@example.org"))
    accept_application(application=waiting, editor=editor, reason="x")
    one.refresh_from_db()
    assert (one.place, Invitation.objects.count()) == (Place.FOCAL_POINT, 0)


def test_acceptance_of_an_association_makes_it_and_asks_its_collectivities(client, commune, editor):
    other = make_commune()
    focal = make_focal_point(commune)
    client.post(address_with(commune, other), association())
    one = Application.objects.get()
    confirm_application(application=one)
    accept_application(application=one, editor=editor, reason="x")
    made = Association.objects.get()
    one.refresh_from_db()
    assert one.association == made
    assert (made.name_ar, made.about, made.language) == (
        "جمعية الحي",
        association()["about"],
        "en",
    )
    assert {(one.collectivity, one.state) for one in Attachment.objects.all()} == {
        (commune, "asked"),
        (other, "asked"),
    }
    assert [one.kind for one in Notice.objects.filter(person=focal.person)] == ["attachment-asked"]
    assert Invitation.objects.get().association == made
    assert client.get(link(one)).context["invitation"] == Invitation.objects.get()


DECISIONS = {
    ask_for_more: {"waiting"},
    refuse_application: {"waiting", "more-asked"},
    accept_application: {"waiting"},
}


@pytest.mark.parametrize("state", ApplicationState.values)
@pytest.mark.parametrize("decide", DECISIONS)
def test_decision_is_made_from_its_states_only(waiting, editor, decide, state):
    Application.objects.update(state=state)
    if state in DECISIONS[decide]:
        decide(application=waiting, editor=editor, reason="x")
        assert Application.objects.get().state != state
    else:
        with pytest.raises(JoiningRefused):
            decide(application=waiting, editor=editor, reason="x")
        assert Application.objects.get().state == state
        assert letters("application-state") == []


def test_second_editor_is_told_what_was_decided_meanwhile(waiting, editor):
    seen_by_second = Application.objects.get()
    refuse_application(application=waiting, editor=editor, reason="x")
    with pytest.raises(JoiningRefused, match=r"مرفوض|Refused"):
        accept_application(application=seen_by_second, editor=editor, reason="y")
    assert (Invitation.objects.count(), waiting.steps.count()) == (0, 2)


def test_acceptance_that_cannot_invite_changes_nothing(waiting, editor, commune, monkeypatch):
    monkeypatch.setattr("members.services.invitations.MOST_A_DAY", 0)
    with pytest.raises(JoiningRefused):
        accept_application(application=waiting, editor=editor, reason="x")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.steps.count()) == (ApplicationState.WAITING, 1)


def test_lost_invitation_is_sent_again(waiting, editor):
    with pytest.raises(JoiningRefused):
        invite_again(application=waiting, editor=editor)
    accept_application(application=waiting, editor=editor, reason="x")
    waiting.refresh_from_db()
    invite_again(application=waiting, editor=editor)
    assert [one.state for one in Invitation.objects.all()] == ["open", "revoked"]
    Invitation.objects.filter(revoked_at=None).update(
        accepted_at=timezone.now(), accepted_by=editor
    )
    with pytest.raises(JoiningRefused):
        invite_again(application=waiting, editor=editor)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["more-asked", "accepted", "refused", "withdrawn"])
def test_each_letter_has_words_in_each_language(client, waiting, language, state):
    waiting.language = language
    letter = Letter(
        kind="application-state",
        data={
            "organisation": dict.fromkeys(LANGUAGES, "X"),
            "token": "t",
            "state": state,
            "reason": "Because.",
        },
    )
    with override(language):
        assert "X" in letter.subject
        assert ("Because." in letter.text) == (state != "withdrawn")
        assert letter.address == f"/{language}/join/t/"


# --- Forgotten ------------------------------------------------------------------------------------


def test_unconfirmed_ones_are_deleted_after_a_week_with_their_document(client, commune):
    client.post(address_for(commune), official() | {"document": pdf()})
    clear_applications()
    assert Application.objects.count() == 1
    Application.objects.update(created_at=timezone.now() - timedelta(days=7, minutes=1))
    clear_applications()
    assert (Application.objects.count(), Upload.objects.count()) == (0, 0)
    assert OutboxJob.objects.filter(kind="delete-upload").count() == 1


@pytest.mark.parametrize("state", ApplicationState.values)
def test_refused_and_withdrawn_ones_are_deleted_after_a_year(waiting, state):
    Application.objects.update(state=state, created_at=timezone.now())
    waiting.steps.update(at=timezone.now() - timedelta(days=364))
    clear_applications()
    assert Application.objects.count() == 1
    waiting.steps.update(at=timezone.now() - timedelta(days=366))
    clear_applications()
    assert Application.objects.count() == (state not in ("refused", "withdrawn"))
    assert Affiliation.objects.count() == 0


NAMES = dict.fromkeys(LANGUAGES, "X")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("kind", "data", "address"),
    [
        ("application-confirm", {"organisation": NAMES, "token": "t"}, "/{}/join/t/"),
        ("application-known", {"organisation": NAMES, "token": "t"}, "/{}/join/t/"),
        (
            "application-waiting",
            {"organisation": NAMES, "application": 7, "again": False},
            "/admin/applications/inspect/7/",
        ),
        (
            "application-waiting",
            {"organisation": NAMES, "application": 7, "again": True},
            "/admin/applications/inspect/7/",
        ),
        ("attachment-asked", {"other": NAMES, "key": "k"}, "/{}/space/k/associations/"),
    ],
)
def test_each_notice_names_what_it_is_about_and_leads_there(language, kind, data, address):
    told = Notice(kind=kind, data=data)
    with override(language):
        assert "X" in told.subject
        assert "X" in told.text
        assert told.address == address.format(language)


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_one_moment_one_decides(commune):
    """Whatever the database: the other is told, and one invitation is sent at most."""
    editors = [make_staff(StaffRole.EDITOR) for _ in range(2)]
    one = Application.objects.create(
        kind=OrganisationKind.COLLECTIVITY,
        collectivity=commune,
        first_name="Salma",
        last_name="Alami",
        email="salma@example.org",
        office="Maire",
        language="fr",
        state=ApplicationState.WAITING,
        token_digest="x",
    )
    begin = threading.Barrier(2)

    def decide(editor, what) -> bool:
        try:
            begin.wait()
            what(application=Application.objects.get(pk=one.pk), editor=editor, reason="x")
        except JoiningRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(decide, editors, [accept_application, refuse_application]))
    assert sorted(done) == [False, True]
    assert one.steps.count() == 1
    assert Invitation.objects.count() == done[0]
