"""What people are told of their places in a space and of invitations."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import languages
from members.enums import Place
from notifications.registry import NoticeKind, isolated, register_notice_kind


def words_of(data: dict) -> dict[str, str]:
    """Return what stands in the sentences: names on their own, the place in words."""
    return {
        "organisation": isolated(data["organisation"][languages.current()]),
        "by": isolated(data["by"]),
        "place": str(Place(data["place"]).label) if "place" in data else "",
    }


def space_address(data: dict) -> str:
    return reverse("space_home", args=[data["key"]])


def invitation_text(data: dict) -> str:
    until = timezone.localtime(datetime.fromisoformat(data["until"]))
    words = words_of(data) | {"until": date_format(until, "DATE_FORMAT")}
    return "\n\n".join(
        (
            _(
                "%(by)s invites you to the space of %(organisation)s on the platform of the "
                "Moroccan Network of Open Territorial Collectivities. Your place there: %(place)s."
            )
            % words,
            _("The link below is for you alone. It works once, until %(until)s. Do not pass it on.")
            % words,
            _("If you do not know what this is about, you need not do anything."),
        )
    )


for kind in (
    NoticeKind(
        name="invitation",
        label=gettext_lazy("Invitation"),
        subject=lambda data: _("You are invited: %(organisation)s") % words_of(data),
        text=invitation_text,
        address=lambda data: reverse("invitation", args=[data["token"]]),
    ),
    NoticeKind(
        name="invitation-accepted",
        label=gettext_lazy("People and invitations"),
        subject=lambda data: _("%(by)s has accepted the invitation") % words_of(data),
        text=lambda data: (
            _("%(by)s now has a place in the space of %(organisation)s: %(place)s.")
            % words_of(data)
        ),
        address=lambda data: reverse("space_people", args=[data["key"]]),
    ),
    NoticeKind(
        name="place-changed",
        label=gettext_lazy("Your place in a space"),
        subject=lambda data: _("Your place has changed: %(organisation)s") % words_of(data),
        text=lambda data: (
            _("%(by)s has changed your place in the space of %(organisation)s to: %(place)s.")
            % words_of(data)
        ),
        address=space_address,
    ),
    NoticeKind(
        name="place-ended",
        label=gettext_lazy("Your place in a space"),
        subject=lambda data: _("Your place has ended: %(organisation)s") % words_of(data),
        text=lambda data: (
            _(
                "%(by)s has ended your place in the space of %(organisation)s. Your account and "
                "what you wrote stay. If this is a mistake, ask your focal point."
            )
            % words_of(data)
        ),
        address=lambda data: "",
    ),
    NoticeKind(
        name="place-left",
        label=gettext_lazy("People and invitations"),
        subject=lambda data: _("%(by)s has left the space") % words_of(data),
        text=lambda data: (
            _("%(by)s has left the space of %(organisation)s. What they wrote stays there.")
            % words_of(data)
        ),
        address=lambda data: reverse("space_people", args=[data["key"]]),
    ),
    NoticeKind(
        name="handover-to-you",
        label=gettext_lazy("Handover"),
        subject=lambda data: _("You are now focal point: %(organisation)s") % words_of(data),
        text=lambda data: (
            _(
                "%(by)s has handed the place of focal point of %(organisation)s over to you. The "
                "space shows what is open; the handover sheet, to be printed, lists all of it."
            )
            % words_of(data)
        ),
        address=space_address,
    ),
    NoticeKind(
        name="handover",
        label=gettext_lazy("Handover"),
        subject=lambda data: _("A new focal point: %(organisation)s") % words_of(data),
        text=lambda data: (
            _("%(successor)s is now focal point of %(organisation)s, in place of %(by)s.")
            % (words_of(data) | {"successor": isolated(data["successor"])})
        ),
        address=space_address,
    ),
):
    register_notice_kind(kind)
