"""The admin's first page: its numbers are those of the lists that they lead to."""

import html
import re
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from compliance import jobs, standing, workflow
from compliance.admin import dashboard
from compliance.models import Account, Mail, Renewal, User
from tests.factories import (
    german_renewal,
    make_bundle,
    make_customer,
    make_regulation,
    make_renewal,
    make_user,
)

pytestmark = pytest.mark.django_db
State = Renewal.State


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def ops(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ops@demo.example", name="Olga Ops"))
    return client


@pytest.fixture
def desk(now: datetime) -> None:
    """One of each, and some more."""
    acme, rules = make_customer(), [make_regulation(), make_regulation(country="IE")]
    days = cycle([-3, 1, 5, 12, 33, 120])
    for n, state in enumerate([*State.values, *State.values]):
        bundle = make_bundle(acme, now=now, days=next(days), regulation=rules[n % 2])
        make_renewal(
            bundle,
            now=now,
            state=state,
            trouble="stuck" if n % 5 == 1 and state not in Renewal.ENDED else "",
            rejections=n % 6,
            submitted_at=now if state == State.COMPLETED else None,
            sent_late=n % 3 == 0 if state == State.COMPLETED else None,
        )
    for key, result, hours in (
        ("a", "undelivered", 200),
        ("b", "failed", 0),
        ("c", "tried", 2),
        ("on its way", "tried", 0.5),
        ("fine", "sent", 2),
    ):
        tried_at = now - timedelta(hours=hours)
        Mail.objects.create(key=key, kind="found", result=result, tried_at=tried_at)


LINK = re.compile(r'<a href="(/admin/compliance/(?:renewal|mail)/\?[^"]+)"[^>]*>(?:<b>)?(\d+)')


def test_every_number_is_that_of_its_list(ops: Client, desk: None) -> None:
    text = ops.get("/admin/").content.decode()
    links = [(html.unescape(url), int(count)) for url, count in LINK.findall(text)]

    for url, count in links:
        page = ops.get(url)
        assert page.status_code == 200, url
        assert page.context["cl"].result_count == count, url
    assert len(links) > 30
    assert sum(count for _url, count in links) > 60


def test_mails_that_did_not_arrive_or_may_not_have_are_counted_and_listed(
    ops: Client, desk: None, now: datetime
) -> None:
    [number] = dashboard.undelivered(now=now)
    assert number.count == 3
    listed = ops.get(number.url).context["cl"].result_list
    assert {mail.key for mail in listed} == {"a", "b", "c"}


def test_more_countries_than_are_shown_are_said_to_be_there(ops: Client, now: datetime) -> None:
    acme = make_customer()
    for code in (
        "AT",
        "AU",
        "BE",
        "CH",
        "CZ",
        "DE",
        "ES",
        "FR",
        "GB",
        "IE",
        "IT",
        "JP",
        "NL",
        "PL",
    ):
        rule = make_regulation(country=code)
        make_renewal(make_bundle(acme, now=now, days=40, regulation=rule), now=now)
    found = dashboard.charts(now=now)
    assert len(found.countries) == 12
    assert found.countries_note.startswith("The 12 countries with the most open renewals. 2 more")
    assert 'href="/admin/compliance/renewal/?attention=open">choose' in (
        ops.get("/admin/").content.decode()
    )


def test_the_weeks_hold_all_that_is_open(ops: Client, desk: None, now: datetime) -> None:
    weeks = dashboard.charts(now=now).weeks
    assert sum(bar.count for bar in weeks) == Renewal.objects.open().count()
    assert weeks[0].label == "already passed"
    assert weeks[0].count == Renewal.objects.open().filter(valid_until__lt=now).count()
    assert max(bar.share for bar in weeks) == 100


def test_an_empty_desk_opens_and_says_so(ops: Client) -> None:
    text = ops.get("/admin/").content.decode()
    assert "Nothing is open." in text
    assert "never" in text
    assert "0 / 0" in text


@pytest.mark.usefixtures("attendance_unnoted")
def test_it_takes_the_same_queries_for_few_and_for_many(
    ops: Client, desk: None, now: datetime, django_assert_num_queries: Any
) -> None:
    ops.get("/admin/")
    for _more in range(3):
        with django_assert_num_queries(17):
            ops.get("/admin/")
        german_renewal(make_customer(f"C{_more}"), now=now)


def test_the_charts_of_many_are_counted_once_a_minute(
    ops: Client, desk: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    assert "The charts were counted" not in ops.get("/admin/").content.decode()

    monkeypatch.setattr(dashboard, "MANY", 1)
    first = dashboard.kept_charts(now=now)
    german_renewal(make_customer("One more"), now=now)
    kept = dashboard.kept_charts(now=now + timedelta(minutes=5))
    shown = ops.get("/admin/").content.decode()
    cache.clear()
    fresh = dashboard.kept_charts(now=now)

    assert kept.weeks == first.weeks
    assert kept.counted == "The charts were counted 5 minutes ago."
    assert "The charts were counted" in shown
    assert sum(bar.count for bar in fresh.weeks) == sum(bar.count for bar in first.weeks) + 1
    cache.clear()


def test_what_runs_by_itself_says_when_it_last_did(
    ops: Client, now: datetime, settings: Any
) -> None:
    settings.REDIS_URL = ""
    main = Account.objects.create(sid="AC1", is_main=True, polled_at=now, friendly_name="Main")
    Account.objects.create(
        sid="AC2",
        friendly_name="Silent",
        unreachable_since=now - timedelta(hours=3),
        unreachable_because="401",
    )
    Account.objects.create(sid="AC3", friendly_name="Wrong", test_problem="Twilio says no")
    Account.objects.create(sid="AC4", friendly_name="New")
    bundle = make_bundle(make_customer(), now=now, days=9, account=main)
    make_renewal(bundle, now=now, next_look_at=now - timedelta(minutes=50))
    jobs.worker_worked(now=now)
    jobs.ended("poll", now=now - timedelta(hours=5))

    found = {job.name: job for job in dashboard.timetable(now=now)}
    assert (found["worker"].state, found["worker"].is_fine) == ("just now", True)
    assert (found["beat"].state, found["beat"].is_fine) == ("never", False)
    assert (found["poll"].state, found["poll"].is_fine) == ("5 hours ago", False)
    oldest = found["oldest due look"]
    assert (oldest.state, oldest.is_fine) == ("50 minutes ago", False)
    states = {one.name: (one.state, one.is_fine) for one in dashboard.accounts(now=now)}
    assert states == {
        "Main": ("answers; last poll just now, last sync never", True),
        "Silent": ("does not answer, first noticed 3 hours ago: 401", False),
        "Wrong": ("Twilio says no", False),
        "New": ("not asked yet", True),
    }
    text = ops.get("/admin/").content.decode()
    assert "embedded" in text
    assert "look here" in text


def test_who_may_see_no_renewals_is_told_no_numbers(client: Client, desk: None) -> None:
    user = make_user("sam@demo.example", staff=True)
    client.force_login(user)
    text = client.get("/admin/").content.decode()
    assert "Needs a person" not in text
    assert "Deadlines by week" not in text
    user.user_permissions.add(Permission.objects.get(codename="view_renewal"))
    assert "Needs a person" in client.get("/admin/").content.decode()


def test_whether_it_was_sent_in_time_is_kept_from_the_first_time(now: datetime) -> None:
    ada = make_user("ada@acme.example", customer=(acme := make_customer()))
    renewal = german_renewal(acme, now=now, days=30, state=State.READY)
    workflow.send(renewal, by=ada, now=now)
    assert renewal.sent_late is False
    Renewal.objects.filter(pk=renewal.pk).update(state=State.READY, valid_until=now)
    renewal.refresh_from_db()
    workflow.send(renewal, by=ada, now=now)
    assert renewal.sent_late is False
    assert not Renewal.objects.filter(standing.at_late_risk(now=now)).exists()
