"""A person's data: all of it registered, exported, and treated when the person leaves."""

import io
import json
from datetime import timedelta
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.test.utils import isolate_apps
from django.utils import timezone
from django.utils.translation import override
from wagtail.models import Comment, ModelLogEntry, Page, UploadedFile

from core.audit import AuditEntry, record
from core.outbox.services import claim, run
from core.uploads.models import Upload
from home.models import ContactMessage
from members.enums import ApplicationState, OrganisationKind, Place, StaffRole
from members.models import (
    Affiliation,
    Application,
    ApplicationStep,
    CharterVersion,
    Invitation,
    Signature,
    User,
)
from members.registry import OnLeaving, PersonalData, personal_data, register_personal_data
from members.services.exports import MOST_ROWS, collect
from members.services.privacy import (
    MOST_EXPORTS,
    DeletionRefused,
    TooManyExports,
    addresses_of,
    clear_members,
    delete_account,
    export_personal_data,
)
from notifications.models import Letter, Notice
from notifications.services import tell, tell_address
from tests.factories import make_commune, make_contact_message
from tests.members.factories import (
    make_association,
    make_contributor,
    make_focal_point,
    make_person,
    make_staff,
)

# --- All is registered --------------------------------------------------------------------------

# Addresses of organisations, and those that a collectivity publishes for a practice: of nobody.
PUBLIC_ADDRESSES = {
    "members.CollectivityProfile.email",
    "members.Association.email",
    "practices.PracticePage.contact_email",
    "members.User.email",  # the person's own row is registered whole
    "account.EmailAddress.email",
}


def faults(model: type[models.Model], treatments: dict[str, PersonalData]) -> list[str]:
    """Return what is wrong with how a model's rows are registered."""
    label, found = model._meta.label, []
    treatment = treatments.get(label)
    own = [*model._meta.local_fields, *model._meta.local_many_to_many]
    for field in own:
        named = treatment.keys if treatment else ()
        if field.is_relation and field.related_model is User and field.name not in named:
            found.append(f"{label}.{field.name} leads to a person and is not registered")
        addressed = treatment.emails if treatment else ()
        known = field.name in addressed or f"{label}.{field.name}" in PUBLIC_ADDRESSES
        if isinstance(field, models.EmailField) and not known:
            found.append(f"{label}.{field.name} is an address and is not registered")
    if treatment is None:
        return found
    for name in (*treatment.keys, *treatment.emails, *treatment.clears):
        try:
            model._meta.get_field(name)
        except FieldDoesNotExist:
            found.append(f"{label} has no field {name}")
    for name in treatment.fields:
        if not hasattr(model, name.split("__")[0]):
            found.append(f"{label} has nothing named {name}")
    if treatment.own and treatment.own not in treatment.keys:
        found.append(f"{label}: {treatment.own} is no key")
    if treatment.on_leaving == OnLeaving.UNLINK and not model._meta.get_field(treatment.own).null:
        found.append(f"{label}.{treatment.own} cannot be unlinked")
    if treatment.on_leaving == OnLeaving.DELETE and treatment.clears:
        found.append(f"{label} is deleted, so nothing is emptied")
    return found


def test_each_model_with_a_key_to_a_person_is_registered():
    assert [fault for model in apps.get_models() for fault in faults(model, personal_data)] == []


def test_each_registered_model_exists():
    assert personal_data.keys() - {model._meta.label for model in apps.get_models()} == set()


@isolate_apps("members")
def test_model_that_is_not_registered_or_wrongly_so_is_found():
    class Thing(models.Model):
        owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
        helpers = models.ManyToManyField(User, related_name="+")
        email = models.EmailField()

        class Meta:
            app_label = "members"

    assert faults(Thing, {}) == [
        "members.Thing.owner leads to a person and is not registered",
        "members.Thing.email is an address and is not registered",
        "members.Thing.helpers leads to a person and is not registered",
    ]
    whole = PersonalData("members.Thing", keys=("owner", "helpers"), emails=("email",))
    assert faults(Thing, {"members.Thing": whole}) == []
    wrong = PersonalData(
        "members.Thing",
        keys=("owner", "helpers", "gone"),
        fields=("title",),
        emails=("email",),
        own_key="owner",
        on_leaving=OnLeaving.UNLINK,
    )
    assert faults(Thing, {"members.Thing": wrong}) == [
        "members.Thing has no field gone",
        "members.Thing has nothing named title",
        "members.Thing.owner cannot be unlinked",
    ]


