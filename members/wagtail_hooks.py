"""Collectivities in the admin: to be looked up and to have a missing name filled in."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters import ModelChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.chooser import (
    ChooseResultsView,
    ChooseView,
    SnippetChooserViewSet,
)
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from members.models import Collectivity


class OfficialDataPolicy(ModelPermissionPolicy):
    """Nobody adds or deletes by hand what `manage.py import_collectivities` brings in."""

    def user_has_permission(self, user, action: str) -> bool:
        return action not in {"add", "delete"} and super().user_has_permission(user, action)

    def user_has_any_permission(self, user, actions) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


class CollectivityFilterSet(WagtailFilterSet):
    region = ModelChoiceFilter(
        queryset=lambda request: Collectivity.objects.regions(), label=_("region")
    )

    class Meta:
        model = Collectivity
        fields = ("kind", "setting")


class CollectivityIndexView(IndexView):
    is_searchable = True

    def search_queryset(self, queryset):
        """Search as the public directory does: either script, with or without accents."""
        return queryset.named(self.search_query) if self.is_searching else queryset


class CollectivityChooserForm(BaseFilterForm):
    q = forms.CharField(
        label=_("Name"),
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Name")}),
    )

    def filter(self, objects):
        self.search_query = self.cleaned_data["q"]
        self.is_searching = bool(self.search_query)
        return super().filter(objects.named(self.search_query))


class CollectivityChooseView(ChooseView):
    filter_form_class = CollectivityChooserForm


class CollectivityChooseResultsView(ChooseResultsView):
    filter_form_class = CollectivityChooserForm


class CollectivityChooserViewSet(SnippetChooserViewSet):
    choose_view_class = CollectivityChooseView
    choose_results_view_class = CollectivityChooseResultsView


class CollectivityViewSet(SnippetViewSet):
    model = Collectivity
    icon = "site"
    menu_label = _("Collectivities")
    menu_name = "collectivities"
    add_to_admin_menu = True
    chooser_viewset_class = CollectivityChooserViewSet
    index_view_class = CollectivityIndexView
    list_display = ("name_ar", "name_fr", "code", "kind", "region", "population")
    filterset_class = CollectivityFilterSet
    list_per_page = 50
    ordering = ("code",)
    copy_view_enabled = False
    inspect_view_enabled = True
    panels = (
        MultiFieldPanel(
            [
                FieldRowPanel(
                    [FieldPanel("code", read_only=True), FieldPanel("kind", read_only=True)]
                ),
                FieldPanel("parent", read_only=True),
                FieldRowPanel(
                    [FieldPanel("name_ar", read_only=True), FieldPanel("name_fr", read_only=True)]
                ),
                FieldRowPanel(
                    [
                        FieldPanel("population", read_only=True),
                        FieldPanel("setting", read_only=True),
                    ]
                ),
            ],
            heading=_("Official data"),
        ),
        FieldRowPanel([FieldPanel("name_en"), FieldPanel("name_zgh")]),
    )

    @property
    def permission_policy(self) -> OfficialDataPolicy:
        return OfficialDataPolicy(self.model)

    def get_queryset(self, request):
        return Collectivity.objects.select_related("region")


register_snippet(CollectivityViewSet)
