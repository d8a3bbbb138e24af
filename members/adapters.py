"""How allauth behaves here: nobody signs up openly, its mails are posted by the worker."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django.conf import settings
from django.contrib import messages
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from core import languages
from core.clients import client_address
from members.devices import device_of
from members.models import User
from members.permissions import STAFF, roles_of
from notifications.services import post

LINKS = ("activate_url", "password_reset_url")
OF_A_REQUEST = ("request", "signup_url")  # they name the host that the request names


class AccountAdapter(DefaultAccountAdapter):
    """
    The mails are written in the person's language and posted by the worker, so that an answer takes
    as long for an unknown address as for a known one; their links begin with `SITE_URL`, whatever
    host a request names.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "duplicate_email": _("This is your address already."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_password": _("This is not your password."),
        "too_many_login_attempts": _("Too many attempts failed. Try again in five minutes."),
        "rate_limited": _("Too many attempts at once. Try again in a minute."),
    }

    def is_open_for_signup(self, request) -> bool:
        """Nobody signs up by themselves: an invitation makes the account."""
        return False

    def get_client_ip(self, request) -> str:
        """Return the address that counts; of an IPv6 network its first one."""
        address = client_address(request).partition("/")[0]
        return address or "0.0.0.0"  # noqa: S104 - a stand-in, nothing is bound

    def _get_login_attempts_cache_key(self, request, **credentials) -> str:
        """Count by the address alone: allauth adds the host that the request names, port and all,
        and each other port would have begun a new count."""
        return credentials.get("email", "").lower()

    def is_safe_url(self, url: str | None) -> bool:
        """Only an address within the site."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_logout_redirect_url(self, request) -> str:
        return f"/{languages.current()}/"

    def get_email_verification_redirect_url(self, email_address) -> str:
        return reverse("account")

    def get_password_change_redirect_url(self, request) -> str:
        return reverse("account")

    def get_reset_password_from_key_url(self, key: str) -> str:
        names = {"uidb36": "UID", "key": "KEY"}
        path = reverse("account_reset_password_from_key", kwargs=names).replace("UID-KEY", key)
        return settings.SITE_URL + path

    def get_email_confirmation_url(self, request, emailconfirmation) -> str:
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return settings.SITE_URL + path

    def confirm_email(self, request, email_address: EmailAddress) -> bool:
        """Refuse an address that another account has, though it may never have been confirmed."""
        others = User.objects.exclude(pk=email_address.user_id)
        if others.filter(email__iexact=email_address.email).exists():
            failed = "account/messages/email_confirmation_failed.txt"
            self.add_message(request, messages.ERROR, failed, {"email": email_address.email})
            return False
        return super().confirm_email(request, email_address)

    def add_message(self, request, level: int, *args, **kwargs) -> None:
        """What allauth calls information is a thing done: a mail sent, sessions ended."""
        done = level == messages.INFO
        super().add_message(request, messages.SUCCESS if done else level, *args, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Write a mail in the language of the account, or of the page where there is none, and
        have it posted."""
        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        language = (user and user.language) or languages.current()
        known = {
            name: _in_language(language, value) if name in LINKS else value
            for name, value in context.items()
            if name not in OF_A_REQUEST
        }
        known |= {
            "email": email,
            "site_url": settings.SITE_URL,
            "contact_email": settings.CONTACT_EMAIL,
        }
        with override(language):
            if "user_agent" in context:
                known["device"] = device_of(context["user_agent"])
            subject = render_to_string(f"{template_prefix}_subject.txt", known)
            text = render_to_string(f"{template_prefix}_message.txt", known)
        post(
            to=email,
            subject=" ".join(subject.split()),
            text=text.strip() + "\n",
            language=language,
        )


def _in_language(language: str, url: str) -> str:
    """Return a link that was made in the language of the page, in that of the mail."""
    return settings.SITE_URL + languages.path_in(language, url.removeprefix(settings.SITE_URL))


class SecondStepAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _(
            "Staff keep a second step. Set up another one first, then take this one away."
        ),
        "cannot_generate_recovery_codes": _("Set up a second step first."),
        "incorrect_code": _("This code is not right, or no longer valid."),
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user, type) -> str:
        """Propose the device as a passkey's name."""
        return device_of(context.request.headers.get("User-Agent", ""))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Staff keep a second step: the last one is replaced, never taken away."""
        if not roles_of(authenticator.user) & STAFF:
            return True
        steps = Authenticator.objects.filter(user=authenticator.user).exclude(
            type=Authenticator.Type.RECOVERY_CODES
        )
        return steps.exclude(pk=authenticator.pk).exists()


@receiver(authenticator_added)
def end_sessions_without_it(sender, request, user, **kwargs) -> None:
    """When a second step is set up, sessions that were begun without it end."""
    end_other_sessions(request, user)
