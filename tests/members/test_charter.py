"""The charter: its versions, its signature, and who has signed for everybody to see."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.audit import AuditEntry
from core.uploads.models import Upload
from home.models import CharterPage
from members.enums import StaffRole
from members.models import Affiliation, CharterVersion, Collectivity, Membership, Signature
from members.models.charter import PublishedForGood
from members.services.charter import (
    CharterRefused,
    NewVersion,
    begin_draft,
    first_version,
    publish_version,
    sign_charter,
)
from members.services.leaving import leave_network
from members.signatories import signatories
from notifications.models import Notice
from search.services import search
from tests.conftest import index_waiting
from tests.factories import make_commune, make_page, make_region
from tests.members.factories import (
    make_association,
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_person,
    make_staff,
)

pytestmark = pytest.mark.django_db

LANGUAGES = ("ar", "fr", "en", "zgh")
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def make_version(number: int = 1, *, published: bool = True, **fields) -> CharterVersion:
    return CharterVersion.objects.create(
        **{
            "number": number,
            "text_ar": f"<p>نص {number}</p>",
            "text_fr": f"<p>Texte {number}</p>",
            "published_at": timezone.now() if published else None,
        }
        | fields
    )


def make_signature(collectivity, version, **fields) -> Signature:
    return Signature.objects.create(
        **{
            "collectivity": collectivity,
            "version": version,
            "person": fields.pop("person", None) or make_person(),
            "name": "Nom",
            "office": "Présidente",
        }
        | fields
    )


def typed(**fields) -> dict[str, str]:
    """What a browser sends with the form of the signature."""
    return {
        "name": "فاطمة الزهراء",
        "office": "رئيسة المجلس",
        "agrees": "on",
        "version": "1",
    } | fields


def audited(kind: str) -> int:
    return AuditEntry.objects.filter(kind=kind).count()


def told(kind: str) -> set:
    return set(Notice.objects.filter(kind=kind).values_list("person", flat=True))


@pytest.fixture
def version():
    return make_version()


@pytest.fixture
def commune():
    """Accepted, and not a member yet: it has a focal point and has not signed."""
    return make_commune(name_fr="Tétouan")


@pytest.fixture
def focal(commune):
    return make_focal_point(commune).person


@pytest.fixture
def editor():
    return make_staff(StaffRole.EDITOR)


def charter_of(collectivity) -> str:
    return f"/en/space/{collectivity.key}/charter/"


def sign(client, collectivity, **fields):
    return client.post(f"{charter_of(collectivity)}sign/", typed(**fields))


# --- Versions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"text_fr": "<p>Autre</p>"},
        {"text_ar": ""},
        {"changes_fr": "Rien"},
        {"number": 7},
        {"published_at": None},
    ],
)
def test_published_version_never_changes(version, change):
    for name, value in change.items():
        setattr(version, name, value)
    with pytest.raises(PublishedForGood):
        version.save()
    with pytest.raises(PublishedForGood):
        CharterVersion(pk=version.pk, text_fr="<p>Autre</p>", number=1).save()
    with pytest.raises(PublishedForGood):
        version.delete()
    assert CharterVersion.objects.get().text_fr == "<p>Texte 1</p>"


def test_published_version_may_be_saved_as_it_is(version):
    CharterVersion.objects.get().save()
    assert CharterVersion.objects.get().published_at == version.published_at


def test_draft_is_changed_and_deleted():
    draft = make_version(published=False)
    draft.text_fr = "<p>Autre</p>"
    draft.save()
    assert CharterVersion.objects.get().text_fr == "<p>Autre</p>"
    draft.delete()
    assert not CharterVersion.objects.exists()


def test_draft_takes_the_next_number_and_is_alone(version):
    draft = begin_draft(version=CharterVersion(text_ar="<p>ن</p>", text_fr="<p>T</p>"))
    assert draft.number == 2
    with pytest.raises(CharterRefused):
        begin_draft(version=CharterVersion(text_ar="<p>ن</p>", text_fr="<p>T</p>"))
    assert CharterVersion.objects.count() == 2


def test_publishing_tells_the_focal_points_of_members_once(editor):
    member, other = make_member_collectivity(), make_commune()
    focal, second = make_focal_point(member).person, make_focal_point(member).person
    make_contributor(member)
    make_focal_point(other)
    gone = make_focal_point(member)
    Affiliation.objects.filter(pk=gone.pk).update(ended_at=timezone.now())
    draft = make_version(published=False)
    for _twice in range(2):
        publish_version(version=draft, editor=editor)
    assert CharterVersion.objects.in_force() == draft
    assert told("charter-new-version") == {focal.pk, second.pk}
    assert audited("charter.published") == 1


def test_publishing_wants_the_text_in_both_languages(editor):
    draft = make_version(published=False, text_ar="")
    with pytest.raises(CharterRefused):
        publish_version(version=draft, editor=editor)
    draft.text_ar = "<p>نص</p>"
    draft.save()
    assert publish_version(version=draft, editor=editor).published_at


def test_publishing_asks_as_much_for_one_member_as_for_thirty(editor):
    asked = []
    for number, members in ((1, 1), (2, 29)):
        for _each in range(members):
            make_focal_point(make_member_collectivity())
        draft = make_version(number, published=False)
        with CaptureQueriesContext(connection) as queries:
            publish_version(version=draft, editor=editor)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_first_version_is_published_where_there_is_none():
    first = first_version("<p>نص</p>", "<p>Texte</p>", "<p>Text</p>")
    again = first_version("<p>آخر</p>", "<p>Autre</p>", "")
    assert (first.number, bool(first.published_at), again) == (1, True, first)
    assert CharterVersion.objects.count() == 1


# --- Versions in the administration ---------------------------------------------------------------


def admin(name: str, *args) -> str:
    return reverse(f"charter_versions:{name}", args=args)


RICH = '{"blocks":[{"key":"a","text":"%s","type":"unstyled"}],"entityMap":{}}'


def written(**fields) -> dict[str, str]:
    return {
        "text_ar": RICH % "نص",
        "text_fr": RICH % "Texte",
        "text_en": "null",
        "changes_ar": "",
        "changes_fr": "",
    } | fields


@pytest.mark.usefixtures("wagtails_own_templates")
def test_editor_writes_looks_at_and_publishes_a_version(client, editor):
    client.force_login(editor)
    assert client.get(admin("add")).status_code == 200
    client.post(admin("add"), written())
    draft = CharterVersion.objects.get()
    assert (draft.number, draft.published_at) == (1, None)
    assert client.get(admin("add"))["Location"] == admin("edit", draft.pk)
    client.post(admin("edit", draft.pk), written(text_fr=RICH % "Texte court"))
    for language, words in (("ar", "نص"), ("fr", "Texte court"), ("zgh", "Texte court")):
        seen = client.get(admin("preview", draft.pk), {"language": language})
        assert words in seen.content.decode()
    assert client.get(draft.get_absolute_url()).status_code == 404
    make_focal_point(make_member_collectivity())
    asked = client.get(admin("publish", draft.pk)).content.decode()
    assert any(line.strip().startswith("1 ") for line in re.findall(r"<li>([^<]*)</li>", asked))
    assert not CharterVersion.objects.published().exists()
    assert client.post(admin("publish", draft.pk))["Location"] == admin("inspect", draft.pk)
    assert CharterVersion.objects.in_force() == draft
    assert client.get(draft.get_absolute_url()).status_code == 200


@pytest.mark.usefixtures("wagtails_own_templates")
def test_published_version_is_read_only_in_the_administration(client, editor, version):
    client.force_login(editor)
    page = admin("inspect", version.pk)
    assert client.get(page).status_code == 200
    assert client.get(admin("index")).status_code == 200
    for method in (client.get, client.post):
        for name in ("delete", "publish"):
            assert method(admin(name, version.pk))["Location"] == page
    assert client.get(admin("edit", version.pk))["Location"] == page
    kept = client.post(admin("edit", version.pk), written(text_fr=RICH % "Tout autre"))
    assert "Tout autre" in kept.content.decode()  # what was typed stays on the page
    unchanged = CharterVersion.objects.get()
    assert (unchanged.text_fr, unchanged.published_at) == ("<p>Texte 1</p>", version.published_at)
    draft = make_version(2, published=False)
    client.post(admin("delete", draft.pk))
    assert not CharterVersion.objects.filter(number=2).exists()


@pytest.mark.usefixtures("wagtails_own_templates")
def test_administration_shows_who_has_signed_and_who_has_not(client, editor, version):
    signed, waiting = make_member_collectivity(), make_member_collectivity()
    make_signature(signed, version)
    client.force_login(editor)
    context = client.get(admin("inspect", version.pk)).context
    assert [one.collectivity for one in context["signatures"]] == [signed]
    assert context["waiting"] == [waiting]


@pytest.mark.usefixtures("wagtails_own_templates")
def test_moderator_does_not_come_to_the_versions(client, version):
    draft = make_version(2, published=False)
    for role, allowed in ((StaffRole.MODERATOR, False), (StaffRole.ADMINISTRATOR, True)):
        client.force_login(make_staff(role))
        for address in (admin("index"), admin("preview", draft.pk), admin("publish", draft.pk)):
            assert (client.get(address).status_code == 200) is allowed
        client.post(admin("publish", draft.pk))
        draft.refresh_from_db()
        assert bool(draft.published_at) is allowed


# --- Signing --------------------------------------------------------------------------------------


def test_first_signature_makes_a_member(client, commune, focal, editor, version):
    colleague = make_contributor(commune).person
    client.force_login(focal)
    response = sign(client, commune)
    assert response["Location"] == charter_of(commune)
    signature = Signature.objects.get()
    assert (signature.collectivity, signature.version, signature.person) == (
        commune,
        version,
        focal,
    )
    assert (signature.name, signature.office) == ("فاطمة الزهراء", "رئيسة المجلس")
    assert Membership.objects.get().began_on == timezone.localdate()
    assert told("charter-signed") == {colleague.pk, editor.pk}
    assert audited("charter.signed") == 1
    assert "From today on" in client.get(charter_of(commune)).content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_and_notices_of_the_charter_are_in_each_language(
    client, commune, focal, editor, version, language
):
    client.force_login(focal)
    for words in (f"/{language}/space/{commune.key}/charter/", f"/{language}/charter/versions/1/"):
        assert client.get(words).status_code == 200
    sign(client, commune)
    publish_version(version=make_version(2, published=False), editor=editor)
    leave_network(organisation=commune, person=focal, reason="سبب")
    client.force_login(editor)
    assert client.get(f"/{language}/account/notices/").status_code == 200
    for notice in Notice.objects.all():
        assert notice.subject
        assert notice.text


def test_signature_of_a_member_from_before_keeps_its_day(client, commune, focal, version):
    Membership.objects.create(collectivity=commune, began_on=None)
    client.force_login(focal)
    sign(client, commune)
    assert Membership.objects.get().began_on is None
    assert Signature.objects.count() == 1


def test_form_sent_twice_signs_once(client, commune, focal, version):
    client.force_login(focal)
    for _twice in range(2):
        assert sign(client, commune).status_code == 302
    assert (Signature.objects.count(), Membership.objects.count()) == (1, 1)
    assert audited("charter.signed") == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        make_signature(commune, version)


def test_new_version_meanwhile_is_shown_and_asked_again(client, commune, focal, version):
    make_version(2, text_fr="<p>Tout neuf</p>", changes_fr="Un engagement de plus")
    client.force_login(focal)
    file = SimpleUploadedFile("d.pdf", PDF)
    response = sign(client, commune, document=file)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Tout neuf" in page
    assert 'value="فاطمة الزهراء"' in page
    assert 'name="version" value="2"' in page
    assert "checked" not in page
    assert "choose it once more" in page
    assert not Signature.objects.exists()
    sign(client, commune, version="2")
    assert Signature.objects.get().version.number == 2
    with pytest.raises(NewVersion):
        sign_charter(collectivity=commune, number=1, person=focal, name="N", office="O")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " ", "Write the name of who signs."),
        ("name", "ن" * 131, "Shorten this"),
        ("office", "", "Write the office of who signs."),
        ("agrees", "", "Tick the box"),
        ("version", "x" * 400, "A new version"),
    ],
)
def test_wrong_signature_comes_back_filled(client, commune, focal, version, field, value, words):
    client.force_login(focal)
    response = sign(client, commune, **{field: value})
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count(words) == (1 if field == "version" else 2)
    assert ("رئيسة المجلس" in page) is (field != "office")
    assert not Signature.objects.exists()


def test_extra_fields_change_nothing(client, commune, focal, version):
    other = make_member_collectivity()
    client.force_login(focal)
    extra = {"collectivity": other.pk, "person": "1", "signed_at": "2000-01-01", "number": "9"}
    client.post(f"{charter_of(commune)}sign/", typed() | extra)
    signature = Signature.objects.get()
    assert (signature.collectivity, signature.person) == (commune, focal)
    assert signature.signed_at.date() == timezone.now().date()


def test_names_lose_what_turns_a_line(client, commune, focal, version):
    client.force_login(focal)
    sign(client, commune, name="Fatima\u202e\n Zahra", office="Pré\x07sidente")
    signature = Signature.objects.get()
    assert (signature.name, signature.office) == ("Fatima Zahra", "Présidente")


def test_who_may_sign(client, commune, focal, version, editor):
    colleague, outsider = make_contributor(commune).person, make_focal_point(make_commune()).person
    sent = {}
    for name, person in (
        ("visitor", None),
        ("outsider", outsider),
        ("colleague", colleague),
        ("editor", editor),
        ("focal point", focal),
    ):
        client.logout()
        if person:
            client.force_login(person)
        seen = client.get(charter_of(commune)).status_code
        sent[name] = (seen, sign(client, commune).status_code, Signature.objects.count())
    assert sent == {
        "visitor": (302, 302, 0),
        "outsider": (404, 404, 0),
        "colleague": (200, 403, 0),
        "editor": (200, 403, 0),
        "focal point": (200, 302, 1),
    }


def test_associations_have_no_charter_to_sign(client, version):
    association = make_association()
    client.force_login(make_focal_point(association).person)
    assert client.get(charter_of(association)).status_code == 404
    assert sign(client, association).status_code == 403


def test_nothing_is_signed_before_a_version_is_published(client, commune, focal):
    make_version(published=False)
    client.force_login(focal)
    assert "no charter to sign yet" in client.get(charter_of(commune)).content.decode()
    assert sign(client, commune).status_code == 404
    assert client.get(f"{charter_of(commune)}sign/").status_code == 405


def test_signature_is_indexed(client, commune, focal, version):
    index_waiting()
    client.force_login(focal)
    sign(client, commune)
    index_waiting()
    found = search("", "fr", {"membership": ["member"]}, kind="collectivities")
    assert found.hits == [commune]


# --- The document ---------------------------------------------------------------------------------


def test_document_is_for_the_space_and_the_editors(client, commune, focal, version, editor):
    client.force_login(focal)
    sign(client, commune, document=SimpleUploadedFile("pv.pdf", PDF))
    signature = Signature.objects.get()
    assert (signature.document.policy, signature.document.owner) == ("deliberation", focal)
    address = f"{charter_of(commune)}{signature.pk}/document/"
    other = make_focal_point(make_commune()).person
    answers = {}
    for name, person in (
        ("visitor", None),
        ("outsider", other),
        ("moderator", make_staff(StaffRole.MODERATOR)),
        ("editor", editor),
        ("colleague", make_contributor(commune).person),
    ):
        client.logout()
        if person:
            client.force_login(person)
        response = client.get(address)
        response.getvalue()
        answers[name] = response.status_code
    assert answers == {
        "visitor": 302,
        "outsider": 404,
        "moderator": 404,
        "editor": 200,
        "colleague": 200,
    }
    # By the address of another space it is not handed out either.
    client.force_login(other)
    theirs = charter_of(other.affiliations.get().organisation)
    assert client.get(f"{theirs}{signature.pk}/document/").status_code == 404


def test_signature_without_a_document_hands_out_none(client, commune, focal, version):
    signature = make_signature(commune, version)
    client.force_login(focal)
    for pk in (signature.pk, 10**30):
        assert client.get(f"{charter_of(commune)}{pk}/document/").status_code == 404


def test_other_files_are_refused(client, commune, focal, version):
    client.force_login(focal)
    file = SimpleUploadedFile("pv.pdf", b"<html>")
    assert sign(client, commune, document=file).status_code == 422
    assert (Signature.objects.count(), Upload.objects.count()) == (0, 0)


# --- For everybody --------------------------------------------------------------------------------


@pytest.fixture
def page():
    return make_page(model=CharterPage, language="fr", slug="charter", title="La charte")


def public(client) -> str:
    response = client.get("/fr/charter/")
    assert response.status_code == 200
    assert response.cookies == {}
    assert "Cookie" not in response.get("Vary", "")
    return response.content.decode()


def test_charter_page_without_versions_and_without_signatures(client, page):
    assert 'id="signatories"' not in public(client)
    make_version()
    assert 'href="/fr/charter/versions/1/"' in public(client)
    assert 'id="signatories"' not in public(client)


def test_charter_page_lists_members_by_region_and_name(client, page, version):
    second = make_version(2)
    north, south = make_region(name_fr="Nord"), make_region(name_fr="Sud")
    province = Collectivity.objects.create(
        code=f"{north.code}.1",
        kind="province",
        name_ar="إقليم",
        name_fr="Province",
        parent=north,
        region=north,
    )
    made = {
        name: make_member_collectivity(
            name_fr=name,
            name_ar=name,
            parent=province,
            region=region,
            code=f"{region.code}.{number}",
        )
        for number, (name, region) in enumerate(
            (("Zag", north), ("Écija", north), ("Bir", south), ("Alif", south)), start=2
        )
    }
    make_signature(made["Zag"], version)
    make_signature(made["Zag"], second)
    make_signature(made["Écija"], version)
    make_signature(made["Bir"], second)
    # Those who left, and who signed without being members, are not told as members.
    gone = make_commune()
    make_signature(gone, second, ended_at=timezone.now())
    shown = signatories()
    assert [
        (one.region.name_fr, [(s.collectivity.name_fr, s.number) for s in one.signatures])
        for one in shown.regions
    ] == [("Nord", [("Écija", 1), ("Zag", 2)]), ("Sud", [("Bir", 2)])]
    assert (shown.signed, shown.members, shown.folded) == (3, 4, False)
    assert "<details" not in public(client).split('id="signatories"')[1].split("<footer")[0]


def test_charter_page_costs_the_same_for_one_and_for_three_hundred(client, page, version):
    client.get("/fr/charter/")
    asked = []
    for signers in (1, 299):
        for _each in range(signers):
            make_signature(make_member_collectivity(), version, person=make_person())
        index_waiting()
        with CaptureQueriesContext(connection) as queries:
            html = public(client)
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert "<details" in html.split('id="signatories"')[1]


def test_version_page_tells_its_text_and_who_signed_it(client, version):
    second = make_version(2, changes_fr="Un engagement de plus")
    make_version(3, published=False)
    here, gone = make_member_collectivity(name_fr="Ici"), make_commune(name_fr="Ailleurs")
    make_signature(here, version)
    make_signature(gone, version, ended_at=timezone.now())
    make_signature(here, second)
    first = client.get("/fr/charter/versions/1/")
    assert first.cookies == {}
    html = first.content.decode()
    assert "<p>Texte 1</p>" in html
    assert 'href="/fr/charter/versions/2/"' in html
    assert sorted(re.findall(r"Commune d’(Ici|Ailleurs)<", html)) == ["Ailleurs", "Ici"]
    html = client.get("/ar/charter/versions/2/").content.decode()
    assert "<p>نص 2</p>" in html
    assert '<div class="told" lang="fr" dir="ltr"><p>Un engagement de plus</p></div>' in html
    for number in (3, 4, 10**30):
        assert client.get(f"/fr/charter/versions/{number}/").status_code == 404
    assert client.post("/fr/charter/versions/1/").status_code == 405
