"""PostgreSQL: a stored vector of the stems with weights, and a GIN index (`search/migrations`)."""

from collections.abc import Sequence

from search.engines.sql import SqlEngine
from search.query import Alternative, Plan

# Of D, C, B, A: versions in other languages, body, summary, title.
WEIGHTS = "'{0.125, 0.25, 0.5, 1.0}'"
WITH_LENGTH = 1  # ts_rank divides by the logarithm of the length


class PostgresqlEngine(SqlEngine):
    name = "postgresql"
    collation = '"C"'
    ids_table = "(SELECT unnest(%s::bigint[]) AS id)"

    def ids_parameter(self, ids: Sequence[int]) -> list[int]:
        return list(ids)

    def found(self, plan: Plan, needed: int) -> tuple[str, list]:
        scores, score_parameters, groups = [], [], []
        for group in plan.groups:
            groups.append(" | ".join(quoted(one) for one in group.alternatives))
            ranks = []
            for weight, tier in group.tiers:
                # ts_rank knows nothing of how rare a word is: our table does.
                ranks.append(
                    f"{weight * group.rarity:.4f} * ts_rank({WEIGHTS}, vector, %s::tsquery,"
                    f" {WITH_LENGTH})"
                )
                score_parameters.append(" | ".join(map(quoted, tier)))
            scores.append(f"GREATEST({', '.join(ranks)})")
        where, parameters = "vector @@ %s::tsquery", [" | ".join(groups)]
        if needed > 1:
            hits = " + ".join(["(vector @@ %s::tsquery)::int"] * len(groups))
            where += f" AND {hits} >= {needed}"
            parameters += groups
        return (
            f"SELECT id, {' + '.join(scores)} AS score FROM search_searchdocument WHERE {where}"  # noqa: S608
        ), score_parameters + parameters


def quoted(one: Alternative) -> str:
    """Return a stem or phrase as a tsquery: stems hold letters and digits only."""
    stems = [f"'{stem}'" for stem in one.stems]
    return f"({' <-> '.join(stems)})"
