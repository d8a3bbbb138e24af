"""What the audit log keeps of contributions: what became public, and what no longer is."""

from django.utils.translation import gettext_lazy as _

from core.audit import AuditKind, register_audit_kind

for name, label in (
    ("contribution.published", _("A contribution was published")),
    ("contribution.unpublished", _("A contribution was taken off the site")),
    ("contribution.archived", _("A contribution was retired")),
    ("contribution.brought-back", _("A contribution was brought back")),
):
    register_audit_kind(AuditKind(name, label))
