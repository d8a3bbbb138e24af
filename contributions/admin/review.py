"""The page of a review: who, what, what was said, and everything that is done with it."""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages

from contributions.admin.forms import (
    ArchiveForm,
    BringBackForm,
    ChangesForm,
    NoteForm,
    OpinionForm,
    PublishForm,
    UnpublishForm,
)
from contributions.differences import differences
from contributions.drafts import (
    kind_of,
    newest,
    problems_of,
    read,
    told,
    told_rows,
    values_of,
    with_named,
)
from contributions.enums import State
from contributions.models import Contribution
from contributions.permissions import has_part_in
from contributions.services import opinions, review, shelf
from contributions.services.review import WITH_EDITORS, NotComplete, ReviewRefused
from contributions.states import state_of
from core import languages
from members.enums import StaffRole
from members.models import Affiliation, User
from members.permissions import is_of_network, may

MOST_FOUND = 8  # people who are offered for a name
MOST_WORDS = 8  # of a name that is looked for


# --- What is done ---------------------------------------------------------------------------------

Given = Mapping[str, Any]


def _take(contribution: Contribution, editor: User, given: Given) -> str:
    review.take_over(contribution=contribution, editor=editor)
    return _("You are reviewing it now. The authors see that.")


def _release(contribution: Contribution, editor: User, given: Given) -> str:
    review.release(contribution=contribution, editor=editor)
    return _("Handed back: it waits for any editor.")


def _note(contribution: Contribution, editor: User, given: Given) -> str:
    review.add_note(contribution=contribution, editor=editor, **given)
    return _("Noted. The authors read it once you ask for changes.")


def _ask_for_changes(contribution: Contribution, editor: User, given: Given) -> str:
    review.ask_for_changes(contribution=contribution, editor=editor, **given)
    return _("Asked. The authors are told, and write on.")


def _publish(contribution: Contribution, editor: User, given: Given) -> str:
    review.publish(contribution=contribution, editor=editor, **given)
    return _("It is public now. The authors are told.")


def _ask_opinion(contribution: Contribution, editor: User, given: Given) -> str:
    reviewer = User.objects.filter(pk=given["reviewer"], is_active=True).first()
    if reviewer is None:
        raise ReviewRefused(_("Choose a person of the network."), "not-of-network")
    opinions.ask_opinion(
        contribution=contribution, editor=editor, reviewer=reviewer, question=given["question"]
    )
    return _("Asked. %(name)s is told, and sees the draft.") % {"name": reviewer.name}


def _drop_opinion(contribution: Contribution, editor: User, given: Given) -> str:
    opinion = contribution.opinions.filter(given_at=None, dropped_at=None).first()
    if opinion is None:
        raise ReviewRefused(_("Nobody is asked now."), "not-asked")
    opinions.drop_opinion(opinion=opinion, editor=editor)
    return _("The question is taken back.")


def _unpublish(contribution: Contribution, editor: User, given: Given) -> str:
    shelf.unpublish(contribution=contribution, editor=editor, **given)
    return _("It is taken off the site. The authors are told why.")


def _archive(contribution: Contribution, editor: User, given: Given) -> str:
    shelf.archive(contribution=contribution, editor=editor, **given)
    return _("It is retired. The authors are told why.")


def _bring_back(contribution: Contribution, editor: User, given: Given) -> str:
    shelf.bring_back(contribution=contribution, editor=editor, **given)
    return _("It is public again. The authors are told.")


# What a button says (`do`): what it does, and the form that it sends.
ACTIONS: dict[str, tuple[Callable[[Contribution, User, Given], str], type | None]] = {
    "take": (_take, None),
    "release": (_release, None),
    "note": (_note, NoteForm),
    "changes": (_ask_for_changes, ChangesForm),
    "publish": (_publish, PublishForm),
    "opinion": (_ask_opinion, OpinionForm),
    "drop-opinion": (_drop_opinion, None),
    "unpublish": (_unpublish, UnpublishForm),
    "archive": (_archive, ArchiveForm),
    "bring-back": (_bring_back, BringBackForm),
}


# --- The page -------------------------------------------------------------------------------------


