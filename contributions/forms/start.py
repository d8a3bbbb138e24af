"""The form that begins a draft."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core import languages
from core.open_forms import LineField


class StartForm(forms.Form):
    title = LineField(
        label=_("Title"),
        max_length=255,
        help_text=_("What was done, in up to ten words. You can change it later."),
        widget=forms.TextInput({"dir": "auto", "data-similar": ""}),
        error_messages={"required": _("Give it a title; you can change it later.")},
    )
    language = forms.ChoiceField(
        label=_("In which language will you write?"),
        choices=[(code, languages.own_name(code)) for code in languages.CODES],
        widget=forms.RadioSelect,
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
