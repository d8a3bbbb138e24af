"""
The order of the first results: the same on every engine.

The engines find the candidates and put them in a rough order of their own, each with what it has;
the first ones (`WINDOW`) are then scored here, by BM25 over the fields together (BM25F: S.
Robertson, H. Zaragoza, M. Taylor, "Simple BM25 Extension to Multiple Weighted Fields", CIKM 2004),
with the document frequencies of our own table.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from math import log2

from search.models import SearchDocument
from search.query import Alternative, Plan

WINDOW = 60  # how many of the first results are scored; the others keep the engine's order
FIELDS = {"title_stems": 4.0, "summary_stems": 2.0, "body_stems": 1.0, "other_stems": 0.5}
SATURATION, LENGTH_SHARE = 1.2, 0.5  # BM25's k1 and b
TOGETHER = 0.35  # words that follow each other in the query and in the document
SECOND_BEST = 0.15  # of the other alternatives of a word, beside the best
COVERAGE = 1.0  # the more of the query's words, by their rarity, a document answers
OTHER_LANGUAGE = 0.6
FRESH, FRESH_FOR = 0.04, 730.0  # at most, and the days after which it is half
ADOPTED = 0.02  # for each doubling of the number of adoptions


class Scored:
    """A document opened up for scoring: its fields as text and as counts."""

    def __init__(self, document: SearchDocument) -> None:
        self.document = document
        # Spaces around, so that a phrase is found as a text between spaces.
        self.texts = {name: f" {getattr(document, name)} " for name in FIELDS}
        self.counts = {name: Counter(text.split()) for name, text in self.texts.items()}

    def frequency(self, stems: Sequence[str]) -> float:
        """Return how often a stem or a phrase stands in it, the fields weighted."""
        if len(stems) == 1:
            return sum(weight * self.counts[name][stems[0]] for name, weight in FIELDS.items())
        phrase = f" {' '.join(stems)} "
        return sum(weight * self.texts[name].count(phrase) for name, weight in FIELDS.items())


def score(document: SearchDocument, plan: Plan, now: datetime) -> float:
    """
    Return how well a document answers a query; only the order of scores means anything.

    :param now: the moment for freshness
    """
    opened = Scored(document)
    long = document.length / plan.average_length
    norm = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * long)

    def of(one: Alternative) -> float:
        frequency = opened.frequency(one.stems)
        return one.weight * one.rarity * frequency * (SATURATION + 1) / (frequency + norm)

    total = covered = 0.0
    for group in plan.groups:
        scores = sorted(map(of, group.alternatives), reverse=True)
        total += scores[0] + SECOND_BEST * sum(scores[1:3])
        covered += group.rarity * bool(scores[0])
    for first, second in zip(plan.groups, plan.groups[1:], strict=False):
        pair = Alternative(
            (first.word.stem, second.word.stem), TOGETHER, (first.rarity + second.rarity) / 2
        )
        total += of(pair)
    whole = sum(group.rarity for group in plan.groups)
    if whole:
        total *= (covered / whole) ** COVERAGE
    if document.language != plan.language:
        total *= OTHER_LANGUAGE
    if document.date:
        age = max((now - document.date).days, 0)
        total *= 1 + FRESH * 0.5 ** (age / FRESH_FOR)
    return total * (1 + ADOPTED * min(log2(1 + document.adoptions), 5))


def in_order(documents: Sequence[SearchDocument], plan: Plan, now: datetime):
    """Return documents in the order of their scores; of equal ones the newer first."""
    scores = {document.pk: score(document, plan, now) for document in documents}
    return sorted(documents, key=lambda one: (-scores[one.pk], -one.number, one.pk))
