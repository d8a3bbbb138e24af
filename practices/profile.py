"""What practices show of a collectivity: their section of its page."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.utils.translation import ngettext

from core.numbers import format_number
from members.models import Collectivity
from members.registry import CollectivitySection, register_collectivity_section
from practices.models import NEWEST_FIRST, PracticeCollectivity, PracticePage
from practices.search import load

SHOWN = 12  # in full; the rest by title


def content(collectivity: Collectivity, language: str) -> tuple[str, dict[str, Any]]:
    """Return the practices that concern a collectivity, the newest first."""
    found = list(
        PracticePage.objects.visible()
        .nearest_to(language)
        .filter(collectivity_links__collectivity=collectivity)
        .order_by(*NEWEST_FIRST)
        .values_list("pk", flat=True)
    )
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


register_collectivity_section(CollectivitySection("practices", content, counts))
