"""
What Wagtail's own pages may do with what members write: nothing by which its review is passed over,
one publishes what one has a part in, or its authors lose it. Wagtail asks before it acts; the
answer is 403, in words.
"""

from collections.abc import Callable, Iterable

from django.db.models import Q, QuerySet
from django.shortcuts import render
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.models import Page, Revision
from wagtail_localize.views.update_translations import UpdateTranslationsView

from contributions.models import Contribution
from contributions.permissions import has_part_in
from members.models import User

HAS_PART = gettext_lazy(
    "You have a part in it: an editor who has none publishes it, or takes it off."
)
NOT_REVIEWED = gettext_lazy("It becomes public by its review, once its authors have submitted it.")
WITHOUT_REASON = gettext_lazy(
    "It is taken off on the page of its review, with a reason: its authors read it."
)
NEVER_PUBLIC = gettext_lazy(
    "It is a draft of its authors, who delete it themselves. Ask for changes, or write to them."
)
RETIRE = gettext_lazy(
    "It is not deleted here: its authors would lose it with its history and files, untold. Retire "
    "it or take it off the site on the page of its review, with a reason that they read."
)
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
    """Wagtail's own pages ask for no reason; what is not public is taken off by nobody."""
    if not contribution.page.live:
        return None
    return HAS_PART if has_part_in(user, contribution) else WITHOUT_REASON


def all_of(pages: Iterable[Page], with_all_below: bool) -> QuerySet[Page]:
    """
    Return pages as a query.

    :param with_all_below: whether the pages below them count too
    """
    among = Q(pk__in=[page.pk for page in pages if page.pk])
    if with_all_below:
        for page in pages:
            among |= Q(path__startswith=page.path)
    return Page.objects.filter(among)


def written_among(pages: Iterable[Page], with_all_below: bool) -> list[Contribution]:
    """Return the contributions among pages."""
    among = all_of(pages, with_all_below)
    written = Contribution.objects.filter(page__in=among.values("pk"))
    return list(written.select_related("page__live_revision"))


def hindrance_to_publish_translation(contribution: Contribution, user: User) -> Promise | None:
    """The same for a page that tells in another language what members wrote."""
    if has_part_in(user, contribution):
        return HAS_PART
    return None if contribution.page.live else NOT_REVIEWED


def translated_among(pages: Iterable[Page], with_all_below: bool) -> list[Contribution]:
    """Return the contributions of which translations of the editors are among pages."""
    translations = all_of(pages, with_all_below).filter(contribution=None)
    written = Contribution.objects.filter(
        page__translation_key__in=translations.values("translation_key")
    )
    return list(written.select_related("page"))


def refuse_publishing(request, pages: Iterable[Page], with_all_below: bool):
    """Return the answer that refuses to publish pages, None where nothing hinders."""
    return refuse(request, written_among(pages, with_all_below), hindrance_to_publish) or refuse(
        request, translated_among(pages, with_all_below), hindrance_to_publish_translation
    )


def refuse(request, found: list[Contribution], hindrance: Hindrance):
    """Return the answer that refuses, None where nothing hinders."""
    hindered = [(one, hindrance(one, request.user)) for one in found]
    hindered = [(one, why) for one, why in hindered if why]
    if not hindered:
        return None
    context = {"hindered": hindered, "is_deleting": hindrance is hindrance_to_delete}
    return render(request, "contributions/admin/refused.html", context, status=403)


def hindrance_to_delete(contribution: Contribution, user: User) -> Promise:
    """Nobody deletes what members write on Wagtail's pages: its history and files would go too."""
    if contribution.page.first_published_at is None:
        return NEVER_PUBLIC
    return RETIRE


def goes_below(request) -> bool:
    return bool(request.POST.get("include_descendants"))


@hooks.register("before_publish_page")
def guard_publishing(request, page: Page):
    return refuse_publishing(request, [page], False)


@hooks.register("before_edit_page", order=-1)
def guard_publishing_translation(request, page: Page):
    """wagtail-localize stands in for Wagtail's editor by this hook, and asks no other."""
    if request.method == "POST" and request.POST.get("action") == "publish":
        return refuse_publishing(request, [page], False)
    return None


class GuardedUpdate(UpdateTranslationsView):
    """wagtail-localize's page that brings translations up to date, and publishes them if asked."""

    def post(self, request, **kwargs):
        if "publish_translations" in request.POST:
            translations = Page.objects.filter(translation_key=self.object.object_id)
            if refused := refuse_publishing(request, translations.filter(contribution=None), False):
                return refused
        return super().post(request, **kwargs)


@hooks.register("register_admin_urls", order=-1)
def guard_updating_translations():
    """Stand before the address of wagtail-localize's own view."""
    return [path("localize/update/<int:translation_source_id>/", GuardedUpdate.as_view())]


@hooks.register("before_unpublish_page")
def guard_taking_off(request, page: Page):
    return refuse(request, written_among([page], goes_below(request)), hindrance_to_take_off)


@hooks.register("before_delete_page")
def guard_deleting(request, page: Page):
    return refuse(request, written_among([page], True), hindrance_to_delete)


@hooks.register("before_bulk_action")
def guard_many(request, action_type: str, objects, action):
    hindrances = {"unpublish": hindrance_to_take_off, "delete": hindrance_to_delete}
    if not objects or not isinstance(objects[0], Page):
        return None
    below = action_type == "delete" or goes_below(request)
    if action_type == "publish":
        return refuse_publishing(request, objects, below)
    if action_type not in hindrances:
        return None
    return refuse(request, written_among(objects, below), hindrances[action_type])


@hooks.register("before_copy_page")
def guard_copying(request, page: Page):
    """A copy would be a page that nobody reviews."""
    found = written_among([page], "copy_subpages" in request.POST)
    return refuse(request, found, lambda contribution, user: NOT_REVIEWED)
