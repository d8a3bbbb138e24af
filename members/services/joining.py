"""
Applications to join the network: sent, confirmed, answered, withdrawn, decided, forgotten.

The applicant has no account. What they may do, they do by the secret link that was mailed to them.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.core.files.base import File
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import languages, outbox
from core.audit import record
from core.labels import in_language
from core.uploads.policies import UploadPolicy, register_upload_policy
from core.uploads.services import delete_upload, keep_upload
from members.enums import ApplicationState, OrganisationKind, Place
from members.models import (
    Affiliation,
    Application,
    ApplicationStep,
    Association,
    Attachment,
    Collectivity,
    Invitation,
    Organisation,
    User,
)
from members.services import invitations
from members.services.attachments import tell_of_asking
from members.services.people import PlaceRefused, change_place, hold, names_of
from members.services.staff import editors
from notifications.services import tell, tell_address

UNCONFIRMED_KEPT_FOR = timedelta(days=7)
ENDED_KEPT_FOR = timedelta(days=365)  # those that were refused or withdrawn
MOST_COLLECTIVITIES = 10  # that an association names when it applies

register_upload_policy(
    UploadPolicy("deliberation", gettext_lazy("Deliberation"), ("pdf", "jpeg", "png"))
)


class JoiningRefused(Exception):
    """Nothing was changed; the text says why, in the person's language."""


# --- The secret link ------------------------------------------------------------------------------


def application_of(token: str) -> Application | None:
    """Return the application whose link holds a secret."""
    rows = Application.objects.select_related(
        "collectivity__parent", "collectivity__region", "association", "document"
    )
    return rows.filter(token_digest=invitations.digest_of(token)).first()


def token_of(application: Application) -> str:
    """
    Return the secret of an application's link.

    Each mail to the applicant holds it, and only its digest is stored: so it is made anew from the
    site's key each time. After a change of that key the newest mail's link is the one that works.
    """
    token = _token(application.key)
    if application.token_digest != invitations.digest_of(token):
        application.token_digest = invitations.digest_of(token)
        application.save(update_fields=["token_digest"])
    return token


