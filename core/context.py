"""What every template knows."""

from django.conf import settings
from django.utils.encoding import escape_uri_path

from core import languages
from core.vocabularies import PrincipleCode


def site(request) -> dict:
    """The language, the site's address and the same place in the other languages."""
    language = languages.current()
    path, query = escape_uri_path(request.path), request.META.get("QUERY_STRING", "")
    return {
        "language": language,
        "direction": languages.direction(language),
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "default_path": languages.path_in(settings.PUBLIC_LANGUAGE, path),
        "principle_labels": PrincipleCode.choices,
        "language_links": [
            {
                "code": code,
                "name": languages.own_name(code),
                "direction": languages.direction(code),
                "path": (address := languages.path_in(code, path)),
                "url": f"{address}?{query}" if query else address,
                "current": code == language,
            }
            for code in languages.CODES
        ],
    }
