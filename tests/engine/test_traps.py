"""The ways in which Twilio, its Console, its clock and other people surprise a renewal."""

import pytest

from compliance.answers import checklist_of
from compliance.models import Account, Event, Renewal
from compliance.sandbox import seed
from tests.domain import rules
from tests.world import World

State = Renewal.State
SENT = "acme-de-passes"  # complies from the start: one click from being sent


def in_review(world: World, key: str = SENT) -> Renewal:
    world.prepared(key)
    return world.send(key)


# --- The address --------------------------------------------------------------------------------


def test_an_address_that_would_change_is_seen_by_support_and_nothing_is_lost(world: World) -> None:
    """Error 22229: the address of the copy must equal the original's."""
    key = "acme-gb-local"
    renewal = world.prepared(key)
    task = checklist_of(renewal).tasks[0]
    moved = {
        "customer_name": "Ada Stern",
        "street": "1 Other Road",
        "city": "London",
        "region": "London",
        "postal_code": "N1 9GU",
        "iso_country": "GB",
    }
    world.save(key, task, address_sids=moved)
    world.work(key)
    renewal = world.send(key)
    world.control(f"bundles/{renewal.copy_sid}/approve")
    renewal = world.look(key)

    assert (renewal.state, renewal.trouble) == (State.APPROVED, "refused-22229")
    assert renewal.next_look_at is None
    assert world.at_twilio(renewal.copy_sid)["status"] == "twilio-approved"


def test_the_address_that_the_bundle_has_is_used_again(world: World) -> None:
    key = "acme-gb-local"
    world.prepared(key)
    world.answer_all(key)
    renewal = world.send(key)
    world.control(f"bundles/{renewal.copy_sid}/approve")
    assert world.look(key).state == State.COMPLETED


# --- Time ---------------------------------------------------------------------------------------


def test_a_deadline_that_passes_during_the_review_needs_a_person(world: World) -> None:
    """Error 22224: both bundles must be approved."""
    renewal = in_review(world)
    world.control("clock", advance_seconds=3 * 86_400)
    world.control(f"bundles/{renewal.copy_sid}/approve")
    renewal = world.look(SENT)

    assert (renewal.state, renewal.trouble) == (State.APPROVED, "original-not-approved")
    assert world.at_twilio(renewal.copy_sid) is not None


def test_a_provisional_approval_is_still_a_review(world: World) -> None:
    renewal = in_review(world)
    world.control(f"bundles/{renewal.copy_sid}/provisional")
    renewal = world.look(SENT)
    assert (renewal.state, renewal.copy_status) == (State.IN_REVIEW, "provisionally-approved")

    world.control(f"bundles/{renewal.copy_sid}/approve")
    assert world.look(SENT).state == State.COMPLETED


# --- Other people -------------------------------------------------------------------------------


def test_a_copy_that_somebody_else_made_is_left_alone(world: World) -> None:
    world.people()
    world.sync()
    twilio = world.twilio()
    theirs = twilio.create_copy(seed.BUNDLES[SENT], friendly_name="made in the Console").sid
    renewal = world.work(SENT)
    assert renewal.copy_sid != theirs
    assert Event.objects.filter(kind="copy-of-somebody-else").count() == 1

    renewal = world.send(SENT)
    world.control(f"bundles/{renewal.copy_sid}/approve")
    assert world.look(SENT).state == State.COMPLETED
    assert world.at_twilio(theirs)["status"] == "draft"


@pytest.mark.parametrize("key", ["lumiere-fr-local", SENT])
def test_a_bundle_finished_in_the_console_ends_the_renewal(world: World, key: str) -> None:
    renewal = world.prepared(key)
    world.control(f"bundles/{seed.BUNDLES[key]}/deadline", valid_until=None)
    world.sync()
    renewal = world.work(key)

    assert renewal.state == State.COMPLETED
    assert Event.objects.filter(renewal=renewal, kind="finished-elsewhere").exists()
    assert world.at_twilio(renewal.copy_sid) is None
    assert not world.strays()


def test_a_copy_in_review_waits_for_its_decision_before_it_is_taken_back(world: World) -> None:
    """Error 21647: a bundle in review can't be deleted."""
    renewal = in_review(world)
    world.control(f"bundles/{seed.BUNDLES[SENT]}/deadline", valid_until=None)
    world.sync()
    renewal = world.work(SENT)
    assert renewal.state == State.IN_REVIEW
    assert renewal.next_look_at is not None

    world.control(f"bundles/{renewal.copy_sid}/approve")
    renewal = world.look(SENT)
    assert renewal.state == State.COMPLETED
    assert world.at_twilio(renewal.copy_sid) is None
    assert not world.strays()


def test_a_copy_that_was_deleted_by_hand_is_made_again(world: World) -> None:
    renewal = world.prepared(SENT)
    world.twilio().delete_bundle(renewal.copy_sid)
    world.submit(SENT)
    again = world.work(SENT)
    assert again.state == State.READY
    assert again.copy_sid != renewal.copy_sid


