"""The label of the network, for everybody: its criteria, its proofs, its printed sheet."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core import languages
from members.models import Affiliation
from practices.models import Award, AwardReview, PracticePage
from practices.recognition import CRITERIA, HOLDS_FOR, LONGEST, NEWEST, REVIEWERS, can_hold
from practices.services.recognition import public_version
from practices.sharing import qr_code
from practices.views.pages import versions_of


@require_safe
def criteria(request):
    """What the label is, how it is given, and which practices hold it today."""
    return render(
        request,
        "practices/recognition/criteria.html",
        {
            "criteria": CRITERIA[NEWEST],
            "version": NEWEST,
            "reviewers": REVIEWERS,
            "holds_for": HOLDS_FOR,
            "longest": LONGEST,
            "holders": holders(),
        },
    )


def holders() -> list[tuple[Award, PracticePage]]:
    """Return the awards that hold today with their practices, the newest first; five queries."""
    awards = list(Award.objects.standing().select_related("practice"))
    pages = (
        PracticePage.objects.visible()
        .filter(translation_key__in=[one.practice.translation_key for one in awards])
        .nearest_to(languages.current())
        .select_related("locale")
        .prefetch_related("collectivity_links__collectivity__parent")
        .defer(*PracticePage.TEXTS, "source_gaps")
    )
    found = {page.translation_key: page for page in pages if can_hold(page)}
    practices = [(one, found.get(one.practice.translation_key)) for one in awards]
    return [(award, page) for award, page in practices if page]


@dataclass(frozen=True)
class Judgement:
    """A review, and the place that the reviewer had when the label was given."""

    review: AwardReview
    place: Affiliation | None


@require_safe
def practice_label(request, slug: str):
    """The newest award of a practice. A number alone, as on the printed sheet, leads on."""
    versions = versions_of(slug)
    if not versions:
        return _moved(slug)
    page = versions[0]
    award = Award.objects.filter(practice=int(page.number)).select_related("practice").first()
    if award is None or not can_hold(page):
        raise Http404("This practice was given no label.")
    return show_award(request, award, page)


def _moved(slug: str):
    number = slug.rpartition("-")[2]
    page = (
        PracticePage.objects.visible().filter(slug__endswith=f"-{number}").first()
        if number.isascii() and number.isdecimal()
        else None
    )
    if page is None:
        raise Http404("No practice has this address.")
    return redirect("practice_label", slug=page.slug, permanent=True)


@require_safe
def proof(request, key: UUID):
    """
    One award, by the address that its printed sheet bears. Of a practice that is no longer public
    it says just that, without its name.
    """
    award = get_object_or_404(Award.objects.select_related("practice"), key=key)
    page = public_version(award.practice)
    if page is None or not can_hold(page):
        return render(request, "practices/recognition/gone.html", status=410)
    return show_award(request, award, page)


def show_award(request, award: Award, page: PracticePage):
    """
    Show an award: whether it holds today, on which criteria and why, and what each reviewer says.

    :param page: the version of its practice that the reader is shown
    """
    judgements = judgements_of(award)
    met = [set(one.review.met) for one in judgements]
    return render(
        request,
        "practices/recognition/proof.html",
        {
            "award": award,
            "page": page,
            "collectivities": collectivities_of_page(page),
            "today": timezone.localdate(),
            "criteria": [
                (one, sum(one.code in codes for codes in met))
                for one in CRITERIA[award.criteria_version]
            ],
            "judgements": judgements,
            "others": award.practice.awards.exclude(pk=award.pk),
            "canonical": settings.SITE_URL + reverse("award_proof", args=[award.key]),
        },
    )


def collectivities_of_page(page: PracticePage) -> list:
    links = page.collectivity_links.select_related("collectivity__parent", "collectivity__region")
    return [link.collectivity for link in links]


def judgements_of(award: Award) -> list[Judgement]:
    """Return the reviews of an award, each with the reviewer's place on the day it was given."""
    reviews = list(award.reviews.select_related("reviewer", "collectivity"))
    places = Affiliation.objects.filter(
        person__in=[one.reviewer_id for one in reviews]
    ).select_related("collectivity", "association")
    then = [one for one in places if _held_on(one, award)]
    return [
        Judgement(
            review,
            next(
                (
                    one
                    for one in then
                    if one.person_id == review.reviewer_id
                    and one.collectivity_id == review.collectivity_id
                ),
                None,
            ),
        )
        for review in reviews
    ]


def _held_on(place: Affiliation, award: Award) -> bool:
    ended = place.ended_at
    return timezone.localdate(place.began_at) <= award.awarded_on and (
        ended is None or timezone.localdate(ended) >= award.awarded_on
    )


@require_safe
def printed(request, slug: str):
    """The label on paper, of a practice that holds it today; else its proof tells why not."""
    versions = versions_of(slug)
    if not versions or not can_hold(versions[0]):
        raise Http404("No practice has this address.")
    page = versions[0]
    award = Award.objects.standing().filter(practice=int(page.number)).first()
    if award is None:
        return redirect("practice_label", slug=page.slug)
    return render(
        request,
        "practices/recognition/printed.html",
        {
            "award": award,
            "page": page,
            "collectivities": collectivities_of_page(page),
            "address": settings.SITE_URL + reverse("practice_label", args=[page.number]),
            "qr_code": qr_code(settings.SITE_URL + reverse("award_proof", args=[award.key])),
        },
    )
