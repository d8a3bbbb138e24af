"""The page of a thematic reviewer: what is asked, the draft, the criteria, the answer."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contributions.access import reads_it
from contributions.drafts import kind_of, newest
from contributions.forms.opinion import OpinionForm
from contributions.models import Contribution
from contributions.services.opinions import give_opinion
from contributions.services.review import ReviewRefused


@reads_it
@require_http_methods(["GET", "HEAD", "POST"])
def opinion(request, contribution: Contribution):
    """
    Show what somebody is asked to advise on, and take the answer. Who writes it is not told here:
    it may be somebody who hides their name.
    """
    asked = contribution.opinions.filter(reviewer=request.user, dropped_at=None)
    mine = asked.select_related("asked_by").order_by("pk").last()
    if mine is None:
        raise PermissionDenied
    form = OpinionForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            give_opinion(opinion=mine, person=request.user, **form.cleaned_data)
        except ReviewRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Thank you. The editors are told."))
            return redirect("contribution_opinion", pk=contribution.pk)
    return render(
        request,
        "contributions/opinion.html",
        {
            "contribution": contribution,
            "page": newest(contribution),
            "kind": kind_of(contribution),
            "opinion": mine,
            "form": form,
        },
        status=422 if form.errors else 200,
    )
