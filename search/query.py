"""
From what a reader typed to what the engines look for.

Each word of a query becomes a group of alternatives: the word itself, its readings in other
languages, forms that the vocabulary knows, names of the same thing from the termbase. An
alternative is one stem or a phrase of several, with a weight. The plan is the same for every
engine; it takes four queries to the database at most, whatever the query.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import log

from django.core.cache import caches
from django.db.models import Avg, Count, Q
from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.analysis import LATIN_LANGUAGES, Word, bare, skeleton, stem_of, words
from search.models import SearchDocument, SearchWord, Term
from search.stopwords import ENGLISH

LONGEST_QUERY = 200  # characters
MOST_WORDS = 12  # of a query; the rest of a pasted paragraph adds nothing
MOST_ALTERNATIVES = 16  # of a word
LONGEST_TERM = 5  # words
TOTALS_KEPT = 60  # seconds

# How much an alternative counts beside the word itself.
OTHER_READING = 0.7  # the word read in another language that is written in Latin letters
CLITIC = 0.9  # with or without a preposition of one letter before it
BROKEN_PLURAL = 0.4  # another word of the same consonants
SYNONYM = 0.7
TRANSLATION = 0.7
PART_OF_TERM = 0.5  # a word that stands in a longer term is seldom meant alone
BEGINNING = 0.6
SPELLINGS = {1: 0.8, 2: 0.55}  # by how many letters it differs
TYPING_ERRORS = (5, 8)  # letters from which a word may have one error, two
PREPOSITIONS = "بلكفو"

UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def normalised(query: str) -> tuple[str, bool]:
    """
    Return a query without what no text holds, its spaces folded, and whether it was cut.

    Never fails, whatever is typed: control characters and lone surrogates are spaces.
    """
    whole = " ".join(UNSTORABLE.sub(" ", query[: 50 * LONGEST_QUERY]).split())
    return whole[:LONGEST_QUERY].rstrip(), len(whole) > LONGEST_QUERY


@dataclass(frozen=True)
class Alternative:
    """
    One thing to look for.

    :ivar stems: one, or several that follow each other
    :ivar weight: how much finding it counts, 1 for the word itself
    :ivar rarity: its inverse document frequency
    """

    stems: tuple[str, ...]
    weight: float
    rarity: float = 1.0


@dataclass(frozen=True)
class Group:
    """What a word of the query may be found by."""

    word: Word
    alternatives: tuple[Alternative, ...]

    @property
    def rarity(self) -> float:
        """How much the word tells: the rarity of what is nearest to it."""
        return self.alternatives[0].rarity

    @property
    def tiers(self) -> list[tuple[float, list[Alternative]]]:
        """The alternatives that count nearly as much as the word, and the others."""
        near = [one for one in self.alternatives if one.weight >= 0.8]
        far = [one for one in self.alternatives if one.weight < 0.8]
        return [(weight, tier) for weight, tier in ((1.0, near), (0.5, far)) if tier]


@dataclass(frozen=True)
class Plan:
    """
    What the engines look for.

    :ivar groups: one for each word that can be searched
    :ivar corrected: the query in the spelling of the vocabulary, "" where there is none better
    :ivar all_corrected: whether no word of it is known as it was typed
    :ivar average_length: of documents, in stems
    """

    groups: tuple[Group, ...]
    language: str
    corrected: str = ""
    all_corrected: bool = False
    average_length: float = 100.0

    def needed(self, every_word: bool) -> int:
        """In how many groups a document must be found."""
        count = len(self.groups)
        return count if every_word else (1 if count <= 3 else count // 2)


@dataclass
class _Reading:
    """A word of the query under construction."""

    word: Word
    stems: dict[str, str]  # by language
    known: bool = False
    found: dict[tuple[str, ...], float] = field(default_factory=dict)

    def add(self, stems: tuple[str, ...], weight: float) -> None:
        if weight > self.found.get(stems, 0):
            self.found[stems] = weight


def plan_of(query: str, language: str, *, far: bool = False) -> Plan:
    """
    Return what to look for.

    :param query: as `normalised` returns it
    :param language: the reader's, in which words in Latin letters are read first
    :param far: whether to look further for unknown words, as nothing else was found: one more
        letter may differ, and a word of the same root will do
    """
    readings = _read(query, language)
    if not readings:
        return Plan((), language)
    vocabulary = _vocabulary(readings)
    for reading in readings:
        _add_known(reading, vocabulary)
    corrections = _add_unknown(readings, far)
    _add_terms(readings)
    documents, average = _totals()
    wanted = set(chain.from_iterable(stems for one in readings for stems in one.found))
    vocabulary.read(wanted - vocabulary.asked)
    groups = []
    for reading in readings:
        ranked = sorted(reading.found.items(), key=lambda pair: -pair[1])[:MOST_ALTERNATIVES]
        groups.append(
            Group(
                reading.word,
                tuple(
                    Alternative(stems, weight, vocabulary.rarity(stems, documents))
                    for stems, weight in ranked
                ),
            )
        )
    return Plan(
        tuple(groups),
        language,
        corrected=_corrected(query, corrections),
        all_corrected=bool(corrections) and all(one.word.folded in corrections for one in readings),
        average_length=average,
    )


def _read(query: str, language: str) -> list[_Reading]:
    """Read each word of a query once, in its own language and the others that it may be in."""
    readings: dict[str, _Reading] = {}
    for word in words(query, language):
        if word.stem in readings or len(readings) == MOST_WORDS:
            continue
        # Of a Latin word typed by a reader of another script nobody knows the language.
        if language not in LATIN_LANGUAGES and word.folded in ENGLISH:
            continue
        stems = {word.language: word.stem}
        if word.language in LATIN_LANGUAGES and word.folded[0].isascii() and word.folded.isalpha():
            for code in LATIN_LANGUAGES:
                if code not in stems and (stem := stem_of(word.folded, code)):
                    stems[code] = stem
        reading = readings[word.stem] = _Reading(word, stems)
        for code, stem in stems.items():
            reading.add((stem,), 1.0 if code == word.language else OTHER_READING)
    return list(readings.values())


class _Vocabulary:
    """What the table of words knows of some stems."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.documents: dict[str, int] = defaultdict(int)
        self.by_skeleton: dict[str, dict[str, int]] = defaultdict(dict)

    def read(self, stems: Iterable[str], skeletons: Iterable[str] = ()) -> None:
        stems, skeletons = set(stems), set(skeletons)
        if not stems and not skeletons:
            return
        self.asked |= stems
        condition = Q(stem__in=stems)
        if skeletons:
            condition |= Q(skeleton__in=skeletons)
        counted = SearchWord.objects.filter(condition).values_list("stem", "skeleton", "documents")
        for stem, bones, number in counted:
            self.documents[stem] += number
            if bones:
                self.by_skeleton[bones][stem] = self.documents[stem]

    def rarity(self, stems: Sequence[str], documents: int) -> float:
        """
        Return the inverse document frequency of a phrase, the mean of its stems'.

        As in BM25 (Robertson, Zaragoza 2009), never below zero. The forms of a stem are counted
        one by one, so a document with two of them counts twice: near enough.
        """
        total = 0.0
        for stem in stems:
            number = min(self.documents.get(stem, 0), documents)
            total += log(1 + (documents - number + 0.5) / (number + 0.5))
        return total / len(stems)


