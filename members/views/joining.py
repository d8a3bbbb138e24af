"""
Joining the network: forms for everybody, and the page of an application.

Nobody has an account here: no cookie is set, no session read, and no form holds a token (decision
0010). The page of an application is opened by a secret link.
"""

from collections.abc import Callable, Sequence
from functools import wraps

from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from django.db.models.functions import Length
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import languages
from core.open_forms import OpenForm, comes_from_another_site
from members.access import requires
from members.enums import ApplicationState, OrganisationKind
from members.forms.joining import (
    AnswerForm,
    ApplicantForm,
    AssociationApplicationForm,
    CollectivityApplicationForm,
)
from members.models import Application, Collectivity
from members.services.joining import (
    MOST_COLLECTIVITIES,
    JoiningRefused,
    answer_application,
    application_of,
    confirm_application,
    has_focal_point,
    invitation_for,
    send_application,
    token_of,
    withdraw_application,
)

MOST_FOUND = 20
LONGEST_SEARCH = 200
# In an hour, from one place: a room of people who join together passes. In all, and to one address:
# nobody has the site mail strangers without end.
LIMITS = (("20/h/ip,200/h/key", "all"), ("5/h/key", "email"))
HOUR = 3600


def for_everybody(view: Callable) -> Callable:
    """A page that needs no account, may be sent without a token, and is kept by no cache."""

    @csrf_exempt
    @cache_control(private=True, no_store=True)
    @wraps(view)
    def open_view(request, *args, **kwargs):
        return view(request, *args, **kwargs)

    open_view.right = "network.join"
    return open_view


# --- The forms ------------------------------------------------------------------------------------


@for_everybody
@require_safe
def join(request):
    """What joining is, what it takes, what happens next; the two ways in."""
    return render(request, "members/join/start.html")


@for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
def join_collectivity(request):
    """
    Find a collectivity, then apply for it. The address says which: nothing that is sent can name
    another one.
    """
    code = request.GET.get("collectivity", "")
    chosen = _with_codes([code]) if code else []
    if not chosen:
        context = find_collectivities(request) | {"unknown": bool(code)}
        return render(request, "members/join/which_collectivity.html", context)
    collectivity = chosen[0]
    context = {"collectivity": collectivity}
    if has_focal_point(collectivity):
        status = 409 if request.method == "POST" else 200
        return render(request, "members/join/has_people.html", context, status=status)
    return _apply(
        request,
        CollectivityApplicationForm,
        "members/join/collectivity.html",
        context,
        kind=OrganisationKind.COLLECTIVITY,
        collectivity=collectivity,
    )


@for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
def join_association(request):
    """Choose the collectivities that an association works with, then apply. The address holds the
    choice, so that a page can be reloaded and gone back to."""
    codes = list(dict.fromkeys(request.GET.getlist("c")))[:MOST_COLLECTIVITIES]
    chosen = _with_codes(codes)
    choice = [one.code for one in chosen]
    again = _choice_address(choice)
    if request.method != "POST" and ("form" not in request.GET or not chosen):
        context = find_collectivities(request, without=choice) | {
            "chosen": [
                (one, _choice_address([code for code in choice if code != one.code]))
                for one in chosen
            ],
            "is_full": len(chosen) >= MOST_COLLECTIVITIES,
            "most": MOST_COLLECTIVITIES,
            "form_address": f"{again}&form=",
        }
        return render(request, "members/join/which_collectivities.html", context)
    return _apply(
        request,
        AssociationApplicationForm,
        "members/join/association.html",
        {"chosen": chosen, "choose_address": again, "form_address": f"{again}&form="},
        missing="" if chosen else _("Choose at least one collectivity that you work with."),
        kind=OrganisationKind.ASSOCIATION,
        attach_to=chosen,
    )


def _choice_address(codes: list[str]) -> str:
    return f"{reverse('join_association')}?{urlencode({'c': codes}, doseq=True)}"


def _with_codes(codes: list[str]) -> list[Collectivity]:
    """Return the collectivities of some codes, in their order."""
    rows = Collectivity.objects.select_related("parent", "region").filter(code__in=codes)
    found = {one.code: one for one in rows}
    return [found[code] for code in codes if code in found]


def find_collectivities(request, without: Sequence[str] = ()) -> dict:
    """Return what was searched for and the collectivities that have this name, the shortest names
    first: who writes "Fès" means Fès."""
    query = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    results = []
    if query:
        rows = Collectivity.objects.named(query).exclude(code__in=without)
        rows = rows.select_related("parent", "region").order_by(Length("search_name"), "code")
        results = list(rows[: MOST_FOUND + 1])
    return {
        "query": query,
        "results": results[:MOST_FOUND],
        "has_more": len(results) > MOST_FOUND,
    }


