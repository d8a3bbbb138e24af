"""Taking a practice over: declared, told on, changed in state, tied to one's own practice."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contributions.drafts import values_for_copy
from contributions.models import Authorship, Contribution
from contributions.registry import kinds
from contributions.services.drafts import start_draft
from core import languages
from core.audit import record
from members.models import Affiliation, Collectivity, User
from members.permissions import MEMBERS, may, role_in, spaces_of
from members.services.profile import stamp_of
from notifications.services import tell
from practices.adoption import can_be_adopted
from practices.enums import NEXT_ADOPTION_STATES, AdoptionState, Audience
from practices.models import (
    Adoption,
    AdoptionStep,
    PracticeCollectivity,
    PracticePage,
    first_version_of,
)
from practices.search import practices_changed

# How far a collectivity may be when it declares an adoption.
FIRST_STATES = (AdoptionState.INTENTION, AdoptionState.UNDER_WAY, AdoptionState.IN_PLACE)
TOLD = ("since", "kept", "changed", "result", "language")
# What a collectivity's own version begins without: facts, figures, partners and contacts of others.
NOT_COPIED = (
    "kind",
    "audience",
    "hides_collectivity",
    "title",
    "status",
    "start",
    "end",
    "collectivity_links",
    "participants",
    "population_reached",
    "budget_mad",
    "results",
    "indicators",
    "contact_name",
    "contact_email",
    "contact_phone",
)


class AdoptionRefused(Exception):
    """Nothing was changed; the text says why, in the person's language."""


class AdoptionChanged(Exception):
    """Somebody saved the adoption since the page was opened; nothing was changed."""


# --- Who may --------------------------------------------------------------------------------------


def versions_of_practice(practice: PracticePage) -> QuerySet[PracticePage]:
    return PracticePage.objects.filter(translation_key=practice.translation_key)


def own_collectivities(practice: PracticePage) -> set[int]:
    """
    Return the keys of the collectivities whose own a practice is: those that it names in any of its
    languages, and those that write it, whether it names them or not.

    For checks alone: of a page that hides its collectivity the answer is told to nobody else.
    """
    versions = versions_of_practice(practice)
    named = PracticeCollectivity.objects.filter(practice__in=versions).order_by()
    writing = Authorship.objects.current().filter(contribution__page__in=versions.values("pk"))
    return set(named.values_list("collectivity", flat=True)) | set(
        writing.order_by().values_list("collectivity", flat=True)
    )


def adopters_for(person: User, practice: PracticePage) -> list[Collectivity]:
    """
    Return the collectivities for which somebody may take a practice over: members of the network
    in which they have a place, and whose own the practice is not.
    """
    own = own_collectivities(practice)
    return [
        place.collectivity
        for place in spaces_of(person)
        if place.collectivity_id not in own
        and place.in_network
        and role_in(place) in MEMBERS
        and may(person, "adoption.write", place.collectivity)
    ]


# --- Declared and told on -------------------------------------------------------------------------


@transaction.atomic
def declare_adoption(
    *,
    practice: PracticePage,
    collectivity: Collectivity,
    person: User,
    state: str,
    fields: dict[str, str],
) -> tuple[Adoption, bool]:
    """
    Declare that a collectivity takes a practice over. Audits, has the practice indexed anew, and
    tells the people of the practice. Declared already, the first one stays as it is.

    :param practice: any version
    :param fields: what is told, by the names of `TOLD`
    :returns: the adoption, and whether it is new
    :raises PermissionDenied: for somebody who may not for this collectivity
    :raises AdoptionRefused: where the practice is not public, or the state is none to begin with
    """
    if collectivity not in adopters_for(person, practice):
        raise PermissionDenied
    if not can_be_adopted(practice):
        raise AdoptionRefused(_("Only practices that everybody may read can be taken over."))
    if state not in FIRST_STATES:
        raise AdoptionRefused(_("Choose how far you are."))
    first = first_version_of(practice)
    try:
        with transaction.atomic():
            adoption = Adoption.objects.create(
                practice=first,
                collectivity=collectivity,
                declared_by=person,
                state=state,
                **fields,
            )
    except IntegrityError:
        return Adoption.objects.get(practice=first, collectivity=collectivity), False
    AdoptionStep.objects.create(adoption=adoption, state=state, by=person)
    record(
        kind="adoption.declared",
        actor=person,
        subject=adoption,
        after={"practice": first.pk, "collectivity": collectivity.pk, "state": state},
    )
    practices_changed([first.pk])
    _tell_practice(adoption, "adoption-declared", key=f"adoption-declared-{adoption.pk}")
    return adoption, True


def told_of(adoption: Adoption) -> dict[str, str]:
    """Return what a collectivity tells of an adoption, by the names of fields."""
    return {name: getattr(adoption, name) for name in TOLD}


