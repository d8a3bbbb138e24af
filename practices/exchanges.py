"""
What a collectivity takes and gives, where others show it: on its public page, in its space, and as
evidence in the charter's ledger.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import languages
from core.numbers import format_number
from core.text import sentence, spoken
from members.enums import CharterCommitment
from members.models import Collectivity, Organisation, User
from members.registry import (
    Evidence,
    EvidenceSource,
    Matter,
    ProfileSection,
    SpacePanel,
    register_collectivity_section,
    register_evidence_source,
    register_space_panel,
)
from practices.adoption import given, numbers_taken_over, public_pages, taken_over
from practices.models import Adoption

SHOWN = 6
SHOWN_IN_SPACE = 8


def content(collectivity: Collectivity, language: str) -> tuple[str, dict[str, Any]] | None:
    """
    Return how much a collectivity takes and gives, with the first of each. What was given up does
    not count, as in the directory; its page of exchanges tells of it too.
    """
    exchanged = taken_over(collectivity, language), given(collectivity, language)
    if not any(exchanged):
        return None
    taken, lent = ([one for one in ones if one.is_carried] for ones in exchanged)
    return "practices/adoption/profile.html", {
        "collectivity": collectivity,
        "taken": taken[:SHOWN],
        "number_taken": len(taken),
        "given": lent[:SHOWN],
        "number_given": len(lent),
    }


def counts(pks: Sequence[int], language: str) -> Mapping[int, str]:
    """Return "3 practices taken over" for the collectivities that carry any."""
    return {
        pk: ngettext("%(number)s practice taken over", "%(number)s practices taken over", number)
        % {"number": format_number(number, language)}
        for pk, number in numbers_taken_over(pks).items()
    }


def matters(organisation: Organisation, person: User) -> Sequence[Matter] | None:
    """Return what a collectivity took over, the last changed first."""
    if not isinstance(organisation, Collectivity):
        return None
    adoptions = list(
        Adoption.objects.filter(collectivity=organisation).order_by("-changed_at", "-pk")[
            :SHOWN_IN_SPACE
        ]
    )
    pages = public_pages([one.practice_id for one in adoptions], languages.current())
    return [
        Matter(
            text=pages[one.practice_id].title
            if one.practice_id in pages
            else _("A practice that is no longer public"),
            address=reverse("space_adoption", args=[organisation.key, one.pk]),
            note=str(one.get_state_display()),
        )
        for one in adoptions
    ]


def evidence(collectivity: Collectivity, language: str) -> Iterator[Evidence]:
    """
    Give what a member took over, on the day on which it declared it: it works with others; and what
    others took over from it: collectivities become visible.
    """
    for one in taken_over(collectivity, language):
        if one.is_carried:
            yield Evidence(
                on=localtime(one.adoption.declared_at).date(),
                commitment=CharterCommitment.COOPERATE,
                text=sentence(
                    _("Practice taken over from others: %(title)s"),
                    title=spoken(one.page.title, one.page.locale.language_code),
                ),
                address=reverse("practice", args=[one.page.slug]),
            )
    for one in given(collectivity, language):
        if one.is_carried:
            yield Evidence(
                on=localtime(one.adoption.declared_at).date(),
                commitment=CharterCommitment.VISIBILITY,
                text=sentence(
                    _("%(collectivity)s took over its practice: %(title)s"),
                    collectivity=spoken(one.adoption.collectivity.full_name_in(language)),
                    title=spoken(one.page.title, one.page.locale.language_code),
                ),
                address=reverse("practice_adoptions", args=[one.page.slug]),
            )


register_collectivity_section(ProfileSection("exchanges", content, counts))
register_evidence_source(EvidenceSource("adoptions", evidence))
register_space_panel(
    SpacePanel(
        "adoptions",
        gettext_lazy("Practices taken over"),
        matters,
        empty=gettext_lazy(
            "None yet. On the page of a practice, “We take it over” tells its people."
        ),
        more=lambda organisation: reverse("space_adoptions", args=[organisation.key]),
        order=35,
    )
)