def test_model_is_registered_once():
    with pytest.raises(ValueError, match="treatments of personal data"):
        register_personal_data(PersonalData("members.Affiliation", keys=("person",)))


# --- The export ---------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def keep(owner: User, name: str, text: bytes = b"text") -> Upload:
    upload = Upload(
        owner=owner, policy="", name=name, content_type="text/plain", size=4, sha256="0"
    )
    upload.file.save("file.txt", ContentFile(text), save=False)
    upload.save()
    return upload


def unpacked(person: User) -> tuple[dict, dict[str, bytes]]:
    """Return the document of a person's export, and its files."""
    with override("en"):
        parts = export_personal_data(person=person)
        with ZipFile(io.BytesIO(b"".join(parts))) as archive:
            assert archive.testzip() is None
            files = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(files.pop("data.json")), files


def rows_of(document: dict, label: str) -> list[dict]:
    found = [rows for name, rows in document["data"].items() if name.endswith(f"({label})")]
    return found[0] if found else []


def apply(email: str, **fields) -> Application:
    number = Application.objects.count()
    return Application.objects.create(
        **{
            "kind": OrganisationKind.COLLECTIVITY,
            "collectivity": make_commune(),
            "first_name": "Salma",
            "last_name": "Idrissi",
            "email": email,
            "phone": "0537000000",
            "office": "Head of service",
            "message": "Hello",
            "language": "fr",
            "state": ApplicationState.ACCEPTED,
            "token_digest": f"digest {number}",
        }
        | fields
    )


def invite(email: str, inviter: User, **fields) -> Invitation:
    number = Invitation.objects.count()
    return Invitation.objects.create(
        **{
            "email": email,
            "collectivity": make_commune(),
            "place": Place.CONTRIBUTOR,
            "token_digest": f"digest {number}",
            "invited_by": inviter,
            "expires_at": timezone.now() + timedelta(days=14),
        }
        | fields
    )


def sign(person: User, collectivity) -> Signature:
    version, _created = CharterVersion.objects.get_or_create(
        number=1, defaults={"text_ar": "<p>نص</p>", "text_fr": "<p>Texte</p>"}
    )
    return Signature.objects.create(
        collectivity=collectivity,
        version=version,
        person=person,
        name="Salma Idrissi",
        office="Head of service",
    )


def test_export_holds_what_is_known_of_a_person_in_words():
    commune = make_commune(name_fr="Bourg", name_ar="البلدة")
    person = make_focal_point(commune, office="Head of service").person
    person.first_name, person.last_name, person.phone = "Salma", "Idrissi", "+212 5"
    person.save()
    colleague = make_contributor(commune).person
    Authenticator.objects.create(user=person, type="totp", data={"secret": "TOPSECRET"})
    make_contact_message(email=person.email.upper(), text="Where is the budget?")
    make_contact_message(email=colleague.email, text="A colleague's")
    keep(person, "report.txt", b"first")
    keep(person, "report.txt", b"second")
    keep(colleague, "other.txt")
    invite("stranger@example.org", person)
    invite(person.email, colleague, accepted_at=timezone.now(), accepted_by=person)
    apply(person.email)
    apply(person.email, state=ApplicationState.UNCONFIRMED)

    document, files = unpacked(person)
    assert document["about"]["person"] == "Salma Idrissi"
    assert [(row["first_name"], row["phone"]) for row in rows_of(document, "members.User")] == [
        ("Salma", "+212 5")
    ]
    (place,) = rows_of(document, "members.Affiliation")
    assert (place["collectivity"], place["place"], place["ended_at"]) == (
        "Commune de Bourg",
        "Focal point",
        None,
    )
    assert place["began_at"][:4] == str(timezone.now().year)
    assert [row["text"] for row in rows_of(document, "home.ContactMessage")] == [
        "Where is the budget?"
    ]
    (invitation,) = rows_of(document, "members.Invitation")
    assert (invitation["email"], invitation["invited_by"]) == (person.email, "Nom")
    assert [row["state"] for row in rows_of(document, "members.Application")] == ["Accepted"]
    assert [row["type"] for row in rows_of(document, "mfa.Authenticator")] == ["TOTP Authenticator"]
    assert files == {"files/report.txt": b"second", "files/report-2.txt": b"first"}
    assert [row["files"] for row in rows_of(document, "core.Upload")] == [
        ["files/report.txt"],
        ["files/report-2.txt"],
    ]
    text = json.dumps(document)
    for secret in ("TOPSECRET", "stranger@example.org", colleague.email, person.password):
        assert secret not in text


