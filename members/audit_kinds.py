"""What the audit log keeps of people, places, joining and the charter."""

from django.utils.translation import gettext_lazy as _

from core.audit import AuditKind, register_audit_kind

for name, label in (
    ("staff.appointed", _("A staff role was given or taken")),
    ("person.active", _("An account was disabled or opened")),
    ("person.renamed", _("A person changed their name")),
    ("person.exported", _("A person exported their data")),
    ("person.deleted", _("A person deleted their account")),
    ("person.second-step", _("A lost second step was taken away")),
    ("membership.recorded", _("A collectivity was entered as a member")),
    ("place.given", _("A person was given a place in an organisation")),
    ("place.changed", _("A person’s place in an organisation was changed")),
    ("place.ended", _("A person’s place in an organisation was ended")),
    ("handover", _("The place of focal point was handed over")),
    ("invitation.sent", _("An invitation was sent")),
    ("invitation.revoked", _("An invitation was withdrawn")),
    ("invitation.accepted", _("An invitation was accepted")),
    ("application.waiting", _("An application or its answer came to the secretariat")),
    ("application.more-asked", _("More was asked of an applicant")),
    ("application.accepted", _("An application was accepted")),
    ("application.refused", _("An application was refused")),
    ("application.withdrawn", _("An application was withdrawn")),
    ("attachment.asked", _("An association asked a collectivity to confirm it")),
    ("attachment.confirmed", _("A collectivity confirmed an association")),
    ("attachment.declined", _("A collectivity declined an association")),
    ("attachment.ended", _("An attachment of an association was ended")),
    ("association.changed", _("What is told of an association was changed")),
    ("charter.published", _("A version of the charter was published")),
    ("charter.signed", _("A collectivity signed the charter")),
    ("charter.stated", _("A collectivity wrote a yearly statement for the charter")),
    ("network.left", _("A collectivity or an association left the network")),
):
    register_audit_kind(AuditKind(name, label))
