"""What Prometheus reads."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from redis.exceptions import RedisError

from compliance import jobs, measures
from compliance.breaker import Breaker
from compliance.gateway import Refused, Unavailable
from compliance.gateway.transport import operation
from compliance.models import Mail
from compliance.quick_redis import quick_redis
from compliance.sandbox import Sandbox, seed
from tests import factories, servers
from tests.conftest import cannot_run
from tests.patience import PATIENCE, until
from tests.serving import ROOT, Portal
from tests.world import World

TOKEN = "a-token-of-more-than-twenty-characters"


@pytest.fixture(autouse=True)
def afresh(db: None, settings: Any) -> None:
    settings.OPERATIONS_TOKEN, settings.REDIS_URL = TOKEN, ""
    measures.forget()


def read(client: Client) -> dict[tuple[str, tuple[str, ...]], float]:
    """Each value by its name and its labels' values."""
    answer = client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, tuple(value for _name, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_nobody_reads_them_without_the_token(client: Client, settings: Any) -> None:
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer wrong").status_code == 401
    assert client.get("/metrics", HTTP_AUTHORIZATION=f"Basic {TOKEN}").status_code == 401
    client.force_login(factories.make_user(staff=True))
    assert client.get("/metrics").status_code == 401
    settings.OPERATIONS_TOKEN = ""
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer ").status_code == 404


def test_the_queue_the_jobs_and_the_mails(client: Client) -> None:
    now = timezone.now()
    customer = factories.make_customer()
    factories.german_renewal(customer, now=now, trouble="stuck")
    factories.german_renewal(customer, now=now, days=-1)
    late = factories.make_bundle(customer, now=now, days=9)
    factories.make_renewal(
        late, now=now, state="copied", results=None, next_look_at=now - timedelta(minutes=5)
    )
    Mail.objects.create(key="a", kind="found", result="undelivered")
    jobs.worker_worked(now=now)
    jobs.ended("poll", now=now)

    found = read(client)

    assert found["portal_renewals", ("needs_info",)] == 2
    assert found["portal_renewals", ("copied",)] == 1
    assert found["portal_renewals", ("in_review",)] == 0
    assert found["portal_renewals_in_trouble", ()] == 1
    assert found["portal_renewals_expired", ()] == 1
    assert found["portal_due_looks", ()] == 1
    assert 300 <= found["portal_oldest_due_look_seconds", ()] < 400
    assert found["portal_last_sign_timestamp_seconds", ("worker",)] == pytest.approx(
        now.timestamp()
    )
    assert found["portal_job_last_success_timestamp_seconds", ("poll",)] == pytest.approx(
        now.timestamp()
    )
    assert found["portal_mails", ("mail", "undelivered")] == 1


def test_calls_to_twilio_are_counted_with_what_became_of_them(
    sandbox: Sandbox, settings: Any, client: Client
) -> None:
    settings.TWILIO_BASE_URL = sandbox.base_url
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = seed.ACCOUNT_SID, seed.AUTH_TOKEN
    world = World(sandbox)
    twilio = world.twilio()
    bundle = seed.BUNDLES["acme-de-local"]
    twilio.bundle(bundle)
    world.fault("status", status=500)
    with pytest.raises(Unavailable):
        twilio.bundle(bundle)
    world.clear_faults()
    with pytest.raises(Refused):
        twilio.submit(bundle)

    found = read(client)

    assert found["portal_twilio_calls_total", ("GET Bundles/*", "ok")] == 1
    # It was only to be read, so it was tried twice.
    assert found["portal_twilio_calls_total", ("GET Bundles/*", "server")] == 2
    assert found["portal_twilio_calls_total", ("POST Bundles/*", "refused")] == 1
    assert [key for key in found if key[0] == "portal_twilio_errors_total"]
    assert found["portal_twilio_call_seconds_count", ("GET Bundles/*",)] == 3
    assert found["portal_twilio_call_seconds_bucket", ("+Inf", "GET Bundles/*")] == 3
    assert not [key for key in found if bundle in str(key)]


def test_an_operation_is_named_without_whose_it_is() -> None:
    sid = "BU" + "0a" * 16
    base = "http://127.0.0.1:1/numbers.twilio.com/v2/RegulatoryCompliance"
    assert operation("get", f"{base}/Bundles/{sid}/Copies?Page=1") == "GET Bundles/*/Copies"
    account = "AC" + "0a" * 16
    url = f"https://api.twilio.com/2010-04-01/Accounts/{account}/Addresses.json"
    assert operation("POST", url) == "POST Accounts/*/Addresses"


def test_other_processes_counts_are_seen_through_redis(settings: Any, client: Client) -> None:
    try:
        settings.REDIS_URL = f"{servers.redis_url()}"
    except servers.Missing as missing:
        cannot_run(str(missing))
    quick_redis(settings.REDIS_URL).delete(measures.HASH)
    for seconds in (0.05, 0.3, 99):
        measures.note_call("GET Bundles", "ok", seconds=seconds)
    measures.note_call("GET Bundles", "refused", seconds=0.05, code="22204")
    assert not measures._here
    quick_redis.cache_clear()

    found = read(client)

    assert found["portal_twilio_calls_total", ("GET Bundles", "ok")] == 3
    assert found["portal_twilio_errors_total", ("22204",)] == 1
    assert found["portal_twilio_call_seconds_bucket", ("0.1", "GET Bundles")] == 2
    assert found["portal_twilio_call_seconds_bucket", ("20.0", "GET Bundles")] == 3
    assert found["portal_twilio_call_seconds_count", ("GET Bundles",)] == 4


def test_without_redis_nothing_waits_and_nothing_fails(
    settings: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    monkeypatch.setattr(measures, "_count", Breaker(OSError, RedisError, says="away"))
    measures.note_call("GET Bundles", "ok", seconds=0.1)
    asked = []
    monkeypatch.setattr(measures, "quick_redis", asked.append)
    measures.note_call("GET Bundles", "ok", seconds=0.1)
    assert asked == []
    monkeypatch.undo()
    assert measures.read() == {}


@pytest.mark.processes
@pytest.mark.parametrize(("database", "broker"), [("sqlite", "embedded"), ("postgres", "redis")])
def test_what_worker_and_timetable_do_is_seen_where_the_pages_are_served(
    running_portal: Callable[..., Portal], database: str, broker: str
) -> None:
    portal = running_portal(
        database=database, broker=broker, OPERATIONS_TOKEN=TOKEN, LOG_FORMAT="json"
    )

    def ask(path: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return requests.get(f"{portal.base_url}{path}", headers=headers, timeout=PATIENCE)

    def states() -> set[str]:
        parts = ask("/readyz").json()["parts"]
        return {parts[name]["state"] for name in ("database", "broker", "worker", "beat")}

    # Else its first turn comes after an hour.
    portal.manage("shell", "-c", "from compliance.tasks import sync; sync()")
    called = 'portal_twilio_calls_total{operation="GET Bundles",outcome="ok"}'
    ran = 'portal_job_last_success_timestamp_seconds{job="sweep"}'
    until(
        lambda: all(said in ask("/metrics").text for said in (called, ran)) and states() == {"ok"},
        told=lambda: portal.log("web"),
    )

    # The last line may be half of one.
    *worker, _rest = portal.log("worker" if broker == "redis" else "web").split("\n")
    done = [json.loads(line) for line in worker if "succeeded in" in line]
    assert {line["logger"] for line in done} == {"celery.app.trace"}
    assert requests.get(f"{portal.base_url}/metrics", timeout=PATIENCE).status_code == 401


def test_the_readme_names_no_figure_that_is_not_there(client: Client) -> None:
    """An alarm on a figure that does not exist never rings."""
    factories.make_account(is_main=True, polled_at=timezone.now())
    jobs.worker_worked(now=timezone.now())
    jobs.ended("sync", now=timezone.now())
    text = client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}").content.decode()
    there = set(re.findall(r"(?m)^# TYPE (\S+) ", text))
    named = set(re.findall(r"\bportal_[a-z_]+(?=\{| [<>=])", (ROOT / "README.md").read_text()))
    assert len(there) >= 10
    assert set() < named <= there
