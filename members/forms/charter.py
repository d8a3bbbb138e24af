"""Forms of the charter: its signature, and what a member says of a year."""

from django import forms
from django.utils.functional import lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from core import languages
from core.languages import OWN_NAMES
from core.open_forms import LineField, TextField, UncutForm
from core.uploads.forms import Hint, UploadField
from members.enums import CharterCommitment
from members.forms.joining import TOO_LONG
from members.models import Statement
from members.services.charter import stamp_of, years_open


class SignatureForm(UncutForm):
    """Who signs for the collectivity, in which office, by which deliberation."""

    name = LineField(
        label=_("Name of who signs"),
        help_text=_("Usually the president of the council. The name stands under the charter."),
        max_length=130,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": _("Write the name of who signs."), "max_length": TOO_LONG},
    )
    office = LineField(
        label=_("Office"),
        help_text=_("Such as: president of the council."),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": _("Write the office of who signs."), "max_length": TOO_LONG},
    )
    document = UploadField(
        policy="deliberation",
        label=_("Deliberation of the council"),
        help_text=format_lazy(
            "{} {}",
            _("The people of this space and the secretariat may open it, nobody else."),
            lazystr(Hint("deliberation")),
        ),
        required=False,
        widget=forms.FileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    agrees = forms.BooleanField(
        label=_("The collectivity signs the charter and its five commitments."),
        error_messages={"required": _("Tick the box if the collectivity signs the charter.")},
    )
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, number: int, **kwargs) -> None:
        """:param number: of the version that is shown above the form"""
        super().__init__(*args, **kwargs)
        self.number = number
        self.fields["version"].initial = number

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data["version"] != str(self.number):
            self.ask_again(self.number)
        if self.errors:
            self.tell_of_lost_file()

    def tell_of_lost_file(self) -> None:
        if self.files and "document" not in self.errors:
            self.add_error("document", _("A browser does not keep files: choose it once more."))

    def ask_again(self, number: int) -> None:
        """
        Show what was typed under another version, with the box not ticked.

        :param number: of the version in force
        """
        self.data = self.data.copy()
        self.data["version"] = str(number)
        self.data.pop("agrees", None)
        self.add_error(
            None,
            _(
                "A new version of the charter was published since you opened this page. You find "
                "it above. Read it and sign it; what you wrote is kept."
            ),
        )
        self.tell_of_lost_file()


class StatementForm(UncutForm):
    """What a member did in a year for one commitment, in its own words."""

    commitment = forms.TypedChoiceField(
        label=_("Commitment"),
        coerce=int,
        error_messages={
            "required": _("Choose a commitment."),
            "invalid_choice": _("Choose a commitment."),
        },
    )
    year = forms.TypedChoiceField(
        label=_("Year"),
        coerce=int,
        error_messages={
            "required": _("Choose a year."),
            "invalid_choice": _("Choose this year or one of the two before it."),
        },
    )
    text = TextField(
        label=_("What you did"),
        help_text=_("In a few sentences: everybody reads it on your public page."),
        max_length=2000,
        widget=forms.Textarea({"rows": 7, "dir": "auto"}),
        error_messages={"required": _("Write what you did."), "max_length": TOO_LONG},
    )
    language = forms.ChoiceField(
        label=_("Language of the text"),
        choices=list(OWN_NAMES.items()),
        error_messages={
            "required": _("Choose a language."),
            "invalid_choice": _("Choose a language."),
        },
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["commitment"].choices = [
            (one.value, f"{one.value}. {one.label}") for one in CharterCommitment
        ]
        self.fields["year"].choices = [(year, str(year)) for year in years_open()]

    @classmethod
    def about(cls, commitment: CharterCommitment, year: int, known: Statement | None):
        """Return the form filled with what is said of a year, or empty for it."""
        initial = {"commitment": commitment, "year": year, "seen": stamp_of(known)}
        initial["language"] = known.language if known else languages.current()
        if known:
            initial["text"] = known.text
        return cls(initial=initial)

    def ask_again(self, known: Statement) -> None:
        """Show what was typed with the stamp of what stands there now: sent again, it replaces."""
        self.data = self.data.copy()
        self.data["seen"] = stamp_of(known)
        self.add_error(
            None,
            _(
                "A statement of this year stands there for this commitment; you find it below. Add "
                "to yours what is to stay of it. Sent again, yours replaces it."
            ),
        )
