"""The forms by which editors give and withdraw the label."""

from datetime import date
from functools import reduce
from operator import and_
from uuid import uuid4

from django import forms
from django.db.models import Q
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core import languages
from core.open_forms import TextField, UncutForm
from members.models import User
from practices.models import PracticePage
from practices.recognition import (
    CRITERIA,
    HOLDS_FOR,
    LONGEST,
    MOST_REVIEWERS,
    NEWEST,
    REVIEWERS,
)
from practices.services.recognition import (
    Judges,
    Review,
    missing_criteria,
    months_from,
    reviewer_hindrance,
)

SUGGESTED = 5  # people who are named where several have a name
MOST_WORDS = 8  # of a name that is looked for


class PersonField(forms.CharField):
    """A person with an account, found by the e-mail address or by the name."""

    widget = forms.TextInput({"dir": "auto", "autocomplete": "off"})

    def clean(self, value) -> User | None:
        typed = super().clean(value)
        if not typed:
            return None
        people = User.objects.filter(is_active=True, deleted_at=None)
        if exact := people.filter(email__iexact=typed).first():
            return exact
        words = typed.split()[:MOST_WORDS]
        has_words = reduce(
            and_, (Q(first_name__icontains=one) | Q(last_name__icontains=one) for one in words)
        )
        found = list(people.filter(has_words).order_by("pk")[: SUGGESTED + 1])
        if not found:
            raise forms.ValidationError(
                _("Nobody has this name or address. Write it as it stands in the account.")
            )
        if len(found) > 1:
            raise forms.ValidationError(
                _("Several people have this name: %(people)s. Write the e-mail address.")
                % {"people": _told(found)}
            )
        return found[0]


def _told(people: list[User]) -> str:
    named = [f"{one.name} ({one.email})" for one in people[:SUGGESTED]]
    return pgettext("list", ", ").join(named) + ("…" if len(people) > SUGGESTED else "")


class ReviewForm(UncutForm):
    """What one reviewer said, entered by the editor."""

    reviewer = PersonField(
        label=gettext_lazy("Reviewer"),
        max_length=254,
        help_text=gettext_lazy("Name or e-mail address, of somebody of the network."),
        error_messages={"required": gettext_lazy("Name a reviewer.")},
    )
    met = forms.MultipleChoiceField(
        label=gettext_lazy("Criteria that the reviewer finds met"),
        choices=lambda: [(one.code, one.title) for one in CRITERIA[NEWEST]],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick the criteria that the reviewer finds met.")},
    )
    words = TextField(
        label=gettext_lazy("In the reviewer’s own words"),
        help_text=gettext_lazy("They are shown on the page of the label, as they are."),
        max_length=2000,
        widget=forms.Textarea({"rows": 5, "dir": "auto"}),
        error_messages={"required": gettext_lazy("Write what the reviewer says.")},
    )
    agreed = forms.BooleanField(
        label=gettext_lazy("The reviewer agrees to be named"),
        help_text=gettext_lazy(
            "Name, office, collectivity and words stand on a page that everybody reads."
        ),
        error_messages={
            "required": gettext_lazy("Ask the reviewer first: nobody is named who has not agreed.")
        },
    )


class BaseReviewFormSet(BaseFormSet):
    """
    The reviewers of one practice: two or more, none too near to it, and for each criterion two who
    find it met.
    """

    def __init__(self, *args, practice: PracticePage, editor: User, **kwargs) -> None:
        self.practice, self.editor = practice, editor
        super().__init__(*args, **kwargs)

    def reviews(self) -> list[Review]:
        """Return what was entered, of those rows that are right and not empty."""
        entered = [one.cleaned_data for one in self.forms if one.is_valid() and one.cleaned_data]
        return [Review(one["reviewer"], one["met"], one["words"]) for one in entered]

    def clean(self) -> None:
        judges = Judges(self.practice)
        named: set[int] = set()
        for form in self.forms:
            person = getattr(form, "cleaned_data", {}).get("reviewer")
            if person is None:
                continue
            if person.pk in named:
                form.add_error("reviewer", _("This person is named twice."))
            elif hindrance := reviewer_hindrance(judges, person, self.editor):
                form.add_error("reviewer", hindrance)
            named.add(person.pk)
        if any(form.errors for form in self.forms):
            return
        missing = missing_criteria(NEWEST, [one.met for one in self.reviews()])
        if missing:
            titles = {one.code: str(one.title) for one in CRITERIA[NEWEST]}
            raise forms.ValidationError(
                _("Fewer than two reviewers find this met: %(criteria)s.")
                % {"criteria": pgettext("list", ", ").join(titles[code] for code in missing)}
            )


ReviewFormSet = formset_factory(
    ReviewForm,
    formset=BaseReviewFormSet,
    extra=0,
    min_num=REVIEWERS,
    max_num=MOST_REVIEWERS,
    absolute_max=MOST_REVIEWERS,
    validate_min=True,
    validate_max=True,
)


def last_day_by_default() -> date:
    return months_from(timezone.localdate(), HOLDS_FOR)


class AwardForm(UncutForm):
    """Why, in which language, and until when."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    reasons = TextField(
        label=gettext_lazy("Why the practice gets the label"),
        help_text=gettext_lazy("Everybody reads it. A few sentences are enough."),
        max_length=2000,
        widget=forms.Textarea({"rows": 6, "dir": "auto"}),
        error_messages={"required": gettext_lazy("Write the reasons: everybody reads them.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the reasons and of the reviewers’ words"),
        choices=list(languages.OWN_NAMES.items()),
        initial=languages.current,
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Holds until"),
        help_text=gettext_lazy("Two years by default, three at most."),
        initial=last_day_by_default,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("Name the last day on which it holds.")},
    )

    def clean_expires_on(self) -> date:
        day, today = self.cleaned_data["expires_on"], timezone.localdate()
        if not today < day <= months_from(today, LONGEST):
            raise forms.ValidationError(
                _("The last day lies after today, and at most %(months)d months from now.")
                % {"months": LONGEST}
            )
        return day


class WithdrawForm(UncutForm):
    reason = TextField(
        label=gettext_lazy("Why it is withdrawn"),
        help_text=gettext_lazy("Everybody reads it on the page of the label."),
        max_length=1000,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
        error_messages={"required": gettext_lazy("Write the reason: everybody reads it.")},
    )
