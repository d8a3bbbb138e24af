"""
The lineage of a practice: what it grew from, who took it over, and what grew of it there.

It is read in at most four queries, however many took it over. Nothing that is not public has a
place in it: the pages are those that every visitor may read, hidden adoptions are left out, and a
page that hides its collectivity is never tied to one.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.db.models import Q

from core import languages
from members.models import Collectivity
from practices.enums import AdoptionState
from practices.likeness import Likeness, likeness
from practices.models import Adoption, PracticeCollectivity, PracticePage

LEVELS = 4  # up and down
MOST_ANCESTORS = 3  # that are drawn
# Those that got furthest first.
RANK = {
    AdoptionState.IN_PLACE: 0,
    AdoptionState.UNDER_WAY: 1,
    AdoptionState.INTENTION: 2,
    AdoptionState.GIVEN_UP: 3,
}


@dataclass
class Branch:
    """
    A collectivity that took a practice over, and what grew of it there.

    :ivar page: its own practice, where it wrote one that everybody may read
    :ivar likeness: to the collectivity that the reader asked with
    :ivar children: who took over its own practice; empty where these stand in another branch
    """

    adoption: Adoption
    page: PracticePage | None
    likeness: Likeness | None
    children: "list[Branch]" = field(default_factory=list)

    @property
    def collectivity(self) -> Collectivity:
        return self.adoption.collectivity


@dataclass
class Ancestor:
    """
    A practice that another grew from.

    :ivar child: the number of the practice that grew from it
    :ivar level: how many steps up it is
    """

    page: PracticePage
    child: int
    level: int
    collectivities: list[Collectivity] = field(default_factory=list)


@dataclass
class Lineage:
    """
    :ivar ancestors: the nearest first
    :ivar branches: those who took the practice itself over
    """

    page: PracticePage
    ancestors: list[Ancestor]
    branches: list[Branch]

    def walk(self) -> Iterator[Branch]:
        """Give all branches, level by level."""
        waiting = deque(self.branches)
        while waiting:
            branch = waiting.popleft()
            yield branch
            waiting.extend(branch.children)

    @property
    def size(self) -> int:
        """How many practices and adoptions are in it, itself among them."""
        return 1 + len(self.ancestors) + sum(1 for _one in self.walk())

    def states(self) -> list[tuple[AdoptionState, int]]:
        """Return how many who took the practice itself over are in which state."""
        counts = defaultdict(int)
        for one in self.branches:
            counts[AdoptionState(one.adoption.state)] += 1
        return [(state, counts[state]) for state in RANK if counts[state]]

    def nearest(self, most: int) -> "Lineage":
        """
        Return the part of it that has so many members at most: the nearest, up and down. Of those
        who took it over, the ones of which something grew come first: they make it a lineage.
        """
        ancestors = self.ancestors[:MOST_ANCESTORS]
        # Stable: whoever has something below comes before it.
        takers = sorted(self.walk(), key=lambda one: not (one.page or one.children))
        chosen = {one.adoption.pk for one in takers[: most - len(ancestors) - 1]}
        return Lineage(self.page, ancestors, _chosen_of(self.branches, chosen))


def _chosen_of(branches: list[Branch], chosen: set[int]) -> list[Branch]:
    return [
        replace(one, children=_chosen_of(one.children, chosen))
        for one in branches
        if one.adoption.pk in chosen
    ]


def lineage_of(page: PracticePage, *, like: Collectivity | None = None) -> Lineage:
    """
    Return the lineage of a practice, in one query where there is none, in four otherwise.

    :param page: any version
    :param like: the collectivity whose likes come first, read with its profile
    """
    number = int(page.number)
    edges = list(_edges(number, with_ancestors=not page.hides_collectivity))
    numbers = {one for edge in edges for one in edge[1:] if one} - {number}
    pages = _public_pages(numbers) | {number: page}
    ancestors = _ancestors(number, edges, pages)
    below = defaultdict(list)
    for pk, parent, own in edges:
        below[parent].append((pk, own))
    expanded = _expanded(number, below, pages)
    adoptions = _adoptions([pk for parent in expanded for pk, own in below[parent]])
    branches: dict[int, list[Branch]] = {}
    owns: dict[int, int] = {}
    for parent in expanded:
        for pk, own in below[parent]:
            alike = likeness(like, adoptions[pk].collectivity) if like else None
            branches.setdefault(parent, []).append(
                Branch(adoptions[pk], _own_page(own, pages), alike)
            )
            owns[pk] = own
        branches.setdefault(parent, []).sort(key=order_of)
    grown = {number}
    for parent in expanded:
        for branch in branches[parent]:
            own = owns[branch.adoption.pk]
            if own in branches and own not in grown:
                grown.add(own)
                branch.children = branches[own]
    return Lineage(page, ancestors, branches[number])


def order_of(branch: Branch) -> tuple:
    """Return what branches are sorted by: those alike first, then those that got furthest."""
    adoption = branch.adoption
    distance = branch.likeness.distance if branch.likeness else 0
    return distance, RANK[adoption.state], adoption.declared_at, adoption.pk


def _edges(number: int, *, with_ancestors: bool):
    """
    Return the adoptions around a practice, up and down, as (key, practice, own practice).

    One query. Those that are reached only through what nobody may see are among them.
    """
    conditions = []
    down, up = "practice", "own_practice"
    for _level in range(LEVELS):
        conditions.append(Q(**{down: number}))
        if with_ancestors:
            conditions.append(Q(**{up: number}))
        # What was taken over is somebody's own practice, and so on.
        down = f"practice__grew_from__{down}"
        up = f"own_practice__adoptions__{up}"
    queries = [
        Adoption.objects.shown()
        .filter(one)
        .order_by()
        .values_list("pk", "practice_id", "own_practice_id")
        for one in conditions
    ]
    return queries[0].union(*queries[1:])


def _public_pages(numbers: set[int]) -> dict[int, PracticePage]:
    """Return the public versions nearest to the reader, by the numbers of their practices."""
    if not numbers:
        return {}
    firsts = PracticePage.objects.filter(pk__in=numbers)
    pages = (
        PracticePage.objects.visible()
        .filter(translation_key__in=firsts.values("translation_key"))
        .nearest_to(languages.current())
        .select_related("locale")
        .defer(*PracticePage.TEXTS, "source_gaps")
    )
    return {int(page.number): page for page in pages}


def _own_page(own: int | None, pages: dict[int, PracticePage]) -> PracticePage | None:
    """Return a collectivity's own practice, unless that would tell what its page hides."""
    page = pages.get(own)
    return page if page and not page.hides_collectivity else None


