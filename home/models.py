from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail_localize.fields import TranslatableField

from core.pages import BasePage


class HomePage(BasePage):
    """The front door, in one language. All four exist from the first migration on."""

    heading = models.CharField(_("heading"), max_length=120, blank=True)
    lead = models.CharField(_("lead"), max_length=300, blank=True)
    about_heading = models.CharField(_("heading on the network"), max_length=120, blank=True)
    about_text = models.TextField(_("text on the network"), max_length=600, blank=True)

    max_count_per_parent = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["practices.PracticeIndexPage"]
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


class DemoRecord(models.Model):
    """
    What the demo loader wrote, so that it writes it once.

    A page that a person has edited or deleted since stays as that person left it.
    """

    key = models.CharField(max_length=60, unique=True)
    page_id = models.PositiveBigIntegerField()
    fingerprint = models.CharField(max_length=64, help_text="of the file that it was written from")

    def __str__(self) -> str:
        return self.key
