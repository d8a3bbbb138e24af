"""Themes in the administration: their list, and merging, retiring and deleting them."""

from django import forms
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_filters import ChoiceFilter
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.widgets.button import Button
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction
from wagtail.snippets.views.snippets import EditView, IndexView, SnippetViewSet

from core import languages
from core.vocabularies import Theme
from practices.admin_forms import ThemeField
from practices.models import PracticePage
from practices.services.themes import bring_back_theme, merge_themes, retire_theme
from search.analysis import fold

SHOWN = 10  # practices that a warning names; the listing has the rest
LABELS = ("label_ar", "label_fr", "label_en", "label_zgh")
policy = ModelPermissionPolicy(Theme)


def with_numbers():
    """Return the themes, each with how many practices carry it, language versions counted once."""
    return Theme.objects.select_related("successor").annotate(
        practices_number=Count("practice_links__content_object__translation_key", distinct=True)
    )


def listing_url(theme: Theme) -> str:
    """Return the address of the practices that carry a theme, in the administration."""
    return f"{reverse('practice_listing:index')}?theme={theme.slug}"


def usage_of(theme: Theme) -> dict:
    """Return what a page says of a theme that is to change: which practices carry it."""
    versions = PracticePage.objects.filter(theme_links__tag=theme)
    practices = versions.nearest_to(languages.current()).select_related("locale")
    number = with_numbers().get(pk=theme.pk).practices_number
    return {
        "theme": theme,
        "number": number,
        "practices": list(practices.order_by("-latest_revision_created_at", "pk")[:SHOWN]),
        "predecessors": list(theme.predecessors.all()),
        "listing_url": listing_url(theme),
        "retire_url": reverse("themes:retire", args=[quote(theme.pk)]),
        "merge_url": merge_url(theme),
    }


def merge_url(*themes: Theme) -> str:
    address = reverse("wagtail_bulk_action", args=["core", "theme", "merge"])
    chosen = "&".join(f"id={theme.pk}" for theme in themes)
    return f"{address}?{chosen}&next={reverse('themes:list')}"


def state(theme: Theme) -> str:
    if theme.successor:
        return _("Retired, leads to “%(theme)s”") % {"theme": theme.successor.label}
    if theme.retired_at:
        return pgettext("theme", "Retired")
    return pgettext("theme", "In use") if theme.practices_number else pgettext("theme", "Unused")


def practices_cell(theme: Theme) -> str:
    """Return the number of practices as a link to them, plain where there is none."""
    if not theme.practices_number:
        return "0"
    return format_html('<a href="{}">{}</a>', listing_url(theme), theme.practices_number)


class ThemeFilterSet(WagtailFilterSet):
    state = ChoiceFilter(
        label=pgettext_lazy("theme", "State"),
        choices=[
            ("in-use", pgettext_lazy("theme", "In use")),
            ("unused", pgettext_lazy("theme", "Unused")),
            ("retired", pgettext_lazy("theme", "Retired")),
        ],
        method="filter_state",
    )

    class Meta:
        model = Theme
        fields = ()

    def filter_state(self, themes, name, value):
        if value == "retired":
            return themes.exclude(retired_at=None)
        if value == "unused":
            return themes.current().filter(practices_number=0)
        return themes.current().filter(practices_number__gt=0)


class ThemeIndexView(IndexView):
    is_searchable = True

    def search_queryset(self, queryset):
        """Search the labels of all languages, whatever the accents, case and hamzas."""
        if not self.is_searching:
            return queryset
        words = fold(self.search_query).split()
        labels = (
            (theme.pk, fold(" ".join(getattr(theme, name) for name in LABELS)))
            for theme in queryset
        )
        return queryset.filter(
            pk__in=[pk for pk, text in labels if all(word in text for word in words)]
        )

    def get_list_more_buttons(self, instance):
        buttons = super().get_list_more_buttons(instance)
        if self.user_has_permission("change") and not instance.retired_at:
            url = reverse("themes:retire", args=[quote(instance.pk)])
            buttons.append(MenuItem(_("Retire…"), url=url, icon_name="lock", priority=25))
        return buttons


class ThemeEditView(EditView):
    @property
    def header_more_buttons(self):
        buttons = list(super().header_more_buttons)
        if not self.object.retired_at:
            buttons += [
                Button(_("Merge into…"), url=merge_url(self.object), icon_name="link", priority=12),
                Button(
                    _("Retire…"),
                    url=reverse("themes:retire", args=[quote(self.object.pk)]),
                    icon_name="lock",
                    priority=15,
                ),
            ]
        return buttons

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "usage": usage_of(self.object),
            "bring_back_url": reverse("themes:bring_back", args=[quote(self.object.pk)]),
        }


class RetireForm(forms.Form):
    in_favour_of = ThemeField(
        label=gettext_lazy("In favour of"),
        required=False,
        empty_label=gettext_lazy("No other theme"),
        help_text=gettext_lazy(
            "Practices get this theme instead, and old addresses lead to it. Without one they "
            "lose the theme."
        ),
    )


