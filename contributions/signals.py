"""
What Wagtail does with a contribution beside our services, written down and kept in order.

An editor who has no part in it edits it in Wagtail's editor, publishes and takes it off on its own
pages (`contributions.wagtail_hooks` says when); code and the hour of publication do too. Here that
becomes a step that the authors see, once, whoever did it.
"""

from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page, Revision, Task, WorkflowState
from wagtail.models.content_types import get_default_page_content_type
from wagtail.signals import (
    page_published,
    page_unpublished,
    workflow_cancelled,
    workflow_submitted,
)

from contributions.acting import is_acting
from contributions.enums import StepKind
from contributions.models import Contribution, ReviewTask, Step
from contributions.permissions import writes
from contributions.services.review import leave_editors, note_publication, take_step
from contributions.services.shelf import note_taking_off


def contribution_of(key: int | str) -> Contribution | None:
    """Return what members write as this page, None for a page of the editors' own."""
    return Contribution.objects.select_related("page").filter(page=key).first()


def person_at_work():
    """Return who is logged in to Wagtail's administration; None for code."""
    return get_active_log_context().user


@receiver(page_published, dispatch_uid="contributions.published")
def write_publication_down(instance: Page, revision: Revision, **kwargs) -> None:
    if is_acting():
        return
    if contribution := contribution_of(instance.pk):
        was_live = instance.first_published_at != instance.last_published_at
        note_publication(contribution, person_at_work(), revision, was_live)
        leave_editors(contribution, person_at_work())
        if contribution.archived_at:
            contribution.archived_at = contribution.successor = None
            contribution.save(update_fields=["archived_at", "successor"])


@receiver(page_unpublished, dispatch_uid="contributions.unpublished")
def write_taking_off_down(instance: Page, **kwargs) -> None:
    # Before a page is deleted Wagtail says so too, and leaves its row as it is.
    if is_acting() or Page.objects.filter(pk=instance.pk, live=True).exists():
        return
    if contribution := contribution_of(instance.pk):
        published = contribution.steps.filter(kind=StepKind.PUBLISHED, revision__isnull=False)
        last = published.select_related("revision").last()
        note_taking_off(
            contribution,
            StepKind.UNPUBLISHED,
            person_at_work(),
            revision=last.revision if last else None,
            data={"translations": []},
        )


@receiver(workflow_cancelled, sender=WorkflowState, dispatch_uid="contributions.cancelled")
def write_cancelling_down(instance: WorkflowState, user=None, **kwargs) -> None:
    if is_acting() or not is_of_page(instance):
        return
    contribution = contribution_of(instance.object_id)
    # Where it was published, that has been written down already, and it waits for nobody.
    if contribution and contribution.submitted_at:
        take_step(contribution, StepKind.WITHDRAWN, user)
        leave_editors(contribution, user)


@receiver(workflow_submitted, sender=WorkflowState, dispatch_uid="contributions.submitted")
def refuse_other_workflows(instance: WorkflowState, **kwargs) -> None:
    """:raises PermissionDenied: for what members write: it comes to its review in one way alone"""
    if not is_acting() and is_of_page(instance) and contribution_of(instance.object_id):
        raise PermissionDenied


@receiver(pre_save, sender=Task, dispatch_uid="contributions.task")
def keep_the_task(instance: Task, **kwargs) -> None:
    """
    Keep the task of reviews in use. Where a workflow has no task left, Wagtail ends it, and what it
    is about is published (tried: "disable" in its settings made public all that was in review).

    :raises PermissionDenied: where it would be switched off
    """
    if not instance.active and instance.specific_class is ReviewTask:
        raise PermissionDenied


@receiver(post_save, sender=Revision, dispatch_uid="contributions.edited")
def write_edit_down(instance: Revision, created: bool, **kwargs) -> None:
    """An editor's version of what is in review is a step, so that the authors see what changed."""
    if not created or instance.user_id is None or not is_of_page(instance):
        return
    contribution = Contribution.objects.filter(
        page=instance.object_id, submitted_at__isnull=False
    ).first()
    if contribution and not writes(instance.user, contribution):
        Step.objects.create(
            contribution=contribution,
            kind=StepKind.EDITED,
            by=instance.user,
            revision=instance,
        )


def is_of_page(thing: Revision | WorkflowState) -> bool:
    return thing.base_content_type_id == get_default_page_content_type().pk
