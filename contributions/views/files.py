"""The files of a contribution: sent in parts or at once, and handed out to those who see it."""

from pathlib import PurePath
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contributions.access import reads_it, writes_it
from contributions.drafts import digest_of, kind_of, newest, read_rows
from contributions.models import Contribution
from contributions.permissions import may_know_authors
from contributions.registry import Rows
from contributions.services.drafts import DraftRefused, add_file, require_room, require_writable
from contributions.views.writing import QUICK
from core.uploads import protocol
from core.uploads.models import Upload
from core.uploads.pictures import small_picture
from core.uploads.policies import policies
from core.uploads.services import UploadRefused, hand_out, keep_upload


def rows_named(contribution: Contribution, name: str) -> Rows:
    """
    Return the rows of a kind that take files.

    :raises Http404: where there are none of this name
    """
    for section in kind_of(contribution).sections:
        for rows in section.rows:
            if rows.name == name and rows.file_role:
                return rows
    raise Http404("No files are taken here.")


@writes_it
@require_POST
def send(request, contribution: Contribution, rows: str):
    """
    Take files: announced by the script, which then sends them in parts (`core.uploads.protocol`),
    or all at once by the plain form.
    """
    asked = rows_named(contribution, rows)
    if request.headers.get("Tus-Resumable"):
        try:
            require_writable(contribution, request.user)
            require_room(newest(contribution), asked)
        except DraftRefused as refusal:
            return JsonResponse({"error": str(refusal)}, status=409)
        return protocol.create(
            request,
            policy=policies[asked.policy],
            location=lambda key: reverse(
                "contribution_file_part", args=[contribution.pk, rows, key]
            ),
        )
    for file in request.FILES.getlist("files"):
        try:
            upload = keep_upload(file=file, owner=request.user, policy=asked.policy)
            add_file(contribution=contribution, upload=upload, rows=asked, person=request.user)
        except (UploadRefused, DraftRefused) as refusal:
            messages.error(request, f"{file.name}: {refusal}")
    if not request.FILES.getlist("files"):
        messages.error(request, _("Choose a file."))
    return redirect(f"{address_of_form(request, contribution, asked)}#id_{asked.name}")


def address_of_form(request, contribution: Contribution, rows: Rows) -> str:
    """Return the page of the form that files were sent from, that of their section without one."""
    sections = kind_of(contribution).sections
    back = request.POST.get("back", "")
    if back not in {QUICK, *(one.name for one in sections)}:
        back = next(one.name for one in sections if rows in one.rows)
    return reverse("contribution_section", args=[contribution.pk, back])


@writes_it
@require_http_methods(["HEAD", "PATCH", "DELETE"])
def part(request, contribution: Contribution, rows: str, key: UUID):
    """A part of a file, or the question how much has come."""
    asked = rows_named(contribution, rows)

    def on_finished(upload: Upload) -> dict:
        place = add_file(contribution=contribution, upload=upload, rows=asked, person=request.user)
        page = newest(contribution)
        return {
            "rows": rows,
            "place": place,
            "seen": {rows: digest_of(read_rows(page, asked))},
            "key": f"upload-{upload.pk}",
            "name": upload.name,
            "address": reverse("contribution_file", args=[contribution.pk, upload.key]),
        }

    try:
        return protocol.transfer(request, key, on_finished=on_finished)
    except DraftRefused as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)


@reads_it
@require_safe
def file(request, contribution: Contribution, key: UUID):
    """A file, for those who see the contribution."""
    found = contribution.files.select_related("upload").filter(upload__key=key).first()
    if found is None:
        raise Http404("There is no such file.")
    if "small" in request.GET and (picture := small_picture(found.upload)):
        response = HttpResponse(picture, content_type="image/webp")
        response["Cache-Control"] = "private, max-age=3600"
        return response
    if not may_know_authors(request.user, contribution, newest(contribution)):
        # It may have been sent under the name of who hides it.
        found.upload.name = f"{found.role}{PurePath(found.upload.name).suffix}"
    return hand_out(request, found.upload)
