"""What is said about a configuration, and that the web server insists on a sound one."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from portal import checks
from portal.checks import refuse_a_broken_configuration
from tests.production import ENVIRONMENT

ROOT = Path(__file__).resolve().parent.parent.parent
SID = "0123456789abcdef0123456789abcdef"
SOUND: dict[str, Any] = {
    "SETTINGS_PROBLEMS": [],
    "DEBUG": False,
    "DEMO": False,
    "PUBLIC_URL": "https://numbers.example.com",
    "SECURE": True,
    "ALLOWED_HOSTS": ["numbers.example.com"],
    "SECRET_KEY_GIVEN": "s" * 60,
    "ENCRYPTION_KEYS": ["4DXYp5oKAJY0MKgAHYI4lgTCk4NWULPtDPpzZDPGb-c="],
    "TWILIO_ACCOUNT_SID": f"AC{SID}",
    "TWILIO_AUTH_TOKEN": SID,
    "TWILIO_API_KEY": "",
    "TWILIO_API_SECRET": "",
    "TWILIO_BASE_URL": "",
    "REDIS_URL": "redis://localhost:6379/0",
    "EMAIL_CONFIG": {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"},
    "SUPPORT_EMAIL": "support@example.com",
}
HTTP = {"PUBLIC_URL": "http://numbers.example.com", "SECURE": False}
LOCAL = {"PUBLIC_URL": "http://localhost:8000", "SECURE": False, "ALLOWED_HOSTS": ["localhost"]}
KEY = {"TWILIO_API_KEY": f"SK{SID}", "TWILIO_API_SECRET": "secret"}


@pytest.fixture
def configured(settings: Settings) -> Settings:
    for name, value in SOUND.items():
        setattr(settings, name, value)
    return settings


def found(settings: Settings, **changes: Any) -> list[CheckMessage]:
    for name, value in changes.items():
        setattr(settings, name, value)
    return run_checks(tags=[checks.TAG])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        LOCAL,
        {**HTTP, "DEBUG": True},
        {**HTTP, "DEMO": True, "TWILIO_BASE_URL": "http://127.0.0.1:8001"},
        {**LOCAL, "DEBUG": True, "TWILIO_BASE_URL": "http://127.0.0.1:8001"},
        KEY,
        {**KEY, "TWILIO_AUTH_TOKEN": "", "TWILIO_REQUIRE_SIGNATURE": False},
        {"ALLOWED_HOSTS": [".example.com"]},
        {"REDIS_URL": ""},
        {"REDIS_URL": "rediss://:secret@cache.example.com:6380/1"},
    ],
)
def test_a_sound_configuration_is_not_spoken_about(
    configured: Settings, changes: dict[str, Any]
) -> None:
    assert found(configured, **changes) == []


@pytest.mark.parametrize(
    ("changes", "id_", "words"),
    [
        ({"SETTINGS_PROBLEMS": ["DEBUG can't be read: ..."]}, "E001", "DEBUG can't be read"),
        ({"SECRET_KEY_GIVEN": ""}, "E002", "SECRET_KEY is missing. Make one: python -c"),
        ({"SECRET_KEY_GIVEN": "short"}, "E003", "fewer than 50 characters"),
        ({"ENCRYPTION_KEYS": []}, "E004", "ENCRYPTION_KEYS is missing. Make one: python -c"),
        ({"ENCRYPTION_KEYS": ["abc"]}, "E005", "Number 1 of ENCRYPTION_KEYS is not a key."),
        ({"ENCRYPTION_KEYS": ["ä" * 44]}, "E005", "Number 1 of ENCRYPTION_KEYS is not a key."),
        ({"PUBLIC_URL": "numbers.example.com"}, "E006", "PUBLIC_URL should look like https://"),
        ({"PUBLIC_URL": "https://a.example/portal"}, "E006", "without a path"),
        ({"PUBLIC_URL": "https://a.example:port"}, "E006", "PUBLIC_URL should look like"),
        ({"PUBLIC_URL": "ftp://a.example"}, "E006", "PUBLIC_URL should look like"),
        (HTTP, "W001", "PUBLIC_URL is not https"),
        ({"DEBUG": True}, "W002", "DEBUG is on at a public address"),
        ({"ALLOWED_HOSTS": ["*"]}, "W003", "ALLOWED_HOSTS allows every host"),
        ({"ALLOWED_HOSTS": ["other.example"]}, "E007", "leaves out numbers.example.com"),
        ({"TWILIO_ACCOUNT_SID": ""}, "E008", "TWILIO_ACCOUNT_SID is missing"),
        ({"TWILIO_ACCOUNT_SID": "12345"}, "E009", "should be AC and 32 hexadecimal digits"),
        ({"TWILIO_API_KEY": f"SK{SID}"}, "E010", "TWILIO_API_SECRET is missing"),
        ({"TWILIO_API_SECRET": "secret"}, "E010", "TWILIO_API_KEY is missing"),
        ({"TWILIO_AUTH_TOKEN": ""}, "E011", "There are no credentials for Twilio"),
        ({**KEY, "TWILIO_API_KEY": "AC1"}, "E012", "should be SK and 32 hexadecimal digits"),
        ({**KEY, "TWILIO_AUTH_TOKEN": ""}, "W004", "Twilio signs its callbacks with it"),
        ({"DEMO": True}, "E013", "the demo must not reach a real account"),
        ({"TWILIO_BASE_URL": "localhost:8001"}, "E014", "TWILIO_BASE_URL should look like"),
        ({"TWILIO_BASE_URL": "http://127.0.0.1:8001"}, "W005", "reaches Twilio"),
        ({"REDIS_URL": "localhost:6379"}, "E015", "REDIS_URL should look like redis://"),
        ({"EMAIL_CONFIG": {"EMAIL_BACKEND": "x.console.EmailBackend"}}, "W006", "EMAIL_URL"),
        ({"SUPPORT_EMAIL": "support@localhost"}, "W007", "SUPPORT_EMAIL is missing"),
        ({"MAX_UPLOAD_BYTES": 0}, "E017", "MAX_UPLOAD_BYTES should be more than 0"),
        ({"TWILIO_READ_TIMEOUT": 100.0}, "E018", "LEASE_SECONDS should be more than the 106"),
        ({"INVITATION_LIFETIME": timedelta(0)}, "E019", "INVITATION_DAYS should be from 1 to 30"),
        ({"INVITATION_LIFETIME": timedelta(days=31)}, "E019", "INVITATION_DAYS should be"),
    ],
)
def test_one_sentence_says_what_is_missing_or_wrong(
    configured: Settings, changes: dict[str, Any], id_: str, words: str
) -> None:
    messages = found(configured, **changes)

    assert [message.id for message in messages] == [f"portal.{id_}"]
    assert words in messages[0].msg


def test_no_sentence_gives_a_secret_away(configured: Settings) -> None:
    messages = found(configured, SECRET_KEY_GIVEN="canary", ENCRYPTION_KEYS=["canary"])

    assert len(messages) == 2
    assert "canary" not in str(messages)


def test_the_web_server_does_not_start_with_an_error(configured: Settings) -> None:
    configured.SECRET_KEY_GIVEN = ""
    configured.TWILIO_ACCOUNT_SID = ""

    with pytest.raises(ImproperlyConfigured) as refusal:
        refuse_a_broken_configuration()

    assert "- SECRET_KEY is missing." in str(refusal.value)
    assert "- TWILIO_ACCOUNT_SID is missing." in str(refusal.value)


def test_the_web_server_starts_with_a_warning(configured: Settings) -> None:
    configured.SUPPORT_EMAIL = "support@localhost"

    refuse_a_broken_configuration()


def check(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_production_as_it_should_be_passes_every_check() -> None:
    checked = check("--deploy", "--fail-level", "WARNING", **ENVIRONMENT)

    assert (checked.returncode, checked.stderr) == (0, "")


def test_an_empty_environment_is_answered_with_sentences() -> None:
    checked = check()

    assert checked.returncode == 1
    assert "Traceback" not in checked.stderr
    assert "SECRET_KEY is missing." in checked.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DEBUG", "perhaps", "DEBUG can't be read: it should look like true or false."),
        ("POLL_SECONDS", "often", "POLL_SECONDS can't be read: it should look like 60."),
        ("REMINDER_DAYS", "7,soon", "REMINDER_DAYS can't be read: it should look like 60,30,14"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL can't be read: it should be one of DEBUG, INFO"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL can't be read: it should look like postgres:"),
        ("EMAIL_URL", "nonsense", "EMAIL_URL can't be read: it should look like smtp+tls:"),
    ],
)
def test_an_unreadable_value_is_answered_with_a_sentence(name: str, value: str, words: str) -> None:
    checked = check(**{**ENVIRONMENT, name: value})

    assert words in checked.stderr
    assert "Traceback" not in checked.stderr


def test_a_missing_folder_for_the_database_is_named() -> None:
    checked = check(**{**ENVIRONMENT, "DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"})

    assert "The folder of the database is missing: /nowhere/at" in checked.stderr


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(SID)
    env = {name: value for name, value in ENVIRONMENT.items() if "TWILIO_A" not in name}

    checked = check(
        **env, TWILIO_ACCOUNT_SID=f"AC{SID}", TWILIO_AUTH_TOKEN_FILE=str(file), TWILIO_API_KEY=""
    )

    assert (checked.returncode, checked.stderr) == (0, "")
