"""A practice that was retired: its address tells so, and leads to what took its place."""

from django.shortcuts import render

from contributions.models import Contribution
from core import languages
from core.text import number_sent
from practices.enums import Audience
from practices.models import PracticePage


def retired_page(request, slug: str):
    """
    Return the answer for the address of a retired practice (410: gone for good), None where nothing
    was retired there. It tells the title, as the address did, and the public one in its favour.
    """
    number = slug.rpartition("-")[2]
    if not number_sent(number):
        return None
    pages = PracticePage.objects.filter(
        slug__endswith=f"-{number}", live=False, audience=Audience.PUBLIC
    )
    found = (
        Contribution.objects.filter(page__in=pages.values("pk"), archived_at__isnull=False)
        .select_related("page", "page__locale")
        .first()
    )
    if found is None:
        return None
    successor = None
    if found.successor_id:
        # Whichever language the editor chose, the reader is led to the nearest.
        chosen = PracticePage.objects.filter(pk=found.successor_id)
        successor = (
            PracticePage.objects.visible()
            .filter(translation_key__in=chosen.values("translation_key"))
            .nearest_to(languages.current())
            .select_related("locale")
            .first()
        )
    return render(
        request,
        "practices/retired.html",
        {"page": found.page, "retired_at": found.archived_at, "successor": successor},
        status=410,
    )
