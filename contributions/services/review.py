"""
The review: submitted, taken over, noted, sent back, published.

Each function is told by whom, asks whether that one may, writes a `Step` and tells the people, all
in one transaction that holds the contribution. Wagtail's workflow keeps the state; here alone it is
started, resumed, rejected, approved and cancelled. Opinions: `opinions`; what is public: `shelf`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page, Workflow, WorkflowState, WorkflowTask

from contributions.acting import acting
from contributions.drafts import kind_of, problems_of, with_named
from contributions.enums import State, StepKind
from contributions.models import Contribution, Note, Opinion, ReviewTask, Step
from contributions.people import authors_of, reviewers_of
from contributions.permissions import has_part_in, writes
from contributions.services.drafts import hold
from contributions.states import ANNOTATION, state_of
from core import outbox
from members.models import User
from members.permissions import may
from notifications.services import tell

WITH_EDITORS = frozenset({State.SUBMITTED, State.IN_REVIEW})
AUTHORS_JOB = "contribution-authors-told"


class ReviewRefused(Exception):
    """Nothing was changed; the text says why, in the person's language."""

    def __init__(self, words: str, code: str) -> None:
        """:param code: names the reason, for the code"""
        super().__init__(words)
        self.code = code


class NotComplete(ReviewRefused):
    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        """:param problems: what is missing or wrong, as (name of the field, words)"""
        super().__init__(_("Something is missing or wrong still."), "not-complete")
        self.problems = problems


# --- What every service asks and does -------------------------------------------------------------


def title_of(contribution: Contribution) -> str:
    return contribution.page.draft_title or contribution.page.title


def require_author(contribution: Contribution, person: User) -> None:
    """:raises PermissionDenied: for somebody of no collectivity that writes it"""
    if not writes(person, contribution):
        raise PermissionDenied


def require_reviewer(contribution: Contribution, editor: User) -> None:
    """
    :raises PermissionDenied: for somebody who is no editor
    :raises ReviewRefused: for an editor who has a part in it
    """
    if not may(editor, "contribution.review"):
        raise PermissionDenied
    if has_part_in(editor, contribution):
        raise ReviewRefused(
            _("You have a part in this contribution. An editor who has none reviews it."),
            "has-part",
        )


def require_with_editors(contribution: Contribution) -> State:
    """:raises ReviewRefused: for what nobody has submitted, or is decided"""
    state = state_of(contribution)
    if state not in WITH_EDITORS:
        raise ReviewRefused(_("It is not with the editors now."), "not-with-editors")
    return state


def require_own_review(contribution: Contribution, editor: User) -> None:
    """:raises ReviewRefused: while somebody else reviews it"""
    require_reviewer(contribution, editor)
    require_with_editors(contribution)
    if contribution.reviewer_id not in (None, editor.pk):
        raise ReviewRefused(
            _("%(name)s is reviewing it. Take it over first.")
            % {"name": contribution.reviewer.name},
            "other-reviewer",
        )


def require_reason(words: str) -> str:
    """:raises ReviewRefused: where nothing is written"""
    if not words.strip():
        raise ReviewRefused(_("Write the reason: the authors read it."), "reason")
    return words.strip()


def take_step(contribution: Contribution, kind: StepKind, by: User | None, **fields) -> Step:
    return Step.objects.create(contribution=contribution, kind=kind, by=by, **fields)


@outbox.handler(AUTHORS_JOB)
def tell_other_authors(payload: dict) -> None:
    """
    Tell the authors what one of them did: submitted it, or took it back. Later, by the worker, so
    that the step takes the same queries however many write along.
    """
    step = Step.objects.filter(pk=payload["step"]).select_related("contribution__page", "by")
    if found := step.first():  # a draft may be dropped before
        tell(
            people=authors_of(found.contribution).exclude(pk=found.by_id),
            kind=f"contribution-author-{found.kind}",
            data=data_of(found.contribution, found.by, found.words),
            key=f"step {found.pk}",
        )


def data_of(contribution: Contribution, by: User | None, words: str = "") -> dict:
    """Return what all notices of a contribution tell. Nothing of it names a collectivity."""
    return {
        "key": contribution.pk,
        "title": title_of(contribution),
        "by": by.name if by else "",
        "reason": words,
    }


def open_opinions(contribution: Contribution) -> list[Opinion]:
    """Return the questions to thematic reviewers that wait for an answer: one or none."""
    asked = contribution.opinions.filter(given_at=None, dropped_at=None)
    return list(asked.select_related("reviewer"))


