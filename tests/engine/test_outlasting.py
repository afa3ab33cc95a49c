"""A renewal is one worker's at a time, outlasts crashes and outages, and loses nothing saved."""

from datetime import timedelta

import pytest

from compliance import workflow
from compliance.answers import checklist_of
from compliance.models import Account, Answer, Renewal
from compliance.workflow.lease import claim
from tests.world import World

State = Renewal.State
KEY = "acme-de-passes"  # complies from the start


def test_only_one_worker_has_a_renewal(world: World) -> None:
    renewal = world.prepared(KEY)
    world.due(KEY)
    case = claim(renewal.pk, clock=world.clock)
    assert case is not None
    assert claim(renewal.pk, clock=world.clock) is None

    world.later(minutes=5)
    second = claim(renewal.pk, clock=world.clock)
    assert second is not None
    with pytest.raises(Renewal.Stale):
        case.write(copy_status="from the dead")
    with pytest.raises(Renewal.Stale):
        case.twilio()


def test_a_step_that_kills_its_process_again_and_again_reaches_a_person(world: World) -> None:
    world.people()
    world.sync()
    renewal = world.renewal(KEY)
    for _ in range(workflow.ATTEMPTS):
        assert claim(renewal.pk, clock=world.clock) is not None
        world.later(minutes=5)
    renewal = world.work(KEY)
    assert renewal.trouble == "stuck"
    assert renewal.next_look_at is None

    workflow.retry(renewal, by=None, now=world.clock())
    assert world.work(KEY).state == State.READY


def test_an_evaluation_that_always_fails_reaches_a_person_without_a_hot_loop(world: World) -> None:
    world.people()
    world.sync()
    world.fault("status", method="POST", path="Evaluations$", status=500)
    tries = 0
    while not (renewal := world.work(KEY)).trouble:
        tries += 1
        assert tries <= workflow.ATTEMPTS + 1
        assert renewal.next_look_at is not None
        assert renewal.next_look_at > world.clock() + timedelta(seconds=1)
        world.later(minutes=15)
    assert renewal.trouble == "stuck"
    assert tries > 3
    # One object's trouble is no outage: customers are not told that Twilio is away.
    assert Account.objects.get(is_main=True).unreachable_since is None


def test_an_outage_never_runs_out_of_attempts_and_ends_by_itself(world: World) -> None:
    world.people()
    world.sync()
    world.fault("refuse_before")
    for _ in range(workflow.ATTEMPTS * 2):
        renewal = world.work(KEY)
        assert renewal.trouble == ""
        world.later(minutes=15)
    account = Account.objects.get(is_main=True)
    assert account.unreachable_since is not None

    world.clear_faults()
    world.poll()
    assert world.work(KEY).state == State.READY
    account.refresh_from_db()
    assert account.unreachable_since is None


def test_too_many_requests_rest_the_whole_account(world: World) -> None:
    world.people()
    world.sync()
    world.fault("status", status=429, retry_after=60, times=1)
    world.work(KEY)
    before = len(world.requests())
    world.later(seconds=30)
    assert world.work("mia-au-local").state == State.DETECTED
    assert len(world.requests()) == before
    world.later(seconds=31)
    assert world.work("mia-au-local").state == State.NEEDS_INFO


def test_what_is_saved_while_an_older_answer_is_under_way_is_not_lost(world: World) -> None:
    key = "acme-de-local"
    renewal = world.prepared(key)
    (task,) = checklist_of(renewal).tasks
    world.save(key, task, business_website="https://first.example")
    case = claim(renewal.pk, clock=world.clock)
    assert case is not None
    world.save(key, task, business_website="https://second.example")
    assert case.release(next_look_at=None)

    renewal = world.work(key)
    assert renewal.state == State.READY
    (end_user,) = world.at_twilio(renewal.copy_sid)["end_users"]
    assert end_user["attributes"]["business_website"] == "https://second.example"


def test_an_answer_that_twilio_refuses_stays_with_its_file_and_says_why(world: World) -> None:
    key = "lumiere-fr-local"
    renewal = world.prepared(key)
    task = next(t for t in checklist_of(renewal).tasks if "address" in " ".join(t.covers))
    nowhere = {
        "customer_name": "Zoe Martin",
        "street": "4 quai du Modele",
        "city": "Lyon",
        "region": "Rhone",
        "postal_code": "?",
        "iso_country": "FR",
    }
    world.save(key, task, address_sids=nowhere)
    world.work(key)
    answer = Answer.objects.get(renewal=renewal, task=task.key)
    assert (answer.state, answer.refused_code) == (Answer.State.REFUSED, 21628)
    assert answer.refused_message
    assert answer.upload.sealed
    assert answer.values()["address_sids"] == nowhere
    assert world.renewal(key).trouble == ""


def test_our_copy_that_somebody_sent_from_the_console_is_followed(world: World) -> None:
    """Or we did, before the database was restored from an older backup: nothing is sent twice."""
    renewal = world.prepared(KEY)
    world.poll()
    world.control("clock", advance_seconds=60)
    world.twilio().submit(renewal.copy_sid)
    world.control_delete("requests")
    world.poll()
    assert world.renewal(KEY).next_look_at is not None

    assert world.work(KEY).state == State.IN_REVIEW
    assert not [entry for entry in world.requests() if entry["method"] == "POST"]
    world.control(f"bundles/{renewal.copy_sid}/approve")
    assert world.look(KEY).state == State.COMPLETED


def test_what_waits_is_not_brought_to_a_copy_that_is_in_review(world: World) -> None:
    key = "acme-de-papers"
    renewal = world.prepared(key)
    assert renewal.state == State.NEEDS_INFO
    for task in checklist_of(renewal).tasks:
        world.save(key, task)
    world.sandbox.state.bundles[renewal.copy_sid].status = "in-review"
    world.control_delete("requests")

    assert world.work(key).state == State.IN_REVIEW
    assert not [entry for entry in world.requests() if entry["method"] == "POST"]
    assert set(renewal.answers.values_list("state", flat=True)) == {Answer.State.WAITING}