def hold(adoption: Adoption) -> Adoption:
    """Lock an adoption for the rest of the transaction, and read it anew."""
    return Adoption.objects.select_for_update().get(pk=adoption.pk)


@transaction.atomic
def write_adoption(*, adoption: Adoption, fields: dict[str, str], seen: str) -> None:
    """
    Write what a collectivity tells of an adoption. Tells nobody.

    :param fields: new values by the names of `TOLD`
    :param seen: the stamp of what the person had before them (`stamp_of(told_of(adoption))`)
    :raises AdoptionChanged: where something else stands there by now
    """
    adoption = hold(adoption)
    told = told_of(adoption)
    if fields == told:
        return
    if stamp_of(told) != seen:
        raise AdoptionChanged("The adoption was saved meanwhile.")
    for name, value in fields.items():
        setattr(adoption, name, value)
    adoption.changed_at = timezone.now()
    adoption.save(update_fields=[*fields, "changed_at"])


@transaction.atomic
def change_state(*, adoption: Adoption, person: User, state: str, words: str = "") -> None:
    """
    Say how far a collectivity is. Keeps the step, audits, has the practice indexed anew, and tells
    the people of the practice. In that state already, nothing happens.

    :raises AdoptionRefused: for a state that may not follow
    """
    adoption = hold(adoption)
    if state == adoption.state:
        return
    if state not in NEXT_ADOPTION_STATES[adoption.state]:
        raise AdoptionRefused(
            _("From “%(state)s” this step is not possible. Choose one of those offered.")
            % {"state": adoption.get_state_display()}
        )
    if state == AdoptionState.GIVEN_UP and not words:
        raise AdoptionRefused(_("Say why you give it up: the others learn most from that."))
    before = adoption.state
    adoption.state, adoption.changed_at = state, timezone.now()
    adoption.save(update_fields=["state", "changed_at"])
    step = AdoptionStep.objects.create(adoption=adoption, state=state, words=words, by=person)
    record(
        kind="adoption.state",
        actor=person,
        subject=adoption,
        before={"state": before},
        after={"state": state},
        note=words,
    )
    practices_changed([adoption.practice_id])
    if adoption.hidden_at is None:
        _tell_practice(adoption, "adoption-state", key=f"adoption-state-{step.pk}", words=words)


# --- One's own practice ---------------------------------------------------------------------------


def linkable(adoption: Adoption) -> QuerySet[PracticePage]:
    """Return the published practices that may be told to have grown of an adoption."""
    return (
        PracticePage.objects.visible()
        .filter(_told_by(adoption.collectivity), hides_collectivity=False)
        .exclude(translation_key=adoption.practice.translation_key)
        .nearest_to(languages.current())
        .select_related("locale")
        .order_by("title", "pk")
    )


def _told_by(collectivity: Collectivity) -> Q:
    links = PracticeCollectivity.objects.filter(collectivity=collectivity)
    return Q(translation_key__in=links.values("practice__translation_key"))


def begun_version(adoption: Adoption) -> Contribution | None:
    """Return the draft in which a collectivity writes its own version, until that is published."""
    return Contribution.objects.filter(
        page=adoption.own_practice_id, page__first_published_at=None
    ).first()


@transaction.atomic
def link_own_practice(*, adoption: Adoption, practice: PracticePage | None) -> None:
    """
    Say which of its own practices a collectivity made of what it took over. Tells nobody.

    :param practice: any version; None takes the link away
    :raises AdoptionRefused: for a page of others, one that is not public, or one that hides its
        collectivity, which the link would name; while its own version is written, which would lose
        its place in the lineage
    """
    adoption = hold(adoption)
    if begun_version(adoption):
        raise AdoptionRefused(
            _("Your own version has been begun: it is linked by itself once it is published.")
        )
    if practice is None:
        first = None
    else:
        if practice.hides_collectivity or practice.audience == Audience.NETWORK:
            raise AdoptionRefused(
                _(
                    "This page is kept back: it hides your collectivity, or only the network may "
                    "read it. A link would tell everybody whose it is."
                )
            )
        if not linkable(adoption).filter(translation_key=practice.translation_key).exists():
            raise AdoptionRefused(_("Choose one of your own published practices."))
        first = first_version_of(practice)
    adoption.own_practice, adoption.changed_at = first, timezone.now()
    adoption.save(update_fields=["own_practice", "changed_at"])


def public_versions(practice: PracticePage) -> list[PracticePage]:
    """Return the versions that everybody may read, the nearest to the reader first."""
    order = languages.FALLBACKS[languages.current()]
    versions = PracticePage.objects.visible().filter(translation_key=practice.translation_key)
    return sorted(versions.select_related("locale"), key=lambda one: order.index(one.language))


