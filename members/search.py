"""
Collectivities and associations in the search call: the directories, found by name in either script.
"""

from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, Q
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import languages
from core.numbers import format_number
from members.enums import LEVEL_OF_KIND, CollectivityKind, Level, Setting
from members.models import (
    Association,
    Attachment,
    Collectivity,
    CollectivityProfile,
    Membership,
)
from members.models.contacts import Contacts
from members.names import ARABIC, FRENCH, full_name
from members.signals import collectivities_changed
from search.analysis import fold
from search.concepts import forget_names, keep_names
from search.documents import changed, withdraw
from search.registry import Document, Facet, SearchKind, register

NAME = "collectivities"
ASSOCIATIONS = "associations"
PAGE_SIZE = 48
ASSOCIATIONS_PAGE_SIZE = 24
LEVELS = list(Level.values)
MEMBER, NOT_YET = "member", "not-yet"
UNKNOWN = "unknown"
# Where the bands of population begin.
BANDS = (0, 10_000, 50_000, 200_000)
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
SCRIPTS = ("ar", "fr")  # in which every collectivity has a name


# --- Collectivities -----------------------------------------------------------------------------


def groups() -> Iterable[str]:
    return map(str, Collectivity.objects.order_by("code").values_list("pk", flat=True))


def documents(keys: Sequence[str]) -> dict[str, list[Document]]:
    """Return a version for each language in which a collectivity has a name."""
    found = (
        Collectivity.objects.select_related("parent", "region", "profile")
        .prefetch_related("memberships")
        .filter(pk__in=keys)
    )
    return {str(one.pk): versions(one) for one in found.order_by("code")}


def versions(one: Collectivity) -> list[Document]:
    names = names_of(one)
    profile = getattr(one, "profile", None)
    told_in = language_told_in(profile, names) if profile else ""
    labels = labels_of(one)
    return [
        Document(
            key=f"{one.pk}-{code}",
            language=code,
            path=f"/collectivities/{one.slug}/",
            title=full_name(name, one.kind, code),
            summary=profile.about if code == told_in else "",
            body="\n".join(lists_of(profile)) if code == told_in else "",
            caption=" · ".join(place.full_name_in(code) for place in one.lies_in),
            keywords=f"{WORDS_OF_LEVEL[one.level]} {' '.join(names.values())}",
            labels=labels,
            number=one.pk,
            sort_title=f"{fold(name)[:100]} {LEVELS.index(one.level)}",
        )
        for code, name in names.items()
    ]


def names_of(one: Collectivity | Association) -> dict[str, str]:
    """Return the names by language, without the languages that have none."""
    names = {code: getattr(one, f"name_{code}") for code in languages.CODES}
    return {code: name for code, name in names.items() if name}


def language_told_in(told: Contacts, names: dict[str, str]) -> str:
    """Return the version that holds what was told: the one in its language, or the nearest."""
    order = languages.FALLBACKS[told.language or languages.CODES[0]]
    return next(code for code in order if code in names)


def lists_of(profile: CollectivityProfile) -> list[str]:
    """Return what a collectivity says of itself beside a few words."""
    lists = (profile.services, profile.challenges, profile.skills)
    return [text for text in lists if text.strip()]


def labels_of(one: Collectivity) -> dict[str, list[str]]:
    """Return what a collectivity is filtered by; what nobody knows is unknown, never guessed."""
    # A region or a province is neither urban nor rural, unless it says so itself.
    no_setting = [UNKNOWN] if one.kind == CollectivityKind.COMMUNE else []
    return {
        "level": [one.level],
        "region": [one.region.code] if one.region else [],
        "membership": [MEMBER if one.is_member else NOT_YET],
        "population": [band_of(one.known_population)],
        "setting": [one.known_setting] if one.known_setting else no_setting,
    }


def band_of(population: int | None) -> str:
    """Return the band that a population lies in, named by where it begins."""
    if population is None:
        return UNKNOWN
    return str(max(start for start in BANDS if start <= population))


def load(keys: Sequence[str], language: str) -> list[Collectivity]:
    pks = [int(key.partition("-")[0]) for key in keys]
    found = (
        Collectivity.objects.select_related("parent", "region")
        .prefetch_related("memberships")
        .in_bulk(pks)
    )
    return [found[pk] for pk in pks if pk in found]


def _band_choices() -> list[tuple[str, str]]:
    numbers = [format_number(start, languages.current()) for start in BANDS]
    second, last = numbers[1], numbers[-1]
    between = pgettext("population", "%(low)s to %(high)s")
    return [
        (str(BANDS[0]), pgettext("population", "Under %(number)s") % {"number": second}),
        *(
            (str(start), between % {"low": low, "high": high})
            for start, low, high in zip(BANDS[1:], numbers[1:], numbers[2:], strict=False)
        ),
        (str(BANDS[-1]), pgettext("population", "%(number)s and more") % {"number": last}),
        (UNKNOWN, pgettext("population", "Unknown")),
    ]


def _region_choices() -> list[tuple[str, str]]:
    return [(region.code, region.name) for region in Collectivity.objects.regions()]


