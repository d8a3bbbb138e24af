"""The space of a collectivity or an association: which one, and its first page."""

from allauth.account.models import EmailAddress
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from members.access import in_space, requires
from members.models import Affiliation, Application, Association, Organisation, User
from members.permissions import may, spaces_of
from members.registry import panels_of


@requires("account.own")
@require_safe
def spaces(request):
    """Lead to the person's one space, or let them choose. Whoever has none is told how to come by
    one, and staff find the administration."""
    places = spaces_of(request.user)
    enters_admin = may(request.user, "admin.enter")
    if len(places) == 1 and not enters_admin:
        return redirect("space_home", key=places[0].organisation.key)
    return render(
        request,
        "members/space/spaces.html",
        {
            "places": places,
            "enters_admin": enters_admin,
            "applications": applications_of(request.user),
        },
    )


def applications_of(person: User) -> list[Application]:
    """Return what a person has applied for, by an e-mail address that they have shown is theirs."""
    verified = EmailAddress.objects.filter(user=person, verified=True, email__iexact=person.email)
    if not verified.exists():
        return []
    applied = Application.objects.for_editors().filter(email__iexact=person.email)
    return list(applied.select_related("collectivity", "association"))


@in_space("space.see")
@require_safe
def home(request, organisation: Organisation):
    """Show what the people of a space look after, what waits for them first."""
    panels = panels_of(organisation, request.user)
    is_association = isinstance(organisation, Association)
    membership = None if is_association else organisation.memberships.filter(ended_on=None).first()
    return render(
        request,
        "members/space/home.html",
        {
            "organisation": organisation,
            "is_association": is_association,
            "membership": membership,
            "own_place": own_place(request.user, organisation),
            "panels": panels,
            "waiting": [one for panel in panels for one in panel["matters"] if one.is_open],
        },
    )


def own_place(person: User, organisation: Organisation) -> Affiliation | None:
    """Return a person's place in an organisation; staff may look at a space without one."""
    mine = (one for one in spaces_of(person) if one.organisation == organisation)
    return next(mine, None)
