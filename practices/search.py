"""Practices and case studies in the search call: their documents, facets, and how they load."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.db.models.signals import post_save
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import languages
from core.labels import in_language
from core.pages import REVISION_COLUMNS
from core.text import plain_text
from core.vocabularies import Principle, Theme
from members.audiences import NETWORK
from members.enums import CollectivityKind, Level
from members.models import Collectivity
from members.signals import collectivities_changed
from practices.adoption import adoption_numbers, with_adopters
from practices.enums import Audience, PracticeKind, PracticeStatus
from practices.freshness import mark_ageing
from practices.hidden import names_of
from practices.models import PracticeCollectivity, PracticePage
from practices.recognition import mark_holders
from search.documents import changed, withdraw
from search.registry import PUBLIC, Document, Facet, SearchKind, register
from search.watch import watch_pages

NAME = "practices"
FIRST_YEAR, LAST_YEAR = 1976, 2100  # the first communal charter; a bound for what is typed
SCRIPTS = ("ar", "fr")  # in which every collectivity has a name


def groups() -> Iterable[str]:
    versions = PracticePage.objects.of_network().order_by("pk")
    return dict.fromkeys(map(str, versions.values_list("translation_key", flat=True)))


def documents(keys: Sequence[str]) -> dict[str, list[Document]]:
    """Return the versions that are published, for everybody or for the network, by practice."""
    pages = (
        PracticePage.objects.of_network()
        .filter(translation_key__in=keys)
        .select_related("locale")
        .prefetch_related(
            "collectivity_links__collectivity__parent",
            "collectivity_links__collectivity__region",
            "principle_links__tag",
            "theme_links__tag",
            "challenges",
            "steps",
            "participants",
            "indicators",
        )
        .order_by("pk")
    )
    found: dict[str, list[PracticePage]] = defaultdict(list)
    for page in pages:
        found[str(page.translation_key)].append(page)
    adopted = adoption_numbers(keys)
    return {
        key: [
            document(page, _readable_in(versions, page), adopted.get(key, 0)) for page in versions
        ]
        for key, versions in found.items()
    }


def _readable_in(versions: Iterable[PracticePage], page: PracticePage) -> list[str]:
    """Return the languages in which those who may find a version can read the practice."""
    return [one.language for one in versions if one.audience in (Audience.PUBLIC, page.audience)]


def document(page: PracticePage, readable_in: Sequence[str], adoptions: int) -> Document:
    """
    Return what the index knows of a version.

    :param readable_in: the languages of all its versions, for the facet
    :param adoptions: how many collectivities carry it that took it over
    """
    themes = [link.tag for link in page.theme_links.all()]
    places = page.collectivities
    around = [place for one in places for place in (one, *one.lies_in)]
    names = [one.full_name_in(code) for one in around for code in SCRIPTS]
    labels = [
        in_language(tag, "label", page.language)[0] for tag in (*page.principle_tags, *themes)
    ]
    return Document(
        key=str(page.pk),
        language=page.language,
        path=f"/practices/{page.slug}/",
        title=page.title,
        summary=page.summary,
        body=body_of(page),
        caption=" · ".join(names_of(page, places[:2])),
        keywords=" ".join(dict.fromkeys([*labels, *names])),
        labels={
            "kind": [page.kind],
            "status": [page.status] if page.status else [],
            "year": [str(year) for year in _years(page.start, page.end)],
            "language": readable_in,
            "type": {one.level for one in places},
            "region": {one.region.code for one in places if one.region},
            "principle": [tag.slug for tag in page.principle_tags],
            "theme": [tag.slug for tag in themes],
        },
        date=page.first_published_at,
        number=page.pk,
        adoptions=adoptions,
        audiences=(PUBLIC if page.audience == Audience.PUBLIC else NETWORK,),
    )


def body_of(page: PracticePage) -> str:
    """Return the page's texts and rows as plain text, a part on each line."""
    parts = [plain_text(getattr(page, name)) for name in PracticePage.TEXTS]
    parts += [row.text for row in page.challenges.all()]
    parts += [f"{step.title} {step.text}" for step in page.steps.all()]
    parts += [f"{row.who} {row.role}" for row in page.participants.all()]
    parts += [row.name for row in page.indicators.all()]
    parts.append(page.source_title)
    return "\n".join(part.strip() for part in parts if part.strip())


