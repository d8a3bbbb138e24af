"""
The copy of the documents in Elasticsearch: bringing it up to date, building it anew.

The table of documents is the truth; each row tells whether its version has been copied. Nothing
waits for Elasticsearch: the worker copies when it can, in bulk, with the row's version as the
document's, so that an older copy never overwrites a newer one, and tries again until it may.
"""

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from elasticsearch import Elasticsearch

from core import outbox
from search.engines.elasticsearch import FAILURES, Circuit, alias, client
from search.models import SearchDocument

logger = logging.getLogger(__name__)

BULK = 500
WRITE_TIMEOUT = 10.0  # seconds; shorter than the lease of the job
BEHIND = timedelta(seconds=10)  # so old may a change be that Elasticsearch does not have
# Removed rows stay so long after they were copied: an index that is being built anew meanwhile
# must learn of them too.
KEPT = timedelta(days=1)
CLOCKS = timedelta(minutes=5)  # by how much the clocks of machines may differ

LOCK = 0x5EA7C4  # a number of our own among PostgreSQL's advisory locks

KEYWORDS = ("kind", "language", "labels", "sort_title")
TEXTS = ("title", "summary", "body", "other")
MAPPINGS = {
    "dynamic": "strict",
    "properties": {
        **{name: {"type": "keyword"} for name in KEYWORDS},
        **{name: {"type": "text", "analyzer": "whitespace"} for name in TEXTS},
        "date": {"type": "date"},
        "adoptions": {"type": "integer"},
        "number": {"type": "long"},
        "row": {"type": "long"},
    },
}
SETTINGS = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "1s"}

writing = Circuit()


class NotCopied(Exception):
    """Elasticsearch refused to write, as with a full disk."""


def is_behind() -> bool:
    """Whether Elasticsearch lacks a change that it should have had."""
    late = SearchDocument.objects.filter(copied=False, indexed_at__lt=timezone.now() - BEHIND)
    return late.exists()


def is_narrowed() -> bool:
    """Whether Elasticsearch may still count for a reader what that reader may see no more."""
    return SearchDocument.objects.filter(copied=False, narrowed=True).exists()


@outbox.handler("search-copy", atomic=False, urgent=True)
def copy_job(payload=None) -> None:
    """Copy what is not copied yet; a failure waits for the periodic task, and is no error here."""
    if settings.ELASTICSEARCH_URL and not writing.refuses():
        try:
            copy_documents()
        except (*FAILURES, NotCopied) as error:
            writing.failed()
            logger.warning("Elasticsearch takes no changes: %s", error)
        else:
            writing.worked()


@outbox.periodic("search-copy", every=timedelta(seconds=5))
def copy_again() -> None:
    """Catch up after Elasticsearch was away, and let go of rows that nobody needs any more."""
    if SearchDocument.objects.filter(copied=False).exists():
        copy_job()
    let_go()


def writer() -> Elasticsearch:
    return client(tuple(settings.ELASTICSEARCH_URL), WRITE_TIMEOUT)


def copy_documents() -> int:
    """
    Copy all rows that are not copied yet, in bulk. Where there is no live index, build it.

    :returns: how many
    :raises NotCopied: where Elasticsearch refuses
    :raises elasticsearch.ApiError, elastic_transport.TransportError: where it fails
    """
    elastic = writer()
    if not elastic.indices.exists_alias(name=alias()):
        return rebuild_index()
    count = 0
    waiting = SearchDocument.objects.filter(copied=False)
    while rows := list(waiting.order_by("version").prefetch_related("labels")[:BULK]):
        _write(elastic, rows, alias())
        with connection.cursor() as cursor:
            # Not one that was written again meanwhile: it has another version.
            cursor.executemany(
                "UPDATE search_searchdocument SET copied = %s, narrowed = %s"
                " WHERE id = %s AND version = %s",
                [(True, False, row.pk, row.version) for row in rows],
            )
        count += len(rows)
    return count