def leave_editors(contribution: Contribution, by: User | None) -> None:
    """
    Have a contribution wait for nobody any more: no reviewer has it, and the question to a thematic
    reviewer falls away, who is told.
    """
    for opinion in open_opinions(contribution):
        close_opinion(contribution, opinion, by)
    wait_for_nobody(contribution)


def wait_for_nobody(contribution: Contribution) -> None:
    contribution.submitted_at = contribution.reviewer = contribution.reviewer_since = None
    contribution.save(update_fields=["submitted_at", "reviewer", "reviewer_since"])


def close_opinion(contribution: Contribution, opinion: Opinion, by: User | None) -> None:
    """Take a question to a thematic reviewer back, and tell them."""
    opinion.dropped_at = timezone.now()
    opinion.save(update_fields=["dropped_at"])
    take_step(contribution, StepKind.OPINION_DROPPED, by, data={"opinion": opinion.pk})
    tell(
        people=[opinion.reviewer],
        kind="contribution-opinion-dropped",
        data=data_of(contribution, None),  # it may be an author who hides who they are
    )


def hold_with_page(contribution: Contribution) -> Contribution:
    """
    Lock a contribution and its page for the rest of the transaction, and read both anew: whoever
    saves a version writes the page's row, and waits.
    """
    contribution = hold(contribution)
    pages = kind_of(contribution).model().objects.select_related("latest_revision", "locale")
    locked = pages.select_for_update(of=("self", "page_ptr"))
    contribution.page = locked.get(pk=contribution.page_id)
    return contribution


def workflow_under_way(contribution: Contribution) -> WorkflowState | None:
    """Return what Wagtail keeps of the review, which tells `state_of` how far it is as well."""
    states = WorkflowState.objects.active().for_instance(contribution.page)
    found = states.select_related("workflow", "current_task_state__task").first()
    setattr(contribution, ANNOTATION, found.status if found else None)
    return found


def version_of(page: Page) -> Page:
    """
    Return the page as its newest revision has it. Wagtail would make it anew each time it asks for
    it, in a dozen queries.
    """
    revision = page.latest_revision
    revision.content_object = page
    version = revision.as_object()
    revision.as_object = lambda: version
    return version


def require_complete(contribution: Contribution, page: Page) -> None:
    """:raises NotComplete: where something is missing or wrong"""
    if problems := problems_of(contribution, with_named(page)):
        raise NotComplete(problems)


def review_workflow() -> Workflow:
    """Return the workflow of reviews; it is made where there is none, and hangs on no page."""
    tasks = WorkflowTask.objects.filter(
        task__in=ReviewTask.objects.filter(active=True), workflow__active=True
    )
    if found := tasks.select_related("workflow").order_by("workflow").first():
        return found.workflow
    workflow = Workflow.objects.create(name="Review")
    task = ReviewTask.objects.create(name="Review")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    return workflow


# --- By the authors -------------------------------------------------------------------------------


@transaction.atomic
def submit(*, contribution: Contribution, person: User) -> None:
    """
    Give a contribution to the editors, for the first time or anew. The editors who have no part in
    it are told, and so are the other authors. Submitted twice, it is submitted once.

    :raises PermissionDenied: for somebody of no collectivity that writes it
    :raises NotComplete: while something is missing
    :raises ReviewRefused: for what is retired, or published with nothing new in it
    """
    contribution = hold_with_page(contribution)
    require_author(contribution, person)
    page, under_way = contribution.page, workflow_under_way(contribution)
    state = state_of(contribution)
    if state in WITH_EDITORS:
        return
    if state == State.ARCHIVED:
        raise ReviewRefused(_("It is retired. Ask the editors to bring it back first."), "retired")
    if state == State.PUBLISHED:
        raise ReviewRefused(_("Nothing in it is new since it was published."), "nothing-new")
    if page.latest_revision is None:  # entered by code, and taken off the site since
        page.save_revision(user=person, clean=False)
    require_complete(contribution, version_of(page))
    with acting():
        if under_way:
            under_way.resume(user=person)
        else:
            review_workflow().start(page, person)
    contribution.submitted_at = timezone.now()
    contribution.save(update_fields=["submitted_at"])
    step = take_step(contribution, StepKind.SUBMITTED, person, revision=page.latest_revision)
    outbox.enqueue(AUTHORS_JOB, {"step": step.pk})
    tell(
        people=reviewers_of(contribution),
        kind="contribution-submitted",
        data=data_of(contribution, person)
        | {
            "language": page.language,
            "is_answer": under_way is not None,
            "is_new_version": page.live,
        },
    )


