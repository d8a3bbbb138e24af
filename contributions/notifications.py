"""
What people are told of contributions.

No notice of the review names a collectivity: it may be one that hides its name, and a notice stays
with whoever got it. Only the people of a collectivity that is asked to write along read its name.
"""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contributions.enums import Verdict
from core import languages
from notifications.registry import NoticeKind, isolated, register_notice_kind


def paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


def names(data: dict) -> dict[str, str]:
    """Return what stands in the middle of sentences."""
    return {"title": isolated(data["title"]), "name": isolated(data["by"])}


def reason(data: dict) -> str:
    return _("The reason: %(reason)s") % {"reason": data["reason"]} if data["reason"] else ""


def says(data: dict) -> str:
    """Return what the editor wrote along with it."""
    if not data["reason"]:
        return ""
    return _("The editor writes: %(words)s") % {"words": data["reason"]}


def to_contribution(data: dict) -> str:
    return reverse("contribution", args=[data["key"]])


def to_review(data: dict) -> str:
    return reverse("contributions:review", args=[data["key"]])


def to_opinion(data: dict) -> str:
    return reverse("contribution_opinion", args=[data["key"]])


def nowhere(data: dict) -> str:
    """The reader sees it no more."""
    return ""


# --- To the editors -------------------------------------------------------------------------------


def submitted_subject(data: dict) -> str:
    if data["is_answer"]:
        return _("Submitted anew after changes: %(title)s") % names(data)
    if data["is_new_version"]:
        return _("A new version waits for its review: %(title)s") % names(data)
    return _("Waits for its review: %(title)s") % names(data)


def submitted_text(data: dict) -> str:
    return paragraphs(
        _("%(name)s has submitted “%(title)s”.") % names(data),
        _("Language: %(language)s") % {"language": languages.own_name(data["language"])},
        _("Its page in the administration shows the texts, the criteria and what was said before."),
    )


def withdrawn_text(data: dict) -> str:
    return paragraphs(
        _("%(name)s has taken “%(title)s” back, which you were reviewing.") % names(data),
        reason(data),
        _("Your notes stay. It comes back once it is submitted anew."),
    )


def verdict_text(data: dict) -> str:
    return paragraphs(
        _("%(name)s has answered on “%(title)s”.") % names(data),
        _("The advice: %(verdict)s") % {"verdict": Verdict(data["verdict"]).label},
        reason(data),
    )


# --- To the authors -------------------------------------------------------------------------------


def changes_text(data: dict) -> str:
    told = ngettext(
        "%(number)d note waits for you at the fields that it is about.",
        "%(number)d notes wait for you at the fields that they are about.",
        data["notes"],
    )
    return paragraphs(
        _("%(name)s has read “%(title)s” and asks you to change something.") % names(data),
        says(data),
        told % {"number": data["notes"]} if data["notes"] else "",
        _("Tick what you have done, and submit it anew. What you wrote is all there."),
    )


def published_text(data: dict) -> str:
    done = (
        _("The new version of “%(title)s” is public now. Thank you.")
        if data["is_new_version"]
        else _("“%(title)s” is public now. Thank you.")
    )
    return paragraphs(done % names(data), says(data))


def taken_off_subject(data: dict) -> str:
    if data["is_retired"]:
        return _("Retired: %(title)s") % names(data)
    return _("Taken off the site: %(title)s") % names(data)


def taken_off_text(data: dict) -> str:
    if data["is_retired"]:
        done = _("An editor has retired “%(title)s”. It is public no more.")
        after = _("Everything that you wrote is kept. An editor can bring it back.")
    else:
        done = _("“%(title)s” was taken off the site.")
        after = _("Everything that you wrote is kept. You can change it and submit it anew.")
    successor = (
        _("It is retired in favour of “%(successor)s”.")
        % {"successor": isolated(data["successor"])}
        if data["successor"]
        else ""
    )
    return paragraphs(done % names(data), reason(data), successor, after)


def author_names(data: dict) -> dict[str, str]:
    return names(data) | {"collectivity": isolated(data["collectivity"][languages.current()])}


def answered_subject(data: dict) -> str:
    if data["agrees"]:
        return _("%(collectivity)s writes along: %(title)s") % author_names(data)
    return _("%(collectivity)s does not write along: %(title)s") % author_names(data)


def answered_text(data: dict) -> str:
    if data["agrees"]:
        return _(
            "%(name)s has agreed for %(collectivity)s. Its people write along on “%(title)s” from "
            "now on."
        ) % author_names(data)
    return _(
        "%(name)s has answered for %(collectivity)s: it does not write along on “%(title)s”."
    ) % author_names(data)


