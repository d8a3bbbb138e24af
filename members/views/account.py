"""
One's own account: looked at, changed, exported, deleted.

No address here holds a number: everybody comes to their own account alone.
"""

from allauth.account.decorators import reauthentication_required
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import logout
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.downloads import keep_uncompressed
from members.access import requires
from members.forms.account import DeleteForm, PersonalForm
from members.permissions import standing_of
from members.services.privacy import (
    DeletionRefused,
    Hindrances,
    TooManyExports,
    change_personal_data,
    delete_account,
    export_personal_data,
    hindrances_of,
    places_of,
)
from members.services.staff import staff_role_of

shown_and_sent = require_http_methods(["GET", "HEAD", "POST"])


@requires("account.own")
@require_safe
def account(request):
    """Show who the person is here, what is kept of them, and where each thing is changed."""
    role = staff_role_of(request.user)
    return render(
        request,
        "members/account/account.html",
        {
            "person": request.user,
            "places": standing_of(request.user).places,
            "staff_role": role.label if role else "",
            "has_second_step": is_mfa_enabled(request.user),
        },
    )


@requires("account.own")
@shown_and_sent
def personal(request):
    """Change names, language, phone, and what everybody may see of them."""
    sent = request.POST if request.method == "POST" else None
    form = PersonalForm(sent, person=request.user)
    if form.is_valid():
        change_personal_data(person=request.user, **form.cleaned_data)
        messages.success(request, _("Your details have been changed."))
        return redirect("account")
    status = 200 if sent is None else 422
    return render(request, "members/account/personal.html", {"form": form}, status=status)


@requires("account.own")
@shown_and_sent
def export(request):
    """
    Tell what an export holds, or hand it out at once.

    It is made for the answer to a form, and has no address under which somebody else could have it.
    """
    if request.method != "POST":
        return render(request, "members/account/export.html", {"too_many": False})
    try:
        parts = export_personal_data(person=request.user)
    except TooManyExports:
        return render(request, "members/account/export.html", {"too_many": True}, status=429)
    keep_uncompressed(request)
    name = f"remacto-my-data-{timezone.localdate():%Y-%m-%d}.zip"
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return StreamingHttpResponse(parts, content_type="application/zip", headers=headers)


@requires("account.own")
@shown_and_sent
@reauthentication_required(allow_get=True)
def delete(request):
    """
    Tell what goes and what stays, or delete the account and end the session.

    Whoever has not just shown that they are who they are is asked for it, and the form is taken up
    again afterwards.
    """
    if request.method != "POST":
        hindrances = hindrances_of(request.user, places_of(request.user))
        return _show_delete(request, DeleteForm(), hindrances)
    form = DeleteForm(request.POST)
    if not form.is_valid():
        return _show_delete(request, form, Hindrances(), status=422)
    try:
        delete_account(person=request.user)
    except DeletionRefused as refusal:
        return _show_delete(request, form, refusal.hindrances, status=409)
    logout(request)
    return redirect("account_deleted")


def _show_delete(request, form: DeleteForm, hindrances: Hindrances, status: int = 200):
    context = {"form": form, "hindrances": hindrances}
    return render(request, "members/account/delete.html", context, status=status)


@require_safe
def deleted(request):
    """Say that the account is gone, to somebody who is a visitor now."""
    return render(request, "members/account/deleted.html")
