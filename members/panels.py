"""What the space itself looks after: people, the charter, associations, the profile."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from core import languages
from core.numbers import format_number
from members.enums import AttachmentState
from members.models import (
    Affiliation,
    Association,
    Attachment,
    CharterVersion,
    Collectivity,
    Invitation,
    Organisation,
    Signature,
    User,
)
from members.permissions import may
from members.registry import Matter, SpacePanel, register_space_panel


def day(moment) -> str:
    return date_format(localtime(moment), "DATE_FORMAT")


# --- People -------------------------------------------------------------------------------------


def people(organisation: Organisation, person: User) -> Sequence[Matter]:
    """Return who has a place; for those who manage them, how many invitations wait as well."""
    rows = Affiliation.objects.of(organisation).current().select_related("person")
    lines = [
        Matter(text=one.person.name, note=one.get_place_display())
        for one in rows.order_by("-place", "began_at", "pk")
    ]
    if not may(person, "people.manage", organisation):
        return lines
    waiting = Invitation.objects.of(organisation).open_ones().count()
    if waiting:
        text = ngettext(
            "%(shown)s invitation waits for an answer",
            "%(shown)s invitations wait for an answer",
            waiting,
        )
        lines.append(
            Matter(
                text=text % {"shown": format_number(waiting, languages.current())},
                address=reverse("space_people", args=[organisation.key]) + "#invitations",
                note=pgettext("invitation", "Open"),
                is_open=True,
            )
        )
    return lines


register_space_panel(
    SpacePanel(
        "people",
        gettext_lazy("People and invitations"),
        people,
        empty=gettext_lazy("Nobody has a place here."),
        more=lambda organisation: reverse("space_people", args=[organisation.key]),
        order=10,
    )
)

# --- Charter ------------------------------------------------------------------------------------


def charter(organisation: Organisation, person: User) -> Sequence[Matter] | None:
    """Return whether the version in force is signed. Associations do not sign."""
    if not isinstance(organisation, Collectivity):
        return None
    version = CharterVersion.objects.published().order_by("-number").only("number").first()
    if version is None:
        return []
    signed = dict(
        Signature.objects.current()
        .filter(collectivity=organisation)
        .order_by("version__number")
        .values_list("version", "signed_at")
    )
    address = reverse("space_charter", args=[organisation.key])
    if version.pk in signed:
        note = _("Signed on %(date)s") % {"date": day(signed[version.pk])}
        return [Matter(text=str(version), address=address, note=note)]
    signs = may(person, "charter.sign", organisation)
    if signs:
        text = _("Sign the new version of the charter") if signed else _("Sign the charter")
    else:
        text = _("The charter waits for the signature of your focal point")
    return [Matter(text=text, address=address, note=_("Not signed yet"), is_open=True)]


register_space_panel(
    SpacePanel(
        "charter",
        gettext_lazy("Charter"),
        charter,
        empty=gettext_lazy("There is no charter to sign yet."),
        order=20,
    )
)

# --- Associations, and the collectivities of an association -------------------------------------


def associations(organisation: Organisation, person: User) -> Sequence[Matter] | None:
    """Return the associations that work with a collectivity, those that wait for a word first."""
    if not isinstance(organisation, Collectivity):
        return None
    rows = Attachment.objects.open_ones().filter(collectivity=organisation)
    address = attachments_address(organisation)
    decides = may(person, "attachment.decide", organisation)
    waits = _("Waits for your answer") if decides else _("Waits for your focal point’s answer")
    return [
        Matter(
            text=one.association.name,
            address=address,
            note=waits if is_asked(one) else one.get_state_display(),
            is_open=is_asked(one),
        )
        for one in rows.select_related("association").order_by("state", "asked_at", "pk")
    ]


def collectivities(organisation: Organisation, person: User) -> Sequence[Matter] | None:
    """Return the collectivities that an association works with, or has asked."""
    if not isinstance(organisation, Association):
        return None
    rows = Attachment.objects.open_ones().filter(association=organisation)
    address = attachments_address(organisation)
    return [
        Matter(
            text=one.collectivity.full_name,
            address=address,
            note=one.get_state_display(),
            is_open=is_asked(one),
        )
        for one in rows.select_related("collectivity").order_by("state", "asked_at", "pk")
    ]


def is_asked(attachment: Attachment) -> bool:
    return attachment.state == AttachmentState.ASKED


def attachments_address(organisation: Organisation) -> str:
    return reverse("space_associations", args=[organisation.key])


register_space_panel(
    SpacePanel(
        "associations",
        gettext_lazy("Associations"),
        associations,
        empty=gettext_lazy("No association works with you here yet."),
        more=attachments_address,
        order=40,
    )
)
register_space_panel(
    SpacePanel(
        "collectivities",
        gettext_lazy("Collectivities"),
        collectivities,
        empty=gettext_lazy("No collectivity has confirmed you yet: ask those that you work with."),
        more=attachments_address,
        order=40,
    )
)

# --- Profile ------------------------------------------------------------------------------------


def profile(organisation: Organisation, person: User) -> Sequence[Matter]:
    """Return whether anything is told of the organisation on its public page."""
    address = reverse("space_profile", args=[organisation.key])
    is_collectivity = isinstance(organisation, Collectivity)
    told = getattr(organisation, "profile", None) if is_collectivity else organisation
    names = ("about", "website", "email", "phone")
    if is_collectivity:
        names = (*names, "services", "challenges", "skills")
    if not any(getattr(told, name, "") for name in names):
        return [
            Matter(_("Write the profile"), address, note=_("Empty so far"), is_open=True),
        ]
    note = _("Last changed on %(date)s") % {"date": day(told.updated_at)} if is_collectivity else ""
    return [Matter(_("What your public page says"), address, note=note)]


register_space_panel(
    SpacePanel(
        "profile",
        pgettext_lazy("space", "Profile"),
        profile,
        empty="",
        order=50,
    )
)
