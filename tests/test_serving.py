"""The whole portal starts, survives the death of its worker, and ends when it is told to."""

from collections.abc import Callable

import pytest

from tests.patience import until
from tests.serving import Portal

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("database", "broker", "worker"),
    [("sqlite", "embedded", "web"), ("postgres", "redis", "worker")],
)
def test_a_killed_worker_comes_back_and_everything_ends_in_order(
    running_portal: Callable[..., Portal], database: str, broker: str, worker: str
) -> None:
    portal = running_portal(database=database, broker=broker)
    await_sweeps(portal, worker, more_than=0)

    portal.kill_worker()
    before = sweeps(portal, worker)
    portal.start_worker()

    await_sweeps(portal, worker, more_than=before)
    portal.stop()
    assert "Traceback" not in portal.log("web")


def sweeps(portal: Portal, worker: str) -> int:
    lines = portal.log(worker).splitlines()
    return sum("tasks.sweep" in line and "succeeded" in line for line in lines)


def await_sweeps(portal: Portal, worker: str, *, more_than: int) -> None:
    until(lambda: sweeps(portal, worker) > more_than, told=lambda: portal.log(worker))
