"""
Who may do what with a contribution.

Who may see it: `Contribution.objects.visible_to`. Who writes: the people of the collectivities that
write it. Who reviews: editors who have no part in it.
"""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from contributions.models import Authorship, Contribution
from members.models import User
from members.permissions import (
    ASSOCIATIONS,
    EDITORS,
    MEMBERS,
    Right,
    may,
    register_right,
    standing_of,
)

Person = User | AnonymousUser

for one in (
    Right("contribution.write", _("Write and submit for a collectivity"), own=MEMBERS),
    Right(
        "contribution.read",
        _("Read a draft, its files and its history: partners and reviewers who were asked"),
        everywhere=EDITORS,
        own=MEMBERS | ASSOCIATIONS,
    ),
    Right(
        "contribution.review",
        _("Review, publish, retire and take off the site what members write"),
        everywhere=EDITORS,
    ),
):
    register_right(one)


def collectivities_of(user: Person) -> set[int]:
    """Return the keys of the collectivities in which somebody has a place."""
    return {one.collectivity_id for one in standing_of(user).places if one.collectivity_id}


def writes(user: Person, contribution: Contribution) -> bool:
    """Return whether somebody belongs to a collectivity that writes a contribution."""
    mine = collectivities_of(user)
    return (
        bool(mine)
        and (
            Authorship.objects.writing().filter(contribution=contribution, collectivity__in=mine)
        ).exists()
    )


def leads(user: Person, contribution: Contribution) -> bool:
    """Return whether somebody belongs to the collectivity that leads."""
    mine = collectivities_of(user)
    return (
        bool(mine)
        and (
            Authorship.objects.filter(contribution=contribution, leads=True, collectivity__in=mine)
        ).exists()
    )


def may_know_authors(user: Person, contribution: Contribution, page: Page) -> bool:
    """
    Return whether somebody who reads a draft may know who writes it: who reads it as a partner or a
    thematic reviewer learns no name that the page hides.

    :param page: the newest version
    """
    if not getattr(page, "hides_collectivity", False) or may(user, "contribution.review"):
        return True
    own = Contribution.objects.written_by(collectivities_of(user))
    return own.filter(pk=contribution.pk).exists()


def has_part_in(user: Person, contribution: Contribution) -> bool:
    """
    Return whether somebody had a hand in a contribution: began it, or belongs or belonged to a
    collectivity that writes it. Such a one never reviews it.
    """
    if contribution.started_by_id == user.pk:
        return True
    return contribution.authorships.filter(Q(collectivity__affiliations__person=user.pk)).exists()


def may_review(user: Person, contribution: Contribution) -> bool:
    return may(user, "contribution.review") and not has_part_in(user, contribution)


def may_review_page(user: Person, page: Page) -> bool:
    """The same for a page; one that no member wrote is any editor's."""
    contribution = Contribution.objects.filter(page=page.pk).first()
    if contribution is None:
        return may(user, "contribution.review")
    return may_review(user, contribution)
