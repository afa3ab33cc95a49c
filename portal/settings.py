"""All settings. What differs between installations comes from the environment; the README's table
and ``.env.sample`` list every name. Any of them may instead be given as ``NAME_FILE``, the path of
a file that holds the value.

Nothing here raises: a missing or unusable value is reported by ``manage.py check`` in a sentence
(``portal.checks``), and the web server refuses to start with it.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from portal import policies, timetable
from portal.environment import Environment
from portal.operations import loggers

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
SETTINGS_PROBLEMS = env.problems

# --- The installation -------------------------------------------------------------------------

DEBUG = env.flag("DEBUG", default=False)
DEMO = env.flag("DEMO", default=False)
PUBLIC_URL = env.text("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
SECURE = urlsplit(PUBLIC_URL).scheme == "https"

SECRET_KEY_GIVEN = env.text("SECRET_KEY", default="")
SECRET_KEY = SECRET_KEY_GIVEN or "not-a-secret-and-refused-by-the-system-check"
SECRET_KEY_FALLBACKS = env.several("SECRET_KEY_FALLBACKS", default=[])
ENCRYPTION_KEYS: list[str] = env.several("ENCRYPTION_KEYS", default=[])
ALLOWED_HOSTS = env.several("ALLOWED_HOSTS", default=[urlsplit(PUBLIC_URL).hostname or "localhost"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# --- Twilio -----------------------------------------------------------------------------------

TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN", default="")
# Former auth tokens, and the next one: callbacks signed with them are taken as well.
TWILIO_AUTH_TOKEN_FALLBACKS = env.several("TWILIO_AUTH_TOKEN_FALLBACKS", default=[])
# SharedKeys with which Twilio signs callbacks, each as name=secret.
TWILIO_SIGNING_KEYS: dict[str, str] = {
    pair.partition("=")[0].strip(): pair.partition("=")[2].strip()
    for pair in env.several("TWILIO_SIGNING_KEYS", default=[])
}
TWILIO_API_KEY = env.text("TWILIO_API_KEY", default="")
TWILIO_API_SECRET = env.text("TWILIO_API_SECRET", default="")
TWILIO_BASE_URL = env.text("TWILIO_BASE_URL", default="").rstrip("/")
TWILIO_REQUIRE_SIGNATURE = env.flag("TWILIO_REQUIRE_SIGNATURE", default=True)
# Seconds to connect and to read. The SDK on its own waits for ever.
TWILIO_CONNECT_TIMEOUT = env.number("TWILIO_CONNECT_TIMEOUT", default=3.0)
TWILIO_READ_TIMEOUT = env.number("TWILIO_READ_TIMEOUT", default=15.0)
# Calls in flight per account, by all processes: Twilio's limit is one of concurrency (error 20429).
TWILIO_MAX_CONCURRENCY = env.whole("TWILIO_MAX_CONCURRENCY", default=8)

# Sends the last reminders by SMS as well; empty: never.
SMS_FROM = env.text("SMS_FROM", default="")

# --- The work ---------------------------------------------------------------------------------

# A lease outlives the slowest single call, so that a live worker is never taken for a dead one.
LEASE = timedelta(
    seconds=env.number(
        "LEASE_SECONDS", default=2 * (TWILIO_CONNECT_TIMEOUT + TWILIO_READ_TIMEOUT) + 24
    )
)
# After a create that got no answer, the time in which it may still land at Twilio.
LATE_ANSWER = timedelta(
    seconds=env.number("LATE_ANSWER_SECONDS", default=2 * TWILIO_READ_TIMEOUT + 5)
)
# How long the review takes, in working days; *send by* leaves room for it and for one correction.
REVIEW_DAYS = env.whole("REVIEW_DAYS", default=1)
CORRECTION_DAYS = env.whole("CORRECTION_DAYS", default=1)
# Days before *send by* on which those who have still something to do are reminded.
REMINDER_DAYS = env.whole_numbers("REMINDER_DAYS", default=[60, 30, 14, 7, 3, 1, 0])
MAX_UPLOAD_BYTES = env.whole("MAX_UPLOAD_BYTES", default=5 * 1024 * 1024)
# A virus scanner that looks at each upload: tcp://host:port or unix:///path of a clamd.
CLAMD_URL = env.text("CLAMD_URL", default="")
SWEEP_SECONDS = env.number("SWEEP_SECONDS", default=10)
POLL_SECONDS = env.number("POLL_SECONDS", default=60)

# --- Who we are to the customer ---------------------------------------------------------------

BRAND_NAME = env.text("BRAND_NAME", default="Number registrations")
# Files of this installation, and colours like #0d5c63; portal.brand derives the rest.
BRAND_LOGO = env.text("BRAND_LOGO", default="")
BRAND_LOGO_DARK = env.text("BRAND_LOGO_DARK", default="")
BRAND_COLOR = env.text("BRAND_COLOR", default="")
BRAND_COLOR_DARK = env.text("BRAND_COLOR_DARK", default="")
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL", default="support@localhost")
SUPPORT_PHONE = env.text("SUPPORT_PHONE", default="")
SUPPORT_URL = env.text("SUPPORT_URL", default="")
REVIEWER_NAME = env.text("REVIEWER_NAME", default="") or _("our carrier's compliance team")

# --- Django -----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "compliance",
    "portal",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_countries",
    "csp",
]

MIDDLEWARE = [
    "portal.operations.liveness.Liveness",
    "portal.operations.logs.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.SameOrigin",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.brand.serving.BrandFiles",
    "portal.middleware.Permissions",
    "portal.middleware.PrivatePages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.session.SessionLimits",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.signin.second_factor.SecondFactor",
    "portal.acting.ActingFor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.uploads.RefuseHugeBodies",
    "portal.middleware.OwnLanguage",
    "portal.middleware.ReadableAddress",
    "portal.middleware.AdminPolicy",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.brand",
            ],
        },
    },
]

DATABASES = {
    "default": env.database(
        "DATABASE_URL", default=f"sqlite:///{BASE_DIR / '.data' / 'db.sqlite3'}"
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Without IMMEDIATE, a read that turns into a write fails with "database is locked" as soon as
    # web and worker write together. FULL: an intent lost in a power cut could double a copy.
    # secure_delete and temp_store keep erased personal data out of free pages and files.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=27103364;"
            "PRAGMA secure_delete=ON;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env.text("REDIS_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "portal.cache.RedisOrNothing",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "static/"
# Filled by collectstatic; the demo and development serve the files from where they are.
STATIC_ROOT = None if DEBUG or DEMO else BASE_DIR / ".static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG or DEMO
WHITENOISE_AUTOREFRESH = DEBUG

# An upload stays in memory until it is encrypted: no plain file ever reaches the disk.
FILE_UPLOAD_HANDLERS = ["portal.uploads.InMemoryOnly"]
# A document of so many photos; the same number as compliance.answers.MOST_FILES.
DATA_UPLOAD_MAX_NUMBER_FILES = 20
# The desk acts on 500 renewals at once; a company with many people is one form, too.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# What is said once on the next page stays here instead of travelling in a cookie of its own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
# The templates' sentences are kept with the portal's.
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# For each answer of the mail server; Django on its own waits for ever.
EMAIL_TIMEOUT = 15
EMAIL_CONFIG = env.mail("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", default=f"{BRAND_NAME} <{SUPPORT_EMAIL}>")
SERVER_EMAIL = SUPPORT_EMAIL

# --- Signing in -------------------------------------------------------------------------------

AUTH_USER_MODEL = "compliance.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "portal.signin.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_FORMS = {
    "request_login_code": "portal.signin.forms.EmailForm",
    "confirm_login_code": "portal.signin.forms.CodeForm",
}
# Nobody learns who is known here.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
SIGN_IN_LINK_LIFETIME = timedelta(minutes=env.whole("SIGN_IN_LINK_MINUTES", default=30))
INVITATION_LIFETIME = timedelta(days=env.whole("INVITATION_DAYS", default=7))
# For customers, passkeys are a way in beside the mail, never a second step after it. Staff show a
# second factor before the admin opens (portal.signin.second_factor).
STAFF_SECOND_FACTOR = env.flag("STAFF_SECOND_FACTOR", default=True)
MFA_ADAPTER = "portal.signin.adapter.PasskeyAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_TOTP_ISSUER = BRAND_NAME
# Clocks of phones are a little off.
MFA_TOTP_TOLERANCE = 1
MFA_PASSKEY_LOGIN_ENABLED = True
# There is nothing to guess, but each question to a device is kept for its answer.
MFA_RATE_LIMITS = {"webauthn_login": "40/m/ip"}
# Allauth asks for a password or a second factor, which nobody has who wants the first passkey; so
# we ask for a sign-in that is no older than this.
MFA_REAUTHENTICATION_REQUIRED = False
RECENT_SIGN_IN = timedelta(minutes=10)
ALLAUTH_TRUSTED_PROXY_COUNT = env.whole("TRUSTED_PROXY_COUNT", default=0)

# --- Security ---------------------------------------------------------------------------------

_prefix = "__Host-" if SECURE else ""
SESSION_COOKIE_NAME = f"{_prefix}session"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# However busy, a session ends after this time; idle, after one of those below.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE = timedelta(minutes=30)
SESSION_IDLE_STAFF = timedelta(minutes=15)
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = policies.PERMISSIONS
if env.flag("BEHIND_TLS_PROXY", default=False):
    # Only where the proxy strips this header from what it receives.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = policies.CONTENT
ADMIN_SECURITY_POLICY = policies.ADMIN

# --- The admin --------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "portal.admin_theme.name",
    "SITE_HEADER": "portal.admin_theme.name",
    "SITE_SYMBOL": "task_alt",
    "SITE_FAVICONS": [{"rel": "icon", "href": "portal.admin_theme.icon"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {"primary": "portal.admin_theme.colors"},
    "STYLES": ["portal.admin_theme.stylesheet"],
    "DASHBOARD_CALLBACK": "portal.admin_theme.dashboard",
    "SIDEBAR": {"navigation": "compliance.admin.navigation.groups"},
}

# --- Operations -------------------------------------------------------------------------------

# Opens /metrics and the details of /readyz to programs; empty: there are no metrics.
OPERATIONS_TOKEN = env.text("OPERATIONS_TOKEN", default="")
# When staff get their digest, and on whose clock.
DIGEST_HOUR = env.whole("DIGEST_HOUR", default=7)
DIGEST_TIME_ZONE = env.text("DIGEST_TIME_ZONE", default="UTC")
# Where errors are sent, scrubbed; empty: nowhere.
SENTRY_DSN = env.text("SENTRY_DSN", default="")

# --- Celery -----------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# With the defaults, a half-open connection to Redis hangs a worker, and a black hole hangs a
# publisher, for ever.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 300,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 10,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
    }
    if REDIS_URL
    else {"polling_interval": 0.05}
)
CELERY_BEAT_SCHEDULER = "portal.timetable:FromTheStart"
CELERY_BEAT_SCHEDULE = timetable.entries(sweep=SWEEP_SECONDS, poll=POLL_SECONDS)

# --- Logs -------------------------------------------------------------------------------------

LOG_LEVEL = env.one_of(
    "LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], default="INFO"
)
LOG_FORMAT = env.one_of("LOG_FORMAT", ["TEXT", "JSON"], default="TEXT")
LOGGING = loggers.configured(level=LOG_LEVEL, form=LOG_FORMAT.lower(), discreet=not DEBUG)
