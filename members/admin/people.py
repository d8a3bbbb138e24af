"""
People in the administration: found, appointed, disabled. Only administrators come here.

In place of Wagtail's own list of users. Names, passwords and addresses are the person's own to
change; groups are kept by migrations (`home/migrations/0007_roles.py`), never by hand.
"""

from django import forms
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django_filters import ChoiceFilter, ModelChoiceFilter
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.users.views.groups import GroupViewSet
from wagtail.users.views.users import UserViewSet

from core.admin import OwnPolicy
from core.languages import OWN_NAMES
from core.open_forms import AddressField
from members.enums import Place, StaffRole
from members.models import Affiliation, Collectivity, User
from members.permissions import may
from members.person_names import PersonNameField
from members.services.staff import (
    StaffRefused,
    appoint,
    bring_in,
    set_active,
    staff_role_of,
    take_second_step,
)

NO_ROLE = ("", pgettext_lazy("staff role", "None"))


class PeoplePolicy(OwnPolicy):
    """Administrators see, appoint and bring in; nobody deletes: people do that themselves."""

    def user_has_permission(self, user, action: str) -> bool:
        return action != "delete" and may(user, "people.administer")


class PersonFilterSet(WagtailFilterSet):
    staff = ChoiceFilter(
        label=gettext_lazy("Staff role"),
        choices=[*StaffRole.choices, ("none", NO_ROLE[1])],
        method="filter_staff",
    )
    place = ChoiceFilter(
        label=gettext_lazy("Place"),
        choices=[*Place.choices, ("none", pgettext_lazy("place", "None"))],
        method="filter_place",
    )
    region = ModelChoiceFilter(
        label=gettext_lazy("region"),
        queryset=lambda request: Collectivity.objects.regions(),
        method="filter_region",
    )
    state = ChoiceFilter(
        label=pgettext_lazy("account", "State"),
        choices=[
            ("active", pgettext_lazy("account", "Active")),
            ("disabled", pgettext_lazy("account", "Disabled")),
            ("deleted", pgettext_lazy("account", "Deleted")),
        ],
        method="filter_state",
    )

    class Meta:
        model = User
        fields = ()

    def filter_staff(self, people, name: str, value: str):
        if value == "none":
            return people.filter(is_superuser=False).exclude(groups__name__in=StaffRole.values)
        return people.filter(groups__name=value)

    def filter_place(self, people, name: str, value: str):
        places = Affiliation.objects.filter(person=OuterRef("pk"), ended_at=None)
        if value == "none":
            return people.filter(~Exists(places))
        return people.filter(Exists(places.filter(place=value)))

    def filter_region(self, people, name: str, value: Collectivity):
        places = Affiliation.objects.filter(
            person=OuterRef("pk"), ended_at=None, collectivity__region=value
        )
        return people.filter(Exists(places))

    def filter_state(self, people, name: str, value: str):
        if value == "deleted":
            return people.exclude(deleted_at=None)
        return people.filter(deleted_at=None, is_active=value == "active")


def role_cell(person: User) -> str:
    names = {group.name for group in person.groups.all()}
    role = next((one for one in reversed(StaffRole) if one in names), None)
    return role.label if role else ""


def places_cell(person: User) -> str:
    return pgettext("list", ", ").join(
        f"{one.organisation.full_name} ({one.get_place_display()})" for one in person.places
    )


def state_cell(person: User) -> str:
    if person.deleted_at:
        return pgettext("account", "Deleted")
    return pgettext("account", "Active") if person.is_active else pgettext("account", "Disabled")


