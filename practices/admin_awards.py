"""The label of the network in the administration: given to a practice, looked at, withdrawn."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django_filters import ChoiceFilter
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.viewsets.model import ModelViewSet

from core import languages
from core.admin import OwnPolicy
from members.permissions import may
from practices.forms.recognition import AwardForm, ReviewFormSet, WithdrawForm
from practices.models import Award, PracticePage
from practices.recognition import CRITERIA, MOST_REVIEWERS, NEWEST, can_hold, mark_holders
from practices.services.recognition import (
    AwardRefused,
    give_award,
    may_be_given_anew,
    public_version,
    require_awardable,
    withdraw_award,
)
from practices.views.recognition import judgements_of
from search.analysis import fold

MOST_FOUND = 30


class AwardPolicy(OwnPolicy):
    """Who gives the label sees the awards; each is made and ended on pages of its own."""

    def user_has_permission(self, user, action: str) -> bool:
        return action == "view" and may(user, "award.give")


def state_of_award(award: Award) -> str:
    if award.stands:
        return pgettext("label", "Holds")
    if award.was_withdrawn:
        return pgettext("label", "Withdrawn")
    return pgettext("label", "Given anew") if award.was_renewed else pgettext("label", "Ran out")


class AwardFilterSet(WagtailFilterSet):
    state = ChoiceFilter(
        label=pgettext_lazy("label", "State"),
        choices=[
            ("standing", pgettext_lazy("label", "Holds")),
            ("over", pgettext_lazy("label", "Holds no more")),
        ],
        method="filter_state",
    )

    class Meta:
        model = Award
        fields = ()

    def filter_state(self, awards, name: str, value: str):
        standing = Award.objects.standing()
        if value == "standing":
            return awards.filter(pk__in=standing.values("pk"))
        return awards.exclude(pk__in=standing.values("pk"))


class AwardIndexView(IndexView):
    add_item_label = gettext_lazy("Give the label")

    @property
    def columns(self):
        return [
            TitleColumn(
                "practice",
                accessor="practice.title",
                label=gettext_lazy("practice"),
                get_url=self.get_inspect_url,
            ),
            Column("state", accessor=state_of_award, label=pgettext_lazy("label", "State")),
            DateColumn("awarded_on", label=gettext_lazy("awarded on"), sort_key="awarded_on"),
            DateColumn("expires_on", label=gettext_lazy("holds until"), sort_key="expires_on"),
        ]

    def get_base_queryset(self):
        return Award.objects.select_related("practice")

    def get_add_url(self):
        return reverse("awards:choose")


class AwardInspectView(InspectView):
    page_title = gettext_lazy("Label of the network")

    def get_object(self, queryset=None):
        rows = Award.objects.select_related("practice", "awarded_by", "withdrawn_by")
        return get_object_or_404(rows, pk=self.pk)

    def get_page_subtitle(self):
        return self.object.practice.title

    def get_fields_context(self):
        return []  # the template shows them

    def get_context_data(self, **kwargs):
        titles = {one.code: one.title for one in CRITERIA[self.object.criteria_version]}
        return super().get_context_data(
            award=self.object,
            state=state_of_award(self.object),
            judgements=[
                (one, [titles[code] for code in one.review.met])
                for one in judgements_of(self.object)
            ],
            anew=public_version(self.object.practice) if self.is_to_be_renewed() else None,
            **kwargs,
        )

    def is_to_be_renewed(self) -> bool:
        is_newest = not (self.object.was_withdrawn or self.object.replaced_on)
        return is_newest and may_be_given_anew(self.object)


def require_right(request) -> None:
    if not may(request.user, "award.give"):
        raise PermissionDenied


@require_safe
def choose(request):
    """Look for the practice that is to get the label, by words of its title in any language."""
    require_right(request)
    asked = request.GET.get("q", "").strip()[:200]
    found = found_by_title(asked) if asked else []
    return render(
        request,
        "practices/recognition/admin/choose.html",
        {"asked": asked, "found": found[:MOST_FOUND], "cut": len(found) > MOST_FOUND},
    )


def found_by_title(asked: str) -> list[PracticePage]:
    """Return public practices whose title holds all words; one more than are shown, at most."""
    words = fold(asked).split()
    visible = PracticePage.objects.visible()
    titles = visible.order_by().values_list("translation_key", "title")
    keys = {key for key, title in titles if all(word in fold(title) for word in words)}
    pages = (
        visible.filter(translation_key__in=keys)
        .nearest_to(languages.current())
        .select_related("locale")
        .prefetch_related("collectivity_links__collectivity")
        .order_by("title", "pk")
    )
    found = list(mark_holders([page for page in pages if can_hold(page)][: MOST_FOUND + 1]))
    awards = Award.objects.standing().filter(practice__in=[int(page.number) for page in found])
    held = {one.practice_id: one for one in awards}
    for page in found:
        page.may_get_label = may_be_given_anew(held.get(int(page.number)))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def give(request, pk: int):
    """Enter what the reviewers found, and give the label. Nothing that is typed is lost."""
    require_right(request)
    page = PracticePage.objects.visible().select_related("locale").filter(pk=pk).first()
    if page is None:
        raise Http404("No public practice has this number.")
    typed = request.POST if request.method == "POST" else None
    # Sent once more by the person or the browser: what it made is there.
    if typed and (given := award_of_form(typed.get("key", ""))):
        return redirect("awards:inspect", given.pk)
    try:
        require_awardable(page)
    except AwardRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("awards:choose")
    is_adding = typed is not None and "another" in typed
    form = AwardForm(typed)
    reviews = ReviewFormSet(
        with_one_more(typed) if is_adding else typed,
        practice=page,
        editor=request.user,
        prefix="reviews",
    )
    status = 200
    if typed and not is_adding:
        status = 422
        if all([form.is_valid(), reviews.is_valid()]):
            try:
                award = give_award(
                    practice=page,
                    reviews=reviews.reviews(),
                    editor=request.user,
                    **form.cleaned_data,
                )
            except AwardRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The label is given. The authors are told."))
                return redirect("awards:inspect", award.pk)
    return render(
        request,
        "practices/recognition/admin/give.html",
        {
            "page": page,
            "form": form,
            "reviews": reviews,
            "has_room": reviews.total_form_count() < MOST_REVIEWERS,
            "criteria": CRITERIA[NEWEST],
            "is_checked": status == 422,
            "address": reverse("practice", args=[page.slug]),
        },
        status=status,
    )


def award_of_form(key: str) -> Award | None:
    """Return what a form has made already, by the key that it sends."""
    try:
        return Award.objects.filter(key=UUID(key)).first()
    except ValueError:
        return None


def with_one_more(typed):
    """Return what was typed, with room for one more reviewer."""
    copy = typed.copy()
    number = copy.get("reviews-TOTAL_FORMS", "")
    shown = int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else 0
    copy["reviews-TOTAL_FORMS"] = str(min(shown + 1, MOST_REVIEWERS))
    return copy


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, pk: int):
    """Ask for the reason, then withdraw the label."""
    require_right(request)
    award = get_object_or_404(Award.objects.select_related("practice"), pk=pk)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            withdraw_award(award=award, reason=form.cleaned_data["reason"], editor=request.user)
        except AwardRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The label is withdrawn. The authors are told."))
        return redirect("awards:inspect", award.pk)
    if not award.stands:
        messages.error(request, _("This label holds no more: there is nothing to withdraw."))
        return redirect("awards:inspect", award.pk)
    return render(
        request,
        "practices/recognition/admin/withdraw.html",
        {"award": award, "form": form},
        status=422 if form.is_bound else 200,
    )


class AwardViewSet(ModelViewSet):
    model = Award
    icon = "success"
    menu_label = gettext_lazy("Label of the network")
    menu_name = "awards"
    menu_order = 115
    add_to_admin_menu = True
    copy_view_enabled = False
    add_to_reference_index = False  # nothing refers to an award
    index_view_class = AwardIndexView
    inspect_view_enabled = True
    inspect_view_class = AwardInspectView
    inspect_template_name = "practices/recognition/admin/award.html"
    filterset_class = AwardFilterSet
    ordering = ("-awarded_on", "-pk")
    list_per_page = 50
    form_fields = ()

    @property
    def permission_policy(self) -> AwardPolicy:
        return AwardPolicy(self.model)

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("choose/", choose, name="choose"),
            path("give/<int:pk>/", give, name="give"),
            path("withdraw/<int:pk>/", withdraw, name="withdraw"),
        ]


award_viewset = AwardViewSet("awards", url_prefix="label")


@hooks.register("register_admin_viewset")
def register_awards():
    return award_viewset
