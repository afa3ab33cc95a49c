"""However it goes, every renewal ends or waits for somebody, and nothing happens twice."""

import os

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from compliance.models import User
from tests.engine.conftest import world
from tests.walks.life import Life
from tests.wire import shortened
from tests.world import World

__all__ = ["world"]  # a fixture

STEPS = 200
# PostgreSQL takes several times as long for what is in memory on SQLite.
AT_FIRST = {"sqlite": 20_000, "postgresql": 2_000}


@pytest.mark.django_db
def test_however_it_goes_somebody_can_go_on(world: World) -> None:
    world.people()
    User.objects.create_user("sam@desk.example", is_staff=True)
    steps = int(os.environ.get("WALK_STEPS", AT_FIRST[connection.vendor]))
    Life.world = world
    with shortened(world.sandbox):
        walk(steps)


def walk(steps: int) -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=steps // STEPS,
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            # A failure prints its steps; making them fewer would take longer than reading them.
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
