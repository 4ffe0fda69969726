"""Settings; the only reader of the environment. Every variable is described in docs/configuration.md."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from dashboard.configuration import (
    LOOPBACK_HOSTS,
    check_certificates,
    read_hosts,
    read_log_level,
    read_login,
    read_number,
    read_projects,
    read_secret,
    read_secret_key,
    read_switch,
)
from dashboard.databases import read_caches, read_databases
from dashboard.log_lines import failures_only, without_traceback
from dashboard.sign_in import read_password_login, read_provider, read_second_factor

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DASHBOARD_DATA_DIR", "").strip() or BASE_DIR / "var").absolute()
try:
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
except OSError:
    raise ImproperlyConfigured("DASHBOARD_DATA_DIR names a folder that cannot be made.") from None

# Named so that Django masks it in error reports.
API_PROJECTS = read_projects(os.environ)
check_certificates(os.environ, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
LOG_LEVEL = read_log_level(os.environ)
INPUT_PREVIEWS = read_switch(os.environ, "DASHBOARD_INPUT_PREVIEWS", default=True)
PORT = read_number(os.environ, "PORT", 8000, 1, 65535)
WORKERS = read_number(os.environ, "DASHBOARD_WORKERS", 2, 1, 64)
THREADS = read_number(os.environ, "DASHBOARD_THREADS", 32, 12, 256)
# Calls to the API that a process makes at once: the other threads answer what needs none.
UPSTREAM_SLOTS = THREADS - 8
# And those for readers of share links, beside them.
SHARE_SLOTS = max(1, min(4, THREADS // 8))
SHARING = read_switch(os.environ, "DASHBOARD_SHARING", default=True)
CONTENT_CACHE_MEGABYTES = read_number(os.environ, "DASHBOARD_CONTENT_CACHE_MB", 16, 1, 4096)

DEBUG = False
ALLOWED_HOSTS = read_hosts(os.environ)
LOOPBACK_ONLY = LOOPBACK_HOSTS.issuperset(ALLOWED_HOSTS)
LOGIN_REQUIRED = read_login(os.environ, is_demo=not API_PROJECTS, loopback_only=LOOPBACK_ONLY)
# Named so that Django masks it in error reports, as API_PROJECTS is.
AUTH_PROVIDER = read_provider(os.environ)
PASSWORD_LOGIN = read_password_login(os.environ, has_provider=bool(AUTH_PROVIDER))
SECOND_FACTOR = read_second_factor(os.environ)


def _secret_key() -> str:
    """The configured key; on loopback one that is made at the first start and kept beside the database."""
    if configured := read_secret_key(os.environ):
        return configured
    if not LOOPBACK_ONLY:
        raise ImproperlyConfigured("DASHBOARD_SECRET_KEY must be set when other hosts than loopback are allowed.")
    path = DATA_DIR / "secret-key"
    try:
        with (
            suppress(FileExistsError),
            open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file,
        ):
            file.write(secrets.token_urlsafe(48))
        kept, mode = path.read_text(encoding="ascii"), path.stat().st_mode
    except (OSError, UnicodeDecodeError):
        kept, mode = "", 0
    if len(kept) < 40:
        raise ImproperlyConfigured("DASHBOARD_DATA_DIR holds a file secret-key that is damaged, or cannot be written.")
    if mode & 0o077:
        raise ImproperlyConfigured("DASHBOARD_DATA_DIR holds a file secret-key that others may read: chmod it to 600.")
    return kept


SECRET_KEY = _secret_key()

ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "dashboard",
]
if AUTH_PROVIDER:
    INSTALLED_APPS.insert(-1, "allauth.socialaccount")
if SECOND_FACTOR:
    INSTALLED_APPS.insert(-1, "allauth.mfa")
MIDDLEWARE = [
    "dashboard.request_log.request_log",
    "dashboard.middleware.head_without_body",
    "dashboard.middleware.privacy_headers",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "dashboard.middleware.raw_answers",
    "dashboard.middleware.health_of_any_host",
    "dashboard.middleware.readers_are_nobody",
    "dashboard.middleware.short_addresses_only",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "dashboard.middleware.same_site_only",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.middleware.loopback_clients_only",
    "dashboard.audit.audit",
    "dashboard.sessions.sliding_sessions",
    "dashboard.login_wall.LoginWall",
    "dashboard.middleware.UpstreamErrors",
]
if SECOND_FACTOR == "required":
    MIDDLEWARE.insert(-1, "dashboard.second_factor.SecondFactorFirst")
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.display.display",
            ],
            "builtins": ["dashboard.templatetags.formats"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                ),
            ],
        },
    }
]

DATABASES = read_databases(read_secret(os.environ, "DATABASE_URL"), DATA_DIR)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = read_caches(read_secret(os.environ, "CACHE_URL"), CONTENT_CACHE_MEGABYTES * 1_000_000)

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

STATIC_URL = "/static/"
# Of one instance alone: another one on the same data folder has another port, and must not pull its files away.
STATIC_ROOT = DATA_DIR / f"static-{PORT}"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "upgrade-insecure-requests": not LOOPBACK_ONLY,
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "dashboard.views.refused.forged"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if not LOOPBACK_ONLY:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = read_switch(
        os.environ, "DASHBOARD_HSTS_SUBDOMAINS", default=True
    )
    CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SESSION_COOKIE_NAME = "__Host-sessionid"

# Proxies before the dashboard that add to X-Forwarded-For; the header is not read where there are none.
TRUSTED_PROXIES = read_number(os.environ, "DASHBOARD_TRUSTED_PROXIES", 0, 0, 10)

AUDIT_DAYS = read_number(os.environ, "DASHBOARD_AUDIT_DAYS", 90, 1, 3650)

# Accounts are made by administrators; of allauth only sign-in, sign-out and change of password are mounted.
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "dashboard.accounts.AccountAdapter"
ACCOUNT_FORMS = {"login": "dashboard.accounts.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
SOCIALACCOUNT_ADAPTER = "dashboard.provider.SocialAccountAdapter"
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "dashboard.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Completions Dashboard"
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Nothing is sent by mail, so no address is ever verified.
MFA_ALLOW_UNVERIFIED_EMAIL = True

DEFAULT_EXCEPTION_REPORTER = "dashboard.error_reports.ShortReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "dashboard.error_reports.NoValues"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "dashboard.log_lines.JsonLines"}},
    "filters": {
        "one_line": {"()": "django.utils.log.CallbackFilter", "callback": without_traceback},
        "failures": {"()": "django.utils.log.CallbackFilter", "callback": failures_only},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "dashboard": {"level": LOG_LEVEL},
        "django.request": {"level": "ERROR", "filters": ["failures"]},
        # Our own line has the status; the text of this one has the address.
        "django.security.csrf": {"level": "ERROR"},
        "django.security.DisallowedHost": {"filters": ["one_line"]},
        # Its warnings tell of connections that the transport handles.
        "urllib3": {"level": "ERROR"},
    },
}
