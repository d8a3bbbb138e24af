"""Taking a practice over: declared from its page, told on in the space, shown to everybody."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contributions.differences import differences
from contributions.drafts import values_of
from contributions.models import Contribution
from contributions.registry import kinds
from contributions.services.drafts import DraftRefused
from core import languages
from members.access import in_space, private, to_login
from members.models import Collectivity
from members.permissions import MEMBERS, standing_of
from members.services.profile import stamp_of
from practices.adoption import adoptions_of, given, public_pages, taken_over
from practices.enums import AdoptionState
from practices.forms.adoption import AdoptionForm, DeclareForm, LinkForm, StateForm, WriteForm
from practices.models import Adoption, PracticePage, first_version_of
from practices.services.adoption import (
    AdoptionChanged,
    AdoptionRefused,
    adopters_for,
    begun_version,
    change_state,
    declare_adoption,
    link_own_practice,
    linkable,
    public_versions,
    start_own_practice,
    told_of,
    write_adoption,
)
from practices.views.pages import versions_of
from practices.views.retired import retired_page
from search.analysis import fold
from search.services import page_number

PER_PAGE = 20
shown_and_sent = require_http_methods(["GET", "HEAD", "POST"])


def public_page(slug: str) -> PracticePage:
    """
    Return the version of a practice that is nearest to the reader.

    :raises Http404: where nobody, or the network alone, may read it
    """
    versions = versions_of(slug)
    if not versions:
        raise Http404("No practice has this address.")
    return versions[0]


# --- Declared ------------------------------------------------------------------------------------


def for_officials(view):
    """
    Let in whoever has a place in a collectivity. Visitors are sent to the login and back, others
    are refused (403).
    """

    @private
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_authenticated:
            return to_login(request)
        if not MEMBERS & standing_of(request.user).roles:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded.right = "adoption.write"
    return guarded


@for_officials
@shown_and_sent
def adopt(request, slug: str):
    """Declare that one's collectivity takes a practice over."""
    page = public_page(slug)
    adopters = adopters_for(request.user, page)
    done = {
        one.collectivity_id: one
        for one in Adoption.objects.filter(
            practice=first_version_of(page), collectivity__in=[one.pk for one in adopters]
        ).select_related("collectivity")
    }
    open_ones = [one for one in adopters if one.pk not in done]
    if request.method == "POST" and adopters:
        # Those that did already among them: sent twice, the form leads to what it made.
        form = DeclareForm(request.POST, adopters=adopters)
        if form.is_valid():
            try:
                adoption, is_new = declare_adoption(
                    practice=page,
                    collectivity=form.adopter,
                    person=request.user,
                    state=form.cleaned_data["state"],
                    fields=form.told,
                )
            except AdoptionRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                if is_new:
                    messages.success(request, _("Declared. The people of the practice are told."))
                elif form.told != told_of(adoption):
                    # A colleague was quicker: what was typed here is not lost.
                    return _show_both(request, adoption, AdoptionForm(request.POST))
                else:
                    messages.info(request, _("Your collectivity has taken this over already."))
                return redirect("space_adoption", key=form.adopter.key, pk=adoption.pk)
        status = 422
    else:
        form = DeclareForm(adopters=adopters, offered=open_ones) if open_ones else None
        status = 200 if adopters else 403
    return render(
        request,
        "practices/adoption/adopt.html",
        {"page": page, "form": form, "done": list(done.values()), "adopters": adopters},
        status=status,
    )


# --- Told on, in the space -----------------------------------------------------------------------


def adoption_in(organisation, pk: int) -> Adoption:
    """
    Return an adoption of a collectivity.

    :raises Http404: where it has none with this key
    """
    adoptions = Adoption.objects.select_related("practice__locale", "collectivity", "own_practice")
    found = (
        adoptions.filter(collectivity=organisation, pk=pk).first()
        if isinstance(organisation, Collectivity) and pk < 2**63
        else None
    )
    if found is None:
        raise Http404("The collectivity has no such adoption.")
    return found


@in_space("space.see")
@require_safe
def adoptions_in_space(request, organisation):
    """What a collectivity took over, the hidden among it, and who took over what it tells."""
    if not isinstance(organisation, Collectivity):
        raise Http404("Associations take no practice over.")
    language = languages.current()
    adoptions = list(Adoption.objects.filter(collectivity=organisation).order_by("-declared_at"))
    pages = public_pages([one.practice_id for one in adoptions], language)
    return render(
        request,
        "practices/adoption/space.html",
        {
            "organisation": organisation,
            "adoptions": [(one, pages.get(one.practice_id)) for one in adoptions],
            "given": given(organisation, language),
        },
    )