def _token(key: uuid.UUID) -> str:
    secret = salted_hmac("members.application", key.hex, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(secret[:24]).decode()


# --- By the applicant -----------------------------------------------------------------------------


def has_focal_point(collectivity: Collectivity) -> bool:
    """Return whether somebody speaks for a collectivity here, who invites its people."""
    return Affiliation.objects.of(collectivity).focal_points().exists()


@transaction.atomic
def send_application(
    *,
    kind: OrganisationKind,
    fields: dict[str, str],
    collectivity: Collectivity | None = None,
    attach_to: Sequence[Collectivity] = (),
    document: File | None = None,
    language: str,
    stamp: str,
) -> None:
    """
    Keep an application until its e-mail address is confirmed, and mail the link that does it.
    Where the same person has an open one for the same organisation, that one's link is mailed
    instead: what is shown tells nobody whose address is known here.

    The same form sent twice is one application.

    :param fields: of `Application`, as they were typed
    :param collectivity: the one to join, for that kind
    :param attach_to: the collectivities that an association works with
    :param stamp: of the form that was handed out
    :raises JoiningRefused: where the collectivity has a focal point, who invites its people
    """
    if collectivity and has_focal_point(collectivity):
        raise JoiningRefused(_("Its focal point invites its people. Ask for an invitation."))
    fields = fields | {"email": fields["email"].lower()}
    known = _open_like(Application(kind=kind, collectivity=collectivity, **fields))
    key = _key(stamp, kind, collectivity, attach_to, fields, document)
    if known:
        _mail(known, "application-known", key=str(key))
        return
    if Application.objects.filter(key=key).exists():
        return
    upload = keep_upload(file=document, owner=None, policy="deliberation") if document else None
    application = Application.objects.create(
        key=key,
        kind=kind,
        collectivity=collectivity,
        document=upload,
        language=language,
        token_digest=invitations.digest_of(_token(key)),
        **fields,
    )
    application.attach_to.set(attach_to)
    _mail(application, "application-confirm")


def _key(stamp, kind, collectivity, attach_to, fields, document) -> uuid.UUID:
    """Return a number that is the same for the same words in the same form."""
    told = [
        stamp,
        kind,
        collectivity.code if collectivity else "",
        sorted(one.code for one in attach_to),
        sorted(fields.items()),
        [document.name, document.size] if document else [],
    ]
    digest = hashlib.sha256(json.dumps(told).encode()).digest()
    return uuid.UUID(bytes=digest[:16])


def _open_like(application: Application) -> Application | None:
    """Return an open application of the same person for the same organisation."""
    same = Application.objects.filter(
        state__in=ApplicationState.OPEN,
        email__iexact=application.email,
        kind=application.kind,
        collectivity=application.collectivity,
        association_name_ar=application.association_name_ar,
        association_name_fr=application.association_name_fr,
    )
    return same.exclude(pk=application.pk).first()


@transaction.atomic
def confirm_application(*, application: Application) -> None:
    """
    Hand an application to the secretariat, once its applicant has shown that the address is theirs.
    Audits, and tells the editors.

    :raises JoiningRefused: where it was confirmed before, or another one is open
    """
    application = _hold(application)
    if application.state != ApplicationState.UNCONFIRMED:
        raise JoiningRefused(_("The application has been sent to the secretariat already."))
    if _open_like(application):
        raise JoiningRefused(
            _("You have sent another application for the same, which is being looked at.")
        )
    step = _move(application, ApplicationState.WAITING, actor=None)
    _tell_editors(application, step)


@transaction.atomic
def answer_application(
    *, application: Application, text: str, document: File | None = None
) -> None:
    """
    Answer what the secretariat asked. A document takes the place of the one before. Audits, and
    tells the editors.

    :raises JoiningRefused: where nothing is asked, or no longer
    """
    application = _hold(application)
    if application.state != ApplicationState.MORE_ASKED:
        raise JoiningRefused(_("Nothing is asked of you at the moment."))
    if document:
        before = application.document
        application.document = keep_upload(file=document, owner=None, policy="deliberation")
        application.save(update_fields=["document"])
        if before:
            delete_upload(upload=before)
    step = _move(application, ApplicationState.WAITING, actor=None, reason=text)
    _tell_editors(application, step)


@transaction.atomic
def withdraw_application(*, application: Application) -> None:
    """
    Take an application back. Audits, and mails the applicant that it was done.

    :raises JoiningRefused: where it is decided, or was never sent to the secretariat
    """
    application = _hold(application)
    if application.state not in ApplicationState.OPEN:
        raise JoiningRefused(_("This application is not open, so it cannot be withdrawn."))
    step = _move(application, ApplicationState.WITHDRAWN, actor=None)
    _tell_applicant(application, step)


# --- By the secretariat ---------------------------------------------------------------------------


@transaction.atomic
def ask_for_more(*, application: Application, editor: User, reason: str) -> None:
    """
    Ask the applicant for something. Audits, and tells them by mail, and on the site where they have
    an account.

    :param reason: what is missing
    :raises JoiningRefused: where it does not wait for an editor
    """
    application = _hold_for_decision(application, ApplicationState.WAITING)
    step = _move(application, ApplicationState.MORE_ASKED, actor=editor, reason=reason)
    _tell_applicant(application, step)


@transaction.atomic
def refuse_application(*, application: Application, editor: User, reason: str) -> None:
    """
    Refuse an application. Audits, and tells the applicant as `ask_for_more` does.

    :raises JoiningRefused: where it is not open
    """
    application = _hold_for_decision(application, *ApplicationState.OPEN)
    step = _move(application, ApplicationState.REFUSED, actor=editor, reason=reason)
    _tell_applicant(application, step)


@transaction.atomic
def accept_application(*, application: Application, editor: User, reason: str) -> None:
    """
    Accept an application. An association begins to exist, and the collectivities that it works with
    are asked and told. The applicant is invited to the space as its focal point, by a mail of its
    own, and told as `ask_for_more` does. Audits.

    A collectivity is not a member yet: it is from the signature of the charter on.

    :raises JoiningRefused: where it does not wait for an editor, or the invitation cannot be sent
    """
    application = _hold_for_decision(application, ApplicationState.WAITING)
    organisation = application.collectivity or _make_association(application, editor)
    try:
        _make_focal_point(application, organisation, editor)
    except (invitations.InvitationRefused, PlaceRefused) as error:
        raise JoiningRefused(str(error)) from error
    step = _move(application, ApplicationState.ACCEPTED, actor=editor, reason=reason)
    _tell_applicant(application, step)


def _make_association(application: Application, editor: User) -> Association:
    association = Association.objects.create(
        name_ar=application.association_name_ar,
        name_fr=application.association_name_fr,
        about=application.about,
        language=application.language,
    )
    application.association = association
    application.save(update_fields=["association"])
    for collectivity in application.attach_to.all():
        attachment = Attachment.objects.create(association=association, collectivity=collectivity)
        record(
            kind="attachment.asked",
            actor=editor,
            subject=attachment,
            after={"state": attachment.state},
        )
        tell_of_asking(attachment)
    return association


def _make_focal_point(application: Application, organisation: Organisation, editor: User) -> None:
    """Invite the applicant; whoever works in the space already is raised."""
    people = Affiliation.objects.of(organisation).current()
    held = people.filter(person__email__iexact=application.email).first()
    if held:
        change_place(affiliation=held, place=Place.FOCAL_POINT, actor=editor)
        return
    invitations.invite(
        organisation=organisation,
        email=application.email,
        place=Place.FOCAL_POINT,
        office=application.office,
        language=application.language,
        actor=editor,
    )


def invitation_for(application: Application) -> Invitation | None:
    """Return the newest invitation that the acceptance of an application led to."""
    if application.state != ApplicationState.ACCEPTED or not application.organisation:
        return None
    mine = Invitation.objects.of(application.organisation)
    return mine.filter(email__iexact=application.email, place=Place.FOCAL_POINT).first()


@transaction.atomic
def invite_again(*, application: Application, editor: User) -> None:
    """
    Send the invitation of an accepted application anew, where it was lost or has run out.

    :raises JoiningRefused: where there is none, or it was accepted
    """
    invitation = invitation_for(application)
    if invitation is None or invitation.accepted_at:
        raise JoiningRefused(_("There is no open invitation to send again."))
    try:
        _make_focal_point(application, application.organisation, editor)
    except (invitations.InvitationRefused, PlaceRefused) as error:
        raise JoiningRefused(str(error)) from error


# --- What they share ------------------------------------------------------------------------------


def _hold(application: Application) -> Application:
    """Return the row as it stands now, and have whoever else changes it wait."""
    if application.collectivity_id:
        hold(application.collectivity)
    return Application.objects.select_for_update(of=("self",)).get(pk=application.pk)


def _hold_for_decision(application: Application, *states: ApplicationState) -> Application:
    application = _hold(application)
    if application.state not in states:
        raise JoiningRefused(
            _("This was not done: meanwhile the state of the application is “%(state)s”.")
            % {"state": application.get_state_display()}
        )
    return application


def _move(
    application: Application, state: ApplicationState, *, actor: User | None, reason: str = ""
) -> ApplicationStep:
    before, application.state = application.state, state
    application.save(update_fields=["state"])
    record(
        kind=f"application.{state}",
        actor=actor,
        subject=application,
        before={"state": before},
        after={"state": state},
    )
    return ApplicationStep.objects.create(
        application=application, actor=actor, before=before, after=state, reason=reason
    )


def names_of_application(application: Application) -> dict[str, str]:
    """Return the name of the organisation for readers of each language, as notices keep it."""
    if application.organisation:
        return names_of(application.organisation)
    return {code: in_language(application, "association_name", code)[0] for code in languages.CODES}


def _mail(application: Application, kind: str, *, key: str = "", **data: str) -> None:
    tell_address(
        email=application.email,
        language=application.language,
        kind=kind,
        data={
            "organisation": names_of_application(application),
            "token": token_of(application),
            **data,
        },
        key=key,
    )


def _tell_applicant(application: Application, step: ApplicationStep) -> None:
    """Mail the applicant what became of the application; note it on the site too, if they have an
    account with the address, which the confirmation has shown to be theirs."""
    data = {"state": step.after, "reason": step.reason}
    _mail(application, "application-state", **data)
    tell(
        people=User.objects.filter(email__iexact=application.email, is_active=True),
        kind="application-state",
        data=data
        | {"organisation": names_of_application(application), "key": str(application.key)},
    )


def _tell_editors(application: Application, step: ApplicationStep) -> None:
    tell(
        people=editors(),
        kind="application-waiting",
        data={
            "organisation": names_of_application(application),
            "application": application.pk,
            "again": step.before == ApplicationState.MORE_ASKED,
        },
        key=str(step.pk),
    )


@outbox.periodic("clear-applications", every=timedelta(days=1))
def clear_applications() -> None:
    """
    Delete applications that nobody confirmed within a week, and those that were refused or
    withdrawn a year ago, each with its document. What the audit log holds of them names nobody.
    """
    now = timezone.now()
    unconfirmed = Q(state=ApplicationState.UNCONFIRMED, created_at__lt=now - UNCONFIRMED_KEPT_FOR)
    recent = ApplicationStep.objects.filter(
        application=OuterRef("pk"), at__gte=now - ENDED_KEPT_FOR
    )
    ended = Q(state__in=[ApplicationState.REFUSED, ApplicationState.WITHDRAWN]) & ~Exists(recent)
    for pk in Application.objects.filter(unconfirmed | ended).values_list("pk", flat=True):
        _forget(pk, unconfirmed | ended)


@transaction.atomic
def _forget(pk: int, over: Q) -> None:
    """Delete one, unless it was confirmed at this moment."""
    rows = Application.objects.select_for_update(of=("self",)).select_related("document")
    application = rows.filter(over, pk=pk).first()
    if application is None:
        return
    document = application.document
    application.delete()
    if document:
        delete_upload(upload=document)
