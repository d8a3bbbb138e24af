import json

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page, PageManager
from wagtail_localize.fields import SynchronizedField, TranslatableField
from wagtail_localize.models import TranslationSource

from core.fields import CleanRichTextField, PartialDateField
from core.files import LICENCE_URLS, Licence
from core.pages import BasePage, NumberedPage, PublicPageQuerySet
from core.slugs import short_slug
from core.vocabularies import Principle, Theme
from members.permissions import is_of_network
from practices.admin_forms import CONTENT_PANELS, PracticePageForm
from practices.enums import Audience, Origin, PracticeKind, PracticeStatus
from practices.files import make_files_of_uploads, place_pictures_later
from practices.hidden import hide_authors, only_failures
from practices.models.rows import PracticeIndicator, PracticeTheme


class PracticeIndexPage(BasePage):
    """The list of practices in one language, with the practices below it."""

    introduction = models.CharField(_("introduction"), max_length=300, blank=True)

    max_count_per_parent = 1
    subpage_types = ["practices.PracticePage"]
    parent_page_types = ["home.HomePage"]
    translatable_fields = [TranslatableField("title"), TranslatableField("introduction")]
    content_panels = [FieldPanel("title"), FieldPanel("introduction")]
    promote_panels = [FieldPanel("seo_title"), FieldPanel("search_description")]

    class Meta:
        verbose_name = _("list of practices")

    def serve(self, request, *args, **kwargs):
        from practices.views.pages import practice_list

        return practice_list(request)


# A page that was never published has no date: it comes last, on every database.
NEWEST_FIRST = (F("first_published_at").desc(nulls_last=True), "-pk")


class PracticeQuerySet(PublicPageQuerySet):
    def visible(self) -> "PracticeQuerySet":
        """Those that every visitor may read."""
        return super().visible().filter(audience=Audience.PUBLIC)

    def of_network(self) -> "PracticeQuerySet":
        """Those that the network may read: the public ones, and what is told to it alone."""
        return super().visible()

    def visible_to(self, user) -> "PracticeQuerySet":
        return self.of_network() if is_of_network(user) else self.visible()


PracticeManager = PageManager.from_queryset(PracticeQuerySet)


