"""What a reader may mean who has typed a beginning: titles of what can be found, and terms."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Collate
from django.urls import reverse

from core import languages
from search.analysis import LONGEST_START, fold
from search.models import SearchDocument, SearchPrefix, SearchWord
from search.query import normalised
from search.registry import kinds

SHORTEST = 2  # letters
LOOKED_AT, SHOWN = 60, 8
LAST = "\U0010ffff"  # after every letter


@dataclass(frozen=True)
class Suggestion:
    text: str
    language: str
    path: str
    kind: str


def suggestions(text: str, language: str, audiences: frozenset[str]) -> list[Suggestion]:
    """
    Return what begins with what was typed, at any word of it. One query.

    :param text: what is typed so far
    :param language: the reader's
    :param audiences: the keys that the reader holds
    """
    typed = fold(normalised(text)[0])[:LONGEST_START]
    if len(typed) < SHORTEST:
        return []
    # Compared by letters, whatever the database's locale; its index is so too.
    # A word that no document has would lead nowhere; of several words some will.
    known = Exists(SearchWord.objects.filter(stem=OuterRef("term__stems")))
    start = Collate(F("text"), "C" if connection.vendor == "postgresql" else "BINARY")
    rows = (
        SearchPrefix.objects.alias(start=start)
        .filter(start__gte=typed, start__lt=typed + LAST)
        .filter(
            Q(document__in=SearchDocument.objects.shown(language, audiences).only("pk"))
            | Q(term__language=language)
            & (Q(term__preferred=True, term__stems__contains=" ") | known)
        )
        .select_related("document", "term")
        .defer(*(f"document__{name}" for name in HEAVY))
        .order_by(start)[:LOOKED_AT]
    )
    found: dict[str, tuple[tuple, Suggestion]] = {}
    for row in rows:
        one = _of_document(row.document) if row.document else _of_term(row.term)
        # Whole titles first, then terms, then titles that hold it further behind.
        whole = fold(one.text).startswith(typed)
        place = (not whole, not row.term_id, len(one.text), one.text)
        if one.text not in found or place < found[one.text][0]:
            found[one.text] = (place, one)
    return [one for _place, one in sorted(found.values(), key=lambda pair: pair[0])][:SHOWN]


HEAVY = (
    *("summary", "body", "keywords"),
    *("title_stems", "summary_stems", "body_stems", "other_stems"),
)


def _of_document(document: SearchDocument) -> Suggestion:
    kind = kinds.get(document.kind)
    path = languages.path_in(languages.current(), document.path)
    return Suggestion(document.title, document.language, path, kind.label() if kind else "")


def _of_term(term) -> Suggestion:
    return Suggestion(
        term.text, term.language, f"{reverse('search')}?{urlencode({'q': term.text})}", ""
    )