TO_AUTHORS = (
    NoticeKind(
        name="contribution-review-begun",
        label=gettext_lazy("What you write"),
        subject=lambda data: _("The review has begun: %(title)s") % names(data),
        text=lambda data: paragraphs(
            _("%(name)s is reviewing “%(title)s” now.") % names(data),
            _("You are told what comes of it. Until then you can take it back at any time."),
        ),
        address=to_contribution,
    ),
    NoticeKind(
        name="contribution-changes-asked",
        label=gettext_lazy("What you write"),
        subject=lambda data: _("Changes are asked for: %(title)s") % names(data),
        text=changes_text,
        address=to_contribution,
    ),
    NoticeKind(
        name="contribution-published",
        label=gettext_lazy("What you write"),
        subject=lambda data: _("Published: %(title)s") % names(data),
        text=published_text,
        address=to_contribution,
    ),
    NoticeKind(
        name="contribution-taken-off",
        label=gettext_lazy("What you write"),
        subject=taken_off_subject,
        text=taken_off_text,
        address=to_contribution,
    ),
    NoticeKind(
        name="contribution-brought-back",
        label=gettext_lazy("What you write"),
        subject=lambda data: _("Public again: %(title)s") % names(data),
        text=lambda data: paragraphs(
            _("An editor has brought “%(title)s” back: it is public again.") % names(data),
            says(data),
        ),
        address=to_contribution,
    ),
    NoticeKind(
        name="contribution-author-submitted",
        label=gettext_lazy("What you write"),
        subject=lambda data: _("With the editors: %(title)s") % names(data),
        text=lambda data: paragraphs(
            _("%(name)s has submitted “%(title)s”.") % names(data),
            _("You are told what comes of it. Until then you can take it back at any time."),
        ),
        address=to_contribution,
    ),
    NoticeKind(
        name="contribution-author-withdrawn",
        label=gettext_lazy("What you write"),
        subject=lambda data: _("No longer with the editors: %(title)s") % names(data),
        text=lambda data: paragraphs(
            _("%(name)s has taken “%(title)s” back, to go on writing.") % names(data),
            reason(data),
        ),
        address=to_contribution,
    ),
    NoticeKind(
        name="contribution-author-asked",
        label=gettext_lazy("Writing together"),
        subject=lambda data: _("Write along? %(title)s") % names(data),
        text=lambda data: paragraphs(
            _("%(name)s asks whether %(collectivity)s writes along on “%(title)s”.")
            % author_names(data),
            _("You see the draft from now on. Read it, then agree or decline on its page."),
        ),
        address=to_contribution,
    ),
    NoticeKind(
        name="contribution-author-answered",
        label=gettext_lazy("Writing together"),
        subject=answered_subject,
        text=answered_text,
        address=to_contribution,
    ),
    NoticeKind(
        name="contribution-author-ended",
        label=gettext_lazy("Writing together"),
        subject=lambda data: (
            _("%(collectivity)s writes along no more: %(title)s") % author_names(data)
        ),
        text=lambda data: (
            _(
                "%(name)s has ended the work of %(collectivity)s on “%(title)s”. The draft has left"
                " your space."
            )
            % author_names(data)
        ),
        address=nowhere,
    ),
    NoticeKind(
        name="contribution-deleted",
        label=gettext_lazy("Writing together"),
        subject=lambda data: _("The draft is deleted: %(title)s") % names(data),
        text=lambda data: (
            _("%(name)s has deleted the draft “%(title)s” with its files and its history.")
            % names(data)
        ),
        address=nowhere,
    ),
)
TO_EDITORS = (
    NoticeKind(
        name="contribution-submitted",
        label=gettext_lazy("Review"),
        subject=submitted_subject,
        text=submitted_text,
        address=to_review,
    ),
    NoticeKind(
        name="contribution-withdrawn",
        label=gettext_lazy("Review"),
        subject=lambda data: _("Taken back by its authors: %(title)s") % names(data),
        text=withdrawn_text,
        address=to_review,
    ),
    NoticeKind(
        name="contribution-taken-over",
        label=gettext_lazy("Review"),
        subject=lambda data: _("%(name)s has taken over from you: %(title)s") % names(data),
        text=lambda data: _("%(name)s is reviewing “%(title)s” now, in your place.") % names(data),
        address=to_review,
    ),
    NoticeKind(
        name="contribution-opinion-given",
        label=gettext_lazy("Review"),
        subject=lambda data: _("The thematic reviewer has answered: %(title)s") % names(data),
        text=verdict_text,
        address=to_review,
    ),
)
TO_THEMATIC_REVIEWERS = (
    NoticeKind(
        name="contribution-opinion-asked",
        label=gettext_lazy("Your advice is asked for"),
        subject=lambda data: _("Your advice is asked for: %(title)s") % names(data),
        text=lambda data: paragraphs(
            _("%(name)s asks for your advice before “%(title)s” is published.") % names(data),
            data["question"],
            _("Its page shows you the draft and the criteria, and takes your answer."),
        ),
        address=to_opinion,
    ),
    NoticeKind(
        name="contribution-opinion-dropped",
        label=gettext_lazy("Your advice is asked for"),
        subject=lambda data: _("No answer is needed any more: %(title)s") % names(data),
        text=lambda data: (
            _(
                "The question on “%(title)s” has fallen away: the editors have decided without it, "
                "or its authors have taken it back. Thank you for your readiness."
            )
            % names(data)
        ),
        address=nowhere,
    ),
)
for kind in (*TO_AUTHORS, *TO_EDITORS, *TO_THEMATIC_REVIEWERS):
    register_notice_kind(kind)
