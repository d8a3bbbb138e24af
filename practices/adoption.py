"""What pages show of adoptions: of a practice, and of a collectivity that gives and takes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from members.models import Collectivity
from practices.enums import AdoptionState, Audience
from practices.lineage import RANK, lineage_of
from practices.lineage_drawing import DRAWN, draw
from practices.models import Adoption, PracticeCollectivity, PracticePage

DRAWN_ON_PRACTICE = 12  # rows, so that the page of a practice stays short


def can_be_adopted(page: PracticePage) -> bool:
    """Return whether a practice is one that collectivities may take over: everybody reads it."""
    return page.live and page.audience == Audience.PUBLIC


def adoptions_of(
    page: PracticePage, *, like: Collectivity | None = None, whole: bool = False
) -> dict:
    """
    Return what is shown of those who took a practice over, under `adoptions`.

    At most four queries, however many they are; one where there is nobody.

    :param page: the version that is shown
    :param like: the collectivity whose likes come first, read with its profile
    :param whole: for the page that lists them all; that of the practice draws and lists the nearest
    """
    lineage = lineage_of(page, like=like)
    most = DRAWN if whole else DRAWN_ON_PRACTICE
    nearest = lineage.nearest(most)
    return {
        "adoptions": {
            "lineage": lineage,
            "listed": lineage if whole else nearest,
            "drawing": draw(lineage, most),
            "is_cut": nearest.size < lineage.size,
            "is_whole": whole,
            "states": [
                (state.value, str(state.label), number) for state, number in lineage.states()
            ],
            "total": len(lineage.branches),
            "carried": sum(
                number for state, number in lineage.states() if state != AdoptionState.GIVEN_UP
            ),
            "can_be_adopted": can_be_adopted(page),
            "like": like,
        }
    }


# --- What a collectivity takes and gives ----------------------------------------------------------


@dataclass(frozen=True)
class Exchange:
    """
    An adoption as the page of a collectivity tells it.

    :ivar page: the practice that was taken over
    :ivar own_page: what was written of it, where everybody may read it
    """

    adoption: Adoption
    page: PracticePage
    own_page: PracticePage | None
    collectivities: Sequence[Collectivity]

    @property
    def is_carried(self) -> bool:
        """Whether it counts as taken over: not given up (`Adoption.objects.carried`)."""
        return self.adoption.state != AdoptionState.GIVEN_UP


def public_pages(practices: Iterable[int], language: str) -> dict[int, PracticePage]:
    """
    Return the public versions nearest to a reader, by the numbers of their practices, each with the
    collectivities that it names; two queries.
    """
    firsts = PracticePage.objects.filter(pk__in=set(practices))
    pages = (
        PracticePage.objects.visible()
        .filter(translation_key__in=firsts.values("translation_key"))
        .nearest_to(language)
        .select_related("locale")
        .prefetch_related("collectivity_links__collectivity")
        .defer(*PracticePage.TEXTS, "source_gaps")
    )
    return {int(page.number): page for page in pages}


def exchanges(adoptions: Iterable[Adoption], language: str) -> list[Exchange]:
    """Return adoptions with their pages; those of practices that are not public are left out."""
    adoptions = list(adoptions)
    numbers = {one.practice_id for one in adoptions}
    numbers |= {one.own_practice_id for one in adoptions if one.own_practice_id}
    pages = public_pages(numbers, language)
    told = []
    for one in adoptions:
        if page := pages.get(one.practice_id):
            own = pages.get(one.own_practice_id)
            if own and own.hides_collectivity:
                own = None
            told.append(Exchange(one, page, own, page.collectivities))
    return sorted(told, key=lambda one: (RANK[one.adoption.state], -one.adoption.pk))


def taken_over(collectivity: Collectivity, language: str) -> list[Exchange]:
    """Return what a collectivity took over, as everybody may read it."""
    adoptions = Adoption.objects.shown().filter(collectivity=collectivity)
    return exchanges(adoptions.select_related("collectivity"), language)


def given(collectivity: Collectivity, language: str) -> list[Exchange]:
    """
    Return who took over what a collectivity tells.

    By the names that its public pages bear, never by who wrote them: what hides its collectivity
    is nobody's here.
    """
    adoptions = Adoption.objects.shown().filter(_told_by([collectivity.pk]))
    return exchanges(adoptions.select_related("collectivity"), language)


def _told_by(collectivities: Iterable[int]) -> Q:
    """Return the condition that everybody may read a practice that names one of some."""
    links = PracticeCollectivity.objects.filter(
        collectivity__in=collectivities,
        practice__in=PracticePage.objects.visible().filter(hides_collectivity=False),
    )
    return Q(practice__translation_key__in=links.values("practice__translation_key"))


def numbers_taken_over(pks: Sequence[int]) -> dict[int, int]:
    """Return how many public practices some collectivities carry that they took over; one query."""
    public = PracticePage.objects.visible().values("translation_key")
    rows = Adoption.objects.carried().filter(
        collectivity__in=pks, practice__translation_key__in=public
    )
    numbers: dict[int, int] = defaultdict(int)
    for pk in rows.order_by().values_list("collectivity", flat=True):
        numbers[pk] += 1
    return dict(numbers)


def with_adopters(pages: QuerySet[PracticePage]) -> QuerySet[PracticePage]:
    """Read with each version how many collectivities carry it that took it over (`adopters`)."""
    adoptions = Adoption.objects.carried().filter(
        practice__translation_key=OuterRef("translation_key")
    )
    number = adoptions.order_by().values("practice__translation_key").annotate(number=Count("pk"))
    return pages.annotate(adopters=Coalesce(Subquery(number.values("number")), 0))


def adoption_numbers(translation_keys: Iterable[str]) -> dict[str, int]:
    """Return how many collectivities carry some practices that they took over; one query."""
    rows = Adoption.objects.carried().filter(practice__translation_key__in=translation_keys)
    numbers: dict[str, int] = defaultdict(int)
    for key in rows.order_by().values_list("practice__translation_key", flat=True):
        numbers[str(key)] += 1
    return dict(numbers)
