"""Collectivities in the search call: the directory, found by name in either script."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import pgettext

from core.labels import in_language
from members.enums import KINDS_OF_LEVEL, LEVEL_OF_KIND, Level
from members.models import Collectivity
from members.names import ARABIC, FRENCH, fold_name
from search.registry import Facet, FacetValues, SearchKind, register

PAGE_SIZE = 48
LEVELS = list(Level.values)

# People write "commune de Tétouan" and "جماعة تطوان"; the names themselves hold no such word.
LEVEL_OF_WORD = {
    fold_name(word): LEVEL_OF_KIND[kind]
    for words in (ARABIC, FRENCH)
    for kind, word in words.items()
}
PARTICLES = frozenset({"d", "l", "de", "du", "des", "la", "of", "the"})


def documents(language: str, query: str, sort: str) -> list[int]:
    words = fold_name(query).split()
    levels = {LEVEL_OF_WORD[word] for word in words if word in LEVEL_OF_WORD}
    names = [word for word in words if word not in LEVEL_OF_WORD and word not in PARTICLES]
    found = Collectivity.objects.named(" ".join(names if names or levels else words))
    if levels:
        found = found.filter(kind__in=[kind for level in levels for kind in KINDS_OF_LEVEL[level]])

    def place(one: Collectivity) -> tuple[str, int, int]:
        name, _spoken = in_language(one, "name", language)
        return fold_name(name), LEVELS.index(one.level), one.pk

    shown = found.only("kind", "name_ar", "name_fr", "name_en", "name_zgh")
    return [one.pk for one in sorted(shown, key=place)]


def load(pks: Sequence[int], language: str) -> list[Collectivity]:
    found = Collectivity.objects.select_related("parent", "region").in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


def values() -> FacetValues:
    levels: dict[str, set[int]] = defaultdict(set)
    regions: dict[str, set[int]] = defaultdict(set)
    rows = Collectivity.objects.order_by().values_list("pk", "kind", "region__code")
    for pk, kind, region in rows:
        levels[LEVEL_OF_KIND[kind]].add(pk)
        regions[region].add(pk)
    return {"level": levels, "region": regions}


FACETS = (
    Facet(
        "level",
        lambda: pgettext("facet", "Type of collectivity"),
        lambda: [(value, str(label)) for value, label in Level.choices],
    ),
    Facet(
        "region",
        lambda: pgettext("facet", "Region"),
        lambda: [(region.code, region.name) for region in Collectivity.objects.regions()],
    ),
)

register(
    SearchKind(
        name="collectivities",
        documents=documents,
        sorts=("name",),
        facets=FACETS,
        values=values,
        load=load,
        page_size=PAGE_SIZE,
    )
)