def _vocabulary(readings: Sequence[_Reading]) -> _Vocabulary:
    vocabulary = _Vocabulary()
    stems: set[str] = set()
    bones: set[str] = set()
    for reading in readings:
        stems.update(reading.stems.values())
        if reading.word.language == "ar":
            stems.update(_with_clitics(reading.word.stem))
            bones.add(skeleton(reading.word.stem))
    vocabulary.read(stems, bones - {""})
    return vocabulary


def _with_clitics(stem: str) -> Iterator[str]:
    """Yield an Arabic stem with each preposition of one letter, and without the one it may have."""
    yield from (letter + stem for letter in PREPOSITIONS)
    if stem[0] in PREPOSITIONS and len(stem) > 3:
        yield stem[1:]


def _add_known(reading: _Reading, vocabulary: _Vocabulary) -> None:
    """Add the forms that stand in some document."""
    stem = reading.word.stem
    reading.known = any(vocabulary.documents.get(one) for one in reading.stems.values())
    if reading.word.language != "ar" or stem.isdecimal():
        return
    for other in _with_clitics(stem):
        if vocabulary.documents.get(other):
            # A letter taken off may be one of the word's own.
            reading.add((other,), CLITIC if len(other) > len(stem) or not reading.known else 0.3)
            reading.known = True
    others = vocabulary.by_skeleton.get(skeleton(stem), {})
    for other in sorted(others, key=lambda one: -others[one])[:6]:
        reading.add((other,), BROKEN_PLURAL)
        reading.known = True


