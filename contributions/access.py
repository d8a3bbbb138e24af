"""The doors before a contribution: who does not see it, for whom it does not exist."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import Http404
from wagtail.models import Page

from contributions.models import Contribution
from contributions.permissions import leads, writes
from members.access import private, to_login
from members.models import User


def seen_by(person: User, pk: int) -> Contribution:
    """
    Return a contribution that somebody may see, with its page.

    :raises Http404: for everybody else
    """
    visible = Contribution.objects.visible_to(person).select_related("page__locale")
    found = visible.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404("There is no such contribution.")
    return found


def _door(right: str, allows: Callable[[User, Contribution], bool]) -> Callable:
    def decorate(view: Callable) -> Callable:
        @private
        @wraps(view)
        def guarded(request, pk: int, *args, **kwargs):
            if not request.user.is_authenticated:
                return to_login(request)
            contribution = seen_by(request.user, pk)
            if not allows(request.user, contribution):
                raise PermissionDenied
            try:
                return view(request, contribution, *args, **kwargs)
            except (Contribution.DoesNotExist, Page.DoesNotExist) as gone:
                # Somebody dropped it while this was on its way.
                raise Http404("There is no such contribution any more.") from gone

        guarded.right = right
        return guarded

    return decorate


# Called with the contribution in place of its key.
reads_it = _door("contribution.read", lambda person, contribution: True)
writes_it = _door("contribution.write", writes)
leads_it = _door("contribution.write", leads)
