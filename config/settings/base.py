"""
What every machine shares. Safe for production: the environment fills it, `dev` and `test` relax it.

Every variable that is read here is told in `.env.example`.
"""

import zoneinfo
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.conf import locale as django_locale
from django.utils.translation import gettext_lazy as _

from config.secret import read_or_create_secret

# Morocco is on UTC+0 all year since 20 September 2026; the zone tables of most systems do not
# know it yet, so tzdata from PyPI must win over them. `core.checks` refuses a wrong answer.
zoneinfo.reset_tzpath(to=[])

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

# Everything that the site writes: database, uploads, built and collected files, secrets.
DATA_DIR = Path(env("DATA_DIR", default="") or BASE_DIR / "var")
DATA_DIR.mkdir(parents=True, exist_ok=True)

# --- Who we are ---------------------------------------------------------------------------------

DEBUG = False
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
SECRET_KEY = env("SECRET_KEY", default="") or read_or_create_secret(DATA_DIR / "secret-key")
CONTACT_EMAIL = env("CONTACT_EMAIL", default="contact@example.org")
SECURITY_EMAIL = env("SECURITY_EMAIL", default="") or CONTACT_EMAIL

_site = urlsplit(SITE_URL)
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
SITE_IS_HTTPS = _site.scheme == "https"
SITE_IS_LOOPBACK = _site.hostname in ("127.0.0.1", "localhost", "::1")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or [_site.hostname]
if SITE_IS_LOOPBACK:
    ALLOWED_HOSTS += [host for host in LOOPBACK_HOSTS if host not in ALLOWED_HOSTS]

# --- What it is made of -------------------------------------------------------------------------

INSTALLED_APPS = [
    "home",
    "practices",
    "contributions",
    "members",
    "notifications",
    "search",
    "core",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.contrib.forms",
    "wagtail.sites",
    "members.wagtail_users.WagtailUsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages go out compressed. They hold no secret beside what a visitor sends, and where they do
    # (the administration), Django masks its tokens anew each time.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.admin_content_security_policy",
    "core.middleware.refuse_unstorable_text",
    "members.middleware.guard_administration",
    "members.middleware.guard_titles",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "members.User"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.site",
                "home.navigation.navigation",
            ],
            "builtins": ["core.templatetags.site"],
        },
    },
]

# --- Data ---------------------------------------------------------------------------------------

DATABASES = {
    "default": env.db_url_config(
        env("DATABASE_URL", default="") or f"sqlite:///{DATA_DIR / 'db.sqlite3'}"
    ),
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Measured: with Django's defaults 40 of 48 concurrent writes fail, with these none does.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
            "PRAGMA cache_size=-20000;PRAGMA mmap_size=134217728;"
            "PRAGMA journal_size_limit=27103364;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# Both are shared by all processes. The default counts who tried to log in how often (allauth), so
# its counts must not be lost: in the database. What was read from the database and can be read anew
# lies in files on one machine; several machines name a server for both (CACHE_URL).
CACHE_URL = env("CACHE_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_shared_cache",
        # Beyond its number the table throws counts away, and with them the limits.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    "content": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache",
    },
}
if CACHE_URL:
    CACHES = dict.fromkeys(CACHES, env.cache_url_config(CACHE_URL))

# --- Search -------------------------------------------------------------------------------------

# The database answers unless this names an Elasticsearch 8.19 or newer: addresses parted by commas.
ELASTICSEARCH_URL = env.list("ELASTICSEARCH_URL", default=[])
# What the names of its indexes begin with, where several sites share it.
ELASTICSEARCH_PREFIX = env("ELASTICSEARCH_PREFIX", default="open-collectivities")
ELASTICSEARCH_TIMEOUT = 1.0  # seconds that a reader waits for it, before the database answers

# --- Languages ----------------------------------------------------------------------------------

# Django does not know Standard Moroccan Tamazight; it is written left to right in Tifinagh.
django_locale.LANG_INFO["zgh"] = {
    "bidi": False,
    "code": "zgh",
    "name": "Standard Moroccan Tamazight",
    "name_local": "ⵜⴰⵎⴰⵣⵉⵖⵜ",
}
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [
    ("ar", _("Arabic")),
    ("fr", _("French")),
    ("en", _("English")),
    ("zgh", _("Tamazight")),
]
# The language of the public site is Arabic (see `config.urls`). This setting is another thing: it
# is what Django falls back to where a catalogue has no translation. Tamazight's has gaps, and
# French fills them; with "ar" here, right-to-left words would stand in a left-to-right page.
LANGUAGE_CODE = "fr"
PUBLIC_LANGUAGE = "ar"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
TIME_ZONE = "Africa/Casablanca"

# --- Files --------------------------------------------------------------------------------------

