"""
One of everybody: the people, organisations and things that the matrix of rights is walked with.

Two communes and two associations: whoever has a place has it in the first of its kind; the others
are the outsider's.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.utils import timezone

from contributions.drafts import newest
from contributions.enums import AuthorState, FileRole
from contributions.services.drafts import start_draft
from core.uploads.models import Upload
from members.enums import AttachmentState, OrganisationKind, Place, StaffRole
from members.models import (
    Affiliation,
    Application,
    Association,
    Attachment,
    CharterVersion,
    Invitation,
    Membership,
    Signature,
    User,
)
from members.permissions import Role
from notifications.models import Notice
from practices.models import Adoption, PartnerWord
from tests.factories import make_commune, make_practice, make_staff, make_user

TOKEN = "the-secret-of-a-link-of-the-tests"


@dataclass
class World:
    people: dict[Role, User] = field(default_factory=dict)
    organisations: dict[str, object] = field(default_factory=dict)
    # By organisation, then by name: the numbers that stand in addresses.
    things: dict[str, dict[str, int]] = field(default_factory=dict)
    # By collectivity: the key of a file of its draft.
    keys: dict[str, UUID] = field(default_factory=dict)

    def own(self, role: Role) -> str:
        """Return the organisation in which a role is held, or ""."""
        if role in (Role.FOCAL_POINT, Role.CONTRIBUTOR):
            return "commune"
        if role in (Role.ASSOCIATION_FOCAL_POINT, Role.CIVIL_SOCIETY):
            return "association"
        return ""


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def person(**fields) -> User:
    one = make_user(password="a long enough password", first_name="Nom", **fields)
    EmailAddress.objects.create(user=one, email=one.email, verified=True, primary=True)
    return one


def staff(role: StaffRole) -> User:
    """A member of staff as in the factories, with a verified address."""
    one = make_staff(role, password="a long enough password", first_name="Nom")
    EmailAddress.objects.create(user=one, email=one.email, verified=True, primary=True)
    return one


def make_world() -> World:
    world = World()
    commune, other = make_commune(), make_commune()
    association = Association.objects.create(name_fr="Association une")
    second = Association.objects.create(name_fr="Association deux")
    world.organisations = {
        "commune": commune,
        "other commune": other,
        "association": association,
        "other association": second,
    }
    places = {
        Role.FOCAL_POINT: ({"collectivity": commune}, Place.FOCAL_POINT),
        Role.CONTRIBUTOR: ({"collectivity": commune}, Place.CONTRIBUTOR),
        Role.ASSOCIATION_FOCAL_POINT: ({"association": association}, Place.FOCAL_POINT),
        Role.CIVIL_SOCIETY: ({"association": association}, Place.CONTRIBUTOR),
    }
    for role, (where, place) in places.items():
        world.people[role] = person()
        Affiliation.objects.create(person=world.people[role], place=place, **where)
    world.people[Role.ACCOUNT] = person()
    for role, of_staff in (
        (Role.MODERATOR, StaffRole.MODERATOR),
        (Role.EDITOR, StaffRole.EDITOR),
        (Role.ADMINISTRATOR, StaffRole.ADMINISTRATOR),
    ):
        world.people[role] = staff(of_staff)
    _furnish(world)
    return world


def deliberation(owner: User) -> Upload:
    return Upload.objects.create(
        owner=owner,
        policy="deliberation",
        name="deliberation.pdf",
        content_type="application/pdf",
        size=4,
        sha256=digest("deliberation"),
        file=ContentFile(b"%PDF", name="deliberation.pdf"),
    )


def _furnish(world: World) -> None:
    """Give each organisation a person to manage, an invitation, an attachment, a signature."""
    version = CharterVersion.objects.create(
        number=1, text_ar="<p>نص</p>", text_fr="<p>Texte</p>", published_at=timezone.now()
    )
    outsider = person()
    for name, one in world.organisations.items():
        is_association = isinstance(one, Association)
        where = {"association" if is_association else "collectivity": one}
        Affiliation.objects.create(person=outsider, place=Place.FOCAL_POINT, **where)
        managed = Affiliation.objects.create(
            person=person(), place=Place.CONTRIBUTOR, office="", **where
        )
        invitation = Invitation.objects.create(
            email=f"invited-{one.pk}@example.org",
            place=Place.CONTRIBUTOR,
            token_digest=digest(f"{TOKEN} {name}"),
            invited_by=outsider,
            expires_at=timezone.now() + timedelta(days=3),
            **where,
        )
        things = {"affiliation": managed.pk, "invitation": invitation.pk}
        if not is_association:
            Membership.objects.create(collectivity=one)
            things["signature"] = Signature.objects.create(
                collectivity=one,
                version=version,
                person=outsider,
                name="Nom",
                office="Office",
                document=deliberation(outsider),
            ).pk
        world.things[name] = things
    for mine, theirs, state in (
        ("commune", "other association", AttachmentState.ASKED),
        ("other commune", "association", AttachmentState.CONFIRMED),
    ):
        pk = Attachment.objects.create(
            collectivity=world.organisations[mine],
            association=world.organisations[theirs],
            state=state,
        ).pk
        world.things[mine]["attachment"] = world.things[theirs]["attachment"] = pk
    Application.objects.create(
        kind=OrganisationKind.COLLECTIVITY,
        collectivity=world.organisations["other commune"],
        first_name="Nom",
        last_name="Nom",
        email="applicant@example.org",
        office="Office",
        language="fr",
        state="waiting",
        token_digest=digest(TOKEN),
    )
    _write_practices(world, outsider)
    for one in world.people.values():
        Notice.objects.create(person=one, kind="staff-role", data={"role": ""})


def _write_practices(world: World, outsider: User) -> None:
    """
    Give each collectivity a draft with a note, a file and another author, and something that it
    took over; each association a practice that asks for its word.
    """
    published = make_practice(language="fr")
    for name, one in world.organisations.items():
        things = world.things[name]
        if isinstance(one, Association):
            word = PartnerWord.objects.create(practice=published, association=one)
            things["partner_word"] = word.pk
            continue
        draft = start_draft(
            kind="practice", collectivity=one, person=outsider, language="fr", title="Titre"
        )
        third = draft.authorships.create(collectivity=make_commune(), state=AuthorState.WRITES)
        note = draft.notes.create(words="Une question", by=outsider, told_at=timezone.now())
        file = draft.files.create(upload=deliberation(outsider), role=FileRole.DOCUMENT)
        adoption = Adoption.objects.create(
            practice=published, collectivity=one, language="fr", declared_by=outsider
        )
        things |= {
            "contribution": draft.pk,
            "revision": newest(draft).latest_revision_id,
            "authorship": third.pk,
            "note": note.pk,
            "adoption": adoption.pk,
        }
        world.keys[name] = file.upload.key
