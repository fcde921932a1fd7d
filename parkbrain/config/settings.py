"""Settings: one file, driven by the environment; every name here is read by code (`parkbrain check` proves it)."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.utils.translation import gettext_lazy as _

PACKAGE_DIR = Path(__file__).resolve().parent.parent

# --- Where things are -------------------------------------------------------------------------------------------------
HOME_DIR = Path(os.environ.get("PARKBRAIN_HOME", "var")).resolve()
HOME_DIR.mkdir(parents=True, exist_ok=True)
MEDIA_ROOT = HOME_DIR / "documents"
LAKE_DIR = Path(os.environ.get("PARKBRAIN_LAKE", HOME_DIR / "lake"))
# Readings older than so many days are kept as hours only; 0: for ever.
LAKE_KEEP_DAYS = int(os.environ.get("PARKBRAIN_LAKE_KEEP_DAYS", "0"))
# Who answers questions over many readings: duckdb in this process, or spark at this master.
LAKE_ENGINE = os.environ.get("PARKBRAIN_ENGINE", "duckdb")
SPARK_MASTER = os.environ.get("PARKBRAIN_SPARK_MASTER", "local[*]")
SPARK_HOST = os.environ.get("PARKBRAIN_SPARK_HOST", "127.0.0.1")


def _secret_key() -> str:
    """Return the installation's own key, made at the first start: there is no default to forget to change."""
    if key := os.environ.get("PARKBRAIN_SECRET_KEY"):
        return key
    path = HOME_DIR / "secret_key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


# --- Security ---------------------------------------------------------------------------------------------------------
SECRET_KEY = _secret_key()
DEBUG = os.environ.get("PARKBRAIN_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("PARKBRAIN_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
_https = os.environ.get("PARKBRAIN_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("PARKBRAIN_ORIGINS", "").split(",") if o]
AUTH_USER_MODEL = "kernel.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
# Failed attempts before a sign-in name, or an address, is locked for a while.
SIGN_IN_FAILURES_PER_ACCOUNT = int(os.environ.get("PARKBRAIN_SIGN_IN_FAILURES", "5"))
SIGN_IN_FAILURES_PER_ADDRESS = int(os.environ.get("PARKBRAIN_SIGN_IN_FAILURES_PER_ADDRESS", "30"))
SIGN_IN_LOCK_MINUTES = int(os.environ.get("PARKBRAIN_SIGN_IN_LOCK_MINUTES", "15"))
# How many proxies of ours stand before the server: so many addresses of X-Forwarded-For are believed.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("PARKBRAIN_PROXIES", "0"))
# Roles whose people must set up a second factor before anything else: “administrator,bureau”.
REQUIRE_SECOND_FACTOR = [r for r in os.environ.get("PARKBRAIN_REQUIRE_SECOND_FACTOR", "").split(",") if r]
# Seconds for which a link for a new password works.
PASSWORD_RESET_TIMEOUT = 24 * 3600

# --- Sign-in (django-allauth) -----------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "parkbrain.config.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Attempts are counted and locked by our own rows, which all server processes share.
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "parkbrain.config.sign_in.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "ParkBrain"
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "parkbrain.config.sign_in.IssuerAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
# A link, not a form: the strict policy lets no form lead to another site. It starts a sign-in and nothing else.
SOCIALACCOUNT_LOGIN_ON_GET = True
OIDC_ISSUER = os.environ.get("PARKBRAIN_OIDC_ISSUER", "")
OIDC_NAME = os.environ.get("PARKBRAIN_OIDC_NAME", "OIDC")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": os.environ.get("PARKBRAIN_OIDC_CLIENT_ID", ""),
                "secret": os.environ.get("PARKBRAIN_OIDC_CLIENT_SECRET", ""),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}

# --- Mail -------------------------------------------------------------------------------------------------------------
# Without a mail server nobody is sent anything: an administrator makes links for new passwords.
EMAIL_HOST = os.environ.get("PARKBRAIN_MAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("PARKBRAIN_MAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("PARKBRAIN_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("PARKBRAIN_MAIL_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("PARKBRAIN_MAIL_TLS", "1") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("PARKBRAIN_MAIL_FROM", "parkbrain@localhost")

# --- Apps -------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    # Both wrap the template loaders; the simple configurations leave them to TEMPLATES below.
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "parkbrain.ui",
    "parkbrain.kernel",
    "parkbrain.lake",
    "parkbrain.intake",
    "parkbrain.integration",
    "parkbrain.accounts",
    "parkbrain.space",
    "parkbrain.telemetry",
    "parkbrain.enterprises",
    "parkbrain.billing",
    "parkbrain.leasing",
    "parkbrain.lifecycle",
    "parkbrain.energy",
    "parkbrain.facilities",
    "parkbrain.carbon",
    "parkbrain.assessment",
    "parkbrain.portfolio",
    "parkbrain.cockpit",
    "parkbrain.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "parkbrain.kernel.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "parkbrain.kernel.middleware.person_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "parkbrain.kernel.middleware.ErrorId",
    # After ErrorId: it turns "confirm that it is you" into a redirect before that would read it as a failure.
    "allauth.account.middleware.AccountMiddleware",
    "parkbrain.config.sign_in.require_second_factor",
]

ROOT_URLCONF = "parkbrain.config.urls"
WSGI_APPLICATION = "parkbrain.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "parkbrain.ui.templatetags.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "parkbrain.config.context.frame",
            ],
        },
    }
]

# --- Data -------------------------------------------------------------------------------------------------------------
if os.environ.get("PARKBRAIN_DATABASE", "").startswith("postgres"):
    from urllib.parse import unquote, urlsplit

    _url = urlsplit(os.environ["PARKBRAIN_DATABASE"])
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _url.path.lstrip("/"),
            "USER": unquote(_url.username or ""),
            "PASSWORD": unquote(_url.password or ""),
            "HOST": _url.hostname or "",
            "PORT": str(_url.port or ""),
            "CONN_MAX_AGE": 60,
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME_DIR / "parkbrain.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=268435456;"
                    "PRAGMA cache_size=-65536; PRAGMA foreign_keys=ON;"
                ),
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 5000}}}
TASKS = {"default": {"BACKEND": os.environ.get("PARKBRAIN_TASKS", "django_tasks_db.DatabaseBackend")}}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
# An uploaded file larger than this is refused before it is read.
UPLOAD_MAX_BYTES = int(os.environ.get("PARKBRAIN_UPLOAD_MAX_MB", "50")) * 1024 * 1024
# Requests that one token may make in a minute, counted by each web process.
API_REQUESTS_PER_MINUTE = int(os.environ.get("PARKBRAIN_API_RATE", "600"))
# Where devices push readings: the port of the process `ingest`, or the whole address where a proxy stands before it.
INGEST_PORT = int(os.environ.get("PARKBRAIN_INGEST_PORT", "9000"))
INGEST_URL = os.environ.get("PARKBRAIN_INGEST_URL", "")
# Webhooks reach only public addresses, unless the installation serves a private network.
WEBHOOK_PRIVATE = os.environ.get("PARKBRAIN_WEBHOOK_PRIVATE") == "1"

# --- Language and time ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("zh-hant", _("Traditional Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("PARKBRAIN_TIME_ZONE", "Asia/Shanghai")

# --- Static files -----------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
# Served straight from the package: built file names carry a hash, so nothing is collected or copied.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 31_536_000

# --- Logging ----------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("PARKBRAIN_LOG_LEVEL", "WARNING")},
}
