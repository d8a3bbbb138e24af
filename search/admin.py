"""The termbase and the searches without result in the administration."""

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch, Value
from django.db.models.functions import Concat
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods
from django_filters import ChoiceFilter
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView as GenericIndexView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from core import languages
from search.analysis import LATIN_LANGUAGES, words
from search.concepts import make_synonym
from search.models import Concept, MissedSearch, Term

OWN_NAMES = [(code, languages.own_name(code)) for code in languages.CODES]
SHOWN = 4  # terms of a language in the listing


def terms_in(code: str):
    """Return what a column of the listing shows: the terms of a language, the preferred first."""

    def cell(concept: Concept) -> str:
        terms = [term for term in concept.terms.all() if term.language == code]
        terms.sort(key=lambda term: (not term.preferred, term.sort_order or 0))
        return " · ".join(term.text for term in terms[:SHOWN])

    return cell


class ConceptFilterSet(WagtailFilterSet):
    missing = ChoiceFilter(
        label=gettext_lazy("Without a term in"), choices=OWN_NAMES, method="filter_missing"
    )

    class Meta:
        model = Concept
        fields = ()

    def filter_missing(self, concepts, name, value):
        return concepts.exclude(terms__language=value)


class ConceptIndexView(IndexView):
    is_searchable = True
    default_ordering = "-updated_at"

    @cached_property
    def columns(self):
        """The first column leads to the concept."""
        ticks, first, *others = super().columns
        title = self._get_title_column_class(TitleColumn)(
            first.name,
            label=first.label,
            accessor=lambda concept: first.get_value(concept) or str(concept),
            get_url=self.get_edit_url,
            get_title_id=lambda concept: f"snippet_{concept.pk}_title",
        )
        return [ticks, title, *others]

    def search_queryset(self, queryset):
        """Find concepts by a word of a term, in whichever form and language it is written."""
        if not self.is_searching:
            return queryset
        found: set[int] = set()
        for code in LATIN_LANGUAGES:
            reading = words(self.search_query, code)
            if not reading:
                continue
            # Words in Latin letters are read in one language at a time, Arabic ones in each.
            terms = Term.objects.filter(language__in=[code, "ar"])
            for word in reading:
                # A whole stem of a term: they stand with spaces between them.
                terms = terms.annotate(padded=Concat(Value(" "), "stems", Value(" ")))
                terms = terms.filter(padded__contains=f" {word.stem} ")
            found |= set(terms.values_list("concept", flat=True))
        return queryset.filter(pk__in=found)


class ConceptViewSet(SnippetViewSet):
    model = Concept
    icon = "openquote"
    menu_label = gettext_lazy("Termbase")
    menu_name = "termbase"
    menu_order = 170
    url_prefix = "termbase"
    add_to_admin_menu = True
    copy_view_enabled = False
    index_view_class = ConceptIndexView
    filterset_class = ConceptFilterSet
    list_per_page = 50
    list_display = [
        Column("fr", label=gettext_lazy("French"), accessor=terms_in("fr")),
        Column("ar", label=gettext_lazy("Arabic"), accessor=terms_in("ar")),
        Column("en", label=gettext_lazy("English"), accessor=terms_in("en")),
        Column("zgh", label=gettext_lazy("Tamazight"), accessor=terms_in("zgh")),
    ]

    def get_queryset(self, request):
        """Editors' concepts; names of collectivities are kept where the collectivities are."""
        return Concept.objects.filter(origin="").prefetch_related(
            Prefetch("terms", Term.objects.order_by("sort_order"))
        )


class MissedPolicy(ModelPermissionPolicy):
    """What people searched is counted, never written by hand."""

    def user_has_permission(self, user, action: str) -> bool:
        return action not in {"add", "change"} and super().user_has_permission(user, action)


class MissedIndexView(GenericIndexView):
    def get_list_more_buttons(self, instance):
        buttons = super().get_list_more_buttons(instance)
        if may_write_terms(self.request.user):
            url = reverse("missed_searches:synonym", args=[instance.pk])
            buttons.append(Button(_("Make it a synonym…"), url=url, icon_name="plus", priority=5))
        return buttons


def may_write_terms(user) -> bool:
    return user.has_perm("search.change_concept") and user.has_perm("search.add_concept")


class SynonymForm(forms.Form):
    """What people searched, and the word that would have found it."""

    text = forms.CharField(label=gettext_lazy("What people search"), max_length=80)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=OWN_NAMES)
    same_as = forms.CharField(
        label=gettext_lazy("Means the same as"),
        max_length=80,
        help_text=gettext_lazy("A word that the site uses, in any of its languages."),
    )
    same_as_language = forms.ChoiceField(label=gettext_lazy("Language"), choices=OWN_NAMES)

    def clean(self):
        cleaned = super().clean()
        for name in ("text", "same_as"):
            text, language = cleaned.get(name), cleaned.get(f"{name}_language")
            language = language or cleaned.get("language")
            if text and language and not words(text, language):
                self.add_error(
                    name, _("No search would find this: it holds only words that say nothing.")
                )
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
def synonym(request, pk: int):
    """Make what people searched in vain a synonym of a word that the site uses."""
    if not may_write_terms(request.user):
        raise PermissionDenied
    missed = get_object_or_404(MissedSearch, pk=pk)
    initial = {
        "text": missed.query,
        "language": missed.language,
        "same_as_language": missed.language,
    }
    form = SynonymForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            concept = make_synonym(missed=missed, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request,
                _("“%(text)s” is a synonym of “%(same_as)s” now.") % form.cleaned_data,
                buttons=[
                    messages.button(
                        reverse(Concept.snippet_viewset.get_url_name("edit"), args=[concept.pk]),
                        _("See the concept"),
                    )
                ],
            )
            return redirect("missed_searches:index")
    return render(request, "search/admin/synonym.html", {"form": form, "missed": missed})


class MissedViewSet(ModelViewSet):
    model = MissedSearch
    icon = "search"
    menu_label = gettext_lazy("Searched in vain")
    menu_name = "missed-searches"
    menu_order = 175
    add_to_admin_menu = True
    copy_view_enabled = False
    inspect_view_enabled = False
    add_to_reference_index = False
    index_view_class = MissedIndexView
    list_display = (
        "query",
        Column(
            "language",
            label=gettext_lazy("Language"),
            accessor=lambda one: languages.own_name(one.language),
            sort_key="language",
        ),
        Column(
            "count", label=pgettext_lazy("searches", "Times"), accessor="count", sort_key="count"
        ),
        DateColumn("last_at", label=pgettext_lazy("searches", "Last"), sort_key="last_at"),
    )
    list_filter = ("language",)
    search_fields = ("query",)
    search_backend_name = None
    ordering = ("-count", "-last_at")
    list_per_page = 50
    form_fields = ()

    @property
    def permission_policy(self) -> MissedPolicy:
        return MissedPolicy(self.model)

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("synonym/<int:pk>/", synonym, name="synonym")]


missed_viewset = MissedViewSet("missed_searches")
