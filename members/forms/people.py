"""Forms of people, invitations and the handover."""

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.languages import OWN_NAMES
from core.open_forms import AddressField, LineField
from members.enums import Place
from members.models import Affiliation, User
from members.person_names import PersonNameField, check_full_name

PLACE_HINT = _(
    "A focal point also invites and removes people and speaks for the organisation in the network. "
    "A contributor works on everything else."
)


class PlaceForm(forms.Form):
    """What somebody is to be."""

    place = forms.ChoiceField(
        label=pgettext_lazy("people", "Place"),
        choices=Place.choices,
        widget=forms.RadioSelect,
        help_text=PLACE_HINT,
    )


class InviteForm(PlaceForm):
    """Who is invited, and as what."""

    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The invitation is for this address alone."),
        widget=forms.EmailInput({"autocomplete": "off", "dir": "ltr"}),
    )
    office = LineField(
        label=pgettext_lazy("people", "Office"),
        max_length=120,
        required=False,
        help_text=_("Such as: head of the service of communication."),
        widget=forms.TextInput({"dir": "auto", "autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=list(OWN_NAMES.items()))
    field_order = ("email", "place", "office", "language")


class PeopleField(forms.ModelChoiceField):
    def label_from_instance(self, affiliation: Affiliation) -> str:
        return format_html(
            "<bdi>{}</bdi> – {}", affiliation.person.name, affiliation.get_place_display()
        )


class HandoverForm(forms.Form):
    """Who becomes focal point, and what the one who hands over becomes."""

    successor = PeopleField(
        label=_("Who takes over?"), queryset=None, widget=forms.RadioSelect, empty_label=None
    )
    afterwards = forms.ChoiceField(
        label=_("And you?"),
        choices=[
            ("stay", _("I stay as a contributor")),
            ("leave", _("I leave this space")),
        ],
        initial="stay",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, successors, **kwargs) -> None:
        """:param successors: a query of the affiliations to choose from"""
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = successors


class NewPersonForm(forms.Form):
    """What an invited person tells for an account. The address is the invitation's."""

    first_name = PersonNameField(
        label=_("First name"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "given-name", "dir": "auto"}),
    )
    last_name = PersonNameField(
        label=_("Last name"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "family-name", "dir": "auto"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=list(OWN_NAMES.items()),
        help_text=_("In which we write to you."),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password", "dir": "ltr"}),
    )
    password_again = forms.CharField(
        label=pgettext_lazy("password", "The same once more"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password", "dir": "ltr"}),
    )

    def __init__(self, *args, email: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        rules = password_validation.password_validators_help_texts()
        self.fields["password"].help_text = " ".join(rules)

    def clean(self) -> None:
        """Ask the site's rules of the password, with the names beside it."""
        typed = self.cleaned_data
        if "first_name" in typed and "last_name" in typed:
            check_full_name(typed["first_name"], typed["last_name"])
        password = typed.get("password")
        if not password:
            return
        if "password_again" in typed and password != typed["password_again"]:
            self.add_error("password_again", _("The two passwords are not the same."))
        person = User(
            email=self.email,
            first_name=typed.get("first_name", ""),
            last_name=typed.get("last_name", ""),
        )
        try:
            password_validation.validate_password(password, person)
        except ValidationError as error:
            self.add_error("password", error)
