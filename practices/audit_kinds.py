"""What the audit log keeps of practices, and of what others say of them."""

from django.utils.translation import gettext_lazy as _

from core.audit import AuditKind, register_audit_kind

for name, label in (
    ("award.given", _("A practice was given the label of the network")),
    ("award.withdrawn", _("The label of the network was withdrawn from a practice")),
    ("partner-word.given", _("An association gave its word on a practice")),
    ("adoption.declared", _("A collectivity declared that it takes a practice over")),
    ("adoption.state", _("A collectivity said how far it is with a practice it took over")),
    ("adoption.hidden", _("An adoption was hidden")),
    ("adoption.shown", _("A hidden adoption was shown again")),
    ("practices.imported", _("Drafts of practices were made from a spreadsheet")),
    ("practice.still-true", _("A practice was said to be still true")),
):
    register_audit_kind(AuditKind(name, label))
