"""The public contact form, and the stamp that tells how old it is."""

import re
import time

from django import forms
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext_lazy as _

from core import languages
from core.text import without_controls

FASTEST = 3  # seconds; no person fills the form sooner
OLDEST = 24 * 60 * 60  # seconds
MOST_LINKS = 5
LINK = re.compile(r"https?://(www\.)?|\bwww\.", re.IGNORECASE)
PAGE = re.compile(rf"/({'|'.join(languages.CODES)})/[\x21-\x7e]{{0,400}}")
SIGNER = Signer(salt="home.contact_form")


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


def page_within(value: str) -> str:
    """Return an address within the site in one of its languages; anything else as empty."""
    return value if PAGE.fullmatch(value) else ""


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


class ContactForm(forms.Form):
    """
    What a visitor writes.

    No field stops at its longest: what is pasted would be cut off without a word.
    """

    name = LineField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name", "dir": "auto"}),
        error_messages={
            "required": _("Write your name."),
            "max_length": _("Write your name with at most %(limit_value)d characters."),
        },
    )
    email = AddressField(
        label=_("Your e-mail address"),
        help_text=_("We answer to this address and use it for nothing else."),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "dir": "ltr"}),
        error_messages={
            "required": _("Write your e-mail address."),
            "invalid": _("Write the e-mail address in full, like name@example.org."),
            "max_length": _("Write an e-mail address of at most %(limit_value)d characters."),
        },
    )
    subject = LineField(
        label=_("Subject"),
        help_text=_("What it is about, in a few words."),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
        error_messages={
            "required": _("Write what your message is about."),
            "max_length": _("Write the subject with at most %(limit_value)d characters."),
        },
    )
    text = TextField(
        label=_("Your message"),
        help_text=_("In the language you like. Please no identity card number."),
        min_length=10,
        max_length=5000,
        widget=forms.Textarea({"rows": 9, "dir": "auto"}),
        error_messages={
            "required": _("Write your message."),
            "min_length": _("Say a little more: at least %(limit_value)d characters."),
            "max_length": _(
                "Shorten your message: it has %(show_value)d characters of at most %(limit_value)d."
            ),
        },
    )
    # A trap for machines that fill in every field. People neither see it nor come to it.
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )
    about = forms.CharField(required=False, widget=forms.HiddenInput)
    stamp = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "email", "subject", "text"):
            self.fields[name].widget.attrs.pop("maxlength", None)
            self.fields[name].widget.attrs.pop("minlength", None)

    @property
    def typed_fields(self) -> list[forms.BoundField]:
        """The fields that a person fills in."""
        return [self[name] for name in ("name", "email", "subject", "text")]

    @property
    def page(self) -> str:
        """The address within the site that the message is about, or empty."""
        return page_within(self["about"].value() or "")

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

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if len(LINK.findall(text)) > MOST_LINKS:
            raise forms.ValidationError(
                _("Leave some links out: at most %(most)d can be sent."),
                code="links",
                params={"most": MOST_LINKS},
            )
        return text

    def clean(self) -> None:
        """Look at the stamp last: where a field is wrong, the form comes back in any case."""
        if self.errors:
            return
        age = age_of(self.cleaned_data["stamp"])
        if age is None or age >= OLDEST:
            raise forms.ValidationError(
                _("This page was open for a long time. Look through your message and send it."),
                code="old",
            )
        if age < FASTEST:
            raise forms.ValidationError(
                _("That went faster than a person writes. Look through your message and send it."),
                code="fast",
            )
