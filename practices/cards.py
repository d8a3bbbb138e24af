"""
The drawn card of a practice: what it shows, its address, its file.

A card's address ends with a fingerprint of all that is drawn. So it may be kept for ever, and a
changed title has a card of its own. The worker draws; a request only hands out what is there.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.dispatch import receiver
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.signals import page_published, page_unpublished

from core import languages, outbox
from core.card import DRAWING, Card, Figure, draw_practice_card
from core.labels import in_language
from core.numbers import format_number, format_percent
from core.outbox.registry import Payload
from core.vocabularies import Principle
from members.models import Collectivity
from practices.hidden import nameless
from practices.models import PracticeIndicator, PracticePage

JOB = "practice-card"
NAMED = 2  # collectivities, as on the page
ROSE = settings.BASE_DIR / "templates" / "parts" / "rose.html"
# No font of ours has the letters of Tamazight: a version written in it shows the site's card.
DRAWN_LANGUAGES = ("ar", "fr", "en")


def card_of(
    page: PracticePage,
    *,
    collectivities: Sequence[Collectivity],
    principles: Sequence[Principle],
    proof: PracticeIndicator | None,
) -> Card:
    """
    Return what the card of a practice shows, in the language of the practice.

    It asks nothing of the database where the parents of the collectivities are loaded.
    """
    language = page.language
    with translation.override(language):
        return Card(
            language=language,
            who=nameless(language) if page.hides_collectivity else _who(collectivities, language),
            title=page.title,
            figure=_figure(proof, language) if proof else None,
            principles=tuple(
                (principle.slug, in_language(principle, "label", language)[0])
                for principle in principles
            ),
            network=_("Moroccan Network of Open Territorial Collectivities"),
        )


def _who(collectivities: Sequence[Collectivity], language: str) -> str:
    """Name the collectivities on one line, as `templates/practices/who.html` does."""
    named = [*collectivities[:NAMED]]
    if len(named) == 1 and named[0].parent:
        named.append(named[0].parent)
    who = " · ".join(one.full_name_in(language) for one in named)
    others = len(collectivities) - NAMED
    if others > 0:
        who += " " + ngettext("and %(n)s other", "and %(n)s others", others) % {"n": others}
    return who


def _figure(proof: PracticeIndicator, language: str) -> Figure:
    write = format_percent if proof.unit == "%" else format_number
    return Figure(
        before="" if proof.baseline is None else write(proof.baseline, language),
        after=write(proof.value, language),
        unit="" if proof.unit == "%" else proof.unit,
        measured=proof.name,
    )


def fingerprint(card: Card) -> str:
    """Return 16 characters that differ wherever two cards, or the way of drawing, differ."""
    shown = json.dumps([DRAWING, asdict(card)], ensure_ascii=False)
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def card_url(page: PracticePage, card: Card) -> str | None:
    """Return the path of a practice's card; None in a language that cannot be drawn."""
    if page.language not in DRAWN_LANGUAGES:
        return None
    path = reverse("practice_card", args=[page.slug, fingerprint(card)])
    return languages.path_in(page.language, path)


def load_card(page: PracticePage) -> Card:
    """Return what the card of a practice shows, read from the database."""
    links = page.collectivity_links.select_related("collectivity__parent")
    return card_of(
        page,
        collectivities=[link.collectivity for link in links],
        principles=[link.tag for link in page.principle_links.select_related("tag")],
        proof=page.proof_among(list(page.indicators.all())),
    )


# --- The file -----------------------------------------------------------------------------------


def card_file(page_id: int, mark: str) -> Path:
    """Return where the card of a practice with a fingerprint lies, once it is drawn."""
    return _folder(page_id) / f"{mark}.png"


def _folder(page_id: int) -> Path:
    return Path(settings.MEDIA_ROOT) / "cards" / str(page_id)


def request_card(page_id: int) -> None:
    """Leave the drawing of a practice's card to the worker."""
    outbox.enqueue_many(JOB, {str(page_id): {"page": page_id}})


@receiver([page_published, page_unpublished], sender=PracticePage, dispatch_uid="practice-card")
def _request_card_of_changed_page(instance: PracticePage, **kwargs) -> None:
    request_card(instance.pk)


# Drawing takes a fifth of a second: outside a transaction, which would hold up others on SQLite.
@outbox.handler(JOB, atomic=False, patient=True)
def bring_up_to_date(payload: Payload) -> None:
    """
    Draw the card of a practice if it is not there; delete its earlier ones.

    A practice that nobody may see, or that is gone, is left with none. Done twice, it does no harm:
    the file is put in place whole.
    """
    page_id = payload["page"]
    page = PracticePage.objects.visible().filter(pk=page_id).select_related("locale").first()
    kept = None
    if page and page.language in DRAWN_LANGUAGES:
        card = load_card(page)
        kept = card_file(page_id, fingerprint(card))
        if not kept.exists():
            _save(card, kept)
    for file in _folder(page_id).glob("*.png"):
        if file != kept:
            file.unlink(missing_ok=True)


def _save(card: Card, file: Path) -> None:
    """Write a card whole or not at all."""
    picture = draw_practice_card(card, ROSE)
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    picture.save(unfinished, "PNG", optimize=True)
    os.replace(unfinished, file)
