"""News, with the dates that they announce."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import PageManager
from wagtail_localize.fields import SynchronizedField, TranslatableField

from core.pages import BasePage, NumberedPage, PublicPageQuerySet
from home.blocks import BodyBlock
from home.forms import NewsPageForm
from home.models.pages import EditorialPage


class NewsIndexPage(BasePage):
    """The list of news in one language, with the news below it."""

    introduction = models.CharField(_("introduction"), max_length=300, blank=True)

    max_count_per_parent = 1
    parent_page_types = ["home.HomePage"]
    subpage_types = ["home.NewsPage"]
    translatable_fields = [TranslatableField("title"), TranslatableField("introduction")]
    content_panels = [FieldPanel("title"), FieldPanel("introduction")]
    promote_panels = [FieldPanel("seo_title"), FieldPanel("search_description")]

    class Meta:
        verbose_name = _("list of news")

    def serve(self, request, *args, **kwargs):
        from home.views import news_list

        return news_list(request)


class NewsQuerySet(PublicPageQuerySet):
    def newest_first(self) -> "NewsQuerySet":
        return self.order_by("-date", "-pk")

    def upcoming(self) -> "NewsQuerySet":
        """Those that announce something that is not over, the next first."""
        today = timezone.localdate()
        coming = models.Q(event_start__gte=today) | models.Q(event_end__gte=today)
        return self.filter(coming).order_by("event_start", "pk")


class NewsPage(EditorialPage, NumberedPage):
    """A news item. It may announce a date, which the home page shows until it is over."""

    date = models.DateField(_("date"), default=timezone.localdate)
    picture = models.ForeignKey(
        "core.SiteImage",
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    picture_decorative = models.BooleanField(
        _("the picture only decorates"),
        default=False,
        help_text=_("Tick it where the picture says nothing that the text does not say."),
    )
    body = StreamField(BodyBlock(), verbose_name=_("body"), blank=True)
    event_start = models.DateField(_("first day"), null=True, blank=True)
    event_end = models.DateField(_("last day"), null=True, blank=True)
    event_place = models.CharField(
        _("place"), max_length=200, blank=True, help_text=_("A town and a hall, or “online”.")
    )
    source_title = models.CharField(_("source"), max_length=255, blank=True)
    source_url = models.URLField(_("address of the source"), max_length=1000, blank=True)

    objects = PageManager.from_queryset(NewsQuerySet)()

    base_form_class = NewsPageForm
    template = "home/news_item.html"
    parent_page_types = ["home.NewsIndexPage"]
    subpage_types: list[str] = []
    translatable_fields = [
        *EditorialPage.editorial_translatable_fields,
        TranslatableField("body"),
        TranslatableField("event_place"),
        TranslatableField("source_title"),
        *(
            SynchronizedField(name, overridable=False)
            for name in (
                "date",
                "picture",
                "picture_decorative",
                "event_start",
                "event_end",
                "source_url",
            )
        ),
    ]
    content_panels = [
        FieldPanel("title"),
        FieldPanel("date"),
        FieldPanel("summary"),
        MultiFieldPanel(
            [FieldPanel("picture"), FieldPanel("picture_decorative")], heading=_("picture")
        ),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("event_start"), FieldPanel("event_end")]),
                FieldPanel("event_place"),
            ],
            heading=_("a date that it announces"),
            help_text=_("The home page shows it among the next dates until it is over."),
        ),
        MultiFieldPanel(
            [FieldPanel("source_title"), FieldPanel("source_url")], heading=_("source")
        ),
    ]
    # No slug: the address is made once and stays.
    promote_panels = [FieldPanel("seo_title"), FieldPanel("search_description")]

    class Meta:
        verbose_name = _("news item")
        verbose_name_plural = _("news")

    def clean(self) -> None:
        super().clean()
        if self.event_end and not self.event_start:
            raise ValidationError({"event_start": _("Give the first day as well.")})
        if self.event_end and self.event_end < self.event_start:
            raise ValidationError({"event_end": _("The end is earlier than the start.")})
