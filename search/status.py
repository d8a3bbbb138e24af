"""Whether what can be found is what is there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone

from core.outbox.models import OutboxJob
from search.copies import writer
from search.documents import BATCH, changed, expected, is_same, withdraw
from search.engines.elasticsearch import FAILURES, alias
from search.models import SearchDocument
from search.registry import kinds


@dataclass
class KindStatus:
    """
    How a kind's documents stand to the things.

    :ivar missing: versions that should be found and are not
    :ivar stale: documents that tell another text, or other labels, than the thing has now
    :ivar forbidden: documents found by someone who may not see the thing, or of none at all
    """

    name: str
    things: int = 0
    documents: int = 0
    missing: int = 0
    stale: int = 0
    forbidden: int = 0


@dataclass
class SearchStatus:
    """
    :ivar waiting: jobs that wait for the worker; `lag` is the age of the oldest in seconds
    :ivar uncopied: documents that Elasticsearch lacks or has in an older version
    :ivar remote: what Elasticsearch holds beside the table
    """

    waiting: int
    lag: float
    uncopied: int
    kinds: list[KindStatus] = field(default_factory=list)
    remote: KindStatus | None = None
    remote_error: str = ""

    @property
    def forbidden(self) -> int:
        remote = self.remote.forbidden if self.remote else 0
        return remote + sum(one.forbidden for one in self.kinds)


def compare(*, repair: bool = False) -> SearchStatus:
    """
    Compare everything that can be found with the things themselves.

    :param repair: whether to have what differs indexed anew; what is forbidden is taken off at once
    """
    jobs = OutboxJob.objects.filter(kind="search-index")
    oldest = jobs.order_by("created_at").values_list("created_at", flat=True).first()
    status = SearchStatus(
        waiting=jobs.count(),
        lag=(timezone.now() - oldest).total_seconds() if oldest else 0.0,
        uncopied=SearchDocument.objects.filter(copied=False).count()
        if settings.ELASTICSEARCH_URL
        else 0,
    )
    for name in sorted({*kinds, *kinds_in_table()}):
        status.kinds.append(_compare_kind(name, repair))
    if settings.ELASTICSEARCH_URL:
        try:
            status.remote = _compare_remote()
        except FAILURES as error:
            status.remote_error = str(error)
    return status


def kinds_in_table() -> set[str]:
    """Return the kinds of the documents that can be found, such as left the code too."""
    return set(SearchDocument.objects.found().order_by().values_list("kind", flat=True).distinct())


def _compare_kind(name: str, repair: bool) -> KindStatus:
    status = KindStatus(name)
    groups = list(kinds[name].groups()) if name in kinds else []
    status.things = len(groups)
    differing: set[str] = set()
    forbidden: set[str] = set()
    known: set[str] = set()
    for some in _batches(groups):
        wanted = expected(name, some)
        rows = SearchDocument.objects.found().filter(kind=name, group__in=some)
        present = {row.key: row for row in rows.prefetch_related("labels", "prefixes")}
        known.update(some)
        status.documents += len(present)
        for key, (group, fields, labels) in wanted.items():
            row = present.get(key)
            if row is None:
                status.missing += 1
                differing.add(group)
                continue
            have = {(label.name, label.value) for label in row.labels.all()}
            if {one for one in have - labels if one[0] == "shown"}:
                status.forbidden += 1
                forbidden.add(group)
            elif not is_same(row, fields, labels):
                status.stale += 1
                differing.add(group)
        for key in present.keys() - wanted.keys():
            status.forbidden += 1
            forbidden.add(present[key].group)
    others = SearchDocument.objects.found().filter(kind=name).exclude(group__in=known)
    for group in others.values_list("group", flat=True):
        status.documents += 1
        status.forbidden += 1
        forbidden.add(group)
    if repair:
        changed(name, sorted(differing))
        if forbidden:
            withdraw(name, sorted(forbidden))
    return status


def _compare_remote() -> KindStatus:
    """Compare Elasticsearch's copy with the table, version by version."""
    status = KindStatus("elasticsearch")
    table = {
        str(pk): version
        for pk, version in SearchDocument.objects.found().values_list("pk", "version")
    }
    for key, version in _remote_versions():
        status.documents += 1
        if key not in table:
            status.forbidden += 1
        elif table.pop(key) != version:
            status.stale += 1
    status.missing = len(table)
    return status


def _remote_versions() -> Iterator[tuple[str, int]]:
    """Yield the keys and versions of all documents in Elasticsearch, as of one moment."""
    elastic = writer()
    elastic.indices.refresh(index=alias())
    moment = elastic.open_point_in_time(index=alias(), keep_alive="1m")["id"]
    after = None
    try:
        while True:
            answer = elastic.search(
                pit={"id": moment, "keep_alive": "1m"},
                size=1000,
                version=True,
                source=False,
                sort=[{"_shard_doc": "asc"}],
                **({"search_after": after} if after else {}),
            )
            hits = answer["hits"]["hits"]
            if not hits:
                return
            for hit in hits:
                yield hit["_id"], hit["_version"]
            after = hits[-1]["sort"]
    finally:
        elastic.close_point_in_time(id=moment)


def _batches(groups: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(groups), BATCH):
        yield list(groups[start : start + BATCH])