def test_a_bundle_that_was_deleted_cancels_the_renewal(world: World) -> None:
    renewal = world.prepared("mia-au-local")
    sandbox = world.sandbox.state
    with sandbox.lock:
        del sandbox.bundles[seed.BUNDLES["mia-au-local"]]
    world.sync()
    assert world.work("mia-au-local").state == State.CANCELLED
    assert world.at_twilio(renewal.copy_sid) is None


# --- The rule -----------------------------------------------------------------------------------


def enact(world: World) -> None:
    sid = seed.REGULATIONS["DE"]
    rule = world.sandbox.state.regulations[sid].requirements
    purpose = rules.field("business_purpose")
    person = rules.asking_also(rule["end_user"][0], purpose)
    world.control(f"regulations/{sid}/enact", requirements={**rule, "end_user": [person]}, days=30)


def test_a_rule_that_changes_while_it_is_the_customers_turn_is_asked_about(world: World) -> None:
    renewal = world.prepared(SENT)
    assert renewal.state == State.READY
    enact(world)
    world.sync()
    renewal = world.work(SENT)
    assert renewal.state == State.NEEDS_INFO
    (task,) = checklist_of(renewal).tasks
    assert [field.name for field in task.options[0].fields] == ["business_purpose"]
    assert world.answer_all(SENT).state == State.READY


def test_a_rule_that_changes_before_the_submission_stops_it(world: World) -> None:
    world.prepared(SENT)
    enact(world)
    renewal = world.send(SENT)
    assert renewal.state == State.NEEDS_INFO
    assert world.at_twilio(renewal.copy_sid)["status"] == "draft"


def test_a_rule_that_changes_during_the_review_is_reviewed_again_with_what_there_is(
    world: World,
) -> None:
    """Error 22228: the copy lacks what the newest rule wants."""
    renewal = in_review(world)
    held = world.items_of(renewal.copy_sid)
    enact(world)
    world.sync()
    world.control(f"bundles/{renewal.copy_sid}/approve")
    again = world.look(SENT)
    assert (again.state, again.trouble) == (State.NEEDS_INFO, "")
    assert world.items_of(again.copy_sid) == held
    assert world.at_twilio(renewal.copy_sid) is None
    assert not world.strays()
    (task,) = checklist_of(again).tasks
    assert [field.name for field in task.options[0].fields] == ["business_purpose"]
    assert world.answer_all(SENT).state == State.READY
    world.send(SENT)
    world.control(f"bundles/{again.copy_sid}/approve")
    assert world.look(SENT).state == State.COMPLETED
    assert not world.strays()
    assert world.at_twilio(seed.BUNDLES[SENT])["copies"] == []


# --- The reviewer -------------------------------------------------------------------------------


def test_a_rejection_without_a_word_opens_everything(world: World) -> None:
    renewal = in_review(world)
    world.control(f"bundles/{renewal.copy_sid}/reject")
    renewal = world.look(SENT)
    assert (renewal.state, renewal.rejections) == (State.REJECTED, 1)
    assert Event.objects.filter(kind="rejected-without-details").count() == 1

    kinds = [task.kind for task in checklist_of(renewal).tasks]
    assert kinds[0] == "details"
    assert "document" in kinds
    world.save(SENT, checklist_of(renewal).tasks[0])
    assert world.work(SENT).state == State.READY


def test_two_refused_documents_are_both_asked_for_before_it_can_be_sent(world: World) -> None:
    key = "way-changes-needed"
    renewal = in_review(world, key)
    refused = [
        d["sid"]
        for d in world.at_twilio(renewal.copy_sid)["documents"]
        if d["type"] != "commercial_registrar_excerpt"
    ]
    verdicts = [{"sid": sid, "code": 18003, "reason": "Expired."} for sid in refused]
    world.control(f"bundles/{renewal.copy_sid}/reject", reason="", documents=verdicts)
    renewal = world.look(key)
    first, second = checklist_of(renewal).tasks
    world.save(key, first)
    renewal = world.work(key)
    assert renewal.state == State.NEEDS_INFO
    assert [task.title for task in checklist_of(renewal).tasks] == [second.title]
    world.save(key, second)
    assert world.work(key).state == State.READY


# --- Subaccounts --------------------------------------------------------------------------------


def test_a_subaccounts_bundle_is_renewed_with_its_own_credentials(world: World) -> None:
    key = "harbour-gb-local"
    world.people()
    world.harbour()
    world.sync()
    world.control_delete("requests")
    world.work(key)
    world.answer_all(key)
    renewal = world.send(key)
    world.control(f"bundles/{renewal.copy_sid}/approve")
    assert world.look(key).state == State.COMPLETED
    assert {entry["account"] for entry in world.requests()} == {seed.SUBACCOUNT_SID}
    assert seed.SUBACCOUNT_TOKEN.encode() not in bytes(
        Account.objects.get(sid=seed.SUBACCOUNT_SID).sealed_token
    )
