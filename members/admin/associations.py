"""Associations in the administration: looked up, names and contacts corrected, never deleted."""

from typing import ClassVar

from django import forms
from django.db.models import Count, Prefetch, Q
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_filters import ChoiceFilter, ModelChoiceFilter
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import EditView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from core.admin import OwnPolicy
from core.open_forms import AddressField, TextField
from members.enums import AttachmentState
from members.forms.joining import OrganisationNameField, PhoneField
from members.models import Association, Attachment, Collectivity
from members.permissions import may
from members.services.attachments import change_association


class AssociationPolicy(OwnPolicy):
    """Who checks applications looks after associations; these are made by an acceptance alone."""

    def user_has_permission(self, user, action: str) -> bool:
        return action in {"view", "change"} and may(user, "application.decide")


class AssociationFilterSet(WagtailFilterSet):
    state = ChoiceFilter(
        label=pgettext_lazy("association", "State"),
        choices=[
            ("attached", pgettext_lazy("association", "Confirmed by a collectivity")),
            ("alone", pgettext_lazy("association", "Confirmed by none")),
            ("left", pgettext_lazy("association", "Has left")),
        ],
        method="filter_state",
    )
    region = ModelChoiceFilter(
        label=pgettext_lazy("collectivity", "Region"),
        queryset=lambda request: Collectivity.objects.regions(),
        method="filter_region",
    )

    class Meta:
        model = Association
        fields = ()

    def filter_state(self, associations, name: str, value: str):
        if value == "left":
            return associations.exclude(left_on=None)
        confirmed = Attachment.objects.confirmed().values("association")
        if value == "attached":
            return associations.filter(left_on=None, pk__in=confirmed)
        return associations.filter(left_on=None).exclude(pk__in=confirmed)

    def filter_region(self, associations, name: str, value: Collectivity):
        near = Attachment.objects.open_ones().filter(collectivity__region=value)
        return associations.filter(pk__in=near.values("association"))


class AssociationIndexView(IndexView):
    is_searchable = True

    def get_base_queryset(self):
        confirmed = Q(attachments__state=AttachmentState.CONFIRMED)
        return Association.objects.annotate(confirmed=Count("attachments", filter=confirmed))

    def search_queryset(self, associations):
        """Each word is looked for in the names and the address."""
        for word in self.search_query.split() if self.is_searching else ():
            associations = associations.filter(
                Q(name_ar__icontains=word)
                | Q(name_fr__icontains=word)
                | Q(name_en__icontains=word)
                | Q(name_zgh__icontains=word)
                | Q(email__icontains=word)
            )
        return associations


class AssociationForm(forms.ModelForm):
    website = forms.URLField(
        label=gettext_lazy("Website"), max_length=300, required=False, assume_scheme="https"
    )

    class Meta:
        model = Association
        fields = (
            "name_ar",
            "name_fr",
            "name_en",
            "name_zgh",
            "about",
            "language",
            "website",
            "email",
            "phone",
        )
        field_classes: ClassVar = dict.fromkeys(
            ("name_ar", "name_fr", "name_en", "name_zgh"), OrganisationNameField
        ) | {"about": TextField, "email": AddressField, "phone": PhoneField}

    def clean(self):
        typed = super().clean()
        if not any(typed.get(name) or name in self.errors for name in ("name_ar", "name_fr")):
            self.add_error("name_ar", gettext_lazy("Write the name in Arabic or in French."))
        return typed


class AssociationEditView(EditView):
    success_message = gettext_lazy("%(object)s has been changed.")

    def get_panel(self):
        return None

    def get_queryset(self):
        attachments = Attachment.objects.select_related("collectivity", "decided_by")
        return Association.objects.prefetch_related(
            Prefetch("attachments", attachments.order_by("state", "-asked_at"))
        )

    def save_instance(self):
        change_association(
            association=self.object, fields=self.form.cleaned_data, actor=self.request.user
        )
        return self.object

    def get_context_data(self, **kwargs):
        return super().get_context_data(association=self.object, **kwargs)


class AssociationViewSet(ModelViewSet):
    model = Association
    icon = "group"
    menu_label = gettext_lazy("Associations")
    menu_name = "associations"
    menu_order = 135
    add_to_admin_menu = True
    copy_view_enabled = False
    inspect_view_enabled = False
    index_view_class = AssociationIndexView
    edit_view_class = AssociationEditView
    edit_template_name = "members/admin/association.html"
    filterset_class = AssociationFilterSet
    list_display = (
        "name",
        Column("confirmed", label=gettext_lazy("Confirmed by"), accessor="confirmed", width="15%"),
        DateColumn("joined_on", label=gettext_lazy("Member since"), sort_key="joined_on"),
        DateColumn("left_on", label=gettext_lazy("Left on"), sort_key="left_on"),
    )
    ordering = ("pk",)
    list_per_page = 50

    def get_form_class(self, for_update=False):
        return AssociationForm

    @property
    def permission_policy(self) -> AssociationPolicy:
        return AssociationPolicy(self.model)


association_viewset = AssociationViewSet("associations")


@hooks.register("register_admin_viewset")
def register_associations():
    return association_viewset
