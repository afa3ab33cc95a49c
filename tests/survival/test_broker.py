"""The broker refuses, is silent, forgets: pages answer, workers come back, nothing is lost."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import kombu
import pytest
import requests
from django.utils import timezone
from kombu import Connection, Consumer, Queue
from kombu.transport import redis as transport
from redis import Redis

from compliance import tasks
from compliance.breaker import REST_SECONDS, Breaker
from portal.broker import ForgivingQoS
from portal.celery import app
from tests import servers
from tests.conftest import cannot_run
from tests.factories import german_renewal, make_customer
from tests.serving import Portal, kill
from tests.survival.proxy import Proxy
from tests.survival.waiting import SECONDS, await_, back, say

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "only-for-tests-only-for-tests"


@pytest.fixture
def redis_url() -> str:
    try:
        return servers.redis_url()
    except servers.Missing as missing:
        cannot_run(str(missing))


# --- The worker's guard -------------------------------------------------------------------------


def closed_after_a_reset(url: str) -> None:
    """What a worker does when its connection is reset while it has a message in hand: the
    connection is collected, which the reset breaks off, then the other channels are closed."""
    connection = Connection(url)
    holding = connection.channel()
    queue = Queue("survival", auto_delete=True)
    with connection.Producer() as producer:
        producer.publish({}, routing_key="survival", declare=[queue])
    held: list[object] = []
    consumer = Consumer(holding, [queue], callbacks=[lambda body, message: held.append(message)])
    consumer.consume()
    connection.drain_events(timeout=SECONDS)
    assert held
    last = connection.channel()

    def reset() -> None:
        raise ConnectionResetError

    last.close = reset
    connection.collect()
    holding.close()


def test_a_reset_with_a_message_in_hand_does_not_end_the_worker(redis_url: str) -> None:
    assert transport.Channel.QoS is ForgivingQoS
    closed_after_a_reset(redis_url)


def test_without_the_guard_it_would(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once this fails, kombu has been mended and the guard can go."""
    monkeypatch.setattr(transport.Channel, "QoS", transport.QoS)
    with pytest.raises(AttributeError, match="hostname"):
        closed_after_a_reset(redis_url)


def test_another_error_is_not_hidden(monkeypatch: pytest.MonkeyPatch, redis_url: str) -> None:
    connection = Connection(redis_url)
    channel = connection.channel()

    def broken(*args: object) -> None:
        raise AttributeError("something else")

    monkeypatch.setattr(transport.QoS, "restore_unacked_once", broken)
    with pytest.raises(AttributeError, match="something else"):
        channel.qos.restore_unacked_once()


def test_after_a_long_outage_nobody_waits_long_for_the_next_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[float] = []

    def ensure(self: object, *args: object, interval_max: float = 30, **more: object) -> None:
        asked.append(interval_max)

    monkeypatch.setattr(kombu.Connection, "ensure_connection", ensure)
    app.connection_for_read().ensure_connection(None, None, callback=None)
    assert asked == [10]


def test_the_settings_in_force_are_those_that_were_measured() -> None:
    code = "import json; from portal.celery import app; print(json.dumps({n: app.conf[n] for n in "
    names = (
        "task_ignore_result", "task_acks_late", "task_reject_on_worker_lost", "task_publish_retry",
        "task_soft_time_limit", "task_time_limit", "worker_prefetch_multiplier",
        "worker_cancel_long_running_tasks_on_connection_loss", "worker_soft_shutdown_timeout",
        "broker_connection_retry_on_startup", "broker_connection_max_retries",
        "task_serializer", "accept_content", "result_backend", "broker_transport_options",
    )  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-c", f"{code}{names!r}}}))"],
        cwd=ROOT,
        env={**os.environ, "REDIS_URL": "redis://127.0.0.1:9/0"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout) == {
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_publish_retry": False,
        "task_soft_time_limit": 90,
        "task_time_limit": 120,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_soft_shutdown_timeout": 20,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "task_serializer": "json",
        "accept_content": ["json"],
        "result_backend": None,
        "broker_transport_options": {
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
        },
    }


# --- Pages --------------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_workers_that_cannot_keep_up_get_no_more_hints(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "SWEEP_AT_MOST", 2)
    now = timezone.now()
    for _ in range(3):
        german_renewal(make_customer(), now=now, next_look_at=now)
    app.control.purge()
    tasks.sweep()
    assert tasks.messages_waiting() == 2
    tasks.sweep()
    assert tasks.messages_waiting() == 2
    assert app.control.purge() == 2
    tasks.sweep()
    assert tasks.messages_waiting() == 2


