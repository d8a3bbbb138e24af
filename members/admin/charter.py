"""
Versions of the charter in the administration: a draft is written, looked at, published. What is
published is looked at and never changed.
"""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import (
    CreateView,
    DeleteView,
    EditView,
    IndexView,
    InspectView,
)
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import log

from core import languages
from core.admin import OwnPolicy
from members.models import CharterVersion, Collectivity, Membership
from members.models.charter import PublishedForGood
from members.permissions import may
from members.services.charter import CharterRefused, begin_draft, current_members, publish_version
from members.signatories import signed
from members.views.charter import show_version
from search.analysis import fold

WRITTEN_IN = ("ar", "fr", "en")


class CharterPolicy(OwnPolicy):
    """Who publishes versions writes them; what is published is neither changed nor deleted."""

    def user_has_permission(self, user, action: str) -> bool:
        return action in {"view", "add", "change", "delete"} and may(user, "charter.publish")

    def user_has_permission_for_instance(self, user, action: str, instance) -> bool:
        is_draft = instance.published_at is None
        return (is_draft or action == "view") and self.user_has_permission(user, action)


def state_cell(version: CharterVersion) -> str:
    return _("Published") if version.published_at else _("Draft")


class VersionIndexView(IndexView):
    @property
    def columns(self):
        return [
            TitleColumn(
                "version",
                accessor=str,
                label=gettext_lazy("version of the charter"),
                get_url=self.get_inspect_url,
            ),
            Column("state", accessor=state_cell, label=pgettext_lazy("charter", "State")),
            DateColumn("published_at", label=gettext_lazy("published on")),
        ]

    def get_list_more_buttons(self, instance):
        """A published version has no more than its page."""
        return super().get_list_more_buttons(instance) if not instance.published_at else []


def refused(view, form, words: str):
    """Return the form as it was filled in, with a word on why it was not kept."""
    form.add_error(None, words)
    view.produced_error_code, view.produced_error_message = "validation_error", words
    return view.form_invalid(form)


class VersionCreateView(CreateView):
    def get(self, request, *args, **kwargs):
        """Go on with the draft that is there: there is one at a time."""
        draft = CharterVersion.objects.filter(published_at=None).first()
        if draft is None:
            return super().get(request, *args, **kwargs)
        messages.warning(request, _("There is a draft already: this is the one."))
        return redirect("charter_versions:edit", draft.pk)

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except CharterRefused as refusal:
            return refused(self, form, str(refusal))

    def save_instance(self):
        version = begin_draft(version=self.form.save(commit=False))
        log(instance=version, action="wagtail.create", content_changed=True)
        return version

    def get_success_url(self):
        return reverse("charter_versions:inspect", args=[self.object.pk])


class DraftOnly:
    """Leads to the page of a version where it is published."""

    def get(self, request, *args, **kwargs):
        version = self.get_object()
        if version.published_at:
            return to_version(request, version)
        return super().get(request, *args, **kwargs)


def to_version(request, version: CharterVersion):
    messages.warning(request, _("A published version is never changed. Write a new one."))
    return redirect("charter_versions:inspect", version.pk)


class VersionEditView(DraftOnly, EditView):
    def form_valid(self, form):
        """Refuse what was published meanwhile, and keep what was typed on the page."""
        try:
            if self.object.published_at:
                raise PublishedForGood
            return super().form_valid(form)
        except PublishedForGood:
            words = _("This version was published, and is not changed any more. Write a new one.")
            return refused(self, form, words)

    def get_success_url(self):
        return reverse("charter_versions:inspect", args=[self.object.pk])


class VersionDeleteView(DraftOnly, DeleteView):
    def post(self, request, *args, **kwargs):
        version = self.get_object()
        if version.published_at:
            return to_version(request, version)
        return super().post(request, *args, **kwargs)


class VersionInspectView(InspectView):
    """A version in each language, and who of the members has signed it."""

    def get_fields_context(self):
        return []  # the template shows them

    def get_context_data(self, **kwargs):
        version = self.object
        texts = [
            {
                "language": code,
                "text": getattr(version, f"text_{code}"),
                "changes": getattr(version, f"changes_{code}", ""),
                "preview": f"{reverse('charter_versions:preview', args=[version.pk])}"
                f"?language={code}",
            }
            for code in WRITTEN_IN
        ]
        context = super().get_context_data(version=version, texts=texts, **kwargs)
        if version.published_at:
            context |= who_has_signed(version)
        return context


def who_has_signed(version: CharterVersion) -> dict:
    """Return the members that have signed a version, and those that have not yet, by name."""
    signatures = signed(version.signatures.current())
    members = Collectivity.objects.filter(pk__in=current_members())
    waiting = members.exclude(pk__in=[one.collectivity_id for one in signatures])
    return {
        "signatures": sorted(signatures, key=lambda one: fold(one.collectivity.name)),
        "waiting": sorted(waiting, key=lambda one: (fold(one.name), one.code)),
    }


# --- Looked at and published ----------------------------------------------------------------------


def _version(request, pk: int) -> CharterVersion:
    if not may(request.user, "charter.publish"):
        raise PermissionDenied
    return get_object_or_404(CharterVersion, pk=pk)


@require_safe
def preview(request, pk: int):
    """Show a version, a draft as well, as its readers find it."""
    version = _version(request, pk)
    language = request.GET.get("language", "")
    with translation.override(language if language in languages.CODES else languages.current()):
        request.LANGUAGE_CODE = languages.current()
        return show_version(request, version)


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request, pk: int):
    """Ask once more, then put a draft in force for good."""
    version = _version(request, pk)
    if version.published_at:
        return to_version(request, version)
    if request.method == "POST":
        try:
            publish_version(version=version, editor=request.user)
        except CharterRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("charter_versions:edit", version.pk)
        messages.success(request, _("Published. The focal points of all members are told."))
        return redirect("charter_versions:inspect", version.pk)
    return render(
        request,
        "members/admin/charter_publish.html",
        {
            "version": version,
            "members": Membership.objects.filter(ended_on=None).count(),
            "is_complete": bool(version.text_ar and version.text_fr),
            "is_first": not CharterVersion.objects.published().exists(),
        },
    )


class CharterVersionViewSet(ModelViewSet):
    model = CharterVersion
    icon = "doc-full"
    menu_label = gettext_lazy("Charter")
    menu_name = "charter"
    menu_order = 140
    add_to_admin_menu = True
    copy_view_enabled = False
    index_view_class = VersionIndexView
    add_view_class = VersionCreateView
    edit_view_class = VersionEditView
    delete_view_class = VersionDeleteView
    inspect_view_enabled = True
    inspect_view_class = VersionInspectView
    inspect_template_name = "members/admin/charter_version.html"
    ordering = ("-number",)
    panels = (
        MultiFieldPanel(
            [FieldPanel(f"text_{code}") for code in WRITTEN_IN],
            heading=gettext_lazy("The text that members sign"),
        ),
        MultiFieldPanel(
            [FieldPanel("changes_ar"), FieldPanel("changes_fr")],
            heading=gettext_lazy("What is new since the version before"),
        ),
    )

    @property
    def permission_policy(self) -> CharterPolicy:
        return CharterPolicy(self.model)

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("preview/<int:pk>/", preview, name="preview"),
            path("publish/<int:pk>/", publish, name="publish"),
        ]


charter_version_viewset = CharterVersionViewSet("charter_versions", url_prefix="charter/versions")


@hooks.register("register_admin_viewset")
def register_charter_versions():
    return charter_version_viewset
