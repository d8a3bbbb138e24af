"""
What Wagtail's own pages may do with what members write: nothing by which its review is passed over,
or one publishes what one has a part in. Wagtail asks before it acts; the answer is 403, in words.
"""

from collections.abc import Callable, Iterable

from django.db.models import Q
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.models import Page, Revision

from contributions.models import Contribution
from contributions.permissions import has_part_in
from members.models import User

HAS_PART = gettext_lazy(
    "You have a part in it: an editor who has none publishes it, or takes it off."
)
NOT_REVIEWED = gettext_lazy("It becomes public by its review, once its authors have submitted it.")
Hindrance = Callable[[Contribution, User], Promise | None]


def hindrance_to_publish(contribution: Contribution, user: User) -> Promise | None:
    """
    Return why somebody does not publish a contribution on Wagtail's own pages, None where they do:
    an editor who has no part in it, who puts something right in what is public.
    """
    if has_part_in(user, contribution):
        return HAS_PART
    page = contribution.page
    if not page.live or page.live_revision is None or page.workflow_in_progress:
        return NOT_REVIEWED
    newer = Revision.objects.for_instance(page).filter(created_at__gt=page.live_revision.created_at)
    writers = User.objects.filter(pk__in=newer.values("user")).exclude(pk=user.pk)
    waits = any(has_part_in(one, contribution) for one in writers)
    return NOT_REVIEWED if waits else None


def hindrance_to_take_off(contribution: Contribution, user: User) -> Promise | None:
    return HAS_PART if has_part_in(user, contribution) else None


def written_among(pages: Iterable[Page], with_all_below: bool) -> list[Contribution]:
    """
    Return the contributions among pages.

    :param with_all_below: whether the pages below them count too
    """
    among = Q(page__in=[page.pk for page in pages if page.pk])
    if with_all_below:
        for page in pages:
            among |= Q(page__path__startswith=page.path)
    return list(Contribution.objects.filter(among).select_related("page__live_revision"))


def refuse(request, found: list[Contribution], hindrance: Hindrance):
    """Return the answer that refuses, None where nothing hinders."""
    hindered = [(one, hindrance(one, request.user)) for one in found]
    hindered = [(one, why) for one, why in hindered if why]
    if not hindered:
        return None
    context = {"hindered": hindered}
    return render(request, "contributions/admin/refused.html", context, status=403)


def goes_below(request) -> bool:
    return bool(request.POST.get("include_descendants"))


@hooks.register("before_publish_page")
def guard_publishing(request, page: Page):
    return refuse(request, written_among([page], False), hindrance_to_publish)


@hooks.register("before_unpublish_page")
def guard_taking_off(request, page: Page):
    return refuse(request, written_among([page], goes_below(request)), hindrance_to_take_off)


@hooks.register("before_bulk_action")
def guard_many(request, action_type: str, objects, action):
    hindrances = {"publish": hindrance_to_publish, "unpublish": hindrance_to_take_off}
    if action_type not in hindrances or not objects or not isinstance(objects[0], Page):
        return None
    return refuse(request, written_among(objects, goes_below(request)), hindrances[action_type])


@hooks.register("before_copy_page")
def guard_copying(request, page: Page):
    """A copy would be a page that nobody reviews."""
    found = written_among([page], "copy_subpages" in request.POST)
    return refuse(request, found, lambda contribution, user: NOT_REVIEWED)
