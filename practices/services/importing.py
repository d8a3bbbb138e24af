"""A spreadsheet of practices becomes drafts: looked through, then created."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from time import sleep
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.files.base import File
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contributions.models import Authorship, Contribution
from contributions.services.drafts import DraftRefused, start_draft
from core import languages
from core.audit import record
from core.uploads.models import Upload
from core.uploads.policies import MEGABYTE, UploadPolicy, register_upload_policy
from core.vocabularies import Principle, Theme
from members.models import Affiliation, Collectivity, Membership, User
from notifications.registry import isolated
from notifications.services import tell
from practices.drafting.kind import NAME
from practices.importing.checking import Checked, Known, Problem, Proposal, check
from practices.importing.columns import column_of
from practices.importing.lookup import Places, Tags, listed
from practices.importing.sheets import SheetRefused, read_sheet
from practices.models import PracticeCollectivity, PracticeIndexPage
from search.analysis import fold

POLICY = UploadPolicy(
    "practice-import",
    gettext_lazy("Spreadsheet of practices"),
    ("xlsx", "csv"),
    max_bytes=5 * MEGABYTE,
)
register_upload_policy(POLICY)

logger = logging.getLogger(__name__)

PIECE = 50  # drafts that are begun before others get their turn to write
TURN = 0.15  # seconds; who waits on SQLite looks every tenth of a second


class ImportRefused(Exception):
    """Nothing was created; the text says why."""


class ImportStopped(Exception):
    """Part of the drafts was created, each of them whole; the text says so, and what to do."""


@dataclass
class Preview:
    """
    :ivar checked: what is wrong, and what is right
    :ivar made: the contributions that were made of this file already, by row
    """

    checked: Checked
    made: dict[int, Contribution] = field(default_factory=dict)

    @property
    def waiting(self) -> list[Proposal]:
        """What would be created: the right rows of which nothing was made yet."""
        return [one for one in self.checked.proposals if one.row not in self.made]


def key_of(sha256: str, row: int) -> UUID:
    """Return the key of the draft that a row of a file becomes: always the same one."""
    return uuid5(NAMESPACE_URL, f"practice-import:{sha256}:{row}")


def known_now() -> Known:
    """Return what a sheet is checked against, in five queries."""
    indexes = PracticeIndexPage.objects.filter(live=True)
    return Known(
        places=Places(Collectivity.objects.order_by("code")),
        principles=Tags(Principle.objects.all()),
        themes=Tags(Theme.objects.all(), Theme.objects.destinations()),
        languages=frozenset(indexes.values_list("locale__language_code", flat=True)),
    )


def look_through(*, file: File) -> Checked:
    """
    Check a file that was sent, against what stands in it.

    :raises SheetRefused: where it cannot be read row by row, or has too many rows
    """
    sheet = read_sheet(file, known=lambda text: bool(column_of(text)))
    return check(sheet, known_now())


def preview(*, upload: Upload) -> Preview:
    """
    Check a file that was kept, also against the practices that are there. Changes nothing.

    :raises SheetRefused: where it cannot be read any more, or is gone
    """
    try:
        with upload.file.open("rb") as file:
            checked = look_through(file=file)
    except FileNotFoundError as error:
        raise SheetRefused(_("The file is no longer kept. Send it again.")) from error
    keys = {key_of(upload.sha256, row): row for row in checked.rows}
    found = Contribution.objects.filter(key__in=keys).select_related("page")
    made = {keys[one.key]: one for one in found}
    checked.problems = [one for one in checked.problems if one.row not in made]
    checked.refuse(_doubles(checked, made))
    if outside := _outside(checked.proposals):
        checked.notes.append(
            _(
                "These are no members of the network: until they are, nobody but the editors sees "
                "their drafts: %(names)s."
            )
            % {"names": listed(one.full_name for one in outside)}
        )
    return Preview(checked, made)


def _doubles(checked: Checked, made: dict[int, Contribution]) -> Iterator[Problem]:
    """Give a problem for each row whose title a practice of its collectivity has already."""
    concerned = {one.collectivity.pk for one in checked.proposals}
    pages = [one.page_id for one in made.values()]
    named = PracticeCollectivity.objects.filter(collectivity__in=concerned).exclude(
        practice__in=pages
    )
    writing = (
        Authorship.objects.current()
        .filter(collectivity__in=concerned)
        .exclude(contribution__page__in=pages)
    )
    titles: set[tuple[int, str]] = set()
    for path, rows in (("practice", named), ("contribution__page", writing)):
        told = rows.order_by().values_list("collectivity", f"{path}__title", f"{path}__draft_title")
        for pk, *both in told:
            titles |= {(pk, fold(title)) for title in both}
    for one in checked.proposals:
        if one.row not in made and (one.collectivity.pk, fold(one.title)) in titles:
            yield Problem(
                row=one.row,
                column=_("Title"),
                place="",
                value=one.title,
                words=_("%(collectivity)s has a practice or a draft of this title already.")
                % {"collectivity": isolated(one.collectivity.full_name)},
            )


def _outside(proposals: Iterable[Proposal]) -> list[Collectivity]:
    """Return the collectivities that are no members today."""
    concerned = {one.collectivity.pk: one.collectivity for one in proposals}
    members = Membership.objects.filter(collectivity__in=concerned, ended_on=None)
    inside = set(members.values_list("collectivity", flat=True))
    return [one for pk, one in concerned.items() if pk not in inside]


def create_drafts(*, upload: Upload, person: User, only_right: bool) -> int:
    """
    Begin a draft for each row of a file, after checking it anew. Tells the people of each
    collectivity once, and audits. Sent twice, it makes one set.

    The drafts of a collectivity are made together or not at all. Between collectivities others get
    their turn to write, as a database such as SQLite lets one write at a time; what is interrupted
    goes on where it ended when it is sent again.

    :param person: the editor; whether they may, the caller has asked
    :param only_right: whether to create the right rows where others are wrong
    :returns: how many were created now
    :raises SheetRefused: where the file cannot be read any more
    :raises ImportRefused: where a row is wrong and `only_right` is not said
    :raises ImportStopped: where it fails on the way
    """
    found = preview(upload=upload)
    if found.checked.problems and not only_right:
        raise ImportRefused(
            _("Nothing was created: some rows are wrong. Mend them, or create the right ones.")
        )
    created = 0
    for number, piece in enumerate(_pieces(found.waiting)):
        if number and not connection.in_atomic_block:
            sleep(TURN)
        try:
            created += _create(upload, person, piece)
        except (DatabaseError, DraftRefused) as error:
            logger.exception("An import stopped on its way.")
            raise ImportStopped(
                _(
                    "The import stopped on the way. Created: %(created)d of %(all)d drafts, each "
                    "of them whole. Press the button once more for the rest."
                )
                % {"created": created, "all": len(found.waiting)}
            ) from error
    return created


def _pieces(proposals: list[Proposal]) -> Iterator[list[Proposal]]:
    """Part proposals, those of one collectivity together, into pieces of some size."""
    piece: list[Proposal] = []
    ordered = sorted(proposals, key=lambda one: (one.collectivity.pk, one.row))
    for _collectivity, group in groupby(ordered, key=lambda one: one.collectivity.pk):
        piece += group
        if len(piece) >= PIECE:
            yield piece
            piece = []
    if piece:
        yield piece


@transaction.atomic
def _create(upload: Upload, person: User, proposals: list[Proposal]) -> int:
    # Held, so that the same form, sent at the same time, comes after this one.
    Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
    keys = {one.row: key_of(upload.sha256, one.row) for one in proposals}
    there = set(Contribution.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    new = [one for one in proposals if keys[one.row] not in there]
    made = [
        (
            one,
            start_draft(
                kind=NAME,
                collectivity=one.collectivity,
                person=person,
                language=one.language,
                title=one.title,
                initial=one.initial,
                provenance={"kind": "import", "file": upload.name, "row": one.row},
                key=keys[one.row],
            ),
        )
        for one in new
    ]
    _tell(upload, made)
    if made:
        record(
            kind="practices.imported",
            actor=person,
            after={"file": upload.name, "sha256": upload.sha256, "drafts": len(made)},
        )
    return len(made)


def _tell(upload: Upload, made: list[tuple[Proposal, Contribution]]) -> None:
    by_collectivity: dict[Collectivity, list[Any]] = {}
    for proposal, _contribution in made:
        by_collectivity.setdefault(proposal.collectivity, []).append(proposal)
    places = Affiliation.objects.current().filter(collectivity__in=by_collectivity)
    people: dict[int, list[User]] = {}
    for place in places.select_related("person"):
        people.setdefault(place.collectivity_id, []).append(place.person)
    for collectivity, proposals in by_collectivity.items():
        tell(
            people=people.get(collectivity.pk, ()),
            kind="practices-imported",
            data={
                "key": collectivity.key,
                "collectivity": {code: collectivity.full_name_in(code) for code in languages.CODES},
                "titles": [one.title for one in proposals],
            },
            key=f"{upload.sha256}-{collectivity.pk}-{proposals[0].row}",
        )