def test_nobody_waits_twice_for_a_broker_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, tries = Clock(), []

    def delay(pk: int) -> None:
        tries.append(pk)
        raise OSError

    monkeypatch.setattr(tasks, "_broker", Breaker(OSError, says="away", clock=clock))
    monkeypatch.setattr(tasks.advance, "delay", delay)
    for pk in range(5):
        tasks.nudge(pk)
    assert tries == [0]


def test_whoever_tries_it_again_does_not_wait_and_one_success_is_enough() -> None:
    clock = Clock()
    breaker = Breaker(OSError, says="away", clock=clock)
    asked, goes_on = [], []

    def fails() -> str:
        asked.append("fails")
        raise OSError

    def hangs() -> str:
        asked.append("hangs")
        await_(lambda: bool(goes_on))
        return "late"

    assert breaker.ask(fails, instead="-") == "-"
    clock.now = REST_SECONDS
    # Returns although the question is still open; meanwhile nobody else asks.
    assert breaker.ask(hangs, instead="-") == "-"
    assert breaker.ask(fails, instead="-") == "-"
    goes_on.append(True)
    await_(lambda: breaker.ask(lambda: "yes", instead="-") == "yes")
    assert asked == ["fails", "hangs"]


# --- The whole portal ---------------------------------------------------------------------------


@pytest.fixture
def proxy(redis_url: str) -> Iterator[Proxy]:
    parts = urlsplit(redis_url)
    with Proxy(str(parts.hostname), int(parts.port or 6379)) as proxy:
        yield proxy


@pytest.mark.processes
def test_pages_answer_and_workers_come_back_whatever_happens_to_redis(
    running_portal: Callable[..., Portal], proxy: Proxy, redis_url: str
) -> None:
    url = f"redis://127.0.0.1:{proxy.port}/15"
    portal = running_portal(
        broker="redis", REDIS_URL=url, OPERATIONS_TOKEN=TOKEN, WEB_PROCESSES="1",
        TWILIO_REQUIRE_SIGNATURE="false",
    )  # fmt: skip
    hooks = hook_of(portal)
    back(portal, "at the start", token=TOKEN)
    for name, break_ in (
        ("swallowed", proxy.swallow),
        ("refused", proxy.refuse),
        ("half-open", proxy.half_open),
        ("flushed", Redis.from_url(f"{redis_url.rpartition('/')[0]}/15").flushdb),
    ):
        # Whose first request it is, has not heard of anything yet.
        kill(portal.processes.pop("web"))
        portal.start_web()
        called(hooks)
        before = portal.log("web").count("the broker does not answer")
        began = time.monotonic()
        break_()
        took = [called(hooks) for _ in range(6)]
        elapsed = time.monotonic() - began
        tries = portal.log("web").count("the broker does not answer") - before
        say(f"{name}: {tries} tries, requests took {[round(t, 2) for t in took]} s")
        assert tries <= 1 + elapsed / REST_SECONDS
        if name != "half-open":
            proxy.heal()
        back(portal, name, token=TOKEN)
    forgotten(portal, redis_url)


def forgotten(portal: Portal, redis_url: str) -> None:
    """All that waits in the queue is lost, and with it who was to be looked at."""
    portal.kill_worker()
    due = "from compliance.models import Renewal as R; from django.utils import timezone as t; "
    run = ("shell", "--no-imports", "-c")
    portal.manage(*run, f"{due} R.objects.open().update(next_look_at=t.now())")
    Redis.from_url(f"{redis_url.rpartition('/')[0]}/15").flushdb()
    portal.start_worker()
    left = f"{due} print(R.objects.open().filter(next_look_at__lte=t.now()).count())"
    await_(lambda: portal.manage(*run, left).strip() == "0", every=0.5)


def hook_of(portal: Portal) -> str:
    """The address at which Twilio would tell of a renewal; each call of it nudges a worker."""
    code = """
from django.utils import timezone
from compliance import sync
from compliance.callback_address import callback_url
from compliance.models import Customer, Membership, Renewal, User
customer = Customer.objects.create(name="Acme GmbH")
Membership.objects.create(user=User.objects.create_user("ada@acme.example"), customer=customer)
sync.sync(now=timezone.now())
print(callback_url(Renewal.objects.first()))
"""
    return portal.manage("shell", "--no-imports", "-c", code).strip().splitlines()[-1]


def called(url: str) -> float:
    began = time.monotonic()
    answer = requests.post(url, data={"Status": "in-review"}, timeout=SECONDS)
    assert answer.status_code == 204, answer.text
    return time.monotonic() - began
