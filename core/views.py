"""The views that belong to no app: files, errors, what machines read."""

from datetime import timedelta
from mimetypes import guess_type
from pathlib import PurePath
from posixpath import normpath

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import is_valid_path, reverse
from django.utils import timezone, translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.static import serve
from wagtail import hooks

from core import languages
from core.downloads import download, keep_uncompressed
from core.files import SiteDocument, SiteImage
from core.picture_storage import KEPT
from core.resend import offer_again

PICTURE_FOLDERS = ("images/", "original_images/")


@require_safe
@cache_control(no_cache=True)
def document(request, document_id: int, document_filename: str):
    """
    Hand out a document to those who may have it. The only door: the private storage has no address.

    Wagtail's hook asks for the rights of the document's collection and those above it; it answers
    with the way to log in where they are missing. A copy that is kept asks again each time, so
    that a right taken away counts.
    """
    found = get_object_or_404(SiteDocument, pk=document_id)
    if found.filename != document_filename:
        raise Http404("This document has another name.")
    for hook in hooks.get_hooks("before_serve_document"):
        refusal = hook(found, request)
        if isinstance(refusal, HttpResponse):
            return refusal
    try:
        file = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("The file of this document is missing.") from error
    return download(
        request,
        file,
        size=file.size,
        name=found.filename,
        content_type=guess_type(found.filename)[0] or "application/octet-stream",
        etag=found.file_hash,
        modified=found.file.storage.get_modified_time(found.file.name).timestamp(),
    )


@require_safe
@cache_control(public=True, max_age=31536000, immutable=True)
def media(request, path: str):
    """
    Show a picture. Their names are random and never used again, so they may be kept for ever.

    A web server in front may serve these folders of `MEDIA_ROOT` itself, and no other: Wagtail lays
    files there that were sent and are not saved yet.
    """
    if not normpath(path).startswith(PICTURE_FOLDERS):
        raise Http404("Only pictures have an address.")
    keep_uncompressed(request)
    try:
        response = serve(request, path, document_root=settings.MEDIA_ROOT)
    except OSError as error:  # a name longer than the file system allows
        raise Http404("No picture has this name.") from error
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@cache_control(private=True, no_cache=True)
def kept_picture(request, path: str):
    """
    Show a picture that is kept back, or a smaller version of it, to those to whom a hook
    `may_see_kept_picture(image, request)` of an app says yes. A browser asks again each time.
    """
    name = f"{KEPT}{path}"
    images = SiteImage.objects.filter(Q(file=name) | Q(renditions__file=name))
    image = images.distinct().first()
    asked = hooks.get_hooks("may_see_kept_picture")
    if image is None or not any(may_see(image, request) for may_see in asked):
        raise Http404("No picture has this name.")
    try:
        file = image.file.storage.open(name)
    except FileNotFoundError as error:
        raise Http404("The file of this picture is missing.") from error
    return download(
        request,
        file,
        size=file.size,
        name=PurePath(name).name,
        content_type=guess_type(name)[0] or "application/octet-stream",
        etag=PurePath(name).stem,  # a file's name is never used again
    )


@require_safe
def front_door(request):
    """`/` leads to Arabic. Whoever reads another language finds it at the top of every page."""
    return redirect(f"/{settings.PUBLIC_LANGUAGE}/")


@require_safe
def robots(request):
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('wagtailadmin_home')}",
        "",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def security_txt(request):
    """Whom to tell of a weakness (RFC 9116). It must not run out, so it is made anew each time."""
    expires = timezone.now().replace(microsecond=0) + timedelta(days=180)
    lines = [
        f"Contact: mailto:{settings.SECURITY_EMAIL}",
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
        "Preferred-Languages: ar, fr, en",
        f"Canonical: {settings.SITE_URL}{reverse('security_txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _error(request, status: int):
    """
    Answer with an error page in the language that the address stands under.

    It asks nothing of the database, which may be what is broken.
    """
    language = languages.language_of_path(request.path)
    if not language:
        language = settings.PUBLIC_LANGUAGE
        path = request.path_info
        if request.resolver_match or path.endswith("/") or not is_valid_path(f"{path}/"):
            # Without this, Django's LocaleMiddleware leads on to the same address under "/fr/",
            # which Wagtail might know.
            request.urlconf = "core.urls"
    request.LANGUAGE_CODE = language  # that of the links; it may not be known yet, or another
    with translation.override(language):
        response = render(request, f"errors/{status}.html", {"status": status}, status=status)
    response["Content-Language"] = language
    return response


def bad_request(request, exception=None):
    return _error(request, 400)


def permission_denied(request, exception=None):
    return _error(request, 403)


def csrf_failure(request, reason=""):
    """The form's proof that it comes from here is missing or old: most often a page left open."""
    return offer_again(request) or _error(request, 403)


def page_not_found(request, exception=None):
    return _error(request, 404)


def too_many_requests(request):
    """Somebody, or somebody at the same connection, has tried too often (allauth's limits)."""
    response = _error(request, 429)
    response["Retry-After"] = "60"
    return response


def server_error(request):
    return _error(request, 500)
