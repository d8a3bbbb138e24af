"""The profile of a collectivity or an association, and leaving the network."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import languages
from members.access import in_space
from members.forms.profile import ContactsForm, LeaveForm, profile_form
from members.models import Association, Organisation
from members.permissions import may
from members.services.leaving import LeavingRefused, is_in_network, leave_network
from members.services.profile import ProfileChanged, stamp_of, told_of, write_profile


@in_space("profile.write")
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request, organisation: Organisation):
    """What the organisation tells of itself, and the form that changes it."""
    make_form = profile_form(organisation)
    if request.method != "POST":
        told = told_of(organisation)
        initial = told | {"seen": stamp_of(told)}
        initial["language"] = told["language"] or languages.current()
        return _show(request, organisation, make_form(initial=initial, organisation=organisation))
    form = make_form(request.POST, organisation=organisation)
    if not form.is_valid():
        return _show(request, organisation, form, status=422)
    try:
        write_profile(
            organisation=organisation,
            person=request.user,
            fields=form.told,
            seen=form.cleaned_data["seen"],
        )
    except ProfileChanged as changed:
        differing = form.ask_again(changed.told, stamp_of(changed.told))
        return _show(request, organisation, form, differing=differing, status=422)
    messages.success(request, _("Saved. It stands on the public page."))
    return redirect("space_profile", key=organisation.key)


def _show(
    request,
    organisation: Organisation,
    form: ContactsForm,
    *,
    differing: list[dict] | None = None,
    status: int = 200,
):
    """:param differing: what somebody else saved meanwhile, field by field"""
    return render(
        request,
        "members/space/profile.html",
        {
            "organisation": organisation,
            "is_association": isinstance(organisation, Association),
            "form": form,
            "differing": differing or [],
            "leaves": may(request.user, "membership.leave", organisation)
            and is_in_network(organisation),
        },
        status=status,
    )


@in_space("membership.leave")
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request, organisation: Organisation):
    """Ask once more, with what stays and what ends, then leave."""
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            leave_network(
                organisation=organisation,
                person=request.user,
                reason=form.cleaned_data["reason"],
            )
        except LeavingRefused as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("Done. What was signed and published stays."))
        return redirect("space_home", key=organisation.key)
    return render(
        request,
        "members/space/leave.html",
        {
            "organisation": organisation,
            "is_association": isinstance(organisation, Association),
            "in_network": is_in_network(organisation),
            "form": form,
        },
        status=422 if form.is_bound else 200,
    )
