"""What staff ask of the worker, against the sandbox."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from compliance import answers, workflow
from compliance.models import Answer, Bundle, Chain, Event, Renewal, User
from compliance.sandbox import seed
from compliance.workflow import desk
from tests.record import rewritable
from tests.world import World

Wish, State = Renewal.Wish, Renewal.State
KEY = "acme-de-local"


@pytest.fixture
def ops(db: None) -> User:
    return User.objects.create_superuser("ops@demo.example", name="Olga Ops")


def current() -> Renewal:
    return Renewal.objects.open().get(bundle__sid=seed.BUNDLES[KEY])


def ask(world: World, wish: str, ops: User, *, about: str = "") -> Renewal:
    """Staff ask, and the worker does it."""
    renewal = current()
    desk.ask(renewal, wish, by=ops, about=about, reason="why", now=world.clock())
    workflow.advance(renewal.pk, clock=world.clock)
    renewal.refresh_from_db()
    return renewal


def kinds(renewal: Renewal) -> list[str]:
    return list(renewal.events.order_by("pk").values_list("kind", flat=True))


# --- Paused --------------------------------------------------------------------------------------


def test_no_worker_takes_up_what_is_paused(world: World, ops: User) -> None:
    world.prepared(KEY)
    desk.pause(world.renewal(KEY), by=ops, reason="why", now=world.clock())
    world.control_delete("requests")
    assert world.answer_all(KEY).state == State.NEEDS_INFO
    assert world.requests() == []

    desk.resume(world.renewal(KEY), by=ops, now=world.clock())
    assert world.work(KEY).state == State.READY


# --- Cancelled and reopened ----------------------------------------------------------------------


def test_cancelling_leaves_nothing_of_ours_and_the_bundle_as_it_was(
    world: World,
    ops: User,
) -> None:
    original = seed.BUNDLES[KEY]
    world.people()
    world.sync()
    held, strays = world.items_of(original), world.strays()
    copy = world.work(KEY).copy_sid
    world.answer_all(KEY)

    renewal = ask(world, Wish.CANCEL, ops)

    assert renewal.state == State.CANCELLED
    assert renewal.key is None
    assert world.at_twilio(copy) is None
    assert world.items_of(original) == held
    assert world.at_twilio(original)["valid_until"] is not None
    assert world.strays() == strays
    assert renewal.events.get(kind="cancelled").by == ops


def test_the_customer_reads_that_it_was_stopped(world: World, ops: User, client: Client) -> None:
    world.prepared(KEY)
    renewal = ask(world, Wish.CANCEL, ops)
    client.force_login(User.objects.get(email="ada@acme.example"))
    for where in ("/", reverse("registration", args=[renewal.reference])):
        page = client.get(where).content.decode()
        assert "We have stopped this update." in page
        assert "Stopped" in page


def test_a_sync_does_not_open_what_was_cancelled_but_staff_can(
    world: World,
    ops: User,
) -> None:
    world.prepared(KEY)
    cancelled = ask(world, Wish.CANCEL, ops)
    world.sync()
    assert not Renewal.objects.open().filter(bundle=cancelled.bundle).exists()

    opened = desk.reopen(cancelled, by=ops, now=world.clock())
    workflow.advance(opened.pk, clock=world.clock)
    opened.refresh_from_db()
    assert opened.pk != cancelled.pk
    assert opened.state == State.NEEDS_INFO
    assert desk.reopen(cancelled, by=ops, now=world.clock()) == opened


def test_a_new_deadline_after_a_cancellation_opens_a_renewal(
    world: World,
    ops: User,
) -> None:
    world.prepared(KEY)
    cancelled = ask(world, Wish.CANCEL, ops)
    Renewal.objects.filter(pk=cancelled.pk).update(
        valid_until=cancelled.valid_until.replace(year=2001)
    )
    world.sync()
    assert Renewal.objects.open().filter(bundle=cancelled.bundle).exists()


def test_what_has_been_sent_meanwhile_is_not_cancelled(world: World, ops: User) -> None:
    world.prepared(KEY)
    world.answer_all(KEY)
    assert world.send(KEY).state == State.IN_REVIEW
    renewal = ask(world, Wish.CANCEL, ops)
    assert (renewal.state, renewal.wish) == (State.IN_REVIEW, "")
    assert "wish-too-late" in kinds(renewal)


def test_a_cancellation_survives_an_outage(world: World, ops: User) -> None:
    world.prepared(KEY)
    world.fault("status", status=503)
    renewal = ask(world, Wish.CANCEL, ops)
    assert (renewal.state, renewal.wish) == (State.NEEDS_INFO, Wish.CANCEL)
    world.clear_faults()
    assert world.look(KEY).state == State.CANCELLED


# --- Done in the Console -------------------------------------------------------------------------


def test_handled_in_console_is_verified_first(world: World, ops: User) -> None:
    world.prepared(KEY)
    renewal = ask(world, Wish.CHECK, ops)
    assert (renewal.state, renewal.wish) == (State.NEEDS_INFO, "")
    event = renewal.events.get(kind="not-done-elsewhere")
    assert event.details == {"status": Bundle.Status.APPROVED}


def test_handled_in_console_closes_what_twilio_says_is_done(world: World, ops: User) -> None:
    copy = world.prepared(KEY).copy_sid
    bundle = world.sandbox.state.bundles[seed.BUNDLES[KEY]]
    bundle.valid_until = None
    renewal = ask(world, Wish.CHECK, ops)
    assert renewal.state == State.COMPLETED
    assert world.at_twilio(copy) is None
    assert "finished-elsewhere" in kinds(renewal)


# --- Starting over -------------------------------------------------------------------------------


def test_starting_over_makes_one_new_copy_and_asks_again(world: World, ops: User) -> None:
    before = world.prepared(KEY)
    strays = world.strays()
    world.answer_all(KEY)
    renewal = ask(world, Wish.START_OVER, ops)
    assert renewal.state == State.NEEDS_INFO
    assert renewal.copy_sid not in ("", before.copy_sid)
    assert world.at_twilio(before.copy_sid) is None
    assert world.strays() == strays
    assert renewal.events.get(kind="started-over").by == ops
    # And the way to the end is open.
    assert world.answer_all(KEY).state == State.READY


def test_starting_over_forgets_what_was_on_its_way(world: World, ops: User) -> None:
    renewal = world.prepared(KEY)
    world.save(KEY, answers.checklist_of(renewal).tasks[0])
    renewal = ask(world, Wish.START_OVER, ops)
    assert renewal.state == State.NEEDS_INFO
    assert not renewal.answers.filter(state=Answer.State.WAITING).exists()


def test_starting_over_does_not_touch_what_has_been_put_onto_the_original(
    world: World,
    ops: User,
) -> None:
    world.prepared(KEY)
    world.answer_all(KEY)
    world.send(KEY)
    Renewal.objects.filter(bundle__sid=seed.BUNDLES[KEY]).update(
        state=State.APPROVED,
        trouble="refused-22229",
        next_look_at=None,
        intent={"replace": {"old": [], "new": sorted(world.items_of(seed.BUNDLES[KEY]))}},
    )
    held = world.items_of(seed.BUNDLES[KEY])
    desk.ask(world.renewal(KEY), Wish.START_OVER, by=ops, now=world.clock())
    renewal = world.work(KEY)
    assert "wish-too-late" in kinds(renewal)
    assert world.items_of(seed.BUNDLES[KEY]) == held


# --- Other copies --------------------------------------------------------------------------------


def stray(world: World, tag: str) -> str:
    copy = world.twilio().create_copy(seed.BUNDLES[KEY], friendly_name=f"Acme {tag}".strip())
    return copy.sid


def ended_before(world: World) -> Renewal:
    now = world.clock()
    return Renewal.objects.create(
        bundle=current().bundle,
        state=State.COMPLETED,
        valid_until=now,
        opened_at=now,
        ended_at=now,
    )


def test_copies_are_listed_and_said_to_be_ours_only_by_a_tag_of_this_bundle(
    world: World,
    ops: User,
) -> None:
    world.prepared(KEY)
    ours, theirs = stray(world, ended_before(world).tag), stray(world, "")
    forged = stray(world, "[CMP-ZZZZZZ]")
    renewal = ask(world, Wish.FIND_COPIES, ops)
    event = renewal.events.get(kind="copies-found")
    found = {copy["sid"]: copy["is_ours"] for copy in event.details["copies"]}
    assert found == {ours: True, theirs: False, forged: False}
    assert renewal.state == State.NEEDS_INFO


def test_a_stray_copy_is_deleted_only_if_it_is_provably_ours(world: World, ops: User) -> None:
    kept = world.prepared(KEY).copy_sid
    ours, theirs = stray(world, ended_before(world).tag), stray(world, "")
    for sid in (ours, theirs, kept, seed.BUNDLES[KEY]):
        ask(world, Wish.DELETE_COPY, ops, about=sid)
    assert world.at_twilio(ours) is None
    assert all(world.at_twilio(sid) for sid in (theirs, kept, seed.BUNDLES[KEY]))
    renewal = current()
    assert renewal.events.filter(kind="copy-deleted").count() == 1
    assert renewal.events.filter(kind="wish-too-late").count() == 3


def test_a_stray_copy_is_adopted_in_place_of_the_present_one(world: World, ops: User) -> None:
    before = world.prepared(KEY)
    ours = stray(world, ended_before(world).tag)
    renewal = ask(world, Wish.ADOPT_COPY, ops, about=ours)
    assert (renewal.copy_sid, renewal.state) == (ours, State.NEEDS_INFO)
    assert world.at_twilio(before.copy_sid) is None
    assert renewal.tag in world.at_twilio(ours)["friendly_name"]
    # It is cleaned up like any other at the end.
    assert ask(world, Wish.CANCEL, ops).state == State.CANCELLED
    assert world.at_twilio(ours) is None


def test_after_another_copy_was_adopted_what_was_answered_is_asked_for_again(
    world: World, ops: User
) -> None:
    """What was delivered went with the copy that was given up."""
    world.prepared(KEY)
    assert world.answer_all(KEY).state == State.READY
    ours = stray(world, ended_before(world).tag)
    assert ask(world, Wish.ADOPT_COPY, ops, about=ours).state == State.NEEDS_INFO
    others = Renewal.objects.exclude(pk=current().pk)
    with rewritable():
        Event.objects.filter(renewal__in=others).delete()
    Chain.objects.filter(renewal__in=others).delete()
    others.delete()
    assert answers.checklist_of(current()).tasks
    assert world.answer_all(KEY).state == State.READY
    assert world.send(KEY).state == State.IN_REVIEW


def test_the_page_offers_only_copies_that_are_ours(
    world: World,
    ops: User,
    client: Client,
    settings: Any,
) -> None:
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(ops)
    world.prepared(KEY)
    ours, theirs = stray(world, ended_before(world).tag), stray(world, "")
    renewal = ask(world, Wish.FIND_COPIES, ops)
    page = client.get(
        reverse("admin:compliance_renewal_delete_copy", args=[renewal.pk])
    ).content.decode()
    assert ours in page
    assert theirs not in page