@in_space("adoption.write")
@shown_and_sent
def adoption(request, organisation, pk: int):
    """What the collectivity tells of an adoption, and the form that changes it."""
    one = adoption_in(organisation, pk)
    if request.method != "POST":
        return _show(request, one)
    form = AdoptionForm(request.POST)
    if not form.is_valid():
        return _show(request, one, form=form, status=422)
    try:
        write_adoption(adoption=one, fields=form.told, seen=form.cleaned_data["seen"])
    except AdoptionChanged:
        return _show_both(request, adoption_in(organisation, pk), form)
    messages.success(request, _("Saved. It stands on the page of the practice."))
    return redirect("space_adoption", key=organisation.key, pk=one.pk)


@in_space("adoption.write")
@require_POST
def adoption_state(request, organisation, pk: int):
    """Say how far the collectivity is by now."""
    one = adoption_in(organisation, pk)
    form = StateForm(request.POST, adoption=one)
    if form.is_valid():
        try:
            change_state(adoption=one, person=request.user, **form.cleaned_data)
        except AdoptionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Noted. The people of the practice are told."))
            return redirect("space_adoption", key=organisation.key, pk=one.pk)
    elif request.POST.get("state") == one.state and _is_said(one, form.cleaned_data.get("words")):
        # Sent twice, or by two colleagues: it is as they wanted.
        return redirect("space_adoption", key=organisation.key, pk=one.pk)
    return _show(request, one, state_form=form, status=422)


@in_space("adoption.write")
@require_POST
def adoption_link(request, organisation, pk: int):
    """Say which of its own practices the collectivity made of it."""
    one = adoption_in(organisation, pk)
    form = LinkForm(request.POST, pages=linkable(one))
    if form.is_valid():
        try:
            link_own_practice(adoption=one, practice=form.cleaned_data["practice"])
        except AdoptionRefused as refusal:
            form.add_error("practice", str(refusal))
        else:
            messages.success(request, _("Saved. It stands on the page of the practice."))
            return redirect("space_adoption", key=organisation.key, pk=one.pk)
    return _show(request, one, link_form=form, status=422)


