"""All processes together keep under a number of calls in flight for each account."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from compliance import slots
from compliance.accounts import main_credentials, note_silence
from compliance.gateway import Twilio, Unavailable
from compliance.gateway.transport import client_for
from compliance.models import Account, Renewal
from compliance.sandbox import seed
from compliance.slots import Busy, Slots
from tests import servers
from tests.conftest import cannot_run
from tests.patience import PATIENCE, until
from tests.serving import ROOT, empty_redis
from tests.world import World

KEY = "acme-de-passes"
SID = seed.BUNDLES[KEY]
LIMIT = 3
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(autouse=True)
def _own_client() -> Iterator[None]:
    """Made with this test's settings, and not kept for the next."""
    client_for.cache_clear()
    yield
    client_for.cache_clear()


@pytest.fixture
def redis_url(settings: Any) -> str:
    try:
        settings.REDIS_URL = empty_redis()
    except servers.Missing as missing:
        cannot_run(str(missing))
    return str(settings.REDIS_URL)


@pytest.fixture
def start(world: World) -> Iterator[Start]:
    """``start(threads, calls, NAME="value")`` is a process that calls the sandbox."""
    started: list[subprocess.Popen[str]] = []

    def start(threads: int, calls: int, **env: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.calling", SID, str(threads), str(calls)],
            cwd=ROOT,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "portal.settings",
                "TWILIO_BASE_URL": world.sandbox.base_url,
                "TWILIO_ACCOUNT_SID": seed.ACCOUNT_SID,
                "TWILIO_AUTH_TOKEN": seed.AUTH_TOKEN,
                "TWILIO_READ_TIMEOUT": str(PATIENCE),
                "TWILIO_MAX_CONCURRENCY": str(LIMIT),
            }
            | env,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        with process:
            pass


def two_at_work(start: Start, redis_url: str) -> Counter[str]:
    """Twice four threads with five calls each."""
    processes = [start(4, 5, REDIS_URL=redis_url) for _ in range(2)]
    return sum(
        (Counter(json.loads(process.communicate()[0])) for process in processes), Counter[str]()
    )


# --- Together -----------------------------------------------------------------------------------


def test_two_processes_together_keep_under_the_limit(
    world: World, start: Start, redis_url: str
) -> None:
    world.control("switches", concurrency_limit=LIMIT)
    world.fault("latency", seconds=0.02)
    assert two_at_work(start, redis_url) == {"ok": 40}
    assert not Redis.from_url(redis_url).keys("portal:calls:*")


def test_each_for_itself_they_do_not(world: World, start: Start) -> None:
    """So the test before this one can fail."""
    world.control("switches", concurrency_limit=LIMIT)
    world.fault("latency", seconds=10 * PATIENCE, times=LIMIT)
    first = start(LIMIT, 1, REDIS_URL="")
    until(lambda: sum(entry["fault"] == "latency" for entry in world.requests()) == LIMIT)
    second = start(1, 1, REDIS_URL="")
    assert json.loads(second.communicate()[0]) == {"limit": 1}
    world.clear_faults()
    assert json.loads(first.communicate()[0]) == {"ok": LIMIT}


def test_the_threads_of_one_process_keep_under_it_without_redis(
    world: World, settings: Any
) -> None:
    settings.TWILIO_MAX_CONCURRENCY = LIMIT
    world.control("switches", concurrency_limit=LIMIT)
    world.fault("latency", seconds=0.02)
    twilio = world.twilio()
    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(twilio.bundle, [SID] * 40))) == 40


def test_who_is_killed_leaves_its_place_to_others(
    world: World, start: Start, redis_url: str, settings: Any
) -> None:
    settings.TWILIO_MAX_CONCURRENCY = 1
    world.fault("latency", seconds=10 * PATIENCE, times=1)
    holder = start(
        1, 1, REDIS_URL=redis_url, TWILIO_MAX_CONCURRENCY="1", TWILIO_CONNECT_TIMEOUT="1",
        TWILIO_READ_TIMEOUT="5",
    )  # fmt: skip
    until(world.requests)
    holder.kill()
    holder.wait()
    # It could not tidy up.
    assert Redis.from_url(redis_url).zcard(f"portal:calls:{seed.ACCOUNT_SID}") == 1
    settings.LEASE = timedelta(seconds=10 * PATIENCE)
    assert Twilio(main_credentials()).bundle(SID).sid == SID


