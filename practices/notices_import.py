"""What the people of a collectivity are told when editors bring in practices for it."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import languages
from notifications.registry import NoticeKind, isolated, register_notice_kind

SHOWN = 10  # titles


def subject(data: dict) -> str:
    number = len(data["titles"])
    words = ngettext(
        "%(number)d draft of a practice waits for you",
        "%(number)d drafts of practices wait for you",
        number,
    )
    return words % {"number": number}


def text(data: dict) -> str:
    titles = data["titles"]
    first = ngettext(
        "The editors have entered %(number)d practice of %(collectivity)s for you:",
        "The editors have entered %(number)d practices of %(collectivity)s for you:",
        len(titles),
    ) % {
        "number": len(titles),
        "collectivity": isolated(data["collectivity"][languages.current()]),
    }
    listed = [f"- {isolated(title)}" for title in titles[:SHOWN]]
    if len(titles) > SHOWN:
        listed.append("…")
    then = _(
        "Each is a draft that only you and the editors see. Read it, complete it and submit it; "
        "what is not right you can drop."
    )
    return "\n\n".join((first, "\n".join(listed), then))


register_notice_kind(
    NoticeKind(
        name="practices-imported",
        label=gettext_lazy("Practices entered by the editors"),
        subject=subject,
        text=text,
        address=lambda data: reverse("space_contributions", args=[data["key"]]),
    )
)
