"""Invitations: sent, withdrawn, accepted."""

import secrets
from datetime import timedelta
from hashlib import sha256

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import languages
from core.audit import record
from core.numbers import format_number
from members.enums import InvitationState, Place
from members.models import Affiliation, Invitation, Organisation, User, organisation_fields
from members.services.people import give_place, hold, names_of
from notifications.services import tell, tell_address

VALID_FOR = timedelta(days=14)
MOST_OPEN = 50  # of one organisation
MOST_A_DAY = 100  # of one organisation: nobody mails strangers through it without end
MOST_A_DAY_TO_ONE = 5


class InvitationRefused(Exception):
    """Nothing was changed or sent; the text says why, in the person's language."""


class InvitationOver(Exception):
    """It was accepted, withdrawn or has run out: nothing was changed."""


class AccountExists(Exception):
    """The address has got an account meanwhile: its person logs in instead. Nothing was changed."""


def digest_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def invitation_of(token: str) -> Invitation | None:
    """Return the invitation whose link holds a secret, whatever became of it."""
    rows = Invitation.objects.select_related(
        "collectivity__parent", "collectivity__region", "association", "invited_by"
    )
    return rows.filter(token_digest=digest_of(token)).first()


def has_account(email: str) -> bool:
    """Return whether somebody has an account with an address, whatever its state."""
    verified = EmailAddress.objects.filter(email__iexact=email, verified=True)
    return verified.exists() or User.objects.filter(email__iexact=email).exists()


def is_for(invitation: Invitation, person: User) -> bool:
    """Return whether a person has shown that the invited address is theirs."""
    return EmailAddress.objects.filter(
        user=person, email__iexact=invitation.email, verified=True
    ).exists()


@transaction.atomic
def invite(
    *, organisation: Organisation, email: str, place: Place, office: str, language: str, actor: User
) -> Invitation:
    """
    Invite an e-mail address to an organisation. An invitation of the same address that nobody has
    accepted is withdrawn. Mails the address, in the same way whether it has an account or not, and
    audits.

    :param language: of the mail
    :raises InvitationRefused: where the address has a place there, or too many invitations are open
        or were sent today
    """
    hold(organisation)
    email = email.lower()
    now = timezone.now()
    mine = Invitation.objects.of(organisation)
    people = Affiliation.objects.of(organisation).filter(ended_at=None)
    if people.filter(person__email__iexact=email).exists():
        raise InvitationRefused(_("This person has a place here already: change it in the list."))
    pending = mine.filter(accepted_at=None, revoked_at=None)
    if pending.open_ones().exclude(email=email).count() >= MOST_OPEN:
        raise InvitationRefused(
            _("%(most)s invitations are open. Withdraw those that are no longer needed.")
            % {"most": format_number(MOST_OPEN, languages.current())}
        )
    today = mine.filter(created_at__gt=now - timedelta(days=1))
    if today.count() >= MOST_A_DAY or today.filter(email=email).count() >= MOST_A_DAY_TO_ONE:
        raise InvitationRefused(_("Very many invitations were sent today. Try again tomorrow."))
    for one in pending.filter(email=email):
        _withdraw(one, actor)
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        email=email,
        place=place,
        office=office,
        language=language,
        token_digest=digest_of(token),
        invited_by=actor,
        created_at=now,
        expires_at=now + VALID_FOR,
        **organisation_fields(organisation),
    )
    record(kind="invitation.sent", actor=actor, subject=invitation, after={"place": place})
    tell_address(
        email=email,
        language=language,
        kind="invitation",
        data={
            "organisation": names_of(organisation),
            "by": actor.name,
            "place": place,
            "until": invitation.expires_at.isoformat(),
            "token": token,
        },
    )
    return invitation


def resend(*, invitation: Invitation, actor: User) -> Invitation:
    """
    Invite the same address anew: only a digest of the first link's secret was kept. The first link
    stops working.

    :raises InvitationRefused: as `invite` does, and where it was accepted or withdrawn
    """
    if invitation.accepted_at or invitation.revoked_at:
        raise InvitationRefused(_("This invitation is no longer open."))
    return invite(
        organisation=invitation.organisation,
        email=invitation.email,
        place=invitation.place,
        office=invitation.office,
        language=invitation.language,
        actor=actor,
    )


@transaction.atomic
def revoke(*, invitation: Invitation, actor: User) -> None:
    """
    Withdraw an invitation: its link stops working. Audits.

    :raises InvitationRefused: where it was accepted
    """
    hold(invitation.organisation)
    invitation.refresh_from_db(fields=["accepted_at", "revoked_at"])
    if invitation.accepted_at:
        raise InvitationRefused(_("This invitation has been accepted meanwhile."))
    if not invitation.revoked_at:
        _withdraw(invitation, actor)


@transaction.atomic
def accept(*, invitation: Invitation, person: User) -> None:
    """
    Give a person the place to which their address was invited. Audits, and tells the focal points.

    :raises InvitationRefused: where the address is not the person's
    :raises InvitationOver: where it is no longer open
    """
    if not is_for(invitation, person):
        raise InvitationRefused(_("This invitation was sent to another e-mail address."))
    _take_up(invitation, lambda: person)


@transaction.atomic
def accept_as_new_person(
    *, invitation: Invitation, first_name: str, last_name: str, password: str, language: str
) -> User:
    """
    Make the account of an invited person, and accept. The address counts as verified: the secret
    was mailed to it. Audits, and tells the focal points.

    :raises InvitationOver: where it is no longer open
    :raises AccountExists: where the address has got an account meanwhile
    """

    def make_account() -> User:
        email = invitation.email
        try:
            with transaction.atomic():
                person = User.objects.create_user(
                    email, password, first_name=first_name, last_name=last_name, language=language
                )
                EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
        except IntegrityError:
            raise AccountExists from None
        return person

    return _take_up(invitation, make_account)


def _take_up(invitation: Invitation, who) -> User:
    organisation = invitation.organisation
    hold(organisation)
    invitation.refresh_from_db(fields=["accepted_at", "accepted_by", "revoked_at", "expires_at"])
    if invitation.state != InvitationState.OPEN:
        raise InvitationOver
    person = who()
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    record(
        kind="invitation.accepted",
        actor=person,
        subject=invitation,
        after={"place": invitation.place},
    )
    give_place(
        person=person,
        organisation=organisation,
        place=invitation.place,
        office=invitation.office,
        actor=person,
    )
    others = Affiliation.objects.of(organisation).focal_points().exclude(person=person)
    tell(
        people=[one.person for one in others.select_related("person")],
        kind="invitation-accepted",
        data={
            "organisation": names_of(organisation),
            "key": organisation.key,
            "by": person.name,
            "place": invitation.place,
        },
    )
    return person


def _withdraw(invitation: Invitation, actor: User) -> None:
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    record(kind="invitation.revoked", actor=actor, subject=invitation)
