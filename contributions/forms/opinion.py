"""The answer of a thematic reviewer."""

from django import forms
from django.utils.translation import gettext_lazy

from contributions.enums import Verdict
from core.open_forms import TextField, UncutForm


class OpinionForm(UncutForm):
    verdict = forms.ChoiceField(
        label=gettext_lazy("What do you advise?"),
        choices=Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what you advise.")},
    )
    words = TextField(
        label=gettext_lazy("Your reasons"),
        help_text=gettext_lazy("The editors read them; the authors do not."),
        max_length=3000,
        widget=forms.Textarea({"rows": 8, "dir": "auto"}),
        error_messages={"required": gettext_lazy("Write your reasons.")},
    )
