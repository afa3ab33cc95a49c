"""P5: the calls of one poll, however many copies are in review."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from django.test import override_settings
from django.utils import timezone

from compliance import sync
from compliance.models import Account, Renewal
from tests.bench import stub, world
from tests.bench.figures import Figure, counted, seconds
from tests.bench.row import Bench, Row

IN_REVIEW = (Renewal.State.IN_REVIEW,)


def run(bench: Bench, sizes: Sequence[int]) -> Iterator[Figure]:
    account = world.main_account()
    owners = world.customers(10)
    took: dict[str, list[float]] = {"size": [], "y": []}
    with stub.running(2) as twilio, override_settings(TWILIO_BASE_URL=twilio.base_url):
        sync.sync_account(account, now=timezone.now())
        # The poll before this one has seen all there was.
        newest = datetime(2026, 6, 1, tzinfo=UTC)
        Account.objects.filter(pk=account.pk).update(newest_change=newest)
        done = 0
        for number, size in enumerate(sizes, start=1):
            bench.say(f"{size:,} in review")
            now = timezone.now()
            world.registrations(size - done, owners, now=now, states=IN_REVIEW)
            done = size
            polls = [seconds(_poll) for _ in range(bench.rounds)]
            took["size"].append(size)
            took["y"].append(sorted(polls)[len(polls) // 2])
            for what, version in (("nothing has changed", 0), ("a bundle has changed", number)):
                if version:
                    twilio.set_version(version)
                twilio.calls()
                _poll()
                yield counted(
                    f"poll, {size:,} in review, {what}",
                    twilio.calls(),
                    floor=1,
                    unit="calls",
                    at_most=1,
                )
            account.refresh_from_db()
            assert account.newest_change is not None
            assert account.newest_change.second == number, account.newest_change
    yield counted("poll: seconds against copies in review", took["y"][-1], unit="s", raw=took)


def _poll() -> None:
    sync.poll(now=timezone.now())


ROW = Row(
    name="P5",
    title="one poll",
    run=run,
    full=(1_000, 10_000, 100_000),
    smoke=(10, 20),
)
