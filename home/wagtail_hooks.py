"""What the front door adds to Wagtail's administration."""

from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_filters import ChoiceFilter
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.ui.tables.pages import PageStatusColumn, PageTitleColumn
from wagtail.admin.viewsets.pages import PageListingViewSet

from core import languages
from core.admin import ChooseLanguageView
from home.contact_admin import message_viewset
from home.dashboard import Ageing, Waiting
from home.guide import guide, guide_picture
from home.models import FrontPage, Navigation, NewsPage
from members.permissions import EDITORS, roles_of


class NewsFilterSet(WagtailFilterSet):
    locale = ChoiceFilter(
        label=_("Language"),
        choices=lambda: [(code, languages.own_name(code)) for code in languages.CODES],
        field_name="locale__language_code",
    )

    class Meta:
        model = NewsPage
        fields = ("live",)


class NewsListing(PageListingViewSet):
    """News in the administration's menu, whatever their place in the tree."""

    model = NewsPage
    icon = "calendar-alt"
    menu_label = _("News")
    menu_order = 120
    add_to_admin_menu = True
    choose_parent_view_class = ChooseLanguageView
    filterset_class = NewsFilterSet
    columns = [
        PageTitleColumn("title", label=_("Title"), sort_key="title", classname="title"),
        Column(
            "language",
            label=_("Language"),
            accessor=lambda news: languages.own_name(news.language),
            sort_key="locale",
        ),
        DateColumn("date", label=_("Date"), sort_key="date"),
        Column("event_start", label=_("Announces"), accessor="event_start", sort_key="event_start"),
        PageStatusColumn("state", label=pgettext_lazy("page", "State"), sort_key="live"),
    ]


@hooks.register("register_admin_viewset")
def register_listings():
    return [NewsListing("news_listing"), message_viewset]


class SettingItem(MenuItem):
    """A site-wide choice that editors make often: in the menu itself, not under its settings."""

    def __init__(self, model, icon_name: str, order: int) -> None:
        self.permission = f"{model._meta.app_label}.change_{model._meta.model_name}"
        super().__init__(
            capfirst(model._meta.verbose_name),
            reverse("wagtailsettings:edit", args=[model._meta.app_label, model._meta.model_name]),
            name=model._meta.model_name,
            icon_name=icon_name,
            order=order,
        )

    def is_shown(self, request) -> bool:
        return request.user.has_perm(self.permission)


@hooks.register("register_admin_menu_item")
def front_page_item():
    return SettingItem(FrontPage, "pick", 150)


@hooks.register("register_admin_menu_item")
def navigation_item():
    return SettingItem(Navigation, "list-ul", 160)


@hooks.register("construct_settings_menu")
def leave_out_what_stands_in_the_menu(request, items):
    """Wagtail puts each setting among the settings; these stand in the menu itself."""
    own = {FrontPage._meta.verbose_name, Navigation._meta.verbose_name}
    items[:] = [item for item in items if item.label not in own]


@hooks.register("register_admin_menu_item")
def guide_item():
    return MenuItem(_("Guide"), reverse("guide", args=["index"]), icon_name="help", order=900)


@hooks.register("construct_main_menu")
def leave_out_wagtails_help(request, items):
    """It leads to another host; the guide stands in its place."""
    items[:] = [item for item in items if item.name != "help"]


@hooks.register("register_admin_urls")
def guide_urls():
    return [
        path("guide/<slug:name>/", guide, name="guide"),
        path("guide/pictures/<slug:language>/<slug:name>.png", guide_picture, name="guide_picture"),
    ]


@hooks.register("construct_homepage_panels")
def dashboard(request, panels):
    """Say first what waits and what is ageing, to those who do something about it."""
    if EDITORS & roles_of(request.user):
        panels[:0] = [Waiting(), Ageing()]


@hooks.register("insert_global_admin_css")
def admin_stylesheet():
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))
