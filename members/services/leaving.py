"""A collectivity or an association leaves the network. Nothing of its history is taken away."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import record
from members.enums import AttachmentState
from members.models import (
    Affiliation,
    Association,
    Attachment,
    Membership,
    Organisation,
    Signature,
    User,
)
from members.services.attachments import decline_attachment, end_attachment
from members.services.people import hold, names_of
from members.services.staff import editors
from notifications.services import tell


class LeavingRefused(Exception):
    """Nothing was changed; the text says why, in the person's language."""


def is_in_network(organisation: Organisation) -> bool:
    """Return whether there is something to leave."""
    if isinstance(organisation, Association):
        return organisation.left_on is None
    return Membership.objects.filter(collectivity=organisation, ended_on=None).exists()


@transaction.atomic
def leave_network(*, organisation: Organisation, person: User, reason: str) -> None:
    """
    End an organisation's time in the network: the membership and the signatures of a collectivity,
    the time of an association, and what ties either to others, who are told as for any end of an
    attachment. Its people keep their accounts and see its space, but are of the network no more.
    What was signed, published and said stays. Audits; tells the editors and the others of the
    space.

    A collectivity comes back by signing the charter again, an association by applying.

    :param reason: the editors and those who are tied to it read it
    :raises LeavingRefused: where it is not in the network
    """
    hold(organisation)
    today = timezone.localdate()
    if isinstance(organisation, Association):
        organisation.refresh_from_db(fields=["left_on"])
        _refuse_unless(organisation.left_on is None)
        since = organisation.joined_on
        _end_attachments(organisation, person, reason)
        organisation.left_on = today
        organisation.save(update_fields=["left_on"])
    else:
        membership = Membership.objects.filter(collectivity=organisation, ended_on=None).first()
        _refuse_unless(membership is not None)
        since = membership.began_on
        _end_attachments(organisation, person, reason)
        membership.ended_on, membership.reason = today, reason
        membership.save(update_fields=["ended_on", "reason"])
        signatures = Signature.objects.current().filter(collectivity=organisation)
        signatures.update(ended_at=timezone.now())
    record(
        kind="network.left",
        actor=person,
        subject=organisation,
        before={"since": since.isoformat() if since else None},
        after={"until": today.isoformat()},
    )
    here = Affiliation.objects.of(organisation).current().exclude(person=person)
    tell(
        people=User.objects.filter(pk__in=here.values("person")) | editors(),
        kind="network-left",
        data={"organisation": names_of(organisation), "key": organisation.key, "reason": reason},
    )


def _refuse_unless(in_network: bool) -> None:
    if not in_network:
        raise LeavingRefused(_("It is not in the network, so there is nothing to leave."))


def _end_attachments(organisation: Organisation, person: User, reason: str) -> None:
    of_association = isinstance(organisation, Association)
    side = "association" if of_association else "collectivity"
    rows = Attachment.objects.open_ones().filter(**{side: organisation})
    # In one order, so that two that leave at one moment do not wait for each other.
    for one in rows.select_related("association", "collectivity").order_by("association", "pk"):
        if one.state == AttachmentState.CONFIRMED or of_association:
            end_attachment(attachment=one, side=organisation, reason=reason, actor=person)
        else:
            decline_attachment(attachment=one, reason=reason, actor=person)
