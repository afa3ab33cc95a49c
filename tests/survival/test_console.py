"""Somebody finishes the job in Twilio's Console, at every stage of ours: the renewal ends, what
they did stays, and nothing of ours is left."""

from collections.abc import Callable, Mapping

import pytest

from compliance.answers import checklist_of
from compliance.models import Event, Renewal
from compliance.sandbox import seed
from tests.world import World

State = Renewal.State
KEY = "lumiere-fr-local"
BUNDLE = seed.BUNDLES[KEY]


def stays_at(world: World, state: str, *, method: str, path: str) -> None:
    """Twilio is out of order for one call, so that the renewal rests before it. What is only read
    is tried twice."""
    world.fault("status", method=method, path=path, status=503, times=2)
    assert world.look(KEY).state == state
    world.clear_faults()


def detected(world: World) -> None:
    world.people()
    world.sync()


def copied(world: World) -> None:
    detected(world)
    stays_at(world, State.COPIED, method="POST", path="/Evaluations$")


def needs_info(world: World) -> None:
    assert world.prepared(KEY).state == State.NEEDS_INFO


def answer_waiting(world: World) -> None:
    needs_info(world)
    for task in checklist_of(world.renewal(KEY)).tasks:
        world.save(KEY, task)


def answer_under_way(world: World) -> None:
    answer_waiting(world)
    stays_at(world, State.NEEDS_INFO, method="POST", path="numbers-upload.*/SupportingDocuments$")


def ready(world: World) -> None:
    answer_waiting(world)
    assert world.work(KEY).state == State.READY


def submitted(world: World) -> None:
    ready(world)
    world.submit(KEY)


def in_review(world: World) -> None:
    ready(world)
    assert world.send(KEY).state == State.IN_REVIEW


def rejected(world: World) -> None:
    in_review(world)
    world.control(f"bundles/{world.renewal(KEY).copy_sid}/reject")
    assert world.look(KEY).state == State.REJECTED


def approved(world: World) -> None:
    in_review(world)
    world.control(f"bundles/{world.renewal(KEY).copy_sid}/approve")
    stays_at(world, State.APPROVED, method="GET", path=f"{BUNDLE}/ItemAssignments")


def about_to_replace(world: World) -> None:
    """The items are written down that the original is to have."""
    in_review(world)
    world.control(f"bundles/{world.renewal(KEY).copy_sid}/approve")
    stays_at(world, State.APPROVED, method="POST", path="/ReplaceItems$")


def replaced(world: World) -> None:
    in_review(world)
    copy_sid = world.renewal(KEY).copy_sid
    world.control(f"bundles/{copy_sid}/approve")
    stays_at(world, State.REPLACED, method="DELETE", path=copy_sid)


STAGES: Mapping[str, Callable[[World], None]] = {
    stage.__name__: stage
    for stage in (
        detected, copied, needs_info, answer_waiting, answer_under_way, ready, submitted,
        in_review, rejected, approved, about_to_replace, replaced,
    )
}  # fmt: skip


def by_a_copy_of_theirs(world: World) -> set[str]:
    """What the Console does: it copies, replaces and tidies up by itself."""
    twilio = world.twilio()
    copy = twilio.create_copy(BUNDLE, friendly_name="made in the Console").sid
    for assignment in twilio.assignments(copy):
        if assignment.object_sid.startswith("IT"):
            twilio.update_item(assignment.object_sid, attributes=END_USER)
    world.sandbox.state.bundles[copy].status = "twilio-approved"
    regulation = world.sandbox.state.regulations[seed.REGULATIONS["FR"]]
    world.sandbox.state.bundles[copy].digest = regulation.digest()
    twilio.replace_items(BUNDLE, from_sid=copy)
    twilio.delete_bundle(copy)
    return world.items_of(BUNDLE)


END_USER = {"business_name": "Atelier Lumiere SARL"}


def in_place(world: World) -> set[str]:
    world.control(f"bundles/{BUNDLE}/deadline", valid_until=None)
    return world.items_of(BUNDLE)


@pytest.mark.parametrize("how", [by_a_copy_of_theirs, in_place])
@pytest.mark.parametrize("stage", STAGES)
def test_the_renewal_ends_and_leaves_nothing(
    world: World, stage: str, how: Callable[[World], set[str]]
) -> None:
    STAGES[stage](world)
    before = world.strays()
    theirs = how(world)
    left_by_them = world.strays() - before
    world.control("clock", advance_seconds=60)
    world.sync()
    renewal = world.look(KEY)
    if renewal.state == State.IN_REVIEW:
        # Error 21647: what is in review can't be deleted. The decision comes.
        world.control(f"bundles/{renewal.copy_sid}/approve")
        renewal = world.look(KEY)
    for _ in range(5):
        if renewal.state in Renewal.ENDED:
            break
        world.later(minutes=20)
        renewal = world.look(KEY)

    assert (renewal.state, renewal.trouble) == (State.COMPLETED, "")
    assert world.at_twilio(BUNDLE)["copies"] == []
    assert world.at_twilio(BUNDLE)["valid_until"] is None
    assert world.strays() <= left_by_them
    if stage != "replaced":
        assert world.items_of(BUNDLE) == theirs
        assert Event.objects.filter(renewal=renewal, kind="finished-elsewhere").exists()