def test_export_is_audited_without_a_value():
    person = make_person()
    b"".join(export_personal_data(person=person))
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.actor, entry.subject_id, entry.before, entry.after, entry.note) == (
        "person.exported",
        person,
        str(person.pk),
        None,
        None,
        "",
    )


def test_exports_of_an_hour_are_bounded():
    person, other = make_person(), make_person()
    for _ in range(MOST_EXPORTS):
        export_personal_data(person=person)
    with pytest.raises(TooManyExports):
        export_personal_data(person=person)
    assert AuditEntry.objects.count() == MOST_EXPORTS
    export_personal_data(person=other)


def test_notice_whose_kind_has_left_the_code_does_not_break_an_export():
    person = make_person()
    tell(people=[person], kind="staff-role", data={"role": "Editors"})
    Notice.objects.create(person=person, kind="long-gone", data={})
    document, _files = unpacked(person)
    assert [row["subject"] for row in rows_of(document, "notifications.Notice")] == [
        "Your role among the staff has changed"
    ]


def test_file_that_is_missing_from_the_disk_is_left_out():
    person = make_person()
    lost = keep(person, "lost.txt")
    keep(person, "here.txt")
    lost.file.storage.delete(lost.file.name)
    _document, files = unpacked(person)
    assert files == {"files/here.txt": b"text"}


def test_file_in_an_export_stays_within_it():
    person = make_person()
    keep(person, "../../etc/passwd")
    _document, files = unpacked(person)
    assert list(files) == ["files/passwd.txt"]


def test_export_of_very_many_rows_is_shortened_and_says_so():
    person = make_person()
    Notice.objects.bulk_create(
        Notice(person=person, kind="staff-role", data={"role": ""}) for _ in range(MOST_ROWS + 1)
    )
    document, _files = collect(person, [])
    (name,) = document["about"]["shortened"]
    assert name.endswith("(notifications.Notice)")
    assert len(document["data"][name]) == MOST_ROWS


def test_address_that_nobody_confirmed_finds_nothing():
    person = make_person()
    EmailAddress.objects.create(user=person, email="other@example.org", verified=False)
    make_contact_message(email="other@example.org")
    document, _files = unpacked(person)
    assert rows_of(document, "home.ContactMessage") == []


def test_number_of_queries_does_not_grow_with_the_rows(django_assert_num_queries):
    few, many = make_person(), make_person()
    for person, number in ((few, 1), (many, 3)):
        for _ in range(number):
            make_contributor(make_commune(), person=person)
            apply(person.email)
            keep(person, "file.txt")
    for person in (few, many):
        addresses = addresses_of(person)
        ContentType.objects.clear_cache()
        with django_assert_num_queries(41):
            collect(person, addresses)


# --- Deletion -----------------------------------------------------------------------------------


