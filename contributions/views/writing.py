"""Writing a contribution: the start, the task list, a section, the check, submitting."""

import json
from collections.abc import Sequence
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from contributions.access import leads_it, reads_it, writes_it
from contributions.drafts import (
    is_begun,
    kind_of,
    label_of,
    newest,
    problems_in,
    problems_of,
    read,
    section_of_problem,
    told,
    told_rows,
    with_named,
)
from contributions.enums import AuthorState, State
from contributions.forms.start import StartForm
from contributions.forms.writing import SectionsForm
from contributions.models import Authorship, Contribution, Step
from contributions.panels import listed
from contributions.permissions import collectivities_of, leads, may_know_authors, writes
from contributions.registry import Section, kinds
from contributions.services.drafts import (
    WRITABLE,
    DraftRefused,
    discard,
    save_draft,
    start_draft,
    take_up,
)
from contributions.services.review import (
    WITH_EDITORS,
    NotComplete,
    ReviewRefused,
    submit,
    withdraw,
)
from contributions.states import state_of
from core import languages
from core.text import number_sent
from members.access import in_space, requires
from members.models import Collectivity, Organisation

QUICK = "quick"


@in_space("contribution.write")
@require_safe
def contributions(request, organisation: Organisation):
    """What a collectivity writes, the last saved first."""
    if not isinstance(organisation, Collectivity):
        raise Http404("Associations do not write.")
    return render(
        request,
        "contributions/list.html",
        {"organisation": organisation, "contributions": listed(organisation)},
    )


