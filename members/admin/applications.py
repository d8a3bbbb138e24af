"""Applications in the administration: looked at, decided one by one or many at once."""

from datetime import timedelta

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_safe
from django_filters import ChoiceFilter, ModelChoiceFilter
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn, TitleColumn
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.viewsets.model import ModelViewSet

from core.admin import OwnPolicy
from core.open_forms import TextField
from core.uploads.services import hand_out
from members.enums import ApplicationState, OrganisationKind
from members.models import Application, Collectivity
from members.permissions import may
from members.services.joining import (
    JoiningRefused,
    accept_application,
    ask_for_more,
    has_focal_point,
    invitation_for,
    invite_again,
    refuse_application,
)

DECISIONS = {
    "accept": accept_application,
    "ask": ask_for_more,
    "refuse": refuse_application,
}


class ApplicationPolicy(OwnPolicy):
    """Who checks applications sees them; nobody writes or deletes what an applicant wrote."""

    def user_has_permission(self, user, action: str) -> bool:
        return action == "view" and may(user, "application.decide")


class ReasonForm(forms.Form):
    """Why: the applicant reads it."""

    reason = TextField(
        label=gettext_lazy("Reason, or what is missing"),
        help_text=gettext_lazy("The applicant reads it as you write it, by mail and on the page."),
        max_length=2000,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
        error_messages={"required": gettext_lazy("Write a reason: the applicant reads it.")},
    )


class DecisionForm(ReasonForm):
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[
            ("accept", pgettext_lazy("decision", "Accept")),
            ("ask", pgettext_lazy("decision", "Ask for more")),
            ("refuse", pgettext_lazy("decision", "Refuse")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a decision.")},
    )
    field_order = ("decision", "reason")


# --- The list -------------------------------------------------------------------------------------


class ApplicationFilterSet(WagtailFilterSet):
    state = ChoiceFilter(
        label=pgettext_lazy("application", "State"),
        choices=[one for one in ApplicationState.choices if one[0] != "unconfirmed"],
    )
    kind = ChoiceFilter(
        label=pgettext_lazy("application", "Kind"), choices=OrganisationKind.choices
    )
    region = ModelChoiceFilter(
        label=pgettext_lazy("collectivity", "Region"),
        queryset=lambda request: Collectivity.objects.regions(),
        method="filter_region",
    )
    age = ChoiceFilter(
        label=pgettext_lazy("application", "Age"),
        choices=[
            ("7", gettext_lazy("Older than a week")),
            ("30", gettext_lazy("Older than a month")),
        ],
        method="filter_age",
    )

    class Meta:
        model = Application
        fields = ()

    def filter_region(self, applications, name: str, value: Collectivity):
        named = Application.objects.filter(
            Q(collectivity__region=value) | Q(attach_to__region=value)
        )
        return applications.filter(pk__in=named.values("pk"))

    def filter_age(self, applications, name: str, value: str):
        return applications.filter(created_at__lt=timezone.now() - timedelta(days=int(value)))


class ApplicationIndexView(IndexView):
    is_searchable = True

    @property
    def columns(self):
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="application"),
            TitleColumn(
                "organisation",
                accessor="organisation_name",
                label=gettext_lazy("Organisation"),
                get_url=self.get_inspect_url,
            ),
            Column(
                "kind",
                accessor="get_kind_display",
                label=pgettext_lazy("application", "Kind"),
            ),
            Column("applicant", accessor="name", label=gettext_lazy("Applicant")),
            Column(
                "state",
                accessor="get_state_display",
                label=pgettext_lazy("application", "State"),
                sort_key="state",
            ),
            DateColumn("created_at", label=gettext_lazy("Date"), sort_key="created_at"),
        ]

    def get_base_queryset(self):
        rows = Application.objects.for_editors()
        return rows.select_related("collectivity", "association")

    def search_queryset(self, applications):
        """Each word is looked for in names, the address and the organisation, in either script."""
        for word in self.search_query.split() if self.is_searching else ():
            applications = applications.filter(
                Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
                | Q(email__icontains=word)
                | Q(association_name_ar__icontains=word)
                | Q(association_name_fr__icontains=word)
                | Q(collectivity__in=Collectivity.objects.named(word))
            )
        return applications


# --- One application ------------------------------------------------------------------------------