def test_deleted_account_has_nothing_left_that_tells_whose_it_was():
    association, commune = make_association(), make_commune()
    person = make_contributor(commune, office="Head of service").person
    make_focal_point(association, person=person)
    email = person.email
    person.first_name, person.last_name, person.phone = "Salma", "Idrissi", "0537000000"
    person.language, person.shows_name, person.shows_email = "fr", True, True
    person.save()
    colleague = make_focal_point(commune).person
    signature = sign(person, commune)
    Authenticator.objects.create(user=person, type="totp", data={})
    tell(people=[person], kind="staff-role", data={"role": ""})
    tell_address(email=email, language="fr", kind="staff-account", data={"role": "Editors"})
    own = make_contact_message(email=email.upper())
    others = make_contact_message()
    ContactMessage.objects.filter(pk=others.pk).update(answered_by=person)
    upload = keep(person, "report.txt")
    accepted, undecided = apply(email), apply(email, state=ApplicationState.WAITING)
    step = ApplicationStep.objects.create(
        application=apply("a@example.org", first_name="Omar"),
        actor=person,
        before="waiting",
        after="accepted",
    )
    taken = invite(email, colleague, accepted_at=timezone.now(), accepted_by=person)
    waiting = invite(email, colleague)
    sent = invite("stranger@example.org", person)
    ModelLogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(person.pk),
        label="Salma Idrissi",
        action="wagtail.edit",
        timestamp=timezone.now(),
        user=colleague,
    )
    Page.objects.filter(depth=2).update(owner=person)

    delete_account(person=person)

    person = User.objects.get(pk=person.pk)
    assert (person.email, person.first_name, person.last_name, person.phone, person.language) == (
        f"deleted-{person.pk}@invalid.invalid", "", "", "", "",
    )  # fmt: skip
    assert (person.shows_name, person.shows_email, person.is_active) == (False, False, False)
    assert not person.has_usable_password()
    assert person.deleted_at is not None
    assert person.last_login is None
    with override("en"):
        assert person.name == "A person who has left"
    assert not Affiliation.objects.filter(person=person, ended_at=None).exists()
    assert set(Affiliation.objects.filter(person=person).values_list("office", flat=True)) == {""}
    signature.refresh_from_db()
    assert (signature.person, signature.name, signature.office) == (
        person,
        "Salma Idrissi",
        "Head of service",
    )
    for model in (EmailAddress, Authenticator, UserSession):
        assert not model.objects.filter(user=person).exists()
    assert not Notice.objects.filter(person=person).exists()
    assert not ContactMessage.objects.filter(pk=own.pk).exists()
    assert ContactMessage.objects.get(pk=others.pk).answered_by == person
    assert Upload.objects.get(pk=upload.pk).owner is None
    accepted.refresh_from_db()
    assert (accepted.first_name, accepted.email, accepted.phone, accepted.message) == ("",) * 4
    assert not Application.objects.filter(pk=undecided.pk).exists()
    assert ApplicationStep.objects.get(pk=step.pk).actor == person
    taken.refresh_from_db(), waiting.refresh_from_db(), sent.refresh_from_db()
    assert (taken.email, taken.accepted_by) == ("", person)
    assert (waiting.email, waiting.revoked_at is not None) == ("", True)
    assert (sent.email, sent.revoked_at) == ("stranger@example.org", None)
    assert set(ModelLogEntry.objects.values_list("label", flat=True)) == {""}
    assert Page.objects.filter(depth=2, owner=person).exists()
    assert [(one.kind, one.email) for one in Letter.objects.all()] == [("account-deleted", email)]
    assert colleague.name == User.objects.get(pk=colleague.pk).name  # untouched
    assert everything_said_of("Salma", email) == {"members.Signature", "notifications.Letter"}


def everything_said_of(*words: str) -> set[str]:
    """Return the models of which any row holds one of the words."""
    found = set()
    for model in apps.get_models():
        if model._meta.proxy or not model._meta.managed:
            continue
        texts = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        for row in model._base_manager.values_list(*texts) if texts else ():
            if any(word.lower() in str(row).lower() for word in words):
                found.add(model._meta.label)
    return found


def test_deletion_is_audited_without_names():
    person = make_staff(StaffRole.EDITOR)
    person.first_name = "Salma"
    person.save()
    delete_account(person=person)
    entry = AuditEntry.objects.get(kind="person.deleted")
    assert (entry.actor, entry.before, entry.after, entry.note) == (
        person,
        {"role": "Editors"},
        None,
        "",
    )
    assert not person.groups.exists()


def test_deleting_twice_changes_nothing_more():
    person = make_person()
    delete_account(person=person)
    first = User.objects.get(pk=person.pk).deleted_at
    delete_account(person=person)
    assert User.objects.get(pk=person.pk).deleted_at == first
    assert Letter.objects.count() == 1


@pytest.mark.parametrize("make", [make_commune, make_association])
def test_only_focal_point_with_colleagues_must_hand_over_first(make):
    organisation = make()
    person = make_focal_point(organisation).person
    colleague = make_contributor(organisation)
    before = User.objects.filter(pk=person.pk).values().get()
    with pytest.raises(DeletionRefused) as refusal:
        delete_account(person=person)
    assert refusal.value.hindrances.to_hand_over == [organisation]
    assert not refusal.value.hindrances.last_administrator
    assert User.objects.filter(pk=person.pk).values().get() == before
    assert Affiliation.objects.filter(person=person, ended_at=None).exists()
    assert (AuditEntry.objects.count(), Letter.objects.count()) == (0, 0)
    colleague.place = Place.FOCAL_POINT
    colleague.save()
    delete_account(person=person)
    assert User.objects.get(pk=person.pk).deleted_at


def test_colleague_whose_account_is_closed_does_not_count():
    commune = make_commune()
    person = make_focal_point(commune).person
    closed = make_focal_point(commune).person
    User.objects.filter(pk=closed.pk).update(is_active=False)
    delete_account(person=person)
    assert User.objects.get(pk=person.pk).deleted_at