@in_space("adoption.write")
@require_POST
def adoption_write_own(request, organisation, pk: int):
    """Begin the collectivity's own version as a copy, and go on in the draft."""
    one = adoption_in(organisation, pk)
    codes = [page.language for page in public_versions(one.practice)]
    form = WriteForm(request.POST, codes=codes)
    if form.is_valid():
        try:
            contribution = start_own_practice(
                adoption=one, person=request.user, language=form.cleaned_data["language"]
            )
        except (AdoptionRefused, DraftRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("contribution", pk=contribution.pk)
    return _show(request, one, write_form=form, status=422)


def _is_said(adoption: Adoption, words: str | None) -> bool:
    """Return whether words add nothing to those that were said of the state of an adoption."""
    return words == "" or adoption.steps.filter(state=adoption.state, words=words).exists()


def _show_both(request, adoption: Adoption, form: AdoptionForm):
    """Show what a colleague saved beside what was typed, to be sent again or dropped."""
    form.full_clean()
    told = told_of(adoption)
    differing = form.ask_again(told, stamp_of(told))
    return _show(request, adoption, form=form, differing=differing, status=422)


def _show(
    request,
    adoption: Adoption,
    *,
    form: AdoptionForm | None = None,
    state_form: StateForm | None = None,
    link_form: LinkForm | None = None,
    write_form: WriteForm | None = None,
    differing: list[dict] | None = None,
    status: int = 200,
):
    """
    Show the page of an adoption with its forms, one of them perhaps as it was sent.

    :param differing: what somebody else saved meanwhile, field by field
    """
    versions = public_versions(adoption.practice)
    own = adoption.own_practice
    codes = [page.language for page in versions]
    told = told_of(adoption)
    pages = linkable(adoption)
    draft = (
        Contribution.objects.filter(page=own.pk).visible_to(request.user).first() if own else None
    )
    public_own = next(iter(public_versions(own)), None) if own else None
    sent = state_form or link_form or write_form or form
    return render(
        request,
        "practices/adoption/adoption.html",
        {
            "organisation": adoption.collectivity,
            "adoption": adoption,
            "page": versions[0] if versions else None,
            "sent": sent,
            "form": form or AdoptionForm(initial=told | {"seen": stamp_of(told)}),
            "state_form": state_form or StateForm(adoption=adoption),
            "link_form": link_form
            or LinkForm(pages=pages, initial={"practice": public_own.pk if public_own else None}),
            # What is linked and no longer public can be let go as well.
            "may_link": bool(link_form)
            or (not begun_version(adoption) and (own is not None or pages.exists())),
            "write_form": write_form or WriteForm(codes=codes),
            "draft": draft,
            "public_own": public_own,
            "steps": adoption.steps.select_related("by"),
            "differing": differing or [],
        },
        status=status,
    )


# --- Shown to everybody --------------------------------------------------------------------------


@require_safe
def practice_adoptions(request, slug: str):
    """
    All who took a practice over, those like a collectivity first (`like`), of one state (`state`).
    The address holds all of it.
    """
    try:
        page = public_page(slug)
    except Http404:
        if retired := retired_page(request, slug):
            return retired
        raise
    asked, state = request.GET.get("like", ""), request.GET.get("state", "")
    like = (
        Collectivity.objects.select_related("profile").filter(slug=asked[:60]).first()
        if asked
        else None
    )
    context = adoptions_of(page, like=like, whole=True)
    # A page that hides its collectivity bears no names but those of the ones who took it over.
    members = [] if page.hides_collectivity else members_by_region()
    branches = context["adoptions"]["lineage"].branches
    is_state = state in AdoptionState.values
    shown = [one for one in branches if one.adoption.state == state] if is_state else branches
    paginator = Paginator(shown, PER_PAGE)
    found = paginator.get_page(page_number(request.GET.get("page", "1")))
    return render(
        request,
        "practices/adoption/adoptions.html",
        context
        | {
            "page": page,
            "found": found,
            "state": state if is_state else "",
            "unknown": (asked and not like) or (state and not is_state),
            "state_choices": AdoptionState.choices,
            "members": members,
            "like_is_member": any(like in places for _region, places in members),
        },
    )


def members_by_region() -> list[tuple[str, list[Collectivity]]]:
    """Return the members of the network under the names of their regions; one query."""
    members = Collectivity.objects.members().select_related("region").order_by("region__code")
    regions: dict[str, list[Collectivity]] = {}
    for one in members:
        regions.setdefault(one.region.name if one.region else "", []).append(one)
    return [
        (name, sorted(ones, key=lambda one: (fold(one.name), one.pk)))
        for name, ones in regions.items()
    ]


@require_safe
def practice_differences(request, slug: str, other: str):
    """What a collectivity changed of a practice that it took over, field by field."""
    before, after = public_page(slug), public_page(other)
    adoption = (
        Adoption.objects.shown()
        .with_last_step()
        .filter(practice=first_version_of(before), own_practice=first_version_of(after))
        .select_related("collectivity")
        .first()
    )
    if adoption is None or after.hides_collectivity:
        raise Http404("The one did not grow from the other.")
    before, after = _in_one_language(versions_of(slug), versions_of(other))
    kind = kinds["practice"]
    return render(
        request,
        "practices/adoption/differences.html",
        {
            "before": before,
            "after": after,
            "adoption": adoption,
            "differences": differences(values_of(kind, before), values_of(kind, after)),
        },
    )


def _in_one_language(
    before: list[PracticePage], after: list[PracticePage]
) -> tuple[PracticePage, PracticePage]:
    """Return two versions to compare: in one language where there is one, nearest to the reader."""
    of_language = {one.language: one for one in after}
    for one in before:
        if one.language in of_language:
            return one, of_language[one.language]
    return before[0], after[0]


@require_safe
def collectivity_exchanges(request, slug: str):
    """What a collectivity took over from whom, and who took over what from it."""
    found = Collectivity.objects.select_related("parent", "region").filter(slug=slug).first()
    if found is None:
        raise Http404("No collectivity has this address.")
    language = languages.current()
    return render(
        request,
        "practices/adoption/exchanges.html",
        {
            "collectivity": found,
            "taken": taken_over(found, language),
            "given": given(found, language),
        },
    )
