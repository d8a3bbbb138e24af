"""The queue of the editors: what waits, how long, and who has it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Exists, F, OuterRef, Prefetch
from django.urls import path
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django_filters import ChoiceFilter, ModelChoiceFilter
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from contributions.admin.review import review_page, take_note_back
from contributions.enums import State, StepKind
from contributions.models import Authorship, Contribution, Step
from contributions.registry import kinds
from contributions.states import in_state, state_of, with_editors, with_states
from core import languages
from core.admin import OwnPolicy
from members.models import Collectivity
from members.permissions import may

MEASURED = timedelta(days=90)
EVERYTHING = "all"


# --- How long it takes ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """
    How long contributions wait, in whole days.

    :param number: how many wait now
    :param median: of those that wait now; None where none does, like the others
    :param longest: of those that wait now
    :param decided: how many were published or sent back in the last 90 days
    :param until_decided: the median from submitting to that decision
    """

    number: int
    median: int | None
    longest: int | None
    decided: int
    until_decided: int | None


def measure_waiting(now: datetime) -> Waiting:
    """Measure how long contributions wait for the editors; two queries, however many there are."""
    waits = Contribution.objects.filter(submitted_at__isnull=False)
    ages = [now - since for since in waits.values_list("submitted_at", flat=True)]
    decisions = (StepKind.PUBLISHED, StepKind.CHANGES_ASKED)
    decided = Step.objects.filter(kind__in=decisions, at__gte=now - MEASURED)
    steps = (
        Step.objects.filter(
            contribution__in=decided.values("contribution"),
            kind__in=(StepKind.SUBMITTED, StepKind.WITHDRAWN, *decisions),
        )
        .order_by("contribution", "at", "pk")
        .values_list("contribution", "kind", "at")
    )
    took, submitted = [], {}
    for key, kind, at in steps:
        if kind == StepKind.SUBMITTED:
            submitted[key] = at
            continue
        since = submitted.pop(key, None)
        if since and kind in decisions and at >= now - MEASURED:
            took.append(at - since)
    return Waiting(
        number=len(ages),
        median=median(ages).days if ages else None,
        longest=max(ages).days if ages else None,
        decided=len(took),
        until_decided=median(took).days if took else None,
    )


def told_days(days: int) -> str:
    if days < 1:
        return _("less than a day")
    return ngettext("%(number)d day", "%(number)d days", days) % {"number": days}


# --- The list -------------------------------------------------------------------------------------


class ContributionPolicy(OwnPolicy):
    """Editors see what members write; it is written by members, and reviewed on a page of ours."""

    def user_has_permission(self, user, action: str) -> bool:
        return action == "view" and may(user, "contribution.review")


class QueueFilterSet(WagtailFilterSet):
    state = ChoiceFilter(
        label=pgettext_lazy("contribution", "State"),
        empty_label=gettext_lazy("With the editors"),
        choices=[*State.choices, (EVERYTHING, pgettext_lazy("contributions", "All"))],
        method="filter_state",
    )
    language = ChoiceFilter(
        label=gettext_lazy("Language"),
        choices=lambda: [(code, languages.own_name(code)) for code in languages.CODES],
        field_name="page__locale__language_code",
    )
    region = ModelChoiceFilter(
        label=pgettext_lazy("collectivity", "Region"),
        queryset=lambda request: Collectivity.objects.regions(),
        method="filter_region",
    )
    kind = ChoiceFilter(
        label=pgettext_lazy("contribution", "Kind"),
        choices=lambda: [(name, one.label) for name, one in kinds.items()],
    )

    class Meta:
        model = Contribution
        fields = ()

    def filter_queryset(self, queryset):
        """Show what is with the editors, unless another state is asked for."""
        queryset = super().filter_queryset(queryset)
        return queryset if self.form.cleaned_data["state"] else with_editors(queryset)

    def filter_state(self, contributions, name: str, value: str):
        return contributions if value == EVERYTHING else in_state(contributions, State(value))

    def filter_region(self, contributions, name: str, value: Collectivity):
        there = Authorship.objects.current().filter(
            contribution=OuterRef("pk"), collectivity__region=value
        )
        return contributions.filter(Exists(there))


# Read once for a whole page of the list.
WRITING = Authorship.objects.writing().select_related("collectivity")


def title(contribution: Contribution) -> str:
    return contribution.page.draft_title or contribution.page.title


def language(contribution: Contribution) -> str:
    return languages.own_name(contribution.page.locale.language_code)


def collectivities(contribution: Contribution) -> str:
    """Who writes it; those that were asked, or write no more, stay out."""
    names = [one.collectivity.full_name for one in contribution.writing]
    return pgettext("list", ", ").join(names)


def kind(contribution: Contribution):
    return kinds[contribution.kind].label


def told_state(contribution: Contribution):
    return state_of(contribution).label


def reviewer(contribution: Contribution) -> str:
    return contribution.reviewer.name if contribution.reviewer else "–"


def age(contribution: Contribution) -> str:
    if contribution.submitted_at is None:
        return "–"
    return told_days((timezone.now() - contribution.submitted_at).days)


class QueueView(IndexView):
    page_title = gettext_lazy("Review")
    show_locale_labels = False  # there is a column

    @property
    def columns(self):
        return [
            TitleColumn(
                "title",
                accessor=title,
                label=gettext_lazy("Title"),
                url_name="contributions:review",
            ),
            Column("age", accessor=age, label=gettext_lazy("Waits for")),
            Column("language", accessor=language, label=gettext_lazy("Language")),
            Column("by", accessor=collectivities, label=gettext_lazy("Collectivities")),
            Column("kind", accessor=kind, label=pgettext_lazy("contribution", "Kind")),
            Column("state", accessor=told_state, label=pgettext_lazy("contribution", "State")),
            Column("reviewer", accessor=reviewer, label=gettext_lazy("being reviewed by")),
        ]

    def get_base_queryset(self):
        return (
            with_states(Contribution.objects.visible_to(self.request.user))
            .select_related("page__locale", "reviewer")
            .prefetch_related(Prefetch("authorships", WRITING, to_attr="writing"))
        )

    def order_queryset(self, contributions):
        """What waits longest comes first; after it what does not wait, the last saved first."""
        return contributions.order_by(F("submitted_at").asc(nulls_last=True), "-saved_at", "-pk")

    def get_context_data(self, **kwargs):
        waiting = measure_waiting(timezone.now())
        days = {
            name: None if number is None else told_days(number)
            for name, number in (
                ("median", waiting.median),
                ("longest", waiting.longest),
                ("until_decided", waiting.until_decided),
            )
        }
        return super().get_context_data(waiting=waiting, days=days, **kwargs)


class ReviewMenuItem(MenuItem):
    """In the menu of those who review, with the number that waits."""

    def is_shown(self, request) -> bool:
        return may(request.user, "contribution.review")

    def render_component(self, request):
        number = Contribution.objects.filter(submitted_at__isnull=False).count()
        label = _("Review (%(number)d)") % {"number": number} if number else self.label
        return LinkMenuItem(
            self.name,
            label,
            self.url,
            icon_name=self.icon_name,
            classname=self.classname,
            attrs=self.attrs,
        )


class ReviewViewSet(ModelViewSet):
    model = Contribution
    icon = "clipboard-list"
    menu_label = gettext_lazy("Review")
    menu_name = "review"
    menu_order = 112
    add_to_admin_menu = True
    menu_item_class = ReviewMenuItem
    copy_view_enabled = False
    add_to_reference_index = False  # nothing refers to a contribution but its page
    index_view_class = QueueView
    index_template_name = "contributions/admin/queue.html"
    filterset_class = QueueFilterSet
    list_per_page = 50
    form_fields = ()

    @cached_property
    def permission_policy(self) -> ContributionPolicy:
        return ContributionPolicy(self.model)

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/", review_page, name="review"),
            path("<int:pk>/notes/<int:note>/", take_note_back, name="note"),
        ]


review_viewset = ReviewViewSet("contributions")


@hooks.register("register_admin_viewset")
def register_review():
    return review_viewset
