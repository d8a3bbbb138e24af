"""
Wagtail's own mails on workflows, switched off: they go out inside the request, and a mail server
that is slow or down holds it up. In their place the people are told by notices, which are mailed
from the outbox. What becomes of contributions, `contributions.services.review` tells.
"""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import signal_handlers
from wagtail.admin.mail import Notifier
from wagtail.models import Page, TaskState, WorkflowState
from wagtail.signals import task_submitted, workflow_approved, workflow_rejected, workflow_submitted

from contributions.acting import is_acting
from notifications.registry import NoticeKind, isolated, register_notice_kind
from notifications.services import tell


def tell_of(kind: str, notifier: Notifier, state: WorkflowState, instance, user) -> None:
    """Tell those whom Wagtail would have mailed of a page."""
    thing = None if is_acting() else state.content_object
    if not isinstance(thing, Page):
        return
    task_state = state.current_task_state
    tell(
        people=notifier.get_recipient_users(instance, user=user),
        kind=kind,
        data={
            "page": thing.pk,
            "title": thing.draft_title or thing.title,
            "by": user.name if user else "",
            "reason": task_state.comment if task_state else "",
        },
    )


def tell_of_task(instance: TaskState, user=None, **kwargs) -> None:
    notifier = signal_handlers.task_submission_email_notifier
    if notifier.can_handle(instance):
        tell_of("page-waits", notifier, instance.workflow_state, instance, user)


def tell_of_approval(instance: WorkflowState, user=None, **kwargs) -> None:
    notifier = signal_handlers.workflow_approval_email_notifier
    tell_of("page-approved", notifier, instance, instance, user)


def tell_of_rejection(instance: WorkflowState, user=None, **kwargs) -> None:
    notifier = signal_handlers.workflow_rejection_email_notifier
    tell_of("page-rejected", notifier, instance, instance, user)


def tell_nobody(**kwargs) -> None:
    """Wagtail mails administrators of each workflow that starts; whose turn it is, is told."""


def switch_mails_off() -> None:
    """
    Stand in the place of Wagtail's receivers. Who connects under a name that is taken is passed
    over, so it does not matter which of the two apps is made ready first.
    """
    for signal, sender, name, ours in (
        (
            task_submitted,
            TaskState,
            "group_approval_task_submitted_email_notification",
            tell_of_task,
        ),
        (
            workflow_submitted,
            WorkflowState,
            "workflow_state_submitted_email_notification",
            tell_nobody,
        ),
        (
            workflow_rejected,
            WorkflowState,
            "workflow_state_rejected_email_notification",
            tell_of_rejection,
        ),
        (
            workflow_approved,
            WorkflowState,
            "workflow_state_approved_email_notification",
            tell_of_approval,
        ),
    ):
        signal.disconnect(sender=sender, dispatch_uid=name)
        signal.connect(ours, sender=sender, dispatch_uid=name)


def page_name(data: dict) -> dict[str, str]:
    return {"title": isolated(data["title"]), "name": isolated(data["by"])}


def rejected_text(data: dict) -> str:
    words = _("“%(title)s” was not approved.") % page_name(data)
    if not data["reason"]:
        return words
    return f"{words}\n\n{_('The reason: %(reason)s') % {'reason': data['reason']}}"


def to_page(data: dict) -> str:
    return reverse("wagtailadmin_pages:edit", args=[data["page"]])


for one in (
    NoticeKind(
        name="page-waits",
        label=gettext_lazy("Pages of the site"),
        subject=lambda data: _("Waits for your approval: %(title)s") % page_name(data),
        text=lambda data: _("The page “%(title)s” waits for your approval.") % page_name(data),
        address=to_page,
    ),
    NoticeKind(
        name="page-approved",
        label=gettext_lazy("Pages of the site"),
        subject=lambda data: _("Approved: %(title)s") % page_name(data),
        text=lambda data: _("The page “%(title)s” was approved and is public.") % page_name(data),
        address=to_page,
    ),
    NoticeKind(
        name="page-rejected",
        label=gettext_lazy("Pages of the site"),
        subject=lambda data: _("Not approved: %(title)s") % page_name(data),
        text=rejected_text,
        address=to_page,
    ),
):
    register_notice_kind(one)
switch_mails_off()
