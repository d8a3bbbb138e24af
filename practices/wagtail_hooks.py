"""Practices in the administration's menu: their listing, and what is done with many at once."""

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django_filters import ChoiceFilter, ModelChoiceFilter
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.ui.tables.pages import BulkActionsColumn, PageStatusColumn, PageTitleColumn
from wagtail.admin.views.pages.bulk_actions.delete import DeleteBulkAction
from wagtail.admin.views.pages.bulk_actions.page_bulk_action import PageBulkAction
from wagtail.admin.views.pages.bulk_actions.publish import PublishBulkAction
from wagtail.admin.views.pages.bulk_actions.unpublish import UnpublishBulkAction
from wagtail.admin.views.pages.listing import IndexView
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.log_actions import LogFormatter
from wagtail.snippets.models import register_snippet

from core import languages
from core.admin import ChooseLanguageView
from core.vocabularies import Principle, Theme
from members.models import Collectivity
from practices import (  # noqa: F401 - they register what they show
    admin_adoptions,
    admin_awards,
    admin_history,
)
from practices.admin_forms import ThemeField
from practices.enums import PracticeKind, PracticeStatus
from practices.import_admin import listing_buttons
from practices.models import PracticeCollectivity, PracticePage, PracticePrinciple, PracticeTheme
from practices.services.themes import BROUGHT_BACK, RETIRED, add_theme, remove_theme
from practices.theme_admin import MergeThemes, ThemeViewSet, refuse_to_delete
from search.analysis import fold

register_snippet(ThemeViewSet)
hooks.register("register_bulk_action", MergeThemes)


def theme_choices() -> list[tuple[str, str]]:
    return [(theme.slug, theme.label) for theme in Theme.objects.current().by_label()]


class PracticeFilterSet(WagtailFilterSet):
    """Filters of the listing. Those over rows are subqueries, so that no practice stands twice."""

    locale = ChoiceFilter(
        label=gettext_lazy("Language"),
        choices=lambda: [(code, languages.own_name(code)) for code in languages.CODES],
        field_name="locale__language_code",
    )
    missing = ChoiceFilter(
        label=gettext_lazy("Not yet in"),
        choices=lambda: [(code, languages.own_name(code)) for code in languages.CODES],
        method="filter_missing",
    )
    state = ChoiceFilter(
        label=pgettext_lazy("page", "State"),
        choices=[
            ("live", pgettext_lazy("page", "Published")),
            ("changed", pgettext_lazy("page", "Published, with a draft that waits")),
            ("draft", pgettext_lazy("page", "Draft only")),
        ],
        method="filter_state",
    )
    kind = ChoiceFilter(label=gettext_lazy("Kind"), choices=PracticeKind.choices)
    status = ChoiceFilter(label=pgettext_lazy("practice", "Status"), choices=PracticeStatus.choices)
    principle = ModelChoiceFilter(
        label=gettext_lazy("Principle"),
        queryset=lambda request: Principle.objects.all(),
        to_field_name="slug",
        method="filter_principle",
    )
    theme = ChoiceFilter(label=gettext_lazy("Theme"), choices=theme_choices, method="filter_theme")
    region = ModelChoiceFilter(
        label=gettext_lazy("Region"),
        queryset=lambda request: Collectivity.objects.regions(),
        to_field_name="code",
        method="filter_region",
    )

    class Meta:
        model = PracticePage
        fields = ()

    def filter_missing(self, practices, name, value):
        versions = PracticePage.objects.filter(
            translation_key=OuterRef("translation_key"), locale__language_code=value
        )
        return practices.filter(~Exists(versions))

    def filter_state(self, practices, name, value):
        if value == "draft":
            return practices.filter(live=False)
        return practices.filter(live=True, has_unpublished_changes=value == "changed")

    def filter_principle(self, practices, name, value):
        links = PracticePrinciple.objects.filter(tag=value)
        return practices.filter(pk__in=links.values("content_object"))

    def filter_theme(self, practices, name, value):
        links = PracticeTheme.objects.filter(tag__slug=value)
        return practices.filter(pk__in=links.values("content_object"))

    def filter_region(self, practices, name, value):
        links = PracticeCollectivity.objects.filter(collectivity__region=value)
        return practices.filter(pk__in=links.values("practice"))


class TitleColumn(PageTitleColumn):
    """
    The title with its link, without the menu of each row.

    That asks two questions of the database for each row (wagtail-localize); what it offers stands
    in the editor and among the bulk actions.
    """

    cell_template_name = "practices/admin/title_cell.html"


class PracticeIndexView(IndexView):
    template_name = "practices/admin/practice_list.html"
    show_locale_labels = False  # there is a column

    @cached_property
    def header_more_buttons(self):
        return [*super().header_more_buttons, *listing_buttons(self.request.user)]

    def annotate_queryset(self, pages):
        pages = super().annotate_queryset(pages)
        return pages.prefetch_related("collectivity_links__collectivity", "principle_links__tag")

    def search_queryset(self, queryset):
        """
        Find practices by their titles in any language, whatever the accents, case and hamzas.

        All versions of what is found are shown: who searches in French finds the Arabic one too.
        """
        if not self.is_searching:
            return queryset
        words = fold(self.search_query).split()
        titles = PracticePage.objects.order_by().values_list("translation_key", "draft_title")
        found = {key for key, title in titles if all(word in fold(title) for word in words)}
        queryset = queryset.filter(translation_key__in=found)
        return queryset if queryset.ordered else queryset.order_by("title", "pk")


