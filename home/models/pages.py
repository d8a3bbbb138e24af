"""The pages of the front door: home, free pages, programme, charter."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.blocks import StreamBlock
from wagtail.fields import StreamField
from wagtail.models import PageManager
from wagtail_localize.fields import SynchronizedField, TranslatableField

from core import languages
from core.blocks import LineBlock, PointBlock
from core.fields import CleanRichTextField, PartialDateBlock
from core.pages import BasePage, PublicPageQuerySet
from home.blocks import BodyBlock


class HomePage(BasePage):
    """The front door, in one language. All four exist from the first migration on."""

    heading = models.CharField(
        _("heading"), max_length=120, blank=True, help_text=_("The network's promise in one line.")
    )
    lead = models.CharField(
        _("lead"), max_length=300, blank=True, help_text=_("What a visitor finds here, and why.")
    )
    about_heading = models.CharField(_("heading on the network"), max_length=120, blank=True)
    about_text = models.TextField(_("text on the network"), max_length=600, blank=True)

    max_count_per_parent = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = [
        "practices.PracticeIndexPage",
        "home.NewsIndexPage",
        "home.ProgrammePage",
        "home.CharterPage",
        "home.ContentPage",
    ]
    translatable_fields = [
        TranslatableField("title"),
        TranslatableField("heading"),
        TranslatableField("lead"),
        TranslatableField("about_heading"),
        TranslatableField("about_text"),
    ]

    content_panels = [
        FieldPanel("title"),
        FieldPanel("heading"),
        FieldPanel("lead"),
        FieldPanel("about_heading"),
        FieldPanel("about_text"),
    ]
    promote_panels = [FieldPanel("seo_title"), FieldPanel("search_description")]

    class Meta:
        verbose_name = _("home page")

    def serve(self, request, *args, **kwargs):
        from home.views import show_home

        return show_home(request, self)


class EditorialPage(BasePage):
    """A page with a title and a summary that editors write; each kind has a template of its own."""

    summary = models.CharField(
        _("summary"),
        max_length=300,
        blank=True,
        help_text=_("Stands under the title, in lists, and where the page is shared."),
    )

    objects = PageManager.from_queryset(PublicPageQuerySet)()

    editorial_translatable_fields = [TranslatableField("title"), TranslatableField("summary")]
    promote_panels = [
        FieldPanel("slug", help_text=_("The address; the same in each language.")),
        FieldPanel("seo_title"),
        FieldPanel("search_description"),
    ]

    class Meta:
        abstract = True

    @property
    def address(self) -> str:
        """The page's path under the reader's language: where it has no version, the nearest."""
        return languages.path_in(languages.current(), self.url_path)

    def serve(self, request, *args, **kwargs):
        from home.views import show_page

        return show_page(request, self)


class Audience(models.TextChoices):
    """Whom a "start here" page speaks to, in the order of the home page."""

    COLLECTIVITY = "collectivity", _("A collectivity")
    ASSOCIATION = "association", _("An association")
    CITIZEN = "citizen", _("A citizen")


class ContentPage(EditorialPage):
    """A free page, built from a small set of blocks."""

    audience = models.CharField(
        _("starting point for"),
        max_length=12,
        choices=Audience.choices,
        blank=True,
        help_text=_("If chosen, the home page leads these readers here. One page for each."),
    )
    body = StreamField(BodyBlock(), verbose_name=_("body"), blank=True)

    template = "home/content.html"
    parent_page_types = ["home.HomePage", "home.ContentPage"]
    subpage_types = ["home.ContentPage"]
    translatable_fields = [
        *EditorialPage.editorial_translatable_fields,
        SynchronizedField("audience", overridable=False),
        TranslatableField("body"),
    ]
    content_panels = [
        FieldPanel("title"),
        FieldPanel("summary"),
        FieldPanel("audience"),
        FieldPanel("body"),
    ]

    class Meta:
        verbose_name = _("free page")
        verbose_name_plural = _("free pages")


class PartnerBlock(PointBlock):
    role = LineBlock(required=False, max_length=150, label=_("role"))

    class Meta:
        icon = "group"
        label = _("Partner")


class DatedPointBlock(PointBlock):
    date = PartialDateBlock(label=_("date"))
    source = LineBlock(required=False, max_length=250, label=_("source"))

    class Meta:
        icon = "date"
        label = _("Date")


def points(name: str, block, **options) -> StreamBlock:
    """Return a list of points of one kind as the one block of a stream field."""
    return StreamBlock([(name, block)], required=False, **options)


class ProgrammePage(EditorialPage):
    """The national programme that the network belongs to."""

    introduction = CleanRichTextField(_("introduction"))
    partners = StreamField(
        points("partner", PartnerBlock()), verbose_name=_("partners"), blank=True
    )
    strands = StreamField(
        points("strand", PointBlock(label=_("Strand"))), verbose_name=_("strands"), blank=True
    )
    method = StreamField(
        points("step", PointBlock(label=_("Step"))), verbose_name=_("method"), blank=True
    )
    timeline = StreamField(
        points("date", DatedPointBlock()), verbose_name=_("timeline"), blank=True
    )

    template = "home/programme.html"
    max_count_per_parent = 1
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []
    PARTS = ("introduction", "partners", "strands", "method", "timeline")
    translatable_fields = [
        *EditorialPage.editorial_translatable_fields,
        *(TranslatableField(name) for name in PARTS),
    ]
    content_panels = [
        FieldPanel("title"),
        FieldPanel("summary"),
        *(FieldPanel(name) for name in PARTS),
    ]

    class Meta:
        verbose_name = _("programme page")


class CharterPage(EditorialPage):
    """The network's charter: its parts are told apart, so that others can refer to them."""

    preamble = CleanRichTextField(_("preamble"))
    purpose = CleanRichTextField(_("purpose"))
    open_collectivity = CleanRichTextField(_("what an open collectivity is"))
    reasons = CleanRichTextField(_("why a collectivity opens up"))
    values = StreamField(
        points("value", PointBlock(label=_("Value"))), verbose_name=_("values"), blank=True
    )
    commitments = StreamField(
        points("commitment", PointBlock(label=_("Commitment"))),
        verbose_name=_("commitments"),
        blank=True,
        help_text=_("The commitments of every member, in the order of the signed text."),
    )

    template = "home/charter.html"
    max_count_per_parent = 1
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []
    TEXTS = ("preamble", "purpose", "open_collectivity", "reasons")
    translatable_fields = [
        *EditorialPage.editorial_translatable_fields,
        *(TranslatableField(name) for name in (*TEXTS, "values", "commitments")),
    ]
    content_panels = [
        FieldPanel("title"),
        FieldPanel("summary"),
        MultiFieldPanel([FieldPanel(name) for name in TEXTS], heading=_("text of the charter")),
        FieldPanel("values"),
        FieldPanel("commitments"),
    ]

    class Meta:
        verbose_name = _("charter")