@transaction.atomic
def withdraw(*, contribution: Contribution, person: User, words: str = "") -> None:
    """
    Take a submission back, while somebody reviews it as well. Whoever reviews it is told, and so
    are the other authors and the thematic reviewer whose answer is waited for.

    :raises PermissionDenied: for somebody of no collectivity that writes it
    :raises ReviewRefused: for what is not with the editors
    """
    contribution = hold(contribution)
    require_author(contribution, person)
    require_with_editors(contribution)
    reviewer = contribution.reviewer
    with acting():
        contribution.page.current_workflow_state.cancel(user=person)
    step = take_step(contribution, StepKind.WITHDRAWN, person, words=words.strip())
    outbox.enqueue(AUTHORS_JOB, {"step": step.pk})
    leave_editors(contribution, person)
    if reviewer:
        tell(
            people=[reviewer],
            kind="contribution-withdrawn",
            data=data_of(contribution, person, words.strip()),
        )


@transaction.atomic
def mark_note_done(*, note: Note, person: User) -> None:
    """
    Tick a note. Ticked twice, the first time stays noted. Nobody is told.

    :raises PermissionDenied: for somebody of no collectivity that writes it
    """
    require_author(note.contribution, person)
    Note.objects.open_ones().filter(pk=note.pk).update(done_at=timezone.now(), done_by=person)


# --- By the editors -------------------------------------------------------------------------------


@transaction.atomic
def take_over(*, contribution: Contribution, editor: User) -> None:
    """
    Review it from now on. Whoever reviewed it so far is told; else the authors are.

    :raises PermissionDenied: for somebody who is no editor
    :raises ReviewRefused: for one who has a part in it, and for what is not with the editors
    """
    contribution = hold(contribution)
    require_reviewer(contribution, editor)
    require_with_editors(contribution)
    former = contribution.reviewer
    if former == editor:
        return
    contribution.reviewer, contribution.reviewer_since = editor, timezone.now()
    contribution.save(update_fields=["reviewer", "reviewer_since"])
    take_step(contribution, StepKind.TAKEN, editor)
    if former:
        tell(
            people=[former],
            kind="contribution-taken-over",
            data=data_of(contribution, editor),
        )
    else:
        tell(
            people=authors_of(contribution),
            kind="contribution-review-begun",
            data=data_of(contribution, editor),
        )


@transaction.atomic
def release(*, contribution: Contribution, editor: User) -> None:
    """
    Hand a review back: it waits for any editor again. Nobody is told.

    :raises PermissionDenied: for somebody who is no editor
    :raises ReviewRefused: for one who does not review it
    """
    contribution = hold(contribution)
    if not may(editor, "contribution.review"):
        raise PermissionDenied
    if contribution.reviewer_id != editor.pk:
        raise ReviewRefused(_("You are not reviewing it now."), "not-reviewer")
    contribution.reviewer = contribution.reviewer_since = None
    contribution.save(update_fields=["reviewer", "reviewer_since"])
    take_step(contribution, StepKind.RELEASED, editor)


@transaction.atomic
def add_note(*, contribution: Contribution, editor: User, field: str, words: str) -> Note:
    """
    Say something of one field, or of the whole. The authors read it once changes are asked for.
    Said twice, it is one note.

    :param field: the name of a field or of rows of the kind, "" for the whole
    :raises PermissionDenied: for somebody who is no editor
    :raises ReviewRefused: for one who has a part in it, for what is not with the editors, for a
        field that the kind does not have, and where nothing is written
    """
    contribution = hold(contribution)
    require_reviewer(contribution, editor)
    require_with_editors(contribution)
    names = {
        one.name
        for section in kind_of(contribution).sections
        for one in (*section.fields, *section.rows)
    }
    if field and field not in names:
        raise ReviewRefused(_("There is no such field."), "field")
    if not words.strip():
        raise ReviewRefused(_("Write the note."), "words")
    same = {"field": field, "words": words.strip(), "by": editor, "told_at": None}
    return contribution.notes.get_or_create(**same)[0]


@transaction.atomic
def remove_note(*, note: Note, editor: User) -> None:
    """
    Take one's own note back, before the authors have read it.

    :raises PermissionDenied: for somebody else than who wrote it, or is no editor any more
    :raises ReviewRefused: for a note that the authors have been told
    """
    note = Note.objects.select_for_update().get(pk=note.pk)
    if note.by_id != editor.pk or not may(editor, "contribution.review"):
        raise PermissionDenied
    if note.told_at:
        raise ReviewRefused(_("The authors have read this note already."), "told")
    note.delete()