def _add_unknown(readings: Sequence[_Reading], far: bool) -> dict[str, str]:
    """
    Add to words that no document has what may be meant: words that begin so, and near spellings.

    A word of the termbase is spelt right, and left alone unless nothing else was found.

    :param far: as for `plan_of`
    :returns: the likely spelling, as documents write it, by the word as it was folded
    """
    unknown = [one for one in readings if not one.known and len(one.word.folded) >= 3]
    unknown = [one for one in unknown if not one.word.folded.isdecimal()]
    if not unknown:
        return {}
    if not far:
        in_terms = _stems_of_terms(unknown)
        unknown = [one for one in unknown if not in_terms.intersection(one.stems.values())]
    near = _near_words([_typed(one, far) for one in unknown])
    corrections = {}
    for reading in unknown:
        typed, codes, off, root = _typed(reading, far)
        stems_of: dict[str, set[str]] = defaultdict(set)  # in each language that reads it
        numbers: Counter[str] = Counter()
        written: dict[str, str] = {}
        for code, short, form, stem, number in near:
            if code in codes and (abs(len(short) - len(typed)) <= off or short.startswith(root)):
                stems_of[short].add(stem)
                written.setdefault(short, form)
                numbers[short] += number
        begun = [short for short in stems_of if short.startswith(root) and short != typed]
        for short in sorted(begun, key=lambda one: -numbers[one])[:6]:
            for stem in stems_of[short]:
                reading.add((stem,), BEGINNING)
        close = process.extract(
            typed, stems_of.keys(), scorer=OSA.distance, score_cutoff=off, limit=40
        )
        best = sorted(close, key=lambda one: (one[1], one[0][0] != typed[0], -numbers[one[0]]))
        for short, distance, _place in best[:4]:
            for stem in stems_of[short]:
                reading.add((stem,), SPELLINGS.get(int(distance), 0.9))
        if best or (far and begun):
            likely = best[0][0] if best else max(begun, key=lambda one: numbers[one])
            article = reading.word.folded.removesuffix(typed)
            corrections[reading.word.folded] = article + written[likely]
            # From here on it is read as its likely spelling, for the termbase too.
            for code in codes:
                if stem := stem_of(likely, code):
                    reading.stems[code] = stem
    return corrections


def _typed(reading: _Reading, far: bool) -> tuple[str, list[str], int, str]:
    """
    Return a word as spellings are compared, the languages to look in, how many letters may differ,
    and with what other words must begin.
    """
    folded, code = reading.word.folded, reading.word.language
    typed = bare(folded) if code == "ar" else folded
    latin = code in LATIN_LANGUAGES and folded[0].isascii()
    # A short word is near to too many others.
    off = sum(len(typed) >= length for length in TYPING_ERRORS) + far
    root = typed[: max(5, len(typed) * 2 // 3)] if far else typed
    return typed, list(LATIN_LANGUAGES) if latin else [code], min(off, 2), root


def _near_words(
    wanted: Sequence[tuple[str, list[str], int, str]],
) -> list[tuple[str, str, str, str, int]]:
    """Return what may be meant: language, bare word, its writing, stem, documents. One query."""
    condition = Q()
    for typed, codes, off, root in wanted:
        length = Q(length__gte=len(typed) - off, length__lte=len(typed) + off)
        condition |= (length | Q(bare__startswith=root)) & Q(language__in=codes)
    found = SearchWord.objects.filter(condition) if wanted else SearchWord.objects.none()
    return list(found.values_list("language", "bare", "written", "stem", "documents"))


def _stems_of_terms(readings: Sequence[_Reading]) -> set[str]:
    """Return which of the stems of some words stand in the termbase as a term of their own."""
    stems = set(chain.from_iterable(one.stems.values() for one in readings))
    return set(Term.objects.filter(stems__in=stems).values_list("stems", flat=True))


def _add_terms(readings: Sequence[_Reading]) -> None:
    """Add what the termbase calls the same things, in the query's language and in others."""
    spans: dict[tuple[str, str], set[tuple[int, int]]] = defaultdict(set)
    for code in {code for one in readings for code in one.stems}:
        for start in range(len(readings)):
            some: list[str] = []
            for end in range(start, min(start + LONGEST_TERM, len(readings))):
                stem = readings[end].stems.get(code)
                if stem is None:
                    break
                some.append(stem)
                spans[code, " ".join(some)].add((start, end + 1))
    phrases = {phrase for _code, phrase in spans}
    if not phrases:
        return
    rows = Term.objects.filter(
        concept__in=Term.objects.filter(stems__in=phrases).values("concept")
    ).values_list("concept", "language", "stems")
    concepts: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for concept, code, phrase in rows:
        concepts[concept].append((code, phrase))
    found = [
        (span, code, phrase, terms)
        for terms in concepts.values()
        for code, phrase in terms
        for span in spans.get((code, phrase), ())
    ]
    longest = [span for span, *_rest in found]
    for (start, end), code, phrase, terms in found:
        inside = any(a <= start and end <= b and b - a > end - start for a, b in longest)
        factor = PART_OF_TERM if inside else 1.0
        for other_code, other in terms:
            if other == phrase or not other:
                continue
            weight = factor * (SYNONYM if other_code == code else TRANSLATION)
            for reading in readings[start:end]:
                reading.add(tuple(other.split()), weight)


def _corrected(query: str, corrections: dict[str, str]) -> str:
    """Return a query with its unknown words in their likely spelling."""
    if not corrections:
        return ""
    result, end = [], 0
    for word in words(query, "fr"):
        if word.folded in corrections:
            result += [query[end : word.start], corrections[word.folded]]
            end = word.end
    return "".join([*result, query[end:]])


def _totals() -> tuple[int, float]:
    """Return how many documents there are, and their average length; kept for a minute."""
    kept = caches["content"].get("search-totals")
    if kept is None:
        found = SearchDocument.objects.found().aggregate(Count("pk"), Avg("length"))
        kept = found["pk__count"], float(found["length__avg"] or 1)
        caches["content"].set("search-totals", kept, TOTALS_KEPT)
    return kept
