"""A page that members write: whose it is, where it comes from, what files it has."""

import uuid

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from contributions.enums import AuthorState, FileRole
from contributions.registry import readers
from core.uploads.models import Upload
from members.models import Collectivity, User
from members.permissions import may, standing_of


class ContributionQuerySet(models.QuerySet):
    def written_by(self, collectivities) -> "ContributionQuerySet":
        """
        Those that collectivities write, the asked ones among them.

        :param collectivities: keys, or a query of them
        """
        authors = Authorship.objects.current().filter(
            contribution=OuterRef("pk"), collectivity__in=collectivities
        )
        return self.filter(Exists(authors))

    def visible_to(self, user: User | AnonymousUser) -> "ContributionQuerySet":
        """
        Those whose draft, files and history somebody may see: their authors, the editors, a
        thematic reviewer who was asked, as long as it is with the editors, and whom other apps let
        in (`registry.register_reader`).
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if may(user, "contribution.review"):
            return self
        places = standing_of(user).places
        mine = [one.collectivity_id for one in places if one.collectivity_id]
        authors = Authorship.objects.current().filter(
            contribution=OuterRef("pk"), collectivity__in=mine
        )
        # By its name: the models of the review stand behind this module.
        opinions = apps.get_model("contributions", "Opinion").objects.filter(
            contribution=OuterRef("pk"),
            reviewer=user,
            dropped_at=None,
            asked_at__gte=OuterRef("submitted_at"),
        )
        allowed = Q(Exists(authors)) | Q(Exists(opinions))
        for reader in readers.values():
            allowed |= reader(user)
        return self.filter(allowed)


class Contribution(models.Model):
    """
    A page that members of the network write, in one language.

    Its texts are the page's revisions; how far it is, Wagtail's page and workflow tell
    (`contributions.states`). Here stands what Wagtail has no place for.
    """

    page = models.OneToOneField(
        Page, on_delete=models.CASCADE, related_name="contribution", verbose_name=_("page")
    )
    kind = models.CharField(max_length=30, help_text="The name of a registered kind of draft.")
    key = models.UUIDField(
        unique=True,
        default=uuid.uuid4,
        help_text="Of the form that began it: sent twice, it begins one thing.",
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("begun by"),
    )
    started_at = models.DateTimeField(_("begun on"), default=timezone.now)
    saved_at = models.DateTimeField(_("saved on"), default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("saved by"),
    )
    submitted_at = models.DateTimeField(_("waits since"), null=True, blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("being reviewed by"),
    )
    reviewer_since = models.DateTimeField(null=True, blank=True)
    parent = models.ForeignKey(
        Page,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("written from"),
        help_text="The page that it began as a copy of.",
    )
    provenance = models.JSONField(default=dict, blank=True)
    archived_at = models.DateTimeField(_("retired on"), null=True, blank=True)
    successor = models.ForeignKey(
        Page,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("retired in favour of"),
    )
    collectivities = models.ManyToManyField(
        Collectivity, through="Authorship", related_name="contributions"
    )

    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering = ["-saved_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewer=None, reviewer_since=None)
                | Q(reviewer__isnull=False, reviewer_since__isnull=False),
                name="contribution_reviewer_since",
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | Q(archived_at__isnull=False),
                name="contribution_successor_of_a_retired_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.page_id}"


class AuthorshipQuerySet(models.QuerySet):
    def current(self) -> "AuthorshipQuerySet":
        """Those of collectivities that write, and of those that were asked to and may look."""
        return self.exclude(state=AuthorState.ENDED)

    def writing(self) -> "AuthorshipQuerySet":
        return self.filter(state=AuthorState.WRITES)


class Authorship(models.Model):
    """A collectivity that writes a contribution. One leads; it asks others to write along."""

    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="authorships"
    )
    collectivity = models.ForeignKey(
        Collectivity,
        on_delete=models.PROTECT,
        related_name="authorships",
        verbose_name=_("collectivity"),
    )
    state = models.CharField(max_length=10, choices=AuthorState.choices, default=AuthorState.ASKED)
    leads = models.BooleanField(default=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = AuthorshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("authorship")
        verbose_name_plural = _("authorships")
        ordering = ["-leads", "asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contribution", "collectivity"], name="authorship_once"
            ),
            models.UniqueConstraint(
                fields=["contribution"], condition=Q(leads=True), name="authorship_one_leads"
            ),
            models.CheckConstraint(
                condition=Q(leads=False) | Q(state=AuthorState.WRITES),
                name="authorship_who_leads_writes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collectivity}: {self.get_state_display()}"


class ContributionFile(models.Model):
    """
    A file that was sent for a contribution. Rows of the page's revisions name its upload; this row
    keeps it from being cleared away, and tells who may have it: those who see the contribution.
    """

    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE, related_name="files")
    upload = models.OneToOneField(Upload, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=FileRole.choices)

    class Meta:
        verbose_name = _("file of a contribution")
        verbose_name_plural = _("files of contributions")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.upload.name
