"""
Who may do what. The one place that says it: views, templates and the administration ask `may`, and
the table in `docs/features/rights.md` is written from here (`manage.py write_rights`).

An app enters its rights from `AppConfig.ready()` with `register_right`; a view says by a decorator
of `members.access` which right it needs. A view that says nothing is in no table, and
`tests/members/test_matrix.py` fails.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.permissions import page_permission_policy

from members.enums import Place, StaffRole
from members.models import Affiliation, Attachment, Membership, Organisation, User


class Role(models.TextChoices):
    """What somebody is for the site. A person may be several of these at once."""

    VISITOR = "visitor", pgettext_lazy("role", "Visitor")
    ACCOUNT = "account", pgettext_lazy("role", "Person with an account")
    CONTRIBUTOR = "contributor", pgettext_lazy("role", "Contributor of a collectivity")
    FOCAL_POINT = "focal-point", pgettext_lazy("role", "Focal point of a collectivity")
    CIVIL_SOCIETY = "civil-society", pgettext_lazy("role", "Civil-society member")
    ASSOCIATION_FOCAL_POINT = (
        "association-focal-point",
        pgettext_lazy("role", "Focal point of an association"),
    )
    MODERATOR = "moderator", pgettext_lazy("role", "Moderator")
    EDITOR = "editor", pgettext_lazy("role", "Editor")
    ADMINISTRATOR = "administrator", pgettext_lazy("role", "Administrator")


EVERYBODY = frozenset(Role)
WITH_ACCOUNT = EVERYBODY - {Role.VISITOR}
MEMBERS = frozenset({Role.CONTRIBUTOR, Role.FOCAL_POINT})
ASSOCIATIONS = frozenset({Role.CIVIL_SOCIETY, Role.ASSOCIATION_FOCAL_POINT})
FOCAL_POINTS = frozenset({Role.FOCAL_POINT, Role.ASSOCIATION_FOCAL_POINT})
STAFF = frozenset({Role.MODERATOR, Role.EDITOR, Role.ADMINISTRATOR})
EDITORS = frozenset({Role.EDITOR, Role.ADMINISTRATOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
NOBODY: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Right:
    """
    Something that may be done.

    :param name: such as "people.manage"
    :param label: in words, for the table
    :param everywhere: the roles that may do it, on whichever organisation it concerns
    :param own: the roles that may do it for the organisation in which they hold them
    """

    name: str
    label: str | Promise
    everywhere: frozenset[Role] = NOBODY
    own: frozenset[Role] = NOBODY


rights: dict[str, Right] = {}


def register_right(right: Right) -> Right:
    """Enter a right. Each name stands once."""
    if right.name in rights:
        raise ValueError(f"two rights named {right.name}")
    rights[right.name] = right
    return right


class Standing:
    """
    What a person is: staff roles, and places in organisations. Each is asked of the database once,
    when it is needed first.
    """

    def __init__(self, person: User) -> None:
        self.person = person

    @cached_property
    def staff(self) -> frozenset[Role]:
        groups = self.person.groups.filter(name__in=StaffRole.values)
        staff = {ROLE_OF_STAFF[StaffRole(name)] for name in groups.values_list("name", flat=True)}
        if self.person.is_superuser:
            staff.add(Role.ADMINISTRATOR)
        return frozenset(staff)

    @cached_property
    def places(self) -> list[Affiliation]:
        """The current affiliations, each with its organisation."""
        return list(places_of(self.person))

    @property
    def roles(self) -> frozenset[Role]:
        return self.staff | {role_in(one) for one in self.places}


class NoStanding:
    """What a visitor is, and whoever's account is closed."""

    staff = roles = NOBODY
    places: ClassVar[list[Affiliation]] = []


ROLE_OF_STAFF = {
    StaffRole.MODERATOR: Role.MODERATOR,
    StaffRole.EDITOR: Role.EDITOR,
    StaffRole.ADMINISTRATOR: Role.ADMINISTRATOR,
}


def role_in(affiliation: Affiliation) -> Role:
    """Return the role that a place in an organisation gives."""
    focal = affiliation.place == Place.FOCAL_POINT
    if affiliation.association_id:
        return Role.ASSOCIATION_FOCAL_POINT if focal else Role.CIVIL_SOCIETY
    return Role.FOCAL_POINT if focal else Role.CONTRIBUTOR


def standing_of(user: User | AnonymousUser) -> Standing | NoStanding:
    """Return what a person is: at most two queries, asked once per user object."""
    if not user.is_authenticated or not user.is_active:
        return NoStanding()
    if not hasattr(user, "_standing"):
        user._standing = Standing(user)
    return user._standing


