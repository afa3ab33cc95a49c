"""What staff read each morning, when, and how often."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.urls import reverse

from compliance import jobs, notifications
from compliance.models import Account, Event, Mail, Renewal, Stray, User
from compliance.notifications import digest
from portal.checks import operations
from tests import factories
from tests.together import at_the_same_moment

DAY = timedelta(days=1)


class Away(EmailBackend):
    def open(self) -> bool:
        raise OSError


def at(day: int, hour: int = 7, minute: int = 0) -> datetime:
    """A moment of November 2026; the 9th is a Monday."""
    return factories.noon().replace(day=day, hour=hour, minute=minute)


@pytest.fixture
def ops(db: None, settings: Any) -> User:
    """Reads the digest of an installation in which all is well."""
    settings.SECURE, settings.TWILIO_AUTH_TOKEN = True, "token"
    settings.PUBLIC_URL = "https://numbers.example.com"
    return User.objects.create_superuser("ops@demo.example", gets_digest=True)


@pytest.fixture
def acme(ops: User) -> Any:
    return factories.make_customer("Acme GmbH")


def digests(now: datetime) -> list[Any]:
    """What leaves at this moment."""
    mail.outbox.clear()
    notifications.tell(now=now)
    return [
        message
        for message in mail.outbox
        if "things to look" in message.subject
        or "thing to look" in message.subject
        or "all quiet" in message.subject
    ]


def body(now: datetime) -> str:
    [message] = digests(now)
    return str(message.body)


def trouble(acme: Any, now: datetime, **fields: Any) -> Renewal:
    values = {"trouble": "stuck", "moved_at": now} | fields
    return factories.german_renewal(acme, now=now, days=60, **values)


def address(renewal: Renewal) -> str:
    page = reverse("admin:compliance_renewal_change", args=[renewal.pk])
    return f"https://numbers.example.com{page}"


# --- When and to whom ----------------------------------------------------------------------------


def test_it_goes_from_seven_on_once_a_day(acme: Any) -> None:
    trouble(acme, at(10))
    assert digests(at(10, 6, 59)) == []
    [message] = digests(at(10, 7))
    assert message.to == ["ops@demo.example"]
    assert message.subject == "Number registrations, 2026-11-10: 1 thing to look at"
    assert digests(at(10, 7, 1)) == []
    assert digests(at(10, 23)) == []
    assert len(digests(at(11, 7))) == 1


def test_a_missed_run_is_made_up_for_later_in_the_day(acme: Any) -> None:
    trouble(acme, at(10))
    assert len(digests(at(10, 15))) == 1
    assert digests(at(10, 16)) == []


def test_the_hour_is_that_of_the_setting_and_its_zone(acme: Any, settings: Any) -> None:
    settings.DIGEST_HOUR, settings.DIGEST_TIME_ZONE = 9, "Europe/Berlin"
    trouble(acme, at(10))
    assert digests(at(10, 7, 59)) == []
    assert len(digests(at(10, 8))) == 1


def test_two_runs_at_the_same_moment_send_one(acme: Any) -> None:
    """The second finds the day open and the row written."""
    trouble(acme, at(10))
    first, second = digest.candidates(now=at(10)), digest.candidates(now=at(10))
    assert first == second
    assert len(first) == 1
    assert digest.claim(*first[0], now=at(10)) is not None
    assert digest.claim(*second[0], now=at(10)) is None
    assert Event.objects.filter(kind="digest").count() == 1


@pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="threads that share SQLite in memory do not wait for a lock; this runs on PostgreSQL",
)
@pytest.mark.django_db(transaction=True)
def test_runs_at_the_same_moment_send_one(settings: Any) -> None:
    settings.SECURE, settings.TWILIO_AUTH_TOKEN = True, "token"
    User.objects.create_superuser("ops@demo.example", gets_digest=True)
    trouble(factories.make_customer(), at(10))
    at_the_same_moment(lambda: notifications.tell(now=at(10)), times=4)

    assert len(mail.outbox) == Mail.objects.filter(kind="digest").count() == 1
    assert Event.objects.filter(kind="digest").count() == 1


def test_only_staff_who_want_it_and_may_see_it_get_it(acme: Any) -> None:
    trouble(acme, at(10))
    User.objects.create_superuser("not-wanting@demo.example")
    User.objects.create_user("no-rights@demo.example", is_staff=True, gets_digest=True)
    User.objects.create_superuser("gone@demo.example", gets_digest=True, is_active=False)
    User.objects.create_user("no-staff@demo.example", gets_digest=True)
    helper = User.objects.create_user("helper@demo.example", is_staff=True, gets_digest=True)
    helper.user_permissions.set(Permission.objects.filter(codename="view_renewal"))
    assert sorted(message.to[0] for message in digests(at(10))) == [
        "helper@demo.example",
        "ops@demo.example",
    ]


def test_nobody_who_wants_it_means_nothing_happens(acme: Any) -> None:
    User.objects.update(gets_digest=False)
    trouble(acme, at(10))
    assert digests(at(10)) == []
    assert not Event.objects.filter(kind="digest").exists()


def test_a_quiet_day_is_told_on_mondays_only(ops: User) -> None:
    [monday] = digests(at(9))
    assert monday.subject == "Number registrations, 2026-11-09: all quiet"
    assert "Nothing needs a person." in monday.body
    assert digests(at(9, 8)) == []
    for day in (10, 11, 12, 13, 14, 15):
        assert digests(at(day)) == []
    assert len(digests(at(16))) == 1


def test_what_happens_after_a_quiet_morning_waits_for_the_next(acme: Any) -> None:
    assert digests(at(10)) == []
    trouble(acme, at(10, 9))
    assert digests(at(10, 10)) == []
    assert len(digests(at(11))) == 1


def test_a_mail_server_that_is_away_gets_it_later(acme: Any, settings: Any) -> None:
    trouble(acme, at(10))
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Away"
    assert digests(at(10)) == []
    assert Mail.objects.get(kind="digest").result == Mail.Result.FAILED
    settings.EMAIL_BACKEND = works
    assert len(digests(at(10, 7, 10))) == 1
    assert digests(at(10, 7, 20)) == []
    assert Event.objects.get(kind="digest").told_at is not None


def test_what_could_not_be_sent_all_day_is_given_up(acme: Any, settings: Any) -> None:
    trouble(acme, at(10))
    settings.EMAIL_BACKEND = f"{__name__}.Away"
    digests(at(10))
    User.objects.update(gets_digest=True)
    digest.candidates(now=at(11, 8))
    assert Mail.objects.get(kind="digest").result == Mail.Result.OVERTAKEN


def test_its_failure_keeps_no_customer_waiting(
    acme: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**values: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(digest, "candidates", broken)
    notifications.tell(now=at(10))
    assert "the digest could not be told" in caplog.text


def test_it_is_written_in_the_language_of_its_reader(acme: Any) -> None:
    User.objects.update(language="de")
    trouble(acme, at(10))
    assert digest.candidates(now=at(10))
    [pair] = digest.candidates(now=at(10))
    claimed = digest.claim(*pair, now=at(10))
    assert claimed is not None
    assert claimed.language == "de"


# --- What it says --------------------------------------------------------------------------------


def test_new_rejections_are_in_it_and_old_ones_are_not(acme: Any) -> None:
    renewal = factories.german_renewal(acme, now=at(8), days=60, state="rejected", moved_at=at(9))
    factories.make_event(renewal, "rejected", at=at(9, 12))
    text = body(at(10))
    assert "Turned down since the last digest (1)" in text
    assert f"Acme GmbH · {renewal.reference} · turned down" in text
    assert address(renewal) in text
    assert digests(at(11)) == []


def test_late_ones_are_in_it(acme: Any) -> None:
    late = factories.german_renewal(acme, now=at(10), days=1, moved_at=at(10))
    gone = factories.german_renewal(acme, now=at(10), days=-1, moved_at=at(10))
    sent = factories.german_renewal(acme, now=at(10), days=1, state="in_review", moved_at=at(10))
    text = body(at(10))
    assert "Late, and not sent yet (2)" in text
    assert f"{late.reference} · expires on" in text
    assert f"{gone.reference} · expired on" in text
    assert sent.reference not in text


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "needs_info", "trouble": "refused-22229"},
        {"state": "copied", "moved_at": at(10, 5)},
        {"state": "approved", "moved_at": at(10, 5)},
        {"state": "needs_info", "next_look_at": at(10, 5)},
    ],
)
def test_stuck_ones_are_in_it(acme: Any, fields: dict[str, Any]) -> None:
    renewal = trouble(acme, at(10), **{"trouble": "", **fields})
    text = body(at(10))
    assert "Stuck, or in need of a person (1)" in text
    assert f"Acme GmbH · {renewal.reference} · {renewal.state}, {renewal.trouble or '-'}" in text
    assert address(renewal) in text


@pytest.mark.parametrize("name", ["", "refused-22216"])
def test_a_failure_before_the_first_step_is_in_it(acme: Any, name: str) -> None:
    bundle = factories.make_bundle(acme, now=at(10), days=60)
    renewal = factories.make_renewal(
        bundle, now=at(10), state="detected", opened_at=at(10, 4), trouble=name
    )
    assert renewal.copy_sid == ""
    assert f"{renewal.reference} · detected, {name or '-'}" in body(at(10))


def test_mails_that_did_not_arrive_are_in_it_by_company_and_not_by_person(acme: Any) -> None:
    ada = factories.make_user("ada@acme.example", name="Ada", customer=acme)
    renewal = factories.german_renewal(acme, now=at(9), days=60, moved_at=at(9))
    row = {"recipient": ada, "customer": acme, "renewal": renewal, "kind": "found"}
    kept = Mail.objects.create(key="a", result="undelivered", tried_at=at(9, 12), **row)
    Mail.objects.create(key="b", result="tried", tried_at=at(9, 12), **row)
    Mail.objects.create(key="c", result="undelivered", tried_at=at(2), **row)
    Mail.objects.create(key="d", result="sent", tried_at=at(9, 12), **row)
    text = body(at(10))
    assert "Mails that did not arrive (2)" in text
    assert f"Acme GmbH · {renewal.reference} · update needed · undelivered" in text
    assert reverse("admin:compliance_mail_change", args=[kept.pk]) in text
    assert "ada@" not in text
    assert "Ada" not in text


def test_a_copy_that_somebody_else_made_is_in_it(acme: Any) -> None:
    renewal = factories.german_renewal(acme, now=at(9), days=60, moved_at=at(9))
    factories.make_event(renewal, "copy-of-somebody-else", at=at(9, 12))
    text = body(at(10))
    assert "Left over at Twilio (1)" in text
    assert f"Acme GmbH · {renewal.reference} · copy-of-somebody-else" in text


def test_a_mail_that_was_too_young_yesterday_is_in_it(acme: Any) -> None:
    renewal = factories.german_renewal(acme, now=at(9), days=60, moved_at=at(9))
    digests(at(9))
    row = {"customer": acme, "renewal": renewal, "kind": "found"}
    Mail.objects.create(key="a", result="tried", tried_at=at(9, 6, 30), **row)
    assert "Mails that did not arrive (1)" in body(at(10))


def test_what_is_left_over_and_waits_for_a_decision_is_in_it_as_one_line(acme: Any) -> None:
    renewal = factories.german_renewal(acme, now=at(9), days=60, moved_at=at(9))
    digests(at(9))
    # What Twilio keeps because a bundle holds it is tried again, and nobody's business.
    factories.make_event(renewal, "item-kept", at=at(9, 12))
    for day, sid, why in (
        (2, "BU1", Stray.Why.NOT_A_DRAFT),
        (9, "BU2", Stray.Why.UNPROVEN),
        (9, "RD3", Stray.Why.REFUSED),
        (9, "RD4", Stray.Why.IN_USE),
        (9, "RD5", Stray.Why.DOOMED),
    ):
        seen = {"found_at": at(day, 12), "seen_at": at(day, 12)}
        Stray.objects.create(account=renewal.bundle.account, sid=sid, why=why, **seen)
    text = body(at(10))
    assert "Left over at Twilio (1)" in text
    assert "2 things were found that wait for a decision" in text
    assert reverse("admin:compliance_renewal_left_over") in text


def test_what_is_wrong_with_the_installation_is_in_it(ops: User, settings: Any) -> None:
    account = factories.make_account(
        is_main=True, unreachable_since=at(9), unreachable_because="wrong credentials"
    )
    jobs.beat_spoke(now=at(10, 5))
    jobs.ended("poll", now=at(10, 5))
    jobs.ended("tell", now=at(10))
    settings.SECURE, settings.TWILIO_AUTH_TOKEN = False, ""
    factories.make_bundle(None, now=at(10), days=20)
    text = body(at(10))
    assert "The installation (6)" in text
    assert f"{account.sid} does not answer: wrong credentials" in text
    assert reverse("admin:compliance_account_change", args=[account.pk]) in text
    assert "beat has been silent since 2026-11-10 05:00 UTC" in text
    assert "poll has been silent since 2026-11-10 05:00 UTC" in text
    assert "PUBLIC_URL is not https" in text
    assert "TWILIO_AUTH_TOKEN is missing" in text
    assert "1 bundle with a deadline belongs to nobody" in text
    assert reverse("admin:compliance_bundle_unassigned") in text
    Account.objects.update(active=False)


def test_plain_text_and_html_say_the_same(acme: Any) -> None:
    renewal = trouble(acme, at(10))
    [message] = digests(at(10))
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    for text in (message.body, html):
        assert "Stuck, or in need of a person (1)" in text
        assert renewal.reference in text
        assert address(renewal) in text
    assert f'<a href="{address(renewal)}">' in html


def test_a_long_section_says_how_many_more_there_are(acme: Any) -> None:
    for _ in range(digest.LINES + 3):
        trouble(acme, at(10))
    [message] = digests(at(10))
    text = message.body
    assert message.subject.endswith(f"{digest.LINES + 3} things to look at")
    assert f"({digest.LINES + 3})" in text
    assert text.count("CMP-") == digest.LINES
    assert "And 3 more." in text


def test_its_settings_are_checked(settings: Any) -> None:
    settings.DIGEST_HOUR, settings.DIGEST_TIME_ZONE = 24, "Mars/Base"
    assert {found.id for found in operations()} == {"portal.E026", "portal.E027"}
