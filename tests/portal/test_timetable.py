"""The timetable names tasks that there are, as often as the installation wants them."""

from compliance import tasks
from portal.timetable import entries


def test_every_entry_names_a_task_that_there_is() -> None:
    named = {entry["task"] for entry in entries(sweep=3, poll=7).values()}

    assert named <= {getattr(task, "name", None) for task in vars(tasks).values()}


def test_sweep_and_poll_come_as_often_as_the_installation_says() -> None:
    found = entries(sweep=3, poll=7)

    assert (found["sweep"]["schedule"], found["poll"]["schedule"]) == (3, 7)
