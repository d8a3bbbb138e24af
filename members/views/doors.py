"""The doors to log in, and how allauth's views answer here."""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from urllib.parse import urlencode

from django.forms import BaseForm
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse
from django.views.decorators.csrf import csrf_exempt

from members.access import private

# Codes by mail take no part in logging in here (settings, "Accounts"): these would only refuse.
LEFT_OUT = {
    "account_confirm_login_code",
    "account_request_reauthentication_code",
    "account_confirm_reauthentication_code",
}


@csrf_exempt
def to_the_one_login(request):
    """
    Lead from Wagtail's own doors to the one login, whatever was sent to them: they know neither its
    limits nor the second step. Nothing that was sent is read, so it needs no token.
    """
    wanted = request.GET.get("next", "")
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    return redirect(reverse("account_login") + query)


def allauth_addresses(module: str) -> list[URLPattern | URLResolver]:
    """
    Return the addresses of an app of allauth, each answering as this house does.

    :param module: of its URL patterns
    """
    found = import_module(module).urlpatterns
    return [_as_here(one) for one in found if getattr(one, "name", "") not in LEFT_OUT]


def _as_here(one: URLPattern | URLResolver) -> URLPattern | URLResolver:
    if isinstance(one, URLResolver):
        return URLResolver(one.pattern, [_as_here(inner) for inner in one.url_patterns])
    return URLPattern(one.pattern, answer_as_here(one.callback), one.default_args, one.name)


def answer_as_here(view: Callable) -> Callable:
    """Keep a page of allauth out of every cache, and answer a form with errors with 422, as the
    forms of ours are."""

    @private
    @wraps(view)
    def answer(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 200:
            context = getattr(response, "context_data", None) or {}
            if any(one.errors for one in context.values() if isinstance(one, BaseForm)):
                response.status_code = 422
        return response

    return answer