def _expanded(number: int, below: dict, pages: dict[int, PracticePage]) -> list[int]:
    """
    Return the practices whose adoptions are shown, level by level, each once: so none goes round.
    """
    expanded, level = [number], [number]
    for _level in range(1, LEVELS):
        following = []
        for parent in level:
            for _pk, own in below[parent]:
                if own not in expanded and _own_page(own, pages):
                    expanded.append(own)
                    following.append(own)
        level = following
    return expanded


def _adoptions(pks: list[int]) -> dict[int, Adoption]:
    if not pks:
        return {}
    adoptions = Adoption.objects.with_last_step().select_related("collectivity__profile")
    return adoptions.in_bulk(pks)


def _ancestors(number: int, edges: list, pages: dict[int, PracticePage]) -> list[Ancestor]:
    """Return what a practice grew from, level by level, each once."""
    above = defaultdict(list)
    for _pk, parent, own in edges:
        if own:
            above[own].append(parent)
    found: list[Ancestor] = []
    seen, level = {number}, [number]
    for steps in range(1, LEVELS + 1):
        following = []
        for child in level:
            for parent in sorted(above[child]):
                if parent in seen or parent not in pages:
                    continue
                seen.add(parent)
                found.append(Ancestor(pages[parent], child, steps))
                # Beyond one that hides who tells it, the way would name them.
                if not pages[parent].hides_collectivity:
                    following.append(parent)
        level = following
    if found:
        links = PracticeCollectivity.objects.filter(
            practice__in=[one.page.pk for one in found]
        ).select_related("collectivity")
        told = defaultdict(list)
        for link in links:
            told[link.practice_id].append(link.collectivity)
        for one in found:
            one.collectivities = told[one.page.pk]
    return found
