"""The clock is put forward or back by hours, as a machine's can be: work goes on, nobody waits for
the lost hours, and only Twilio says that something is over."""

from datetime import timedelta

import pytest
from celery import current_app

from compliance import jobs, sync, tasks
from compliance.accounts import note_silence
from compliance.gateway import Unavailable
from compliance.models import Account, Pulse, Renewal
from compliance.workflow.lease import claim
from tests.world import World

State = Renewal.State
KEY = "acme-de-passes"
HOURS = [5, -5]


@pytest.mark.parametrize("hours", HOURS)
def test_a_worker_that_died_keeps_nobody_off_for_longer(world: World, hours: int) -> None:
    world.people()
    world.sync()
    assert claim(world.renewal(KEY).pk, clock=world.clock) is not None
    world.later(hours=hours)
    assert world.work(KEY).state == State.READY


@pytest.mark.parametrize("hours", HOURS)
def test_what_was_put_off_is_not_put_off_by_the_jump(world: World, hours: int) -> None:
    world.people()
    world.sync()
    world.fault("status", method="POST", path="/Evaluations$", status=503, times=1)
    assert world.work(KEY).state == State.COPIED
    world.later(hours=hours)
    assert world.work(KEY).state == State.READY


@pytest.mark.parametrize("hours", HOURS)
def test_an_account_that_rests_is_not_left_alone_for_hours(world: World, hours: int) -> None:
    world.people()
    world.sync()
    account = Account.objects.get(is_main=True)
    much = Unavailable("limit", "20429", retry_after=86_400)
    note_silence(account, much, now=world.clock())
    assert world.work(KEY).state == State.DETECTED
    world.later(hours=hours)
    assert account in sync.due(now=world.clock())
    assert world.work(KEY).state == State.READY


@pytest.mark.parametrize("hours", HOURS)
def test_a_live_worker_that_is_taken_for_dead_changes_nothing(world: World, hours: int) -> None:
    """Its token has gone; what it found is thrown away."""
    world.people()
    world.sync()
    case = claim(world.renewal(KEY).pk, clock=world.clock)
    assert case is not None
    world.later(hours=hours)
    assert world.work(KEY).state == State.READY
    copy_sid = world.renewal(KEY).copy_sid
    with pytest.raises(Renewal.Stale):
        case.move(State.COPIED, copy_sid="BU" + "0" * 32)
    assert world.renewal(KEY).copy_sid == copy_sid


def test_a_deadline_that_only_our_clock_says_is_over_stops_nothing(world: World) -> None:
    world.prepared(KEY)
    world.later(days=400)
    world.poll()
    renewal = world.send(KEY)
    assert renewal.state == State.IN_REVIEW
    world.control(f"bundles/{renewal.copy_sid}/approve")
    assert world.look(KEY).state == State.COMPLETED


def test_the_sweep_finds_what_a_jump_back_has_put_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.people()
    world.sync()
    renewal = world.renewal(KEY)
    found: list[int] = []
    monkeypatch.setattr(tasks.advance, "delay", found.append)
    current_app.control.purge()
    later = world.clock() + timedelta(minutes=10)
    Renewal.objects.update(next_look_at=later, lease_until=later)
    tasks.sweep()
    assert found == []
    far = world.clock() + timedelta(hours=5)
    Renewal.objects.filter(pk=renewal.pk).update(next_look_at=far, lease_until=far)
    tasks.sweep()
    assert found == [renewal.pk]


def test_signs_of_life_from_before_a_jump_back_hide_nobodys_death(world: World) -> None:
    now = world.clock()
    jobs.worker_worked(now=now)
    back = now - timedelta(hours=5)
    jobs.worker_worked(now=back)
    assert Pulse.objects.get(name=jobs.WORKER).at == back
    worker, _beat = jobs.processes()
    assert worker.is_silent(now=back + timedelta(minutes=10))
