"""
Who comes to Wagtail's log of all pages: those who may work on pages, as with its other reports.

Wagtail lets in whoever enters the administration, shows them no entry of a page that is not theirs,
and names beside the list everybody who ever wrote a page.
"""

from wagtail.admin.views.reports.audit_logging import LogEntriesView
from wagtail.permissions import page_permission_policy

LogEntriesView.permission_policy = page_permission_policy
LogEntriesView.any_permission_required = ["add", "change", "publish"]
