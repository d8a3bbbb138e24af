"""The settings of a running site, `make demo` included: the base as it is, and refusals."""

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403
from config.settings.base import SITE_IS_HTTPS, SITE_IS_LOOPBACK, SITE_URL

if not SITE_IS_HTTPS and not SITE_IS_LOOPBACK:
    raise ImproperlyConfigured(
        f"SITE_URL is {SITE_URL}: plain http is allowed on this machine only (127.0.0.1). "
        "Give the site's https address."
    )
