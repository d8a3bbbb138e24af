"""What practices tell of a member's work for the charter: they make collectivities visible."""

from collections import defaultdict
from collections.abc import Iterator

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core import languages
from core.text import sentence, spoken
from members.enums import CharterCommitment
from members.models import Collectivity
from members.registry import Evidence, EvidenceSource, register_evidence_source
from practices.models import PracticePage


def practices(collectivity: Collectivity, language: str) -> Iterator[Evidence]:
    """
    Give the published practices that concern a collectivity, each on the day of its first version,
    and their translations.
    """
    rows = (
        PracticePage.objects.visible()
        .filter(collectivity_links__collectivity=collectivity, first_published_at__isnull=False)
        .order_by("first_published_at", "pk")
        .values_list(
            "translation_key", "locale__language_code", "title", "slug", "first_published_at"
        )
    )
    versions = defaultdict(list)
    for key, *version in rows.distinct():
        versions[key].append(version)
    order = languages.FALLBACKS[language]
    for told in versions.values():
        code, title, *_rest = min(told, key=lambda version: order.index(version[0]))
        title = spoken(title, code)
        address = reverse("practice", args=[told[0][2]])
        for number, (code, _title, _slug, published) in enumerate(told):
            yield Evidence(
                on=localtime(published).date(),
                commitment=CharterCommitment.VISIBILITY,
                text=_published(title) if number == 0 else _translated(title, code),
                address=address,
            )


def _published(title: SafeString) -> SafeString:
    return sentence(_("Practice published: %(title)s"), title=title)


def _translated(title: SafeString, code: str) -> SafeString:
    words = {
        "ar": _("Practice translated into Arabic: %(title)s"),
        "fr": _("Practice translated into French: %(title)s"),
        "en": _("Practice translated into English: %(title)s"),
        "zgh": _("Practice translated into Tamazight: %(title)s"),
    }
    return sentence(words[code], title=title)


register_evidence_source(EvidenceSource("practices", practices))
