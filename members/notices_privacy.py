"""What is told when a person deletes their account. Nobody is named: they asked for it."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import languages
from notifications.registry import NoticeKind, isolated, register_notice_kind


def words_of(data: dict) -> dict[str, str]:
    return {"organisation": isolated(data["organisation"][languages.current()])}


def deleted_text(data: dict) -> str:
    return "\n\n".join(
        (
            _(
                "You have deleted your account on the platform of the Moroccan Network of Open "
                "Territorial Collectivities. Your name, your addresses and your phone number are "
                "deleted from it, and this is the last mail that it sends you."
            ),
            _(
                "What you signed or published for a collectivity or an association stays. It no "
                "longer leads to you, but for the name and office on a signature of the charter."
            ),
            _("If it was not you, write to the secretariat through the site."),
        )
    )


for kind in (
    NoticeKind(
        name="account-deleted",
        label=gettext_lazy("Your account"),
        subject=lambda data: _("Your account is deleted"),
        text=deleted_text,
        address=lambda data: "",
    ),
    NoticeKind(
        name="person-gone",
        label=gettext_lazy("People and invitations"),
        subject=lambda data: (
            _("Somebody has deleted their account: %(organisation)s") % words_of(data)
        ),
        text=lambda data: (
            _(
                "A person who had a place in the space of %(organisation)s has deleted their "
                "account. What they wrote there stays. Look whether somebody must take something "
                "over."
            )
            % words_of(data)
        ),
        address=lambda data: reverse("space_people", args=[data["key"]]),
    ),
    NoticeKind(
        name="space-left-alone",
        label=gettext_lazy("Spaces without people"),
        subject=lambda data: _("Nobody is left: %(organisation)s") % words_of(data),
        text=lambda data: (
            _(
                "The last person of the space of %(organisation)s has deleted their account. "
                "Nobody answers for it any more: find out who takes over, and have them apply."
            )
            % words_of(data)
        ),
        address=lambda data: reverse("space_home", args=[data["key"]]),
    ),
):
    register_notice_kind(kind)
