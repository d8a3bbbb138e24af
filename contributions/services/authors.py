"""The collectivities that write a contribution together."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contributions.drafts import newest
from contributions.enums import AuthorState, StepKind
from contributions.models import Authorship, Contribution, Step
from contributions.permissions import collectivities_of, leads
from contributions.services.drafts import DraftRefused, hold
from core import languages
from members.models import Affiliation, Collectivity, User
from notifications.services import tell


def _names(collectivity: Collectivity) -> dict[str, str]:
    return {code: collectivity.full_name_in(code) for code in languages.CODES}


def _people_of(collectivity: Collectivity):
    places = Affiliation.objects.current().of(collectivity).select_related("person")
    return [place.person for place in places]


@transaction.atomic
def ask_to_write_along(
    *, contribution: Contribution, collectivity: Collectivity, person: User
) -> Authorship:
    """
    Ask another member to write along. From then on its people see the draft, and are told; they
    write once they agree. Asked again, nothing happens.

    :raises PermissionDenied: for somebody who does not belong to the collectivity that leads
    :raises DraftRefused: where the collectivity is no member of the network
    """
    contribution = hold(contribution)
    if not leads(person, contribution):
        raise PermissionDenied
    if not Collectivity.objects.members().filter(pk=collectivity.pk).exists():
        raise DraftRefused(_("It is not a member of the network: it cannot write here yet."))
    authorship, created = Authorship.objects.get_or_create(
        contribution=contribution, collectivity=collectivity, defaults={"asked_by": person}
    )
    if not created:
        if authorship.state != AuthorState.ENDED:
            return authorship
        authorship.state, authorship.asked_by = AuthorState.ASKED, person
        authorship.asked_at, authorship.decided_at, authorship.decided_by = (
            timezone.now(),
            None,
            None,
        )
        authorship.save()
    Step.objects.create(
        contribution=contribution,
        kind=StepKind.AUTHOR_ASKED,
        by=person,
        data={"collectivity": _names(collectivity)},
    )
    tell(
        people=_people_of(collectivity),
        kind="contribution-author-asked",
        data={
            "key": contribution.pk,
            "title": newest(contribution).title,
            "by": person.name,
            "collectivity": _names(collectivity),
        },
    )
    return authorship


@transaction.atomic
def decide_authorship(*, authorship: Authorship, person: User, agrees: bool) -> None:
    """
    Answer for a collectivity that was asked to write along, or has it write along no more. The one
    that leads is told.

    :raises PermissionDenied: for somebody of another collectivity, and for one that is asked no
        more; the one that leads stays
    """
    authorship = Authorship.objects.select_for_update().get(pk=authorship.pk)
    if authorship.collectivity_id not in collectivities_of(person) or authorship.leads:
        raise PermissionDenied
    wanted = AuthorState.WRITES if agrees else AuthorState.ENDED
    if authorship.state == wanted:
        return
    if authorship.state == AuthorState.ENDED:
        raise PermissionDenied
    authorship.state = wanted
    authorship.decided_by, authorship.decided_at = person, timezone.now()
    authorship.save()
    contribution = authorship.contribution
    Step.objects.create(
        contribution=contribution,
        kind=StepKind.AUTHOR_JOINED if agrees else StepKind.AUTHOR_LEFT,
        by=person,
        data={"collectivity": _names(authorship.collectivity)},
    )
    leading = contribution.authorships.select_related("collectivity").get(leads=True)
    tell(
        people=_people_of(leading.collectivity),
        kind="contribution-author-answered",
        data={
            "key": contribution.pk,
            "title": newest(contribution).title,
            "by": person.name,
            "agrees": agrees,
            "collectivity": _names(authorship.collectivity),
        },
    )


@transaction.atomic
def end_authorship(*, authorship: Authorship, person: User) -> None:
    """
    Have a collectivity write along no more, asked or not, by the one that leads. Its people are
    told.

    :raises PermissionDenied: for somebody who does not belong to the collectivity that leads
    """
    authorship = Authorship.objects.select_for_update().get(pk=authorship.pk)
    contribution = authorship.contribution
    if not leads(person, contribution) or authorship.leads:
        raise PermissionDenied
    if authorship.state == AuthorState.ENDED:
        return
    authorship.state = AuthorState.ENDED
    authorship.decided_by, authorship.decided_at = person, timezone.now()
    authorship.save()
    Step.objects.create(
        contribution=contribution,
        kind=StepKind.AUTHOR_LEFT,
        by=person,
        data={"collectivity": _names(authorship.collectivity)},
    )
    tell(
        people=_people_of(authorship.collectivity),
        kind="contribution-author-ended",
        data={
            "title": newest(contribution).title,
            "by": person.name,
            "collectivity": _names(authorship.collectivity),
        },
    )
