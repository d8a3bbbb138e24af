"""Forms of joining: everybody may send them, without an account."""

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from core.open_forms import AddressField, LineField, OpenForm, TextField
from core.uploads.forms import Hint, UploadField
from members.person_names import (
    RESERVED_SKELETONS,
    PersonNameField,
    check_full_name,
    skeleton,
)

PHONE = re.compile(r"\+?[0-9][0-9 ().-]{5,28}")
TOO_LONG = _("Shorten this: it has %(show_value)d characters of at most %(limit_value)d.")


class PhoneField(LineField):
    """A phone number, in the digits of any script."""

    def to_python(self, value):
        typed = super().to_python(value)
        number = "".join(str(unicodedata.digit(sign, sign)) for sign in typed)
        if number and not PHONE.fullmatch(number):
            raise ValidationError(
                _("Write the number in digits, like 0612345678 or +212 612 345 678."), code="phone"
            )
        return number


class OrganisationNameField(LineField):
    """The name of an association: nothing that nobody sees, and not the network's own."""

    def to_python(self, value):
        typed = unicodedata.normalize("NFC", super().to_python(value))
        name = "".join(sign for sign in typed if unicodedata.category(sign)[0] != "C").strip()
        if name and not any(sign.isalpha() for sign in name):
            raise ValidationError(_("Write the name in letters."), code="letters")
        if skeleton(name) in RESERVED_SKELETONS:
            raise ValidationError(
                _("This name stands for the network or its staff. Write the association’s own."),
                code="reserved",
            )
        return name


class ApplicantForm(OpenForm):
    """Who applies."""

    first_name = PersonNameField(
        label=_("First name"),
        widget=forms.TextInput({"autocomplete": "given-name", "dir": "auto"}),
        error_messages={"required": _("Write your first name.")},
    )
    last_name = PersonNameField(
        label=_("Last name"),
        widget=forms.TextInput({"autocomplete": "family-name", "dir": "auto"}),
        error_messages={"required": _("Write your last name.")},
    )
    office = LineField(
        label=_("Office"),
        help_text=_("What you are there, such as: president, director of services, head of IT."),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "organization-title", "dir": "auto"}),
        error_messages={"required": _("Write your office."), "max_length": TOO_LONG},
    )
    email = AddressField(
        label=_("Your e-mail address"),
        help_text=_("We send a link to it, by which you confirm. You will log in with it."),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "dir": "ltr"}),
        error_messages={
            "required": _("Write your e-mail address."),
            "invalid": _("Write the e-mail address in full, like name@example.org."),
            "max_length": TOO_LONG,
        },
    )
    phone = PhoneField(
        label=_("Phone"),
        help_text=_("If you would like to be called where something is unclear."),
        required=False,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel", "dir": "ltr"}),
    )

    def clean(self) -> None:
        super().clean()
        typed = self.cleaned_data
        if not self.errors:
            check_full_name(typed["first_name"], typed["last_name"])

    @property
    def told(self) -> dict[str, str]:
        """What was typed, by the fields of an application."""
        others = {"website", "stamp", "document"}
        return {name: value for name, value in self.cleaned_data.items() if name not in others}


class CollectivityApplicationForm(ApplicantForm):
    """An official applies for their collectivity."""

    document = UploadField(
        policy="deliberation",
        label=_("Deliberation of the council"),
        help_text=format_lazy(
            "{} {}",
            _("By which the council decides to join. If you have none yet, send it later."),
            lazystr(Hint("deliberation")),
        ),
        required=False,
        widget=forms.FileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    message = TextField(
        label=_("Is there anything that you would like to add?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 5, "dir": "auto"}),
        error_messages={"max_length": TOO_LONG},
    )


class AssociationApplicationForm(ApplicantForm):
    """Somebody applies for their association."""

    association_name_ar = OrganisationNameField(
        label=_("Name in Arabic"),
        required=False,
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off", "dir": "rtl", "lang": "ar"}),
        error_messages={"max_length": TOO_LONG},
    )
    association_name_fr = OrganisationNameField(
        label=_("Name in French"),
        required=False,
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr", "lang": "fr"}),
        error_messages={"max_length": TOO_LONG},
    )
    about = TextField(
        label=_("What the association does"),
        help_text=_("In a few sentences: its purpose, where it works, since when."),
        min_length=20,
        max_length=2000,
        widget=forms.Textarea({"rows": 6, "dir": "auto"}),
        error_messages={
            "required": _("Write what the association does."),
            "min_length": _("Say a little more: at least %(limit_value)d characters."),
            "max_length": TOO_LONG,
        },
    )
    field_order = ("association_name_ar", "association_name_fr", "about")

    @property
    def of_association(self) -> list[forms.BoundField]:
        return [self[name] for name in self.field_order]

    @property
    def of_person(self) -> list[forms.BoundField]:
        return [field for field in self.typed_fields if field.name not in self.field_order]

    def clean(self) -> None:
        typed = self.cleaned_data
        names = ("association_name_ar", "association_name_fr")
        if not any(typed.get(name) or name in self.errors for name in names):
            self.add_error(
                "association_name_ar", _("Write the name in Arabic, in French, or in both.")
            )
        super().clean()


class AnswerForm(OpenForm):
    """The applicant answers what the secretariat asked."""

    text = TextField(
        label=_("Your answer"),
        max_length=2000,
        widget=forms.Textarea({"rows": 6, "dir": "auto"}),
        error_messages={"required": _("Write your answer."), "max_length": TOO_LONG},
    )
    document = UploadField(
        policy="deliberation",
        label=_("Document"),
        required=False,
        widget=forms.FileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
