"""The word of an association on a practice, in its space."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import languages
from members.access import in_space
from members.models import Association
from practices.enums import Stage
from practices.forms.partner_words import WordForm
from practices.models import PartnerWord, PracticePage
from practices.services.partner_words import (
    WordChanged,
    WordRefused,
    give_word,
    hindrance,
    readable_version,
    stamp_of,
)


@in_space("partner-word.give")
@require_http_methods(["GET", "HEAD", "POST"])
def partner_word(request, association: Association, pk: int):
    """What a practice says of the association, and the form for its word."""
    words = PartnerWord.objects.filter(association=association).select_related("practice")
    word = words.filter(pk=pk).first() if pk < 2**63 else None
    if word is None:
        raise Http404("The association is not asked for this word.")
    page = readable_version(word.practice, request.user)
    if page is None:
        return _gone(request, association)
    if request.method != "POST":
        if why := hindrance(word.practice, request.user):
            return _show(request, association, word, page, why_not=why)
        initial = {"seen": stamp_of(word), "language": word.language or languages.current()}
        if word.is_given:
            initial |= {"state": word.state, "words": word.words}
        return _show(request, association, word, page, form=WordForm(initial=initial))
    form = WordForm(request.POST)
    if not form.is_valid():
        return _show(request, association, word, page, form=form, status=422)
    try:
        give_word(
            word=word, answer=form.answer, seen=form.cleaned_data["seen"], person=request.user
        )
    except WordRefused as refusal:
        return _show(request, association, word, page, why_not=str(refusal), status=403)
    except WordChanged as changed:
        form.ask_again(stamp_of(changed.word))
        return _show(request, association, changed.word, page, form=form, changed=True, status=422)
    messages.success(request, _("Your word stands beside the practice. Its authors were told."))
    return redirect("partner_word", key=association.key, pk=word.pk)


def _show(
    request,
    association: Association,
    word: PartnerWord,
    page: PracticePage,
    *,
    form: WordForm | None = None,
    why_not: str = "",
    changed: bool = False,
    status: int = 200,
):
    """
    :param form: None where the person may not speak for the association
    :param why_not: the reason
    :param changed: whether the word was changed while the person wrote
    """
    return render(
        request,
        "practices/partner_words/word.html",
        {
            "organisation": association,
            "word": word,
            "page": page,
            "named": [
                (Stage(row.stage).label, row)
                for row in page.participants.filter(association=association)
            ],
            "form": form,
            "why_not": why_not,
            "changed": changed,
        },
        status=status,
    )


def _gone(request, association: Association):
    context = {"organisation": association}
    return render(request, "practices/partner_words/gone.html", context, status=410)
