"""The kind of draft "practice": how one begins, what stands against submitting it, how it looks."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from contributions.models import Contribution
from contributions.registry import DraftKind, register_draft_kind
from core import languages
from members.models import Collectivity, User
from practices.drafting.sections import SECTIONS
from practices.enums import Origin, PracticeKind
from practices.hidden import problems_of_hidden
from practices.models import (
    PracticeCollectivity,
    PracticeIndexPage,
    PracticePage,
)
from search.services import search

NAME = "practice"
SIMILAR = 4
MOST_THEMES = 5

CRITERIA = (
    (
        "open",
        gettext_lazy("It opens something up: at least one principle is touched, and it shows."),
    ),
    ("true", gettext_lazy("It tells what happened, with dates; figures carry source and date.")),
    ("clear", gettext_lazy("A colleague who was not there understands what was done.")),
    (
        "society",
        gettext_lazy("It tells how residents and associations took part, or that they did not."),
    ),
    ("useful", gettext_lazy("It tells what another collectivity needs to do the same.")),
    (
        "lawful",
        gettext_lazy("Personal data, photos and documents may be shown; nobody is put down."),
    ),
)


def index_of(language: str) -> PracticeIndexPage | None:
    return PracticeIndexPage.objects.filter(locale__language_code=language, live=True).first()


def prepare(page: PracticePage, collectivity: Collectivity, initial) -> None:
    """Begin a page with the collectivity that writes it, unless the answers name others."""
    page.kind = initial.get("kind") or PracticeKind.PRACTICE
    page.origin = initial.get("origin") or Origin.MEMBER
    if "source_title" in initial:
        page.source_title = initial["source_title"]
        page.source_url = initial.get("source_url", "")
        page.source_date = initial.get("source_date", "")
    concerned = [collectivity, *initial.get("collectivities", ())]
    page.collectivity_links.set(
        [
            PracticeCollectivity(collectivity=one, sort_order=place)
            for place, one in enumerate(dict.fromkeys(concerned))
        ]
    )


def check(page: PracticePage, contribution: Contribution) -> Sequence[tuple[str, str]]:
    """Return what stands against submitting a practice beside single answers."""
    problems = []
    if page.start and page.end and page.end < page.start[: len(page.end)]:
        problems.append(("end", _("The end is earlier than the start.")))
    if not page.hides_collectivity and not page.collectivity_links.all():
        problems.append(("collectivity_links", _("Missing: the collectivities concerned.")))
    if not (page.contact_email or page.contact_phone or page.hides_collectivity):
        problems.append(("contact_email", _("Give an e-mail address or a telephone number.")))
    if len(page.theme_links.all()) > MOST_THEMES:
        problems.append(("themes", _("At most %(most)d themes.") % {"most": MOST_THEMES}))
    authors = Collectivity.objects.filter(authorships__contribution=contribution)
    problems += problems_of_hidden(page, list(authors))
    for place, photo in enumerate(page.photos.all()):
        if not (photo.decorative or photo.description or photo.image_id):
            problems.append(
                (
                    f"photos-{place}-description",
                    _("Say what is to be seen, for those who do not see the photo."),
                )
            )
    for place, row in enumerate(page.attachments.all()):
        if not (row.document_id or row.upload_id or row.url):
            problems.append((f"attachments-{place}-url", _("Give the address of the link.")))
    return problems


def similar(
    title: str, language: str, person: User, page: PracticePage | None
) -> Sequence[tuple[str, str, str]]:
    """Return practices that a title reminds of, as (title, address, whose)."""
    found = search(title, language, kind="practices", reader=person)
    own = page.translation_key if page else None
    return [
        (one.title, reverse("practice", args=[one.slug]), told_places(one))
        for one in found.hits
        if one.translation_key != own
    ][:SIMILAR]


def told_places(page: PracticePage) -> str:
    return pgettext("list", ", ").join(one.full_name for one in page.collectivities)


def preview(request, page: PracticePage):
    from practices.views.pages import show_practice

    if page.first_published_at is None:
        page.slug = page.slug_of_title  # as it will be: an early title may name who hides now
    return show_practice(request, page, versions=[page])


def address(page: PracticePage) -> str:
    return languages.path_in(page.language, reverse("practice", args=[page.slug]))


def owners(page: PracticePage) -> Sequence[int]:
    return list(page.collectivity_links.values_list("collectivity", flat=True))


PRACTICE = DraftKind(
    name=NAME,
    label=gettext_lazy("Good practice, case study, what did not work"),
    label_of=lambda page: page.get_kind_display(),
    model=lambda: PracticePage,
    parent=index_of,
    sections=SECTIONS,
    needs=(
        gettext_lazy("A title, and what was done in three lines"),
        gettext_lazy("The collectivities that did it, and when it began"),
        gettext_lazy("The principles of openness that it serves: one or two"),
        gettext_lazy("Whom colleagues can ask: a service, with its e-mail or telephone"),
        gettext_lazy("A photo, if you have one"),
    ),
    criteria=CRITERIA,
    prepare=prepare,
    check=check,
    similar=similar,
    preview=preview,
    address=address,
    owners=owners,
)
register_draft_kind(PRACTICE)
