"""How far a contribution is, read alone and in a list, and as a filter."""

import pytest

from contributions.enums import State
from contributions.models import Contribution
from contributions.services import review, shelf
from contributions.states import in_state, state_of, with_editors, with_states
from tests.contributions.factories import (
    change,
    make_draft,
    make_editor,
    make_published,
    make_submitted,
    read_anew,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def one_of_each():
    """A contribution in each state, and a published one with a newer version under way."""
    editor = make_editor()
    made = {
        "draft": make_draft(),
        "submitted": make_submitted(),
        "in-review": make_submitted(),
        "changes-asked": make_submitted(),
        "published": make_published(),
        "unpublished": make_published(),
        "archived": make_published(),
        "new version": make_published(),
        "new version submitted": make_published(),
    }
    review.take_over(contribution=made["in-review"], editor=editor)
    review.ask_for_changes(contribution=made["changes-asked"], editor=editor, words="Plus court")
    shelf.unpublish(contribution=made["unpublished"], editor=editor, words="Faux")
    shelf.archive(contribution=made["archived"], editor=editor, words="Vieux")
    for name in ("new version", "new version submitted"):
        change(made[name], made[name].started_by, lessons="<p>Tôt</p>")
    submitted = made["new version submitted"]
    review.submit(contribution=submitted, person=submitted.started_by)
    return made


EXPECTED = {
    "draft": State.DRAFT,
    "submitted": State.SUBMITTED,
    "in-review": State.IN_REVIEW,
    "changes-asked": State.CHANGES_ASKED,
    "published": State.PUBLISHED,
    "unpublished": State.UNPUBLISHED,
    "archived": State.ARCHIVED,
    "new version": State.DRAFT,
    "new version submitted": State.SUBMITTED,
}


def test_the_state_is_that_of_the_newest_version(one_of_each):
    found = {name: state_of(read_anew(one)) for name, one in one_of_each.items()}
    assert found == EXPECTED
    live = {name for name, one in one_of_each.items() if read_anew(one).page.live}
    assert live == {"published", "new version", "new version submitted"}


def test_a_list_asks_nothing_for_a_row(one_of_each, django_assert_num_queries):
    with django_assert_num_queries(1):
        states = {one.pk: state_of(one) for one in with_states(Contribution.objects.all())}
    assert states == {one.pk: EXPECTED[name] for name, one in one_of_each.items()}


def test_each_state_can_be_asked_for(one_of_each):
    everything = with_states(Contribution.objects.all())
    for state in State:
        expected = {one.pk for name, one in one_of_each.items() if EXPECTED[name] == state}
        assert set(in_state(everything, state).values_list("pk", flat=True)) == expected, state
    waiting = {"submitted", "in-review", "new version submitted"}
    expected = {one_of_each[name].pk for name in waiting}
    assert set(with_editors(everything).values_list("pk", flat=True)) == expected
