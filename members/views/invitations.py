"""Invitations: sent by those who manage a space, taken up by whoever has the link."""

from allauth.account.utils import complete_signup
from allauth.core import ratelimit
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core import languages
from members.access import in_space, private
from members.enums import InvitationState, Place
from members.forms.people import InviteForm, NewPersonForm
from members.models import Invitation, Organisation
from members.services.invitations import (
    AccountExists,
    InvitationOver,
    InvitationRefused,
    accept,
    accept_as_new_person,
    has_account,
    invitation_of,
    is_for,
    resend,
    revoke,
)
from members.services.invitations import invite as send_invitation
from members.views.people import sent

# --- In the space -------------------------------------------------------------------------------


@in_space("people.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request, organisation: Organisation):
    """Invite somebody by e-mail."""
    first = {"place": Place.CONTRIBUTOR, "language": languages.current()}
    form = InviteForm(sent(request), initial=first)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                send_invitation(organisation=organisation, actor=request.user, **form.cleaned_data)
            except InvitationRefused as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("The invitation is on its way."))
                return redirect("space_people", key=organisation.key)
    context = {"organisation": organisation, "form": form}
    return render(request, "members/space/invite.html", context, status=status)


@in_space("people.manage")
@require_POST
def revoke_invitation(request, organisation: Organisation, pk: int):
    """Withdraw an invitation."""
    one = get_object_or_404(Invitation.objects.of(organisation), pk=pk)
    return _told(request, organisation, revoke, one, _("The invitation has been withdrawn."))


@in_space("people.manage")
@require_POST
def resend_invitation(request, organisation: Organisation, pk: int):
    """Send an invitation anew, with a new link."""
    one = get_object_or_404(Invitation.objects.of(organisation), pk=pk)
    return _told(request, organisation, resend, one, _("The invitation is on its way again."))


def _told(request, organisation: Organisation, change, invitation: Invitation, words: str):
    try:
        change(invitation=invitation, actor=request.user)
    except InvitationRefused as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, words)
    return redirect("space_people", key=organisation.key)


# --- The link -----------------------------------------------------------------------------------


@private
@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request, token: str):
    """
    Let the person take an invitation up whose link this is. Looking changes nothing.

    The link is a secret: the address is told to no other site. It is to our own, as a browser that
    may tell nothing sends `Origin: null` with the form, and the protection of forms refuses that.
    """
    response = _answer(request, token)
    response["Referrer-Policy"] = "same-origin"
    return response


def _answer(request, token: str):
    found = invitation_of(token)
    if found is None:
        return _closed(request, None, "unknown", 404)
    if found.state != InvitationState.OPEN:
        return _over(request, found)
    if request.user.is_authenticated:
        if not is_for(found, request.user):
            return _closed(request, found, "other-address", 403)
        return _accept(request, found)
    if has_account(found.email):
        context = {"invitation": found, "organisation": found.organisation}
        status = 403 if request.method == "POST" else 200
        return render(request, "members/invitation/log_in.html", context, status=status)
    return _accept_as_new_person(request, found)


def _closed(request, found: Invitation | None, why: str, status: int):
    """Say why nothing can be done with a link."""
    context = {"invitation": found, "why": why}
    return render(request, "members/invitation/closed.html", context, status=status)


def _over(request, found: Invitation):
    """Say what became of an invitation. Whoever sends the form twice is where they wanted to go."""
    mine = request.user.is_authenticated and found.accepted_by_id == request.user.pk
    if mine and request.method == "POST":
        return redirect("space_home", key=found.organisation.key)
    return _closed(request, found, found.state, 410)


def _accept(request, found: Invitation):
    if request.method == "POST":
        try:
            accept(invitation=found, person=request.user)
        except InvitationOver:
            return _over(request, found)
        messages.success(request, _welcome())
        return redirect("space_home", key=found.organisation.key)
    context = {"invitation": found, "organisation": found.organisation}
    return render(request, "members/invitation/accept.html", context)


def _accept_as_new_person(request, found: Invitation):
    form = NewPersonForm(
        sent(request), email=found.email, initial={"language": languages.current()}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if not ratelimit.consume(request, action="signup"):
            status = 429
            form.add_error(None, _("Too many tries at once. Wait a minute and send it again."))
        elif form.is_valid():
            fields = dict(form.cleaned_data)
            fields.pop("password_again")
            try:
                person = accept_as_new_person(invitation=found, **fields)
            except InvitationOver:
                return _over(request, found)
            except AccountExists:
                return redirect(request.path)
            with override(person.language):
                messages.success(request, _welcome())
                space = reverse("space_home", args=[found.organisation.key])
            return complete_signup(request, person, None, space)
    context = {"invitation": found, "organisation": found.organisation, "form": form}
    response = render(request, "members/invitation/sign_up.html", context, status=status)
    if status == 429:
        response["Retry-After"] = "60"
    return response


def _welcome() -> str:
    return _("Welcome. This is the space in which you have a place now.")