def test_it_is_the_turn_of_who_came_first(redis_url: str, settings: Any) -> None:
    settings.TWILIO_MAX_CONCURRENCY = 1
    queue = Slots("AC1")._queue

    def looks(place: str) -> int:
        return int(slots._script(redis_url, slots.LINE_UP)(queue, [place, 1, 60, 60]))

    assert [looks("first"), looks("second"), looks("third")] == [-1, 0, 1]
    assert looks("second") == 0
    Slots("AC1")._leave("first")
    assert [looks("third"), looks("second")] == [0, -1]


def test_accounts_do_not_wait_for_each_other(redis_url: str, settings: Any) -> None:
    settings.TWILIO_MAX_CONCURRENCY = 1
    with Slots("AC1").one(), Slots("AC2").one():
        pass


# --- After a 429 --------------------------------------------------------------------------------


def test_after_a_429_all_of_them_go_slower_for_a_minute(
    world: World, redis_url: str, settings: Any
) -> None:
    settings.TWILIO_MAX_CONCURRENCY = 8
    world.fault("status", status=429, times=2)
    for _ in range(2):
        with pytest.raises(Unavailable):
            Twilio(main_credentials()).bundle(SID)
    limit = f"portal:calls:{seed.ACCOUNT_SID}:limit"
    redis = Redis.from_url(redis_url)
    # Several at the same moment are one.
    assert redis.get(limit) == b"4"
    assert 0 < redis.ttl(limit) <= slots.SLOWER
    redis.expire(limit, slots.SLOWER - slots.AT_ONCE)
    Slots(seed.ACCOUNT_SID).slow_down()
    assert redis.get(limit) == b"2"


def test_slower_means_fewer_and_at_least_one(redis_url: str, settings: Any) -> None:
    settings.TWILIO_MAX_CONCURRENCY = 2
    settings.LEASE = timedelta()
    another = Slots("AC1")
    with Slots("AC1").one():
        with another.one():
            pass
        another.slow_down()
        with pytest.raises(Busy), another.one():
            pass
    with another.one():
        pass


def test_the_longest_rest_that_twilio_names_counts(world: World) -> None:
    world.people()
    world.sync()
    account, now = Account.objects.get(is_main=True), world.clock()
    for seconds in (60, 1):
        note_silence(account, Unavailable("limit", "20429", retry_after=seconds), now=now)
    account.refresh_from_db()
    assert account.paused_until == now + timedelta(seconds=60)


# --- When it is never one's turn ----------------------------------------------------------------


def test_a_step_that_gets_no_turn_in_time_is_put_off(
    world: World, redis_url: str, settings: Any
) -> None:
    """The call was not made, so nothing is known about Twilio, and no try is counted."""
    world.people()
    world.sync()
    settings.TWILIO_MAX_CONCURRENCY = 1
    client_for.cache_clear()
    settings.LEASE = timedelta(seconds=1)
    calls = len(world.requests())
    with Slots(seed.ACCOUNT_SID).one():
        renewal = world.work(KEY)
    assert renewal.state == Renewal.State.DETECTED
    assert (renewal.attempts, renewal.lease_token, renewal.trouble) == (0, "", "")
    assert renewal.next_look_at is not None
    assert renewal.delayed_because
    account = renewal.bundle.account
    assert (account.unreachable_since, account.paused_until) == (None, None)
    assert len(world.requests()) == calls
    settings.LEASE = timedelta(minutes=5)
    world.later(minutes=1)
    assert world.work(KEY).state == Renewal.State.READY


def test_nobody_waits_for_ever_for_another_thread(settings: Any) -> None:
    settings.TWILIO_MAX_CONCURRENCY = 1
    settings.LEASE = timedelta()
    crowded = Slots("AC1")
    with crowded.one(), pytest.raises(Busy), crowded.one():
        pass
    with crowded.one():
        pass


# --- When Redis is away -------------------------------------------------------------------------


def test_without_redis_calls_are_made_all_the_same(world: World, settings: Any) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{servers.free_port()}/0"
    assert [Twilio(main_credentials()).bundle(SID).sid for _ in range(3)] == [SID] * 3


def test_redis_may_go_away_while_somebody_waits(
    world: World, redis_url: str, settings: Any, monkeypatch: Any
) -> None:
    settings.TWILIO_MAX_CONCURRENCY = 1
    settings.LEASE = timedelta(minutes=5)
    away = f"redis://127.0.0.1:{servers.free_port()}/0"

    def goes_away(_seconds: float) -> None:
        settings.REDIS_URL = away

    monkeypatch.setattr("compliance.slots.time.sleep", goes_away)
    with Slots(seed.ACCOUNT_SID).one():
        assert Twilio(main_credentials()).bundle(SID).sid == SID
    assert away == settings.REDIS_URL
