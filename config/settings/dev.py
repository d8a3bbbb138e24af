"""For the person who writes the code: `make dev`."""

from config.settings.base import *  # noqa: F403
from config.settings.base import ALLOWED_HOSTS, STORAGES

DEBUG = True
ALLOWED_HOSTS += ["*"]
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
}
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
