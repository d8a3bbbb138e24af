"""The word of associations that a practice names as partners: asked for, and given."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from core import languages, outbox
from core.audit import record
from core.outbox.registry import Payload
from members.models import Affiliation, Association, User
from members.services.people import names_of
from notifications.services import tell
from practices.enums import Word
from practices.models import PartnerWord, PracticePage, PracticeParticipant, first_version_of
from practices.services.recognition import (
    collectivities_of_practice,
    contributions_of,
    owners_of,
)

JOB = "partner-asked"


class WordRefused(Exception):
    """Nothing was changed; the text says why, in the person's language."""


class WordChanged(Exception):
    """
    The word was asked for anew or given by somebody else since the page was opened; nothing was
    changed.

    :ivar word: as it stands now
    """

    def __init__(self, word: PartnerWord) -> None:
        super().__init__("The word was changed meanwhile.")
        self.word = word


def titles_of(practice: PracticePage) -> dict[str, str]:
    """Return the titles of a practice's published versions by language, as notices keep them."""
    versions = PracticePage.objects.filter(translation_key=practice.translation_key, live=True)
    return dict(versions.values_list("locale__language_code", "title"))


def stamp_of(word: PartnerWord) -> str:
    """Return what tells whether a word was asked for anew or given since somebody looked."""
    moments = (word.asked_at, word.answered_at)
    return " ".join(one.isoformat() for one in moments if one)


# --- Asked for ------------------------------------------------------------------------------------


def named_in(practice: PracticePage) -> set[int]:
    """
    Return the keys of the associations of the network that the published versions of a practice
    name. A practice that hides its collectivity asks nobody: a partner would give it away.
    """
    rows = PracticeParticipant.objects.filter(
        practice__translation_key=practice.translation_key,
        practice__live=True,
        practice__hides_collectivity=False,
        association__in=Association.objects.listed(),
    )
    return set(rows.order_by().values_list("association", flat=True))


@transaction.atomic
def ask_partners(*, practice: PracticePage, made_at: datetime) -> None:
    """
    Ask the associations that a practice names for their word, after a version was published.

    Those that were not asked before are asked; of a new version of the text those too that have
    answered: their word stays until the new one comes. A translation asks nobody anew. Who is
    no longer named and has not answered is no longer asked. Done again for the same version, it
    changes nothing. The worker tells the associations' people (`tell_asked`).

    :param practice: the version that was published
    :param made_at: when that version was written; who was asked after that has it before them
    """
    first = first_version_of(practice)
    named = named_in(practice)
    words = list(PartnerWord.objects.filter(practice=first))
    unasked = sorted(named - {word.association_id for word in words})
    answered = [word for word in words if not word.is_open]
    dropped = [word for word in words if word.is_open and word.association_id not in named]
    older = [
        word.pk
        for word in answered
        if practice.pk == first.pk and word.association_id in named and word.asked_at < made_at
    ]
    now = timezone.now()
    if unasked:
        PartnerWord.objects.bulk_create(
            [PartnerWord(practice=first, association_id=pk, asked_at=now) for pk in unasked],
            ignore_conflicts=True,
        )
    if older:
        PartnerWord.objects.filter(pk__in=older).update(asked_at=now)
    if dropped:
        no_longer = PartnerWord.objects.filter(pk__in=[word.pk for word in dropped])
        no_longer.filter(state=Word.ASKED).delete()
        no_longer.update(asked_at=F("answered_at"))
    if unasked or older:
        # One job for all: publishing takes the same queries, however many are asked.
        outbox.enqueue(JOB, {"practice": first.pk}, key=str(first.pk))


@outbox.handler(JOB, urgent=True)
def tell_asked(payload: Payload) -> None:
    """
    Tell the people of the associations whose word on a practice is asked for, each once for each
    request: all but those who may not give it, and nobody where the practice is gone.
    """
    practice = PracticePage.objects.filter(pk=payload["practice"]).first()
    titles = titles_of(practice) if practice else {}
    if not titles:
        return
    theirs = Affiliation.objects.current().filter(
        collectivity__in=collectivities_of_practice(practice)
    )
    may_not = theirs.values("person")
    words = PartnerWord.objects.open_ones().filter(practice=practice)
    for word in words.select_related("association"):
        places = Affiliation.objects.of(word.association).current().exclude(person__in=may_not)
        tell(
            people=[place.person for place in places.select_related("person")],
            kind="partner-word-asked",
            data={
                "key": word.association.key,
                "word": word.pk,
                "association": names_of(word.association),
                "titles": titles,
                "again": word.is_given,
            },
            key=f"partner-word-asked-{word.pk}-{word.asked_at.isoformat()}",
        )


# --- Given ----------------------------------------------------------------------------------------


def readable_version(practice: PracticePage, person: User) -> PracticePage | None:
    """
    Return the published version that somebody may read, nearest to them; None without one, and of a
    practice that hides its collectivity, beside which no word stands.
    """
    versions = PracticePage.objects.visible_to(person).filter(
        translation_key=practice.translation_key, hides_collectivity=False
    )
    return versions.nearest_to(languages.current()).select_related("locale").first()


def hindrance(practice: PracticePage, person: User) -> str:
    """
    Return why somebody may not speak for an association on a practice, in the reader's language; ""
    where they may: nobody of a collectivity that wrote it or that it concerns speaks for a partner.
    """
    concerned = {one.pk: one for one in collectivities_of_practice(practice)}
    places = Affiliation.objects.filter(person=person, ended_at=None, collectivity__in=concerned)
    if place := places.first():
        return _(
            "You have a place in %(collectivity)s, whose practice this is: somebody else of the "
            "association gives its word."
        ) % {"collectivity": concerned[place.collectivity_id].full_name}
    if contributions_of(practice).filter(started_by=person).exists():
        return _(
            "You have written of this practice yourself: somebody else of the association gives "
            "its word."
        )
    return ""


@transaction.atomic
def give_word(*, word: PartnerWord, answer: Mapping[str, str], seen: str, person: User) -> None:
    """
    Give the word of an association, or change it. The same word twice is given once. Audits, and
    tells the people of the collectivities that wrote the practice, or that it concerns.

    :param answer: `state`, `words` and `language`, the last of them empty without words
    :param seen: the stamp of the word that the person had before them
    :raises WordRefused: for who belongs to a collectivity of the practice, and for a practice that
        can no longer be read
    :raises WordChanged: where it was asked for anew or given meanwhile
    """
    word = PartnerWord.objects.select_for_update().get(pk=word.pk)
    if why := hindrance(word.practice, person):
        raise WordRefused(why)
    if readable_version(word.practice, person) is None:
        raise WordRefused(_("The practice is no longer published."))
    before = {name: getattr(word, name) for name in ("state", "words", "language")}
    if not word.is_open and before == answer:
        return
    if stamp_of(word) != seen:
        raise WordChanged(word)
    for name, value in answer.items():
        setattr(word, name, value)
    word.answered_at, word.answered_by = timezone.now(), person
    word.save(update_fields=[*answer, "answered_at", "answered_by"])
    record(
        kind="partner-word.given",
        actor=person,
        subject=word,
        before=before,
        after={**answer, "practice": word.practice_id, "association": word.association_id},
    )
    tell(
        people=owners_of(word.practice),
        kind="partner-word-given",
        data={
            "slug": word.practice.slug,
            "titles": titles_of(word.practice),
            "association": names_of(word.association),
            "state": word.state,
            "words": word.words,
        },
        key=f"partner-word-given-{word.pk}-{word.answered_at.isoformat()}",
    )
