"""What editors choose for every page: the home page's selection, the menus, the footer."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, PageChooserPanel
from wagtail.contrib.settings.models import BaseGenericSetting
from wagtail.contrib.settings.registry import register_setting
from wagtail.models import Orderable


@register_setting(icon="pick", order=100)
class FrontPage(BaseGenericSetting, ClusterableModel):
    """The selection of the home page, the same in each language."""

    panels = [
        InlinePanel(
            "practices",
            heading=_("featured practices"),
            label=_("practice"),
            max_num=3,
            help_text=_("The first one stands large. If none is chosen, the newest are shown."),
        ),
        InlinePanel(
            "news",
            heading=_("featured news"),
            label=_("news item"),
            max_num=3,
            help_text=_("They come first; the newest fill the other places."),
        ),
    ]

    class Meta:
        verbose_name = _("selection of the home page")


class FeaturedPractice(Orderable):
    """A chosen practice; any language version stands for all."""

    front_page = ParentalKey(FrontPage, on_delete=models.CASCADE, related_name="practices")
    page = models.ForeignKey(
        "practices.PracticePage",
        verbose_name=_("practice"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    panels = [PageChooserPanel("page")]


class FeaturedNews(Orderable):
    """A chosen news item; any language version stands for all."""

    front_page = ParentalKey(FrontPage, on_delete=models.CASCADE, related_name="news")
    page = models.ForeignKey(
        "home.NewsPage", verbose_name=_("news item"), on_delete=models.CASCADE, related_name="+"
    )
    panels = [PageChooserPanel("page")]


class Link(Orderable):
    """A link of a menu: to a page, under its own title, or to an address with a label."""

    page = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("page"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("In any language: readers are led to the version in theirs."),
    )
    address = models.CharField(
        _("or address within the site"),
        max_length=200,
        blank=True,
        help_text=_("Like /practices/, without the language."),
    )
    label_ar = models.CharField(_("label in Arabic"), max_length=60, blank=True)
    label_fr = models.CharField(_("label in French"), max_length=60, blank=True)
    label_en = models.CharField(_("label in English"), max_length=60, blank=True)
    label_zgh = models.CharField(_("label in Tamazight"), max_length=60, blank=True)

    panels = [
        FieldRowPanel([PageChooserPanel("page"), FieldPanel("address")]),
        FieldRowPanel([FieldPanel("label_ar"), FieldPanel("label_fr")]),
        FieldRowPanel([FieldPanel("label_en"), FieldPanel("label_zgh")]),
    ]

    class Meta(Orderable.Meta):
        abstract = True

    def clean(self) -> None:
        super().clean()
        if bool(self.page_id) == bool(self.address):
            raise ValidationError({"page": _("Choose a page or write an address, one of the two.")})
        if self.address and (not self.address.startswith("/") or self.address.startswith("//")):
            raise ValidationError({"address": _("An address within the site begins with “/”.")})
        if self.address and not (self.label_ar and self.label_fr):
            raise ValidationError(
                {"label_ar": _("An address needs a label, in Arabic and French at least.")}
            )


@register_setting(icon="list-ul", order=110)
class Navigation(BaseGenericSetting, ClusterableModel):
    """The sections at the head of each page and the links at its foot."""

    footer_ar = models.TextField(_("text of the footer in Arabic"), max_length=400, blank=True)
    footer_fr = models.TextField(_("text of the footer in French"), max_length=400, blank=True)
    footer_en = models.TextField(_("text of the footer in English"), max_length=400, blank=True)
    footer_zgh = models.TextField(_("text of the footer in Tamazight"), max_length=400, blank=True)

    panels = [
        InlinePanel(
            "sections",
            heading=_("sections at the head"),
            label=_("section"),
            max_num=7,
            help_text=_("A label is needed only where it differs from the page's title."),
        ),
        InlinePanel("content_links", heading=_("footer: content"), label=_("link"), max_num=8),
        InlinePanel("site_links", heading=_("footer: this site"), label=_("link"), max_num=8),
        FieldPanel("footer_ar"),
        FieldPanel("footer_fr"),
        FieldPanel("footer_en"),
        FieldPanel("footer_zgh"),
    ]

    class Meta:
        verbose_name = _("menus and footer")


class SectionLink(Link):
    navigation = ParentalKey(Navigation, on_delete=models.CASCADE, related_name="sections")


class FooterContentLink(Link):
    navigation = ParentalKey(Navigation, on_delete=models.CASCADE, related_name="content_links")


class FooterSiteLink(Link):
    navigation = ParentalKey(Navigation, on_delete=models.CASCADE, related_name="site_links")