# Fonts and the bundled stylesheet, made by `manage.py build_assets`.
ASSETS_DIR = DATA_DIR / "assets"
STATICFILES_DIRS = [BASE_DIR / "static", ASSETS_DIR]
STATIC_ROOT = DATA_DIR / "static"
for folder in (ASSETS_DIR, STATIC_ROOT):
    folder.mkdir(parents=True, exist_ok=True)  # they are looked for before they are filled
STATIC_URL = "/static/"
STYLESHEETS = (
    "tokens.css",
    "base.css",
    "layout.css",
    "parts.css",
    "pages.css",
    "directory.css",
    "editorial.css",
    "search.css",
    "recognition.css",
    "adoption.css",
    "partner-words.css",
    "print.css",
)

MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
PRIVATE_ROOT = DATA_DIR / "private"  # never under MEDIA_ROOT: served by a view that asks for rights

STORAGES = {
    "default": {"BACKEND": "core.picture_storage.PictureStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "base_url": None},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o644
UPLOAD_MAX_BYTES = 25 * 1024 * 1024  # of one file; each kind of upload has its own limit below it
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",  # up to 2.5 MB
    "core.uploads.handlers.LimitedUploadHandler",
]

# --- Security -----------------------------------------------------------------------------------

# https or nothing, but for a loopback address on one's own machine.
SECURE_SSL_REDIRECT = SITE_IS_HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_IS_HTTPS
SECURE_HSTS_SECONDS = 31536000 if SITE_IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SITE_IS_HTTPS
# Whether what a proxy in front says of a request is believed: https, and who asks (core.clients).
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_REDIRECT_EXEMPT: list[str] = []
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# Wagtail's admin needs inline scripts and styles, and shows previews in a frame of its own.
ADMIN_CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, "'unsafe-inline'"],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
    }
}

# --- Accounts -----------------------------------------------------------------------------------

# One door for all: allauth's, with its limits and second steps (docs/features/accounts.md).
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = WAGTAILADMIN_LOGIN_URL = WAGTAIL_FRONTEND_LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "space"
ACCOUNT_ADAPTER = "members.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")  # not a code by mail
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # of this session; the others end
ACCOUNT_FORMS = {
    "login": "members.forms.doors.LoginForm",
    "reauthenticate": "members.forms.doors.ReauthenticateForm",
    "reset_password": "members.forms.doors.ResetPasswordForm",
    "reset_password_from_key": "members.forms.doors.ResetPasswordKeyForm",
    "change_password": "members.forms.doors.ChangePasswordForm",
    "set_password": "members.forms.doors.SetPasswordForm",
    "add_email": "members.forms.doors.AddEmailForm",
}
MFA_ADAPTER = "members.adapters.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "members.forms.doors.AuthenticateForm",
    "reauthenticate": "members.forms.doors.ReauthenticateByCodeForm",
    "activate_totp": "members.forms.doors.ActivateTOTPForm",
    "add_webauthn": "members.forms.doors.AddWebAuthnForm",
    "edit_webauthn": "members.forms.doors.EditWebAuthnForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
# Nobody signs up by themselves, so nobody can shut the owner of an address out of an account. With
# allauth's default, staff, who keep their second step, could never change their address.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "REMACTO"
MFA_TOTP_TOLERANCE = 1  # periods of 30 seconds: the clocks of old phones go wrong
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SITE_IS_LOOPBACK
# Passwords and addresses are changed at the one place that asks for the password anew.
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False

PASSWORD_LENGTH = 10
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Mail ---------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 30  # seconds; shorter than the lease of a job that sends mail
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("DEFAULT_FROM_EMAIL", default="") or CONTACT_EMAIL
ADMINS = [("", address) for address in env.list("ADMIN_EMAILS", default=[])]

# --- Wagtail ------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = "REMACTO"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_I18N_ENABLED = True
WAGTAILADMIN_PERMITTED_LANGUAGES = [("ar", "العربية"), ("fr", "Français"), ("en", "English")]
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False  # else untranslated text goes live
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILIMAGES_IMAGE_MODEL = "core.SiteImage"
WAGTAILIMAGES_IMAGE_FORM_BASE = "core.image_form.SiteImageForm"
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000  # Wagtail's 128 MP let a 15 kB file eat the memory
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILDOCS_DOCUMENT_MODEL = "core.SiteDocument"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odp", "ods", "odt", "pdf", "pptx", "txt", "xlsx", "zip"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
TAGGIT_CASE_INSENSITIVE = True
WAGTAIL_TAG_SPACES_ALLOWED = True
# The admin calls no other host.
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None

# --- What is told to the operator ---------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "core.logs.UtcFormatter",
            "format": "{asctime}Z {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    # Wagtail's tasks say a line when they begin and one when they end.
    "loggers": {name: {"level": "WARNING"} for name in ("django_tasks", "wagtail")},
}