class PersonIndexView(generic.IndexView):
    page_title = gettext_lazy("People")
    add_item_label = gettext_lazy("Bring in a member of staff")
    is_searchable = True

    @property
    def columns(self):
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="user"),
            TitleColumn(
                "name", accessor="name", label=gettext_lazy("Name"), get_url=self.get_edit_url
            ),
            Column("email", label=gettext_lazy("E-mail address"), sort_key="email"),
            Column("role", label=gettext_lazy("Staff role"), accessor=role_cell),
            Column("places", label=gettext_lazy("Places"), accessor=places_cell),
            Column("state", label=pgettext_lazy("account", "State"), accessor=state_cell),
            DateColumn("last_login", label=gettext_lazy("Last login"), sort_key="last_login"),
        ]

    def get_base_queryset(self):
        places = Affiliation.objects.filter(ended_at=None).select_related(
            "collectivity", "association"
        )
        return User.objects.prefetch_related(
            Prefetch("groups", Group.objects.filter(name__in=StaffRole.values)),
            Prefetch("affiliations", places, to_attr="places"),
        )

    def search_queryset(self, people):
        """Each word is looked for in names and address."""
        for word in self.search_query.split() if self.is_searching else ():
            people = people.filter(
                Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
                | Q(email__icontains=word)
            )
        return people


class BringInForm(forms.Form):
    first_name = PersonNameField(label=gettext_lazy("First name"))
    last_name = PersonNameField(label=gettext_lazy("Last name"))
    email = AddressField(label=gettext_lazy("E-mail address"), max_length=254)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=list(OWN_NAMES.items()))
    role = forms.ChoiceField(
        label=gettext_lazy("Staff role"), choices=StaffRole.choices, widget=forms.RadioSelect
    )