class ApplicationInspectView(InspectView):
    """Everything about an application, and the form by which it is decided."""

    page_title = gettext_lazy("Application")
    form = None

    def get_object(self, queryset=None):
        rows = Application.objects.for_editors().select_related(
            "collectivity__parent", "collectivity__region", "association", "document"
        )
        return get_object_or_404(rows, pk=self.pk)

    def post(self, request, *args, **kwargs):
        if "invite" in request.POST:
            return self._done(
                lambda: invite_again(application=self.object, editor=request.user),
                _("The invitation is on its way again."),
            )
        self.form = DecisionForm(request.POST)
        if not self.form.is_valid():
            messages.error(request, _("Nothing was decided. See what is missing below."))
            context = self.get_context_data(**kwargs)
            return self.render_to_response(context, status=422)
        decide = DECISIONS[self.form.cleaned_data["decision"]]
        return self._done(
            lambda: decide(
                application=self.object,
                editor=request.user,
                reason=self.form.cleaned_data["reason"],
            ),
            _("Done. The applicant has been told."),
        )

    def _done(self, change, words: str):
        try:
            change()
        except JoiningRefused as refusal:
            messages.warning(self.request, str(refusal))
        else:
            messages.success(self.request, words)
        return redirect("applications:inspect", self.object.pk)

    def get_fields_context(self):
        return []  # the template shows them

    def get_context_data(self, **kwargs):
        one = self.object
        open_ones = Application.objects.filter(state__in=ApplicationState.OPEN)
        same = open_ones.filter(collectivity=one.collectivity) if one.collectivity else open_ones
        if not one.collectivity:
            same = same.filter(
                association_name_ar=one.association_name_ar,
                association_name_fr=one.association_name_fr,
            )
        return super().get_context_data(
            application=one,
            form=self.form or DecisionForm(),
            is_open=one.state in ApplicationState.OPEN,
            steps=one.steps.select_related("actor"),
            attach_to=one.attach_to.select_related("parent", "region"),
            others=same.exclude(pk=one.pk),
            has_people=one.collectivity is not None and has_focal_point(one.collectivity),
            invitation=invitation_for(one),
            document_url=reverse("applications:document", args=[one.pk]),
            **kwargs,
        )


@require_safe
def document(request, pk: int):
    """Hand out the document of an application."""
    if not may(request.user, "application.decide"):
        raise PermissionDenied
    one = get_object_or_404(Application.objects.for_editors().select_related("document"), pk=pk)
    if one.document is None:
        raise Http404("It has no document.")
    return hand_out(request, one.document)


class ApplicationViewSet(ModelViewSet):
    model = Application
    icon = "group"
    menu_label = gettext_lazy("Applications")
    menu_name = "applications"
    menu_order = 125
    add_to_admin_menu = True
    copy_view_enabled = False
    add_to_reference_index = False  # nothing refers to an application
    index_view_class = ApplicationIndexView
    index_template_name = "members/admin/applications.html"
    inspect_view_enabled = True
    inspect_view_class = ApplicationInspectView
    inspect_template_name = "members/admin/application.html"
    filterset_class = ApplicationFilterSet
    ordering = ("-created_at", "-pk")
    list_per_page = 50
    form_fields = ()

    @property
    def permission_policy(self) -> ApplicationPolicy:
        return ApplicationPolicy(self.model)

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("document/<int:pk>/", document, name="document")]


application_viewset = ApplicationViewSet("applications")


@hooks.register("register_admin_viewset")
def register_applications():
    return application_viewset


# --- Many at once -------------------------------------------------------------------------------


class ApplicationsBulkAction(BulkAction):
    """One decision with one reason for many. Those that it cannot be made of stay as they are."""

    models = [Application]
    template_name = "members/admin/applications_action.html"
    form_class = ReasonForm
    decide = None

    def check_perm(self, application) -> bool:
        return may(self.request.user, "application.decide")

    def get_all_objects_in_listing_query(self, parent_id):
        """What is decided is never taken along."""
        open_ones = Application.objects.filter(state__in=ApplicationState.OPEN)
        return open_ones.values_list("pk", flat=True)

    @classmethod
    def get_queryset(cls, model, object_ids):
        numbers = [one for one in object_ids if str(one).isascii() and str(one).isdecimal()]
        rows = Application.objects.for_editors().select_related("collectivity", "association")
        return rows.filter(pk__in=numbers)

    def get_execution_context(self):
        return {"editor": self.request.user, "reason": self.cleaned_form.cleaned_data["reason"]}

    @classmethod
    def execute_action(cls, objects, *, editor, reason, **kwargs):
        done = 0
        for one in objects:
            try:
                cls.decide(application=one, editor=editor, reason=reason)
            except JoiningRefused:
                continue
            done += 1
        return done, 0

    def get_success_message(self, num_parent_objects, num_child_objects):
        words = ngettext(
            "%(number)d application was decided; its applicant has been told.",
            "%(number)d applications were decided; their applicants have been told.",
            num_parent_objects,
        )
        return words % {"number": num_parent_objects}


@hooks.register("register_bulk_action")
class AskManyForMore(ApplicationsBulkAction):
    display_name = pgettext_lazy("decision", "Ask for more")
    action_type = "ask_for_more"
    aria_label = gettext_lazy("Ask the applicants of the chosen applications for more")
    action_priority = 10
    decide = staticmethod(ask_for_more)


@hooks.register("register_bulk_action")
class RefuseMany(ApplicationsBulkAction):
    display_name = pgettext_lazy("decision", "Refuse")
    action_type = "refuse"
    aria_label = gettext_lazy("Refuse the chosen applications")
    action_priority = 20
    classes = {"serious"}
    decide = staticmethod(refuse_application)
