"""What practices show of a collectivity: their section of its page, their panel of its space."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy, ngettext

from core import languages
from core.numbers import format_number
from members.models import Collectivity, Organisation, User
from members.registry import (
    Matter,
    ProfileSection,
    SpacePanel,
    register_collectivity_section,
    register_space_panel,
)
from practices.models import NEWEST_FIRST, PracticeCollectivity, PracticePage
from practices.search import load

SHOWN = 12  # in full; the rest by title
SHOWN_IN_SPACE = 8


def told_of(collectivity: Collectivity, language: str):
    """Return the published practices that concern a collectivity, the newest first."""
    return (
        PracticePage.objects.visible()
        .nearest_to(language)
        .filter(collectivity_links__collectivity=collectivity)
        .order_by(*NEWEST_FIRST)
    )


def content(collectivity: Collectivity, language: str) -> tuple[str, dict[str, Any]]:
    """Return the practices that concern a collectivity, the newest first."""
    found = list(told_of(collectivity, language).values_list("pk", flat=True))
    others = (
        PracticePage.objects.filter(pk__in=found[SHOWN:])
        .select_related("locale")
        .only("title", "slug", "locale__language_code")
        .in_bulk()
    )
    return "practices/profile.html", {
        "total": len(found),
        "practices": load(found[:SHOWN], language),
        "others": [others[pk] for pk in found[SHOWN:] if pk in others],
        "region": collectivity.region,
    }


def counts(pks: Sequence[int], language: str) -> Mapping[int, str]:
    """Return "3 practices" for the collectivities that have any, versions counted once."""
    rows = (
        PracticeCollectivity.objects.filter(
            collectivity__in=pks, practice__in=PracticePage.objects.visible()
        )
        .order_by()
        .values_list("collectivity")
        .annotate(number=Count("practice__translation_key", distinct=True))
    )
    return {
        pk: ngettext("%(shown)s practice", "%(shown)s practices", number)
        % {"shown": format_number(number, language)}
        for pk, number in rows
    }


def matters(organisation: Organisation, person: User) -> Sequence[Matter] | None:
    """Return the newest published practices of a collectivity, with their day."""
    if not isinstance(organisation, Collectivity):
        return None
    rows = told_of(organisation, languages.current()).values_list(
        "title", "slug", "first_published_at"
    )
    return [
        Matter(
            text=title,
            address=reverse("practice", args=[slug]),
            note=date_format(localtime(published), "DATE_FORMAT") if published else "",
        )
        for title, slug, published in rows[:SHOWN_IN_SPACE]
    ]


register_collectivity_section(ProfileSection("practices", content, counts))
register_space_panel(
    SpacePanel(
        "practices",
        gettext_lazy("Published practices"),
        matters,
        empty=gettext_lazy("No practice of this collectivity has been published yet."),
        more=lambda collectivity: collectivity.get_absolute_url() + "#practices",
    )
)