class PersonForm(forms.Form):
    role = forms.ChoiceField(
        label=gettext_lazy("Staff role"),
        choices=[NO_ROLE, *StaffRole.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    active = forms.BooleanField(label=gettext_lazy("The account is open"), required=False)
    lost = forms.BooleanField(
        label=gettext_lazy("Take the second step away"),
        help_text=gettext_lazy(
            "Where phone and recovery codes are lost. Make sure by other means that it is the "
            "person who asks. All their sessions end."
        ),
        required=False,
    )


class FormWithoutModelMixin:
    """A view of people whose form calls a service, which may refuse."""

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs()
        kwargs.pop("instance", None)
        return kwargs

    def get_form(self, form_class=None):
        return self.form_class(**self.get_form_kwargs())

    def get_panel(self):
        return None

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except StaffRefused as refusal:
            form.add_error(None, str(refusal))
            self.produced_error_message = str(refusal)
            return self.form_invalid(form)


class BringInView(FormWithoutModelMixin, generic.CreateView):
    page_title = gettext_lazy("Bring in a member of staff")
    success_message = gettext_lazy("%(object)s has been brought in and told by mail.")
    form_class = BringInForm

    def save_instance(self):
        return bring_in(**self.form.cleaned_data | {"actor": self.request.user})


class PersonEditView(FormWithoutModelMixin, generic.EditView):
    success_message = gettext_lazy("%(object)s has been changed.")
    form_class = PersonForm

    def get_initial(self):
        return {"role": staff_role_of(self.object) or "", "active": self.object.is_active}

    def save_instance(self):
        person, asked = self.object, self.form.cleaned_data
        role = StaffRole(asked["role"]) if asked["role"] else None
        appoint(person=person, role=role, actor=self.request.user)
        set_active(person=person, active=asked["active"], actor=self.request.user)
        if asked["lost"]:
            take_second_step(person=person, actor=self.request.user)
        return person

    def get_context_data(self, **kwargs):
        places = self.object.affiliations.select_related("collectivity", "association")
        return super().get_context_data(places=places, person=self.object, **kwargs)


class PersonViewSet(UserViewSet):
    menu_label = gettext_lazy("People")
    filterset_class = PersonFilterSet
    index_view_class = PersonIndexView
    add_view_class = BringInView
    edit_view_class = PersonEditView
    edit_template_name = "members/admin/person.html"
    create_template_name = "members/admin/bring_in.html"
    list_per_page = 50
    copy_view_enabled = False
    ordering = "email"

    @property
    def permission_policy(self) -> PeoplePolicy:
        return PeoplePolicy(self.model)

    def get_form_class(self, for_update=False):
        return PersonForm if for_update else BringInForm


class GroupsStayPolicy(OwnPolicy):
    """Groups are the roles of the network and are kept by migrations: no form shows them."""

    def user_has_permission(self, user, action: str) -> bool:
        return False


class NoGroupViewSet(GroupViewSet):
    @property
    def permission_policy(self) -> GroupsStayPolicy:
        return GroupsStayPolicy(self.model)


# --- Many at once -------------------------------------------------------------------------------
# They stand under the names of Wagtail's own actions, which know no audit log, and replace them.


class PeopleBulkAction(BulkAction):
    models = [User]

    def check_perm(self, person) -> bool:
        return may(self.request.user, "people.administer")

    def get_execution_context(self):
        return super().get_execution_context() | {"actor": self.request.user}

    @classmethod
    def get_default_model(cls):
        return User


class ActiveForm(forms.Form):
    active = forms.TypedChoiceField(
        label=pgettext_lazy("account", "State"),
        choices=[
            ("yes", pgettext_lazy("account", "Active")),
            ("no", pgettext_lazy("account", "Disabled")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )


class RoleForm(forms.Form):
    role = forms.TypedChoiceField(
        label=gettext_lazy("Staff role"),
        choices=[NO_ROLE, *StaffRole.choices],
        coerce=lambda value: StaffRole(value) if value else None,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )


def do_to_each(people, what) -> int:
    """Do something to each person; whoever it is refused for stays as they are."""
    done = 0
    for person in people:
        try:
            done += bool(what(person))
        except StaffRefused:
            continue
    return done


@hooks.register("register_bulk_action", order=10)
class SetActive(PeopleBulkAction):
    display_name = gettext_lazy("Open or disable")
    action_type = "set_active_state"
    aria_label = gettext_lazy("Open or disable the chosen accounts")
    template_name = "members/admin/people_action.html"
    action_priority = 20
    form_class = ActiveForm

    @classmethod
    def execute_action(cls, objects, *, actor, active: bool, **kwargs):
        return do_to_each(
            objects, lambda one: set_active(person=one, active=active, actor=actor)
        ), 0

    def get_execution_context(self):
        return super().get_execution_context() | self.cleaned_form.cleaned_data

    def get_success_message(self, num_parent_objects, num_child_objects):
        words = ngettext(
            "%(number)d account was changed.",
            "%(number)d accounts were changed.",
            num_parent_objects,
        )
        return words % {"number": num_parent_objects}


@hooks.register("register_bulk_action", order=10)
class Appoint(PeopleBulkAction):
    display_name = gettext_lazy("Appoint")
    action_type = "assign_role"
    aria_label = gettext_lazy("Give the chosen people a role among the staff")
    template_name = "members/admin/people_action.html"
    action_priority = 30
    form_class = RoleForm

    @classmethod
    def execute_action(cls, objects, *, actor, role: StaffRole | None, **kwargs):
        return do_to_each(objects, lambda one: appoint(person=one, role=role, actor=actor)), 0

    def get_execution_context(self):
        return super().get_execution_context() | self.cleaned_form.cleaned_data

    def get_success_message(self, num_parent_objects, num_child_objects):
        words = ngettext(
            "%(number)d person was changed.", "%(number)d people were changed.", num_parent_objects
        )
        return words % {"number": num_parent_objects}


@hooks.register("register_bulk_action", order=10)
class NobodyIsDeleted(PeopleBulkAction):
    """Stands in the place of Wagtail's action and says why people are not deleted by others."""

    display_name = gettext_lazy("Delete")
    action_type = "delete"
    aria_label = gettext_lazy("Delete the chosen accounts")
    template_name = "members/admin/people_stay.html"
    action_priority = 90
    http_method_names = ["get", "head"]
