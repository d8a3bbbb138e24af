"""Forms of the profile of a collectivity or an association, and of leaving the network."""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.languages import OWN_NAMES
from core.open_forms import AddressField, TextField, UncutForm
from core.text import without_controls
from members.enums import CollectivityKind, Setting
from members.forms.joining import TOO_LONG, OrganisationNameField, PhoneField
from members.models import Association, Collectivity, Organisation

MOST_LINES, LONGEST_LINE = 20, 150
FIRST_YEAR = 1960  # of the first census of the kingdom
MOST_PEOPLE = 20_000_000


class LinesField(TextField):
    """A list, one thing on each line."""

    def to_python(self, value):
        typed = super().to_python(value).split("\n")
        lines = [" ".join(line.split()) for line in typed]
        # What nobody sees is no line, and stands in none.
        lines = [line for line in lines if any(sign.isprintable() and sign != " " for sign in line)]
        return "\n".join(dict.fromkeys(lines))

    def validate(self, value) -> None:
        super().validate(value)
        lines = value.split("\n")
        if len(lines) > MOST_LINES:
            raise ValidationError(
                ngettext(
                    "There is %(number)d line; at most %(most)d can be kept.",
                    "There are %(number)d lines; at most %(most)d can be kept.",
                    len(lines),
                ),
                params={"number": len(lines), "most": MOST_LINES},
                code="lines",
            )
        for number, line in enumerate(lines, start=1):
            if len(line) > LONGEST_LINE:
                raise ValidationError(
                    _("Shorten line %(line)d: it has %(length)d characters of at most %(most)d."),
                    params={"line": number, "length": len(line), "most": LONGEST_LINE},
                    code="line",
                )


class WebsiteField(forms.URLField):
    """The address of a website, with or without its beginning."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def __init__(self, **kwargs) -> None:
        super().__init__(assume_scheme="https", **kwargs)

    def to_python(self, value):
        if isinstance(value, str):
            value = "".join(
                sign for sign in without_controls(value) if unicodedata.category(sign) != "Cf"
            ).strip()
        return super().to_python(value)


def lines(label, help_text) -> LinesField:
    return LinesField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 5, "dir": "auto"}),
        error_messages={"max_length": TOO_LONG},
    )


class ContactsForm(UncutForm):
    """What both kinds of organisations tell. All of it is public."""

    about = TextField(
        label=_("In a few words"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 6, "dir": "auto"}),
        error_messages={"max_length": TOO_LONG},
    )
    language = forms.ChoiceField(
        label=_("Language of what you write here"),
        required=False,
        choices=[("", _("Not told")), *OWN_NAMES.items()],
        error_messages={"invalid_choice": _("Choose a language.")},
    )
    website = WebsiteField(
        label=_("Website"),
        required=False,
        max_length=300,
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "url", "dir": "ltr"}),
        error_messages={
            "invalid": _("Write the address of a website, like https://example.org."),
            "max_length": TOO_LONG,
        },
    )
    email = AddressField(
        label=_("E-mail address"),
        help_text=_("One that the office reads, not your own."),
        required=False,
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off", "dir": "ltr"}),
        error_messages={
            "invalid": _("Write the e-mail address in full, like name@example.org."),
            "max_length": TOO_LONG,
        },
    )
    phone = PhoneField(
        label=_("Phone"),
        required=False,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off", "dir": "ltr"}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, organisation: Organisation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.prepare(organisation)

    def prepare(self, organisation: Organisation) -> None:
        """Take away what this organisation is not asked."""

    @property
    def told(self) -> dict:
        """What was typed, by the fields of the model."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def shown(self, name: str, value) -> str:
        """Return a value of a field as a person reads it."""
        choices = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(value, value) or "") if value is not None else ""

    def ask_again(self, told: dict, stamp: str) -> list[dict]:
        """
        Keep what was typed, with the stamp of what stands there now: sent again, it replaces.

        :param told: what stands there now
        :returns: the fields in which the two differ, each with what stands there
        """
        differing = [
            {"label": self.fields[name].label, "theirs": self.shown(name, told[name])}
            for name, mine in self.told.items()
            if mine != told[name]
        ]
        self.data = self.data.copy()
        self.data["seen"] = stamp
        self.add_error(
            None,
            _(
                "Somebody saved this profile while you were writing. Nothing of yours is lost, "
                "and nothing of theirs has been replaced: compare the two below."
            ),
        )
        return differing


