"""What the audit log keeps of contributions: what was public, and is so no more or again."""

from django.utils.translation import gettext_lazy as _

from core.audit import AuditKind, register_audit_kind

for name, label in (
    ("contribution.unpublished", _("A contribution was taken off the site")),
    ("contribution.archived", _("A contribution was retired")),
    ("contribution.brought-back", _("A contribution was brought back")),
):
    register_audit_kind(AuditKind(name, label))
