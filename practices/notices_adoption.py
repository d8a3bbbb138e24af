"""What people are told when a collectivity takes their practice over, and how it goes on."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import languages
from notifications.registry import NoticeKind, isolated, register_notice_kind
from practices.enums import AdoptionState

LABEL = gettext_lazy("Taking practices over")


def values(data: dict) -> dict[str, str]:
    """Return what stands in the sentences, in the reader's language or the nearest to it."""
    titles, language = data["titles"], languages.current()
    title = next(titles[code] for code in languages.FALLBACKS[language] if code in titles)
    return {
        "title": isolated(title),
        "collectivity": isolated(data["collectivity"][language]),
        "state": str(AdoptionState(data["state"]).label),
    }


def told(sentence: str, data: dict) -> str:
    return sentence % values(data)


def declared(data: dict) -> str:
    return "\n\n".join(
        (
            told(_("%(collectivity)s takes “%(title)s” over. State: %(state)s."), data),
            _("The page of the practice tells what they keep and what they change. A word from "
              "you may spare them a detour."),
        )
    )  # fmt: skip


def new_state(data: dict) -> str:
    lines = [told(_("%(collectivity)s took “%(title)s” over. State now: %(state)s."), data)]
    if data["words"]:
        lines.append(_("Their words: %(words)s") % {"words": isolated(data["words"])})
    return "\n\n".join(lines)


def hidden(data: dict) -> str:
    lines = (
        told(_("The editors have hidden that %(collectivity)s takes “%(title)s” over."), data),
        _("The reason: %(reason)s") % {"reason": isolated(data["reason"])},
        _("You still see it in your space, and can change what stands there."),
    )
    return "\n\n".join(lines)


def adoptions_page(data: dict) -> str:
    return reverse("practice_adoptions", args=[data["slug"]])


def in_space(data: dict) -> str:
    return reverse("space_adoption", args=[data["key"], data["adoption"]])


for kind in (
    NoticeKind(
        name="adoption-declared",
        label=LABEL,
        subject=lambda data: told(_("%(collectivity)s takes “%(title)s” over"), data),
        text=declared,
        address=adoptions_page,
    ),
    NoticeKind(
        name="adoption-state",
        label=LABEL,
        subject=lambda data: told(_("%(collectivity)s and “%(title)s”: %(state)s"), data),
        text=new_state,
        address=adoptions_page,
    ),
    NoticeKind(
        name="adoption-hidden",
        label=LABEL,
        subject=lambda data: told(_("Hidden: %(collectivity)s takes “%(title)s” over"), data),
        text=hidden,
        address=in_space,
    ),
    NoticeKind(
        name="adoption-shown",
        label=LABEL,
        subject=lambda data: told(_("Shown again: %(collectivity)s takes “%(title)s” over"), data),
        text=lambda data: told(
            _("Everybody sees again that %(collectivity)s takes “%(title)s” over."), data
        ),
        address=in_space,
    ),
):
    register_notice_kind(kind)
