"""For the suite: real parts, small and fast; undefined template variables fail (see conftest)."""

import tempfile
from pathlib import Path

from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASES, STORAGES

SECRET_KEY = "only for the tests"  # noqa: S105
SITE_URL = "http://127.0.0.1:8000"
ALLOWED_HOSTS = ["*"]
SECURE_SSL_REDIRECT = False

_data = Path(tempfile.mkdtemp(prefix="open-collectivities-"))
MEDIA_ROOT = _data / "media"
PRIVATE_ROOT = _data / "private"
STORAGES["private"]["OPTIONS"]["location"] = PRIVATE_ROOT
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
}
CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in ("default", "content")
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: the browser's server and the worker read it from their own connections.
    DATABASES["default"]["TEST"] = {"NAME": str(_data / "test.sqlite3")}