def places_of(user: User) -> models.QuerySet[Affiliation]:
    """Return a person's current places; `in_network` tells whether the organisation is in it."""
    member = Membership.objects.filter(collectivity=OuterRef("collectivity"), ended_on=None)
    attached = Attachment.objects.confirmed().filter(
        association=OuterRef("association"), association__left_on=None
    )
    return (
        user.affiliations.filter(ended_at=None)
        .select_related("collectivity", "association")
        .annotate(in_network=Exists(member) | Exists(attached))
    )


def forget_standing(user: User) -> None:
    """Have what a person is read anew, after it was changed within a request."""
    if hasattr(user, "_standing"):
        del user._standing


def roles_of(user: User | AnonymousUser) -> frozenset[Role]:
    """Return all that somebody is."""
    if not user.is_authenticated or not user.is_active:
        return frozenset({Role.VISITOR})
    return standing_of(user).roles | {Role.ACCOUNT}


def roles_within(user: User | AnonymousUser, organisation: Organisation) -> frozenset[Role]:
    """Return what somebody is in one organisation."""
    return frozenset(
        role_in(one) for one in standing_of(user).places if one.organisation == organisation
    )


def may(user: User | AnonymousUser, right: str, organisation: Organisation | None = None) -> bool:
    """
    Return whether somebody has a right.

    :param right: the name of a registered one
    :param organisation: whose it is exercised on; without it only a right that holds everywhere
        counts
    :raises KeyError: for a right that nobody registered
    """
    wanted = rights[right]
    everywhere = wanted.everywhere
    if not user.is_authenticated or not user.is_active:
        return Role.VISITOR in everywhere
    standing = standing_of(user)
    if Role.ACCOUNT in everywhere or everywhere & standing.staff:
        return True
    if everywhere - STAFF and everywhere & standing.roles:
        return True
    return organisation is not None and bool(wanted.own & roles_within(user, organisation))


def is_of_network(user: User | AnonymousUser) -> bool:
    """Return whether somebody belongs to the network: staff, or with a place in it today."""
    standing = standing_of(user)
    return bool(standing.staff) or any(one.in_network for one in standing.places)


def spaces_of(user: User | AnonymousUser) -> Iterable[Affiliation]:
    """Return the places of a person, those as focal point first."""
    return sorted(
        standing_of(user).places, key=lambda one: (one.place != Place.FOCAL_POINT, one.pk)
    )


SPACE_SEE = register_right(
    Right(
        "space.see",
        _("See the space of a collectivity or an association"),
        everywhere=EDITORS,
        own=MEMBERS | ASSOCIATIONS,
    )
)
for one in (
    Right("public.read", _("Read, search and download what is public"), everywhere=EVERYBODY),
    Right("public.write", _("Write to the secretariat"), everywhere=EVERYBODY),
    Right("network.join", _("Apply for a collectivity or an association"), everywhere=EVERYBODY),
    Right(
        "account.enter",
        _("Log in, reset a forgotten password, take up an invitation"),
        everywhere=EVERYBODY,
    ),
    Right(
        "account.own",
        _("Change, export and delete one’s own account; read one’s own notices"),
        everywhere=WITH_ACCOUNT,
    ),
    Right(
        "people.manage",
        _("Invite people, change their place, remove them"),
        everywhere=ADMINISTRATORS,
        own=FOCAL_POINTS,
    ),
    Right("space.handover", _("Hand the place of focal point over"), own=FOCAL_POINTS),
    Right(
        "profile.write",
        _("Write the profile of a collectivity or an association"),
        own=MEMBERS | ASSOCIATIONS,
    ),
    Right("charter.sign", _("Sign the charter"), own=frozenset({Role.FOCAL_POINT})),
    Right("charter.state", _("Write the yearly statement for the charter"), own=MEMBERS),
    Right(
        "attachment.decide",
        _("Confirm or decline an association’s wish to be attached"),
        own=frozenset({Role.FOCAL_POINT}),
    ),
    Right(
        "attachment.ask",
        _("Ask a collectivity to confirm the association"),
        own=frozenset({Role.ASSOCIATION_FOCAL_POINT}),
    ),
    Right(
        "attachment.end",
        _("End what ties an association to a collectivity, for one’s own side"),
        own=FOCAL_POINTS,
    ),
    Right("membership.leave", _("Leave the network"), own=FOCAL_POINTS),
    Right("application.decide", _("Check applications"), everywhere=EDITORS),
    Right("charter.publish", _("Write and publish versions of the charter"), everywhere=EDITORS),
    Right(
        "people.administer",
        _("Find people, appoint staff, disable accounts"),
        everywhere=ADMINISTRATORS,
    ),
    Right("audit.read", _("Read the audit log"), everywhere=ADMINISTRATORS),
    Right("admin.enter", _("Enter the administration"), everywhere=STAFF),
):
    register_right(one)


def works_on_pages(user: User) -> bool:
    """Return whether somebody of the staff writes or publishes pages; moderators do not."""
    return page_permission_policy.user_has_any_permission(user, ["add", "change", "publish"])
