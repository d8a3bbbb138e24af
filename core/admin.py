"""What the parts of the administration share."""

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.pages.choose_parent import ChooseParentView
from wagtail.models import Page
from wagtail.permission_policies import ModelPermissionPolicy

from core import languages


class OwnPolicy(ModelPermissionPolicy):
    """
    A policy that says by itself who may take which action (`user_has_permission`).

    Wagtail's asks the groups anew where several actions are named, and would pass it by.
    """

    def user_has_any_permission(self, user, actions) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


class LanguageChoice(forms.ModelChoiceField):
    """The lists that a page can stand in: one for each language, named by it."""

    widget = forms.RadioSelect

    def label_from_instance(self, page: Page) -> str:
        return languages.own_name(page.locale.language_code)


class ChooseLanguageView(ChooseParentView):
    """
    Ask in which language a new page is written.

    In place of Wagtail's question for a place in the tree: there is one list for each language.
    """

    page_title = _("In which language?")

    def get_form(self) -> forms.Form:
        parents = self.get_valid_parent_pages(self.request.user).select_related("locale")
        own = [one for one in parents if one.locale.language_code == languages.current()]
        form = forms.Form(self.request.POST if self.request.method == "POST" else None)
        form.fields["parent_page"] = LanguageChoice(
            parents.order_by("path"),
            label=_("Language"),
            empty_label=None,
            initial=own[0] if own else None,
        )
        return form
