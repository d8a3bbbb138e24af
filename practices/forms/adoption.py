"""The forms by which a practice is taken over."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contributions.fields import PartialDateField
from core import languages
from core.open_forms import KnownKeys, TextField, UncutForm
from members.models import Collectivity
from practices.enums import NEXT_ADOPTION_STATES, AdoptionState
from practices.models import Adoption, PracticePage
from practices.services.adoption import FIRST_STATES, TOLD

TOO_LONG = gettext_lazy(
    "Shorten it: it has %(show_value)d characters, and at most %(limit_value)d can be kept."
)


def told(label, help_text) -> TextField:
    return TextField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=1500,
        widget=forms.Textarea({"rows": 5, "dir": "auto"}),
        error_messages={"max_length": TOO_LONG},
    )


class AdoptionForm(UncutForm):
    """What a collectivity tells of taking a practice over. All of it is public."""

    since = PartialDateField(
        label=gettext_lazy("Since when"),
        help_text=gettext_lazy("A year, a month or a day: 2022, 10/2022 or 21/10/2022."),
        required=False,
        max_length=10,
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr"}),
        error_messages={
            "max_length": gettext_lazy("Write a year, a month or a day: 2022, 10/2022, 21/10/2022.")
        },
    )
    kept = told(
        gettext_lazy("What you keep"),
        gettext_lazy("Which parts you take over as they are."),
    )
    changed = told(
        gettext_lazy("What you change, and why"),
        gettext_lazy("What is otherwise with you, and what you did about it."),
    )
    result = told(
        gettext_lazy("What came of it"),
        gettext_lazy("Can be added later, when there is something to tell."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of what you write here"),
        choices=list(languages.OWN_NAMES.items()),
        initial=languages.current,
        error_messages={"invalid_choice": gettext_lazy("Choose a language.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def told(self) -> dict[str, str]:
        """What was typed, by the fields of the model."""
        return {name: self.cleaned_data[name] for name in TOLD}

    def ask_again(self, told: dict, stamp: str) -> list[dict]:
        """
        Keep what was typed, with the stamp of what stands there now: sent again, it replaces.

        :param told: what stands there now
        :returns: the fields in which the two differ, each with what stands there
        """
        choices = dict(self.fields["language"].choices)
        differing = [
            {"label": self.fields[name].label, "theirs": choices.get(told[name], told[name])}
            for name, mine in self.told.items()
            if mine != told[name]
        ]
        self.data = self.data.copy()
        self.data["seen"] = stamp
        self.add_error(
            None,
            _(
                "A colleague saved this while you were writing. Nothing of yours is lost, and "
                "nothing of theirs has been replaced: compare the two below."
            ),
        )
        return differing


class DeclareForm(AdoptionForm):
    """The same with how far the collectivity is and, for people of several, which one it is."""

    collectivity = forms.ChoiceField(
        label=gettext_lazy("For which collectivity?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose the collectivity that takes it over."),
            "invalid_choice": gettext_lazy("Choose one of your own collectivities."),
        },
    )
    state = forms.ChoiceField(
        label=gettext_lazy("How far are you?"),
        choices=[(one.value, one.label) for one in FIRST_STATES],
        widget=forms.RadioSelect,
        initial=AdoptionState.INTENTION,
        error_messages={
            "required": gettext_lazy("Choose how far you are."),
            "invalid_choice": gettext_lazy("Choose one of the states that are offered."),
        },
    )
    field_order = ("collectivity", "state")

    def __init__(
        self,
        *args,
        adopters: list[Collectivity],
        offered: list[Collectivity] | None = None,
        **kwargs,
    ) -> None:
        """
        :param adopters: those for which the person may declare it
        :param offered: those of them that have not done so yet; all by default
        """
        super().__init__(*args, **kwargs)
        del self.fields["seen"]
        self.adopters = {str(one.pk): one for one in adopters}
        offered = adopters if offered is None else offered
        field = self.fields["collectivity"]
        field.choices = [(str(one.pk), one.full_name) for one in offered]
        if len(adopters) == 1:
            del self.fields["collectivity"]
        elif len(offered) == 1:
            field.initial = offered[0].pk

    @property
    def adopter(self) -> Collectivity:
        if "collectivity" in self.cleaned_data:
            return self.adopters[self.cleaned_data["collectivity"]]
        return next(iter(self.adopters.values()))


class StateForm(UncutForm):
    """How far a collectivity is by now."""

    state = forms.ChoiceField(
        label=gettext_lazy("How far are you now?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose how far you are."),
            "invalid_choice": gettext_lazy(
                "This step is not possible from where you are. Choose one of those offered."
            ),
        },
    )
    words = TextField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy(
            "Everybody reads it. Needed where you give it up: the others learn most from that."
        ),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
        error_messages={"max_length": TOO_LONG},
    )

    def __init__(self, *args, adoption: Adoption, **kwargs) -> None:
        # Several forms stand on one page: each has ids of its own.
        super().__init__(*args, auto_id="state_%s", **kwargs)
        self.fields["state"].choices = [
            (one.value, one.label) for one in NEXT_ADOPTION_STATES[adoption.state]
        ]

    def clean(self) -> None:
        super().clean()
        gives_up = self.cleaned_data.get("state") == AdoptionState.GIVEN_UP
        if gives_up and not self.cleaned_data.get("words") and "words" not in self.errors:
            self.add_error("words", _("Say why you give it up: the others learn most from that."))


class OwnPracticeField(KnownKeys, forms.ModelChoiceField):
    def label_from_instance(self, page: PracticePage) -> str:
        return page.title


class LinkForm(UncutForm):
    """Which of its own practices a collectivity made of it."""

    practice = OwnPracticeField(
        label=gettext_lazy("Your own practice"),
        queryset=PracticePage.objects.none(),
        required=False,
        empty_label=gettext_lazy("None"),
        error_messages={
            "invalid_choice": gettext_lazy("Choose one of your own published practices.")
        },
    )

    def __init__(self, *args, pages, **kwargs) -> None:
        super().__init__(*args, auto_id="link_%s", **kwargs)
        self.fields["practice"].queryset = pages


class WriteForm(UncutForm):
    """In which language a collectivity writes its own version."""

    language = forms.ChoiceField(
        label=gettext_lazy("In which language?"),
        error_messages={
            "required": gettext_lazy("Choose a language."),
            "invalid_choice": gettext_lazy(
                "Choose one of the languages in which the practice can be read."
            ),
        },
    )

    def __init__(self, *args, codes: list[str], **kwargs) -> None:
        super().__init__(*args, auto_id="write_%s", **kwargs)
        self.fields["language"].choices = [(code, languages.own_name(code)) for code in codes]


class HideForm(UncutForm):
    reason = TextField(
        label=gettext_lazy("Why it is hidden"),
        help_text=gettext_lazy("The people of the collectivity read it."),
        max_length=1000,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
        error_messages={
            "required": gettext_lazy("Write the reason: the collectivity reads it."),
            "max_length": TOO_LONG,
        },
    )