class CollectivityProfileForm(ContactsForm):
    """
    What a collectivity tells of itself. Population and setting are asked only where the official
    data are silent.
    """

    services = lines(
        _("Services"),
        _("What residents can come to you for. One on each line, up to 20."),
    )
    challenges = lines(
        _("Challenges"),
        _("What you look for help with from others. One on each line, up to 20."),
    )
    skills = lines(
        _("Skills"),
        _("What you can help others with. One on each line, up to 20."),
    )
    population = forms.IntegerField(
        label=_("Population"),
        help_text=_(
            "The official data do not tell it. It is shown as told by you. In digits, without "
            "spaces."
        ),
        required=False,
        min_value=1,
        max_value=MOST_PEOPLE,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
        error_messages={"invalid": _("Write the number in digits, like 12500.")},
    )
    population_year = forms.IntegerField(
        label=_("Year of the population"),
        required=False,
        min_value=FIRST_YEAR,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
        error_messages={"invalid": _("Write the year in four digits.")},
    )
    setting = forms.ChoiceField(
        label=_("Urban or rural"),
        help_text=_("The official data do not tell it. It is shown as told by you."),
        required=False,
        choices=[("", _("Not told")), *Setting.choices],
        error_messages={"invalid_choice": _("Choose one of the two, or leave it open.")},
    )

    def prepare(self, organisation: Collectivity) -> None:
        if organisation.population is not None:
            del self.fields["population"], self.fields["population_year"]
        if organisation.setting or organisation.kind != CollectivityKind.COMMUNE:
            del self.fields["setting"]

    def clean_population_year(self) -> int | None:
        year = self.cleaned_data["population_year"]
        if year and year > timezone.localdate().year:
            raise ValidationError(_("This year is still to come."), code="future")
        return year

    def clean(self) -> None:
        super().clean()
        if "population" not in self.fields or self.errors.keys() & {
            "population",
            "population_year",
        }:
            return
        population = self.cleaned_data["population"]
        year = self.cleaned_data["population_year"]
        if population and not year:
            self.add_error("population_year", _("Write of which year the population is."))
        if year and not population:
            self.add_error("population", _("Write the population, or take the year away."))


class AssociationProfileForm(ContactsForm):
    """What an association tells of itself, its names first."""

    name_ar = OrganisationNameField(
        label=_("Name in Arabic"),
        required=False,
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off", "dir": "rtl", "lang": "ar"}),
        error_messages={"max_length": TOO_LONG},
    )
    name_fr = OrganisationNameField(
        label=_("Name in French"),
        required=False,
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr", "lang": "fr"}),
        error_messages={"max_length": TOO_LONG},
    )
    name_en = OrganisationNameField(
        label=_("Name in English"),
        required=False,
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr", "lang": "en"}),
        error_messages={"max_length": TOO_LONG},
    )
    name_zgh = OrganisationNameField(
        label=_("Name in Tamazight"),
        required=False,
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr", "lang": "zgh"}),
        error_messages={"max_length": TOO_LONG},
    )
    field_order = ("name_ar", "name_fr", "name_en", "name_zgh")

    def clean(self) -> None:
        super().clean()
        names = ("name_ar", "name_fr")
        if not any(self.cleaned_data.get(name) or name in self.errors for name in names):
            self.add_error("name_ar", _("Write the name in Arabic, in French, or in both."))


def profile_form(organisation: Organisation) -> type[ContactsForm]:
    """Return the form for an organisation's kind."""
    is_association = isinstance(organisation, Association)
    return AssociationProfileForm if is_association else CollectivityProfileForm


class LeaveForm(UncutForm):
    """Why an organisation leaves the network."""

    reason = TextField(
        label=_("Your reason"),
        help_text=_("The secretariat reads it, and those who work with you. It is not published."),
        max_length=1000,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
        error_messages={"required": _("Write your reason."), "max_length": TOO_LONG},
    )
