"""Who signed the charter, for everybody: by region and name, never in an order of merit."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, QuerySet

from members.models import CharterVersion, Collectivity, Membership, Signature
from members.services.charter import current_members
from search.analysis import fold

SHORT = 12  # a longer list is folded away by region


@dataclass(frozen=True)
class Region:
    """A region with the signatures from it. Its own is among them."""

    region: Collectivity
    signatures: list[Signature]


@dataclass(frozen=True)
class Signatories:
    """
    What the public page of the charter tells.

    :ivar version: the one in force
    :ivar signed: how many members are bound by a signature, of whichever version
    :ivar members: how many members there are
    """

    version: CharterVersion
    regions: list[Region]
    signed: int
    members: int

    @property
    def folded(self) -> bool:
        return self.signed > SHORT


def signed(signatures: QuerySet[Signature]) -> list[Signature]:
    """
    Return signatures, the oldest version first, with all that a list of signatories shows, in one
    query; `number` is that of the version.
    """
    rows = signatures.select_related("collectivity__region")
    return list(rows.annotate(number=F("version__number")).order_by("number", "signed_at", "pk"))


def by_region(signatures: Iterable[Signature]) -> list[Region]:
    """Return signatures by region in the official order, within a region by name."""
    regions: dict[str, Region] = {}
    for one in signatures:
        region = one.collectivity.region or one.collectivity
        regions.setdefault(region.code, Region(region, [])).signatures.append(one)
    for region in regions.values():
        region.signatures.sort(key=_by_name)
    return [regions[code] for code in sorted(regions)]


def _by_name(signature: Signature) -> tuple:
    one = signature.collectivity
    return fold(one.name), one.code


def signatories() -> Signatories | None:
    """
    Return who has signed, each member once with the newest version that it signed; None before a
    version is published. Three queries, however many have signed.
    """
    version = (
        CharterVersion.objects.published()
        .defer("text_ar", "text_fr", "text_en", "changes_ar", "changes_fr")
        .first()
    )
    if version is None:
        return None
    rows = Signature.objects.current().filter(collectivity__in=current_members())
    newest = {one.collectivity_id: one for one in signed(rows)}
    return Signatories(
        version=version,
        regions=by_region(newest.values()),
        signed=len(newest),
        members=Membership.objects.filter(ended_on=None).count(),
    )