@transaction.atomic
def ask_for_changes(*, contribution: Contribution, editor: User, words: str = "") -> None:
    """
    Give it back to the authors with the notes that they have not read yet. They are told, and write
    on. Nobody reviews it any more until it is submitted anew.

    :param words: what is asked for; may be empty where there are new notes
    :raises PermissionDenied: for somebody who is no editor
    :raises ReviewRefused: for one who has a part in it, while somebody else reviews it, for what is
        not with the editors, and where nothing is asked for
    """
    contribution = hold(contribution)
    require_own_review(contribution, editor)
    words = words.strip()
    told = contribution.notes.filter(told_at=None).update(told_at=timezone.now())
    if not (words or told):
        raise ReviewRefused(
            _("Write what the authors should change, or add a note first."), "reason"
        )
    with acting():
        contribution.page.current_workflow_task_state.reject(user=editor, comment=words)
    take_step(
        contribution,
        StepKind.CHANGES_ASKED,
        editor,
        words=words,
        revision=contribution.page.latest_revision,
        data={"notes": told},
    )
    leave_editors(contribution, editor)
    tell(
        people=authors_of(contribution),
        kind="contribution-changes-asked",
        data=data_of(contribution, editor, words) | {"notes": told},
    )


@transaction.atomic
def publish(
    *,
    contribution: Contribution,
    editor: User,
    met: Collection[str],
    revision_id: int,
    revision_at: datetime | None = None,
    words: str = "",
) -> None:
    """
    Publish the newest version. The authors are told; notes that they never read stay untold.

    :param met: the codes of the criteria that are met: all of the kind
    :param revision_id: of the version that the editor has read; a newer one is not published unread
    :param revision_at: when that version was saved: Wagtail's editor writes it over as one types
    :param words: to the authors
    :raises PermissionDenied: for somebody who is no editor
    :raises NotComplete: where something is missing by now
    :raises ReviewRefused: for one who has a part in it, while somebody else reviews it, for what is
        not with the editors, while a thematic reviewer is asked, where a criterion is not met, or
        the version has been changed meanwhile
    """
    contribution = hold_with_page(contribution)
    page, under_way = contribution.page, workflow_under_way(contribution)
    require_own_review(contribution, editor)
    if open_opinions(contribution):
        raise ReviewRefused(
            _("A thematic reviewer is asked and has not answered yet. Wait, or take it back."),
            "opinion",
        )
    criteria = dict(kind_of(contribution).criteria)
    if missing := [str(asked) for code, asked in criteria.items() if code not in met]:
        raise ReviewRefused(
            _("Each criterion has to be met. Not ticked: %(criteria)s")
            % {"criteria": " ".join(missing)},
            "criteria",
        )
    revision = page.latest_revision
    if revision.pk != revision_id or (revision_at and revision.created_at != revision_at):
        raise ReviewRefused(
            _("It has been changed since you opened this page. Read the new version first."),
            "changed",
        )
    version, was_live, words = version_of(page), page.live, words.strip()
    task_state = under_way.current_task_state
    is_as_submitted = task_state.revision_id == revision.pk
    if not is_as_submitted:
        require_complete(contribution, version)
    if version.go_live_at and version.go_live_at > timezone.now():
        raise ReviewRefused(
            _("Wagtail’s editor holds a day of publication for it. Take that out first."),
            "scheduled",
        )
    task_state.workflow_state = under_way
    if is_as_submitted:
        task_state.revision = revision
    under_way.on_finish = revision.publish  # this one, and not what is the newest by then
    try:
        with acting():
            task_state.approve(user=editor, comment=words)
    except ValidationError as error:
        raise ReviewRefused(" ".join(error.messages), "not-valid") from error
    wait_for_nobody(contribution)
    note_publication(contribution, editor, revision, was_live, words, sorted(criteria))


def note_publication(contribution, by, revision, was_live: bool, words: str = "", met=()) -> None:
    """Write down that a version is public, and tell the authors."""
    take_step(
        contribution,
        StepKind.PUBLISHED,
        by,
        words=words,
        revision=revision,
        data={"met": list(met), "is_new_version": was_live},
    )
    tell(
        people=authors_of(contribution),
        kind="contribution-published",
        data=data_of(contribution, by, words) | {"is_new_version": was_live},
    )
