"""The label of the network: given, withdrawn, and told of before it runs out."""

import calendar
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.models import Page

from contributions.models import Authorship, Contribution
from contributions.permissions import has_part_in
from core import languages, outbox
from core.audit import record
from members.enums import CollectivityKind
from members.models import Affiliation, Attachment, Collectivity, User
from members.permissions import is_of_network, spaces_of
from members.services.staff import editors
from notifications.services import tell
from practices.models import (
    Award,
    AwardReview,
    PartnerWord,
    PracticeCollectivity,
    PracticePage,
    first_version_of,
)
from practices.recognition import (
    LONGEST,
    NEWEST,
    REVIEWERS,
    TOLD_BEFORE,
    can_hold,
    codes_of,
)


class AwardRefused(Exception):
    """Nothing was changed; the text says why, in the person's language."""


class Review(NamedTuple):
    """
    What a reviewer says.

    :param met: the codes of the criteria that they find met
    """

    reviewer: User
    met: Collection[str]
    words: str


def months_from(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


# --- Who may look at what -------------------------------------------------------------------------


def contributions_of(practice: PracticePage) -> QuerySet[Contribution]:
    """Return what members wrote of a practice, in any language."""
    versions = PracticePage.objects.filter(translation_key=practice.translation_key)
    return Contribution.objects.filter(page__in=versions.values("pk"))


def collectivities_of_practice(practice: PracticePage) -> list[Collectivity]:
    """Return those that a practice concerns, in any of its languages, and that wrote it."""
    named = PracticeCollectivity.objects.filter(
        practice__translation_key=practice.translation_key
    ).order_by()
    authors = Authorship.objects.filter(contribution__in=contributions_of(practice)).order_by()
    return list(
        Collectivity.objects.filter(pk__in=named.values("collectivity"))
        | Collectivity.objects.filter(pk__in=authors.values("collectivity"))
    )


def province_of(collectivity: Collectivity) -> int | None:
    """Return the key of the prefecture or province that it lies in or is; a region has none."""
    if collectivity.kind == CollectivityKind.COMMUNE:
        return collectivity.parent_id
    return None if collectivity.kind == CollectivityKind.REGION else collectivity.pk


def is_too_near(one: Collectivity, practice_of: Collectivity) -> bool:
    """
    Return whether a collectivity lies too near to judge a practice of another: in the same
    prefecture or province; for a practice of a region, in that region.
    """
    if one.pk == practice_of.pk:
        return True
    if practice_of.kind == CollectivityKind.REGION:
        return one.region_id == practice_of.pk
    province = province_of(one)
    return province is not None and province == province_of(practice_of)


class Judges:
    """
    Who may judge one practice. What is known of the practice is read once, for several people.

    :param practice: any version
    """

    def __init__(self, practice: PracticePage) -> None:
        self.concerned = collectivities_of_practice(practice)
        self.contributions = list(contributions_of(practice))
        words = PartnerWord.objects.filter(practice__translation_key=practice.translation_key)
        self.partners = set(words.values_list("association", flat=True))

    def hindrance(self, person: User) -> str:
        """Return why somebody may not judge it, in the reader's language; "" where they may."""
        places = Affiliation.objects.filter(person=person).select_related("collectivity")
        concerned = {one.pk for one in self.concerned}
        if (
            any(has_part_in(person, one) for one in self.contributions)
            or any(place.collectivity_id in concerned for place in places)
            or any(place.association_id in self.partners for place in places)
        ):
            return _("%(name)s has or had a part in this practice.") % {"name": person.name}
        current = [place for place in places if place.ended_at is None]
        attached = Attachment.objects.confirmed().filter(
            association__in=[one.association_id for one in current if one.association_id]
        )
        around = [one.collectivity for one in current if one.collectivity_id]
        around += [one.collectivity for one in attached.select_related("collectivity")]
        for mine in around:
            for its in self.concerned:
                if is_too_near(mine, its):
                    return _(
                        "%(name)s is of the same collectivity, province or region as the "
                        "practice: %(place)s."
                    ) % {"name": person.name, "place": mine.full_name}
        return ""


def reviewer_hindrance(judges: Judges, person: User, editor: User) -> str:
    """Return why somebody may not be named as a reviewer; "" where they may."""
    if person.pk == editor.pk:
        return _("You give the label: you cannot be one of its reviewers.")
    if not is_of_network(person):
        return _("%(name)s has no place in the network today.") % {"name": person.name}
    return judges.hindrance(person)


def missing_criteria(version: int, met: Sequence[Collection[str]]) -> list[str]:
    """Return the codes of the criteria that too few reviewers find met."""
    return [code for code in codes_of(version) if sum(code in one for one in met) < REVIEWERS]


# --- Given and withdrawn --------------------------------------------------------------------------


def public_version(practice: PracticePage) -> PracticePage | None:
    """Return the version that every visitor may read, nearest to the reader; None without one."""
    versions = PracticePage.objects.visible().filter(translation_key=practice.translation_key)
    return versions.nearest_to(languages.current()).select_related("locale").first()


def require_awardable(practice: PracticePage) -> None:
    """
    Refuse where a practice can be given no label today.

    :raises AwardRefused: where it is not public, or holds the label for longer than the days before
        its end in which it may be given anew
    """
    public = public_version(practice)
    if public is None or not can_hold(public):
        raise AwardRefused(
            _("The label is for published practices that everybody may read, with their names.")
        )
    held = Award.objects.standing().filter(practice=first_version_of(practice)).first()
    if not may_be_given_anew(held):
        raise AwardRefused(
            _(
                "This practice holds the label already, until %(day)s. It can be given anew from "
                "%(begin)s on."
            )
            % {"day": date_format(held.expires_on), "begin": date_format(renewable_from(held))}
        )


def renewable_from(award: Award) -> date:
    """Return the first day on which the label of a practice that holds it may be given anew."""
    return award.expires_on - timedelta(days=TOLD_BEFORE)


def may_be_given_anew(award: Award | None) -> bool:
    """
    Return whether the days have come in which the label may be given anew.

    :param award: the one that a practice holds or held last; None for none
    """
    return award is None or renewable_from(award) <= timezone.localdate()


@transaction.atomic
def give_award(
    *,
    key: UUID,
    practice: PracticePage,
    reviews: Sequence[Review],
    reasons: str,
    language: str,
    expires_on: date,
    editor: User,
) -> Award:
    """
    Give the label to a practice, on the newest criteria. It takes the place of an earlier award
    that is about to run out or has done so, and holds from today on. Audits, and tells the people
    of the collectivities that wrote it or that it concerns.

    :param key: of the form; sent twice, it gives one award
    :param practice: any version
    :param expires_on: the last day on which it holds
    :raises AwardRefused: where the practice, the day, a reviewer or the editor may not be
    """
    first = first_version_of(practice)
    # Whoever else gives or withdraws it waits here.
    Page.objects.select_for_update().get(pk=first.pk)
    if given := Award.objects.filter(key=key).first():
        return given
    require_awardable(practice)
    _check_day(expires_on)
    _check_reviews(practice, reviews, editor)
    Award.objects.open().filter(practice=first).update(replaced_on=timezone.localdate())
    award = Award.objects.create(
        key=key,
        practice=first,
        criteria_version=NEWEST,
        reasons=reasons,
        language=language,
        expires_on=expires_on,
        awarded_by=editor,
    )
    AwardReview.objects.bulk_create(
        AwardReview(
            award=award,
            reviewer=one.reviewer,
            collectivity=_collectivity_of(one.reviewer),
            met=[code for code in codes_of(NEWEST) if code in one.met],
            words=one.words,
        )
        for one in reviews
    )
    record(
        kind="award.given",
        actor=editor,
        subject=award,
        after={
            "practice": first.pk,
            "expires_on": expires_on.isoformat(),
            "reviewers": [one.reviewer.pk for one in reviews],
            # The form asks for it; without it nothing is given.
            "reviewers_agreed_to_be_named": True,
        },
    )
    _tell_owners(award, "label-given", key=f"label-given-{award.pk}")
    return award


def _check_day(expires_on: date) -> None:
    today = timezone.localdate()
    if not today < expires_on <= months_from(today, LONGEST):
        raise AwardRefused(
            _("The last day lies after today, and at most %(months)d months from now.")
            % {"months": LONGEST}
        )


def _check_reviews(practice: PracticePage, reviews: Sequence[Review], editor: User) -> None:
    judges = Judges(practice)
    if hindrance := judges.hindrance(editor):
        raise AwardRefused(_("Another editor has to give it: %(why)s") % {"why": hindrance})
    if len({one.reviewer.pk for one in reviews}) < max(REVIEWERS, len(reviews)):
        raise AwardRefused(_("It takes two reviewers or more, each named once."))
    for one in reviews:
        if hindrance := reviewer_hindrance(judges, one.reviewer, editor):
            raise AwardRefused(hindrance)
    if missing_criteria(NEWEST, [one.met for one in reviews]):
        raise AwardRefused(_("Each criterion has to be met according to two reviewers or more."))


def _collectivity_of(person: User) -> Collectivity | None:
    """Return a reviewer's own; the first where there are several, as focal point before others."""
    return next((one.collectivity for one in spaces_of(person) if one.collectivity_id), None)


@transaction.atomic
def withdraw_award(*, award: Award, reason: str, editor: User) -> None:
    """
    Withdraw the label from a practice. The reason is public. Audits, and tells the same people as
    the award did. Withdrawn already, nothing happens.

    :raises AwardRefused: for one that has run out or was given anew: it holds no more
    """
    award = Award.objects.select_for_update().get(pk=award.pk)
    if award.withdrawn_at:
        return
    if not award.stands:
        raise AwardRefused(_("This label holds no more: there is nothing to withdraw."))
    award.withdrawn_at, award.withdrawn_by = timezone.now(), editor
    award.withdrawn_because = reason
    award.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
    record(kind="award.withdrawn", actor=editor, subject=award, after={"reason": reason})
    _tell_owners(award, "label-withdrawn", key=f"label-withdrawn-{award.pk}", reason=reason)


# --- Who is told ----------------------------------------------------------------------------------


def owners_of(practice: PracticePage) -> list[User]:
    """
    Return the people of the collectivities that write a practice; where no member wrote it, of
    those that it concerns.
    """
    writing = Authorship.objects.writing().filter(contribution__in=contributions_of(practice))
    owners = set(writing.order_by().values_list("collectivity", flat=True))
    owners = owners or {one.pk for one in collectivities_of_practice(practice)}
    places = Affiliation.objects.current().filter(collectivity__in=owners)
    return [place.person for place in places.select_related("person")]


def _data_of(award: Award, **more: str) -> dict:
    practice = award.practice
    versions = PracticePage.objects.filter(translation_key=practice.translation_key, live=True)
    titles = dict(versions.values_list("locale__language_code", "title"))
    return {
        "award": award.pk,
        "key": str(award.key),
        "slug": practice.slug,
        "titles": titles or {practice.language: practice.title},
        "until": award.expires_on.isoformat(),
    } | more


def _tell_owners(award: Award, kind: str, *, key: str, **more: str) -> None:
    tell(people=owners_of(award.practice), kind=kind, data=_data_of(award, **more), key=key)


@outbox.periodic("label-expiry", every=timedelta(hours=12))
def tell_of_expiry() -> None:
    """
    Tell owners and editors that a label runs out in 60 days or has just run out, each once.
    """
    today = timezone.localdate()
    near = timedelta(days=TOLD_BEFORE)
    awards = Award.objects.open().filter(expires_on__gte=today - near, expires_on__lte=today + near)
    for award in awards.select_related("practice"):
        kind = "label-runs-out" if award.stands else "label-ended"
        with transaction.atomic():
            _tell_owners(award, kind, key=f"{kind}-{award.pk}")
            tell(
                people=editors(),
                kind=f"{kind}-editors",
                data=_data_of(award),
                key=f"{kind}-{award.pk}",
            )
