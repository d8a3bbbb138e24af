"""Beginning a draft, saving what was written, going back to what stood there before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page, Revision
from wagtail.signal_handlers import disable_reference_index_auto_update

from contributions.acting import acting
from contributions.drafts import (
    digest_of,
    digests_of,
    fill,
    newest,
    read,
    row_key,
    rows_of,
    write,
    write_rows,
)
from contributions.enums import AuthorState, State, StepKind
from contributions.models import Authorship, Contribution, ContributionFile, Step
from contributions.people import authors_of
from contributions.permissions import leads, writes
from contributions.registry import Rows, Section, kinds
from contributions.states import state_of
from core.text import number_sent
from core.uploads.models import Upload
from core.uploads.services import delete_upload
from members.models import Collectivity, User
from notifications.services import tell

# Saved again within this time by the same person, a version is written over, not beside.
SAME_SITTING = timedelta(minutes=15)
WRITABLE = frozenset({State.DRAFT, State.CHANGES_ASKED, State.PUBLISHED, State.UNPUBLISHED})


class DraftRefused(Exception):
    """What was asked cannot be done now; the words tell why."""


@dataclass(frozen=True)
class Saved:
    """
    What became of a save.

    :param at: when
    :param seen: the digests of what the person has before them now: of what others changed, and
        the person's form does not show, still the old ones
    :param stands: the digests of all that the form asks, as it stands now
    :param differing: the names of what somebody else changed meanwhile as well; it was not written
    """

    page: Page
    at: Any
    seen: dict[str, str]
    stands: dict[str, str]
    differing: list[str]


@transaction.atomic
def start_draft(
    *,
    kind: str,
    collectivity: Collectivity,
    person: User,
    language: str,
    title: str,
    initial: Mapping[str, Any] | None = None,
    parent: Page | None = None,
    provenance: dict | None = None,
    key: UUID | None = None,
) -> Contribution:
    """
    Begin a draft: a page that is not live, its first revision, and who writes it.

    Tells nobody. Whether the person may, the caller has asked.

    :param kind: the name of a registered kind
    :param collectivity: the one that leads
    :param language: of the texts
    :param initial: answers to begin with, as `contributions.drafts.fill` takes them
    :param parent: a page that this one begins as a copy of
    :param provenance: JSON: where the answers come from
    :param key: of the form that was sent; sent again, it gives what was begun first
    :raises DraftRefused: where there is no place for a page of this kind in the language
    """
    key = key or uuid4()
    if found := Contribution.objects.filter(key=key).select_related("page").first():
        return found
    declared = kinds[kind]
    above = declared.parent(language)
    if above is None:
        raise DraftRefused(_("There is no list yet in this language. Choose another language."))
    # Held, so that two who begin at one moment do not get the same place in the tree.
    above = type(above).objects.select_for_update().get(pk=above.pk)
    page = declared.model()(
        title=title,
        owner=person,
        live=False,
        locale=Locale.objects.get(language_code=language),
    )
    declared.prepare(page, collectivity, initial or {})
    try:
        with transaction.atomic():
            above.add_child(instance=page)
            fill(page, declared, initial or {})
            # Rows and texts stand in the revision alone until they are published.
            revision = page.save_revision(user=person, clean=False)
            contribution = Contribution.objects.create(
                page=page,
                kind=kind,
                key=key,
                started_by=person,
                saved_by=person,
                parent=parent,
                provenance=provenance or {},
            )
    except IntegrityError:
        # The same form, sent twice at one moment: the other one has begun it.
        if found := Contribution.objects.filter(key=key).first():
            return found
        raise
    _lead(contribution, collectivity, person)
    Step.objects.create(
        contribution=contribution, kind=StepKind.STARTED, by=person, revision=revision
    )
    return contribution


@transaction.atomic
def take_up(*, page: Page, kind: str, collectivity: Collectivity, person: User) -> Contribution:
    """
    Have a collectivity write a published page that no member wrote so far: it goes on from what is
    public, which stays until a new version is published. Tells nobody.

    Whether the collectivity may, the caller has asked (`DraftKind.owners`). Taken up twice, it is
    taken up once.
    """
    page = Page.objects.select_for_update().get(pk=page.pk)
    contribution, created = Contribution.objects.get_or_create(
        page=page, defaults={"kind": kind, "started_by": person, "saved_by": person}
    )
    if created:
        _lead(contribution, collectivity, person)
        Step.objects.create(contribution=contribution, kind=StepKind.STARTED, by=person)
    return contribution


def _lead(contribution: Contribution, collectivity: Collectivity, person: User) -> None:
    Authorship.objects.create(
        contribution=contribution,
        collectivity=collectivity,
        state=AuthorState.WRITES,
        leads=True,
        asked_by=person,
        decided_by=person,
        decided_at=timezone.now(),
    )


def hold(contribution: Contribution) -> Contribution:
    """Lock a contribution for the rest of the transaction, and read it anew."""
    return Contribution.objects.select_for_update().get(pk=contribution.pk)


def require_writable(contribution: Contribution, person: User) -> State:
    """
    Return how far a contribution is, where somebody may write it now.

    :raises PermissionDenied: for somebody who does not write it
    :raises DraftRefused: while it is in review, or is retired
    """
    if not writes(person, contribution):
        raise PermissionDenied
    state = state_of(contribution)
    if state not in WRITABLE:
        raise DraftRefused(
            _("It is retired. Ask the editors to bring it back first.")
            if state == State.ARCHIVED
            else _("It is with the editors. Take it back to go on writing.")
        )
    return state


@transaction.atomic
def save_draft(
    *,
    contribution: Contribution,
    person: User,
    sections: Sequence[Section],
    answers: Mapping[str, Any],
    seen: Mapping[str, str],
    decided: Collection[str] = (),
) -> Saved:
    """
    Write answers into the newest version. Nothing that somebody else wrote meanwhile is lost: an
    answer that both changed is left as it stands, and its name comes back.

    Within a quarter of an hour the version of the same person is written over; else a new one is
    made. Nobody is told.

    :param sections: what the form asks
    :param answers: by the names of fields the forms' values; by the names of rows a list of (key
        of the row in what was seen, "" for a new one; its values). Names left out stay
    :param seen: the digests of what the person had before them
    :param decided: names where the person has seen both, and wants theirs written
    :raises PermissionDenied: for somebody who does not write it
    :raises DraftRefused: while it is in review, or is retired
    """
    contribution = hold(contribution)
    require_writable(contribution, person)
    page = newest(contribution)
    stands = digests_of(page, sections)
    agreed: set[str] = set()  # what stands there now is what the person has before them
    differing: list[str] = []
    changed = False

    def is_to_be_written(name: str, mine: str) -> bool:
        if mine == stands[name]:
            agreed.add(name)
            return False
        if mine == seen.get(name):
            return False  # not touched by the person
        if seen.get(name) == stands[name] or name in decided:
            # What is stored may differ from what was typed (spaces, signs of a list): it is theirs.
            agreed.add(name)
            return True
        differing.append(name)
        return False

    for section in sections:
        for field in section.fields:
            if field.name in answers:
                value = answers[field.name]
                if is_to_be_written(field.name, digest_of(value)):
                    write(field, page, value)
                    changed = True
        for rows in section.rows:
            if rows.name in answers:
                is_unchanged = seen.get(rows.name) == stands[rows.name]
                given = _rows_meant(contribution, page, rows, answers[rows.name], is_unchanged)
                mine = digest_of(
                    [
                        {
                            f.name: values.get(f.name, read(f, row) if row else "")
                            for f in rows.fields
                        }
                        for row, values in given
                    ]
                )
                if is_to_be_written(rows.name, mine):
                    write_rows(page, rows, given)
                    changed = True
    if changed:
        keep(contribution=contribution, page=page, person=person)
    now = digests_of(page, sections)
    before = {name: now[name] if name in agreed else seen.get(name, "") for name in now}
    return Saved(page, contribution.saved_at, before, now, differing)


def _rows_meant(
    contribution: Contribution, page: Page, rows: Rows, answers: Sequence, is_unchanged: bool
) -> list[tuple[Any, Mapping[str, Any]]]:
    """
    Return for each answer the row that it is about, None for a new one. Each row is meant once.

    Where others changed the rows, places no longer tell which one was meant: such rows are written
    as new ones. A file is known by itself, and comes back where others took it out; publishing
    gives it another key, and its place tells it then. A photo of which no file is known is left
    out.
    """
    there = {row_key(rows, row, place): row for place, row in enumerate(rows_of(page, rows))}
    if not is_unchanged:
        there = {key: row for key, row in there.items() if not key.startswith("place-")}
    named = {key for key, _values in answers}
    published = iter(
        [row for key, row in there.items() if key.startswith("file-") and key not in named]
        if is_unchanged
        else ()
    )
    given, meant = [], set()
    for key, values in answers:
        row = None
        if key not in meant:
            row = there.get(key) or _row_of_file(contribution, rows, key)
            if row is None and key.startswith("upload-"):
                row = next(published, None)
            meant.add(key)
        if row is not None or rows.file_role != "photo":
            given.append((row, values))
    return given


def _row_of_file(contribution: Contribution, rows: Rows, key: str) -> Any:
    """Return a new row for a file that was sent for this contribution, None for any other key."""
    name, _dash, number = key.partition("-")
    upload = number_sent(number) if rows.file_role and name == "upload" else 0
    sent = contribution.files.select_related("upload").filter(role=rows.file_role)
    file = sent.filter(upload=upload).first() if upload else None
    if file is None:
        return None
    row = rows.model()
    row.upload = file.upload
    return row


def keep(*, contribution: Contribution, page: Page, person: User) -> Revision:
    """Save a page's newest version, in the caller's transaction."""
    latest = page.latest_revision
    now = timezone.now()
    over = (
        latest is not None
        and latest.user_id == person.pk
        and latest.created_at > now - SAME_SITTING
        and latest.pk != page.live_revision_id
        and not Step.objects.filter(contribution=contribution, revision=latest).exists()
    )
    page.draft_title = page.title
    # The page's own row does not change: what it names is indexed when it is published.
    with disable_reference_index_auto_update():
        revision = page.save_revision(
            user=person, clean=False, overwrite_revision=latest if over else None
        )
    contribution.saved_at, contribution.saved_by = now, person
    contribution.save(update_fields=["saved_at", "saved_by"])
    return revision


@transaction.atomic
def restore(*, contribution: Contribution, revision: Revision, person: User) -> Revision:
    """
    Take an earlier version up again, as a new one: what was written since stays in the history.

    :raises PermissionDenied: for somebody who does not write it
    :raises DraftRefused: while it is in review, or is retired
    """
    contribution = hold(contribution)
    require_writable(contribution, person)
    page = contribution.page.specific
    if revision.object_id != str(page.pk):
        raise PermissionDenied
    earlier = revision.as_object()
    new = earlier.save_revision(user=person, clean=False, previous_revision=revision)
    contribution.saved_at, contribution.saved_by = timezone.now(), person
    contribution.save(update_fields=["saved_at", "saved_by"])
    Step.objects.create(
        contribution=contribution,
        kind=StepKind.RESTORED,
        by=person,
        revision=new,
        data={"of": revision.created_at.isoformat()},
    )
    return new


@transaction.atomic
def discard(*, contribution: Contribution, person: User) -> bool:
    """
    Drop a draft. One that was never published is deleted with its files and its history; of a
    published page the public version is taken up again, and the dropped one stays in the history.

    The other authors of one that is deleted are told. Where nothing is new, nothing happens.

    :returns: whether it was deleted
    :raises PermissionDenied: for somebody who does not belong to the collectivity that leads
    :raises DraftRefused: while it is in review, or is retired
    """
    contribution = hold(contribution)
    if not leads(person, contribution):
        raise PermissionDenied
    state = require_writable(contribution, person)
    if state == State.PUBLISHED:
        return False
    page = contribution.page.specific
    if page.first_published_at is None:
        tell(
            people=authors_of(contribution).exclude(pk=person.pk),
            kind="contribution-deleted",
            data={"title": newest(contribution).title, "by": person.name},
        )
        for file in contribution.files.select_related("upload"):
            delete_upload(upload=file.upload)
        page.delete()
        return True
    if page.live_revision is None:
        raise DraftRefused(_("There is no public version to go back to."))
    if state == State.CHANGES_ASKED:  # nobody waits for the dropped version any more
        with acting():
            page.current_workflow_state.cancel(user=person)
    public = page.live_revision.as_object()
    new = public.save_revision(
        user=person, clean=False, changed=False, previous_revision=page.live_revision
    )
    Step.objects.create(contribution=contribution, kind=StepKind.DISCARDED, by=person, revision=new)
    return False


@transaction.atomic
def add_file(*, contribution: Contribution, upload: Upload, rows: Rows, person: User) -> int:
    """
    Put a file that was sent into a draft, as a new row of its sort. The same file again changes
    nothing.

    :returns: the place of the file's row
    :raises PermissionDenied: for somebody who does not write it
    :raises DraftRefused: while it is in review or retired, or where there is room for no more
    """
    contribution = hold(contribution)
    require_writable(contribution, person)
    page = newest(contribution)
    present = rows_of(page, rows)
    for place, row in enumerate(present):
        if row.upload_id == upload.pk:
            return place
    require_room(page, rows)
    ContributionFile.objects.get_or_create(
        upload=upload, defaults={"contribution": contribution, "role": rows.file_role}
    )
    row = rows.model()
    row.upload = upload
    write_rows(page, rows, [(one, {}) for one in [*present, row]])
    keep(contribution=contribution, page=page, person=person)
    return len(present)


def require_room(page: Page, rows: Rows) -> None:
    """:raises DraftRefused: where a page has as many rows of a sort as there may be"""
    if len(rows_of(page, rows)) >= rows.most:
        raise DraftRefused(_("No more than %(most)d can be kept here.") % {"most": rows.most})