def collectivities(practice: PracticePage) -> str:
    return pgettext("list", ", ").join(one.full_name for one in practice.collectivities)


def main_principle(practice: PracticePage) -> str:
    return practice.principle_tags[0].label if practice.principle_tags else ""


class PracticeListing(PageListingViewSet):
    """Practices in the administration's menu, whatever their place in the tree."""

    model = PracticePage
    icon = "doc-full"
    menu_label = gettext_lazy("Practices")
    menu_order = 110
    add_to_admin_menu = True
    choose_parent_view_class = ChooseLanguageView
    index_view_class = PracticeIndexView
    filterset_class = PracticeFilterSet
    columns = [
        BulkActionsColumn("bulk_actions"),
        TitleColumn("title", label=gettext_lazy("Title"), sort_key="title", classname="title"),
        Column(
            "language",
            label=gettext_lazy("Language"),
            accessor=lambda practice: languages.own_name(practice.language),
            sort_key="locale",
        ),
        Column("collectivities", label=gettext_lazy("Collectivities"), accessor=collectivities),
        Column("principle", label=gettext_lazy("Main principle"), accessor=main_principle),
        Column(
            "practice_status",
            label=pgettext_lazy("practice", "Status"),
            accessor="get_status_display",
            sort_key="status",
        ),
        PageStatusColumn("state", label=pgettext_lazy("page", "State"), sort_key="live"),
        DateColumn(
            "latest_revision_created_at",
            label=gettext_lazy("Updated"),
            sort_key="latest_revision_created_at",
        ),
    ]


@hooks.register("register_admin_viewset")
def register_practice_listing():
    return PracticeListing("practice_listing")


# Wagtail's own, for practices alone: with "all" they would take every page of the site. Moving is
# left out, as a practice's only other places are the lists of other languages.
@hooks.register("register_bulk_action")
class PublishPractices(PublishBulkAction):
    models = [PracticePage]


@hooks.register("register_bulk_action")
class UnpublishPractices(UnpublishBulkAction):
    models = [PracticePage]


@hooks.register("register_bulk_action")
class DeletePractices(DeleteBulkAction):
    models = [PracticePage]


class ThemeForm(forms.Form):
    theme = ThemeField(label=gettext_lazy("Theme"), empty_label=gettext_lazy("Choose a theme"))


class ThemeAction(PageBulkAction):
    """Put one theme on the ticked practices, or take it off."""

    models = [PracticePage]
    form_class = ThemeForm
    template_name = "practices/admin/change_theme.html"

    def check_perm(self, page) -> bool:
        rights = page.permissions_for_user(self.request.user)
        may_write = rights.can_edit() and not rights.page_locked()
        # The change is seen at once on what is live.
        return may_write and (rights.can_publish() or not page.live)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"title": self.aria_label}

    def get_execution_context(self):
        theme = self.cleaned_form.cleaned_data["theme"]
        return {**super().get_execution_context(), "theme": theme}

    def get_success_message(self, num_parent_objects, num_child_objects):
        return ngettext(
            "%(number)s practice changed.", "%(number)s practices changed.", num_parent_objects
        ) % {"number": num_parent_objects}


@hooks.register("register_bulk_action")
class AddTheme(ThemeAction):
    action_type = "add_theme"
    display_name = gettext_lazy("Add a theme")
    aria_label = gettext_lazy("Add a theme to the chosen practices")
    action_priority = 50

    @classmethod
    def execute_action(cls, objects, user=None, theme=None, **kwargs):
        return add_theme(practices=objects, theme=theme, user=user), 0


@hooks.register("register_bulk_action")
class RemoveTheme(ThemeAction):
    action_type = "remove_theme"
    display_name = gettext_lazy("Remove a theme")
    aria_label = gettext_lazy("Remove a theme from the chosen practices")
    action_priority = 51

    @classmethod
    def execute_action(cls, objects, user=None, theme=None, **kwargs):
        return remove_theme(practices=objects, theme=theme, user=user), 0


@hooks.register("before_delete_snippet")
def keep_themes_in_use(request, objects):
    themes = [one for one in objects if isinstance(one, Theme)]
    return refuse_to_delete(request, themes) if themes else None


@hooks.register("register_log_actions")
def register_theme_actions(actions):
    @actions.register_action(RETIRED)
    class Retired(LogFormatter):
        label = gettext_lazy("Retire a theme")

        def format_message(self, log_entry):
            if title := log_entry.data["title"]:
                return _("Retired in favour of “%(theme)s”") % {"theme": title}
            return _("Retired")

    actions.register_action(
        BROUGHT_BACK, gettext_lazy("Bring back a theme"), gettext_lazy("Offered again")
    )
