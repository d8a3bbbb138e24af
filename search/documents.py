"""
Writing the table of documents: what changed is told here, and the worker brings it up to date.

`changed` writes a job in the caller's transaction (`core.outbox`): a change that is rolled back
leaves nothing behind, and a crash loses nothing. The worker takes many jobs at once
(`index_groups`). What must be found no more does not wait for the worker: `withdraw` takes it
off in the caller's transaction.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from core import languages, outbox
from core.outbox.registry import Payload
from search.analysis import Word, bare, fold, plainly, skeleton, starts, words
from search.models import SearchDocument, SearchLabel, SearchPrefix, SearchWord
from search.registry import PUBLIC, Document, kinds

BATCH = 100  # groups in one transaction; on SQLite nobody else writes meanwhile
LONGEST_BODY = 200_000  # characters; PostgreSQL's vectors hold a megabyte
LONGEST_VALUE = 100  # characters of a facet's value
TEXTS = ("title", "summary", "body", "keywords")
COLUMNS = (
    *("group", "language", "path", "caption", "title", "summary", "body", "keywords"),
    *("title_stems", "summary_stems", "body_stems", "other_stems", "length", "sort_title"),
    *("date", "number", "adoptions", "version", "removed", "indexed_at", "copied", "narrowed"),
)


# --- Telling what changed -----------------------------------------------------------------------


def changed(kind: str, groups: Iterable[str], *, due_at: datetime | None = None) -> None:
    """
    Have things indexed anew, once the caller's transaction is committed.

    :param kind: a registered kind
    :param groups: the keys of the things, whatever their language; such as are gone too
    :param due_at: not before this moment, now by default
    """
    payloads = {f"{kind}:{group}": {"kind": kind, "group": group} for group in groups}
    if payloads:
        outbox.enqueue_many("search-index", payloads, due_at=due_at)


def withdraw(kind: str, groups: Collection[str]) -> None:
    """
    Take things off at once, in the caller's transaction, and have them indexed anew.

    For every change after which fewer people may see a thing: what they still may see comes back
    with the worker.
    """
    withdraw_all({kind: groups})


@transaction.atomic(savepoint=False)
def withdraw_all(groups: Mapping[str, Collection[str]]) -> None:
    """
    Withdraw things of several kinds: together, as what they lock must be locked in one order.

    :param groups: the keys of the things by kind
    """
    condition = Q()
    for kind, some in groups.items():
        condition |= Q(kind=kind, group__in=list(some))
    if condition:
        rows = SearchDocument.objects.found().filter(condition).order_by("pk")
        _remove(list(rows.select_for_update().prefetch_related("labels")))
    for kind, some in sorted(groups.items()):
        changed(kind, some)


@outbox.handler("search-index", batch=BATCH, urgent=True)
def index_jobs(payloads: Sequence[Payload]) -> None:
    """Index the groups of some jobs. A kind that left the code is found no more."""
    groups: dict[str, list[str]] = defaultdict(list)
    for payload in payloads:
        groups[payload["kind"]].append(payload["group"])
    for kind, some in sorted(groups.items()):
        index_groups(kind, some)
    if settings.ELASTICSEARCH_URL:
        outbox.enqueue("search-copy", key="search-copy")


# --- Indexing -----------------------------------------------------------------------------------


@transaction.atomic
def index_groups(kind: str, groups: Sequence[str]) -> None:
    """
    Bring the documents of some things up to date: new ones, changed ones, and such as go.

    The rows are locked before the things are read: a `withdraw` meanwhile waits, and comes after.
    """
    groups = sorted(set(groups))
    rows = SearchDocument.objects.filter(kind=kind, group__in=groups)
    present = {
        row.key: row
        for row in rows.order_by("pk").select_for_update().prefetch_related("labels", "prefixes")
    }
    fresh = expected(kind, groups)
    _remove([row for key, row in present.items() if key not in fresh and not row.removed])

    counts: Counter[tuple[str, str]] = Counter()
    facts: dict[tuple[str, str], Word] = {}
    written: list[SearchDocument] = []
    for key, (group, fields, labels) in fresh.items():
        row = present.get(key) or SearchDocument(kind=kind, key=key)
        if row.pk and is_same(row, fields, labels):
            continue
        if row.pk and not row.removed and _is_public(_labels_of(row)):
            _count(_words_of(row), -1, counts, facts)
        values = {**fields, "group": group, "removed": False, "copied": False}
        for name, value in values.items():
            setattr(row, name, value)
        row.version = _next_version(row.version)
        row.indexed_at = timezone.now()
        row.new_labels = labels
        lost = _shown(_labels_of(row)) - _shown(labels) if row.pk else set()
        row.narrowed = row.narrowed or bool(lost)
        row.new_prefixes = starts(row.title)
        if _is_public(labels):
            _count(_words_of(row), 1, counts, facts)
        written.append(row)
    new = [row for row in written if not row.pk]
    _update([row for row in written if row.pk])
    SearchDocument.objects.bulk_create(new)
    _write_labels(written)
    _write_prefixes(written)
    count_words(counts, facts)


def is_same(row: SearchDocument, fields: Mapping, labels: set[tuple[str, str]]) -> bool:
    """Whether a document holds what it must: see `expected`."""
    return (
        not row.removed
        and all(getattr(row, name) == value for name, value in fields.items())
        and _labels_of(row) == labels
        and {prefix.text for prefix in row.prefixes.all()} == starts(row.title)
    )


def _update(rows: Sequence[SearchDocument]) -> None:
    """Write rows that are there. `bulk_update` takes seven times as long for so many columns."""
    if not rows:
        return
    fields = [SearchDocument._meta.get_field(name) for name in COLUMNS]
    columns = ", ".join(f"{connection.ops.quote_name(field.column)} = %s" for field in fields)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE search_searchdocument SET {columns} WHERE id = %s",  # noqa: S608
            [
                [
                    *(
                        field.get_db_prep_save(getattr(row, field.attname), connection)
                        for field in fields
                    ),
                    row.pk,
                ]
                for row in rows
            ],
        )


def expected(kind: str, groups: Sequence[str]) -> dict[str, tuple[str, dict, set]]:
    """
    Return what the table must hold of some things as they are now.

    :returns: by the key of a version its group, its columns by name, and its labels
    """
    versions = kinds[kind].documents(groups) if kind in kinds else {}
    return {
        key: (group, fields, labels | {("section", kind)})
        for group, documents in versions.items()
        for key, fields, labels in _together(documents)
    }


def remove_others(kind: str, groups: Collection[str]) -> int:
    """
    Take off the documents of a kind whose things are gone.

    :param groups: those that are there
    :returns: how many documents
    """
    known = set(groups)
    rows = SearchDocument.objects.found().filter(kind=kind).order_by()
    gone = {group for group in rows.values_list("group", flat=True) if group not in known}
    count = rows.filter(group__in=gone).count()
    # By way of a job: what is new since `groups` was read is not lost.
    withdraw(kind, sorted(gone))
    return count


def _together(documents: Sequence[Document]):
    """Yield the versions of one thing, each with its columns and labels."""
    analysed = {
        document.key: {name: words(_text(document, name), document.language) for name in TEXTS}
        for document in documents
        if document.audiences
    }
    documents = [document for document in documents if document.audiences]
    whole = {key: " ".join(map(_stems, texts.values())) for key, texts in analysed.items()}
    for document in documents:
        texts = analysed[document.key]
        # What this version's readers do not see of another must not bring them here.
        others = [
            whole[other.key]
            for other in documents
            if other.key != document.key and set(other.audiences) >= set(document.audiences)
        ]
        fields = {
            "language": document.language,
            "path": document.path,
            "caption": document.caption[:300],
            "title": document.title[:500],
            "summary": document.summary,
            "body": _text(document, "body"),
            "keywords": document.keywords,
            "title_stems": _stems(texts["title"]),
            "summary_stems": _stems(texts["summary"]),
            "body_stems": f"{_stems(texts['body'])} {_stems(texts['keywords'])}".strip(),
            "other_stems": " ".join(others),
            "length": sum(map(len, texts.values())),
            "sort_title": fold(document.sort_title or document.title)[:120],
            "date": document.date,
            "number": document.number,
            "adoptions": document.adoptions,
        }
        labels = {
            (name, value[:LONGEST_VALUE])
            for name, values in document.labels.items()
            for value in values
        }
        yield document.key, fields, labels | set(_audience_labels(document, documents))


def _text(document: Document, name: str) -> str:
    text = getattr(document, name)
    return text[:LONGEST_BODY] if name == "body" else text


def _stems(some: Sequence[Word]) -> str:
    return " ".join(word.stem for word in some)


def _audience_labels(document: Document, versions: Sequence[Document]):
    """
    Yield to which readers this version stands for the thing.

    A reader of a language sees the version nearest to it among those that one of the reader's keys
    opens. For who holds a single key, the label `shown` tells it. Who holds several may see a
    nearer version by another of them: that is what `nearer` is for.
    """
    for code in languages.CODES:
        order = languages.FALLBACKS[code]
        place = order.index(document.language)
        nearer = {
            audience
            for version in versions
            if order.index(version.language) < place
            for audience in version.audiences
        }
        shown = set(document.audiences) - nearer
        yield from (("shown", f"{code}|{audience}") for audience in shown)
        if shown:
            yield from (("nearer", f"{code}|{audience}") for audience in nearer)


def _shown(labels: Iterable[tuple[str, str]]) -> set[str]:
    return {value for name, value in labels if name == "shown"}


def _is_public(labels: Iterable[tuple[str, str]]) -> bool:
    return any(value.endswith(f"|{PUBLIC}") for value in _shown(labels))


def _labels_of(row: SearchDocument) -> set[tuple[str, str]]:
    return {(label.name, label.value) for label in row.labels.all()}


def _next_version(version: int) -> int:
    """Return a version that is higher than one given: the time in microseconds, as a rule."""
    return max(version + 1, time.time_ns() // 1000)


def _write_labels(rows: Sequence[SearchDocument]) -> None:
    gone, new = [], []
    for row in rows:
        have = {(one.name, one.value): one for one in _kept(row, "labels")}
        gone += [one.pk for pair, one in have.items() if pair not in row.new_labels]
        new += [
            SearchLabel(document=row, name=name, value=value)
            for name, value in sorted(row.new_labels)
            if (name, value) not in have
        ]
    SearchLabel.objects.filter(pk__in=gone).delete()
    SearchLabel.objects.bulk_create(new)


def _write_prefixes(rows: Sequence[SearchDocument]) -> None:
    gone, new = [], []
    for row in rows:
        have = {one.text: one for one in _kept(row, "prefixes")}
        gone += [one.pk for text, one in have.items() if text not in row.new_prefixes]
        new += [
            SearchPrefix(document=row, text=text)
            for text in sorted(row.new_prefixes)
            if text not in have
        ]
    SearchPrefix.objects.filter(pk__in=gone).delete()
    SearchPrefix.objects.bulk_create(new)


def _kept(row: SearchDocument, relation: str):
    """Return the rows that were read with a document; a new one has none."""
    return getattr(row, "_prefetched_objects_cache", {}).get(relation, ())


def _remove(rows: Sequence[SearchDocument]) -> None:
    """
    Take documents off: no text, no label, no suggestion of them is left.

    The row stays while Elasticsearch may still know the document (`search.copies`).
    """
    counts: Counter[tuple[str, str]] = Counter()
    facts: dict[tuple[str, str], Word] = {}
    for row in rows:
        if _is_public(_labels_of(row)):
            _count(_words_of(row), -1, counts, facts)
    pks = [row.pk for row in rows]
    SearchLabel.objects.filter(document__in=pks).delete()
    SearchPrefix.objects.filter(document__in=pks).delete()
    if settings.ELASTICSEARCH_URL:
        for row in rows:
            for name in COLUMNS:
                if name in TEXTS or name.endswith("_stems") or name in ("caption", "sort_title"):
                    setattr(row, name, "")
            row.length = row.adoptions = 0
            row.removed, row.copied, row.narrowed = True, False, True
            row.version, row.indexed_at = _next_version(row.version), timezone.now()
        _update(rows)
        if rows:
            outbox.enqueue("search-copy", key="search-copy")
    else:
        SearchDocument.objects.filter(pk__in=pks).delete()
    count_words(counts, facts)


# --- The vocabulary -----------------------------------------------------------------------------


def _words_of(row: SearchDocument) -> dict[tuple[str, str], Word]:
    """Return the words of a document by language and folded form, each once."""
    return {
        (word.language, word.folded): word
        for name in TEXTS
        for word in words(getattr(row, name), row.language)
    }


def _count(some: Mapping[tuple[str, str], Word], by: int, counts: Counter, facts: dict) -> None:
    for pair in some:
        counts[pair] += by
    facts.update(some)


def count_words(counts: Mapping[tuple[str, str], int], facts: Mapping[tuple[str, str], Word]):
    """
    Add to the number of documents in which words stand; words that stand in none go.

    :param counts: how much to add, by language and folded word
    :param facts: the words themselves
    """
    rows = [
        (language, word, *_facts_of(facts[language, word]), number)
        for (language, word), number in sorted(counts.items())
        if number
    ]
    if not rows:
        return
    table = connection.ops.quote_name(SearchWord._meta.db_table)
    with connection.cursor() as cursor:
        # In one order, so that two workers never wait for each other.
        cursor.executemany(
            f"INSERT INTO {table} (language, word, bare, written, stem, skeleton, length,"  # noqa: S608
            " documents) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (language, word) "
            f"DO UPDATE SET documents = {table}.documents + excluded.documents",
            rows,
        )
    if any(row[-1] < 0 for row in rows):
        SearchWord.objects.filter(documents__lte=0).delete()


def _facts_of(word: Word) -> tuple[str, str, str, str, int]:
    """
    Return what is kept of a word besides itself: without its article, so as it is written, its
    stem, its skeleton in Arabic, its length.
    """
    arabic = word.language == "ar"
    short = bare(word.folded) if arabic else word.folded
    written = plainly(word)
    # A ligature, or a letter that was folded into two, cannot be cut like the folded word.
    alike = len(written) == len(word.folded)
    written = written[len(word.folded) - len(short) :] if alike else short
    return short, written, word.stem, skeleton(word.stem) if arabic else "", len(short)


@transaction.atomic
def recount_words() -> int:
    """
    Count all words anew. Nobody else writes documents meanwhile.

    :returns: how many there are
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {SearchDocument._meta.db_table} IN EXCLUSIVE MODE")
    counts: Counter[tuple[str, str]] = Counter()
    facts: dict[tuple[str, str], Word] = {}
    public = SearchLabel.objects.filter(name="shown", value__endswith=f"|{PUBLIC}")
    documents = SearchDocument.objects.found().filter(pk__in=public.values("document"))
    for row in documents.only("language", *TEXTS).iterator(chunk_size=500):
        _count(_words_of(row), 1, counts, facts)
    SearchWord.objects.all().delete()
    count_words(counts, facts)
    return len(counts)
