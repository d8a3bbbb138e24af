"""
How far a contribution is. Nothing of it is stored: Wagtail's page and workflow tell it.

The state is that of the newest version. Whether an older one is public, `contribution.page.live`
tells: a published practice that is being changed is "Draft", "Submitted" and so on again.
"""

from django.db.models import CharField, OuterRef, Q, Subquery
from django.db.models.functions import Cast
from wagtail.models import WorkflowState

from contributions.enums import State
from contributions.models import Contribution
from contributions.models.contributions import ContributionQuerySet

# The name under which a list has the state of the workflow read with each contribution.
ANNOTATION = "workflow_status"


def with_states(contributions: ContributionQuerySet) -> ContributionQuerySet:
    """Read with each contribution what `state_of` needs, so that a list asks nothing for a row."""
    active = WorkflowState.objects.active().filter(object_id=Cast(OuterRef("page_id"), CharField()))
    return contributions.select_related("page").annotate(
        **{ANNOTATION: Subquery(active.order_by("-pk").values("status")[:1])}
    )


def with_editors(contributions: ContributionQuerySet) -> ContributionQuerySet:
    """Leave those that wait for the editors, of what `with_states` gave."""
    return contributions.filter(archived_at=None, **{ANNOTATION: WorkflowState.STATUS_IN_PROGRESS})


def in_state(contributions: ContributionQuerySet, state: State) -> ContributionQuerySet:
    """Leave those that are in a state, of what `with_states` gave."""
    if state == State.ARCHIVED:
        return contributions.filter(archived_at__isnull=False)
    contributions = contributions.filter(archived_at=None)
    if state in (State.SUBMITTED, State.IN_REVIEW):
        return with_editors(contributions).filter(reviewer__isnull=state == State.SUBMITTED)
    if state == State.CHANGES_ASKED:
        return contributions.filter(**{ANNOTATION: WorkflowState.STATUS_NEEDS_CHANGES})
    contributions = contributions.filter(**{f"{ANNOTATION}__isnull": True})
    if state == State.PUBLISHED:
        return contributions.filter(page__live=True, page__has_unpublished_changes=False)
    if state == State.UNPUBLISHED:
        return contributions.filter(page__live=False, page__first_published_at__isnull=False)
    changed = Q(page__live=True, page__has_unpublished_changes=True)
    return contributions.filter(changed | Q(page__live=False, page__first_published_at=None))


def _status_of(contribution: Contribution) -> str | None:
    if hasattr(contribution, ANNOTATION):
        return getattr(contribution, ANNOTATION)
    active = WorkflowState.objects.active().filter(object_id=str(contribution.page_id))
    return active.order_by("-pk").values_list("status", flat=True).first()


def state_of(contribution: Contribution) -> State:
    """Return how far the newest version is."""
    if contribution.archived_at:
        return State.ARCHIVED
    status = _status_of(contribution)
    if status == WorkflowState.STATUS_IN_PROGRESS:
        return State.IN_REVIEW if contribution.reviewer_id else State.SUBMITTED
    if status == WorkflowState.STATUS_NEEDS_CHANGES:
        return State.CHANGES_ASKED
    page = contribution.page
    if page.live:
        return State.DRAFT if page.has_unpublished_changes else State.PUBLISHED
    return State.UNPUBLISHED if page.first_published_at else State.DRAFT
