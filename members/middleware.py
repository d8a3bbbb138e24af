"""Who comes into the administration at all."""

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from members.permissions import may, works_on_pages

SECOND_STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def guard_administration(get_response):
    """
    Let only staff into the administration, and only those whose account has a second step.

    Visitors pass: Wagtail sends them to the login. Whoever has no second step yet is led to where
    it is set up. That a session was begun with it need not be asked: those from before end when it
    is set up (`members.adapters`).
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

    return middleware


def guard_titles(get_response):
    """
    Keep what Wagtail and wagtail-localize show of pages without asking for a right on them (drafts
    of all, by title) for the staff who work on pages.
    """
    admin = reverse("wagtailadmin_home")
    of_pages = tuple(f"{admin}{path}" for path in ("choose-", "bulk/", "localize/"))

    def middleware(request):
        # Whose session it is, is asked there alone; visitors are sent to the login.
        is_asked = request.path.startswith(of_pages) and request.user.is_authenticated
        if is_asked and not works_on_pages(request.user):
            raise PermissionDenied
        return get_response(request)

    return middleware
