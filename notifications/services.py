"""Telling people, and what becomes of what they were told."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core import outbox
from core.text import without_controls
from notifications.models import Letter, Notice
from notifications.registry import Data, kinds

NOTICES_KEPT_FOR = timedelta(days=365)
LETTERS_KEPT_FOR = timedelta(days=30)


@transaction.atomic
def tell(*, people: Iterable, kind: str, data: Data, key: str = "") -> None:
    """
    Write a notice for each person, in the caller's transaction, and enqueue its mail. People whose
    account is closed are not told.

    :param people: people or a query of them; one who comes twice is told once
    :param kind: a registered kind
    :param data: JSON, the same for all; texts lose their control characters
    :param key: of the event, at most 200 characters; told again with the same key, a person who has
        the notice gets no second one
    :raises KeyError: for a kind that nobody registered
    :raises TypeError: for data that are not JSON
    """
    mailed = kinds[kind].mail
    data = _cleaned(data)
    # Sorted, so that two who tell the same people at one moment do not block each other.
    told = sorted({person.pk for person in people if person.is_active})
    notices = [Notice(person_id=pk, kind=kind, data=data, key=key) for pk in told]
    if key:
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
        # Whoever had it before and waits for its mail still has a job, which does for both.
        notices = Notice.objects.filter(person__in=told, kind=kind, key=key, mailed_at=None)
    else:
        Notice.objects.bulk_create(notices)
    if mailed:
        jobs = {str(notice.pk): {"notice": notice.pk} for notice in notices}
        outbox.enqueue_many("notice-mail", jobs)


def tell_address(*, email: str, language: str, kind: str, data: Data, key: str = "") -> None:
    """
    Write a letter to somebody who has no account, in the caller's transaction, and enqueue its
    mail. When it is sent, its address and data are deleted.

    :param language: of the letter; that of the public site where it is empty
    :param kind: a registered kind
    :param data: JSON; may hold a secret
    :param key: of the event; told to the same address again, no second letter is written, and the
        data of the first one stand. Remembered for 30 days after the letter was sent
    :raises KeyError: for a kind that nobody registered
    """
    if kind not in kinds:
        raise KeyError(kind)
    _write_letter(email, language, kind, _cleaned(data), key)


def post(*, to: str, subject: str, text: str, language: str, key: str = "") -> None:
    """
    Mail what is written already, in the caller's transaction, as `tell_address` does.

    :param text: plain text; addresses of this site become links in the HTML
    """
    _write_letter(to, language, "post", {"subject": subject, "text": text}, key)


@transaction.atomic
def _write_letter(email: str, language: str, kind: str, data: Data, key: str) -> None:
    letter, _created = Letter.objects.get_or_create(
        digest=_digest(kind, key, email),
        defaults={
            "email": email,
            "language": language or settings.PUBLIC_LANGUAGE,
            "kind": kind,
            "data": data,
        },
    )
    if letter.sent_at is None:
        outbox.enqueue("letter-mail", {"letter": letter.pk}, key=str(letter.pk))


def _digest(kind: str, key: str, email: str) -> str:
    if not key:
        return secrets.token_hex(32)
    event = "\0".join((kind, key, email.lower()))
    return salted_hmac("notifications.letter", event, algorithm="sha256").hexdigest()


def _cleaned(value: Any) -> Any:
    """Return JSON whose texts have no control characters and no marks that turn what follows."""
    if isinstance(value, str):
        return without_controls(value)
    if isinstance(value, dict):
        return {name: _cleaned(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(one) for one in value]
    return value


def mark_read(*, notice: Notice) -> None:
    """Note when a notice was read; the first time stays noted."""
    Notice.objects.filter(pk=notice.pk).unread().update(read_at=timezone.now())


def mark_all_read(*, person) -> None:
    """Note that a person has read all that they were told so far."""
    Notice.objects.visible_to(person).unread().update(read_at=timezone.now())


@outbox.periodic("clear-notices", every=timedelta(days=1))
def clear_notices() -> None:
    """
    Delete the notices that are a year old and read, and the letters that were sent a month ago. One
    that could not be sent for a year goes too: it holds an address, and what it opens is long shut.
    """
    now = timezone.now()
    Notice.objects.filter(created_at__lt=now - NOTICES_KEPT_FOR, read_at__isnull=False).delete()
    Letter.objects.filter(sent_at__lt=now - LETTERS_KEPT_FOR).delete()
    Letter.objects.filter(created_at__lt=now - NOTICES_KEPT_FOR, sent_at=None).delete()
