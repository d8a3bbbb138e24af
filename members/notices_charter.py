"""What people are told of the charter, and of those who leave the network."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import languages
from notifications.registry import NoticeKind, isolated, register_notice_kind


def organisation(data: dict) -> str:
    return isolated(data["organisation"][languages.current()])


def new_version_text(data: dict) -> str:
    return _(
        "Version %(number)d of the charter is in force from today on. Every member is asked to "
        "sign it. Read what is new, have your council deliberate where it is needed, and sign it "
        "in your space. What you signed before stays on record."
    ) % {"number": data["number"]}


def signed_subject(data: dict) -> str:
    if data["joins"]:
        return _("%(organisation)s is a member of the network") % {
            "organisation": organisation(data)
        }
    return _("%(organisation)s has signed version %(number)d of the charter") % {
        "organisation": organisation(data),
        "number": data["number"],
    }


def signed_text(data: dict) -> str:
    return _(
        "%(organisation)s has signed version %(number)d of the charter, by %(name)s (%(office)s)."
    ) % {
        "organisation": organisation(data),
        "number": data["number"],
        "name": isolated(data["name"]),
        "office": isolated(data["office"]),
    }


def left_text(data: dict) -> str:
    told = _(
        "%(organisation)s is no longer part of the network. Its history, what it signed and what "
        "it published stay."
    ) % {"organisation": organisation(data)}
    return "\n\n".join((told, _("The reason: %(reason)s") % {"reason": data["reason"]}))


for kind in (
    NoticeKind(
        name="charter-new-version",
        label=gettext_lazy("Charter"),
        subject=lambda data: _("There is a new version of the charter to sign"),
        text=new_version_text,
        # The one space of whoever has one, with what is to be done on top.
        address=lambda data: reverse("space"),
    ),
    NoticeKind(
        name="charter-signed",
        label=gettext_lazy("Charter"),
        subject=signed_subject,
        text=signed_text,
        address=lambda data: reverse("space_charter", args=[data["key"]]),
    ),
    NoticeKind(
        name="network-left",
        label=gettext_lazy("Network"),
        subject=lambda data: (
            _("%(organisation)s has left the network") % {"organisation": organisation(data)}
        ),
        text=left_text,
        address=lambda data: reverse("space_home", args=[data["key"]]),
    ),
):
    register_notice_kind(kind)