def contribution_for(request, pk: int) -> Contribution:
    """
    :raises PermissionDenied: for somebody who is no editor
    :raises Http404: where there is none
    """
    if not may(request.user, "contribution.review"):
        raise PermissionDenied
    rows = Contribution.objects.visible_to(request.user).select_related(
        "page__locale", "reviewer", "started_by", "successor"
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def review_page(request, pk: int):
    """Show a contribution to the editors, and do what a button of it says."""
    contribution = contribution_for(request, pk)
    if request.method != "POST":
        return show(request, contribution)
    name = request.POST.get("do", "")
    if name not in ACTIONS:
        return show(request, contribution, refusals=[_("Choose what to do.")], status=422)
    act, form_class = ACTIONS[name]
    form = form_class(contribution, request.POST) if form_class else None
    if form and not form.is_valid():
        return show(request, contribution, sent=form, status=422)
    try:
        words = act(contribution, request.user, form.cleaned_data if form else {})
    except NotComplete as refusal:
        told_problems = [str(refusal), *(words for _name, words in refusal.problems)]
        return show(request, contribution, sent=form, refusals=told_problems, status=422)
    except ReviewRefused as refusal:
        status = 403 if refusal.code == "has-part" and name != "opinion" else 422
        return show(request, contribution, sent=form, refusals=[str(refusal)], status=status)
    messages.success(request, words)
    return redirect("contributions:review", contribution.pk)


@require_POST
def take_note_back(request, pk: int, note: int):
    """Take one's own note back, before the authors have read it."""
    contribution = contribution_for(request, pk)
    found = contribution.notes.filter(pk=note).first()
    if found is None:
        raise Http404("There is no such note.")
    try:
        review.remove_note(note=found, editor=request.user)
    except ReviewRefused as refusal:
        return show(request, contribution, refusals=[str(refusal)], status=422)
    messages.success(request, _("The note is gone."))
    return redirect("contributions:review", contribution.pk)


def show(request, contribution: Contribution, *, sent=None, refusals=(), status: int = 200):
    """
    Draw the page.

    :param sent: the form that was sent and refused, as it was filled in
    :param refusals: why nothing was done
    """
    contribution = contribution_for(request, contribution.pk)
    page = with_named(newest(contribution))
    kind, state = kind_of(contribution), state_of(contribution)
    has_part = has_part_in(request.user, contribution)
    is_reviewed = state in WITH_EDITORS
    notes: dict[str, list] = {}
    for note in contribution.notes.select_related("by"):
        notes.setdefault(note.field, []).append(note)

    def note_form(name: str):
        if isinstance(sent, NoteForm) and sent["field"].value() == name:
            return NoteForm(contribution, request.POST, name=name)
        return NoteForm(contribution, name=name)

    def form(form_class, **fields):
        return sent if isinstance(sent, form_class) else form_class(contribution, **fields)

    sections = [
        {
            "section": section,
            "fields": [
                {
                    "label": one.label,
                    "text": told(one, read(one, page)),
                    "notes": notes.get(one.name, ()),
                    "form": note_form(one.name),
                }
                for one in section.fields
            ],
            "rows": [
                {
                    "label": one.label or section.title,
                    "rows": told_rows(page, one),
                    "notes": notes.get(one.name, ()),
                    "form": note_form(one.name),
                }
                for one in section.rows
            ],
        }
        for section in kind.sections_for(page)
    ]
    asked = request.GET.get("who", "").strip()[:200]
    found = people_named(asked, contribution) if asked and is_reviewed else []
    if isinstance(sent, OpinionForm):
        sent.offer(found)
    open_opinion = next(
        (
            one
            for one in contribution.opinions.select_related("reviewer")
            if one.given_at is None and one.dropped_at is None
        ),
        None,
    )
    return render(
        request,
        "contributions/admin/review.html",
        {
            "contribution": contribution,
            "page": page,
            "kind": kind,
            "kind_label": kind.label_of(page),
            "state": state,
            "state_label": State(state).label,
            "language_name": languages.own_name(page.language),
            "authors": contribution.authorships.current().select_related("collectivity__parent"),
            "steps": contribution.steps.select_related("by").order_by("-at", "-pk"),
            "opinions": contribution.opinions.exclude(given_at=None).select_related("reviewer"),
            "open_opinion": open_opinion,
            "sections": sections,
            "notes": notes.get("", ()),
            "note_form": note_form(""),
            "untold": contribution.notes.filter(told_at=None).count(),
            "differences": changes_of(contribution, page),
            "problems": [words for _name, words in problems_of(contribution, page)],
            "has_part": has_part,
            "acts": not has_part and is_reviewed,
            "is_mine": contribution.reviewer_id == request.user.pk,
            "is_anothers": contribution.reviewer_id not in (None, request.user.pk),
            "may_take_off": not has_part and contribution.page.live,
            "may_retire": not has_part
            and page.first_published_at is not None
            and state != State.ARCHIVED,
            "may_bring_back": not has_part and state in (State.ARCHIVED, State.UNPUBLISHED),
            "public_address": kind.address(page) if contribution.page.live else "",
            "preview": reverse("contribution_preview", args=[contribution.pk]),
            "history": reverse("contribution_history", args=[contribution.pk]),
            "asked": asked,
            "found": found,
            "refusals": refusals,
            "is_refused": bool(refusals) or sent is not None,
            "changes_form": form(ChangesForm),
            "publish_form": form(PublishForm, revision=page.latest_revision),
            "opinion_form": form(OpinionForm, found=found),
            "unpublish_form": form(UnpublishForm),
            "archive_form": form(ArchiveForm),
            "bring_back_form": form(BringBackForm),
        },
        status=status,
    )


def changes_of(contribution: Contribution, page) -> list:
    """Return what the newest version would change of the public one."""
    if not contribution.page.live or not contribution.page.has_unpublished_changes:
        return []
    kind = kind_of(contribution)
    public = kind.model().objects.get(pk=page.pk)
    return differences(values_of(kind, public), values_of(kind, page))


def people_named(asked: str, contribution: Contribution) -> list[User]:
    """Return people of the network who have no part in it, by words of name or address."""
    has_words = reduce(
        and_,
        (
            Q(first_name__icontains=one) | Q(last_name__icontains=one) | Q(email__icontains=one)
            for one in asked.split()[:MOST_WORDS]
        ),
    )
    places = Affiliation.objects.current().filter(person=OuterRef("pk"))
    staff = Group.objects.filter(user=OuterRef("pk"), name__in=StaffRole.values)
    people = User.objects.filter(
        Q(Exists(places)) | Q(Exists(staff)) | Q(is_superuser=True), has_words, is_active=True
    ).order_by("last_name", "first_name", "pk")
    # Whose organisation has left the network, or who has a part in it, is asked of each.
    return [
        one
        for one in people[: 3 * MOST_FOUND]
        if is_of_network(one) and not has_part_in(one, contribution)
    ][:MOST_FOUND]
