"""The sections of the site, and the links at its foot."""

from django.urls import reverse
from django.utils.translation import gettext as _


def navigation(request) -> dict:
    """Give every template the sections, the current one marked."""
    sections = [
        (reverse("practices"), _("Practices")),
        (reverse("collectivities"), _("Collectivities")),
    ]
    return {
        "home_url": f"/{request.LANGUAGE_CODE}/" if hasattr(request, "LANGUAGE_CODE") else "/",
        "navigation": [
            {"url": url, "label": label, "current": request.path.startswith(url)}
            for url, label in sections
        ],
    }
