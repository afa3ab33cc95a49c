"""P4: the bundles of an account read into the mirror, against raw pages and bulk statements."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from compliance import accounts
from compliance.models import Bundle
from compliance.sync import bundles
from tests.bench import stub, world
from tests.bench.answers import assert_same
from tests.bench.figures import Figure, compared, counted, seconds
from tests.bench.floors import sync as floor
from tests.bench.memory import peak_megabytes
from tests.bench.row import Bench, Row

ROUNDS = 5


def run(bench: Bench, size: int) -> Iterator[Figure]:
    account = world.main_account()
    with stub.running(size) as twilio, override_settings(TWILIO_BASE_URL=twilio.base_url):
        rounds = min(ROUNDS, bench.rounds)

        def ours() -> None:
            mirror(twilio.base_url)

        def fill() -> None:
            floor.fill(twilio.base_url, account.pk)

        def update() -> None:
            floor.update(twilio.base_url, account.pk)

        bench.say("first fill")
        yield compared(
            f"first fill of {size:,} bundles, against bulk insert",
            *measured(ours, fill, rounds, twilio=twilio, before=empty),
            unit="s",
            at_most=2,
        )
        bench.say("nothing has changed")
        yield compared(
            f"sync of {size:,} bundles, none changed",
            *measured(ours, update, rounds, twilio=twilio),
            unit="s",
            at_most=2,
        )
        bench.say("1 % has changed")
        versions = count(1)
        yield compared(
            f"sync of {size:,} bundles, 1 % changed",
            *measured(
                ours,
                update,
                rounds,
                twilio=twilio,
                before=lambda: twilio.set_version(next(versions)),
            ),
            unit="s",
            at_most=2,
        )
        twilio.calls()
        ours()
        pages = -(-size // stub.PAGE)
        yield counted(
            f"sync of {size:,} bundles: calls", twilio.calls(), floor=pages, unit="calls",
            at_most=pages + 1,
        )  # fmt: skip
        for what, before in (("none changed", None), ("first fill", empty)):
            if before:
                before()
            peak = peak_megabytes(f"{__name__}:mirror", twilio.base_url)
            assert Bundle.objects.count() == size
            yield counted(f"sync of {size:,} bundles, {what}: memory", peak, unit="MB", at_most=200)


def empty() -> None:
    """At once: nothing hangs on these bundles."""
    Bundle.objects.all()._raw_delete("default")


def mirror(base_url: str) -> None:
    settings.TWILIO_BASE_URL = base_url
    account = accounts.main_account()
    bundles.mirror(accounts.connect(account), account, now=timezone.now())


def measured(
    ours: Callable[[], None],
    its: Callable[[], None],
    rounds: int,
    *,
    twilio: stub.Stub,
    before: Callable[[], object] = lambda: None,
) -> tuple[list[float], list[float]]:
    """Seconds of each, in turn, each from the same beginning; and that both leave the same."""
    taken: tuple[list[float], list[float]] = ([], [])
    left = []
    for number in range(rounds + 1):
        for which in (0, 1) if number % 2 else (1, 0):
            before()
            taken[which].append(seconds((ours, its)[which]))
            if number == 0:
                left.append(_unversioned(floor.content(), twilio.version))
    assert_same(*left)
    # The first of each was to warm up.
    return taken[0][1:], taken[1][1:]


def _unversioned(rows: list[tuple[Any, ...]], version: int) -> str:
    """The version goes on from one to the other; everything else is the same."""
    lines = []
    for sid, regulation, name, *more, changed, account in rows:
        base, marked, number = name.partition(" v")
        if marked:
            assert int(number) == version, (name, version)
            changed -= timedelta(seconds=version)
        lines.append(f"{sid} {regulation} {base} {more} {changed} {account}")
    return "\n".join(lines)


ROW = Row(name="P4", title="sync of many bundles", run=run, full=100_000, smoke=1200)
