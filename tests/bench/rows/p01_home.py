"""P1: the list of 25 registrations, and the queries that it asks."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.bench import world
from tests.bench.answers import assert_same, without_secrets
from tests.bench.figures import Figure, compared, counted, in_turn
from tests.bench.floors import home as floor
from tests.bench.row import Bench, Row


@dataclass(frozen=True)
class Size:
    """:param more: registrations of another company, whose list must ask no more queries."""

    registrations: int
    more: int
    times: int


def run(bench: Bench, size: Size) -> Iterator[Figure]:
    now = timezone.now()
    few, many = world.customers(2)
    world.registrations(size.registrations, [few], now=now)
    world.registrations(size.more, [many], now=now)
    ada = world.signed_in(world.editor_of(few))
    bob = world.signed_in(world.editor_of(many, "bob@many.example"))
    with override_settings(ROOT_URLCONF=floor.__name__):
        floor.learn_the_frame(ada)
        assert_same(page(ada, "/"), page(ada, floor.ADDRESS))
        ours, its = in_turn(
            lambda: ada.get("/"),
            lambda: ada.get(floor.ADDRESS),
            rounds=bench.rounds,
            times=size.times,
            clock=time.process_time,
        )
    yield compared(f"home, {size.registrations} registrations: CPU", ours, its, unit="s", at_most=2)
    for client, number in ((ada, size.registrations), (bob, size.more)):
        yield counted(
            f"home, {number} registrations: queries", queries(client), unit="queries", at_most=6
        )


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return without_secrets(response.content.decode())


def queries(client: Client) -> int:
    # The first after half a minute notes that somebody is there.
    client.get("/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/")
    return len(captured)


ROW = Row(
    name="P1",
    title="the list of registrations",
    run=run,
    full=Size(registrations=25, more=250, times=40),
    smoke=Size(registrations=10, more=20, times=1),
)