class PracticePage(NumberedPage):
    """
    A good practice or a case study, told by the template of the network.

    The parts are fields and rows, not one text: they are asked for one by one, filtered, compared
    and exported. What nobody knows stays empty, and the page leaves the part out.
    """

    kind = models.CharField(
        _("kind"), max_length=12, choices=PracticeKind.choices, default=PracticeKind.PRACTICE
    )
    # Only what did not work may be kept to the network, or hide who tells it. A page that hides it
    # holds no name of a collectivity at all: who wrote it, `contributions.Authorship` alone knows.
    audience = models.CharField(
        _("who may read it"), max_length=10, choices=Audience.choices, default=Audience.PUBLIC
    )
    hides_collectivity = models.BooleanField(_("hides the collectivity’s name"), default=False)
    summary = models.CharField(
        _("summary"),
        max_length=300,
        help_text=_("What was done and what came of it, in up to 300 characters."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=PracticeStatus.choices, blank=True
    )
    start = PartialDateField(_("start"), blank=True)
    end = PartialDateField(_("end"), blank=True)
    population_reached = models.PositiveIntegerField(_("population reached"), null=True, blank=True)
    budget_mad = models.PositiveBigIntegerField(
        _("budget in dirhams"), null=True, blank=True, validators=[MinValueValidator(0)]
    )

    problem = CleanRichTextField(_("the problem"))
    objectives = CleanRichTextField(_("objectives"))
    approach = CleanRichTextField(_("how it was done"))
    resources = CleanRichTextField(_("resources: people, tools, support"))
    legal_basis = CleanRichTextField(_("legal basis"))
    results = CleanRichTextField(_("results"))
    difficulties = CleanRichTextField(_("difficulties"))
    lessons = CleanRichTextField(_("lessons"))
    transfer_conditions = CleanRichTextField(_("conditions for transfer"))
    how_to = CleanRichTextField(_("how to begin"))

    contact_name = models.CharField(_("contact: service or person"), max_length=150, blank=True)
    contact_email = models.EmailField(_("contact: e-mail"), blank=True)
    contact_phone = models.CharField(_("contact: telephone"), max_length=30, blank=True)

    licence = models.CharField(
        _("licence"), max_length=30, choices=Licence.choices, default=Licence.CC_BY
    )
    origin = models.CharField(
        _("who tells it"), max_length=10, choices=Origin.choices, default=Origin.MEMBER
    )
    source_title = models.CharField(_("source"), max_length=255, blank=True)
    source_url = models.URLField(_("address of the source"), max_length=1000, blank=True)
    source_date = PartialDateField(_("date of the source"), blank=True)
    source_gaps = CleanRichTextField(_("what the source does not say"))

    principles = ClusterTaggableManager(
        through="practices.PracticePrinciple",
        verbose_name=_("principles"),
        related_name="practices",
    )
    themes = ClusterTaggableManager(
        through="practices.PracticeTheme",
        verbose_name=_("themes"),
        related_name="practices",
        blank=True,
    )

    objects = PracticeManager()

    base_form_class = PracticePageForm
    parent_page_types = ["practices.PracticeIndexPage"]
    subpage_types: list[str] = []

    TEXTS = (
        "problem",
        "objectives",
        "approach",
        "resources",
        "legal_basis",
        "results",
        "difficulties",
        "lessons",
        "transfer_conditions",
        "how_to",
    )
    translatable_fields = [
        TranslatableField("title"),
        TranslatableField("summary"),
        *(TranslatableField(name) for name in TEXTS),
        TranslatableField("source_title"),
        TranslatableField("source_gaps"),
        TranslatableField("contact_name"),
        TranslatableField("challenges"),
        TranslatableField("steps"),
        TranslatableField("participants"),
        TranslatableField("indicators"),
        TranslatableField("attachments"),
        TranslatableField("photos"),
        *(
            SynchronizedField(name, overridable=False)
            for name in (
                "kind",
                "audience",
                "hides_collectivity",
                "status",
                "start",
                "end",
                "population_reached",
                "budget_mad",
                "contact_email",
                "contact_phone",
                "licence",
                "origin",
                "source_url",
                "source_date",
                # The rows: wagtail-localize copies a tag field once, and never again.
                "principle_links",
                "theme_links",
                "collectivity_links",
            )
        ),
    ]

    content_panels = CONTENT_PANELS
    # No slug: the address is made once and stays.
    promote_panels = [FieldPanel("seo_title"), FieldPanel("search_description")]

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practices")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=PracticeKind.DID_NOT_WORK)
                | Q(audience=Audience.PUBLIC, hides_collectivity=False),
                name="practice_only_failures_are_kept_back",
            )
        ]

    def clean(self) -> None:
        super().clean()
        if self.start and self.end and self.end < self.start[: len(self.end)]:
            raise ValidationError({"end": _("The end is earlier than the start.")})
        if self.kind != PracticeKind.DID_NOT_WORK and (
            self.hides_collectivity or self.audience != Audience.PUBLIC
        ):
            raise ValidationError({"kind": only_failures()})

    def save(self, *args, **kwargs):
        if self.theme_links.is_deferring:
            self.replace_retired_themes()
        if kwargs.get("update_fields") is None:
            if self.hides_collectivity:
                hide_authors(self)
            if self.live:
                self.renew_slug()
                make_files_of_uploads(self)
        if not (self.live and self.kind == PracticeKind.DID_NOT_WORK):
            return super().save(*args, **kwargs)
        with transaction.atomic():
            saved = super().save(*args, **kwargs)
            place_pictures_later(self)  # only pages of this kind change their readers
        return saved

    def save_revision(self, *args, **kwargs):
        if self.hides_collectivity:
            hide_authors(self)
        return super().save_revision(*args, **kwargs)

    @property
    def slug_of_title(self) -> str:
        """The slug that today's title makes."""
        return f"{short_slug(self.title) or 'practice'}-{self.pk}"

    def renew_slug(self) -> None:
        """
        Make the slug of today's title when the practice is published first: a name that stood in an
        earlier title is not to stay in the address. The number stays, and no redirect is made.
        """
        slug = self.slug_of_title
        if self._state.adding or self.number != str(self.pk) or self.slug == slug:
            return
        versions = PracticePage.objects.filter(translation_key=self.translation_key)
        if versions.filter(first_published_at__isnull=False).exists():
            return
        self.slug = slug
        for page in versions:
            page.slug = slug
            page.set_url_path(page.get_parent())
            Page.objects.filter(pk=page.pk).update(slug=slug, url_path=page.url_path)
        self.set_url_path(self.get_parent())
        for source in TranslationSource.objects.filter(object_id=self.translation_key):
            source.content_json = json.dumps({**json.loads(source.content_json), "slug": slug})
            source.save(update_fields=["content_json"])

    def replace_retired_themes(self) -> None:
        """Carry today's themes, not those that were retired since this was read or filled in."""
        destinations = Theme.objects.destinations()
        kept: dict[int, PracticeTheme] = {}
        for link in self.theme_links.all():
            if theme := destinations.get(link.tag_id):
                link.tag_id = theme
                kept.setdefault(theme, link)
        self.theme_links = list(kept.values())

    @classmethod
    def from_serializable_data(cls, data, *args, **kwargs):
        """
        Make a page of a revision or of the source of a translation, with the themes of today.

        So an old draft brings no retired theme back. One that was deleted is left out; Wagtail
        would fail at its row.
        """
        destinations = Theme.objects.destinations()
        kept: dict[int, dict] = {}
        for link in data["theme_links"]:
            if theme := destinations.get(link["tag"]):
                kept.setdefault(theme, {**link, "tag": theme})
        data = {**data, "theme_links": list(kept.values())}
        page = super().from_serializable_data(data, *args, **kwargs)
        if page:
            page.leave_out_empty_rows()
        return page

    def leave_out_empty_rows(self) -> None:
        """Leave out the photos and attachments of a revision whose file is gone."""
        for manager in (self.photos, self.attachments):
            rows = list(manager.all()) if manager.is_deferring else []
            if not all(row.holds_something for row in rows):
                manager.set([row for row in rows if row.holds_something])

    def with_content_json(self, content):
        """Make the page of a revision, under the address that it has today."""
        return super().with_content_json({**content, "slug": self.slug})

    def serve(self, request, *args, **kwargs):
        from practices.views.pages import show_practice

        return show_practice(request, self, versions=[self])

    def get_admin_display_title(self) -> str:
        return self.draft_title or self.title

    @cached_property
    def collectivities(self) -> list:
        """The collectivities concerned, in their order."""
        return [link.collectivity for link in self.collectivity_links.all()]

    @cached_property
    def principle_tags(self) -> list[Principle]:
        """The principles, the main one first."""
        return [link.tag for link in self.principle_links.all()]

    @property
    def years(self) -> str:
        """The years in which it ran: "2022", "2022–2024"."""
        first, last = self.start[:4], self.end[:4]
        return f"{first}–{last}" if last and last != first else first

    @property
    def licence_url(self) -> str:
        return LICENCE_URLS.get(self.licence, "")

    @cached_property
    def proof(self) -> "PracticeIndicator | None":
        """The figure that stands for the practice in a list."""
        return self.proof_among(list(self.indicators.all()))

    @staticmethod
    def proof_among(indicators: "list[PracticeIndicator]") -> "PracticeIndicator | None":
        """Return the first indicator that tells before and after, or else the first."""
        for indicator in indicators:
            if indicator.baseline is not None:
                return indicator
        return indicators[0] if indicators else None

    @property
    def tells_all(self) -> bool:
        """Whether this version has more than a title and a summary."""
        return any(getattr(self, name) for name in self.TEXTS)


def first_version_of(page: PracticePage) -> PracticePage:
    """
    Return the version that stands for a practice in all its languages, and bears its number.

    What is said of a practice (adoptions, words of partners, awards) hangs on that one.
    """
    if page.number == str(page.pk):
        return page
    versions = PracticePage.objects.filter(translation_key=page.translation_key)
    return versions.order_by("pk")[0]
