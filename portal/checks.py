"""What ``manage.py check`` says about the configuration: one sentence for each thing that is
missing or wrong, with what to do. The web server does not start as long as one is an error."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from cryptography.fernet import Fernet
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from compliance.accounts import can_verify_callbacks
from compliance.models.people import REMEMBERED
from portal import scanner
from portal.operations.sentry import is_dsn

TAG = "configuration"

TO_MAKE_A_SECRET_KEY = 'python -c "import secrets; print(secrets.token_urlsafe(50))"'  # noqa: S105
TO_MAKE_AN_ENCRYPTION_KEY = (
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
SHORTEST_SECRET_KEY = 50
SHORTEST_TOKEN = 20


def refuse_a_broken_configuration() -> None:
    """:raises ImproperlyConfigured: with every error there is, a line each."""
    errors = [found for found in checks.run_checks(tags=[TAG]) if found.level >= checks.ERROR]
    if errors:
        lines = "\n".join(f"- {error.msg}" for error in errors)
        raise ImproperlyConfigured(f"The configuration has to be put right first:\n{lines}")


@register(TAG)
def unreadable_values(**kwargs: Any) -> list[CheckMessage]:
    """A value of the wrong kind, for which the default stands in until it is put right."""
    return [Error(problem, id="portal.E001") for problem in settings.SETTINGS_PROBLEMS]


@register(TAG)
def keys(**kwargs: Any) -> Iterator[CheckMessage]:
    if not settings.SECRET_KEY_GIVEN:
        yield Error(f"SECRET_KEY is missing. Make one: {TO_MAKE_A_SECRET_KEY}", id="portal.E002")
    elif len(settings.SECRET_KEY_GIVEN) < SHORTEST_SECRET_KEY:
        yield Error(
            f"SECRET_KEY has fewer than {SHORTEST_SECRET_KEY} characters. "
            f"Make a longer one: {TO_MAKE_A_SECRET_KEY}",
            id="portal.E003",
        )
    if not settings.ENCRYPTION_KEYS:
        yield Error(
            f"ENCRYPTION_KEYS is missing. Make one: {TO_MAKE_AN_ENCRYPTION_KEY}", id="portal.E004"
        )
    for number, key in enumerate(settings.ENCRYPTION_KEYS, start=1):
        if not is_encryption_key(key):
            yield Error(
                f"Number {number} of ENCRYPTION_KEYS is not a key. "
                f"Make one: {TO_MAKE_AN_ENCRYPTION_KEY}",
                id="portal.E005",
            )


def is_encryption_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


@register(TAG)
def addresses(**kwargs: Any) -> Iterator[CheckMessage]:
    public = web_address(settings.PUBLIC_URL)
    if public is None or urlsplit(settings.PUBLIC_URL).path:
        yield Error(
            "PUBLIC_URL should look like https://numbers.example.com, without a path.",
            id="portal.E006",
        )
        return
    is_private = settings.DEBUG or settings.DEMO or public in LOCAL_HOSTS
    if not settings.SECURE and not is_private:
        yield checks.Warning(
            "PUBLIC_URL is not https: what customers enter would travel in the open.",
            id="portal.W001",
        )
    if settings.SECURE and settings.DEBUG:
        yield checks.Warning(
            "DEBUG is on at a public address: error pages would show settings and data to anybody.",
            id="portal.W002",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield checks.Warning(
            "ALLOWED_HOSTS allows every host: name those under which the portal is reached.",
            id="portal.W003",
        )
    elif not allowed(public):
        yield Error(f"ALLOWED_HOSTS leaves out {public}, the host of PUBLIC_URL.", id="portal.E007")


def web_address(address: str) -> str | None:
    """The host of an http(s) address; None if it is none."""
    try:
        parts = urlsplit(address)
        _port = parts.port  # raises for one that is no number
    except ValueError:
        return None
    is_one = parts.scheme in ("http", "https") and not (parts.query or parts.fragment)
    return parts.hostname if is_one else None


def allowed(host: str) -> bool:
    return any(
        host == pattern or (pattern.startswith(".") and f".{host}".endswith(pattern))
        for pattern in settings.ALLOWED_HOSTS
    )


@register(TAG)
def twilio(**kwargs: Any) -> Iterator[CheckMessage]:
    sid, key = settings.TWILIO_ACCOUNT_SID, settings.TWILIO_API_KEY
    token, secret = settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_SECRET
    if not sid:
        yield Error("TWILIO_ACCOUNT_SID is missing.", id="portal.E008")
    elif not re.fullmatch(r"AC[0-9a-fA-F]{32}", sid):
        yield Error("TWILIO_ACCOUNT_SID should be AC and 32 hexadecimal digits.", id="portal.E009")
    if bool(key) != bool(secret):
        missing = "TWILIO_API_SECRET" if key else "TWILIO_API_KEY"
        yield Error(f"{missing} is missing: an API key is used with its secret.", id="portal.E010")
    elif not (key or token):
        yield Error(
            "There are no credentials for Twilio: give TWILIO_AUTH_TOKEN, "
            "or TWILIO_API_KEY and TWILIO_API_SECRET.",
            id="portal.E011",
        )
    if key and not re.fullmatch(r"SK[0-9a-fA-F]{32}", key):
        yield Error("TWILIO_API_KEY should be SK and 32 hexadecimal digits.", id="portal.E012")
    if not all(name and value for name, value in settings.TWILIO_SIGNING_KEYS.items()):
        yield Error(
            "TWILIO_SIGNING_KEYS should look like name=secret, several by commas.", id="portal.E028"
        )
    if key and secret and settings.TWILIO_REQUIRE_SIGNATURE and not can_verify_callbacks():
        yield checks.Warning(
            "TWILIO_AUTH_TOKEN is missing: Twilio signs its callbacks with it, so all of them "
            "would be turned away and changes be seen by polling only.",
            id="portal.W004",
        )


@register(TAG)
def which_twilio(**kwargs: Any) -> Iterator[CheckMessage]:
    base_url = settings.TWILIO_BASE_URL
    if not base_url:
        if settings.DEMO:
            yield Error(
                "DEMO is on while TWILIO_BASE_URL is empty: the demo must not reach a real "
                "account.",
                id="portal.E013",
            )
    elif web_address(base_url) is None:
        yield Error(
            "TWILIO_BASE_URL should look like http://127.0.0.1:8001, or be empty for Twilio.",
            id="portal.E014",
        )
    elif not (settings.DEMO or settings.DEBUG):
        yield checks.Warning(
            "TWILIO_BASE_URL is set: nothing that customers send reaches Twilio.",
            id="portal.W005",
        )


@register(TAG)
def servers(**kwargs: Any) -> Iterator[CheckMessage]:
    redis = urlsplit(settings.REDIS_URL)
    if settings.REDIS_URL and (redis.scheme not in ("redis", "rediss") or not redis.hostname):
        yield Error(
            "REDIS_URL should look like redis://:password@host:6379/0, or be empty for a single "
            "web process with the worker inside.",
            id="portal.E015",
        )
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3" and database["NAME"] != ":memory:":
        folder = Path(database["NAME"]).parent
        if not folder.is_dir():
            yield Error(f"The folder of the database is missing: {folder}", id="portal.E016")


@register(TAG)
def virus_scanner(**kwargs: Any) -> Iterator[CheckMessage]:
    if settings.CLAMD_URL and not scanner.is_address(settings.CLAMD_URL):
        yield Error(
            "CLAMD_URL should look like tcp://127.0.0.1:3310 or unix:///run/clamav/clamd.ctl, or "
            "be empty where no virus scanner looks at uploads.",
            id="portal.E029",
        )


@register(TAG, deploy=True)
def virus_scanner_answers(**kwargs: Any) -> Iterator[CheckMessage]:
    """Asked for by ``check --deploy`` alone: the web server starts without it."""
    if not scanner.is_address(settings.CLAMD_URL):
        return
    try:
        scanner.ping()
    except scanner.NotChecked as why:
        yield checks.Warning(
            f"The virus scanner at CLAMD_URL does not answer ({why}): until it does, no file can "
            "be uploaded. Start clamd, or correct CLAMD_URL.",
            id="portal.W008",
        )


@register(TAG)
def mail(**kwargs: Any) -> Iterator[CheckMessage]:
    if settings.DEBUG or settings.DEMO:
        return
    if "console" in settings.EMAIL_CONFIG["EMAIL_BACKEND"]:
        yield checks.Warning(
            "EMAIL_URL is missing: no mail goes out, so nobody can sign in.", id="portal.W006"
        )
    if settings.SUPPORT_EMAIL.endswith("@localhost"):
        yield checks.Warning(
            "SUPPORT_EMAIL is missing: every page and mail names it for help.", id="portal.W007"
        )


@register(TAG)
def numbers(**kwargs: Any) -> Iterator[CheckMessage]:
    for name in (
        "MAX_UPLOAD_BYTES",
        "SWEEP_SECONDS",
        "POLL_SECONDS",
        "TWILIO_CONNECT_TIMEOUT",
        "TWILIO_READ_TIMEOUT",
        "TWILIO_MAX_CONCURRENCY",
    ):
        if getattr(settings, name) <= 0:
            yield Error(f"{name} should be more than 0.", id="portal.E017")
    # What is only read is tried again if it breaks off before the shorter of the two is over.
    limits = (settings.TWILIO_CONNECT_TIMEOUT, settings.TWILIO_READ_TIMEOUT)
    slowest_call = sum(limits) + min(limits)
    if settings.LEASE.total_seconds() <= slowest_call:
        yield Error(
            f"LEASE_SECONDS should be more than the {slowest_call:g} seconds that one call to "
            "Twilio may take.",
            id="portal.E018",
        )
    if settings.SIGN_IN_LINK_LIFETIME.total_seconds() <= 0:
        yield Error("SIGN_IN_LINK_MINUTES should be more than 0.", id="portal.E017")
    # Older links are forgotten, and nobody could be told why theirs has stopped working.
    if not timedelta(0) < settings.INVITATION_LIFETIME <= REMEMBERED:
        yield Error("INVITATION_DAYS should be from 1 to 30.", id="portal.E019")


@register(TAG)
def operations(**kwargs: Any) -> Iterator[CheckMessage]:
    if settings.SENTRY_DSN and not is_dsn(settings.SENTRY_DSN):
        yield Error(
            "SENTRY_DSN should look like https://key@host/1, or be empty to send errors nowhere.",
            id="portal.E024",
        )
    if settings.OPERATIONS_TOKEN and len(settings.OPERATIONS_TOKEN) < SHORTEST_TOKEN:
        yield Error(
            f"OPERATIONS_TOKEN has fewer than {SHORTEST_TOKEN} characters. Make a longer one: "
            f"{TO_MAKE_A_SECRET_KEY}",
            id="portal.E025",
        )
    if not 0 <= settings.DIGEST_HOUR <= 23:
        yield Error("DIGEST_HOUR should be from 0 to 23.", id="portal.E026")
    if settings.DIGEST_TIME_ZONE not in available_timezones():
        yield Error("DIGEST_TIME_ZONE should look like Europe/Berlin.", id="portal.E027")
