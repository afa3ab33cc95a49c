"""What staff ask of the worker while Twilio is slow, has lost something, or is a step further."""

from datetime import timedelta
from typing import Any

import pytest

from compliance import workflow
from compliance.gateway.transport import client_for
from compliance.models import Renewal, User
from compliance.sandbox import seed
from compliance.workflow import NotNow, desk
from tests.desk.test_actions_at_twilio import KEY, ask, kinds, ops
from tests.patience import PATIENCE, until
from tests.world import World

__all__ = ["ops"]

Wish, State = Renewal.Wish, Renewal.State


def copies_at_twilio(world: World) -> list[str]:
    return [copy.sid for copy in world.twilio().copies(seed.BUNDLES[KEY])]


def test_a_copy_that_lands_late_is_not_left_behind_by_a_cancellation(
    world: World, ops: User, settings: Any
) -> None:
    world.people()
    world.sync()
    # Long enough for what is answered at once, on a slow machine too.
    settings.TWILIO_READ_TIMEOUT = 5.0
    client_for.cache_clear()
    world.fault("late", method="POST", path="/Copies$", seconds=10 * PATIENCE, times=1)
    assert world.work(KEY).state == State.DETECTED
    settings.TWILIO_READ_TIMEOUT = 15.0
    client_for.cache_clear()

    renewal = ask(world, Wish.CANCEL, ops)
    assert (renewal.state, renewal.wish) == (State.DETECTED, Wish.CANCEL)

    world.clear_faults()
    until(lambda: copies_at_twilio(world), told=lambda: "the copy has not landed")
    assert renewal.next_look_at is not None
    world.later(seconds=settings.LATE_ANSWER.total_seconds() + 1)
    assert world.look(KEY).state == State.CANCELLED
    assert copies_at_twilio(world) == []


def test_a_document_that_nobody_has_heard_of_is_not_left_behind_by_a_cancellation(
    world: World, ops: User
) -> None:
    key = "acme-de-papers"
    world.people()
    world.sync()
    strays = world.strays()
    world.work(key)
    world.fault("drop_after", method="POST", path="/SupportingDocuments$", times=1)
    assert world.answer_all(key).state == State.NEEDS_INFO
    assert world.strays() > strays

    world.later(minutes=5)
    renewal = world.renewal(key)
    desk.ask(renewal, Wish.CANCEL, by=ops, reason="why", now=world.clock())
    workflow.advance(renewal.pk, clock=world.clock)

    assert world.renewal(key).state == State.CANCELLED
    assert world.strays() == strays


@pytest.mark.parametrize("wish", [Wish.FIND_COPIES, Wish.START_OVER, Wish.DELETE_COPY])
def test_a_wish_about_a_bundle_that_is_gone_keeps_nobody_from_anything(
    world: World, ops: User, wish: str
) -> None:
    world.prepared(KEY)
    with world.sandbox.state.lock:
        del world.sandbox.state.bundles[seed.BUNDLES[KEY]]
    renewal = ask(world, wish, ops, about="BU" + "0" * 32)
    assert renewal.wish == ""
    if renewal.state not in Renewal.ENDED:
        assert ask(world, Wish.CANCEL, ops).state == State.CANCELLED


def test_a_submission_whose_answer_was_lost_is_found_before_it_is_cancelled(
    world: World, ops: User
) -> None:
    world.prepared(KEY)
    world.answer_all(KEY)
    to_a_bundle: dict[str, Any] = {
        "method": "POST",
        "path": r"/Bundles/BU[0-9a-f]{32}$",
        "times": 1,
    }
    # The address for callbacks is written first, by a call of its own.
    world.fault("latency", **to_a_bundle)
    world.fault("drop_after", **to_a_bundle)
    sent = world.send(KEY)
    assert sent.state == State.SUBMITTED
    assert world.at_twilio(sent.copy_sid)["status"] == "pending-review"
    world.clear_faults()

    renewal = ask(world, Wish.CANCEL, ops)
    if renewal.state == State.SUBMITTED:
        renewal = world.look(KEY)

    assert (renewal.state, renewal.trouble) == (State.IN_REVIEW, "")
    assert "wish-too-late" in kinds(renewal)


def test_what_was_asked_for_is_taken_back_while_the_worker_waits(world: World, ops: User) -> None:
    world.prepared(KEY)
    world.fault("status", status=503)
    renewal = ask(world, Wish.CANCEL, ops)
    assert renewal.wish == Wish.CANCEL

    Renewal.objects.update(lease_until=world.clock() + timedelta(minutes=1))
    with pytest.raises(NotNow):
        desk.take_back(renewal, by=ops, now=world.clock())
    Renewal.objects.update(lease_until=None)
    desk.take_back(renewal, by=ops, now=world.clock())

    world.clear_faults()
    assert (world.look(KEY).state, world.renewal(KEY).wish) == (State.NEEDS_INFO, "")
    assert kinds(renewal)[-1] == "wish-taken-back"
    with pytest.raises(NotNow):
        desk.take_back(renewal, by=ops, now=world.clock())


def test_a_pause_holds_before_the_next_step(world: World, ops: User) -> None:
    world.prepared(KEY)
    world.answer_all(KEY)
    renewal = world.send(KEY)
    assert renewal.state == State.IN_REVIEW
    world.control(f"bundles/{renewal.copy_sid}/approve")
    world.due(KEY)

    def clock() -> Any:
        """Somebody presses the button while the worker notes that it was approved."""
        now = world.clock()
        looking = Renewal.objects.filter(state=State.IN_REVIEW, paused_at=None)
        taken = looking.exclude(lease_token="").first()
        if taken is not None:
            desk.pause(taken, by=ops, reason="Wait for legal", now=now)
        return now

    workflow.advance(renewal.pk, clock=clock)
    renewal.refresh_from_db()
    assert (renewal.state, renewal.lease_token) == (State.APPROVED, "")
    desk.resume(renewal, by=ops, now=world.clock())
    workflow.advance(renewal.pk, clock=world.clock)
    renewal.refresh_from_db()
    assert renewal.state == State.COMPLETED
