"""
Forms for everybody: they set no cookie and hold no token (decision 0010), and put up with machines.
"""

import time
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext_lazy as _

from core.text import without_controls

FASTEST = 3  # seconds; no person fills a form sooner
OLDEST = 24 * 60 * 60  # seconds
SIGNER = Signer(salt="core.open_forms")


def comes_from_another_site(request) -> bool:
    """
    Return whether a page of another site had a visitor's browser send this.

    Browsers say so in `Sec-Fetch-Site`; older ones name the page in `Origin` or `Referer`. What
    says nothing is no browser with a visitor, and the flood limits hold for it as for all.
    """
    if where := request.headers.get("Sec-Fetch-Site"):
        return where not in ("same-origin", "none")
    page = request.headers.get("Origin") or request.headers.get("Referer")
    if not page:
        return False
    try:
        host = urlsplit(page).netloc
    except ValueError:
        return True
    return host not in (request.get_host(), urlsplit(settings.SITE_URL).netloc)


def make_stamp(moment: float | None = None) -> str:
    """
    Return the signed time at which a form is handed out.

    :param moment: seconds since 1970; the clock's by default
    """
    return SIGNER.sign(int(time.time() if moment is None else moment))


def age_of(stamp: str) -> float | None:
    """Return the seconds since a stamp was made, None for one that is not ours."""
    try:
        return time.time() - int(SIGNER.unsign(stamp))
    except (BadSignature, ValueError):
        return None


class LineField(forms.CharField):
    """One line: nothing that breaks it, turns it, or ends up in the head of a mail."""

    def to_python(self, value):
        return " ".join(without_controls(super().to_python(value)).split())


class AddressField(forms.EmailField):
    """An e-mail address, without what is pasted along with it."""

    def to_python(self, value):
        return without_controls(super().to_python(value)).strip()


class TextField(forms.CharField):
    """Lines, which a browser sends with two signs at the end of each, and we count as one."""

    def to_python(self, value):
        lines = super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")
        return without_controls(lines).strip()


class KnownKeys:
    """Of a choice among rows: a number beyond what a database counts to is no choice either."""

    def clean(self, value):
        try:
            return super().clean(value)
        except OverflowError:
            words = self.error_messages["invalid_choice"]
            raise forms.ValidationError(
                words, code="invalid_choice", params={"value": value}
            ) from None


class UncutForm(forms.Form):
    """A form in which no field stops at its longest: what is pasted would be cut off unseen."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)
            field.widget.attrs.pop("minlength", None)


class OpenForm(UncutForm):
    """A form that a visitor sends: a trap for machines, and a stamp that tells how old it is."""

    # A trap for machines that fill in every field. People neither see it nor come to it.
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )
    stamp = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def typed_fields(self) -> list[forms.BoundField]:
        """The fields that a person fills in."""
        return [field for field in self.visible_fields() if field.name != "website"]

    @property
    def lasting_stamp(self) -> str:
        """The stamp for showing the form: the same again while it holds, so that nobody waits."""
        stamp = self["stamp"].value() or ""
        age = age_of(stamp)
        return stamp if age is not None and 0 <= age < OLDEST else make_stamp()

    @property
    def caught_a_machine(self) -> bool:
        return bool(self["website"].value())

    def add_problem(self, words: str) -> None:
        """Refuse the form for a reason that is not in what was typed."""
        self.full_clean()
        self.add_error(None, words)

    def clean(self) -> None:
        """Look at the stamp last: where a field is wrong, the form comes back in any case."""
        if self.errors:
            return
        age = age_of(self.cleaned_data["stamp"])
        if age is None or age >= OLDEST:
            raise forms.ValidationError(
                _("This page was open for a long time. Look through what you wrote and send it."),
                code="old",
            )
        if age < FASTEST:
            raise forms.ValidationError(
                _("That went faster than a person writes. Look through it and send it."),
                code="fast",
            )
