"""The second step of a review: a thematic reviewer is asked, sees the draft, and advises."""

import pytest
from django.core.exceptions import PermissionDenied

from contributions.enums import StepKind, Verdict
from contributions.services import opinions, review
from tests.contributions.factories import (
    change,
    make_author,
    make_editor,
    make_submitted,
    make_thematic_reviewer,
    publish,
    refusal,
    steps,
    told,
)
from tests.members.factories import make_person

pytestmark = pytest.mark.django_db


def test_a_thematic_reviewer_is_asked_sees_it_and_answers():
    contribution, editor, reviewer = make_submitted(), make_editor(), make_thematic_reviewer()
    visible = type(contribution).objects.visible_to
    assert not visible(reviewer).exists()
    opinion = opinions.ask_opinion(
        contribution=contribution, editor=editor, reviewer=reviewer, question="La loi ?"
    )
    assert visible(reviewer).get() == contribution
    assert told(reviewer) == ["contribution-opinion-asked"]
    assert refusal(publish, contribution=contribution, editor=editor) == "opinion"
    again = {"contribution": contribution, "editor": editor, "reviewer": make_editor()}
    assert refusal(opinions.ask_opinion, **again) == "asked"

    answer = {"opinion": opinion, "verdict": Verdict.PUBLISH, "words": "Conforme"}
    with pytest.raises(PermissionDenied):
        opinions.give_opinion(**answer, person=editor)
    assert refusal(opinions.give_opinion, **answer | {"words": ""}, person=reviewer) == "reason"
    forged = answer | {"verdict": "yes"}
    assert refusal(opinions.give_opinion, **forged, person=reviewer) == "reason"
    opinions.give_opinion(**answer, person=reviewer)
    assert told(editor) == ["contribution-opinion-given"]
    assert refusal(opinions.give_opinion, **answer, person=reviewer) == "given"
    assert visible(reviewer).get() == contribution
    publish(contribution, editor)
    assert not visible(reviewer).exists()
    assert steps(contribution)[2:] == [
        StepKind.OPINION_ASKED,
        StepKind.OPINION_GIVEN,
        StepKind.PUBLISHED,
    ]


def test_a_thematic_reviewer_is_of_the_network_and_has_no_part_in_it():
    contribution, editor = make_submitted(), make_editor()
    asked = {"contribution": contribution, "editor": editor}
    outsider, colleague = make_person(), make_author(contribution.collectivities.first())
    assert refusal(opinions.ask_opinion, **asked, reviewer=outsider) == "not-of-network"
    assert refusal(opinions.ask_opinion, **asked, reviewer=colleague) == "has-part"
    closed = make_thematic_reviewer()
    closed.is_active = False
    assert refusal(opinions.ask_opinion, **asked, reviewer=closed) == "not-of-network"
    assert opinions.ask_opinion(**asked, reviewer=make_thematic_reviewer())


def test_a_question_is_taken_back_and_nothing_waits_for_it_any_more():
    contribution, editor, reviewer = make_submitted(), make_editor(), make_thematic_reviewer()
    opinion = opinions.ask_opinion(contribution=contribution, editor=editor, reviewer=reviewer)
    opinions.drop_opinion(opinion=opinion, editor=editor)
    assert told(reviewer)[-1] == "contribution-opinion-dropped"
    assert not type(contribution).objects.visible_to(reviewer).exists()
    answer = {"opinion": opinion, "verdict": Verdict.PUBLISH, "words": "Conforme"}
    assert refusal(opinions.give_opinion, **answer, person=reviewer) == "dropped"
    publish(contribution, editor)


def test_a_question_falls_away_when_the_contribution_leaves_the_editors():
    contribution, editor, reviewer = make_submitted(), make_editor(), make_thematic_reviewer()
    opinion = opinions.ask_opinion(contribution=contribution, editor=editor, reviewer=reviewer)
    review.withdraw(contribution=contribution, person=contribution.started_by)
    opinion.refresh_from_db()
    assert opinion.dropped_at
    assert told(reviewer)[-1] == "contribution-opinion-dropped"


def test_what_is_written_after_the_answer_is_seen_when_asked_anew_only():
    contribution, editor, reviewer = make_submitted(), make_editor(), make_thematic_reviewer()
    visible = type(contribution).objects.visible_to
    asked = {"contribution": contribution, "editor": editor, "reviewer": reviewer}
    opinion = opinions.ask_opinion(**asked)
    opinions.give_opinion(
        opinion=opinion, verdict=Verdict.CHANGE, words="Et la loi ?", person=reviewer
    )
    review.ask_for_changes(contribution=contribution, editor=editor, words="La loi manque.")
    assert not visible(reviewer).exists()
    change(contribution, contribution.started_by)
    review.submit(contribution=contribution, person=contribution.started_by)
    assert not visible(reviewer).exists()
    opinions.ask_opinion(**asked)
    assert visible(reviewer).get() == contribution
