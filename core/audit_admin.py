"""The audit log in the administration: read, narrowed, never changed. For administrators alone."""

import json

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy
from django_filters import CharFilter, ChoiceFilter, DateFromToRangeFilter
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.viewsets.model import ModelViewSet

from core.admin import OwnPolicy
from core.audit import AuditEntry, kinds


class AuditPolicy(OwnPolicy):
    """Administrators read; nobody writes, changes or deletes, not even they."""

    def user_has_permission(self, user, action: str) -> bool:
        return action == "view" and user.is_active and user.is_superuser


class AuditFilterSet(WagtailFilterSet):
    kind = ChoiceFilter(
        label=pgettext_lazy("audit", "What"),
        choices=lambda: sorted((name, one.label) for name, one in kinds.items()),
    )
    actor = CharFilter(label=_("Who"), field_name="actor__email", lookup_expr="icontains")
    at = DateFromToRangeFilter(label=pgettext_lazy("audit", "When"), widget=DateRangePickerWidget)

    class Meta:
        model = AuditEntry
        fields = ("kind", "actor", "at")


def actor_cell(entry: AuditEntry) -> str:
    return str(entry.actor) if entry.actor else ""


def subject_cell(entry: AuditEntry) -> str:
    return f"{entry.subject_type} {entry.subject_id}".strip()


class AuditIndexView(IndexView):
    def get_base_queryset(self):
        return AuditEntry.objects.visible_to(self.request.user).select_related("actor")


class AuditInspectView(InspectView):
    """One entry, with what it was before and after."""

    def get_fields(self):
        return ["kind", "at", "actor", "subject", "before", "after", "note"]

    def get_field_label(self, field_name, field):
        if field_name == "subject":
            return pgettext("audit", "On")
        return super().get_field_label(field_name, field)

    def get_field_display_value(self, field_name, field):
        entry = self.object
        if field_name in ("before", "after"):
            if entry.sealed:
                return _("Sealed")
            value = getattr(entry, field_name)
            return "–" if value is None else json.dumps(value, ensure_ascii=False, indent=1)
        if field_name == "at":
            return super().get_field_display_value(field_name, field)
        told = {"kind": entry.label, "actor": actor_cell(entry), "subject": subject_cell(entry)}
        return told.get(field_name, entry.note) or "–"


class AuditViewSet(ModelViewSet):
    model = AuditEntry
    icon = "list-ul"
    menu_label = _("Audit log")
    menu_name = "audit-log"
    menu_order = 9000
    add_to_settings_menu = True
    copy_view_enabled = False
    add_to_reference_index = False
    inspect_view_enabled = True
    index_view_class = AuditIndexView
    inspect_view_class = AuditInspectView
    list_display = (
        Column("label", label=pgettext_lazy("audit", "What"), accessor="label"),
        DateColumn("at", label=pgettext_lazy("audit", "When"), sort_key="at", width="15%"),
        Column("actor", label=pgettext_lazy("audit", "Who"), accessor=actor_cell, width="20%"),
        Column("subject", label=pgettext_lazy("audit", "On"), accessor=subject_cell, width="20%"),
    )
    filterset_class = AuditFilterSet
    search_fields = ("subject_type", "subject_id", "note")
    search_backend_name = None
    ordering = ("-at", "-pk")
    list_per_page = 50
    form_fields = ()

    @property
    def permission_policy(self) -> AuditPolicy:
        return AuditPolicy(self.model)


audit_viewset = AuditViewSet("audit_log")