@in_space("contribution.write")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request, organisation: Organisation):
    """What one needs, how long it takes, what the editors look at; and the beginning of a draft."""
    if not isinstance(organisation, Collectivity):
        raise Http404("Associations do not write.")
    kind = next(iter(kinds.values()))
    if wanted := request.POST.get("kind") or request.GET.get("kind"):
        kind = kinds.get(wanted, kind)
    form = StartForm(
        request.POST or None, initial={"language": languages.current(), "key": uuid4()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            contribution = start_draft(
                kind=kind.name,
                collectivity=organisation,
                person=request.user,
                language=form.cleaned_data["language"],
                title=form.cleaned_data["title"],
                key=form.cleaned_data["key"],
            )
            return redirect("contribution_section", pk=contribution.pk, section=QUICK)
        except DraftRefused as refusal:
            form.add_error("language", str(refusal))
    return render(
        request,
        "contributions/start.html",
        {
            "organisation": organisation,
            "kind": kind,
            "kinds": kinds.values(),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@requires("account.own")
@require_http_methods(["GET", "HEAD", "POST"])
def new_version(request, slug: str):
    """
    Go on from what is published. The public version stays until an editor publishes the new one.
    """
    kind, page = _published(slug)
    contribution = Contribution.objects.filter(page=page.pk).first()
    if contribution:
        return redirect("contribution", pk=contribution.pk)  # for whom it is not there: 404
    mine = collectivities_of(request.user) & set(kind.owners(page))
    if not mine:
        raise PermissionDenied
    if request.method == "POST":
        contribution = take_up(
            page=page,
            kind=kind.name,
            collectivity=Collectivity.objects.get(pk=min(mine)),
            person=request.user,
        )
        return redirect("contribution", pk=contribution.pk)
    return render(request, "contributions/new_version.html", {"page": page, "kind": kind})


def _published(slug: str):
    """
    Return the kind and the published page of an address, the version that the kind began with.

    :raises Http404: where there is none
    """
    for kind in kinds.values():
        pages = kind.model().objects.visible().filter(slug=slug).order_by("pk")
        if page := pages.first():
            return kind, page
    raise Http404("No page has this address.")


@require_GET
@in_space("contribution.write")
def similar(request, organisation: Organisation):
    """What stands there already under a title like this: a piece of a page, for while one types."""
    kind = kinds.get(request.GET.get("kind", "")) or next(iter(kinds.values()))
    title = request.GET.get("title", "")[:200]
    own = Contribution.objects.visible_to(request.user).filter(
        pk=number_sent(request.GET.get("not"))
    )
    page = next((one.page.specific for one in own), None)
    language = request.GET.get("language", "")
    language = language if language in languages.CODES else languages.current()
    found = kind.similar(title, language, request.user, page) if len(title.split()) > 1 else []
    return render(request, "contributions/similar.html", {"similar": found})


@reads_it
@require_safe
def overview(request, contribution: Contribution):
    """The task list: what is written, what is missing, how far it is, what comes next."""
    page = with_named(newest(contribution))
    context = frame(request, contribution, page)
    kind = context["kind"]
    problems = problems_of(contribution, page)
    tasks = []
    for section in kind.sections_for(page):
        missing = problems_in(page, section)
        tasks.append(
            {
                "section": section,
                "state": "begun" if missing else "done",
                "is_begun": is_begun(page, section),
                "problems": len(missing),
            }
        )
    return render(
        request,
        "contributions/overview.html",
        context | {"tasks": tasks, "problems": problems, "reason": reason_of(context)},
    )


def reason_of(context: dict) -> Step | None:
    """Return the step by which the editors stopped a contribution, with what they said of it."""
    if context["state"] not in (State.CHANGES_ASKED, State.UNPUBLISHED, State.ARCHIVED):
        return None
    # A step is called as the state that it leads to.
    return next((one for one in context["steps"] if one.kind == context["state"]), None)


def frame(request, contribution: Contribution, page) -> dict:
    """Return what every page of a contribution shows: whose it is, how far, who said what."""
    state = state_of(contribution)
    authors = list(
        contribution.authorships.current().select_related("collectivity__parent").order_by("pk")
    )
    mine = collectivities_of(request.user)
    own = next((one for one in authors if one.collectivity_id in mine), None)
    shown = own or next((one for one in authors if one.leads), None)
    is_author, is_leading = writes(request.user, contribution), leads(request.user, contribution)
    shows_names = may_know_authors(request.user, contribution, page)
    steps = contribution.steps.select_related("by").order_by("-at", "-pk")[:30]
    notes = list(
        contribution.notes.filter(told_at__isnull=False).open_ones().select_related("by")
        if is_author
        else []
    )
    kind = kind_of(contribution)
    notes_by_field: dict[str, list] = {}
    for one in notes:
        notes_by_field.setdefault(one.field, []).append(one)
        one.section = section_of_problem(kind, one.field)
        one.label = label_of(one.section, one.field) if one.section else ""
    return {
        "contribution": contribution,
        "organisation": shown.collectivity if own else None,
        "page": page,
        "kind": kind,
        "kind_label": kind.label_of(page),
        "state": state,
        "state_label": State(state).label,
        "is_live": contribution.page.live,
        "public_address": kind.address(page) if contribution.page.live else "",
        "authors": authors if shows_names else [],
        "shows_names": shows_names,
        "own": own,
        "is_author": is_author,
        "leads": is_leading,
        "may_write": is_author and state in WRITABLE,
        "may_withdraw": is_author and state in WITH_EDITORS,
        # What is off the site has no public version to go back to, and is not deleted either.
        "may_drop": is_leading
        and state in WRITABLE
        and page.has_unpublished_changes
        and (contribution.page.live or contribution.page.first_published_at is None),
        "is_asked": own is not None and own.state == AuthorState.ASKED,
        "notes": notes,
        "notes_by_field": notes_by_field,
        "steps": steps if shows_names else [],
        "language_name": languages.own_name(page.language),
    }


def frame_with_names(request, contribution: Contribution) -> dict:
    """
    The same for pages that tell who writes it, and what it was before: an earlier version may name
    who hides their name in the newest one.

    :raises Http404: for somebody who may not know who writes it
    """
    context = frame(request, contribution, newest(contribution))
    if not context["shows_names"]:
        raise Http404("Who writes it, and what it was before, is told to its authors.")
    return context


@writes_it
@require_http_methods(["GET", "HEAD", "POST"])
def section(request, contribution: Contribution, section: str):
    """
    A page of the form. It is saved by its buttons, and by the script while somebody types (`Accept:
    application/json`). What comes when it is not to be written any more stands on the page that
    comes back; the script keeps it on the device.
    """
    page = newest(contribution)
    sections = sections_named(contribution, page, section)
    if request.method != "POST":
        if state_of(contribution) not in WRITABLE:
            return redirect("contribution", pk=contribution.pk)
        form = SectionsForm(contribution, with_named(page), sections)
        return show_section(request, contribution, page, section, form)
    form = SectionsForm(contribution, page, sections, request.POST)
    answers = form.answers()
    for name in request.POST.getlist("theirs"):
        answers.pop(name, None)  # the person takes what the others wrote
    try:
        saved = save_draft(
            contribution=contribution,
            person=request.user,
            sections=sections,
            answers=answers,
            seen=form.seen,
            decided=form.decided,
        )
    except DraftRefused as refusal:
        if wants_json(request):
            messages.warning(
                request,
                _("What you typed last is kept on this device: you find it again in the form."),
            )
            return JsonResponse({"moved": reverse("contribution", args=[contribution.pk])})
        return show_section(
            request, contribution, page, section, form, refusal=str(refusal), status=422
        )
    contribution.saved_at, errors = saved.at, form.errors()
    # Where both are shown to choose from, the person now has theirs before them as well.
    form.see(saved.seen | {name: saved.stands[name] for name in saved.differing})
    if wants_json(request):
        return JsonResponse(
            {
                "saved": date_format(localtime(saved.at), "TIME_FORMAT"),
                "seen": json.dumps(saved.seen),
                "errors": errors,
                "differing": saved.differing,
            }
        )
    if saved.differing or (errors and not form.acts_on_rows):
        return show_section(
            request, contribution, saved.page, section, form, differing=saved.differing, status=422
        )
    if form.acts_on_rows:
        return show_section(request, contribution, saved.page, section, form)
    messages.success(
        request, _("Saved at %(time)s.") % {"time": date_format(localtime(saved.at), "TIME_FORMAT")}
    )
    return redirect(next_address(request, contribution, saved.page, section))


def wants_json(request) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def sections_named(contribution: Contribution, page, name: str) -> list[Section]:
    """
    Return the sections that a page of the form shows: one, or those of the quick sheet.

    :raises Http404: for a name that the kind does not have, or does not ask of this page
    """
    asked = kind_of(contribution).sections_for(page)
    found = [one for one in asked if (one.quick if name == QUICK else one.name == name)]
    if not found:
        raise Http404("There is no such section.")
    return found


def next_address(request, contribution: Contribution, page, section: str) -> str:
    """Return where one goes on after saving: what the button said."""
    wanted = request.POST.get("then", "")
    if wanted == "check":
        return reverse("contribution_check", args=[contribution.pk])
    if wanted == "stay":
        return reverse("contribution_section", args=[contribution.pk, section])
    names = [one.name for one in kind_of(contribution).sections_for(page)]
    if wanted == "next" and section in names[:-1]:
        following = names[names.index(section) + 1]
        return reverse("contribution_section", args=[contribution.pk, following])
    return reverse("contribution", args=[contribution.pk])


def show_section(
    request,
    contribution: Contribution,
    page,
    name: str,
    form: SectionsForm,
    *,
    differing: Sequence[str] = (),
    refusal: str = "",
    status: int = 200,
):
    """
    :param differing: names of what somebody else changed meanwhile too
    :param refusal: why nothing of it was saved
    """
    asked = kind_of(contribution).sections_for(page)
    names = [one.name for one in asked]
    context = frame(request, contribution, page)
    return render(
        request,
        "contributions/section.html",
        context
        | {
            "form": form,
            "parts": shown_parts(form, page, context["notes_by_field"], differing),
            "name": name,
            "is_quick": name == QUICK,
            "has_next": name in names[:-1],
            "number": names.index(name) + 1 if name in names else 0,
            "count": len(names),
            "errors": form.errors(),
            "differing": differing,
            "refusal": refusal,
            "saved_at": contribution.saved_at,
            "asks_for_files": any(rows.file_role for one in form.sections for rows in one.rows),
        },
        status=status,
    )


def shown_parts(form: SectionsForm, page, notes, differing: Sequence[str]) -> list[dict]:
    """Return the sections as the template draws them, with notes and what the others wrote."""
    parts = []
    for part in form.parts:
        fields = part["answers"].shown()
        for one, field in zip(fields, part["section"].fields, strict=True):
            one["notes"] = notes.get(field.name, ())
            one["differs"] = field.name in differing
            one["theirs"] = told(field, read(field, page)) if one["differs"] else ""
        rows = [
            {
                "rows": one.rows,
                "shown": one.shown(),
                "empty": one.empty(),
                "policy": one.policy,
                "is_full": one.is_full,
                "notes": notes.get(one.rows.name, ()),
                "differs": one.rows.name in differing,
                "theirs": told_rows(page, one.rows) if one.rows.name in differing else [],
            }
            for one in part["rows"]
        ]
        parts.append({"section": part["section"], "fields": fields, "rows": rows})
    return parts


@reads_it
@require_http_methods(["GET", "HEAD", "POST"])
def check(request, contribution: Contribution):
    """All answers once more, what is missing, and the button that submits."""
    page = with_named(newest(contribution))
    context = frame(request, contribution, page)
    if request.method == "POST":
        if not context["is_author"]:
            raise PermissionDenied
        try:
            submit(contribution=contribution, person=request.user)
            return redirect("contribution_sent", pk=contribution.pk)
        except NotComplete:
            pass  # told below, each with the way to where it is mended
        except ReviewRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("contribution", pk=contribution.pk)
    kind = context["kind"]
    problems = [
        {"words": words, "section": section_of_problem(kind, name), "field": name}
        for name, words in problems_of(contribution, page)
    ]
    answers = [answers_in(page, one) for one in kind.sections_for(page)]
    return render(
        request,
        "contributions/check.html",
        context | {"problems": problems, "answers": answers},
        status=422 if request.method == "POST" else 200,
    )


def answers_in(page, section: Section) -> dict:
    """
    Return what a section says, as (field, text) and (rows, texts): no more than is said, or must be
    said to submit.
    """
    fields = [(field, told(field, read(field, page))) for field in section.fields]
    rows = [(rows, told_rows(page, rows)) for rows in section.rows]
    return {
        "section": section,
        "fields": [(field, text) for field, text in fields if text or field.needed],
        "rows": [(one, texts) for one, texts in rows if texts or one.least],
    }


@reads_it
@require_safe
def sent(request, contribution: Contribution):
    """What comes next, and when; of what is not with the editors any more the overview tells."""
    context = frame(request, contribution, newest(contribution))
    if context["state"] not in WITH_EDITORS:
        return redirect("contribution", pk=contribution.pk)
    return render(request, "contributions/sent.html", context)


@writes_it
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request, contribution: Contribution):
    """Take a submission back, to go on writing."""
    if request.method == "POST":
        try:
            withdraw(
                contribution=contribution,
                person=request.user,
                words=request.POST.get("words", "")[:2000],
            )
            messages.success(request, _("You have taken it back. You can go on writing."))
        except ReviewRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("contribution", pk=contribution.pk)
    return render(
        request, "contributions/take_back.html", frame(request, contribution, newest(contribution))
    )


@leads_it
@require_http_methods(["GET", "HEAD", "POST"])
def drop(request, contribution: Contribution):
    """Drop a draft, or the changes to what is published."""
    context = frame(request, contribution, newest(contribution))
    if request.method == "POST":
        leading = Authorship.objects.get(contribution=contribution, leads=True).collectivity
        try:
            deleted = discard(contribution=contribution, person=request.user)
        except DraftRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("contribution", pk=contribution.pk)
        if deleted:
            messages.success(request, _("The draft is deleted."))
            return redirect("space_contributions", key=leading.key)
        messages.success(request, _("The changes are dropped; the public version stands."))
        return redirect("contribution", pk=contribution.pk)
    if not context["may_drop"]:
        return redirect("contribution", pk=contribution.pk)
    return render(request, "contributions/drop.html", context)
