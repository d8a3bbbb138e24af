"""Who comes into the administration at all."""

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.permissions import page_permission_policy

from members.permissions import may

SECOND_STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def guard_administration(get_response):
    """
    Let only staff into the administration, and only those whose account has a second step.

    Visitors pass: Wagtail sends them to the login. Whoever has no second step yet is led to where
    it is set up. That a session was begun with it need not be asked: those from before end when it
    is set up (`members.adapters`).

    Wagtail's chooser of pages lists the drafts of all to whoever enters: it is for those who work
    on pages.
    """
    admin = reverse("wagtailadmin_home")

    def middleware(request):
        if request.path.startswith(admin) and request.user.is_authenticated:
            if not may(request.user, "admin.enter"):
                raise PermissionDenied
            if not is_mfa_enabled(request.user, SECOND_STEPS):
                messages.warning(
                    request,
                    _("Set up a second step first: the administration is closed without it."),
                )
                return redirect("mfa_index")
        return get_response(request)

    def process_view(request, view, args, kwargs):
        chooses = (request.resolver_match.url_name or "").startswith("wagtailadmin_choose_page")
        if chooses and request.user.is_authenticated:
            policy, actions = page_permission_policy, ["add", "change", "publish"]
            if not policy.user_has_any_permission(request.user, actions):
                raise PermissionDenied

    middleware.process_view = process_view
    return middleware
