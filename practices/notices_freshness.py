"""What the owners of a practice are asked when nobody has confirmed it for two years."""

from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.registry import NoticeKind, register_notice_kind
from practices.notices_partners import nearest_title


def text(data: dict) -> str:
    since = date_format(date.fromisoformat(data["since"]), "DATE_FORMAT")
    first = _(
        "Nobody has confirmed the practice “%(title)s” since %(day)s. Readers are told that it is "
        "ageing."
    ) % {"title": nearest_title(data), "day": since}
    then = _(
        "If it is still true, one click says so. If figures, contacts or the practice itself have "
        "changed, write a new version; the one that is published stays until then."
    )
    return f"{first}\n\n{then}"


register_notice_kind(
    NoticeKind(
        name="still-true",
        label=gettext_lazy("Practices that are ageing"),
        subject=lambda data: _("Is “%(title)s” still true?") % {"title": nearest_title(data)},
        text=text,
        address=lambda data: reverse("practice_still_true", args=[data["slug"]]),
    )
)
