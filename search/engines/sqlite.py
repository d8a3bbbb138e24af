"""SQLite: a table of FTS5 over the stems, which triggers keep (`search/migrations`)."""

import json
from collections.abc import Sequence

from search.engines.sql import SqlEngine
from search.query import Alternative, Plan

WEIGHTS = "4.0, 2.0, 1.0, 0.5"  # title, summary, body, versions in other languages


class SqliteEngine(SqlEngine):
    name = "sqlite"
    collation = "BINARY"
    ids_table = "(SELECT value AS id FROM json_each(%s))"

    def ids_parameter(self, ids: Sequence[int]) -> str:
        return json.dumps(ids)

    def found(self, plan: Plan, needed: int) -> tuple[str, list]:
        parts, parameters = [], []
        for number, group in enumerate(plan.groups):
            for weight, tier in group.tiers:
                parts.append(
                    f"SELECT rowid AS id, {number} AS word,"  # noqa: S608
                    f" -bm25(search_fts, {WEIGHTS}) * {weight} AS score"
                    " FROM search_fts WHERE search_fts MATCH %s"
                )
                parameters.append(" OR ".join(map(quoted, tier)))
        union = " UNION ALL ".join(parts)
        if len(parts) == 1:
            return union, parameters
        # Of a word the best of what it was found by, then the sum of the words.
        best = f"SELECT id, word, MAX(score) AS score FROM ({union}) GROUP BY id, word"  # noqa: S608
        return (
            f"SELECT id, SUM(score) AS score FROM ({best}) GROUP BY id"  # noqa: S608
            f" HAVING COUNT(*) >= {needed}"
        ), parameters


def quoted(one: Alternative) -> str:
    """Return a stem or phrase as FTS5 reads it: stems hold letters and digits only."""
    return f'"{" ".join(one.stems)}"'