class MergeForm(forms.Form):
    into = ThemeField(
        label=gettext_lazy("Merge into"),
        empty_label=gettext_lazy("Choose a theme"),
        help_text=gettext_lazy("The theme that stays. It may be one of those above."),
    )


@require_http_methods(["GET", "POST"])
def retire(request, pk: int):
    """Say what retiring a theme changes, and do it."""
    theme = _theme_to_change(request, pk)
    form = RetireForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            number = retire_theme(
                theme=theme, in_favour_of=form.cleaned_data["in_favour_of"], user=request.user
            )
        except ValidationError as error:
            form.add_error("in_favour_of", error)
        else:
            messages.success(request, _changed(_("“%s” is retired.") % theme.label, number))
            return redirect("themes:list")
    return render(
        request, "practices/admin/retire_theme.html", {"usage": usage_of(theme), "form": form}
    )


@require_POST
def bring_back(request, pk: int):
    """Offer a retired theme again."""
    theme = _theme_to_change(request, pk)
    try:
        bring_back_theme(theme=theme, user=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("“%s” is offered again.") % theme.label)
    return redirect("themes:edit", quote(theme.pk))


def _theme_to_change(request, pk: int) -> Theme:
    if not policy.user_has_permission(request.user, "change"):
        raise PermissionDenied
    return get_object_or_404(Theme, pk=pk)


def _changed(done: str, number: int) -> str:
    """Return what was done, and to how many practices."""
    if not number:
        return done
    return ngettext(
        "%(done)s %(number)s practice changed.", "%(done)s %(number)s practices changed.", number
    ) % {"done": done, "number": number}


class MergeThemes(SnippetBulkAction):
    """Merge the ticked themes into one."""

    models = [Theme]
    action_type = "merge"
    display_name = gettext_lazy("Merge into…")
    aria_label = gettext_lazy("Merge the chosen themes into one")
    template_name = "practices/admin/merge_themes.html"
    action_priority = 20
    form_class = MergeForm

    def check_perm(self, theme) -> bool:
        return policy.user_has_permission(self.request.user, "change")

    def object_context(self, theme):
        return super().object_context(theme) | usage_of(theme)

    @classmethod
    def execute_action(cls, objects, **kwargs):
        action = kwargs["self"]
        into = action.cleaned_form.cleaned_data["into"]
        number = merge_themes(themes=objects, into=into, user=action.request.user)
        return number, 0

    def get_success_message(self, num_parent_objects, num_child_objects):
        into = self.cleaned_form.cleaned_data["into"]
        return _changed(_("Merged into “%s”.") % into.label, num_parent_objects)

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except ValidationError as error:
            form.add_error("into", error)
            return self.form_invalid(form)


def refuse_to_delete(request, themes):
    """Say where themes are used that are to be deleted, and what to do instead; None if nowhere."""
    usages = [usage_of(theme) for theme in themes]
    used = [usage for usage in usages if usage["number"] or usage["predecessors"]]
    if not used:
        return None
    return render(
        request,
        "practices/admin/themes_in_use.html",
        {"usages": used, "merge_url": merge_url(*(usage["theme"] for usage in used))},
        status=409 if request.method == "POST" else 200,
    )


class ThemeViewSet(SnippetViewSet):
    model = Theme
    icon = "tag"
    menu_label = gettext_lazy("Themes")
    menu_name = "themes"
    menu_order = 120
    add_to_admin_menu = True
    admin_url_namespace = "themes"
    base_url_path = "themes"
    index_view_class = ThemeIndexView
    edit_view_class = ThemeEditView
    edit_template_name = "practices/admin/theme_edit.html"
    filterset_class = ThemeFilterSet
    copy_view_enabled = False
    list_per_page = 100
    list_display = (
        "label_ar",
        "label_fr",
        Column("practices", label=gettext_lazy("Practices"), accessor=practices_cell),
        StatusTagColumn(
            "state",
            label=pgettext_lazy("theme", "State"),
            accessor=state,
            primary=lambda theme: not theme.retired_at,
        ),
    )
    panels = (
        FieldPanel(
            "label_ar", help_text=gettext_lazy("Two or three words, as a reader would say it.")
        ),
        FieldPanel(
            "label_fr",
            help_text=gettext_lazy(
                "The same in French. The address of the theme is made of it once and stays."
            ),
        ),
        FieldPanel(
            "label_en", help_text=gettext_lazy("The same in English; empty, the French stands.")
        ),
        FieldPanel(
            "label_zgh",
            help_text=gettext_lazy("In Tifinagh, where the word is attested; leave it empty else."),
        ),
    )

    def get_queryset(self, request):
        label = "label_ar" if languages.current() == "ar" else "label_fr"
        return with_numbers().order_by(label, "pk")

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("retire/<int:pk>/", retire, name="retire"),
            path("bring-back/<int:pk>/", bring_back, name="bring_back"),
        ]
