"""What the audit log keeps of practices, and of what others say of them."""

from django.utils.translation import gettext_lazy as _

from core.audit import AuditKind, register_audit_kind

for name, label in (
    ("award.given", _("A practice was given the label of the network")),
    ("award.withdrawn", _("The label of the network was withdrawn from a practice")),
):
    register_audit_kind(AuditKind(name, label))