def load(pks: Sequence[int], language: str) -> list[PracticePage]:
    found = (
        with_adopters(PracticePage.objects.filter(pk__in=pks))
        .select_related("locale")
        .prefetch_related(
            "collectivity_links__collectivity__parent",
            "principle_links__tag",
            "indicators",
        )
        .defer(*PracticePage.TEXTS, "source_gaps")
        .in_bulk()
    )
    return list(mark_ageing(mark_holders([found[pk] for pk in pks if pk in found])))


def _years(start: str, end: str) -> range:
    """Return the years in which a practice ran, from its start to its end."""
    if not start:
        return range(0)
    first = int(start[:4])
    last = int(end[:4]) if end else first
    return range(max(first, FIRST_YEAR), min(last, LAST_YEAR) + 1)


def _year_choices():
    years = range(LAST_YEAR, FIRST_YEAR - 1, -1)
    return [(str(year), str(year)) for year in years]


def _region_choices():
    regions = Collectivity.objects.filter(kind=CollectivityKind.REGION)
    return [(region.code, region.name) for region in regions]


FACETS = (
    Facet(
        "principle",
        lambda: pgettext("facet", "Principle"),
        lambda: [(principle.slug, principle.label) for principle in Principle.objects.all()],
        common=True,
    ),
    Facet(
        "kind",
        lambda: pgettext("facet", "Kind"),
        lambda: [(value, str(label)) for value, label in PracticeKind.choices],
    ),
    Facet(
        "type",
        lambda: pgettext("facet", "Type of collectivity"),
        lambda: [(value, str(label)) for value, label in Level.choices],
    ),
    Facet("region", lambda: pgettext("facet", "Region"), _region_choices, common=True),
    Facet(
        "theme",
        lambda: pgettext("facet", "Theme"),
        lambda: [(theme.slug, theme.label) for theme in Theme.objects.current().by_label()],
        common=True,
    ),
    Facet("year", lambda: pgettext("facet", "Period"), _year_choices),
    Facet(
        "status",
        lambda: pgettext("facet", "Status"),
        lambda: [(value, str(label)) for value, label in PracticeStatus.choices],
    ),
    Facet(
        "language",
        lambda: pgettext("facet", "Can be read in"),
        lambda: [(code, languages.own_name(code)) for code in languages.CODES],
    ),
)

register(
    SearchKind(
        name=NAME,
        label=lambda: _("Practices and case studies"),
        groups=groups,
        documents=documents,
        load=lambda keys, language: load([int(key) for key in keys], language),
        sorts=("newest", "adopted", "title"),
        facets=FACETS,
    )
)


# --- What changes beside the pages themselves ---------------------------------------------------


def _withdraw_what_is_kept_back(sender, instance, raw=False, update_fields=None, **kwargs) -> None:
    """
    Take off at once what everybody could find, or find by its name, until now; what may be found of
    it comes back with the worker.
    """
    is_of_a_draft = update_fields is not None and update_fields <= REVISION_COLUMNS
    kept_back = instance.audience != Audience.PUBLIC or instance.hides_collectivity
    if instance.live and kept_back and not (raw or is_of_a_draft):
        withdraw(NAME, [str(instance.translation_key)])


def practices_changed(pks: Iterable[int]) -> None:
    """Have practices indexed anew whose rows were written in bulk."""
    pages = PracticePage.objects.filter(pk__in=list(pks)).order_by()
    changed(NAME, set(map(str, pages.values_list("translation_key", flat=True))))


def _follow_tag(sender, instance, created=False, raw=False, **kwargs) -> None:
    """A label of a principle or theme stands in each document that carries it."""
    if not created and not raw:
        practices_changed(instance.practice_links.values_list("content_object", flat=True))


def _follow_places(sender, pks, **kwargs) -> None:
    links = PracticeCollectivity.objects.filter(
        Q(collectivity__in=pks) | Q(collectivity__parent__in=pks) | Q(collectivity__region__in=pks)
    )
    practices_changed(links.values_list("practice", flat=True))


watch_pages(NAME, PracticePage)
post_save.connect(
    _withdraw_what_is_kept_back, sender=PracticePage, dispatch_uid="search-practices-kept-back"
)
for model in (Principle, Theme):
    post_save.connect(_follow_tag, sender=model, dispatch_uid=f"search-practices-{model.__name__}")
collectivities_changed.connect(_follow_places, dispatch_uid="search-practices-places")
