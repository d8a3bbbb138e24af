"""The associations of a collectivity, and the collectivities of an association, in their spaces."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from members.access import in_space
from members.enums import AttachmentState
from members.forms.attachments import ReasonForm
from members.models import Association, Attachment, Collectivity, Organisation
from members.permissions import may
from members.services.attachments import (
    AttachmentRefused,
    ask_attachment,
    confirm_attachment,
    decline_attachment,
    end_attachment,
)
from members.views.joining import find_collectivities

MOST_PAST = 50


def attachments_of(organisation: Organisation):
    """Return the attachments of either side, those that wait first."""
    side = "association" if isinstance(organisation, Association) else "collectivity"
    rows = Attachment.objects.filter(**{side: organisation})
    return rows.select_related(
        "association", "collectivity__parent", "collectivity__region"
    ).order_by("state", "-asked_at", "-pk")


@in_space("space.see")
@require_safe
def associations(request, organisation: Organisation):
    """Who works with whom, who waits for an answer, what has ended."""
    return _show(request, organisation)


def _show(
    request,
    organisation: Organisation,
    *,
    wrong: Attachment | None = None,
    form: ReasonForm | None = None,
    status: int = 200,
):
    """
    :param wrong: the attachment whose form came back
    :param form: that form
    """
    is_association = isinstance(organisation, Association)
    rows = list(attachments_of(organisation))
    entries = [
        (one, form if wrong and one.pk == wrong.pk else ReasonForm(auto_id=f"id_{one.pk}_%s"))
        for one in rows
        if one.state in AttachmentState.OPEN
    ]
    asks = is_association and may(request.user, "attachment.ask", organisation)
    context = {
        "organisation": organisation,
        "is_association": is_association,
        "asked": [entry for entry in entries if entry[0].state == AttachmentState.ASKED],
        "confirmed": [entry for entry in entries if entry[0].state == AttachmentState.CONFIRMED],
        "past": [one for one in rows if one.state not in AttachmentState.OPEN][:MOST_PAST],
        "wrong": wrong,
        "decides": not is_association and may(request.user, "attachment.decide", organisation),
        "ends": may(request.user, "attachment.end", organisation),
        "asks": asks,
    }
    if asks:
        open_codes = [one.collectivity.code for one, _form in entries]
        context |= find_collectivities(request, without=open_codes)
    return render(request, "members/space/associations.html", context, status=status)


@in_space("attachment.decide")
@require_POST
def decide(request, organisation: Organisation, pk: int):
    """Confirm for the collectivity, or decline with a reason."""
    one = get_object_or_404(attachments_of(organisation), pk=pk)
    if request.POST.get("decision") == "confirm":
        words = _("Confirmed. The association has been told.")
        return _told(
            request,
            organisation,
            words,
            lambda: confirm_attachment(attachment=one, actor=request.user),
        )
    form = ReasonForm(request.POST, auto_id=f"id_{one.pk}_%s")
    if not form.is_valid():
        return _show(request, organisation, wrong=one, form=form, status=422)
    return _told(
        request,
        organisation,
        _("Declined. The association has been told, with your reason."),
        lambda: decline_attachment(
            attachment=one, reason=form.cleaned_data["reason"], actor=request.user
        ),
    )


@in_space("attachment.end")
@require_POST
def end(request, organisation: Organisation, pk: int):
    """End an attachment, or take back what was asked, with a reason."""
    one = get_object_or_404(attachments_of(organisation), pk=pk)
    form = ReasonForm(request.POST, auto_id=f"id_{one.pk}_%s")
    if not form.is_valid():
        return _show(request, organisation, wrong=one, form=form, status=422)
    return _told(
        request,
        organisation,
        _("Ended. The other side has been told, with your reason."),
        lambda: end_attachment(
            attachment=one,
            side=organisation,
            reason=form.cleaned_data["reason"],
            actor=request.user,
        ),
    )


@in_space("attachment.ask")
@require_POST
def ask(request, organisation: Association):
    """Ask another collectivity."""
    code = request.POST.get("collectivity", "")
    collectivity = Collectivity.objects.filter(code=code).first()
    if collectivity is None:
        messages.warning(request, _("Choose a collectivity from the list."))
        return redirect("space_associations", key=organisation.key)
    return _told(
        request,
        organisation,
        _("The collectivity has been asked. You are told as soon as it answers."),
        lambda: ask_attachment(
            association=organisation, collectivity=collectivity, actor=request.user
        ),
    )


def _told(request, organisation: Organisation, words: str, change):
    try:
        change()
    except AttachmentRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, words)
    return redirect("space_associations", key=organisation.key)
