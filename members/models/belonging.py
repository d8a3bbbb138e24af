"""How people come to belong to a collectivity or an association: applied, invited, there."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.labels import in_language
from core.languages import OWN_NAMES
from core.uploads.models import Upload
from members.enums import ApplicationState, InvitationState, OrganisationKind, Place
from members.models.associations import Association
from members.models.collectivities import Collectivity

Organisation = Collectivity | Association


def organisation_fields(organisation: Organisation) -> dict:
    """Return the fields by which a row of `OfOrganisation` names an organisation."""
    if isinstance(organisation, Association):
        return {"collectivity": None, "association": organisation}
    return {"collectivity": organisation, "association": None}


class OfOrganisationQuerySet(models.QuerySet):
    def of(self, organisation: Organisation) -> "OfOrganisationQuerySet":
        return self.filter(**organisation_fields(organisation))


class OfOrganisation(models.Model):
    """Something of a collectivity or of an association, never of both."""

    collectivity = models.ForeignKey(
        Collectivity,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name=_("collectivity"),
    )
    association = models.ForeignKey(
        Association,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name=_("association"),
    )

    class Meta:
        abstract = True

    @property
    def organisation(self) -> Organisation | None:
        return self.collectivity or self.association


ONE_ORGANISATION = Q(collectivity=None, association__isnull=False) | Q(
    collectivity__isnull=False, association=None
)


class AffiliationQuerySet(OfOrganisationQuerySet):
    def current(self) -> "AffiliationQuerySet":
        return self.filter(ended_at=None, person__is_active=True)

    def focal_points(self) -> "AffiliationQuerySet":
        return self.current().filter(place=Place.FOCAL_POINT)

    def public(self) -> "AffiliationQuerySet":
        """
        Those whose people chose to be shown to everybody. Without a name of their own they would be
        shown by their e-mail address: they are left out.
        """
        nameless = Q(person__first_name="", person__last_name="")
        return self.current().filter(person__shows_name=True).exclude(nameless)


class Affiliation(OfOrganisation):
    """A stretch of time in which a person has a place in an organisation. History stays."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="affiliations",
        verbose_name=_("person"),
    )
    place = models.CharField(
        pgettext_lazy("affiliation", "place"), max_length=20, choices=Place.choices
    )
    office = models.CharField(_("office"), max_length=120, blank=True)
    began_at = models.DateTimeField(_("since"), default=timezone.now)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = AffiliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        ordering = ["began_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=ONE_ORGANISATION, name="affiliation_one_organisation"),
            models.UniqueConstraint(
                fields=["person", "collectivity"],
                condition=Q(ended_at=None, association=None),
                name="affiliation_once_in_a_collectivity",
            ),
            models.UniqueConstraint(
                fields=["person", "association"],
                condition=Q(ended_at=None, collectivity=None),
                name="affiliation_once_in_an_association",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_place_display()}, {self.organisation}"


class InvitationQuerySet(OfOrganisationQuerySet):
    def open_ones(self) -> "InvitationQuerySet":
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


class Invitation(OfOrganisation):
    """
    A word to one e-mail address that it may take a place in an organisation, once, for a while.

    The secret in its link is kept as a digest only.
    """

    email = models.EmailField(_("e-mail address"))
    place = models.CharField(
        pgettext_lazy("affiliation", "place"), max_length=20, choices=Place.choices
    )
    office = models.CharField(_("office"), max_length=120, blank=True)
    language = models.CharField(
        _("language"), max_length=10, blank=True, choices=list(OWN_NAMES.items())
    )
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("sent on"), default=timezone.now)
    expires_at = models.DateTimeField(_("runs out on"))
    accepted_at = models.DateTimeField(_("accepted on"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("accepted by"),
    )
    revoked_at = models.DateTimeField(_("withdrawn on"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=ONE_ORGANISATION, name="invitation_one_organisation"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None),
                name="invitation_accepted_or_revoked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.organisation}"

    @property
    def state(self) -> InvitationState:
        if self.accepted_at:
            return InvitationState.ACCEPTED
        if self.revoked_at:
            return InvitationState.REVOKED
        if self.expires_at <= timezone.now():
            return InvitationState.EXPIRED
        return InvitationState.OPEN


class ApplicationQuerySet(OfOrganisationQuerySet):
    def for_editors(self) -> "ApplicationQuerySet":
        """Those whose applicant has shown that the e-mail address is theirs."""
        return self.exclude(state=ApplicationState.UNCONFIRMED)

    def waiting(self) -> "ApplicationQuerySet":
        return self.filter(state=ApplicationState.WAITING)


class Application(OfOrganisation):
    """
    An official's or an association's wish to join the network.

    A collectivity is named by its row; an association exists from the acceptance on. The applicant
    has no account yet: a secret link, kept as a digest, leads to the page of their application.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    first_name = models.CharField(_("first name"), max_length=60)
    last_name = models.CharField(_("last name"), max_length=60)
    email = models.EmailField(_("e-mail address"))
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    office = models.CharField(_("office"), max_length=120)
    language = models.CharField(_("language"), max_length=10, choices=list(OWN_NAMES.items()))
    association_name_ar = models.CharField(_("name in Arabic"), max_length=150, blank=True)
    association_name_fr = models.CharField(_("name in French"), max_length=150, blank=True)
    about = models.TextField(_("about"), max_length=2000, blank=True)
    attach_to = models.ManyToManyField(
        Collectivity,
        blank=True,
        related_name="+",
        verbose_name=_("collectivities that it works with"),
    )
    message = models.TextField(_("message"), max_length=2000, blank=True)
    document = models.ForeignKey(
        Upload,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("deliberation of the council"),
    )
    state = models.CharField(
        _("state"),
        max_length=20,
        choices=ApplicationState.choices,
        default=ApplicationState.UNCONFIRMED,
    )
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("date"), default=timezone.now)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind=OrganisationKind.COLLECTIVITY, collectivity__isnull=False, association=None
                )
                | Q(kind=OrganisationKind.ASSOCIATION, collectivity=None),
                name="application_names_its_organisation",
            ),
            models.CheckConstraint(
                condition=~Q(kind=OrganisationKind.ASSOCIATION)
                | ~Q(association_name_ar="")
                | ~Q(association_name_fr=""),
                name="application_of_an_association_has_a_name",
            ),
            models.UniqueConstraint(
                fields=["collectivity", "email"],
                condition=Q(state__in=ApplicationState.OPEN, collectivity__isnull=False),
                name="application_one_open_per_person",
            ),
        ]

    def __str__(self) -> str:
        return self.organisation_name

    @property
    def name(self) -> str:
        """The applicant's."""
        return f"{self.first_name} {self.last_name}"

    @property
    def organisation_name(self) -> str:
        if self.organisation:
            return self.organisation.full_name
        return in_language(self, "association_name")[0]


class ApplicationStep(models.Model):
    """What happened to an application: who, when, from where to where, why."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty where it was the applicant, who has no account.",
    )
    before = models.CharField(max_length=20, choices=ApplicationState.choices)
    after = models.CharField(max_length=20, choices=ApplicationState.choices)
    reason = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.application}: {self.before} → {self.after}"
