"""What is written about people and collectivities."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from members.collectivity_file import Problem, Row
from members.enums import LEVEL_OF_KIND, CollectivityKind, Level
from members.models import Collectivity
from members.signals import collectivities_changed

# The level of what a collectivity lies in.
LEVEL_ABOVE = {Level.REGION: None, Level.PROVINCE: Level.REGION, Level.COMMUNE: Level.PROVINCE}
IMPORTED = (
    "kind",
    "parent",
    "region",
    "name_ar",
    "name_fr",
    "name_zgh",
    "population",
    "setting",
    "search_name",
    "slug",
)
FIELDS_OF_ROW = ("kind", "name_ar", "name_fr", "name_zgh", "population", "setting")


class ImportRefused(Exception):
    """
    The file was refused whole; nothing was written.

    :ivar problems: all that is wrong with it, by line
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Change:
    """One collectivity that was brought up to date: each field with what it was and what it is."""

    collectivity: Collectivity
    fields: dict[str, tuple[Any, Any]]


@dataclass
class ImportReport:
    """
    What an import did.

    :ivar changed: with values as they are told to people: codes where a field leads to another
        collectivity
    :ivar absent: those of the site that the file does not name; they are left as they are, but
        for the region of what lies in a province that changed its own
    """

    created: list[Collectivity] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: list[Collectivity] = field(default_factory=list)
    absent: list[Collectivity] = field(default_factory=list)


@transaction.atomic
def import_collectivities(*, rows: Sequence[Row], problems: Sequence[Problem] = ()) -> ImportReport:
    """
    Create and bring up to date the collectivities of a file. Deletes nothing, sends no mail; what
    was written is indexed anew.

    What a row does not know (an empty name in Tamazight, population, setting) is kept as it is on
    the site, and so is the name in English, which the file has not. A changed name changes the
    address; the old one leads on (`members.views.directory.collectivity`).

    :param rows: each code once, see `members.collectivity_file.read_collectivities`
    :param problems: what is already known to be wrong
    :raises ImportRefused: with all problems, before anything is written
    """
    known = {one.code: one for one in Collectivity.objects.all()}
    problems = [*problems, *_misplaced(rows, known)]
    if problems:
        raise ImportRefused(problems)

    report = ImportReport()
    before = {code: _state(one) for code, one in known.items()}
    for level in Level.values:  # from above, so that what they lie in is there
        new = []
        for row in rows:
            if LEVEL_OF_KIND[row.kind] != level:
                continue
            found = known.get(row.code)
            one = _fill(found or Collectivity(code=row.code), row, known)
            if found is None:
                new.append(one)
        Collectivity.objects.bulk_create(new)
        for one in new:
            known[one.code] = one
            if one.kind == CollectivityKind.REGION:
                one.region_id = one.pk  # its key is known only now
        report.created += new
    regions = [one for one in report.created if one.kind == CollectivityKind.REGION]
    Collectivity.objects.bulk_update(regions, ["region"])

    named = {row.code for row in rows}
    report.absent = [known[code] for code in sorted(before) if code not in named]
    by_key = {one.pk: one for one in known.values()}
    for one in report.absent:
        if one.parent_id:  # which may have moved to another region
            one.region_id = by_key[one.parent_id].region_id
    for code in sorted(before):
        after = _state(known[code])
        fields = {
            name: (old, after[name]) for name, old in before[code].items() if old != after[name]
        }
        if fields:
            for name in {"parent", "region"} & fields.keys():
                fields[name] = tuple(by_key[key].code if key else "" for key in fields[name])
            report.changed.append(Change(known[code], fields))
        elif code in named:
            report.same.append(known[code])
    Collectivity.objects.bulk_update([one.collectivity for one in report.changed], IMPORTED)
    written = [*report.created, *(one.collectivity for one in report.changed)]
    if written:
        collectivities_changed.send(Collectivity, pks=[one.pk for one in written])
    return report


def _misplaced(rows: Sequence[Row], known: dict[str, Collectivity]) -> list[Problem]:
    """Return what is wrong with how the collectivities lie in each other, once the rows are in."""
    code_of = {one.pk: code for code, one in known.items()}
    kinds = {code: one.kind for code, one in known.items()} | {row.code: row.kind for row in rows}
    lines = {row.code: row.line for row in rows}
    parents = {code: code_of.get(one.parent_id, "") for code, one in known.items()}
    parents |= {row.code: row.parent_code for row in rows}
    digits = {code.replace(".", ""): code for code in known}

    problems = [
        Problem(row.line, f"the code {row.code} is too like {other}, which is on the site")
        for row in rows
        if (other := digits.get(row.code.replace(".", ""), row.code)) != row.code
    ]
    for code, parent in parents.items():
        line = lines.get(code) or lines.get(parent)
        level = LEVEL_OF_KIND.get(kinds[code])
        if not line or not level:
            continue  # untouched by the file, or told already
        above = LEVEL_ABOVE[level]
        who = "" if code in lines else f"{code}, which is on the site: "
        if above is None:
            if parent:
                problems.append(Problem(line, f"{who}a region lies in nothing, not in {parent}"))
        elif not parent:
            problems.append(Problem(line, f"{who}parent_code is empty"))
        elif parent not in kinds:
            problems.append(
                Problem(line, f"{who}the parent {parent} is neither in the file nor on the site")
            )
        elif LEVEL_OF_KIND.get(kinds[parent], above) != above:
            problems.append(
                Problem(line, f"{who}a {kinds[code]} cannot lie in {parent}, a {kinds[parent]}")
            )
    return problems


def _fill(collectivity: Collectivity, row: Row, known: dict[str, Collectivity]) -> Collectivity:
    """Write a row's values to a collectivity, unsaved."""
    for name in FIELDS_OF_ROW:
        value = getattr(row, name)
        if value not in ("", None):
            setattr(collectivity, name, value)
    collectivity.parent = known[row.parent_code] if row.parent_code else None
    # A region is its own; a new one's is filled by the caller, when it has a key.
    collectivity.region_id = (
        collectivity.parent.region_id if collectivity.parent else collectivity.pk
    )
    collectivity.prepare()
    return collectivity


def _state(collectivity: Collectivity) -> dict[str, Any]:
    return {
        name: getattr(collectivity, Collectivity._meta.get_field(name).attname) for name in IMPORTED
    }
