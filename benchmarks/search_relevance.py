"""
How well the search finds what people look for: nDCG@10, recall@10 and empty answers.

Run with `.venv/bin/python benchmarks/search_relevance.py [--engine sqlite] [--collection FOLDER]
[--run FILE]`. The collection's documents go into a scratch database and index, the queries through
the call of the search page; nothing is left behind. A folder holds `docs.jsonl` (id, lang, title,
summary, body, principles) and `queries.jsonl` (qid, lang, query, relevant: {id: grade 1-3}).

nDCG as by K. Järvelin and J. Kekäläinen (2002), with gains of 2^grade - 1 (C. Burges et al. 2005);
recall is of grades 2 and 3. `--run` writes a line of JSON per query: qid and the ranked ids.
"""

import argparse
import json
import sys
from collections import defaultdict
from math import log2
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from scratch import ENGINES, scratch

HERE = Path(__file__).resolve().parent
DEPTH = 10


def read(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]


def load(rows: list[dict]) -> None:
    """Put the documents of a collection into the index, each as a thing of its own."""
    from django.core.management import call_command

    from search.concepts import load_seed
    from search.copies import copy_documents
    from search.documents import BATCH, index_groups
    from search.engines import remote_engine
    from search.registry import Document, SearchKind, register

    documents = {
        str(number): Document(
            key=str(number),  # whatever the collection's own ids look like
            language=row["lang"],
            path=f"/{number}/",
            title=row["title"],
            summary=row.get("summary") or "",
            body=row.get("body") or "",
            labels={"principle": row.get("principles") or []},
        )
        for number, row in enumerate(rows)
    }
    register(
        SearchKind(
            name="collection",
            label=lambda: "Collection",
            groups=lambda: list(documents),
            documents=lambda keys: {key: [documents[key]] for key in keys},
            load=lambda keys, language: [],
        )
    )
    load_seed()
    call_command("import_collectivities", verbosity=0)  # their names stand for each other
    groups = list(documents)
    for start in range(0, len(groups), BATCH):
        index_groups("collection", groups[start : start + BATCH])
    if remote_engine():
        from search.copies import writer
        from search.engines.elasticsearch import alias

        copy_documents()
        writer().indices.refresh(index=alias())


def gain(grade: int) -> float:
    return 2**grade - 1


def discounted(grades: list[int]) -> float:
    return sum(gain(grade) / log2(place + 2) for place, grade in enumerate(grades))


def measures(ranked: list[str], relevant: dict[str, int]) -> tuple[float, float | None, bool]:
    """Return nDCG, recall of what has grade 2 or 3 (None without any), and whether it is empty."""
    best = discounted(sorted(relevant.values(), reverse=True)[:DEPTH])
    ndcg = discounted([relevant.get(one, 0) for one in ranked[:DEPTH]]) / best if best else 0.0
    good = {one for one, grade in relevant.items() if grade >= 2}
    recall = len(good.intersection(ranked[:DEPTH])) / min(len(good), DEPTH) if good else None
    return ndcg, recall, not ranked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--collection", type=Path, default=HERE / "collection")
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--run", type=Path, help="where to write the ranked ids")
    parser.add_argument("--kinds", action="store_true", help="tell the kinds of queries apart too")
    parser.add_argument("--worst", type=int, default=0, help="how many of the worst to list")
    options = parser.parse_args()
    documents = read(options.collection / "docs.jsonl")
    queries = read(options.collection / "queries.jsonl")
    ids = [str(row["id"]) for row in documents]
    languages = {str(row["id"]): row["lang"] for row in documents}
    with scratch(options.engine):
        from search.services import search

        load(documents)
        results: dict[str, list[tuple]] = defaultdict(list)
        worst, lines = [], []
        for query in queries:
            found = search(query["query"], query["lang"])
            if found.engine != options.engine or found.degraded:
                raise SystemExit(f"{found.engine} answered instead of {options.engine}")
            ranked = [ids[int(hit.document.key)] for hit in found.hits]
            lines.append(json.dumps({"qid": query["qid"], "ranked": ranked}))
            one = measures(ranked, query["relevant"])
            own = any(languages.get(pk) == query["lang"] for pk in query["relevant"])
            results["all"].append(one)
            results[query["lang"] if own else "across"].append(one)
            if options.kinds:
                results[f"  {query['lang']} {query.get('kind', '')}"].append(one)
            worst.append((one[0], query["lang"], query["query"], ranked[:5], query["relevant"]))
    if options.run:
        options.run.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{options.engine}, {len(documents)} documents, {len(queries)} queries")
    print(f"{'':<24}{'queries':>8}{'nDCG@10':>9}{'recall@10':>11}{'empty':>7}")
    first = ("all", "ar", "fr", "en", "zgh", "across")
    for name in [*first, *sorted(set(results) - set(first))]:
        if some := results.get(name):
            recalls = [recall for _ndcg, recall, _empty in some if recall is not None]
            ndcg = sum(one for one, *_rest in some) / len(some)
            recall = sum(recalls) / len(recalls) if recalls else 0.0
            empty = sum(one for *_rest, one in some) / len(some)
            print(f"{name:<24}{len(some):>8}{ndcg:>9.3f}{recall:>11.3f}{empty:>7.3f}")
    for ndcg, language, query, ranked, relevant in sorted(worst)[: options.worst]:
        print(f"{ndcg:.2f} {language} {query}\n     {ranked}\n     {relevant}")


if __name__ == "__main__":
    main()
