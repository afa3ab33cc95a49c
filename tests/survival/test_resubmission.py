"""A submission is made once, and only what was really turned down is told as turned down."""

from typing import Any

import pytest

from compliance.answers import checklist_of
from compliance.gateway import Twilio, Unavailable
from compliance.models import Renewal
from tests.world import World

State = Renewal.State
KEY = "lumiere-fr-local"


@pytest.fixture
def corrected(world: World) -> Renewal:
    """Turned down once, put right, ready to be sent again."""
    world.prepared(KEY)
    for task in checklist_of(world.renewal(KEY)).tasks:
        world.save(KEY, task)
    world.work(KEY)
    renewal = world.send(KEY)
    refused(world, renewal)
    assert world.look(KEY).state == State.REJECTED
    assert world.answer_all(KEY).state == State.READY
    return world.renewal(KEY)


def refused(world: World, renewal: Renewal) -> None:
    copy = world.at_twilio(renewal.copy_sid)
    sid = next(d["sid"] for d in copy["documents"] if d["type"] == "power_of_attorney")
    verdict = {"sid": sid, "code": 18002, "reason": "Too dark."}
    world.control("clock", advance_seconds=60)
    world.control(f"bundles/{renewal.copy_sid}/reject", reason="", documents=[verdict])


def submissions(world: World) -> int:
    return sum(
        entry["fields"].get("Status") == ["pending-review"]
        and (entry["status"] == 200 or entry["fault"] == "drop_after")
        for entry in world.requests()
    )


@pytest.mark.parametrize("renamed", [True, False])
def test_one_that_was_never_carried_out_is_no_second_refusal(
    world: World, corrected: Renewal, monkeypatch: Any, renamed: bool
) -> None:
    def breaks_off(self: Twilio, sid: str) -> None:
        raise Unavailable("connection", "before it was sent")

    with monkeypatch.context() as patched:
        patched.setattr(Twilio, "submit", breaks_off)
        assert world.send(KEY).state == State.SUBMITTED
    if renamed:
        # Which changes the date of the copy, like a decision does.
        world.control("clock", advance_seconds=60)
        name = f"By somebody else {corrected.tag}"
        world.twilio().rename_bundle(corrected.copy_sid, friendly_name=name)
    world.later(minutes=10)
    renewal = world.look(KEY)
    assert (renewal.state, renewal.rejections) == (State.IN_REVIEW, 1)
    assert submissions(world) == 2


def test_one_whose_answer_was_lost_and_that_was_refused_is_not_sent_again(
    world: World, corrected: Renewal
) -> None:
    world.fault("drop_after", method="POST", path=f"Bundles/{corrected.copy_sid}$", times=1)
    assert world.send(KEY).state == State.SUBMITTED
    refused(world, corrected)
    world.later(minutes=10)
    renewal = world.look(KEY)
    assert (renewal.state, renewal.rejections) == (State.REJECTED, 2)
    assert submissions(world) == 2
    assert world.answer_all(KEY).state == State.READY


def test_one_that_lands_while_it_is_made_again_is_no_trouble(
    world: World, corrected: Renewal, monkeypatch: Any
) -> None:
    submit = Twilio.submit

    def after_a_late_one(self: Twilio, sid: str) -> Any:
        submit(self, sid)
        return submit(self, sid)

    monkeypatch.setattr(Twilio, "submit", after_a_late_one)
    renewal = world.send(KEY)
    assert (renewal.state, renewal.trouble) == (State.IN_REVIEW, "")
    assert submissions(world) == 2
