"""Allauth's forms in words of ours."""

import unicodedata

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.open_forms import LineField

EMAIL = (_("E-mail address"), "")
NEW_PASSWORD = (
    _("New password"),
    format_lazy(
        _(
            "At least {count} characters: three or four words that have nothing to do with each "
            "other, for example. Not your name or address, and nothing that many people use."
        ),
        count=settings.PASSWORD_LENGTH,
    ),
)
AGAIN = (_("The new password again"), "")


class CodeField(forms.CharField):
    """Digits as apps and sheets of paper show them: in groups, and of any script."""

    def to_python(self, value):
        signs = (sign for sign in super().to_python(value) if sign not in "- \u00a0")
        return "".join(str(unicodedata.digit(sign, sign)) for sign in signs)


class Worded:
    """
    Says above each field what it is; nothing stands in a field that looks as if it were typed.

    :cvar words: label and hint, by field
    """

    words: dict[str, tuple] = {}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, hint) in self.words.items():
            field = self.fields[name]
            field.label, field.help_text = label, hint
            field.widget.attrs.pop("placeholder", None)
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["dir"] = "ltr"


class LoginForm(Worded, account.LoginForm):
    words = {
        "login": EMAIL,
        "password": (_("Password"), ""),
        "remember": (
            _("Keep me logged in on this device"),
            _("Only where nobody else uses it."),
        ),
    }


class ReauthenticateForm(Worded, account.ReauthenticateForm):
    words = {"password": (_("Your password"), "")}


class ResetPasswordForm(Worded, account.ResetPasswordForm):
    words = {"email": EMAIL}


class AddEmailForm(Worded, account.AddEmailForm):
    words = {"email": (_("New e-mail address"), "")}


class TwicePassword(Worded):
    """A new password, typed twice."""

    words = {"password1": NEW_PASSWORD, "password2": AGAIN}

    def clean(self) -> dict:
        cleaned = forms.Form.clean(self)
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("This is not the same as the new password above."))
        return cleaned


class ChangePasswordForm(TwicePassword, account.ChangePasswordForm):
    words = {"oldpassword": (_("Present password"), "")} | TwicePassword.words


class SetPasswordForm(TwicePassword, account.SetPasswordForm):
    pass


class ResetPasswordKeyForm(TwicePassword, account.ResetPasswordKeyForm):
    pass


class WithCode(Worded):
    """A form with a code of an app, or of the sheet of recovery codes."""

    words = {"code": (pgettext_lazy("second step", "Code"), "")}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code"}
        self.fields["code"] = CodeField(
            label=field.label, help_text=field.help_text, widget=field.widget
        )


class AuthenticateForm(WithCode, mfa.AuthenticateForm):
    words = {
        "code": (
            pgettext_lazy("second step", "Code"),
            _("Six digits from the app on your phone, or a recovery code from your sheet."),
        )
    }


class ReauthenticateByCodeForm(WithCode, mfa.ReauthenticateForm):
    words = AuthenticateForm.words


class ActivateTOTPForm(WithCode, totp.ActivateTOTPForm):
    words = {
        "code": (_("Code that the app shows"), _("Six digits. They change every 30 seconds.")),
    }


class Named(Worded):
    """A form with the name of a passkey."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = LineField(
            label=_("Name of the passkey"),
            help_text=_("So that you know it among others, such as: my phone."),
            max_length=60,
            widget=forms.TextInput({"dir": "auto", "autocomplete": "off"}),
        )


class AddWebAuthnForm(Named, webauthn.AddWebAuthnForm):
    words = {
        "passwordless": (
            _("Log in with it alone, without a password"),
            _("It then asks for your finger, your face or its PIN each time."),
        ),
    }


class EditWebAuthnForm(Named, webauthn.EditWebAuthnForm):
    pass
