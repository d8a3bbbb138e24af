"""Collectivities in the admin: to be looked up and to have a missing name filled in."""

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, ModelChoiceFilter
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import AdminDateInput
from wagtail.models import Page, ReferenceIndex
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.chooser import (
    ChooseResultsView,
    ChooseView,
    SnippetChooserViewSet,
)
from wagtail.snippets.views.snippets import (
    DeleteView,
    EditView,
    IndexView,
    InspectView,
    SnippetViewSet,
)

from core import languages
from core.admin import OwnPolicy
from core.export import Column as ExportColumn
from core.export import Export, Kind, csv_response, xlsx_response
from members.models import Collectivity
from members.permissions import may
from members.registry import counts_of
from members.services.membership import record_members

SHOWN = 10  # pages that a warning names; Wagtail's page of usage has the rest


class OfficialDataPolicy(OwnPolicy):
    """Nobody adds or deletes by hand what `manage.py import_collectivities` brings in."""

    def user_has_permission(self, user, action: str) -> bool:
        return action not in {"add", "delete"} and super().user_has_permission(user, action)


def references():
    """Return where pages name collectivities: Wagtail keeps it, whatever the kind of page."""
    return ReferenceIndex.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        to_content_type=ContentType.objects.get_for_model(Collectivity),
    )


def usage_of(collectivities) -> list[dict]:
    """Return where some collectivities are used: what the site holds of them, and which pages."""
    collectivities = list(collectivities)
    counts = counts_of(collectivities, languages.current())
    usages = []
    for one in collectivities:
        keys = references().filter(to_object_id=str(one.pk)).values_list("object_id", flat=True)
        pages = Page.objects.filter(pk__in=[int(key) for key in keys]).select_related("locale")
        usages.append(
            {
                "collectivity": one,
                "counts": counts[one.pk],
                "number": pages.count(),
                "pages": list(pages.order_by("title", "pk")[:SHOWN]),
            }
        )
    return usages


