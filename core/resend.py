"""
What somebody sent while their session had ended, or its token was old: shown once more, to be sent
again. Nothing that was typed is lost.
"""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from core.open_forms import comes_from_another_site

MOST_FIELDS, MOST_CHARACTERS = 600, 400_000
SECRET = ("password", "code", "secret")  # parts of names of fields that are shown nowhere


def offer_again(request) -> HttpResponse | None:
    """
    Return a page that holds what was sent and sends it again, None where there is nothing to keep:
    for whoever never saw a form of ours, and for what another site's page had a browser send.
    """
    if request.method != "POST" or settings.CSRF_COOKIE_NAME not in request.COOKIES:
        return None
    if comes_from_another_site(request):
        return None
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    size = sum(len(name) + len(value) for name, value in sent)
    if not sent or len(sent) > MOST_FIELDS or size > MOST_CHARACTERS:
        return None
    if any(part in name.lower() for name, _value in sent for part in SECRET):
        return None
    response = render(
        request,
        "again.html",
        {
            "sent": sent,
            "had_files": bool(request.FILES),
            "login_url": "" if request.user.is_authenticated else _login(),
        },
        status=403,
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _login() -> str:
    try:
        return reverse(settings.LOGIN_URL)
    except NoReverseMatch:  # where only the machines' addresses are known
        return ""
