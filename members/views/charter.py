"""The charter: its versions for everybody, its signature and its ledger in a space."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import languages
from core.uploads.services import hand_out
from members.access import in_space
from members.enums import CharterCommitment
from members.forms.charter import SignatureForm, StatementForm
from members.ledger import ledger_of
from members.models import CharterVersion, Collectivity, Organisation, Signature, Statement
from members.permissions import may
from members.services.charter import (
    CharterRefused,
    NewVersion,
    ToldMeanwhile,
    sign_charter,
    write_statement,
    years_open,
)
from members.services.leaving import is_in_network
from members.signatories import SHORT, by_region, signed


@require_safe
def version(request, number: int):
    """A published version: its text, and who signed it."""
    found = get_object_or_404(CharterVersion.objects.published(), number=number)
    return show_version(request, found)


def show_version(request, version: CharterVersion):
    """Show a version as everybody reads it; the administration shows a draft by it."""
    text, text_language = version.text(languages.current())
    changes, changes_language = version.changes(languages.current())
    signatures = signed(Signature.objects.filter(version=version))
    return render(
        request,
        "members/charter/version.html",
        {
            "version": version,
            "text": text,
            "text_language": text_language,
            "changes": changes,
            "changes_language": changes_language,
            "regions": by_region(signatures),
            "signatures": signatures,
            "folded": len(signatures) > SHORT,
            "versions": CharterVersion.objects.published().defer("text_ar", "text_fr", "text_en"),
        },
    )


# --- In a space -----------------------------------------------------------------------------------


def of_collectivity(organisation: Organisation) -> Collectivity:
    """:raises Http404: for an association, which signs nothing"""
    if not isinstance(organisation, Collectivity):
        raise Http404("Associations do not sign the charter.")
    return organisation


@in_space("space.see")
@require_safe
def charter(request, organisation: Organisation):
    """The version in force, by whom this collectivity signed, and the way to sign."""
    return _show_charter(request, of_collectivity(organisation))


def _show_charter(
    request, collectivity: Collectivity, *, form: SignatureForm | None = None, status: int = 200
):
    """:param form: the form that came back"""
    version = CharterVersion.objects.in_force()
    signatures = Signature.objects.filter(collectivity=collectivity).select_related(
        "version", "document"
    )
    signatures = list(signatures.order_by("-signed_at", "-pk"))
    current = [one for one in signatures if not one.ended_at]
    is_signed = any(one.version == version for one in current)
    context = {
        "organisation": collectivity,
        "version": version,
        "signatures": signatures,
        "is_signed": is_signed,
        "signed_before": bool(current),
        "is_member": is_in_network(collectivity),
        "signs": may(request.user, "charter.sign", collectivity),
        "leaves": may(request.user, "membership.leave", collectivity),
        "form": form,
    }
    if version:
        context["text"], context["text_language"] = version.text(languages.current())
        context["changes"], context["changes_language"] = version.changes(languages.current())
        if not is_signed and form is None:
            context["form"] = SignatureForm(number=version.number)
    return render(request, "members/space/charter.html", context, status=status)


@in_space("charter.sign")
@require_POST
def sign(request, organisation: Organisation):
    """Sign the version that was shown."""
    collectivity = of_collectivity(organisation)
    version = CharterVersion.objects.in_force()
    if version is None:
        raise Http404("There is no charter to sign.")
    form = SignatureForm(request.POST, request.FILES, number=version.number)
    if not form.is_valid():
        return _show_charter(request, collectivity, form=form, status=422)
    joins = not is_in_network(collectivity)
    try:
        sign_charter(
            collectivity=collectivity,
            number=version.number,
            person=request.user,
            name=form.cleaned_data["name"],
            office=form.cleaned_data["office"],
            document=form.cleaned_data["document"],
        )
    except NewVersion:
        form.ask_again(CharterVersion.objects.in_force().number)
        return _show_charter(request, collectivity, form=form, status=422)
    words = (
        _("The charter is signed. From today on the collectivity is a member of the network.")
        if joins
        else _("The charter is signed.")
    )
    messages.success(request, words)
    return redirect("space_charter", key=collectivity.key)


@in_space("space.see")
@require_safe
def signature_document(request, organisation: Organisation, pk: int):
    """Hand out the deliberation behind a signature."""
    signatures = Signature.objects.filter(collectivity=of_collectivity(organisation))
    one = get_object_or_404(signatures.select_related("document"), pk=pk, document__isnull=False)
    return hand_out(request, one.document)


# --- The ledger -----------------------------------------------------------------------------------


@in_space("space.see")
@require_safe
def ledger(request, organisation: Organisation):
    """What is known of a member's work for the charter; the form is filled with a statement that
    the address names."""
    collectivity = of_collectivity(organisation)
    form = None
    if may(request.user, "charter.state", collectivity):
        form = _form_named(request, collectivity)
    return _show_ledger(request, collectivity, form=form)


def _form_named(request, collectivity: Collectivity) -> StatementForm:
    """Return the form for the statement that an address names; by default for the first commitment
    of which nothing is said this year."""
    years = {str(year): year for year in years_open()}
    year = years.get(request.GET.get("year", ""), years_open()[0])
    said = {
        CharterCommitment(one.commitment): one
        for one in Statement.objects.filter(collectivity=collectivity, year=year)
    }
    silent = (one for one in CharterCommitment if one not in said)
    named = {str(one.value): one for one in CharterCommitment}
    commitment = named.get(request.GET.get("commitment", "")) or next(
        silent, CharterCommitment.NORMS
    )
    return StatementForm.about(commitment, year, said.get(commitment))


def _show_ledger(
    request,
    collectivity: Collectivity,
    *,
    form: StatementForm | None,
    known: Statement | None = None,
    status: int = 200,
):
    """:param known: the statement that somebody else wrote meanwhile"""
    return render(
        request,
        "members/space/ledger.html",
        {
            "organisation": collectivity,
            "ledger": ledger_of(collectivity, languages.current()),
            "form": form,
            "known": known,
            "years": years_open(),
            "is_member": is_in_network(collectivity),
        },
        status=status,
    )


@in_space("charter.state")
@require_POST
def statement(request, organisation: Organisation):
    """Write the statement of a year for a commitment."""
    collectivity = of_collectivity(organisation)
    form = StatementForm(request.POST)
    if not form.is_valid():
        return _show_ledger(request, collectivity, form=form, status=422)
    try:
        write_statement(
            collectivity=collectivity,
            person=request.user,
            year=form.cleaned_data["year"],
            commitment=CharterCommitment(form.cleaned_data["commitment"]),
            text=form.cleaned_data["text"],
            language=form.cleaned_data["language"],
            seen=form.cleaned_data["seen"],
        )
    except ToldMeanwhile as meanwhile:
        form.ask_again(meanwhile.statement)
        return _show_ledger(request, collectivity, form=form, known=meanwhile.statement, status=422)
    except CharterRefused as refusal:
        form.add_error("year", str(refusal))
        return _show_ledger(request, collectivity, form=form, status=422)
    messages.success(request, _("Saved. It stands on the public page of the collectivity."))
    return redirect("space_ledger", key=collectivity.key)
