"""The form by which an association gives its word on a practice."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.languages import OWN_NAMES
from core.open_forms import TextField, UncutForm
from practices.enums import Word
from practices.models import PartnerWord

ANSWERS = (
    (Word.CONFIRMED, _("We confirm it: what it tells of our part is right")),
    (Word.CORRECTED, _("We confirm it, with a correction")),
    (Word.DISSENTED, _("We do not confirm it: we saw it differently")),
)
NEEDS_WORDS = (Word.CORRECTED, Word.DISSENTED)


class WordForm(UncutForm):
    """
    One of three answers, and words: needed for a correction and a dissent.

    :param word: what was said so far
    :param language: of the words, where none were written yet
    """

    state = forms.ChoiceField(
        label=_("Your association’s word"),
        choices=ANSWERS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three answers.")},
    )
    words = TextField(
        label=_("In your own words"),
        help_text=_(
            "Needed for a correction, and where you do not confirm it. Everybody reads it beside "
            "the practice, as it is. At most 1,500 characters."
        ),
        max_length=PartnerWord._meta.get_field("words").max_length,
        required=False,
        widget=forms.Textarea({"rows": 6, "dir": "auto"}),
        error_messages={
            "max_length": _(
                "Shorten this: it has %(show_value)d characters of at most %(limit_value)d."
            ),
        },
    )
    language = forms.ChoiceField(
        label=_("Language of your words"), choices=list(OWN_NAMES.items()), required=False
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> None:
        data = self.cleaned_data
        if data.get("state") in NEEDS_WORDS and "words" in data and not data["words"]:
            self.add_error(
                "words", _("Write what is to be corrected, or what you saw differently.")
            )
        if data.get("words") and "language" in data and not data["language"]:
            self.add_error("language", _("Choose the language that you wrote in."))

    @property
    def answer(self) -> dict[str, str]:
        """What is kept; without words no language either."""
        data = self.cleaned_data
        return {
            "state": data["state"],
            "words": data["words"],
            "language": data["language"] if data["words"] else "",
        }

    def ask_again(self, seen: str) -> None:
        """Keep what was typed, to be sent on what stands there now."""
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = seen
