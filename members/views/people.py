"""The people of a space: who they are, what each may do, who goes, who takes over."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from core.export import Column, Export, Kind, csv_response, xlsx_response
from members.access import in_space
from members.forms.people import HandoverForm, PlaceForm
from members.models import Affiliation, Invitation, Organisation
from members.permissions import may
from members.registry import panels_of
from members.services.people import (
    PlaceRefused,
    change_place,
    end_place,
    hand_over,
    is_last_focal_point,
)
from members.views.space import own_place
from notifications.registry import isolated

MOST_PAST = 50
FILES = {"csv": csv_response, "xlsx": xlsx_response}

shown_and_sent = require_http_methods(["GET", "HEAD", "POST"])


def sent(request):
    """Return what a form was sent with, None where it was not."""
    return request.POST if request.method == "POST" else None


def people_of(organisation: Organisation):
    """Return who has a place, the focal points first. Of some the account may be closed."""
    rows = Affiliation.objects.of(organisation).filter(ended_at=None).select_related("person")
    return rows.order_by("-place", "began_at", "pk")


@in_space("space.see")
@require_safe
def people(request, organisation: Organisation):
    """
    List the people, for those who may manage them the invitations too, and those of the past.

    E-mail addresses are shown to people of the same space and to whoever manages it.
    """
    mine = own_place(request.user, organisation)
    manages = may(request.user, "people.manage", organisation)
    rows = Affiliation.objects.of(organisation).exclude(ended_at=None).select_related("person")
    invitations = Invitation.objects.of(organisation).filter(accepted_at=None, revoked_at=None)
    return render(
        request,
        "members/space/people.html",
        {
            "organisation": organisation,
            "people": people_of(organisation),
            "past": rows.order_by("-ended_at", "-pk")[:MOST_PAST],
            "invitations": invitations if manages else [],
            "manages": manages,
            "mine": mine,
            "shows_addresses": manages or mine is not None,
            "hands_over": may(request.user, "space.handover", organisation),
        },
    )


@in_space("people.manage")
@shown_and_sent
def place(request, organisation: Organisation, pk: int):
    """Change what a person is."""
    one = get_object_or_404(people_of(organisation), pk=pk)
    form = PlaceForm(sent(request), initial={"place": one.place})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                change_place(affiliation=one, place=form.cleaned_data["place"], actor=request.user)
            except PlaceRefused as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("The place has been changed."))
                return redirect("space_people", key=organisation.key)
    context = {"organisation": organisation, "affiliation": one, "form": form}
    return render(request, "members/space/place.html", context, status=status)


@in_space("people.manage")
@shown_and_sent
def remove(request, organisation: Organisation, pk: int):
    """Ask whether a person's place is to end, and end it."""
    one = get_object_or_404(people_of(organisation), pk=pk)
    return _end(request, organisation, one)


@in_space("space.see")
@shown_and_sent
def quit_space(request, organisation: Organisation):
    """Ask whether the person wants to leave the space, and let them go."""
    one = people_of(organisation).filter(person=request.user).first()
    if one is None:
        messages.warning(request, _("You look at this space as staff: you have no place in it."))
        return redirect("space_people", key=organisation.key)
    return _end(request, organisation, one)


def _end(request, organisation: Organisation, affiliation: Affiliation):
    own = affiliation.person == request.user
    if request.method == "POST":
        try:
            end_place(affiliation=affiliation, actor=request.user)
        except PlaceRefused as error:
            messages.warning(request, str(error))
            return redirect("space_people", key=organisation.key)
        if own:
            messages.success(request, _("You have left the space."))
            return redirect("space")
        messages.success(request, _("The person no longer has a place here."))
        return redirect("space_people", key=organisation.key)
    return render(
        request,
        "members/space/remove.html",
        {
            "organisation": organisation,
            "affiliation": affiliation,
            "own": own,
            "is_last": is_last_focal_point(affiliation),
        },
    )


@in_space("space.handover")
@shown_and_sent
def handover(request, organisation: Organisation):
    """Show everything that is open, and give it to a successor."""
    giver = own_place(request.user, organisation)
    successors = people_of(organisation).filter(person__is_active=True).exclude(pk=giver.pk)
    form = HandoverForm(sent(request), successors=successors)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            stays = form.cleaned_data["afterwards"] == "stay"
            successor = form.cleaned_data["successor"]
            try:
                hand_over(giver=giver, successor=successor, stays=stays)
            except PlaceRefused as error:
                form.add_error(None, str(error))
            else:
                messages.success(
                    request,
                    _("%(name)s is now focal point.") % {"name": isolated(successor.person.name)},
                )
                return redirect("space_home", key=organisation.key) if stays else redirect("space")
    context = {
        "organisation": organisation,
        "form": form,
        "successors": successors,
        "panels": _open_ones(panels_of(organisation, request.user)),
    }
    return render(request, "members/space/handover.html", context, status=status)


@in_space("space.handover")
@require_safe
def handover_sheet(request, organisation: Organisation):
    """Everything that a successor needs on paper; `?format=csv` or `xlsx` gives it as a file."""
    panels = panels_of(organisation, request.user)
    people = list(people_of(organisation))
    if to_file := FILES.get(request.GET.get("format", "")):
        return to_file(sheet_export(organisation, panels, people))
    return render(
        request,
        "members/space/handover_sheet.html",
        {
            "organisation": organisation,
            "panels": panels,
            "people": people,
            "today": timezone.localdate(),
        },
    )


def sheet_export(
    organisation: Organisation, panels: list[dict[str, Any]], people: list[Affiliation]
) -> Export:
    """Return the lines of a space as a list: its people, then each panel's."""
    title = _("Handover: %(organisation)s") % {"organisation": organisation.full_name}
    rows = [
        {
            "part": _("People"),
            "matter": one.person.name,
            "state": ", ".join(filter(None, (one.get_place_display(), one.office))),
            "address": one.person.email,
        }
        for one in people
    ]
    rows += [
        {
            "part": panel["label"],
            "matter": one.text,
            "state": one.note,
            "open": one.is_open,
            "address": settings.SITE_URL + one.address if one.address else "",
        }
        for panel in panels
        for one in panel["matters"]
    ]
    return Export(
        name=f"handover-{organisation.key}",
        title=title,
        columns=[
            Column("part", pgettext("handover", "Part")),
            Column("matter", pgettext("handover", "What")),
            Column("state", pgettext("handover", "State")),
            Column("open", pgettext("handover", "Open"), Kind.BOOLEAN),
            Column("address", pgettext("handover", "Where")),
        ],
        rows=rows,
    )


def _open_ones(panels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the panels with what is open in them, without those in which nothing is."""
    kept = (
        panel | {"matters": [one for one in panel["matters"] if one.is_open]} for panel in panels
    )
    return [panel for panel in kept if panel["matters"]]
