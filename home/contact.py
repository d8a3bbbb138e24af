"""Messages to the secretariat: kept, counted, mailed, marked as answered, forgotten."""

import hashlib
import math
from datetime import datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext, override

from core import outbox
from home.models import ContactCount, ContactMessage

KEPT_FOR = timedelta(days=365)
HOUR = timedelta(hours=1)
# Messages in an hour: from one address of the network, and from all together.
MOST_FROM_ONE = 5
MOST_IN_ALL = 200


class TooManyMessages(Exception):
    """Nothing was stored: this hour's number is used up."""

    def __init__(self, retry_after: int) -> None:
        """:param retry_after: seconds until the next hour begins"""
        super().__init__(retry_after)
        self.retry_after = retry_after


def send_message(
    *,
    name: str,
    email: str,
    subject: str,
    text: str,
    language: str,
    page: str,
    address: str,
    now: datetime | None = None,
) -> None:
    """
    Keep a message and enqueue its mail to the secretariat, both or neither.

    The same words of the same sender on the same day are one message, however often they come (a
    double click, a reload): they are neither mailed nor counted again.

    :param language: of the form that it was written in
    :param page: the address within the site that it is about, or empty
    :param address: the sender's network address (`core.clients`); only a keyed hash of it and of
        the hour is kept
    :param now: the moment; the clock's by default
    :raises TooManyMessages: where this hour's number is used up, for the sender or in all
    """
    now = now or timezone.now()
    with transaction.atomic():
        message, created = ContactMessage.objects.get_or_create(
            digest=_digest(email, subject, text, now),
            defaults={
                "name": name,
                "email": email,
                "subject": subject,
                "text": text,
                "language": language,
                "page": page,
                "created_at": now,
            },
        )
        if created:
            _count(f"one {address}", MOST_FROM_ONE, now)
            _count("all", MOST_IN_ALL, now)
            outbox.enqueue("contact-mail", {"message": message.pk}, key=str(message.pk))


def _digest(email: str, subject: str, text: str, now: datetime) -> str:
    parts = (email.lower(), subject, text, timezone.localdate(now).isoformat())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _count(what: str, most: int, now: datetime) -> None:
    """
    Count one more in the hour of the clock.

    The row is locked to the end of the transaction, so that no two processes take the last place.
    """
    hour = now.strftime("%Y-%m-%dT%H")
    key = salted_hmac("home.contact", f"{hour} {what}", algorithm="sha256").hexdigest()
    ContactCount.objects.get_or_create(key=key, defaults={"created_at": now})
    if not ContactCount.objects.filter(key=key, count__lt=most).update(count=F("count") + 1):
        next_hour = now.replace(minute=0, second=0, microsecond=0) + HOUR
        raise TooManyMessages(math.ceil((next_hour - now).total_seconds()))


# With the growing delays so many tries take more than a day: a mail server may be down for a night.
@outbox.handler("contact-mail", max_attempts=40, atomic=False)
def mail_message(payload: dict) -> None:
    """
    Mail a message to `CONTACT_EMAIL`, in the language of the public site.

    It may be sent twice (a worker killed in the middle): its Message-ID is the same each time.
    """
    message = ContactMessage.objects.filter(pk=payload["message"]).first()
    if message is None:
        return  # deleted before its turn came
    host = urlsplit(settings.SITE_URL).hostname
    inspect = reverse("contact_messages:inspect", args=[message.pk])
    with override(settings.PUBLIC_LANGUAGE):
        subject = gettext("Message through the site: %(subject)s") % {"subject": message.subject}
        context = {
            "message": message,
            "site_url": settings.SITE_URL,
            "message_url": f"{settings.SITE_URL}{inspect}",
        }
        body = render_to_string("home/contact_mail.txt", context)
    EmailMessage(
        subject,
        body,
        to=[settings.CONTACT_EMAIL],
        reply_to=[message.email],
        headers={
            "Message-ID": f"<contact-{message.pk}-{message.digest[:12]}@{host}>",
            "Date": format_datetime(message.created_at),
        },
    ).send()


def set_answered(*, message: ContactMessage, user, answered: bool) -> None:
    """
    Note who answered a message and when, or that it waits again.

    Somebody who answered first stays noted.
    """
    if answered:
        ContactMessage.objects.open_messages().filter(pk=message.pk).update(
            answered_at=timezone.now(), answered_by=user
        )
    else:
        ContactMessage.objects.filter(pk=message.pk).update(answered_at=None, answered_by=None)


@outbox.periodic("clear-contact", every=HOUR)
def clear_contact() -> None:
    """Delete the messages that are a year old, and the counts of hours that are over."""
    now = timezone.now()
    ContactMessage.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    ContactCount.objects.filter(created_at__lt=now - HOUR).delete()
