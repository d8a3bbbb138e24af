"""Whether what a practice tells is still true, as its page and lists show it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from practices.enums import Origin
from practices.models import PracticeIndicator, PracticePage

AGEING_AFTER = timedelta(days=730)


class Shown(NamedTuple):
    """
    What is told of a practice.

    :param on: when it was last confirmed; None where nobody knows
    :param is_confirmed: whether somebody who answers for it did so, and not those who compiled it
    """

    on: datetime | None
    is_ageing: bool
    is_confirmed: bool


class _Known(NamedTuple):
    on: datetime | None
    by: int | None


def _known(pages: Iterable[PracticePage]) -> dict[Any, _Known]:
    """
    Return when practices were last confirmed and by whom, by their translation keys; one query.

    What stands in `Freshness`; of what was published before that was kept, when the version that
    stands for all was published last.
    """
    rows = (
        PracticePage.objects.filter(translation_key__in={one.translation_key for one in pages})
        .order_by("pk")
        .values_list(
            "translation_key",
            "last_published_at",
            "freshness__confirmed_at",
            "freshness__confirmed_by",
        )
    )
    known: dict[Any, _Known] = {}
    kept: set[Any] = set()
    for key, published, confirmed, person in rows:
        if confirmed and key not in kept:
            kept.add(key)
            known[key] = _Known(confirmed, person)
        elif known.get(key, _Known(None, None)).on is None:
            known[key] = _Known(published, None)
    return known


def is_old(moment: datetime | None) -> bool:
    return moment is not None and moment < timezone.now() - AGEING_AFTER


def freshness_of(page: PracticePage) -> dict[str, Shown]:
    """Return what the page of a practice shows of it (`practices/freshness/note.html`)."""
    on, person = _known([page]).get(page.translation_key, _Known(page.last_published_at, None))
    is_confirmed = person is not None or page.origin == Origin.MEMBER
    return {"freshness": Shown(on, is_old(on), is_confirmed)}


def mark_ageing(pages: Sequence[PracticePage]) -> Sequence[PracticePage]:
    """Tell each practice of a list whether it is ageing (`is_ageing`); one query."""
    known = _known(pages)
    for page in pages:
        page.is_ageing = is_old(known[page.translation_key].on)
    return pages


def figures_without_source(page: PracticePage) -> list[PracticeIndicator]:
    """Return the figures of a page, published or a draft, that lack their source or their date."""
    return [row for row in page.indicators.all() if not (row.source and row.date)]
