"""The page on which owners say that a practice is still true."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import languages
from members.access import private, to_login
from members.models import User
from members.permissions import may
from practices.freshness import figures_without_source, freshness_of
from practices.models import PracticePage
from practices.services.freshness import confirm_still_true
from practices.services.recognition import owners_of


@private
@require_http_methods(["GET", "HEAD", "POST"])
def still_true(request, slug: str):
    """When a practice was last confirmed, and a button that says that it is still true."""
    if not request.user.is_authenticated:
        return to_login(request)
    page = _readable(request.user, slug)
    owns = any(one.pk == request.user.pk for one in owners_of(page))
    if not owns and not may(request.user, "practice.confirm"):
        raise PermissionDenied
    if request.method == "POST":
        confirm_still_true(practice=page, person=request.user)
        messages.success(request, _("Thank you. Readers see today’s date."))
        return redirect("practice_still_true", slug=slug)
    context = {"page": page, "owns": owns, "figures": figures_without_source(page)}
    return render(request, "practices/freshness/still_true.html", context | freshness_of(page))


still_true.right = "practice.confirm"


def _readable(person: User, slug: str) -> PracticePage:
    """
    Return the published version that somebody may read, nearest to them.

    :raises Http404: where there is none
    """
    versions = PracticePage.objects.visible_to(person).filter(slug=slug).select_related("locale")
    order = languages.FALLBACKS[languages.current()]
    found = sorted(versions, key=lambda version: order.index(version.language))
    if not found:
        raise Http404("No practice has this address.")
    return found[0]
