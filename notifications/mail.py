"""Mailing what people are told: each mail once, in its reader's language."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy, override

from core import languages, outbox
from notifications.models import Letter, Notice, Told
from notifications.registry import NoticeKind, register_notice_kind

# A mail takes a dozen steps with the server at most, each at most EMAIL_TIMEOUT: no other worker
# takes it over before the last one has failed.
LEASE = timedelta(minutes=10)
# With the growing delays so many tries take more than a day: a mail server may be down for a night.
MAX_ATTEMPTS = 40

register_notice_kind(
    NoticeKind(
        name="post",
        label=gettext_lazy("Mail"),
        subject=lambda data: data["subject"],
        text=lambda data: data["text"],
        address=lambda data: "",
    )
)


@outbox.handler("notice-mail", lease=LEASE, max_attempts=MAX_ATTEMPTS, atomic=False)
def mail_notice(payload: dict) -> None:
    """
    Mail a notice to its person, at the address and in the language that they have now.

    Not where their account was closed since.
    """
    waiting = Notice.objects.filter(pk=payload["notice"], mailed_at=None)
    notice = waiting.select_related("person").first()
    if notice is None or not notice.person.is_active:
        return
    event = f"{notice.pk} {notice.created_at.isoformat()}"
    digest = salted_hmac("notifications.notice", event, algorithm="sha256").hexdigest()
    message = _message(
        notice,
        to=notice.person.email,
        language=getattr(notice.person, "language", "") or settings.PUBLIC_LANGUAGE,
        number=f"notice-{notice.pk}-{digest[:12]}",
        has_account=True,
    )
    _send(message, lambda: waiting.update(mailed_at=timezone.now()))


# Before others: somebody waits for most of them (a new password), while a notice to thousands is on
# its way.
@outbox.handler("letter-mail", lease=LEASE, max_attempts=MAX_ATTEMPTS, atomic=False, urgent=True)
def mail_letter(payload: dict) -> None:
    """Mail a letter, and delete what it said and to whom."""
    waiting = Letter.objects.filter(pk=payload["letter"], sent_at=None)
    letter = waiting.first()
    if letter is None:
        return
    message = _message(
        letter,
        to=letter.email,
        language=letter.language,
        number=f"letter-{letter.digest[:32]}",
        has_account=False,
    )
    _send(message, lambda: waiting.update(sent_at=timezone.now(), email="", data={}))


def _send(message: EmailMultiAlternatives, mark: Callable[[], object]) -> None:
    """
    Send a mail and mark it as sent at once, before the talk with the server is ended: a worker that
    dies between the server's yes and the mark sends it again, under the same Message-ID.
    """
    with get_connection() as connection:
        connection.send_messages([message])
        mark()


def _message(
    told: Told, *, to: str, language: str, number: str, has_account: bool
) -> EmailMultiAlternatives:
    """
    Return the mail of something told.

    :param number: what its Message-ID is made of; the same at each try
    :param has_account: whether it goes to somebody who finds their notices on the site
    """
    with override(language):
        subject, text, address = told.subject, told.text, told.address
        context = {
            "subject": subject,
            "text": text,
            "text_with_links": _with_links(text),
            "link": settings.SITE_URL + address if address else "",
            "home_url": f"{settings.SITE_URL}/{language}/",
            "notices_url": settings.SITE_URL + reverse("notices") if has_account else "",
            "language": language,
            "direction": languages.direction(language),
        }
        plain = render_to_string("notifications/mail.txt", context)
        rich = render_to_string("notifications/mail.html", context)
    message = EmailMultiAlternatives(
        subject,
        plain,
        to=[to],
        headers={
            "Message-ID": f"<{number}@{urlsplit(settings.SITE_URL).hostname}>",
            "Date": format_datetime(told.created_at),
            "Auto-Submitted": "auto-generated",
            "Content-Language": language,
        },
    )
    message.attach_alternative(rich, "text/html")
    return message


def _with_links(text: str) -> str:
    """Return plain text as HTML; addresses of this site become links, those of others do not."""
    ours = re.compile(rf"({re.escape(settings.SITE_URL)}/[^\s<>\"]*[^\s<>\".,;:!?)،؛؟])")
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<a href="{0}">{0}</a>', part) if odd % 2 else part,)
            for odd, part in enumerate(ours.split(text))
        ),
    )
