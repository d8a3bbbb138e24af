"""Owners say that a practice is still true, and are asked when nobody has for two years."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from contributions.models import Authorship, Contribution
from core import outbox
from core.audit import record
from core.outbox.registry import Payload
from members.models import Affiliation, User
from notifications.services import tell
from practices.enums import Origin
from practices.freshness import AGEING_AFTER
from practices.models import Freshness, PracticeCollectivity, PracticePage, first_version_of
from practices.services.partner_words import titles_of
from practices.services.recognition import owners_of

JOB = "still-true-asked"
ASKED_AGAIN_AFTER = timedelta(days=90)
SAID_ONCE_IN = timedelta(days=1)
BATCH = 200


def renew_freshness(*, practice: PracticePage) -> None:
    """
    Note that a version was published, which confirms a practice. A translation does not: it tells
    in other words what was told before.

    :param practice: the version that was published
    """
    if first_version_of(practice).pk != practice.pk:
        return
    Freshness.objects.bulk_create(
        [Freshness(practice=practice, confirmed_at=timezone.now(), confirmed_by=None)],
        update_conflicts=True,
        unique_fields=["practice"],
        update_fields=["confirmed_at", "confirmed_by"],
    )


@transaction.atomic
def confirm_still_true(*, practice: PracticePage, person: User) -> Freshness:
    """
    Note that a practice is still true. Audits. Said again within a day, nothing changes.

    An editor who looked through what was compiled from public sources brings it up to date; that
    it is confirmed, its own people alone can say.

    :param practice: any version
    """
    first = first_version_of(practice)
    answers_for_it = practice.origin == Origin.MEMBER or person in owners_of(practice)
    freshness, made = Freshness.objects.select_for_update().get_or_create(practice=first)
    now = timezone.now()
    is_said = freshness.confirmed_by_id or not answers_for_it
    if not made and is_said and now - freshness.confirmed_at < SAID_ONCE_IN:
        return freshness
    before = None if made else freshness.confirmed_at.isoformat()
    freshness.confirmed_at = now
    freshness.confirmed_by = person if answers_for_it else None
    freshness.save(update_fields=["confirmed_at", "confirmed_by"])
    record(
        kind="practice.still-true",
        actor=person,
        subject=first,
        before={"confirmed_at": before},
        after={"confirmed_at": now.isoformat()},
    )
    return freshness


# --- Owners are asked -----------------------------------------------------------------------------


@outbox.periodic("ask-still-true", every=timedelta(days=1))
def ask_still_true() -> None:
    """
    Have the owners of practices asked that nobody has confirmed for two years, at most once in 90
    days. One that has no owners with an account, or was retired, asks nobody.
    """
    _keep_unkept()
    now = timezone.now()
    due = list(_due().values_list("pk", flat=True))
    for start in range(0, len(due), BATCH):
        batch = due[start : start + BATCH]
        with transaction.atomic():
            Freshness.objects.filter(pk__in=batch).update(asked_at=now)
            outbox.enqueue_many(JOB, {str(pk): {"freshness": pk} for pk in batch})


def _keep_unkept() -> None:
    """Keep since when those are confirmed that were published before that was kept."""
    versions = PracticePage.objects.filter(translation_key=OuterRef("translation_key"))
    unkept = PracticePage.objects.filter(
        ~Exists(versions.filter(freshness__isnull=False)),
        ~Exists(versions.filter(pk__lt=OuterRef("pk"))),
        last_published_at__lt=timezone.now() - AGEING_AFTER,
    )
    rows = unkept.order_by("pk").values_list("pk", "last_published_at")
    Freshness.objects.bulk_create(
        [Freshness(practice_id=pk, confirmed_at=published) for pk, published in rows],
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def _due():
    now = timezone.now()
    key = OuterRef("practice__translation_key")
    with_people = Affiliation.objects.current().filter(collectivity=OuterRef("collectivity"))
    authors = Authorship.objects.writing().filter(
        Exists(with_people), contribution__page__translation_key=key
    )
    concerned = PracticeCollectivity.objects.filter(
        Exists(with_people), practice__translation_key=key
    )
    retired = Contribution.objects.filter(page__translation_key=key, archived_at__isnull=False)
    return Freshness.objects.filter(
        Q(asked_at=None) | Q(asked_at__lt=now - ASKED_AGAIN_AFTER),
        Exists(PracticePage.objects.of_network().filter(translation_key=key)),
        Exists(authors) | Exists(concerned),
        ~Exists(retired),
        confirmed_at__lt=now - AGEING_AFTER,
    ).order_by("pk")


@outbox.handler(JOB)
def tell_owners(payload: Payload) -> None:
    """Ask the owners of one practice, unless somebody has confirmed it meanwhile."""
    rows = Freshness.objects.filter(pk=payload["freshness"]).select_related("practice")
    freshness = rows.filter(confirmed_at__lt=timezone.now() - AGEING_AFTER).first()
    titles = titles_of(freshness.practice) if freshness else {}
    if not titles:
        return
    tell(
        people=owners_of(freshness.practice),
        kind="still-true",
        data={
            "slug": freshness.practice.slug,
            "titles": titles,
            "since": freshness.confirmed_at.date().isoformat(),
        },
        key=f"still-true-{freshness.pk}-{freshness.asked_at.isoformat()}",
    )