def _write(elastic: Elasticsearch, rows: Iterable[SearchDocument], index: str) -> None:
    operations: list[dict] = []
    for row in rows:
        target = {
            "_index": index,
            "_id": str(row.pk),
            "version": row.version,
            "version_type": "external_gte",
        }
        operations += [{"delete": target}] if row.removed else [{"index": target}, source(row)]
    if not operations:
        return
    answer = elastic.bulk(operations=operations, refresh=False)
    for item in answer["items"]:
        [done] = item.values()
        # 404: deleted already; 409: a newer version is there.
        if done["status"] >= 300 and done["status"] not in (404, 409):
            raise NotCopied(f"{done['status']} {done.get('error', {}).get('reason', '')}")


def source(row: SearchDocument) -> dict:
    """Return a row as Elasticsearch keeps it."""
    return {
        "kind": row.kind,
        "language": row.language,
        "labels": [f"{label.name}={label.value}" for label in row.labels.all()],
        "sort_title": row.sort_title,
        "title": row.title_stems,
        "summary": row.summary_stems,
        "body": row.body_stems,
        "other": row.other_stems,
        "date": row.date.isoformat() if row.date else None,
        "adoptions": row.adoptions,
        "number": row.number,
        "row": row.pk,
    }


def let_go() -> int:
    """Delete the rows of removed documents that no engine knows any more; return how many."""
    removed = SearchDocument.objects.filter(removed=True)
    if settings.ELASTICSEARCH_URL:
        removed = removed.filter(copied=True, indexed_at__lt=timezone.now() - KEPT)
    return removed.delete()[0]


# --- Building anew ------------------------------------------------------------------------------


def rebuild_index(progress: Callable[[int], None] = lambda number: None) -> int:
    """
    Build a new index beside the live one and put it in its place in one step.

    What changes meanwhile goes to the live index, and is marked to be copied again once the new
    one is live: so nothing is lost, however many builds and saves run side by side.

    :param progress: called with the number of documents after each bulk
    :returns: how many documents were copied
    """
    elastic = writer()
    started_at = timezone.now() - CLOCKS
    name = f"{alias()}-{timezone.now():%Y%m%d%H%M%S}-{secrets.token_hex(3)}"
    elastic.indices.create(index=name, mappings=MAPPINGS, settings=SETTINGS)
    count = 0
    for rows in in_bulks(SearchDocument.objects.found().prefetch_related("labels")):
        _write(elastic, rows, name)
        count += len(rows)
        progress(count)
    elastic.indices.refresh(index=name)
    with alone():
        before = _live_indexes(elastic)
        elastic.indices.update_aliases(
            actions=[
                *({"remove": {"index": one, "alias": alias()}} for one in before),
                {"add": {"index": name, "alias": alias()}},
            ]
        )
    SearchDocument.objects.filter(indexed_at__gte=started_at).update(copied=False)
    copy_documents()
    for one in {*before, *_left_over(elastic)} - {name}:
        elastic.indices.delete(index=one, ignore_unavailable=True)
    return count


@contextmanager
def alone() -> Iterator[None]:
    """
    Let one build at a time put its index in place; for the moment of one request.

    Two at once would both be live, and everything would be found twice. SQLite's transactions are
    alone by themselves.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield


def in_bulks(rows: QuerySet) -> Iterator[list[SearchDocument]]:
    """Yield documents in the order of their keys, some hundreds at a time."""
    last = 0
    while some := list(rows.filter(pk__gt=last).order_by("pk")[:BULK]):
        yield some
        last = some[-1].pk


def _left_over(elastic: Elasticsearch) -> list[str]:
    """Return indexes of builds that ended in the middle: not live, and begun a day ago or more."""
    live = _live_indexes(elastic)
    oldest = f"{alias()}-{timezone.now() - KEPT:%Y%m%d%H%M%S}"
    names = elastic.indices.get(index=f"{alias()}-*").body
    return [name for name in names if name not in live and name < oldest]


def _live_indexes(elastic: Elasticsearch) -> list[str]:
    if not elastic.indices.exists_alias(name=alias()):
        return []
    return list(elastic.indices.get_alias(name=alias()).body)
