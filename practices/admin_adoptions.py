"""Adoptions in the administration: looked at, hidden with a reason, shown again."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_filters import ChoiceFilter
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.viewsets.model import ModelViewSet

from core.admin import OwnPolicy
from members.permissions import may
from practices.enums import AdoptionState
from practices.forms.adoption import HideForm
from practices.models import Adoption
from practices.services.adoption import hide_adoption, show_adoption


class AdoptionPolicy(OwnPolicy):
    """Who may hide adoptions sees them; collectivities alone write them."""

    def user_has_permission(self, user, action: str) -> bool:
        return action == "view" and may(user, "adoption.hide")


class AdoptionFilterSet(WagtailFilterSet):
    state = ChoiceFilter(label=pgettext_lazy("adoption", "State"), choices=AdoptionState.choices)
    shown = ChoiceFilter(
        label=gettext_lazy("Shown"),
        choices=[
            ("shown", gettext_lazy("Shown to everybody")),
            ("hidden", gettext_lazy("Hidden by an editor")),
        ],
        method="filter_shown",
    )

    class Meta:
        model = Adoption
        fields = ()

    def filter_shown(self, adoptions, name: str, value: str):
        return adoptions.filter(hidden_at__isnull=value == "shown")


def shown_or_hidden(adoption: Adoption) -> str:
    if adoption.hidden_at:
        return pgettext("adoption", "Hidden")
    return pgettext("adoption", "Shown")


class AdoptionIndexView(IndexView):
    @property
    def columns(self):
        return [
            TitleColumn(
                "practice",
                accessor="practice.title",
                label=gettext_lazy("practice"),
                get_url=self.get_inspect_url,
            ),
            Column(
                "collectivity",
                accessor="collectivity.full_name",
                label=gettext_lazy("collectivity"),
            ),
            Column("state", accessor="get_state_display", label=pgettext_lazy("adoption", "State")),
            Column("shown", accessor=shown_or_hidden, label=gettext_lazy("Shown")),
            DateColumn("changed_at", label=gettext_lazy("last changed on"), sort_key="changed_at"),
        ]

    def get_base_queryset(self):
        return Adoption.objects.select_related("practice", "collectivity")


class AdoptionInspectView(InspectView):
    page_title = gettext_lazy("Adoption")

    def get_object(self, queryset=None):
        rows = Adoption.objects.select_related("practice", "collectivity", "declared_by")
        return get_object_or_404(rows, pk=self.pk)

    def get_page_subtitle(self):
        return self.object.practice.title

    def get_fields_context(self):
        return []  # the template shows them

    def get_context_data(self, **kwargs):
        steps = self.object.steps.select_related("by")
        return super().get_context_data(adoption=self.object, steps=steps, **kwargs)


def adoption_for_editor(request, pk: int) -> Adoption:
    if not may(request.user, "adoption.hide"):
        raise PermissionDenied
    return get_object_or_404(Adoption.objects.select_related("practice", "collectivity"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def hide(request, pk: int):
    """Ask for the reason, then hide an adoption."""
    adoption = adoption_for_editor(request, pk)
    form = HideForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        hide_adoption(adoption=adoption, reason=form.cleaned_data["reason"], editor=request.user)
        messages.success(request, _("It is hidden. The collectivity is told why."))
        return redirect("adoptions:inspect", adoption.pk)
    return render(
        request,
        "practices/adoption/admin/hide.html",
        {"adoption": adoption, "form": form},
        status=422 if form.is_bound else 200,
    )


@require_POST
def show(request, pk: int):
    """Show a hidden adoption again."""
    adoption = adoption_for_editor(request, pk)
    show_adoption(adoption=adoption, editor=request.user)
    messages.success(request, _("It is shown again. The collectivity is told."))
    return redirect("adoptions:inspect", adoption.pk)


class AdoptionViewSet(ModelViewSet):
    model = Adoption
    icon = "resubmit"
    menu_label = gettext_lazy("Adoptions")
    menu_name = "adoptions"
    menu_order = 116
    add_to_admin_menu = True
    copy_view_enabled = False
    add_to_reference_index = False  # nothing refers to an adoption
    index_view_class = AdoptionIndexView
    inspect_view_enabled = True
    inspect_view_class = AdoptionInspectView
    inspect_template_name = "practices/adoption/admin/adoption.html"
    filterset_class = AdoptionFilterSet
    ordering = ("-changed_at", "-pk")
    list_per_page = 50
    form_fields = ()

    @property
    def permission_policy(self) -> AdoptionPolicy:
        return AdoptionPolicy(self.model)

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("hide/<int:pk>/", hide, name="hide"),
            path("show/<int:pk>/", show, name="show"),
        ]


adoption_viewset = AdoptionViewSet("adoptions", url_prefix="adoptions")


@hooks.register("register_admin_viewset")
def register_adoptions():
    return adoption_viewset
