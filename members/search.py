"""Collectivities in the search call: the directory, found by name in either script."""

from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import languages
from members.enums import LEVEL_OF_KIND, Level
from members.models import Collectivity
from members.names import ARABIC, FRENCH, full_name
from members.signals import collectivities_changed
from search.analysis import fold
from search.concepts import forget_names, keep_names
from search.documents import changed, withdraw
from search.registry import Document, Facet, SearchKind, register

NAME = "collectivities"
PAGE_SIZE = 48
LEVELS = list(Level.values)
# People write "préfecture" where it is a province, and the reverse: the level's words all count.
WORDS_OF_LEVEL = {
    level: " ".join(
        words[kind]
        for words in (ARABIC, FRENCH)
        for kind, one in LEVEL_OF_KIND.items()
        if one == level
    )
    for level in LEVELS
}


def groups() -> Iterable[str]:
    return map(str, Collectivity.objects.order_by("code").values_list("pk", flat=True))


def documents(keys: Sequence[str]) -> dict[str, list[Document]]:
    """Return a version for each language in which a collectivity has a name."""
    found = Collectivity.objects.select_related("parent", "region").filter(pk__in=keys)
    return {str(one.pk): versions(one) for one in found.order_by("code")}


def versions(one: Collectivity) -> list[Document]:
    names = {code: getattr(one, f"name_{code}") for code in languages.CODES}
    return [
        Document(
            key=f"{one.pk}-{code}",
            language=code,
            path=f"/collectivities/{one.slug}/",
            title=full_name(name, one.kind, code),
            caption=" · ".join(place.full_name_in(code) for place in one.lies_in),
            keywords=f"{WORDS_OF_LEVEL[one.level]} {' '.join(filter(None, names.values()))}",
            labels={"level": [one.level], "region": [one.region.code] if one.region else []},
            number=one.pk,
            sort_title=f"{fold(name)[:100]} {LEVELS.index(one.level)}",
        )
        for code, name in names.items()
        if name
    ]


def load(keys: Sequence[str], language: str) -> list[Collectivity]:
    pks = [int(key.partition("-")[0]) for key in keys]
    found = Collectivity.objects.select_related("parent", "region").in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


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
        common=True,
    ),
)

register(
    SearchKind(
        name=NAME,
        label=lambda: _("Collectivities"),
        groups=groups,
        documents=documents,
        load=load,
        sorts=("title",),
        facets=FACETS,
        every_word=True,
        page_size=PAGE_SIZE,
    )
)


def slug_of(one: Collectivity) -> str:
    """Return the name of a collectivity's concept: its names in all languages."""
    return f"collectivity-{one.code.replace('.', '-')}"


def _changed(sender, pks, **kwargs) -> None:
    # What lies in a place tells its name.
    inside = Collectivity.objects.filter(Q(parent__in=pks) | Q(region__in=pks))
    changed(NAME, map(str, {*pks, *inside.values_list("pk", flat=True)}))
    # "Tétouan" finds what is written of تطوان.
    written = Collectivity.objects.filter(pk__in=pks)
    keep_names(
        NAME,
        {
            slug_of(one): {
                code: name for code in languages.CODES if (name := getattr(one, f"name_{code}"))
            }
            for one in written
        },
    )


def _saved(sender, instance, raw=False, **kwargs) -> None:
    if not raw:
        collectivities_changed.send(Collectivity, pks=[instance.pk])


def _deleted(sender, instance, **kwargs) -> None:
    withdraw(NAME, [str(instance.pk)])
    forget_names(NAME, [slug_of(instance)])


collectivities_changed.connect(_changed, dispatch_uid="search-collectivities")
post_save.connect(_saved, sender=Collectivity, dispatch_uid="search-collectivities-saved")
post_delete.connect(_deleted, sender=Collectivity, dispatch_uid="search-collectivities-deleted")
