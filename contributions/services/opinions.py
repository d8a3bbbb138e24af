"""The second step, where an editor wants it: a thematic reviewer is asked, and advises."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contributions.enums import StepKind, Verdict
from contributions.models import Contribution, Opinion
from contributions.permissions import has_part_in
from contributions.services.drafts import hold
from contributions.services.review import (
    ReviewRefused,
    close_opinion,
    data_of,
    open_opinions,
    require_reviewer,
    require_with_editors,
    take_step,
)
from members.models import User
from members.permissions import is_of_network
from notifications.services import tell


def require_thematic_reviewer(contribution: Contribution, reviewer: User) -> None:
    """:raises ReviewRefused: for somebody who is not of the network, or has a part in it"""
    if not is_of_network(reviewer):
        raise ReviewRefused(_("Choose a person of the network."), "not-of-network")
    if has_part_in(reviewer, contribution):
        raise ReviewRefused(
            _("This person has a part in the contribution. Choose somebody else."), "has-part"
        )


@transaction.atomic
def ask_opinion(
    *, contribution: Contribution, editor: User, reviewer: User, question: str = ""
) -> Opinion:
    """
    Ask a person of the network for advice. They see the draft from now on, and are told. Until they
    have answered, or the question is taken back, nothing is published.

    :raises PermissionDenied: for somebody who is no editor
    :raises ReviewRefused: for an editor or a reviewer who has a part in it, for a reviewer who is
        not of the network, for what is not with the editors, and while somebody is asked already
    """
    contribution = hold(contribution)
    require_reviewer(contribution, editor)
    require_with_editors(contribution)
    require_thematic_reviewer(contribution, reviewer)
    if open_opinions(contribution):
        raise ReviewRefused(_("Somebody is asked already."), "asked")
    opinion = Opinion.objects.create(
        contribution=contribution, reviewer=reviewer, question=question.strip(), asked_by=editor
    )
    take_step(contribution, StepKind.OPINION_ASKED, editor, data={"opinion": opinion.pk})
    tell(
        people=[reviewer],
        kind="contribution-opinion-asked",
        data=data_of(contribution, editor) | {"question": opinion.question},
    )
    return opinion


def _hold_open(opinion: Opinion) -> tuple[Contribution, Opinion]:
    """:raises ReviewRefused: for one that is given or taken back"""
    contribution = hold(opinion.contribution)
    opinion = contribution.opinions.select_related("reviewer", "asked_by").get(pk=opinion.pk)
    if opinion.given_at:
        raise ReviewRefused(_("The answer is given already."), "given")
    if opinion.dropped_at:
        raise ReviewRefused(_("The question has been taken back."), "dropped")
    return contribution, opinion


@transaction.atomic
def drop_opinion(*, opinion: Opinion, editor: User) -> None:
    """
    Take a question back. Who was asked is told, and sees the draft no more.

    :raises PermissionDenied: for somebody who is no editor
    :raises ReviewRefused: for one who has a part in it, and for a question that is not open
    """
    contribution, opinion = _hold_open(opinion)
    require_reviewer(contribution, editor)
    close_opinion(contribution, opinion, editor)


@transaction.atomic
def give_opinion(*, opinion: Opinion, person: User, verdict: Verdict, words: str) -> None:
    """
    Advise the editors. Who asked is told, and so is whoever reviews it now.

    :param words: the reasons
    :raises PermissionDenied: for somebody else than who was asked
    :raises ReviewRefused: for a question that is not open, for one who has a part in it by now or
        has left the network, and where no reasons are given
    """
    contribution, opinion = _hold_open(opinion)
    if opinion.reviewer_id != person.pk:
        raise PermissionDenied
    require_thematic_reviewer(contribution, person)
    if verdict not in Verdict.values or not words.strip():
        raise ReviewRefused(_("Choose what you advise, and write the reasons."), "reason")
    opinion.verdict, opinion.words, opinion.given_at = verdict, words.strip(), timezone.now()
    opinion.save(update_fields=["verdict", "words", "given_at"])
    take_step(
        contribution,
        StepKind.OPINION_GIVEN,
        person,
        data={"opinion": opinion.pk, "verdict": opinion.verdict},
    )
    asking = [opinion.asked_by, *([contribution.reviewer] if contribution.reviewer else [])]
    tell(
        people=asking,
        kind="contribution-opinion-given",
        data=data_of(contribution, person, opinion.words) | {"verdict": opinion.verdict},
    )
