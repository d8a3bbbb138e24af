"""
The label of the network: its published criteria, and what a page shows of it.

The criteria have versions. An award names the version that it was given on, so its proof goes on
telling what was looked at then: what was published is never changed; new words are a new version.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from practices.enums import Audience, PracticeKind
from practices.models import Award, PracticePage

HOLDS_FOR = 24  # months, where the editors set no other day
LONGEST = 36  # months
REVIEWERS = 2  # at least; and so many find each criterion met
MOST_REVIEWERS = 6
TOLD_BEFORE = 60  # days before it runs out; from then on it may be given anew


class Criterion(NamedTuple):
    """
    One thing that is looked at.

    :param code: it stands in the reviews
    :param looked_at: what a reviewer looks for
    """

    code: str
    title: str | Promise
    looked_at: str | Promise


CRITERIA: dict[int, tuple[Criterion, ...]] = {
    1: (
        Criterion(
            "need",
            _("It answers a need that residents have"),
            _(
                "The page says which problem there was and for whom, and how the collectivity "
                "learned of it."
            ),
        ),
        Criterion(
            "openness",
            _("It opens something up"),
            _(
                "Residents see, understand, decide or obtain more than before, and the page says "
                "what exactly, under at least one of the five principles."
            ),
        ),
        Criterion(
            "together",
            _("It was done together with civil society"),
            _(
                "Associations or residents had a part in at least two of the four stages: design, "
                "implementation, monitoring, evaluation. What they did is told."
            ),
        ),
        Criterion(
            "results",
            _("Its results are shown"),
            _(
                "There is at least one figure with its source and its date, and somebody else "
                "could check it."
            ),
        ),
        Criterion(
            "everybody",
            _("Nobody is left out"),
            _(
                "Thought was given to those who are reached less easily: women, young and older "
                "people, people with a disability, remote places, those who do not read or have "
                "no internet."
            ),
        ),
        Criterion(
            "lasting",
            _("It lasts"),
            _(
                "It has run for six months or more, or is finished, and does not hang on one "
                "person: a service, a rule or a budget carries it."
            ),
        ),
        Criterion(
            "transfer",
            _("Others can take it over"),
            _(
                "Steps, means and conditions are told so that another collectivity could begin, "
                "and the difficulties are told as frankly as the success."
            ),
        ),
    ),
}
NEWEST = max(CRITERIA)


def codes_of(version: int) -> list[str]:
    return [one.code for one in CRITERIA[version]]


def can_hold(page: PracticePage) -> bool:
    """Return whether a published practice is of a kind that the label is for."""
    return (
        page.audience == Audience.PUBLIC
        and not page.hides_collectivity
        and page.kind != PracticeKind.DID_NOT_WORK
    )


def award_of(page: PracticePage) -> dict:
    """
    Return what the page of a practice shows of the label: the award that holds today, or None.

    One query. What is kept back shows none.
    """
    if not can_hold(page):
        return {"award": None}
    return {"award": Award.objects.standing().filter(practice=int(page.number)).first()}


def mark_holders(pages: Sequence[PracticePage]) -> Sequence[PracticePage]:
    """Tell each practice of a list whether it holds the label (`holds_label`); one query."""
    numbers = {page.pk: int(page.number) for page in pages}
    holders = set(
        Award.objects.standing()
        .filter(practice__in=set(numbers.values()))
        .values_list("practice", flat=True)
    )
    for page in pages:
        page.holds_label = numbers[page.pk] in holders and can_hold(page)
    return pages
