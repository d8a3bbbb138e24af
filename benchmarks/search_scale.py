"""
How the search grows: at 1,000, 10,000 and 100,000 documents, per engine.

Run with `.venv/bin/python benchmarks/search_scale.py [--engine sqlite] [--sizes 1000 10000]`. Texts
are drawn word by word from the relevance collection, as often as the words stand there, so the
lengths of the lists of documents are those of real texts; queries are pairs of words that stand in
0.2 to 1.5 % of the documents. "raw" is the engine's own query for the first ten with the same
stems; "page" is all that a reader waits for: plan, results, count, three facets, ten highlights.
Only the ratios of one run mean anything.
"""

import argparse
import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from scratch import ENGINES, scratch
from search_relevance import HERE, read

SIZES = (1_000, 10_000, 100_000)
TITLE, SUMMARY, BODY = 6, 20, 120  # words
QUERIES, RUNS = 15, 3
SHARE = (0.002, 0.015)  # of the documents in which a word of a query stands
BATCH = 500


def words_of_collection(language: str) -> list[str]:
    """Return all words of the collection's documents of a language, repeated as they are there."""
    rows = [row for row in read(HERE / "collection" / "docs.jsonl") if row["lang"] == language]
    return [
        word for row in rows for name in ("title", "summary", "body") for word in row[name].split()
    ]


class Texts:
    """Documents drawn at random, the same in each run."""

    def __init__(self) -> None:
        self.random = random.Random(7)  # noqa: S311
        self.words = {language: words_of_collection(language) for language in ("ar", "fr")}

    def document(self, number: int):
        from search.registry import Document

        language = ("ar", "fr")[number % 2]
        drawn = self.random.choices(self.words[language], k=TITLE + SUMMARY + BODY)
        return Document(
            key=str(number),
            language=language,
            path=f"/scale/{number}/",
            title=" ".join(drawn[:TITLE]),
            summary=" ".join(drawn[TITLE : TITLE + SUMMARY]),
            body=" ".join(drawn[TITLE + SUMMARY :]),
            labels={
                "principle": [f"principle-{number % 5}"],
                "region": [f"{number % 12:02}"],
                "year": [str(2015 + number % 10)],
                "theme": [f"theme-{number % 40}", f"theme-{number % 37}"],
            },
        )


def register_kind(texts: Texts) -> None:
    from search.registry import Facet, SearchKind, register

    def facet(name: str, values: list[str]) -> Facet:
        return Facet(name, lambda: name, lambda: [(value, value) for value in values], common=True)

    register(
        SearchKind(
            name="scale",
            label=lambda: "Scale",
            groups=list,
            documents=lambda keys: {key: [texts.document(int(key))] for key in keys},
            load=lambda keys, language: [],
            facets=(
                facet("principle", [f"principle-{n}" for n in range(5)]),
                facet("region", [f"{n:02}" for n in range(12)]),
                facet("year", [str(2015 + n) for n in range(10)]),
            ),
        )
    )


def grow(start: int, end: int) -> float:
    """Index documents; return how many a second."""
    from search.copies import copy_documents, writer
    from search.documents import index_groups
    from search.engines import remote_engine
    from search.engines.elasticsearch import alias

    began = time.perf_counter()
    for first in range(start, end, BATCH):
        index_groups("scale", [str(n) for n in range(first, min(first + BATCH, end))])
        if sys.stderr.isatty():
            print(f"\r{first}/{end}", end="", file=sys.stderr)
    if remote_engine():
        copy_documents()
    rate = (end - start) / (time.perf_counter() - began)
    if remote_engine():
        writer().indices.refresh(index=alias())
    return rate


def queries(size: int) -> list[str]:
    """Return pairs of words of middling frequency, the same words as long as they fit."""
    from search.models import SearchWord

    low, high = (int(size * share) for share in SHARE)
    some = SearchWord.objects.filter(
        language="fr", documents__gte=max(low, 2), documents__lte=high, length__gte=5
    )
    words = list(some.order_by("word").values_list("word", flat=True))
    chosen = random.Random(11).sample(words, 2 * QUERIES)  # noqa: S311
    return [" ".join(pair) for pair in zip(chosen[::2], chosen[1::2], strict=True)]


def raw(engine: str, query: str) -> None:
    """Ask the engine alone for the first ten."""
    from django.db import connection

    from search.analysis import words

    stems = [word.stem for word in words(query, "fr")]
    if engine == "elasticsearch":
        from search.engines.elasticsearch import alias, reader

        match = {"query": " ".join(stems), "fields": ["title^4", "summary^2", "body"]}
        reader().search(index=alias(), query={"combined_fields": match}, size=10, source=False)
        return
    if engine == "sqlite":
        sql = (
            "SELECT rowid FROM search_fts WHERE search_fts MATCH %s"
            " ORDER BY bm25(search_fts, 4.0, 2.0, 1.0, 0.5) LIMIT 10"
        )
        parameters = [" OR ".join(f'"{stem}"' for stem in stems)]
    else:
        sql = (
            "SELECT id FROM search_searchdocument WHERE vector @@ %s::tsquery"
            " ORDER BY ts_rank(vector, %s::tsquery, 1) DESC LIMIT 10"
        )
        parameters = [" | ".join(f"'{stem}'" for stem in stems)] * 2
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        cursor.fetchall()


def page(query: str, **options) -> int:
    from search.services import search

    return search(query, "fr", facets=["principle", "region", "year"], **options).total


def median(action, texts: list[str]) -> float:
    """Return the median time of an action over all queries, in milliseconds."""
    times = []
    for _run in range(RUNS):
        for text in texts:
            began = time.perf_counter()
            action(text)
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args()
    with scratch(options.engine):
        from django.core.cache import cache
        from django.db import connection

        register_kind(Texts())
        print(f"{options.engine}")
        print(
            f"{'documents':>10}{'indexed/s':>11}{'found':>8}{'raw ms':>9}{'page ms':>9}"
            f"{'page/raw':>10}{'filtered ms':>13}"
        )
        made = 0
        for size in sorted(options.sizes):
            rate = grow(made, size)
            made = size
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM ANALYZE")
            cache.clear()
            texts = queries(size)
            totals = [page(text) for text in texts]
            for text in texts:
                raw(options.engine, text)
            alone = median(lambda text: raw(options.engine, text), texts)
            whole = median(page, texts)
            filtered = median(
                lambda text: page(text, filters={"principle": ["principle-1"], "year": ["2020"]}),
                texts,
            )
            print(
                f"{size:>10}{rate:>11.0f}{statistics.median(totals):>8.0f}{alone:>9.2f}"
                f"{whole:>9.2f}{whole / alone:>10.1f}{filtered:>13.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
