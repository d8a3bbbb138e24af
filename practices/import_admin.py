"""Practices from a spreadsheet, in the administration: sent, looked through, created."""

from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import Button

from core import languages
from core.uploads.content import KINDS
from core.uploads.forms import UploadField
from core.uploads.models import Upload
from core.uploads.services import keep_upload
from members.models import User
from members.permissions import may
from practices.importing.columns import (
    MOST_PRACTICES,
    TEMPLATE_LANGUAGES,
    csv_template,
    xlsx_template,
)
from practices.importing.sheets import SheetRefused
from practices.services.importing import (
    POLICY,
    ImportRefused,
    ImportStopped,
    create_drafts,
    look_through,
    preview,
)

RIGHT = "practice.import"
FORMS = {"xlsx": xlsx_template, "csv": csv_template}


class SheetField(UploadField):
    """A spreadsheet; of a CSV file that is not taken the usual reason is told."""

    def clean(self, data, initial=None):
        try:
            return super().clean(data, initial)
        except forms.ValidationError as error:
            name = getattr(data, "name", "").lower()
            if error.code == "type" and name.endswith((".csv", ".txt")):
                raise forms.ValidationError(
                    _("The file is not in UTF-8. In Excel, save it as “CSV UTF-8”."), code="type"
                ) from error
            raise


class SheetForm(forms.Form):
    file = SheetField(
        policy=POLICY.name,
        label=gettext_lazy("Spreadsheet"),
        widget=forms.FileInput({"accept": ".xlsx,.csv"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        # Looked at already, so that a file that cannot be read is not kept.
        try:
            look_through(file=file)
        except SheetRefused as refusal:
            raise forms.ValidationError(str(refusal), code="sheet") from refusal
        return file


def require_right(request) -> None:
    if not may(request.user, RIGHT):
        raise PermissionDenied


@require_http_methods(["GET", "HEAD", "POST"])
def send(request):
    """Offer the templates, and take a file."""
    require_right(request)
    is_sent = request.method == "POST"
    form = SheetForm(request.POST, request.FILES) if is_sent else SheetForm()
    if is_sent and form.is_valid():
        upload = keep_upload(file=form.cleaned_data["file"], owner=request.user, policy=POLICY.name)
        return redirect("practice_import:checked", upload.key)
    templates = [
        (languages.own_name(language), language, form_name.upper(), form_name)
        for language in TEMPLATE_LANGUAGES
        for form_name in FORMS
    ]
    return render(
        request,
        "practices/admin/import.html",
        {"form": form, "templates": templates, "most": MOST_PRACTICES},
        status=422 if is_sent else 200,
    )


@require_safe
def template(request, language: str, form: str):
    """Hand out the spreadsheet to fill in."""
    require_right(request)
    if language not in TEMPLATE_LANGUAGES or form not in FORMS:
        raise Http404("There is no such template.")
    response = HttpResponse(FORMS[form](language), content_type=KINDS[form].content_type)
    response["Content-Disposition"] = f'attachment; filename="practices-{language}.{form}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def checked(request, key: UUID):
    """Tell what is wrong with a file and what would be created of it, and create it."""
    require_right(request)
    mine = Upload.objects.filter(owner=request.user, policy=POLICY.name)
    upload = get_object_or_404(mine, key=key)
    refusal = ""
    try:
        if request.method == "POST":
            try:
                return _create(request, upload)
            except (ImportRefused, ImportStopped) as refused:
                refusal = str(refused)
        found = preview(upload=upload)
    except SheetRefused as refused:
        # It was right when it was sent: what the site knows, or the file, has changed.
        messages.error(request, str(refused))
        return redirect("practice_import:index")
    return render(
        request,
        "practices/admin/import_checked.html",
        {
            "upload": upload,
            "found": found,
            "checked": found.checked,
            "has_cells": upload.content_type == KINDS["xlsx"].content_type,
            "waiting": [
                (one, languages.own_name(one.language), one.language) for one in found.waiting
            ],
            "made": sorted(found.made.items()),
            "refusal": refusal,
        },
        status=422 if refusal else 200,
    )


def _create(request, upload: Upload) -> HttpResponse:
    number = create_drafts(
        upload=upload, person=request.user, only_right="only_right" in request.POST
    )
    if number:
        words = ngettext(
            "%(number)d draft is created. The people of its collectivity are told.",
            "%(number)d drafts are created. The people of their collectivities are told.",
            number,
        )
        messages.success(request, words % {"number": number})
    else:
        messages.warning(request, _("Nothing was left to create: what is right is there already."))
    return redirect("practice_import:checked", upload.key)


def listing_buttons(user: User) -> list[Button]:
    """Return what the listing of practices offers to those who may bring practices in."""
    if not may(user, RIGHT):
        return []
    return [
        Button(
            _("Import practices"),
            url=reverse("practice_import:index"),
            icon_name="upload",
            priority=90,
        )
    ]


class ImportViewSet(ViewSet):
    icon = "upload"

    def get_urlpatterns(self):
        return [
            path("", send, name="index"),
            path("template/<slug:language>.<slug:form>", template, name="template"),
            path("<uuid:key>/", checked, name="checked"),
        ]


import_viewset = ImportViewSet("practice_import", url_prefix="practice-import")


@hooks.register("register_admin_viewset")
def register_import():
    return import_viewset
