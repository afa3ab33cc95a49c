"""Calls that are spared where Twilio has just told what they would ask, and only there."""

import pytest

from compliance.answers import checklist_of, held_items
from compliance.gateway import Unavailable
from compliance.models import Renewal
from compliance.workflow import STEPS
from tests.world import World

State = Renewal.State
KEY = "lumiere-fr-local"


def asked(world: World, method: str, part: str) -> int:
    return sum(e["method"] == method and part in e["path"] for e in world.requests())


def evaluations(world: World) -> int:
    return asked(world, "POST", "/Evaluations")


@pytest.fixture
def ready(world: World) -> Renewal:
    world.prepared(KEY)
    renewal = world.answer_all(KEY)
    assert renewal.state == State.READY, renewal.evaluation
    world.control_delete("requests")
    return renewal


def test_what_was_evaluated_a_moment_ago_is_sent_without_another(
    world: World, ready: Renewal
) -> None:
    assert world.send(KEY).state == State.IN_REVIEW
    assert (evaluations(world), world.submissions()) == (0, 1)


def test_what_was_evaluated_long_ago_is_evaluated_before_it_is_sent(
    world: World, ready: Renewal
) -> None:
    world.later(minutes=11)
    assert world.send(KEY).state == State.IN_REVIEW
    assert (evaluations(world), world.submissions()) == (1, 1)


def test_what_was_evaluated_by_another_rule_is_evaluated_before_it_is_sent(
    world: World, ready: Renewal
) -> None:
    Renewal.objects.filter(pk=ready.pk).update(state=State.SUBMITTED, evaluated_hash="another")
    assert world.look(KEY).state == State.IN_REVIEW
    assert (evaluations(world), world.submissions()) == (1, 1)


def test_a_copy_that_was_sent_at_the_console_meanwhile_is_not_sent_again(
    world: World, ready: Renewal
) -> None:
    world.submit(KEY)
    world.twilio().submit(ready.copy_sid)
    assert world.work(KEY).state == State.IN_REVIEW
    assert world.submissions() == 1


def test_an_answer_is_mirrored_as_twilio_described_it(world: World) -> None:
    world.prepared(KEY)
    before = {item.sid for item in held_items(world.renewal(KEY))}
    world.control_delete("requests")
    renewal = world.answer_all(KEY)
    held = held_items(renewal)
    made = [item.sid for item in held if item.sid not in before]
    assert made
    assert not [sid for sid in made if asked(world, "GET", sid)]
    there = {sid: world.twilio().item(sid) for sid in world.items_of(renewal.copy_sid)}
    assert {item.sid: (item.attributes, item.status) for item in held} == {
        sid: (item.attributes, item.status) for sid, item in there.items()
    }


def test_what_changed_at_the_console_meanwhile_is_seen_with_the_next_answer(world: World) -> None:
    renewal = world.prepared(KEY)
    (end_user,) = (item for item in held_items(renewal) if item.is_end_user)
    (paper, *_) = (task for task in checklist_of(renewal).tasks if task.kind == "document")
    there = world.twilio().item(end_user.sid).attributes
    world.twilio().update_item(end_user.sid, attributes={**there, "first_name": "Put right"})
    world.save(KEY, paper)
    seen = held_items(world.work(KEY))
    assert [i.attributes["first_name"] for i in seen if i.is_end_user] == ["Put right"]
    assert [i.sid for i in seen] == [
        a.object_sid for a in world.twilio().assignments(renewal.copy_sid)
    ]


def test_what_an_earlier_try_changed_is_read_although_a_later_one_delivers(world: World) -> None:
    """The first try delivers the details and breaks off; the second makes the documents."""
    renewal = world.prepared(KEY)
    for task in checklist_of(renewal).tasks:
        world.save(KEY, task)
    world.fault("status", method="POST", path="Addresses", status=503, times=1)
    delayed = world.work(KEY)
    assert delayed.delayed_because
    assert set(delayed.answers.values_list("state", flat=True)) == {"delivered", "waiting"}
    world.later(minutes=5)
    renewal = world.work(KEY)
    assert renewal.state == State.READY, renewal.evaluation
    details = renewal.answers.get(task="details")
    (mirrored,) = (item for item in held_items(renewal) if item.sid == details.changes_sid)
    assert mirrored.attributes == world.twilio().item(details.changes_sid).attributes


def test_what_left_the_copy_at_the_console_leaves_the_mirror(world: World) -> None:
    renewal = world.prepared(KEY)
    (end_user,) = (item for item in held_items(renewal) if item.is_end_user)
    (paper, *_) = (task for task in checklist_of(renewal).tasks if task.kind == "document")
    (held,) = (
        a for a in world.twilio().assignments(renewal.copy_sid) if a.object_sid == end_user.sid
    )
    world.twilio().unassign(renewal.copy_sid, assignment_sid=held.sid)
    world.save(KEY, paper)
    renewal = world.work(KEY)
    assert {item.sid for item in held_items(renewal)} == world.items_of(renewal.copy_sid)
    assert end_user.sid not in world.items_of(renewal.copy_sid)


def test_a_refusal_without_a_word_of_an_evaluation_is_looked_into(
    world: World, ready: Renewal
) -> None:
    """The bundle has become incomplete within the minutes in which nobody evaluated."""
    taken = next(a for a in world.twilio().assignments(ready.copy_sid) if a.object_sid[:2] == "RD")
    world.submit(KEY)
    world.twilio().unassign(ready.copy_sid, assignment_sid=taken.sid)
    path = f"Bundles/{ready.copy_sid}$"
    # The first such call says where to call back.
    world.fault("latency", method="POST", path=path, times=1)
    world.fault("status", method="POST", path=path, status=400, code=22299, times=1)
    renewal = world.work(KEY)
    assert (renewal.state, renewal.trouble) == (State.NEEDS_INFO, "")
    assert checklist_of(renewal).tasks


def test_what_was_put_in_its_place_at_the_console_leaves_nothing_of_ours_behind(
    world: World, ready: Renewal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The date stays after our replacement, so somebody does it again with items of their own."""
    renewal = world.send(KEY)
    world.control(f"bundles/{renewal.copy_sid}/approve")
    with monkeypatch.context() as patched:
        patched.setitem(STEPS, State.REPLACED, breaks_off)  # type: ignore[misc]
        renewal = world.look(KEY)
    assert renewal.state == State.REPLACED
    original, twilio = renewal.bundle.sid, world.twilio()
    ours = world.items_of(original)
    theirs = twilio.create_copy(original, friendly_name="Theirs").sid
    twilio.submit(theirs)
    world.control(f"bundles/{theirs}/approve")
    twilio.replace_items(original, from_sid=theirs)
    now_held = world.items_of(original)
    assert not now_held & ours
    world.later(minutes=15)
    assert world.look(KEY).state == State.COMPLETED
    assert world.items_of(original) == now_held
    assert not ours & world.strays()


def breaks_off(case: object) -> None:
    raise Unavailable("connection", "before anything was asked")