def test_last_person_of_a_space_may_go_and_editors_are_told():
    commune = make_commune()
    person = make_focal_point(commune).person
    editor, administrator = make_staff(StaffRole.EDITOR), make_staff(StaffRole.ADMINISTRATOR)
    moderator = make_staff(StaffRole.MODERATOR)
    delete_account(person=person)
    told = Notice.objects.filter(kind="space-left-alone")
    assert {notice.person for notice in told} == {editor, administrator}
    assert not Notice.objects.filter(person=moderator).exists()
    for language in ("ar", "fr", "en", "zgh"):
        with override(language):
            notice = told.first()
            assert commune.full_name in notice.subject
            assert notice.address == f"/{language}/space/{commune.key}/"


def test_focal_points_are_told_that_somebody_has_gone_without_a_name():
    commune = make_commune()
    focal = make_focal_point(commune).person
    person = make_contributor(commune).person
    person.first_name = "Salma"
    person.save()
    delete_account(person=person)
    (notice,) = Notice.objects.all()
    assert (notice.person, notice.kind) == (focal, "person-gone")
    assert "Salma" not in notice.subject + notice.text + json.dumps(notice.data)
    assert notice.address == f"/ar/space/{commune.key}/people/"


def test_last_administrator_stays_and_the_last_but_one_may_go():
    first, second = make_staff(StaffRole.ADMINISTRATOR), make_staff(StaffRole.ADMINISTRATOR)
    delete_account(person=first)
    with pytest.raises(DeletionRefused) as refusal:
        delete_account(person=second)
    assert refusal.value.hindrances.last_administrator
    assert User.objects.get(pk=second.pk).is_superuser
    first.refresh_from_db()
    assert (first.is_superuser, first.is_staff, first.is_active) == (False, False, False)


def test_files_of_deleted_rows_go_from_the_disk():
    person = make_staff(StaffRole.EDITOR)
    waiting = UploadedFile(uploaded_by_user=person)
    waiting.file.save("waiting.txt", ContentFile(b"text"))
    storage, name = waiting.file.storage, waiting.file.name
    delete_account(person=person)
    assert not UploadedFile.objects.exists()
    assert storage.exists(name)
    while job := claim("worker"):
        assert run(job)
    assert not storage.exists(name)


def test_what_others_resolved_stays():
    person, other = make_staff(StaffRole.EDITOR), make_staff(StaffRole.EDITOR)
    comment = Comment.objects.create(
        page=Page.objects.filter(depth=2).first(),
        user=other,
        resolved_by=person,
        text="Well",
        contentpath="title",
    )
    delete_account(person=person)
    comment.refresh_from_db()
    assert (comment.user, comment.resolved_by) == (other, person)


def test_log_of_what_a_person_did_stays():
    person = make_person()
    with transaction.atomic():
        record(kind="person.renamed", actor=person, subject=person)
    delete_account(person=person)
    assert AuditEntry.objects.filter(actor=person).count() == 2


# --- What has had its time ----------------------------------------------------------------------


def test_accepted_applications_lose_what_reaches_the_applicant_after_two_years():
    now = timezone.now()
    old = apply("old@example.org", created_at=now - timedelta(days=731))
    late = apply("late@example.org", created_at=now - timedelta(days=731))
    ApplicationStep.objects.create(
        application=late, before="waiting", after="accepted", at=now - timedelta(days=729)
    )
    waiting = apply(
        "waiting@example.org", created_at=now - timedelta(days=731), state=ApplicationState.WAITING
    )
    clear_members()
    old.refresh_from_db(), late.refresh_from_db(), waiting.refresh_from_db()
    assert (old.email, old.phone, old.message) == ("", "", "")
    assert (old.name, old.office) == ("Salma Idrissi", "Head of service")
    assert (late.email, waiting.email) == ("late@example.org", "waiting@example.org")


def test_invitations_that_nobody_accepted_go_90_days_after_they_ran_out():
    now, inviter = timezone.now(), make_person()
    over, just = now - timedelta(days=91), now - timedelta(days=89)
    invite("gone@example.org", inviter, expires_at=over)
    invite("revoked@example.org", inviter, expires_at=over, revoked_at=over)
    kept = {
        invite("open@example.org", inviter),
        invite("just@example.org", inviter, expires_at=just),
        invite("taken@example.org", inviter, expires_at=over, accepted_at=over),
    }
    clear_members()
    assert set(Invitation.objects.all()) == kept


def test_group_of_staff_is_named_in_an_export():
    person = make_staff(StaffRole.EDITOR)
    document, _files = unpacked(person)
    assert [row["groups"] for row in rows_of(document, "members.User")] == [["Editors"]]
    assert Group.objects.filter(user=person).count() == 1
