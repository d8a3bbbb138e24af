"""What the shared ground adds to Wagtail's administration."""

from wagtail import hooks

from core.audit_admin import audit_viewset


@hooks.register("register_admin_viewset")
def register_audit_log():
    return audit_viewset
