"""
What a word is to the search engine: the same for texts and for queries, on every engine.

Pure functions. A text is cut into words; each is folded (letters that people write in several ways
become one) and stemmed (its forms become one). `docs/features/search.md` tells it with examples.

The Arabic stemmer follows light10 (L. Larkey, L. Ballesteros, M. Connell, "Light Stemming for
Arabic Information Retrieval", in: Arabic Computational Morphology, Springer 2007), with pronouns
added to its suffixes. French and English are Snowball's, on letters without accents.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

from search.stopwords import ARABIC, ENGLISH, FRENCH, TAMAZIGHT

LONGEST_WORD = 40  # letters; what is longer is no word, and its tail is cut
MOST_STARTS, LONGEST_START = 8, 60  # words from which a title is offered; letters of its rest
LATIN_LANGUAGES = ("fr", "en", "zgh")  # the languages in which a word in Latin letters may be read

# Marks that stand inside a word without being letters: vowel signs and accents, the invisible marks
# for joining, for directions and for hyphenation.
MARKS = (
    "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u00ad\u061c"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
)
WORD = re.compile(rf"[^\W_][^\W_{MARKS}]*(?:[{MARKS}]+[^\W_]*)*")
ARABIC_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

# Letters that no decomposition of Unicode brings together, but people's writing does.
LETTERS = str.maketrans(
    {"ى": "ي", "ی": "ي", "ې": "ي", "ة": "ه", "ە": "ه", "ۃ": "ه", "ٱ": "ا", "ٲ": "ا", "ٳ": "ا"}
    | {"ک": "ك", "گ": "ك", "ڭ": "ك", "ݣ": "ك", "پ": "ب", "چ": "ج", "ڤ": "ف", "ڥ": "ف", "ڨ": "ق"}
    | {"ـ": None, "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
)

TIFINAGH = dict(
    zip(
        "ⴰⴱⴲⴳⴴⴵⴶⴷⴸⴹⴺⴻⴼⴽⴾⴿⵀⵁⵂⵃⵄⵅⵆⵇⵈⵉⵊⵋⵌⵍⵎⵏⵒⵓⵔⵕⵖⵗⵘⵙⵚⵛⵜⵝⵞⵟⵠⵡⵢⵣⵤⵥ",
        "abbggjjdddd fkkkhhhhɛxxqqijjjlmnpurrɣɣjssc"  # "e" is not always written: it goes
        "ttctvuizzz",
        strict=True,
    )
)
TIFINAGH_TO_LATIN = str.maketrans(
    {letter: latin.strip() for letter, latin in TIFINAGH.items()}
    | {"ⵐ": "ni", "ⵑ": "ng", "ⵯ": "", "\u2d7f": ""}
)
# How Tamazight is typed on a Latin keyboard; two letters for one sound first.
LATIN_SPELLINGS = (
    *(("gh", "ɣ"), ("kh", "x"), ("sh", "c"), ("ch", "c"), ("dj", "j"), ("ou", "u")),
    *(("th", "t"), ("dh", "d"), ("ε", "ɛ"), ("w", "u"), ("y", "i"), ("e", "")),
)


class Word(NamedTuple):
    """
    A word of a text that can be searched.

    :ivar start: where it begins in the text, as it was written
    :ivar end: where it ends
    :ivar written: as it stands there
    :ivar folded: the word in one way of writing
    :ivar stem: what stands for all its forms
    :ivar language: the one whose stemmer was used
    """

    start: int
    end: int
    written: str
    folded: str
    stem: str
    language: str


def fold(text: str) -> str:
    """
    Return a text's words in one way of writing, parted by one space. Nothing is left out.

    >>> fold("Élan de l’Été"), fold("الإِدارَةُ"), fold("٢٠٢٤")
    ('elan de l ete', 'الاداره', '2024')
    """
    return " ".join(word for match in WORD.finditer(text) for word in _folded(match.group()))


def words(text: str, language: str) -> list[Word]:
    """
    Return the words of a text that can be searched, without those that say nothing.

    The script of a word decides on its language; in Latin letters it is read in the text's
    language, in an Arabic text in French, which such texts quote.

    :param text: plain text, of any length
    :param language: the text's
    """
    return list(_words(text, language))


def _words(text: str, language: str) -> Iterator[Word]:
    for match in WORD.finditer(text):
        written = match.group()
        for folded in _folded(written):
            spoken = language_of(folded, language)
            stem = stem_of(folded, spoken)
            if stem:
                yield Word(match.start(), match.end(), written, folded, stem, spoken)


def plainly(word: Word) -> str:
    """
    Return a word as it is written, without vowel signs and in small letters, for a suggestion.

    >>> [plainly(word) for word in words("المِيزانيةُ Pétition", "ar")]
    ['الميزانية', 'pétition']
    """
    bare_letters = re.sub(f"[ـ{ARABIC_MARKS}]", "", INVISIBLE.sub("", word.written))
    return unicodedata.normalize("NFC", bare_letters).lower()


def stems(text: str, language: str) -> str:
    """Return what is indexed of a text: the stems of its words, parted by one space."""
    return " ".join(word.stem for word in _words(text, language))


def starts(text: str) -> set[str]:
    """
    Return a short text, folded, from each of its first words on, without the Arabic article too.

    >>> sorted(starts("Budget participatif"))
    ['budget participatif', 'participatif']
    """
    parts = fold(text).split()
    found = set()
    for n, word in enumerate(parts[:MOST_STARTS]):
        rest = " ".join(parts[n:])
        found.add(rest[:LONGEST_START])
        if (short := bare(word)) != word:
            found.add(rest[len(word) - len(short) :][:LONGEST_START])
    return found


@lru_cache(maxsize=50_000)
def _folded(written: str) -> tuple[str, ...]:
    """Return a written word folded; a ligature such as "ﷺ" may stand for several words."""
    # Twice: letters such as "𝐀" come apart into capitals, and some small ones come apart again.
    small = unicodedata.normalize("NFKD", INVISIBLE.sub("", written)).casefold()
    decomposed = unicodedata.normalize("NFKD", small)
    letters = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(LETTERS)
    digits = "".join(
        c if c.isascii() or (value := unicodedata.digit(c, None)) is None else str(value)
        for c in letters
    )
    return tuple(part[:LONGEST_WORD] for part in re.split(r"[\W_]+", digits) if part)


def language_of(folded: str, language: str) -> str:
    """
    Return the language in which a folded word is read.

    :param language: that of the text around it
    """
    first = folded[0]
    if "\u0600" <= first <= "\u06ff":
        return "ar"
    if "\u2d30" <= first <= "\u2d7f":
        return "zgh"
    return language if language in LATIN_LANGUAGES else "fr"


@lru_cache(maxsize=50_000)
def stem_of(folded: str, language: str) -> str:
    """
    Return what stands for all forms of a word; "" for a word that says nothing.

    >>> stem_of("والجماعات", "ar") == stem_of("جماعه", "ar")
    True
    >>> stem_of("participatifs", "fr"), stem_of("la", "fr")
    ('particip', '')
    """
    if folded.isdecimal():
        return folded
    if language == "ar":
        return "" if folded in ARABIC or len(folded) == 1 else _arabic_stem(folded)
    if language == "zgh":
        latin = tamazight(folded)[:LONGEST_WORD]  # "ⵐ" is two letters
        return "" if len(latin) < 2 or latin in TAMAZIGHT else _tamazight_stem(latin)
    if len(folded) == 1:
        return ""  # what is left of an elision, a bullet
    if language == "en":
        return "" if folded in ENGLISH else _english(folded)
    return "" if folded in FRENCH else _french_stem(folded)


# --- Arabic -------------------------------------------------------------------------------------

# Longest first: "and to the", "by the", "the" …
ARABIC_ARTICLES = ("ولل", "فلل", "وال", "بال", "كال", "فال", "لل", "ال")
PRONOUNS = ("هما", "كما", "هم", "هن", "كم", "نا", "ها")
# As in light10, each at most once, in this order.
ARABIC_ENDINGS = ("ان", "ات", "ون", "ين", "يه", "ه", "ي")


def bare(folded: str) -> str:
    """
    Return a folded word without the Arabic conjunction and article before it.

    >>> bare("والشكايات"), bare("budget")
    ('شكايات', 'budget')
    """
    word = folded[1:] if len(folded) > 3 and folded.startswith("و") else folded
    for article in ARABIC_ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= 2:
            return word.removeprefix(article)
    return word


def _arabic_stem(word: str) -> str:
    word = bare(word.replace("ء", "") if len(word) > 3 else word)
    for pronoun in PRONOUNS:
        if word.endswith(pronoun) and len(word) - len(pronoun) >= 3:
            word = word.removesuffix(pronoun)
            if len(word) > 3 and word[-1] == "ت" and word[-2] != "ا":
                word = word[:-1]  # a taa marbuta, written open before a pronoun
            break
    for ending in ARABIC_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= (2 if len(ending) > 1 else 3):
            word = word.removesuffix(ending)
    return word


def skeleton(stem: str) -> str:
    """
    Return an Arabic stem without its long vowels: what a word shares with its broken plural.

    >>> skeleton("عريض") == skeleton("عرايض"), skeleton("مشروع") == skeleton("مشاريع")
    (True, True)

    :returns: "" where under three letters are left, which too many words share
    """
    bare = re.sub("[اويء]", "", stem)
    return bare if len(bare) >= 3 and "\u0600" <= bare[0] <= "\u06ff" else ""


# --- French and English -------------------------------------------------------------------------

_french = lru_cache(maxsize=None)(snowballstemmer.stemmer("french").stemWord)
_english = lru_cache(maxsize=None)(snowballstemmer.stemmer("english").stemWord)

# Words of this field that Snowball would join to words of another meaning: a petition to what is
# small, communication to the commune.
FRENCH_STEMS = {
    "petition": "petition",
    "petitions": "petition",
    "petitionnaire": "petition",
    "petitionnaires": "petition",
    "commune": "commune",
    "communes": "commune",
    "communal": "commune",
    "communale": "commune",
    "communales": "commune",
    "communaux": "commune",
    "communication": "communicat",
    "communications": "communicat",
    "communiquer": "communicat",
}


def _french_stem(word: str) -> str:
    if word in FRENCH_STEMS:
        return FRENCH_STEMS[word]
    # Snowball takes "-er" for a verb's ending, and misses it before an s.
    stem = _french(word[:-1] if word.endswith("ers") and len(word) > 5 else word)
    # "publique" and "public" are one word.
    return f"{stem[:-2]}c" if stem.endswith("qu") and len(stem) > 4 else stem


# --- Tamazight ----------------------------------------------------------------------------------


def tamazight(folded: str) -> str:
    """
    Return a Tamazight word, in Tifinagh or as it is typed in Latin letters, in one way of writing.

    >>> tamazight("ⵜⴰⵎⴰⵣⵉⵖⵜ") == tamazight("tamazight")
    True
    """
    if "\u2d30" <= folded[0] <= "\u2d7f":
        latin = folded.translate(TIFINAGH_TO_LATIN)
    else:
        latin = folded
        for typed, sound in LATIN_SPELLINGS:
            latin = latin.replace(typed, sound)
    return re.sub(r"(.)\1+", r"\1", latin)


def _tamazight_stem(word: str) -> str:
    """Take off what marks gender, number and state: t-…-t, the first vowel, -n, -in, -an."""
    if len(word) >= 5 and word[0] == "t" and word[-1] == "t":
        word = word[1:-1]
    elif len(word) >= 5 and word[:2] in ("ta", "ti", "tu"):
        word = word[1:]
    if len(word) >= 4 and word[0] in "aiu":
        word = word[1:]
    for ending in ("in", "an", "n"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
