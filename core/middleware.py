"""Middleware of ours; each is a plain function factory."""

from django.conf import settings
from django.core.exceptions import BadRequest
from django.urls import reverse


def refuse_unstorable_text(get_response):
    """
    Answer 400 to a request that holds a NUL character in its address, cookies or form.

    No text holds one; PostgreSQL refuses it with an error of its own deep inside a query, and
    SQLite cuts the text there.
    """

    def middleware(request):
        address = request.META.get("QUERY_STRING", "") + request.path
        if "\x00" in address or "%00" in address:
            raise BadRequest("The address holds a NUL character.")
        if any("\x00" in value for value in request.COOKIES.values()):
            raise BadRequest("A cookie holds a NUL character.")
        return get_response(request)

    def process_view(request, view, args, kwargs):
        if request.method == "POST" and any(
            "\x00" in text for name, values in request.POST.lists() for text in (name, *values)
        ):
            raise BadRequest("The form holds a NUL character.")

    middleware.process_view = process_view
    return middleware


def admin_content_security_policy(get_response):
    """
    Give Wagtail's admin a looser content security policy than the site's.

    Stands inside `csp.middleware.CSPMiddleware`, whose own switch for a prefix
    (`EXCLUDE_URL_PREFIXES`) would leave the admin with no policy at all.

    A preview is a page of the site and comes with the site's policy already, as Wagtail makes it
    by a request of its own; the admin may show it in a frame.
    """
    admin = reverse("wagtailadmin_home")

    def middleware(request):
        response = get_response(request)
        if request.path.startswith(admin):
            if policy := response.get("Content-Security-Policy"):
                response["Content-Security-Policy"] = policy.replace(
                    "frame-ancestors 'none'", "frame-ancestors 'self'"
                )
            response._csp_config = settings.ADMIN_CONTENT_SECURITY_POLICY["DIRECTIVES"]
        return response

    return middleware
