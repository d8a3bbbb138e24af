"""
What people searched and did not find, for editors.

Only the words are kept, with how often and when; nothing of who searched. What may hold personal
data is not kept at all: addresses, numbers as long as a telephone's, long texts. What nobody
searched again for a year is deleted.
"""

import logging
import re
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from core import outbox
from search.analysis import fold
from search.models import MissedSearch
from search.services import SearchResults

logger = logging.getLogger(__name__)

LONGEST = 60  # letters
MOST = 5000  # rows; a flood of nonsense must not fill the disk
KEPT = timedelta(days=365)
PERSONAL = re.compile(r"@|\d{5}|https?:", re.IGNORECASE)


def note(results: SearchResults, language: str) -> None:
    """
    Count a search without result. Never fails: a search is worth more than its count.

    :param results: those whose query was narrowed by filters or corrected do not count
    :param language: the reader's
    """
    folded = fold(results.query)
    answered = results.total and not results.corrected
    chosen = results.chosen or any(section.chosen for section in results.sections)
    narrowed = chosen or results.own_language or results.ignored or results.page > 1
    if answered or narrowed or not 2 <= len(folded) <= LONGEST:
        return
    if PERSONAL.search(re.sub(r"(?<=\d)[\W_]+(?=\d)", "", results.query)):
        return
    now = timezone.now()
    try:
        with transaction.atomic():
            seen = MissedSearch.objects.filter(language=language, folded=folded)
            if seen.update(count=F("count") + 1, last_at=now):
                return
            if MissedSearch.objects.count() < MOST:
                one = MissedSearch(language=language, folded=folded, query=results.query[:LONGEST])
                MissedSearch.objects.bulk_create([one], ignore_conflicts=True)
    except DatabaseError:
        logger.warning("a search without result could not be counted", exc_info=True)


@outbox.periodic("clear-missed-searches", every=timedelta(days=1))
def clear_missed() -> None:
    """Delete what nobody searched for a year."""
    MissedSearch.objects.filter(last_at__lt=timezone.now() - KEPT).delete()
