"""Forms of associations that work with collectivities."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.open_forms import TextField, UncutForm


class ReasonForm(UncutForm):
    """Why something is declined or ended: the other side reads it."""

    reason = TextField(
        label=_("Your reason"),
        help_text=_("The other side reads it."),
        max_length=1000,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
        error_messages={
            "required": _("Write your reason: the other side is to understand it."),
            "max_length": _(
                "Shorten this: it has %(show_value)d characters of at most %(limit_value)d."
            ),
        },
    )