def copied_from(page: PracticePage) -> dict[str, Any]:
    """Return the answers with which a collectivity's own version of a practice begins."""
    values = values_for_copy(kinds["practice"], page)
    copied = {name: value for name, value in values.items() if name not in NOT_COPIED}
    copied["steps"] = [row | {"date": ""} for row in copied["steps"]]
    return copied


@transaction.atomic
def start_own_practice(*, adoption: Adoption, person: User, language: str) -> Contribution:
    """
    Begin a collectivity's own version as a copy of what it took over, and tie the two together.
    Begun or linked already, it gives what is there. Tells nobody.

    :param language: of a version that everybody may read
    :raises AdoptionRefused: where the practice is not public in this language, or something else is
        linked
    :raises contributions.services.drafts.DraftRefused: where nothing can be written in it
    """
    adoption = hold(adoption)
    if adoption.own_practice_id:
        begun = Contribution.objects.filter(page=adoption.own_practice_id).first()
        if begun:
            return begun
        raise AdoptionRefused(
            _("One of your practices is linked already. Take the link away first.")
        )
    versions = {one.language: one for one in public_versions(adoption.practice)}
    page = versions.get(language)
    if page is None:
        raise AdoptionRefused(_("Choose one of the languages in which the practice can be read."))
    contribution = start_draft(
        kind="practice",
        collectivity=adoption.collectivity,
        person=person,
        language=language,
        title=page.title,
        initial=copied_from(page),
        parent=adoption.practice,
        provenance={"kind": "adaptation", "practice": adoption.practice_id},
    )
    adoption.own_practice = first_version_of(contribution.page.specific)
    adoption.changed_at = timezone.now()
    adoption.save(update_fields=["own_practice", "changed_at"])
    return contribution


# --- Hidden and shown by editors ------------------------------------------------------------------


@transaction.atomic
def hide_adoption(*, adoption: Adoption, reason: str, editor: User) -> None:
    """
    Hide an adoption from everybody but its collectivity and the editors. Audits, has the practice
    indexed anew, and tells the people of the collectivity why. Hidden already, nothing happens.
    """
    adoption = hold(adoption)
    if adoption.hidden_at:
        return
    adoption.hidden_at = timezone.now()
    _keep_hidden(adoption, "adoption.hidden", editor, reason)
    _tell_adopter(adoption, "adoption-hidden", reason=reason)


@transaction.atomic
def show_adoption(*, adoption: Adoption, editor: User) -> None:
    """Show a hidden adoption again. Audits, indexes and tells as hiding does."""
    adoption = hold(adoption)
    if adoption.hidden_at is None:
        return
    adoption.hidden_at = None
    _keep_hidden(adoption, "adoption.shown", editor)
    _tell_adopter(adoption, "adoption-shown")


def _keep_hidden(adoption: Adoption, kind: str, editor: User, reason: str = "") -> None:
    adoption.save(update_fields=["hidden_at"])
    record(kind=kind, actor=editor, subject=adoption, note=reason)
    practices_changed([adoption.practice_id])


# --- Who is told ----------------------------------------------------------------------------------


def people_of_practice(practice: PracticePage) -> list[User]:
    """
    Return the people of the collectivities that a practice names or that write it. Of one that
    hides its collectivity these are the people of its authors alone, as it names none.
    """
    versions = versions_of_practice(practice)
    named = PracticeCollectivity.objects.filter(practice__in=versions)
    writing = Authorship.objects.writing().filter(contribution__page__in=versions.values("pk"))
    places = (
        Affiliation.objects.current()
        .filter(
            Q(collectivity__in=named.order_by().values("collectivity"))
            | Q(collectivity__in=writing.order_by().values("collectivity"))
        )
        .select_related("person")
    )
    return [place.person for place in places]


def _data_of(adoption: Adoption, **more: str) -> dict:
    practice = adoption.practice
    versions = versions_of_practice(practice).filter(live=True)
    titles = dict(versions.values_list("locale__language_code", "title"))
    return {
        "adoption": adoption.pk,
        "slug": practice.slug,
        "titles": titles or {practice.language: practice.title},
        "state": adoption.state,
        "collectivity": {
            code: adoption.collectivity.full_name_in(code) for code in languages.CODES
        },
        "key": adoption.collectivity.key,
    } | more


def _tell_practice(adoption: Adoption, kind: str, *, key: str, **more: str) -> None:
    people = people_of_practice(adoption.practice)
    tell(people=people, kind=kind, data=_data_of(adoption, **more), key=key)


def _tell_adopter(adoption: Adoption, kind: str, **more: str) -> None:
    places = Affiliation.objects.current().of(adoption.collectivity).select_related("person")
    people = [place.person for place in places]
    tell(people=people, kind=kind, data=_data_of(adoption, **more))
