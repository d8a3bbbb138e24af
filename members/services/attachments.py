"""
Associations and the collectivities that they work with: asked, confirmed, declined, ended; and what
editors change of an association.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.audit import record
from members.enums import AttachmentState
from members.models import Affiliation, Association, Attachment, Collectivity, Organisation, User
from members.services.people import hold, names_of
from notifications.services import tell

ASKED_AGAIN_AFTER = timedelta(days=30)
MOST_OPEN = 40  # of one association: it works with them, it does not canvass


class AttachmentRefused(Exception):
    """Nothing was changed; the text says why, in the person's language."""


@transaction.atomic
def ask_attachment(*, association: Association, collectivity: Collectivity, actor: User) -> None:
    """
    Ask a collectivity to confirm that it works with an association. Audits, and tells the
    collectivity's focal points.

    :raises AttachmentRefused: where it is asked or confirmed, declined less than 30 days ago, or
        very many are open
    """
    hold(association)
    association.refresh_from_db(fields=["left_on"])
    if association.left_on:
        raise AttachmentRefused(_("The association is no longer in the network."))
    ours = Attachment.objects.filter(association=association)
    if ours.open_ones().filter(collectivity=collectivity).exists():
        raise AttachmentRefused(_("This collectivity has been asked, or has confirmed already."))
    if ours.open_ones().count() >= MOST_OPEN:
        raise AttachmentRefused(_("The association works with, or has asked, very many already."))
    declined = ours.filter(collectivity=collectivity, state=AttachmentState.DECLINED)
    last = declined.order_by("-decided_at").first()
    if last and last.decided_at > timezone.now() - ASKED_AGAIN_AFTER:
        day = timezone.localtime(last.decided_at + ASKED_AGAIN_AFTER)
        raise AttachmentRefused(
            _("This collectivity has declined. It can be asked again from %(date)s on.")
            % {"date": date_format(day, "DATE_FORMAT")}
        )
    attachment = Attachment.objects.create(association=association, collectivity=collectivity)
    record(
        kind="attachment.asked", actor=actor, subject=attachment, after={"state": attachment.state}
    )
    tell_of_asking(attachment)


def tell_of_asking(attachment: Attachment) -> None:
    """Tell the focal points of a collectivity that an association waits for their answer."""
    _tell(attachment, attachment.collectivity, "attachment-asked")


@transaction.atomic
def confirm_attachment(*, attachment: Attachment, actor: User) -> None:
    """
    Confirm for the collectivity that it works with the association. Audits, and tells the focal
    points of the association.

    :raises AttachmentRefused: where it is not asked any more, or the person belongs to the
        association too
    """
    attachment = _hold(attachment, AttachmentState.ASKED)
    mine = Affiliation.objects.of(attachment.association).filter(person=actor, ended_at=None)
    if mine.exists():
        raise AttachmentRefused(
            _("You belong to this association yourself: another focal point confirms it.")
        )
    _move(attachment, AttachmentState.CONFIRMED, actor)
    _tell(attachment, attachment.association, "attachment-decided")


@transaction.atomic
def decline_attachment(*, attachment: Attachment, reason: str, actor: User) -> None:
    """
    Decline for the collectivity. Audits, and tells the focal points of the association.

    :raises AttachmentRefused: where it is not asked any more
    """
    attachment = _hold(attachment, AttachmentState.ASKED)
    _move(attachment, AttachmentState.DECLINED, actor, reason)
    _tell(attachment, attachment.association, "attachment-decided")


@transaction.atomic
def end_attachment(*, attachment: Attachment, side: Organisation, reason: str, actor: User) -> None:
    """
    End an attachment for one of its two sides; an association may also take back what it has asked.
    The row stays as history. Audits, and tells the focal points of the other side.

    :param side: whose person the actor is
    :raises AttachmentRefused: where it is not open any more, or a collectivity has not answered
    """
    of_association = isinstance(side, Association)
    states = AttachmentState.OPEN if of_association else (AttachmentState.CONFIRMED,)
    attachment = _hold(attachment, *states)
    attachment.ended_at = timezone.now()
    _move(attachment, AttachmentState.ENDED, actor, reason)
    other = attachment.collectivity if of_association else attachment.association
    _tell(attachment, other, "attachment-ended")


@transaction.atomic
def change_association(*, association: Association, fields: dict[str, str], actor: User) -> None:
    """
    Change what is told of an association. Audits what has changed; tells nobody.

    :param fields: new values by the names of fields
    """
    association = Association.objects.select_for_update().get(pk=association.pk)
    before = {
        name: getattr(association, name)
        for name, value in fields.items()
        if getattr(association, name) != value
    }
    if not before:
        return
    after = {name: fields[name] for name in before}
    for name, value in after.items():
        setattr(association, name, value)
    association.save(update_fields=list(after))
    record(kind="association.changed", actor=actor, subject=association, before=before, after=after)


def _hold(attachment: Attachment, *states: AttachmentState) -> Attachment:
    """Return the row as it stands now, while others who change it wait."""
    hold(attachment.association)
    rows = Attachment.objects.select_related("association", "collectivity")
    attachment = rows.get(pk=attachment.pk)
    if attachment.state not in states:
        raise AttachmentRefused(
            _("This was not done: the state is “%(state)s”.")
            % {"state": attachment.get_state_display()}
        )
    return attachment


def _move(attachment: Attachment, state: AttachmentState, actor: User, reason: str = "") -> None:
    before, attachment.state = attachment.state, state
    if state != AttachmentState.ENDED:
        attachment.decided_at, attachment.decided_by = timezone.now(), actor
    attachment.reason = reason
    attachment.save()
    record(
        kind=f"attachment.{state}",
        actor=actor,
        subject=attachment,
        before={"state": before},
        after={"state": state},
    )


def _tell(attachment: Attachment, side: Organisation, kind: str) -> None:
    """Tell the focal points of one side what the other one did."""
    of_association = isinstance(side, Association)
    other = attachment.collectivity if of_association else attachment.association
    people = Affiliation.objects.of(side).focal_points().select_related("person")
    tell(
        people=[one.person for one in people],
        kind=kind,
        data={
            "other": names_of(other),
            "key": side.key,
            "state": attachment.state,
            "reason": attachment.reason,
        },
    )
