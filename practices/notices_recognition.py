"""What people are told of the label of the network."""

from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import languages
from notifications.registry import NoticeKind, isolated, register_notice_kind

LABEL = gettext_lazy("Label of the network")


def values(data: dict) -> dict[str, str]:
    """Return what stands in the sentences: the title nearest to the reader, and the last day."""
    titles = data["titles"]
    order = languages.FALLBACKS[languages.current()]
    return {
        "title": isolated(next(titles[code] for code in order if code in titles)),
        "day": date_format(date.fromisoformat(data["until"])),
    }


def told(subject: str, data: dict) -> str:
    return subject % values(data)


def withdrawn_text(data: dict) -> str:
    lines = (
        told(_("The label was withdrawn from “%(title)s”."), data),
        _("The reason: %(reason)s") % {"reason": isolated(data["reason"])},
        _("The reason stands on the page of the label, which a printed label leads to. A label "
          "that hangs somewhere is to be taken down."),
    )  # fmt: skip
    return "\n\n".join(lines)


def label_page(data: dict) -> str:
    return reverse("award_proof", args=[data["key"]])


def award_in_administration(data: dict) -> str:
    return reverse("awards:inspect", args=[data["award"]])


for kind in (
    NoticeKind(
        name="label-given",
        label=LABEL,
        subject=lambda data: told(_("“%(title)s” has the label of the network"), data),
        text=lambda data: told(
            _(
                "“%(title)s” holds the label of the network until %(day)s. Its page tells why, "
                "and who has looked at it; from there you can print the label."
            ),
            data,
        ),
        address=label_page,
    ),
    NoticeKind(
        name="label-withdrawn",
        label=LABEL,
        subject=lambda data: told(_("“%(title)s” no longer has the label of the network"), data),
        text=withdrawn_text,
        address=label_page,
    ),
    NoticeKind(
        name="label-runs-out",
        label=LABEL,
        subject=lambda data: told(_("The label of “%(title)s” runs out on %(day)s"), data),
        text=lambda data: told(
            _(
                "“%(title)s” holds the label of the network until %(day)s. Bring the page up to "
                "date, its figures above all: the editors look at it again before they give the "
                "label anew."
            ),
            data,
        ),
        address=label_page,
    ),
    NoticeKind(
        name="label-runs-out-editors",
        label=LABEL,
        subject=lambda data: told(_("The label of “%(title)s” runs out on %(day)s"), data),
        text=lambda data: told(
            _(
                "The label of “%(title)s” holds until %(day)s. It can be given anew from today on: "
                "look for two reviewers now."
            ),
            data,
        ),
        address=award_in_administration,
    ),
    NoticeKind(
        name="label-ended",
        label=LABEL,
        subject=lambda data: told(_("The label of “%(title)s” has run out"), data),
        text=lambda data: told(
            _(
                "“%(title)s” held the label of the network until %(day)s. A printed label leads to "
                "a page that says so; it is to be taken down until the label is given anew."
            ),
            data,
        ),
        address=label_page,
    ),
    NoticeKind(
        name="label-ended-editors",
        label=LABEL,
        subject=lambda data: told(_("The label of “%(title)s” has run out"), data),
        text=lambda data: told(
            _("“%(title)s” held the label until %(day)s. It can be given anew now."), data
        ),
        address=award_in_administration,
    ),
):
    register_notice_kind(kind)
