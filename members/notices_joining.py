"""What people are told of applications and of associations that work with collectivities."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core import languages
from members.enums import ApplicationState, AttachmentState
from notifications.registry import NoticeKind, isolated, register_notice_kind


def paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


def name(data: dict, key: str = "organisation") -> dict[str, str]:
    return {"name": isolated(data[key][languages.current()])}


def reason(data: dict) -> str:
    return _("The reason: %(reason)s") % {"reason": data["reason"]} if data["reason"] else ""


# --- Applications ---------------------------------------------------------------------------------


def to_application(data: dict) -> str:
    """The page of the application: by the secret link in a mail, by the account on the site."""
    if "token" in data:
        return reverse("application", args=[data["token"]])
    return reverse("own_application", args=[data["key"]])


def confirm_text(data: dict) -> str:
    return paragraphs(
        _("An application to join the network was sent with your address, for %(name)s.")
        % name(data),
        _(
            "Open the link below, look through it, and confirm it. Only then does the secretariat "
            "see it. What is not confirmed within seven days is deleted."
        ),
        _("The link is for you alone: it also shows you what becomes of your application."),
    )


STATES = {
    ApplicationState.MORE_ASKED: (
        lambda data: _("Something is missing: your application for %(name)s") % name(data),
        lambda data: paragraphs(
            _("The secretariat has looked at your application for %(name)s and asks:") % name(data),
            data["reason"],
            _("Open the page of your application and answer there."),
        ),
    ),
    ApplicationState.ACCEPTED: (
        lambda data: _("Accepted: your application for %(name)s") % name(data),
        lambda data: paragraphs(
            _("The secretariat has accepted your application for %(name)s. Welcome.") % name(data),
            data["reason"],
            _(
                "What comes next: a mail of its own invites you to your space, as its focal point. "
                "There you make your account, invite your colleagues, and find what is left to do."
            ),
        ),
    ),
    ApplicationState.REFUSED: (
        lambda data: _("Not accepted: your application for %(name)s") % name(data),
        lambda data: paragraphs(
            _("The secretariat has not accepted your application for %(name)s.") % name(data),
            reason(data),
            _("You may apply again at any time, and ask the secretariat if anything is unclear."),
        ),
    ),
    ApplicationState.WITHDRAWN: (
        lambda data: _("Withdrawn: your application for %(name)s") % name(data),
        lambda data: (
            _(
                "The application for %(name)s was withdrawn from its page. You may apply again at "
                "any time."
            )
            % name(data)
        ),
    ),
}

# --- Attachments ----------------------------------------------------------------------------------


def to_attachments(data: dict) -> str:
    return reverse("space_associations", args=[data["key"]])


def decided_subject(data: dict) -> str:
    if data["state"] == AttachmentState.CONFIRMED:
        return _("%(name)s has confirmed your association") % name(data, "other")
    return _("%(name)s has declined") % name(data, "other")


def decided_text(data: dict) -> str:
    if data["state"] == AttachmentState.CONFIRMED:
        return _(
            "%(name)s has confirmed that it works with your association. You may now take part."
        ) % name(data, "other")
    return paragraphs(
        _("%(name)s does not confirm that it works with your association.") % name(data, "other"),
        reason(data),
        _("You may ask it again after 30 days."),
    )


for kind in (
    NoticeKind(
        name="application-confirm",
        label=gettext_lazy("Application"),
        subject=lambda data: _("Confirm your application for %(name)s") % name(data),
        text=confirm_text,
        address=to_application,
    ),
    NoticeKind(
        name="application-known",
        label=gettext_lazy("Application"),
        subject=lambda data: _("Your application for %(name)s is open already") % name(data),
        text=lambda data: paragraphs(
            _(
                "You have sent the form for %(name)s once more. Your first application is with the "
                "secretariat, so the second one was not kept."
            )
            % name(data),
            _("The link below leads to your application and shows where it stands."),
        ),
        address=to_application,
    ),
    # The mail to the applicant is a letter, which holds the link: on the site it is shown only.
    NoticeKind(
        name="application-state",
        label=gettext_lazy("Application"),
        subject=lambda data: STATES[data["state"]][0](data),
        text=lambda data: STATES[data["state"]][1](data),
        address=to_application,
        mail=False,
    ),
    NoticeKind(
        name="application-waiting",
        label=gettext_lazy("Applications"),
        subject=lambda data: (
            (
                _("An applicant has answered: %(name)s")
                if data["again"]
                else _("An application waits: %(name)s")
            )
            % name(data)
        ),
        text=lambda data: (
            (
                _("What was asked of the applicant for %(name)s has been answered.")
                if data["again"]
                else _("Somebody asks to join the network for %(name)s.")
            )
            % name(data)
        ),
        address=lambda data: reverse("applications:inspect", args=[data["application"]]),
    ),
    NoticeKind(
        name="attachment-asked",
        label=gettext_lazy("Associations"),
        subject=lambda data: (
            _("An association waits for your answer: %(name)s") % name(data, "other")
        ),
        text=lambda data: (
            _(
                "%(name)s asks you to confirm that it works with your collectivity. Confirm it if "
                "you know it and it does, or decline and say why."
            )
            % name(data, "other")
        ),
        address=to_attachments,
    ),
    NoticeKind(
        name="attachment-decided",
        label=gettext_lazy("Associations"),
        subject=decided_subject,
        text=decided_text,
        address=to_attachments,
    ),
    NoticeKind(
        name="attachment-ended",
        label=gettext_lazy("Associations"),
        subject=lambda data: (
            pgettext("attachment", "%(name)s has ended the work with you") % name(data, "other")
        ),
        text=lambda data: paragraphs(
            _("%(name)s has ended the attachment, or taken its wish back.") % name(data, "other"),
            reason(data),
        ),
        address=to_attachments,
    ),
):
    register_notice_kind(kind)
