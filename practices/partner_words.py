"""
The words of partners as they are shown: beside the practice, in the space of an association; and
what a partner may read.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contributions.registry import register_reader
from core import languages
from members.models import Association, Organisation, User
from members.permissions import standing_of
from members.registry import Matter, SpacePanel, register_space_panel
from practices.models import PartnerWord, PracticePage, PracticeParticipant

SHOWN = 20  # in the space, those that wait first


def is_named() -> Exists:
    """Tell of a word whether the published practice still names the association."""
    return Exists(
        PracticeParticipant.objects.filter(
            practice__translation_key=OuterRef("practice__translation_key"),
            practice__live=True,
            practice__hides_collectivity=False,
            association=OuterRef("association"),
        )
    )


def partner_words_of(page: PracticePage) -> dict[str, Any]:
    """
    Return what the page of a practice shows of its partners' words, the given ones first.

    One query. A word that was given stays when the practice no longer names the association: so
    nobody gets rid of a dissent. Of a practice that hides its collectivity none is shown.
    """
    if page.hides_collectivity:
        return {"partner_words": []}
    words = (
        PartnerWord.objects.filter(practice__translation_key=page.translation_key)
        .select_related("association")
        .annotate(
            is_named=is_named(),
            has_page=Exists(Association.objects.once_public().filter(pk=OuterRef("association"))),
        )
    )
    return {"partner_words": sorted(words, key=lambda word: not word.is_given)}


def matters(organisation: Organisation, person: User) -> Sequence[Matter] | None:
    """Return the words that an association is asked for, then those that it has given."""
    if not isinstance(organisation, Association):
        return None
    words = list(
        PartnerWord.objects.filter(association=organisation)
        .select_related("practice")
        .order_by("-asked_at", "-pk")
    )
    versions = (
        PracticePage.objects.visible_to(person)
        .filter(
            translation_key__in=[word.practice.translation_key for word in words],
            hides_collectivity=False,
        )
        .nearest_to(languages.current())
    )
    titles = dict(versions.values_list("translation_key", "title"))
    shown = [word for word in words if word.practice.translation_key in titles]
    shown.sort(key=lambda word: not word.is_open)
    return [
        Matter(
            text=titles[word.practice.translation_key],
            address=reverse("partner_word", args=[organisation.key, word.pk]),
            note=_note(word),
            is_open=word.is_open,
        )
        for word in shown[:SHOWN]
    ]


def _note(word: PartnerWord) -> str:
    if not word.is_open:
        day = date_format(localtime(word.answered_at), "DATE_FORMAT")
        return _("%(state)s on %(day)s") % {"state": word.get_state_display(), "day": day}
    day = {"day": date_format(localtime(word.asked_at), "DATE_FORMAT")}
    if word.is_given:
        return _("Asked again on %(day)s: there is a new version") % day
    return _("Your word is asked since %(day)s") % day


def reads(person: User) -> Q:
    """
    Let a partner see drafts and files of a practice from the request for its word on, as long as
    the published practice names it.
    """
    mine = [one.association_id for one in standing_of(person).places if one.association_id]
    asked = PartnerWord.objects.filter(
        practice__translation_key=OuterRef("page__translation_key"), association__in=mine
    )
    return Q(Exists(asked.filter(is_named())))


register_space_panel(
    SpacePanel(
        "partner-words",
        gettext_lazy("Asked for your word"),
        matters,
        empty=gettext_lazy("No practice that names you as a partner has been published yet."),
        order=15,
    )
)
register_reader("partners", reads)