REGION = Facet("region", lambda: pgettext("facet", "Region"), _region_choices, common=True)
FACETS = (
    Facet(
        "level",
        lambda: pgettext("facet", "Type of collectivity"),
        lambda: [(value, str(label)) for value, label in Level.choices],
    ),
    Facet(
        "membership",
        lambda: pgettext("facet", "In the network"),
        lambda: [
            (MEMBER, pgettext("collectivity", "Member")),
            (NOT_YET, pgettext("collectivity", "Not yet a member")),
        ],
    ),
    REGION,
    Facet("population", lambda: pgettext("facet", "Population"), _band_choices),
    Facet(
        "setting",
        lambda: pgettext("facet", "Urban or rural"),
        lambda: [
            *((value, str(label)) for value, label in Setting.choices),
            (UNKNOWN, pgettext("commune", "Unknown")),
        ],
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


# --- Associations -------------------------------------------------------------------------------


def association_groups() -> Iterable[str]:
    return map(str, Association.objects.public().order_by("pk").values_list("pk", flat=True))


def association_documents(keys: Sequence[str]) -> dict[str, list[Document]]:
    """Return a version for each language in which an association that everybody sees has a name."""
    found = Association.objects.public().with_collectivities().filter(pk__in=keys)
    return {str(one.pk): association_versions(one) for one in found.order_by("pk")}


def association_versions(one: Association) -> list[Document]:
    names = names_of(one)
    told_in = language_told_in(one, names)
    places = [attachment.collectivity for attachment in one.confirmed]
    around = dict.fromkeys(near for place in places for near in (place, *place.lies_in))
    keywords = [*names.values(), *(near.full_name_in(code) for near in around for code in SCRIPTS)]
    labels = {
        "region": {place.region.code for place in places if place.region},
        "collectivity": {place.code for place in places},
    }
    return [
        Document(
            key=f"{one.pk}-{code}",
            language=code,
            path=f"/associations/{one.pk}/",
            title=name,
            body=one.about if code == told_in else "",
            caption=" · ".join(place.full_name_in(code) for place in places[:2]),
            keywords=" ".join(keywords),
            labels=labels,
            number=one.pk,
        )
        for code, name in names.items()
    ]


def load_associations(keys: Sequence[str], language: str) -> list[Association]:
    pks = [int(key.partition("-")[0]) for key in keys]
    found = Association.objects.public().with_collectivities().in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


def _collectivity_choices() -> list[tuple[str, str]]:
    """Return the collectivities that have confirmed an association."""
    attached = Attachment.objects.confirmed().filter(
        collectivity=OuterRef("pk"), association__left_on=None
    )
    return [(one.code, one.full_name) for one in Collectivity.objects.filter(Exists(attached))]


register(
    SearchKind(
        name=ASSOCIATIONS,
        label=lambda: _("Associations"),
        groups=association_groups,
        documents=association_documents,
        load=load_associations,
        sorts=("title",),
        facets=(
            REGION,
            Facet("collectivity", lambda: pgettext("facet", "Works with"), _collectivity_choices),
        ),
        every_word=True,
        page_size=ASSOCIATIONS_PAGE_SIZE,
    )
)


# --- What changes them --------------------------------------------------------------------------


def slug_of(one: Collectivity) -> str:
    """Return the name of a collectivity's concept: its names in all languages."""
    return f"collectivity-{one.code.replace('.', '-')}"


def _changed(sender, pks, **kwargs) -> None:
    # What lies in a place tells its name, and so does an association that works with it.
    inside = Collectivity.objects.filter(Q(parent__in=pks) | Q(region__in=pks))
    told = {*pks, *inside.values_list("pk", flat=True)}
    changed(NAME, map(str, told))
    attached = Attachment.objects.confirmed().filter(
        Q(collectivity__in=pks) | Q(collectivity__parent__in=pks) | Q(collectivity__region__in=pks)
    )
    changed(ASSOCIATIONS, set(map(str, attached.values_list("association", flat=True))))
    # "Tétouan" finds what is written of تطوان.
    written = Collectivity.objects.filter(pk__in=pks)
    keep_names(NAME, {slug_of(one): names_of(one) for one in written})


def _saved(sender, instance, raw=False, **kwargs) -> None:
    if not raw:
        collectivities_changed.send(Collectivity, pks=[instance.pk])


def _deleted(sender, instance, **kwargs) -> None:
    withdraw(NAME, [str(instance.pk)])
    forget_names(NAME, [slug_of(instance)])


def _told(sender, instance, raw=False, **kwargs) -> None:
    """A profile or a membership: of what lies in the collectivity it changes nothing."""
    if not raw:
        changed(NAME, [str(instance.collectivity_id)])


def _association_changed(pk: int) -> None:
    """What nobody sees any more goes at once; the rest is the worker's."""
    tell = changed if Association.objects.public().filter(pk=pk).exists() else withdraw
    tell(ASSOCIATIONS, [str(pk)])


def _association_told(sender, instance, raw=False, **kwargs) -> None:
    if not raw:
        _association_changed(instance.pk)


def _attachment_told(sender, instance, raw=False, **kwargs) -> None:
    if not raw:
        _association_changed(instance.association_id)


collectivities_changed.connect(_changed, dispatch_uid="search-collectivities")
for signal, receiver, model in (
    (post_save, _saved, Collectivity),
    (post_delete, _deleted, Collectivity),
    (post_save, _told, CollectivityProfile),
    (post_delete, _told, CollectivityProfile),
    (post_save, _told, Membership),
    (post_delete, _told, Membership),
    (post_save, _association_told, Association),
    (post_delete, _association_told, Association),
    (post_save, _attachment_told, Attachment),
    (post_delete, _attachment_told, Attachment),
):
    signal.connect(receiver, sender=model, dispatch_uid=f"search-{model.__name__}")
