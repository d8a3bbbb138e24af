"""Writing together: the collectivities of a contribution, the notes of its reviewers."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from contributions.access import leads_it, reads_it, writes_it
from contributions.drafts import kind_of
from contributions.models import Contribution
from contributions.services.authors import ask_to_write_along, decide_authorship, end_authorship
from contributions.services.drafts import DraftRefused
from contributions.services.review import mark_note_done
from contributions.views.writing import frame_with_names
from members.models import Collectivity

MOST_FOUND = 12


class WhoForm(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Name of the collectivity"), required=False, max_length=100
    )


@reads_it
@require_http_methods(["GET", "HEAD", "POST"])
def authors(request, contribution: Contribution):
    """Who writes it; the one that leads asks others, found by their name."""
    context = frame_with_names(request, contribution)
    if request.method == "POST":
        if not context["leads"]:
            raise PermissionDenied
        collectivity = get_object_or_404(Collectivity, slug=request.POST.get("collectivity", ""))
        try:
            ask_to_write_along(
                contribution=contribution, collectivity=collectivity, person=request.user
            )
            messages.success(request, _("Asked. They see the draft and are told by mail."))
        except DraftRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("contribution_authors", pk=contribution.pk)
    form = WhoForm(request.GET)
    asked = form.cleaned_data["q"].strip() if form.is_valid() else ""
    found = []
    if asked and context["leads"]:
        there = [one.collectivity_id for one in context["authors"]]
        named = Collectivity.objects.members().named(asked).exclude(pk__in=there)
        found = list(named.select_related("parent").order_by("code")[:MOST_FOUND])
    return render(
        request,
        "contributions/authors.html",
        context | {"who_form": form, "found": found, "asked": asked},
    )


@reads_it
@require_POST
def answer(request, contribution: Contribution, authorship: int):
    """Agree to write along, or not, or no more."""
    found = get_object_or_404(contribution.authorships, pk=authorship)
    agrees = request.POST.get("answer") == "yes"
    decide_authorship(authorship=found, person=request.user, agrees=agrees)
    if agrees:
        messages.success(request, _("You write along from now on."))
        return redirect("contribution", pk=contribution.pk)
    messages.success(request, _("Noted. The draft has left your space."))
    return redirect("space")


@leads_it
@require_POST
def end(request, contribution: Contribution, authorship: int):
    """Have another collectivity write along no more."""
    found = get_object_or_404(contribution.authorships, pk=authorship)
    end_authorship(authorship=found, person=request.user)
    messages.success(request, _("It writes along no more."))
    return redirect("contribution_authors", pk=contribution.pk)


@writes_it
@require_POST
def note_done(request, contribution: Contribution, note: int):
    """Tick a reviewer's note."""
    found = contribution.notes.filter(pk=note, told_at__isnull=False).first()
    if found is None:
        raise Http404("There is no such note.")
    mark_note_done(note=found, person=request.user)
    messages.success(request, _("Ticked."))
    section = next(
        (
            one
            for one in kind_of(contribution).sections
            if found.field in {part.name for part in (*one.fields, *one.rows)}
        ),
        None,
    )
    if section:
        return redirect("contribution_section", pk=contribution.pk, section=section.name)
    return redirect("contribution", pk=contribution.pk)
