from enum import nonmember

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CollectivityKind(models.TextChoices):
    """What a territorial collectivity is (constitution, article 135)."""

    REGION = "region", pgettext_lazy("collectivity", "Region")
    PREFECTURE = "prefecture", pgettext_lazy("collectivity", "Prefecture")
    PROVINCE = "province", pgettext_lazy("collectivity", "Province")
    COMMUNE = "commune", pgettext_lazy("collectivity", "Commune")


class Level(models.TextChoices):
    """The three levels; prefectures and provinces are one."""

    REGION = "region", pgettext_lazy("collectivity", "Region")
    PROVINCE = "province", _("Prefecture or province")
    COMMUNE = "commune", pgettext_lazy("collectivity", "Commune")


KINDS_OF_LEVEL: dict[str, tuple[str, ...]] = {
    Level.REGION: (CollectivityKind.REGION,),
    Level.PROVINCE: (CollectivityKind.PREFECTURE, CollectivityKind.PROVINCE),
    Level.COMMUNE: (CollectivityKind.COMMUNE,),
}
LEVEL_OF_KIND: dict[str, str] = {
    kind: level for level, kinds in KINDS_OF_LEVEL.items() for kind in kinds
}


class Setting(models.TextChoices):
    """Whether a commune is urban or rural, as the census has it."""

    URBAN = "urban", pgettext_lazy("commune", "Urban")
    RURAL = "rural", pgettext_lazy("commune", "Rural")


class Place(models.TextChoices):
    """What a person is in a collectivity's or an association's space."""

    # With a context: Wagtail's catalogue has the focal point of a picture.
    FOCAL_POINT = "focal-point", pgettext_lazy("place", "Focal point")
    CONTRIBUTOR = "contributor", pgettext_lazy("place", "Contributor")


class StaffRole(models.TextChoices):
    """What a person is for the network as a whole. Each has a Django group of this name."""

    MODERATOR = "Moderators", _("Moderator")
    EDITOR = "Editors", _("Editor")
    ADMINISTRATOR = "Administrators", _("Administrator")


class OrganisationKind(models.TextChoices):
    COLLECTIVITY = "collectivity", _("Collectivity")
    ASSOCIATION = "association", _("Association")


class AttachmentState(models.TextChoices):
    """What became of an association's wish to be attached to a collectivity."""

    ASKED = "asked", pgettext_lazy("attachment", "Waiting for an answer")
    CONFIRMED = "confirmed", pgettext_lazy("attachment", "Confirmed")
    DECLINED = "declined", pgettext_lazy("attachment", "Declined")
    ENDED = "ended", pgettext_lazy("attachment", "Ended")

    OPEN = nonmember(("asked", "confirmed"))


class ApplicationState(models.TextChoices):
    """Where an application to the network stands."""

    UNCONFIRMED = "unconfirmed", pgettext_lazy("application", "Waiting for your confirmation")
    WAITING = "waiting", pgettext_lazy("application", "Waiting for an editor")
    MORE_ASKED = "more-asked", pgettext_lazy("application", "More is asked of you")
    ACCEPTED = "accepted", pgettext_lazy("application", "Accepted")
    REFUSED = "refused", pgettext_lazy("application", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("application", "Withdrawn")

    # Of one organisation at most one application is in these.
    OPEN = nonmember(("waiting", "more-asked"))
    ENDED = nonmember(("accepted", "refused", "withdrawn"))


class InvitationState(models.TextChoices):
    """What became of an invitation; told by its dates."""

    OPEN = "open", pgettext_lazy("invitation", "Open")
    ACCEPTED = "accepted", pgettext_lazy("invitation", "Accepted")
    EXPIRED = "expired", pgettext_lazy("invitation", "Run out")
    REVOKED = "revoked", pgettext_lazy("invitation", "Withdrawn")


class CharterCommitment(models.IntegerChoices):
    """The five commitments of a member (charter of the network, in the order of its text)."""

    NORMS = 1, _("Respect the norms of openness")
    ADOPT = 2, _("Adopt action programmes with civil society")
    EVALUATE = 3, _("Carry them out and evaluate them together")
    COOPERATE = 4, _("Cooperate with the actors of the territory")
    VISIBILITY = 5, _("Make Moroccan collectivities visible")
