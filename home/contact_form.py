"""The public contact form."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from core import languages
from core.open_forms import AddressField, LineField, OpenForm, TextField

MOST_LINKS = 5
LINK = re.compile(r"https?://(www\.)?|\bwww\.", re.IGNORECASE)
PAGE = re.compile(rf"/({'|'.join(languages.CODES)})/[\x21-\x7e]{{0,400}}")


def page_within(value: str) -> str:
    """Return an address within the site in one of its languages; anything else as empty."""
    return value if PAGE.fullmatch(value) else ""


class ContactForm(OpenForm):
    """What a visitor writes."""

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
    about = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def page(self) -> str:
        """The address within the site that the message is about, or empty."""
        return page_within(self["about"].value() or "")

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if len(LINK.findall(text)) > MOST_LINKS:
            raise forms.ValidationError(
                _("Leave some links out: at most %(most)d can be sent."),
                code="links",
                params={"most": MOST_LINKS},
            )
        return text
