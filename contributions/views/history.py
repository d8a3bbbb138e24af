"""What a contribution was before: its versions, what changed, and the way back; its preview."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.models import Revision

from contributions.access import reads_it
from contributions.differences import differences
from contributions.drafts import kind_of, newest, values_of, with_named
from contributions.models import Contribution
from contributions.services.drafts import DraftRefused, restore
from contributions.views.writing import frame_with_names
from core import languages
from search.services import page_number

SHOWN = 50  # versions on a page: two who write at the same time make one with each save


def versions_of(contribution: Contribution):
    """Return the versions of a contribution, the newest first."""
    return (
        Revision.page_revisions.filter(object_id=str(contribution.page_id))
        .select_related("user")
        .order_by("-created_at", "-pk")
    )


@reads_it
@require_safe
def history(request, contribution: Contribution):
    """Who wrote when, and what was done with it."""
    context = frame_with_names(request, contribution)
    pages = Paginator(versions_of(contribution), SHOWN)
    steps = contribution.steps.select_related("by").order_by("-at", "-pk")
    return render(
        request,
        "contributions/history.html",
        context
        | {
            "versions": pages.get_page(page_number(request.GET.get("page", "1"))),
            "all_steps": steps,
            "live": contribution.page.live_revision_id,
        },
    )


@reads_it
@require_http_methods(["GET", "HEAD", "POST"])
def version(request, contribution: Contribution, revision: int):
    """What one version changed; authors can take it up again."""
    versions = versions_of(contribution)
    found = versions.filter(pk=revision).first() if revision < 2**63 else None
    if found is None:
        raise Http404("There is no such version.")
    context = frame_with_names(request, contribution)
    if request.method == "POST":
        try:
            restore(contribution=contribution, revision=found, person=request.user)
            messages.success(request, _("This version is taken up again as the newest one."))
        except DraftRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("contribution", pk=contribution.pk)
    before = versions.filter(created_at__lt=found.created_at).first()
    kind = kind_of(contribution)
    told = values_of(kind, with_named(found.as_object()))
    earlier = values_of(kind, with_named(before.as_object())) if before else []
    return render(
        request,
        "contributions/version.html",
        context
        | {
            "version": found,
            "before": before,
            "differences": differences(earlier, told),
            "is_newest": found.pk == contribution.page.latest_revision_id,
        },
    )


@reads_it
@require_safe
def preview(request, contribution: Contribution):
    """The newest version as the public will see it."""
    page = with_named(newest(contribution))
    wanted = request.GET.get("in", "")
    language = wanted if wanted in languages.CODES else page.language
    request.is_preview = True
    request.way_back = reverse("contribution", args=[contribution.pk])  # in the reader's language
    with override(language):
        request.LANGUAGE_CODE = language
        response = kind_of(contribution).preview(request, page)
    response["X-Robots-Tag"] = "noindex"
    return response
