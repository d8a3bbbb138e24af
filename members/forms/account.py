"""Forms of one's own account."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.languages import OWN_NAMES
from core.open_forms import LineField
from members.forms.joining import PHONE
from members.models import User
from members.person_names import PersonNameField, check_full_name

SHOWN_WHERE = _(
    "Beside your place on the public page of each collectivity or association that you belong to. "
    "Everybody can read it there."
)
SHOWN_WITH_NAME = _("In the same place, together with your name.")


class PersonalForm(forms.Form):
    """What a person tells of themselves. It has these fields and takes no others."""

    first_name = PersonNameField(
        label=_("First name"),
        error_messages={"required": _("Write your first name.")},
        widget=forms.TextInput({"autocomplete": "given-name", "dir": "auto"}),
    )
    last_name = PersonNameField(
        label=_("Last name"),
        error_messages={"required": _("Write your last name.")},
        widget=forms.TextInput({"autocomplete": "family-name", "dir": "auto"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=list(OWN_NAMES.items()),
        error_messages={"required": _("Choose a language.")},
        help_text=_("In which we write to you."),
    )
    phone = LineField(
        label=_("Phone"),
        max_length=30,
        required=False,
        help_text=_(
            "For the people of your spaces and the secretariat. Such as: +212 5 37 00 00 00"
        ),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel", "dir": "ltr"}),
    )
    shows_name = forms.BooleanField(
        label=_("Show my name to everybody"), required=False, help_text=SHOWN_WHERE
    )
    shows_email = forms.BooleanField(
        label=_("Show my e-mail address to everybody"), required=False, help_text=SHOWN_WITH_NAME
    )
    shows_phone = forms.BooleanField(
        label=_("Show my phone number to everybody"), required=False, help_text=SHOWN_WITH_NAME
    )

    def __init__(self, *args, person: User, **kwargs) -> None:
        """:param person: whose account it is"""
        initial = {name: getattr(person, name) for name in self.base_fields}
        super().__init__(*args, initial=initial, **kwargs)
        self.person = person

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        if phone and not PHONE.fullmatch(phone):
            raise ValidationError(
                _("Write the number in digits, with spaces where you like."), code="phone"
            )
        return phone

    def clean(self) -> None:
        typed = self.cleaned_data
        if "first_name" in typed and "last_name" in typed:
            check_full_name(typed["first_name"], typed["last_name"], self.person)


class DeleteForm(forms.Form):
    """That a person knows what deleting their account means."""

    understood = forms.BooleanField(
        label=_("I have read this, and want my account to be deleted."),
        error_messages={"required": _("Tick the box if you want your account to be deleted.")},
    )
