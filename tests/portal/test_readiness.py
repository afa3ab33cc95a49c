"""What readiness says of each part, and to whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from compliance import jobs, tasks
from compliance.models import Account, Pulse
from portal.celery import note_that_the_timetable_spoke
from tests import factories
from tests.patience import PATIENCE

TOKEN = "a-token-of-more-than-twenty-characters"
WITH_TOKEN = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}


@pytest.fixture
def alive(db: None, settings: Any) -> Account:
    """Everything gave a sign a moment ago."""
    settings.OPERATIONS_TOKEN = TOKEN
    now = timezone.now()
    jobs.worker_worked(now=now)
    jobs.beat_spoke(now=now)
    return factories.make_account(is_main=True, polled_at=now)


def parts(client: Client, status: int = 200) -> Any:
    answer = client.get("/readyz", **WITH_TOKEN)
    assert answer.status_code == status, answer.content
    return answer.json()["parts"]


def test_all_is_ready_with_the_state_and_age_of_each_part(alive: Account, client: Client) -> None:
    found = parts(client)
    assert set(found) == {"database", "schema", "broker", "worker", "beat", "twilio"}
    assert {part["state"] for part in found.values()} == {"ok"}
    assert all(0 <= part["age"] < PATIENCE for part in found.values())


@pytest.mark.parametrize("process", ["worker", "beat"])
def test_a_process_that_has_gone_silent_is_told(
    alive: Account, client: Client, process: str
) -> None:
    Pulse.objects.filter(name=process).update(at=timezone.now() - timedelta(hours=1))
    found = parts(client, 503)
    assert found[process]["state"] == "away"
    assert found[process]["age"] >= 3600
    Pulse.objects.filter(name=process).delete()
    assert parts(client, 503)[process]["state"] == "never seen"


def test_a_broker_that_does_not_answer_is_told(
    alive: Account, client: Client, settings: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert parts(client, 503)["broker"]["state"] == "away"


def test_twilios_silence_is_told_but_keeps_nobody_away(alive: Account, client: Client) -> None:
    Account.objects.update(unreachable_since=timezone.now(), unreachable_because="credentials")
    found = parts(client, 200)["twilio"]
    assert found["state"] == "away"
    assert "credentials" in found["detail"]


def test_without_the_database_nothing_is_ready(
    alive: Account, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        answer = client.get("/readyz", **WITH_TOKEN)
    assert (answer.status_code, answer.json()) == (503, {"ready": False})


def test_details_are_for_staff_and_for_who_brings_the_token(
    alive: Account, client: Client, settings: Any
) -> None:
    assert client.get("/readyz").json() == {"ready": True}
    assert client.get("/readyz", HTTP_AUTHORIZATION="Bearer wrong").json() == {"ready": True}
    client.force_login(factories.make_user(customer=factories.make_customer()))
    assert "parts" not in client.get("/readyz").json()
    client.force_login(factories.make_user(staff=True))
    assert "parts" in client.get("/readyz").json()
    settings.STAFF_SECOND_FACTOR = True
    assert "parts" not in client.get("/readyz").json()
    client.logout()
    settings.OPERATIONS_TOKEN = ""
    assert client.get("/readyz", HTTP_AUTHORIZATION="Bearer ").json() == {"ready": True}


def test_each_task_is_a_sign_of_the_worker_and_a_good_end_is_one_of_its_job(db: None) -> None:
    tasks.sweep.apply()
    assert set(Pulse.objects.values_list("name", flat=True)) == {"worker", "sweep"}
    tasks.advance.apply(args=[0])
    tasks.sync_account.apply(args=[0])
    assert set(Pulse.objects.values_list("name", flat=True)) == {"worker", "sweep"}


@pytest.mark.django_db(transaction=True)
def test_the_timetables_message_is_its_sign_of_life() -> None:
    note_that_the_timetable_spoke()
    assert Pulse.objects.get().name == "beat"


def test_a_sign_that_comes_soon_after_another_writes_nothing(
    db: None, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    jobs.worker_worked(now=now)
    jobs.worker_worked(now=now + timedelta(seconds=1))
    assert Pulse.objects.get().at == now
    jobs.worker_worked(now=now + timedelta(seconds=9))
    assert Pulse.objects.get().at == now + timedelta(seconds=9)


def test_a_job_is_silent_after_three_of_its_turns(db: None) -> None:
    now = timezone.now()
    jobs.ended("sync", now=now)
    jobs.ended("something-else", now=now)
    [sync] = [job for job in jobs.timetable() if job.at]
    assert sync.name == "sync"
    assert not sync.is_silent(now=now + timedelta(hours=3))
    assert sync.is_silent(now=now + timedelta(hours=4))


def test_what_looks_after_a_container_asks_for_its_process_alone(alive: Account) -> None:
    call_command("check_process", "worker")
    Pulse.objects.filter(name="beat").update(at=timezone.now() - timedelta(minutes=5))
    call_command("check_process", "worker")
    with pytest.raises(CommandError, match="beat gives no sign of life"):
        call_command("check_process", "beat")


def test_a_web_process_says_that_it_lives_whatever_is_away(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its database nor the name by which it is called matters: a probe has its number."""

    def away(*args: Any) -> None:
        raise DatabaseError

    settings.ALLOWED_HOSTS = ["numbers.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        answer = client.get("/livez", headers={"host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")
