"""What is public: taken off the site, retired in favour of another, brought back."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision

from contributions.acting import acting
from contributions.enums import State, StepKind
from contributions.models import Contribution
from contributions.people import authors_of
from contributions.services.drafts import hold
from contributions.services.review import (
    ReviewRefused,
    data_of,
    leave_editors,
    require_reason,
    require_reviewer,
    take_step,
)
from contributions.states import state_of
from core.audit import record
from members.models import User
from notifications.services import tell


def _take_off(contribution: Contribution, editor: User) -> list[int]:
    """
    Take the page off the site, and its translations, which tell the same; not one that members
    write on its own.

    :returns: the keys of the versions that were public in the other languages
    """
    page = contribution.page.specific
    translations = list(page.get_translations().filter(live=True, contribution=None))
    public = [one.live_revision_id for one in translations if one.live_revision_id]
    with acting():
        for one in (page, *translations):
            one.unpublish(user=editor)
    contribution.page = page
    return public


def note_taking_off(
    contribution, kind: StepKind, by, words: str = "", revision=None, data=None, successor=""
) -> None:
    """Write down that something is public no more, and tell the authors."""
    take_step(contribution, kind, by, words=words, revision=revision, data=data or {})
    is_retired = kind == StepKind.ARCHIVED
    record(
        kind="contribution.archived" if is_retired else "contribution.unpublished",
        actor=by,
        subject=contribution,
    )
    tell(
        people=authors_of(contribution),
        kind="contribution-taken-off",
        data=data_of(contribution, by, words) | {"is_retired": is_retired, "successor": successor},
    )


@transaction.atomic
def unpublish(*, contribution: Contribution, editor: User, words: str) -> None:
    """
    Take it off the site, with its translations. A new version that is under way stays under way.
    The authors are told why; they may change and submit it anew.

    :raises PermissionDenied: for somebody who is no editor, or whom Wagtail does not let unpublish
    :raises ReviewRefused: for one who has a part in it, without a reason, for what is not public
    """
    contribution = hold(contribution)
    require_reviewer(contribution, editor)
    words = require_reason(words)
    if not contribution.page.live:
        raise ReviewRefused(_("It is not public."), "not-public")
    public = contribution.page.live_revision
    translations = _take_off(contribution, editor)
    note_taking_off(
        contribution,
        StepKind.UNPUBLISHED,
        editor,
        words,
        revision=public,
        data={"translations": translations},
    )


@transaction.atomic
def archive(
    *, contribution: Contribution, editor: User, words: str, successor: Page | None = None
) -> None:
    """
    Retire it, in favour of another page or of none. It is taken off the site with its translations,
    a review that is under way ends, and nobody writes on. The authors are told why.

    :param successor: a public page
    :raises PermissionDenied: for somebody who is no editor, or whom Wagtail does not let unpublish
    :raises ReviewRefused: for one who has a part in it, without a reason, for what was never public
        or is retired already, and for a successor that is not public or the page itself
    """
    contribution = hold(contribution)
    require_reviewer(contribution, editor)
    words = require_reason(words)
    page = contribution.page
    if contribution.archived_at:
        raise ReviewRefused(_("It is retired already."), "retired")
    if page.first_published_at is None:
        raise ReviewRefused(
            _("It was never public, so there is nothing to retire."), "never-public"
        )
    if successor and (not successor.live or successor.translation_key == page.translation_key):
        raise ReviewRefused(_("Choose another page, which is public."), "successor")
    public, translations = page.live_revision, []
    if under_way := page.current_workflow_state:
        with acting():
            under_way.cancel(user=editor)
        leave_editors(contribution, editor)
    if page.live:
        translations = _take_off(contribution, editor)
    contribution.archived_at, contribution.successor = timezone.now(), successor
    contribution.save(update_fields=["archived_at", "successor"])
    title = successor.title if successor else ""
    note_taking_off(
        contribution,
        StepKind.ARCHIVED,
        editor,
        words,
        revision=public,
        data={"translations": translations, "successor": successor.pk if successor else None},
        successor=title,
    )


@transaction.atomic
def bring_back(*, contribution: Contribution, editor: User, words: str = "") -> None:
    """
    Make public again what was taken off or retired: the version that was public last, and the
    translations that went with it. What the authors wrote since stays a draft. They are told.

    :raises PermissionDenied: for somebody who is no editor, or whom Wagtail does not let publish
    :raises ReviewRefused: for one who has a part in it, and for what is not taken off or retired
    """
    contribution = hold(contribution)
    require_reviewer(contribution, editor)
    if state_of(contribution) not in (State.ARCHIVED, State.UNPUBLISHED):
        raise ReviewRefused(_("It is neither retired nor taken off the site."), "not-off")
    steps = contribution.steps.filter(
        kind__in=(StepKind.UNPUBLISHED, StepKind.ARCHIVED), revision__isnull=False
    )
    gone = steps.select_related("revision").last()
    if gone is None:
        raise ReviewRefused(
            _("Nobody knows any more which version was public. The authors submit it anew."),
            "unknown",
        )
    contribution.archived_at = contribution.successor = None
    contribution.save(update_fields=["archived_at", "successor"])
    translations = Revision.page_revisions.filter(pk__in=gone.data["translations"])
    try:
        with acting():
            for one in (gone.revision, *translations):
                one.publish(user=editor)
    except ValidationError as error:
        raise ReviewRefused(" ".join(error.messages), "not-valid") from error
    take_step(
        contribution,
        StepKind.BROUGHT_BACK,
        editor,
        words=words.strip(),
        revision=gone.revision,
    )
    record(kind="contribution.brought-back", actor=editor, subject=contribution)
    tell(
        people=authors_of(contribution),
        kind="contribution-brought-back",
        data=data_of(contribution, editor, words.strip()),
    )
