from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import ItemBase
from wagtail.admin.panels import FieldPanel
from wagtail.models import Orderable, PageManager, TranslatableMixin
from wagtail_localize.fields import SynchronizedField, TranslatableField

from core.fields import CleanRichTextField, PartialDateField
from core.files import LICENCE_URLS, Licence
from core.pages import BasePage, NumberedPage, PublicPageQuerySet
from core.vocabularies import Principle, Theme
from practices.admin_forms import CONTENT_PANELS, PracticePageForm
from practices.enums import Origin, PracticeKind, PracticeStatus, Stage


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
        from practices.views import practice_list

        return practice_list(request)


# A page that was never published has no date: it comes last, on every database.
NEWEST_FIRST = (F("first_published_at").desc(nulls_last=True), "-pk")

PracticeManager = PageManager.from_queryset(PublicPageQuerySet)


class PracticePage(NumberedPage):
    """
    A good practice or a case study, told by the template of the network.

    The parts are fields and rows, not one text: they are asked for one by one, filtered, compared
    and exported. What nobody knows stays empty, and the page leaves the part out.
    """

    kind = models.CharField(
        _("kind"), max_length=12, choices=PracticeKind.choices, default=PracticeKind.PRACTICE
    )
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
        TranslatableField("steps"),
        TranslatableField("participants"),
        TranslatableField("indicators"),
        TranslatableField("attachments"),
        TranslatableField("photos"),
        *(
            SynchronizedField(name, overridable=False)
            for name in (
                "kind",
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

    def clean(self) -> None:
        super().clean()
        if self.start and self.end and self.end < self.start[: len(self.end)]:
            raise ValidationError({"end": _("The end is earlier than the start.")})

    def save(self, *args, **kwargs):
        if self.theme_links.is_deferring:
            self.replace_retired_themes()
        return super().save(*args, **kwargs)

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
        return super().from_serializable_data(data, *args, **kwargs)

    def serve(self, request, *args, **kwargs):
        from practices.views import show_practice

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


class PracticePrinciple(ItemBase):
    """A practice's principle; the first is the main one."""

    # The classes, not their names: taggit reads them before all apps are loaded.
    tag = models.ForeignKey(Principle, on_delete=models.PROTECT, related_name="practice_links")
    content_object = ParentalKey(
        PracticePage, on_delete=models.CASCADE, related_name="principle_links"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tag", "content_object"], name="practice_principle_once"
            )
        ]


class PracticeTheme(ItemBase):
    tag = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="practice_links")
    content_object = ParentalKey(PracticePage, on_delete=models.CASCADE, related_name="theme_links")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["tag", "content_object"], name="practice_theme_once")
        ]


class PracticeCollectivity(Orderable):
    """A collectivity that a practice concerns."""

    practice = ParentalKey(
        PracticePage, on_delete=models.CASCADE, related_name="collectivity_links"
    )
    collectivity = models.ForeignKey(
        "members.Collectivity",
        verbose_name=_("collectivity"),
        on_delete=models.PROTECT,
        related_name="practice_links",
    )

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "collectivity"], name="practice_collectivity_once"
            )
        ]


class PracticeRow(TranslatableMixin, Orderable):
    """A row of a practice that is translated with it."""

    class Meta(TranslatableMixin.Meta, Orderable.Meta):
        abstract = True


class PracticeStep(PracticeRow):
    """One thing that was done, with its date where it is known."""

    practice = ParentalKey(PracticePage, on_delete=models.CASCADE, related_name="steps")
    date = PartialDateField(_("date"), blank=True)
    title = models.CharField(_("title"), max_length=150)
    text = models.TextField(_("what was done"), blank=True, max_length=1000)

    translatable_fields = [
        SynchronizedField("date", overridable=False),
        TranslatableField("title"),
        TranslatableField("text"),
    ]

    def __str__(self) -> str:
        return self.title


class PracticeParticipant(PracticeRow):
    """Who took part, at which stage, in which role. Here stands how civil society was involved."""

    practice = ParentalKey(PracticePage, on_delete=models.CASCADE, related_name="participants")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    who = models.CharField(_("who"), max_length=200)
    role = models.TextField(_("role"), blank=True, max_length=500)

    translatable_fields = [
        SynchronizedField("stage", overridable=False),
        TranslatableField("who"),
        TranslatableField("role"),
    ]

    def __str__(self) -> str:
        return self.who


class PracticeIndicator(PracticeRow):
    """A figure that shows the result: before and after, or after alone."""

    practice = ParentalKey(PracticePage, on_delete=models.CASCADE, related_name="indicators")
    name = models.CharField(_("what was measured"), max_length=200)
    baseline = models.DecimalField(
        _("before"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    value = models.DecimalField(_("after"), max_digits=16, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    date = PartialDateField(_("date"), blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)

    translatable_fields = [
        TranslatableField("name"),
        TranslatableField("unit"),
        TranslatableField("source"),
        SynchronizedField("baseline", overridable=False),
        SynchronizedField("value", overridable=False),
        SynchronizedField("date", overridable=False),
    ]

    def __str__(self) -> str:
        return self.name


class PracticeAttachment(PracticeRow):
    """A document of the practice or a link to one elsewhere."""

    practice = ParentalKey(PracticePage, on_delete=models.CASCADE, related_name="attachments")
    title = models.CharField(_("title"), max_length=200)
    document = models.ForeignKey(
        "core.SiteDocument",
        verbose_name=_("document"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    url = models.URLField(_("address"), max_length=1000, blank=True)

    translatable_fields = [
        TranslatableField("title"),
        SynchronizedField("document"),
        SynchronizedField("url"),
    ]

    class Meta(PracticeRow.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(document__isnull=False) ^ ~Q(url=""),
                name="practice_attachment_document_or_url",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        if bool(self.document_id) == bool(self.url):
            raise ValidationError({"url": _("Give a document or an address, one of the two.")})


class PracticePhoto(PracticeRow):
    practice = ParentalKey(PracticePage, on_delete=models.CASCADE, related_name="photos")
    image = models.ForeignKey(
        "core.SiteImage", verbose_name=_("image"), on_delete=models.PROTECT, related_name="+"
    )
    decorative = models.BooleanField(
        _("only decorates"),
        default=False,
        help_text=_("Tick it where the picture says nothing that the text does not say."),
    )
    caption = models.CharField(_("caption"), max_length=250, blank=True)

    translatable_fields = [
        SynchronizedField("image", overridable=False),
        SynchronizedField("decorative", overridable=False),
        TranslatableField("caption"),
    ]
