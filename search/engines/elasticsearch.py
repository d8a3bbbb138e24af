"""
Elasticsearch: a copy of the documents' stems, written by `search.copies`.

The index analyses nothing: its fields hold our stems parted by spaces. Reading has a time limit of
a second and no second try; what fails opens the circuit, and for a while nobody waits for it.
"""

import logging
import time
from functools import lru_cache

from django.conf import settings
from elastic_transport import ApiError, TransportError
from elasticsearch import Elasticsearch

from search.engines.base import Engine, Matches, Scope
from search.models import shown_values
from search.query import Group, Plan

logger = logging.getLogger(__name__)

FIELDS = ("title^4", "summary^2", "body^1")
OTHER = 0.5  # versions in other languages
MOST_VALUES = 300  # of a facet
PAUSES = (5, 15, 60)  # seconds without Elasticsearch after the first failure, the second …
# What the client raises, whatever went wrong.
FAILURES = (ApiError, TransportError)


class EngineAway(Exception):
    """Elasticsearch did not answer, or only in part; the database must."""


class Circuit:
    """Whether Elasticsearch is asked. Each process learns for itself; one request tries again."""

    def __init__(self) -> None:
        self.failures = 0
        self.closed_until = 0.0

    def refuses(self) -> bool:
        return time.monotonic() < self.closed_until

    def failed(self) -> None:
        pause = PAUSES[min(self.failures, len(PAUSES) - 1)]
        self.failures += 1
        self.closed_until = time.monotonic() + pause

    def worked(self) -> None:
        self.failures = 0
        self.closed_until = 0.0


circuit = Circuit()


@lru_cache
def client(urls: tuple[str, ...], timeout: float) -> Elasticsearch:
    """
    Return a client that never tries twice by itself.

    :param timeout: seconds
    """
    return Elasticsearch(list(urls), request_timeout=timeout, max_retries=0, retry_on_timeout=False)


def reader() -> Elasticsearch:
    return client(tuple(settings.ELASTICSEARCH_URL), settings.ELASTICSEARCH_TIMEOUT)


def alias() -> str:
    """Return the name under which the live index is read and written."""
    return f"{settings.ELASTICSEARCH_PREFIX}-documents"


class ElasticsearchEngine(Engine):
    name = "elasticsearch"

    def match(self, plan: Plan, scope: Scope, needed: int) -> Matches:
        """
        Find documents.

        :raises EngineAway: where it did not answer in time, or a shard did not
        """
        if circuit.refuses():
            raise EngineAway("it failed a moment ago")
        try:
            answer = reader().search(index=alias(), **request(plan, scope, needed)).body
            if answer["timed_out"] or answer["_shards"]["failed"]:
                raise EngineAway("only a part of it answered")
        except (*FAILURES, EngineAway) as error:
            circuit.failed()
            logger.warning("Elasticsearch does not answer: %s", error)
            raise EngineAway(str(error)) from error
        circuit.worked()
        return Matches(
            [int(hit["_id"]) for hit in answer["hits"]["hits"]],
            answer["hits"]["total"]["value"],
            {
                name: {
                    bucket["key"].partition("=")[2]: bucket["doc_count"]
                    for bucket in counted["values"]["buckets"]
                }
                for name, counted in answer.get("aggregations", {}).items()
            },
        )


def request(plan: Plan, scope: Scope, needed: int) -> dict:
    """Return what is sent: one request for the results and all counts."""
    query: dict = {"filter": _filters(scope)}
    shown = shown_values(scope.language, scope.audiences)
    if len(shown) > 1:
        query["must_not"] = [{"terms": {"labels": [f"nearer={value}" for value in shown]}}]
    if plan.groups:
        query["should"] = [_group(group) for group in plan.groups]
        query["minimum_should_match"] = needed
    choices = {
        name: {"terms": {"labels": [f"{name}={value}" for value in sorted(values)]}}
        for name, values in scope.chosen.items()
    }
    asked: dict = {
        "query": {"bool": query},
        "size": scope.limit,
        "source": False,
        "track_total_hits": True,
        "sort": _order(scope.order),
        "timeout": f"{int(settings.ELASTICSEARCH_TIMEOUT * 1000)}ms",
        "allow_partial_search_results": False,
    }
    if choices:
        asked["post_filter"] = {"bool": {"filter": list(choices.values())}}
    if scope.facets:
        asked["aggregations"] = {
            name: {
                # Counted among what the other facets leave.
                "filter": {"bool": {"filter": [c for n, c in choices.items() if n != name]}},
                "aggregations": {
                    "values": {
                        "terms": {
                            "field": "labels",
                            "size": MOST_VALUES,
                            "include": f"{name}=.*",
                        }
                    }
                },
            }
            for name in scope.facets
        }
    return asked


def _filters(scope: Scope) -> list[dict]:
    shown = shown_values(scope.language, scope.audiences)
    filters: list[dict] = [{"terms": {"labels": [f"shown={value}" for value in shown]}}]
    if scope.kind:
        filters.append({"term": {"kind": scope.kind}})
    if scope.own_language:
        filters.append({"term": {"language": scope.language}})
    return filters


def _group(group: Group) -> dict:
    """Return the query for a word: the best of what it may be found by."""
    queries: list[dict] = []
    for weight, tier in group.tiers:
        single = " ".join(one.stems[0] for one in tier if len(one.stems) == 1)
        if single:
            queries += [
                {"combined_fields": {"query": single, "fields": FIELDS, "boost": weight}},
                {"match": {"other": {"query": single, "boost": OTHER * weight}}},
            ]
        for one in tier:
            if len(one.stems) > 1:
                phrase = " ".join(one.stems)
                queries.append(
                    {
                        "multi_match": {
                            "query": phrase,
                            "type": "phrase",
                            "fields": [*FIELDS, f"other^{OTHER}"],
                            "boost": weight,
                        }
                    }
                )
    return {"dis_max": {"queries": queries, "tie_breaker": 0.1}}


def _order(order: str) -> list:
    newest = {"date": {"order": "desc", "missing": "_last"}}
    # As on the databases, so that nothing is left to chance.
    number, row = {"number": "desc"}, {"row": "asc"}
    return {
        "relevance": [{"_score": "desc"}, row],
        "newest": [newest, number, row],
        "title": [{"sort_title": "asc"}, {"number": "asc"}, row],
        "adopted": [{"adoptions": "desc"}, newest, number, row],
    }[order]
