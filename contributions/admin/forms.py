"""The forms of a review. Whether something is missing, the services say, in the same words."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page

from contributions.drafts import kind_of
from contributions.models import Contribution
from core.open_forms import LineField, TextField, UncutForm
from core.text import number_sent
from members.models import User

LONGEST = 2000  # of `Step.words` and `Note.words`
LONGEST_QUESTION = 1000


def words_field(label, help_text="", longest=LONGEST) -> TextField:
    return TextField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=longest,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
    )


class ReviewForm(UncutForm):
    """One action on the page of a review; several stand on it, so each names its fields apart."""

    def __init__(self, contribution: Contribution, data=None, **kwargs) -> None:
        self.contribution = contribution
        super().__init__(data, prefix=type(self).__name__.removesuffix("Form").lower(), **kwargs)


class NoteForm(ReviewForm):
    words = words_field(gettext_lazy("Note"))
    field = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, contribution: Contribution, data=None, *, name: str = "") -> None:
        super().__init__(
            contribution, data, initial={"field": name}, auto_id=f"note-{name or 'all'}-%s"
        )


class ChangesForm(ReviewForm):
    words = words_field(
        gettext_lazy("What the authors should change"),
        gettext_lazy(
            "They read it as you write it, with your notes. It may be empty beside notes."
        ),
    )


class PublishForm(ReviewForm):
    met = forms.MultipleChoiceField(
        label=gettext_lazy("Criteria that are met"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    words = words_field(gettext_lazy("A word to the authors, if you like"))
    revision_id = forms.IntegerField(widget=forms.HiddenInput)
    revision_at = forms.DateTimeField(
        widget=forms.HiddenInput, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z"]
    )

    def __init__(self, contribution: Contribution, data=None, *, revision=None) -> None:
        initial = {}
        if revision:
            at = revision.created_at.isoformat(timespec="microseconds")
            initial = {"revision_id": revision.pk, "revision_at": at}
        super().__init__(contribution, data, initial=initial)
        self.fields["met"].choices = kind_of(contribution).criteria


class OpinionForm(ReviewForm):
    """Choose among the people who were found by their name."""

    reviewer = forms.IntegerField(
        label=gettext_lazy("Thematic reviewer"),
        min_value=1,
        max_value=2**63 - 1,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Look for a person, and choose one.")},
    )
    question = words_field(
        gettext_lazy("What you want to know"),
        gettext_lazy(
            "They read it as you write it, with the draft and the criteria. Where the collectivity "
            "hides its name, do not write it here."
        ),
        LONGEST_QUESTION,
    )

    def __init__(self, contribution: Contribution, data=None, *, found=()) -> None:
        super().__init__(contribution, data)
        self.offer(found)

    def offer(self, found: Iterable[User]) -> None:
        """Have these people to choose from."""
        self.fields["reviewer"].widget.choices = [
            (one.pk, f"{one.name} ({one.email})") for one in found
        ]


class UnpublishForm(ReviewForm):
    words = words_field(gettext_lazy("Reason"), gettext_lazy("The authors read it."))


class ArchiveForm(ReviewForm):
    words = words_field(gettext_lazy("Reason"), gettext_lazy("The authors read it."))
    successor = LineField(
        label=gettext_lazy("In favour of"),
        help_text=gettext_lazy(
            "The address of the public page that takes its place, or the number at its end. Empty "
            "for none."
        ),
        required=False,
        max_length=500,
        widget=forms.TextInput({"dir": "ltr"}),
    )

    def clean_successor(self) -> Page | None:
        """Find the public page by the number with which its address ends."""
        typed = self.cleaned_data["successor"].split("?")[0].rstrip("/")
        if not typed:
            return None
        slug = typed.rpartition("/")[2]
        number = slug.rpartition("-")[2]
        if number_sent(number):
            found = Page.objects.filter(pk=number, live=True).first()
            if found and slug in (number, found.slug):
                return found
        raise forms.ValidationError(_("No public page has this address or number."))


class BringBackForm(ReviewForm):
    words = words_field(gettext_lazy("A word to the authors, if you like"))
