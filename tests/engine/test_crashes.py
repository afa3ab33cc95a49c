"""Whatever call breaks, before or after Twilio did the work, the renewal ends in the same place."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from compliance.answers import checklist_of
from compliance.models import Event, Renewal
from compliance.sandbox import seed
from tests.wire import shortened
from tests.world import World

State = Renewal.State
KEY = "lumiere-fr-local"
SID = re.compile(r"(?<=[A-Z]{2})[0-9a-f]{32}")


def until_it_rests(world: World) -> Renewal:
    """Work as the sweep would, whenever the renewal is due, however long it takes."""
    for _ in range(30):
        renewal = world.work(KEY)
        if renewal.next_look_at is None:
            return renewal
        world.later(seconds=max(1.0, (renewal.next_look_at - world.clock()).total_seconds()))
    raise AssertionError(f"never rests: {renewal.state} {renewal.delayed_because}")


def nothing() -> None:
    pass


def tell(
    world: World, *, at_first: Callable[[], None] = nothing, later: Callable[[], None] = nothing
) -> Renewal:
    """The longest way: an address, three documents, a refusal, a replacement, an approval.

    ``at_first`` and ``later`` happen at the start and after the refusal.
    """
    at_first()
    renewal = until_it_rests(world)
    for task in checklist_of(renewal).tasks:
        world.save(KEY, task)
    renewal = until_it_rests(world)
    assert renewal.state == State.READY, (renewal.state, renewal.trouble, checklist_of(renewal))
    world.submit(KEY)
    renewal = until_it_rests(world)
    copy = world.at_twilio(renewal.copy_sid)
    refused = next(d["sid"] for d in copy["documents"] if d["type"] == "power_of_attorney")
    verdict = {"sid": refused, "code": 18002, "reason": "Too dark."}
    world.control(f"bundles/{renewal.copy_sid}/reject", reason="", documents=[verdict])
    world.due(KEY)
    renewal = until_it_rests(world)
    assert renewal.state == State.REJECTED, (renewal.state, renewal.trouble)
    later()
    for task in checklist_of(renewal).tasks:
        world.save(KEY, task)
    renewal = until_it_rests(world)
    assert renewal.state == State.READY, (renewal.state, renewal.trouble, checklist_of(renewal))
    world.submit(KEY)
    renewal = until_it_rests(world)
    assert renewal.state == State.IN_REVIEW, (renewal.state, renewal.trouble)
    world.control(f"bundles/{renewal.copy_sid}/approve")
    world.due(KEY)
    return until_it_rests(world)


def shape(entry: dict[str, Any]) -> tuple[str, str]:
    return entry["method"], f"/{entry['host']}{SID.sub('[0-9a-f]{32}', entry['path'])}"


def effects(world: World, method: str, ending: str) -> int:
    """How often Twilio did the work, heard of or not."""
    return sum(
        entry["method"] == method
        and entry["path"].endswith(ending)
        and (entry["status"] in (200, 201, 204) or entry["fault"] == "drop_after")
        for entry in world.requests()
    )


def assert_told(world: World, renewal: Renewal, numbers: list[str]) -> None:
    assert renewal.state == State.COMPLETED, (renewal.state, renewal.trouble)
    original = world.at_twilio(seed.BUNDLES[KEY])
    assert original["valid_until"] is None
    assert original["copies"] == []
    assert original["numbers"] == numbers
    assert len(original["end_users"]) == 1
    assert len(original["documents"]) == 3
    assert not world.strays()
    assert effects(world, "POST", "/Copies") == 1
    assert effects(world, "POST", "/ReplaceItems") == 1
    submissions = [
        entry
        for entry in world.requests()
        if entry["fields"].get("Status") == ["pending-review"]
        and (entry["status"] == 200 or entry["fault"] == "drop_after")
    ]
    assert len(submissions) == 2
    assert Event.objects.filter(renewal=renewal, kind="sent").count() == 2


@pytest.fixture
def calls(world: World) -> list[tuple[str, str]]:
    """Each different call of the story, in order, from a run in which nothing breaks."""
    world.people()
    world.sync()
    world.control_delete("requests")
    numbers = world.at_twilio(seed.BUNDLES[KEY])["numbers"]
    assert_told(world, tell(world), numbers)
    return list(dict.fromkeys(shape(entry) for entry in world.requests()))


@pytest.mark.parametrize("kind", ["drop_after", "refuse_before"])
@pytest.mark.parametrize("when", ["at_first", "later"])
def test_a_call_that_breaks_anywhere_changes_nothing_in_the_end(
    world: World, calls: list[tuple[str, str]], kind: str, when: str
) -> None:
    assert len(calls) > 15
    with shortened(world.sandbox):
        for method, path in calls:
            world.start_afresh(only=(KEY,))
            numbers = world.at_twilio(seed.BUNDLES[KEY])["numbers"]
            # What is only read is tried twice before it breaks.
            times = 2 if method == "GET" else 1
            fault = partial(world.fault, kind, method=method, path=f"^{path}$", times=times)
            try:
                assert_told(world, tell(world, **{when: fault}), numbers)
            except AssertionError as error:
                raise AssertionError(f"{kind} {when} at {method} {path}") from error