class CollectivityFilterSet(WagtailFilterSet):
    member = ChoiceFilter(
        label=_("Member of the network"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        method="filter_member",
    )
    region = ModelChoiceFilter(
        queryset=lambda request: Collectivity.objects.regions(), label=_("region")
    )
    used = ChoiceFilter(
        label=_("Named on pages"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        method="filter_used",
    )

    class Meta:
        model = Collectivity
        fields = ("kind", "setting")

    def filter_member(self, collectivities, name, value):
        members = Collectivity.objects.members()
        if value == "yes":
            return collectivities.filter(pk__in=members)
        return collectivities.exclude(pk__in=members)

    def filter_used(self, collectivities, name, value):
        named = Exists(references().filter(to_object_id=Cast(OuterRef("pk"), CharField())))
        return collectivities.filter(named if value == "yes" else ~named)


class CollectivityIndexView(IndexView):
    is_searchable = True

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        # For the whole page at once; the column reads them.
        counts = counts_of(context["object_list"], languages.current())
        for one in context["object_list"]:
            one.counts = counts[one.pk]
        return context

    def search_queryset(self, queryset):
        """Search as the public directory does: either script, with or without accents."""
        return queryset.named(self.search_query) if self.is_searching else queryset

    def as_spreadsheet(self, queryset, spreadsheet_format):
        """Answer with the list as the site writes lists, for the spreadsheets of offices here."""
        return WRITERS[spreadsheet_format](export_of(queryset))


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


class UsageMixin:
    """Adds to a view of a collectivity where it is used."""

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"usage": usage_of([self.object])[0]}


class CollectivityEditView(UsageMixin, EditView):
    pass


class CollectivityInspectView(UsageMixin, InspectView):
    pass


class CollectivityDeleteView(DeleteView):
    """Never deletes: `say_why_official_data_stays` answers first."""

    permission_required = "change"


@hooks.register("before_delete_snippet")
def say_why_official_data_stays(request, objects):
    """Say why collectivities are not deleted, where they are used, and what to do instead."""
    collectivities = [one for one in objects if isinstance(one, Collectivity)]
    if not collectivities:
        return None
    return render(
        request,
        "members/admin/not_deleted.html",
        {"usages": usage_of(collectivities)},
        status=409 if request.method == "POST" else 200,
    )


class ExportForm(forms.Form):
    form = forms.ChoiceField(
        label=_("File"),
        choices=[("xlsx", _("Excel workbook")), ("csv", _("CSV, fields separated by semicolons"))],
        widget=forms.RadioSelect,
        initial="xlsx",
    )


WRITERS = {"csv": csv_response, "xlsx": xlsx_response}
EXPORT_COLUMNS = (
    ("code", Kind.TEXT),
    ("kind", Kind.TEXT),
    ("name_ar", Kind.TEXT),
    ("name_fr", Kind.TEXT),
    ("name_en", Kind.TEXT),
    ("name_zgh", Kind.TEXT),
    ("parent", Kind.TEXT),
    ("region", Kind.TEXT),
    ("setting", Kind.TEXT),
    ("population", Kind.NUMBER),
)


def export_of(collectivities) -> Export:
    """Return some collectivities as a list to take away, in the official order."""
    field = Collectivity._meta.get_field
    return Export(
        name="collectivities",
        title=gettext("Territorial collectivities"),
        source=gettext("High Commission for Planning"),
        columns=[
            *(ExportColumn(name, field(name).verbose_name, kind) for name, kind in EXPORT_COLUMNS),
            ExportColumn("content", gettext("On the site"), Kind.LIST),
        ],
        rows=_export_rows(sorted(collectivities, key=lambda one: one.code)),
    )


def _export_rows(collectivities: list[Collectivity]) -> list[dict]:
    counts = counts_of(collectivities, languages.current())
    return [
        {name: getattr(one, name) for name, _kind in EXPORT_COLUMNS}
        | {
            "kind": one.get_kind_display(),
            "setting": one.get_setting_display(),
            "parent": one.parent.name if one.parent else "",
            "region": one.region.name if one.region else "",
            "content": counts[one.pk],
        }
        for one in collectivities
    ]


@hooks.register("register_bulk_action")
class ExportCollectivities(SnippetBulkAction):
    """Take the ticked collectivities away as a file."""

    models = [Collectivity]
    action_type = "export"
    display_name = _("Export")
    aria_label = _("Export the chosen collectivities")
    template_name = "members/admin/export.html"
    action_priority = 20
    form_class = ExportForm

    @classmethod
    def get_queryset(cls, model, object_ids):
        return model.objects.select_related("parent", "region").filter(pk__in=object_ids)

    def check_perm(self, collectivity) -> bool:
        return collectivity.snippet_viewset.permission_policy.user_has_any_permission(
            self.request.user, {"view", "change"}
        )

    def prepare_action(self, objects, objects_without_access):
        """Answer with the file; nothing is written."""
        return WRITERS[self.cleaned_form.cleaned_data["form"]](export_of(objects))


class MembersForm(forms.Form):
    began_on = forms.DateField(
        label=_("Member since"),
        required=False,
        help_text=_("Leave it empty where the day is not known."),
        widget=AdminDateInput,
    )

    def clean_began_on(self):
        day = self.cleaned_data["began_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day


@hooks.register("register_bulk_action")
class RecordMembers(SnippetBulkAction):
    """Enter the ticked collectivities as members that were so before this site knew of it."""

    models = [Collectivity]
    action_type = "record_members"
    display_name = _("Enter as members")
    aria_label = _("Enter the chosen collectivities as members of the network")
    template_name = "members/admin/record_members.html"
    action_priority = 10
    form_class = MembersForm

    def check_perm(self, collectivity) -> bool:
        return may(self.request.user, "application.decide")

    def get_execution_context(self):
        return {
            "began_on": self.cleaned_form.cleaned_data["began_on"],
            "actor": self.request.user,
        }

    @classmethod
    def execute_action(cls, objects, *, began_on, actor, **kwargs):
        return record_members(collectivities=objects, began_on=began_on, actor=actor), 0

    def get_success_message(self, num_parent_objects, num_child_objects):
        words = ngettext(
            "%(number)d collectivity was entered as a member.",
            "%(number)d collectivities were entered as members.",
            num_parent_objects,
        )
        return words % {"number": num_parent_objects}


def content_cell(collectivity: Collectivity) -> str:
    return pgettext("list", ", ").join(collectivity.counts)


class CollectivityViewSet(SnippetViewSet):
    model = Collectivity
    icon = "site"
    menu_label = _("Collectivities")
    menu_name = "collectivities"
    add_to_admin_menu = True
    chooser_viewset_class = CollectivityChooserViewSet
    index_view_class = CollectivityIndexView
    edit_view_class = CollectivityEditView
    edit_template_name = "members/admin/edit.html"
    inspect_view_class = CollectivityInspectView
    inspect_template_name = "members/admin/inspect.html"
    delete_view_class = CollectivityDeleteView
    menu_order = 130
    list_display = (
        "name_ar",
        "name_fr",
        "code",
        "kind",
        "region",
        "population",
        Column("content", label=_("On the site"), accessor=content_cell),
    )
    list_export = tuple(name for name, _kind in EXPORT_COLUMNS)
    export_filename = "collectivities"
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
        FieldRowPanel(
            [
                FieldPanel(
                    "name_en", help_text=_("Where it differs from the French: Marrakesh-Safi.")
                ),
                FieldPanel(
                    "name_zgh", help_text=_("In Tifinagh, as the road signs or the HCP write it.")
                ),
            ]
        ),
    )

    @property
    def permission_policy(self) -> OfficialDataPolicy:
        return OfficialDataPolicy(self.model)

    def get_queryset(self, request):
        return Collectivity.objects.select_related("parent", "region")


register_snippet(CollectivityViewSet)
