"""
The charter's ledger: what a member does for each commitment, by dated evidence that the site knows
and by its own word of each year. It counts nothing and compares nobody.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.text import sentence, spoken
from members.enums import AttachmentState, CharterCommitment
from members.models import Association, Attachment, Collectivity, Signature, Statement
from members.registry import (
    Evidence,
    EvidenceSource,
    ProfileSection,
    evidence_of,
    register_collectivity_section,
    register_evidence_source,
)

SHOWN = 6  # lines of evidence of a commitment; the rest is folded away


@dataclass
class Entry:
    """One commitment of a member, the newest first in both lists."""

    commitment: CharterCommitment
    evidence: list[Evidence] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)

    @property
    def newest(self) -> list[Evidence]:
        return self.evidence[:SHOWN]

    @property
    def older(self) -> list[Evidence]:
        return self.evidence[SHOWN:]


def ledger_of(collectivity: Collectivity, language: str) -> list[Entry]:
    """Return the five commitments with what is known of a member's work for each."""
    evidence = defaultdict(list)
    for one in evidence_of(collectivity, language):
        evidence[one.commitment].append(one)
    statements = defaultdict(list)
    for said in Statement.objects.filter(collectivity=collectivity).order_by("-year"):
        statements[said.commitment].append(said)
    return [Entry(one, evidence[one], statements[one]) for one in CharterCommitment]


def signatures_of(collectivity: Collectivity) -> QuerySet[Signature]:
    """Return by which signatures a member is bound, the newest version first."""
    rows = Signature.objects.current().filter(collectivity=collectivity)
    return rows.select_related("version", "document").order_by("-version__number")


# --- Evidence of our own ------------------------------------------------------------------------


def associations(collectivity: Collectivity, language: str) -> Iterator[Evidence]:
    """Give the associations that a collectivity has confirmed; those that ended stay history."""
    seen = Association.objects.once_public()
    rows = Attachment.objects.once_confirmed().filter(
        collectivity=collectivity, association__in=seen, decided_at__isnull=False
    )
    for one in rows.select_related("association"):
        if one.state == AttachmentState.CONFIRMED:
            text = _("Works with %(name)s")
        else:
            text = _("Worked with %(name)s")
        yield Evidence(
            on=localtime(one.decided_at).date(),
            commitment=CharterCommitment.COOPERATE,
            text=sentence(text, name=spoken(one.association.name)),
            address=reverse("association", args=[one.association_id]),
        )


register_evidence_source(EvidenceSource("associations", associations))

# --- On the public page of a member -------------------------------------------------------------


def content(collectivity: Collectivity, language: str) -> tuple[str, dict[str, Any]] | None:
    """Return what a member signed and does for the charter; nothing of who is no member."""
    membership = collectivity.membership
    if membership is None:
        return None
    return "members/charter/of_collectivity.html", {
        "membership": membership,
        "signatures": signatures_of(collectivity),
        "ledger": [
            one for one in ledger_of(collectivity, language) if one.evidence or one.statements
        ],
    }


def counts(pks: Sequence[int], language: str) -> Mapping[int, str]:
    """Return nothing: what is done for the charter is not counted."""
    return {}


register_collectivity_section(ProfileSection("charter", content, counts))
