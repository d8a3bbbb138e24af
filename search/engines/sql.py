"""What the two databases do alike: everything but finding the words."""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db import connection

from search.engines.base import Engine, Matches, Scope
from search.models import shown_values
from search.query import Plan

DOCUMENTS, LABELS = "search_searchdocument", "search_searchlabel"


class SqlEngine(Engine):
    """
    An engine that asks two questions: which documents, and how often each value stands in them.

    Every text goes in as a parameter. The first question also tells, for each facet that the
    reader has chosen from, whether a document has a chosen value; so one pass serves the results
    and the counts of each facet without its own choice.
    """

    # Titles are compared by their letters' numbers, on both databases, whatever the locale.
    collation: str
    ids_table: str  # an SQL table of one column "id", made of one parameter

    @abstractmethod
    def found(self, plan: Plan, needed: int) -> tuple[str, list]:
        """Return an SQL query of `id` and `score` for what holds the words, with parameters."""

    @abstractmethod
    def ids_parameter(self, ids: Sequence[int]):
        """Return the parameter that `ids_table` is made of."""

    def match(self, plan: Plan, scope: Scope, needed: int) -> Matches:
        rows = self._candidates(plan, scope, needed)
        names = list(scope.chosen)
        ids: list[int] = []
        failing: dict[str, list[int]] = defaultdict(list)
        for pk, *has in rows:
            missing = [name for name, one in zip(names, has, strict=True) if not one]
            if not missing:
                ids.append(pk)
            elif len(missing) == 1:
                failing[missing[0]].append(pk)
        return Matches(ids[: scope.limit], len(ids), self._counts(ids, failing, scope.facets))

    def _candidates(self, plan: Plan, scope: Scope, needed: int) -> list[tuple]:
        """Return (id, has a chosen value of the first facet, of the second …) in order."""
        parameters: list = []

        def one_of(values: Collection) -> str:
            parameters.extend(values)
            return f"({', '.join(['%s'] * len(values))})"

        def label(name: str, values: Collection[str]) -> str:
            parameters.append(name)
            return (
                f"EXISTS (SELECT 1 FROM {LABELS} l WHERE l.document_id = m.id"  # noqa: S608
                f" AND l.name = %s AND l.value IN {one_of(values)})"
            )

        flags = [label(name, sorted(values)) for name, values in scope.chosen.items()]
        columns = ", ".join(["m.id", *flags])
        where = []
        shown = shown_values(scope.language, scope.audiences)
        if plan.groups:
            words, more = self.found(plan, needed)
            parameters += more
            source = f"({words}) m"
            where.append(label("shown", shown))
        else:
            # All that a reader may see: the label leads, and each document stands once in it
            # for who holds one key.
            distinct = "DISTINCT " if len(shown) > 1 else ""
            source = (
                f"(SELECT {distinct}document_id AS id FROM {LABELS} WHERE name = 'shown'"  # noqa: S608
                f" AND value IN {one_of(shown)}) m"
            )
        if len(shown) > 1:
            where.append(f"NOT {label('nearer', shown)}")
        # The rows are wide: they are looked at only where it is needed. One that was removed has no
        # labels, so it is not shown.
        if scope.kind or scope.own_language or scope.order != "relevance":
            source += f" JOIN {DOCUMENTS} d ON d.id = m.id"
        if scope.kind:
            where.append("d.kind = %s")
            parameters.append(scope.kind)
        if scope.own_language:
            where.append("d.language = %s")
            parameters.append(scope.language)
        order = {
            "relevance": "m.score DESC, m.id",
            "newest": "d.date DESC NULLS LAST, d.number DESC, d.id",
            "title": f"d.sort_title COLLATE {self.collation}, d.number, d.id",
            "adopted": "d.adoptions DESC, d.date DESC NULLS LAST, d.number DESC, d.id",
        }[scope.order]
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns} FROM {source} WHERE {' AND '.join(where or ['TRUE'])}"  # noqa: S608
                f" ORDER BY {order}",
                parameters,
            )
            return cursor.fetchall()

    def _counts(self, ids, failing, facets: Collection[str]) -> dict[str, dict[str, int]]:
        """
        Count the values of facets in one query.

        :param ids: documents that have a chosen value of each facet
        :param failing: by facet, those that lack one of this facet alone: they count for it
        """
        counts: dict[str, dict[str, int]] = {name: {} for name in facets}
        parts, parameters = [], []
        if facets and ids:
            # "|| ''" keeps SQLite from looking up the names: for each document it would read all
            # labels of those names, where a document has but a dozen.
            names = ", ".join(["%s"] * len(facets))
            parts.append(
                f"{self._labels_of} WHERE l.document_id = c.id AND (l.name || '') IN ({names})"
            )
            parameters += [self.ids_parameter(ids), *facets]
        for name in facets:
            if failing[name]:
                parts.append(f"{self._labels_of} WHERE l.document_id = c.id AND l.name = %s")
                parameters += [self.ids_parameter(failing[name]), name]
        if parts:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT name, value, COUNT(*) FROM ({' UNION ALL '.join(parts)}) counted"  # noqa: S608
                    " GROUP BY name, value",
                    parameters,
                )
                for name, value, number in cursor.fetchall():
                    counts[name][value] = number
        return counts

    @property
    def _labels_of(self) -> str:
        return f"SELECT l.name, l.value FROM {self.ids_table} c CROSS JOIN {LABELS} l"  # noqa: S608