def _apply(
    request,
    form_class: type[ApplicantForm],
    template: str,
    context: dict,
    *,
    missing: str = "",
    **application,
):
    """
    Show the form of an application, or take it. Whatever is refused, the form comes back filled.

    A form that a machine has filled in is answered like any other, and dropped.

    :param missing: what is wrong beside what was typed
    """

    def show(status: int = 200):
        shown = context | {"form": form, "lost_file": bool(request.FILES)}
        return render(request, template, shown, status=status)

    if request.method != "POST":
        form = form_class()
        return show()
    form = form_class(request.POST, request.FILES)
    if comes_from_another_site(request):
        form.add_problem(_("This form was sent from another site. Send it from here."))
        return show(403)
    if form.caught_a_machine:
        return redirect("join_sent")
    if missing:
        form.add_problem(missing)
    if not form.is_valid():
        return show(422)
    if not _within_limits(request, form.cleaned_data["email"]):
        form.add_problem(
            _("Too many applications have come within this hour. Send yours again in an hour.")
        )
        response = show(429)
        response["Retry-After"] = str(HOUR)
        return response
    try:
        send_application(
            fields=form.told,
            document=form.cleaned_data.get("document"),
            language=languages.current(),
            stamp=form.cleaned_data["stamp"],
            **application,
        )
    except JoiningRefused as refusal:
        form.add_problem(str(refusal))
        return show(409)
    return redirect("join_sent")


def _within_limits(request, email: str) -> bool:
    """Count one more application, unless this hour's number is used up."""
    keys = {"all": "all", "email": email.lower()}
    return all(
        ratelimit.consume(
            request, app="members", action="apply", key=keys[key], config={"apply": rates}
        )
        for rates, key in LIMITS
    )


@for_everybody
@require_safe
def join_sent(request):
    """Say that a mail is on its way. The same for everybody, and a page of its own, so that a
    reload sends nothing."""
    return render(request, "members/join/sent.html")


# --- The page of an application -------------------------------------------------------------------


def by_link(view: Callable) -> Callable:
    """
    Open the page of an application by its secret, which is told to no other site.

    It is to our own: a browser that may tell nothing sends `Origin: null` with a form, and an older
    one then looks as if it came from elsewhere.
    """

    @for_everybody
    @wraps(view)
    def guarded(request, token: str):
        found = application_of(token)
        if found is None:
            response = render(request, "members/join/no_application.html", status=404)
        else:
            response = view(request, token, found)
        response["Referrer-Policy"] = "same-origin"
        return response

    return guarded


@require_safe
@by_link
def application(request, token: str, found: Application):
    """Where an application stands; what its applicant can do."""
    return _show(request, token, found, AnswerForm())


@require_POST
@by_link
def application_confirm(request, token: str, found: Application):
    """Hand the application to the secretariat."""
    return _do(request, token, found, OpenForm(), lambda: confirm_application(application=found))


@require_POST
@by_link
def application_withdraw(request, token: str, found: Application):
    """Take the application back."""
    return _do(request, token, found, OpenForm(), lambda: withdraw_application(application=found))


@require_POST
@by_link
def application_answer(request, token: str, found: Application):
    """Answer what the secretariat asked."""
    form = AnswerForm(request.POST, request.FILES)
    if form.caught_a_machine:
        return redirect("application", token=token)
    return _do(
        request,
        token,
        found,
        form,
        lambda: answer_application(
            application=found,
            text=form.cleaned_data["text"],
            document=form.cleaned_data["document"],
        ),
    )


def _do(request, token: str, found: Application, form: OpenForm, change: Callable):
    """Do something to an application, or say on its page why it was not done."""
    problem, status = "", 409
    if comes_from_another_site(request):
        problem, status = _("This form was sent from another site. Send it from here."), 403
    elif form.is_bound and not form.is_valid():
        status = 422
    else:
        try:
            change()
        except JoiningRefused as refusal:
            problem = str(refusal)
        else:
            return redirect("application", token=token)
    found.refresh_from_db(fields=["state"])
    shown = form if form.is_bound else AnswerForm()
    return _show(request, token, found, shown, problem=problem, status=status)


def _show(
    request, token: str, found: Application, form: OpenForm, *, problem: str = "", status: int = 200
):
    steps = list(found.steps.all())
    context = {
        "application": found,
        "token": token,
        "form": form,
        "problem": problem,
        "lost_file": bool(request.FILES),
        "steps": steps,
        "reason": steps[-1].reason if steps else "",
        "attach_to": found.attach_to.select_related("parent", "region"),
        "is_open": found.state in ApplicationState.OPEN,
        "invitation": invitation_for(found),
    }
    return render(request, "members/join/application.html", context, status=status)


@requires("account.own")
@require_safe
def own_application(request, key):
    """Lead the person who has applied, with the address of their account, to the page."""
    found = get_object_or_404(Application.objects.for_editors(), key=key)
    mine = EmailAddress.objects.filter(user=request.user, email__iexact=found.email, verified=True)
    if not mine.exists():
        raise Http404("It is not yours.")
    return redirect("application", token=token_of(found))
