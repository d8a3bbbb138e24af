"""
The doors: which right stands before which address.

A view of ours carries a decorator of this module, which asks for the right and remembers it. What
has no decorator (the public pages of all apps, allauth's views, Wagtail's administration) is named
in a list by `register_addresses`. Together they are the table of `docs/features/rights.md`.
"""

from collections.abc import Callable
from functools import wraps
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import cache_control

from core.resend import offer_again
from core.text import number_sent
from members.models import Association, Collectivity, Organisation
from members.permissions import may, rights

addresses: dict[str, str] = {}  # the name of an address, with its namespace: the right


def register_addresses(right: str, *names: str) -> None:
    """
    Name addresses whose views carry no decorator.

    :param names: of URL patterns, with their namespace
    :raises KeyError: for a right that nobody registered
    :raises ValueError: for a name that is taken
    """
    if right not in rights:
        raise KeyError(f"no right named {right!r}")
    for name in names:
        if name in addresses:
            raise ValueError(f"two rights for the address {name}")
        addresses[name] = right


def to_login(request) -> HttpResponse:
    """
    Send a visitor to the login, and from there back to where they wanted to go. Whose session ended
    while they wrote finds it on the page that comes.
    """
    if again := offer_again(request):
        return again
    wanted = request.get_full_path() if request.method in ("GET", "HEAD") else ""
    address = reverse("account_login")
    return redirect(f"{address}?next={quote(wanted)}" if wanted else address)


def private(view: Callable) -> Callable:
    """Keep a page of a person out of every cache."""
    return cache_control(private=True, no_store=True)(view)


def requires(right: str) -> Callable:
    """
    Let those in who hold a right everywhere. Visitors are sent to the login, others refused (403).
    """

    def decorate(view: Callable) -> Callable:
        @private
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return to_login(request)
            if not may(request.user, right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.right = right
        return guarded

    return decorate


def in_space(right: str) -> Callable:
    """
    Let those in who hold a right on the organisation whose key the address names; the view is
    called with the organisation in place of the key.

    For those who may not see its space it does not exist (404); who may see it and not do this is
    refused (403).
    """

    def decorate(view: Callable) -> Callable:
        @private
        @wraps(view)
        def guarded(request, key: str, *args, **kwargs):
            if not request.user.is_authenticated:
                return to_login(request)
            organisation = organisation_of(key)
            if organisation is None or not may(request.user, "space.see", organisation):
                raise Http404("There is no such space.")
            if not may(request.user, right, organisation):
                raise PermissionDenied
            return view(request, organisation, *args, **kwargs)

        guarded.right = right
        return guarded

    return decorate


def organisation_of(key: str) -> Organisation | None:
    """Return the organisation whose space has this key."""
    kind, _dash, number = key.rpartition("-")
    if kind == "association" and number_sent(number):
        return Association.objects.filter(pk=number).first()
    return Collectivity.objects.select_related("parent", "region").filter(slug=key).first()
