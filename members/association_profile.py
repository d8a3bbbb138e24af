"""What associations show of a collectivity: their section of its page, their number in lists."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.utils.translation import ngettext

from core.numbers import format_number
from members.models import Association, Attachment, Collectivity
from members.registry import ProfileSection, register_collectivity_section
from search.analysis import fold


def content(collectivity: Collectivity, language: str) -> tuple[str, dict[str, Any]] | None:
    """Return the associations that a collectivity has confirmed, by name."""
    found = sorted(
        Association.objects.attached_to(collectivity), key=lambda one: (fold(one.name), one.pk)
    )
    return ("members/associations_of.html", {"associations": found}) if found else None


def counts(pks: Sequence[int], language: str) -> Mapping[int, str]:
    """Return "3 associations" for the collectivities that have confirmed any."""
    rows = (
        Attachment.objects.confirmed()
        .filter(collectivity__in=pks, association__left_on=None)
        .order_by()
        .values_list("collectivity")
        .annotate(number=Count("pk"))
    )
    return {
        pk: ngettext("%(shown)s association", "%(shown)s associations", number)
        % {"shown": format_number(number, language)}
        for pk, number in rows
    }


register_collectivity_section(ProfileSection("associations", content, counts))
