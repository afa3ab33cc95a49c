"""What happens between two of our own commits, or while two people act at once."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from compliance import answers, workflow
from compliance.answers import checklist_of, delivery
from compliance.models import Answer, Bundle, Event, Regulation, Renewal, Upload, User
from compliance.requirements import ADDRESS_FIELD, Option, Task
from compliance.sandbox import seed
from compliance.stages import Stage, stage_of
from compliance.sync.bundles import store
from compliance.workflow import steps
from compliance.workflow.lease import claim
from tests.portal import specimens
from tests.world import PLACES, World

State = Renewal.State
KEY = "lumiere-fr-local"


def test_an_answer_delivered_before_a_crash_is_evaluated_after_it(
    world: World, monkeypatch: Any
) -> None:
    key = "acme-de-local"
    renewal = world.prepared(key)
    world.save(key, checklist_of(renewal).tasks[0])

    def dies(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Renewal, "move", dies)
        with pytest.raises(KeyboardInterrupt):
            world.work(key)
    # Neither without the other.
    assert renewal.answers.get().state == Answer.State.WAITING
    world.later(minutes=5)
    assert world.work(key).state == State.READY


def test_one_answer_delivered_and_the_next_refused_still_leads_to_an_evaluation(
    world: World,
) -> None:
    renewal = world.prepared(KEY)
    tasks = checklist_of(renewal).tasks
    for task in tasks[:2]:
        world.save(KEY, task)
    world.fault("status", method="POST", path="Addresses", status=503, times=1)
    world.work(KEY)
    world.fault("status", method="POST", path="Addresses", status=400, code=21628, times=1)
    world.later(minutes=5)
    renewal = world.work(KEY)
    states = dict(renewal.answers.values_list("task", "state"))
    assert states == {"details": "delivered", tasks[1].key: "refused"}
    assert "details" not in [task.key for task in checklist_of(renewal).tasks]


@pytest.mark.parametrize("what", ["copy", "item"])
def test_what_was_deleted_in_the_console_is_noticed_when_an_answer_arrives(
    world: World, what: str
) -> None:
    key = "acme-de-local"
    renewal = world.prepared(key)
    if what == "copy":
        world.twilio().delete_bundle(renewal.copy_sid)
    else:
        (assignment,) = [
            a for a in world.twilio().assignments(renewal.copy_sid) if a.object_sid.startswith("IT")
        ]
        world.twilio().unassign(renewal.copy_sid, assignment_sid=assignment.sid)
        world.twilio().delete_item(assignment.object_sid)
    world.save(key, checklist_of(renewal).tasks[0])
    renewal = world.work(key)
    assert renewal.state == State.NEEDS_INFO
    (end_user, *_) = checklist_of(renewal).tasks
    assert bool(end_user.options[0].changes_sid) == (what == "copy")
    world.save(key, end_user)
    world.work(key)
    assert renewal.answers.get().state == Answer.State.DELIVERED
    assert any(sid.startswith("IT") for sid in world.items_of(world.renewal(key).copy_sid))


def test_a_second_version_takes_the_place_of_what_the_first_has_put_into_the_copy(
    world: World,
) -> None:
    key = "acme-de-papers"
    renewal = world.prepared(key)
    task = checklist_of(renewal).tasks[0]
    world.save(key, task)
    renewal.refresh_from_db()
    Renewal.objects.filter(pk=renewal.pk).update(next_look_at=world.clock())
    case = claim(renewal.pk, clock=world.clock)
    assert case is not None
    (answer,) = delivery.waiting_answers(case.renewal)
    delivery._Delivery(case, answer).run()
    world.save(key, task)
    case.release(next_look_at=world.clock())

    renewal = world.work(key)
    assert renewal.state == State.READY
    types = [d["type"] for d in world.at_twilio(renewal.copy_sid)["documents"]]
    assert len(types) == len(set(types)) == 2
    assert not world.strays()


def test_what_a_colleague_saves_while_it_is_sent_is_not_lost(
    world: World, monkeypatch: Any
) -> None:
    key = "acme-de-passes"
    renewal = world.prepared(key)
    stale = world.renewal(key)
    (details, *_) = checklist_everything(renewal)
    world.save(key, details)
    with pytest.raises(workflow.NotNow):
        workflow.send(stale, by=world.user(renewal), now=world.clock())
    assert world.work(key).state == State.READY


def checklist_everything(renewal: Renewal) -> Any:
    from compliance.requirements import checklist

    assert renewal.evaluation is not None
    assert renewal.bundle.regulation is not None
    return checklist(
        renewal.bundle.regulation.requirements,
        renewal.evaluation["results"],
        answers.held_items(renewal),
        everything=True,
    ).tasks


def test_sending_works_although_a_worker_has_just_held_the_lease(world: World) -> None:
    key = "acme-de-passes"
    world.prepared(key)
    stale = world.renewal(key)
    Renewal.objects.filter(pk=stale.pk).update(lease_token="somebody")
    workflow.send(stale, by=world.user(stale), now=world.clock())
    assert world.renewal(key).state == State.SUBMITTED


def test_a_paper_without_fields_is_replaced_by_its_new_file(world: World) -> None:
    key = "way-changes-needed"
    renewal = world.prepared(key)
    before = world.items_of(renewal.copy_sid)
    task = next(t for t in checklist_everything(renewal) if "power" in t.key)
    assert task.options[0].needs_file
    world.save(key, task, file=specimens.pdf(pages=2))
    renewal = world.work(key)
    assert renewal.state == State.READY
    after = world.items_of(renewal.copy_sid)
    assert len(after - before) == len(before - after) == 1
    assert not world.strays()


def test_an_option_either_changes_an_item_or_takes_its_place() -> None:
    with pytest.raises(ValueError, match="in place"):
        Option(type="x", label="x", covers=("x",), fields=(), changes_sid="RD1", needs_file=True)


def test_a_kept_file_that_has_gone_to_twilio_meanwhile_has_to_be_sent_again(world: World) -> None:
    key = "acme-de-papers"
    renewal = world.prepared(key)
    task = checklist_of(renewal).tasks[0]
    world.save(key, task)
    answer = renewal.answers.get()
    Upload.objects.all().delete()
    with pytest.raises(answers.Conflict):
        answers.save(
            renewal,
            task=task,
            option=task.options[0],
            values={},
            file=None,
            version=answer.version,
            by=world.user(renewal),
            now=world.clock(),
        )


def test_a_page_that_was_read_before_the_end_does_not_open_the_renewal_again(world: World) -> None:
    key = "acme-de-passes"
    world.prepared(key)
    old = world.twilio().bundle(seed.BUNDLES[key])
    world.control("clock", advance_seconds=60)
    renewal = world.send(key)
    world.control(f"bundles/{renewal.copy_sid}/approve")
    assert world.look(key).state == State.COMPLETED
    store(renewal.bundle.account, [old], now=world.clock())
    assert Bundle.objects.get(sid=old.sid).valid_until is None


def test_a_renewal_opened_by_mistake_makes_no_copy(world: World) -> None:
    world.people()
    world.sync()
    key = "acme-de-passes"
    world.control(f"bundles/{seed.BUNDLES[key]}/deadline", valid_until=None)
    assert world.work(key).state == State.COMPLETED
    assert world.at_twilio(seed.BUNDLES[key])["copies"] == []


def test_a_made_but_unassigned_document_goes_when_the_bundle_is_finished_elsewhere(
    world: World,
) -> None:
    key = "acme-de-papers"
    renewal = world.prepared(key)
    world.save(key, checklist_of(renewal).tasks[0])
    world.fault("status", method="POST", path="ItemAssignments$", status=503)
    world.work(key)
    assert world.strays()
    world.clear_faults()
    world.control(f"bundles/{seed.BUNDLES[key]}/deadline", valid_until=None)
    world.sync()
    world.later(minutes=5)
    assert world.work(key).state == State.COMPLETED
    assert not world.strays()


def test_an_older_version_that_may_still_land_is_no_outage(world: World) -> None:
    renewal = world.prepared("mia-au-local")
    (task,) = checklist_of(renewal).tasks
    world.save("mia-au-local", task)
    world.fault("drop_after", method="POST", path="Addresses", times=1)
    world.work("mia-au-local")
    world.poll()
    world.save("mia-au-local", task)
    renewal = world.work("mia-au-local")
    assert renewal.state == State.READY
    assert renewal.bundle.account.unreachable_since is None


def test_a_rule_is_stored_before_anybody_looks_again(world: World, monkeypatch: Any) -> None:
    world.prepared("acme-de-passes")
    rule = Regulation.objects.get(sid=seed.REGULATIONS["DE"])
    Regulation.objects.filter(pk=rule.pk).update(requirements_hash="another")
    Renewal.objects.update(evaluated_hash="another", next_look_at=None)
    world.sync()
    renewal = world.renewal("acme-de-passes")
    assert renewal.next_look_at is not None


def test_wrong_credentials_reach_a_person_and_heal_by_themselves(
    world: World, settings: Any
) -> None:
    world.people()
    world.sync()
    settings.TWILIO_AUTH_TOKEN = "0" * 32
    for _ in range(workflow.ATTEMPTS + 2):
        world.work("acme-de-passes")
        world.later(minutes=15)
    assert world.renewal("acme-de-passes").trouble == "credentials"
    settings.TWILIO_AUTH_TOKEN = seed.AUTH_TOKEN
    renewal = world.work("acme-de-passes")
    assert (renewal.state, renewal.trouble) == (State.READY, "")


def test_a_registration_that_twilio_no_longer_has_is_not_up_to_date(world: World) -> None:
    world.prepared("mia-au-local")
    with world.sandbox.state.lock:
        del world.sandbox.state.bundles[seed.BUNDLES["mia-au-local"]]
    world.sync()
    renewal = world.work("mia-au-local")
    assert stage_of(renewal.bundle, renewal, waiting=False, now=world.clock()) == Stage.EXPIRED
    assert Event.objects.get(kind="bundle-gone").customer_visible


def test_the_name_of_a_file_is_forgotten_at_the_end(world: World) -> None:
    key = "acme-de-papers"
    world.prepared(key)
    world.answer_all(key)
    renewal = world.send(key)
    world.control(f"bundles/{renewal.copy_sid}/approve")
    world.look(key)
    answer = renewal.answers.get()
    assert answer.file_name == ""
    assert len(answer.file_sha256) == 64


def test_staff_cannot_make_themselves_superusers(world: World, client: Client) -> None:
    from django.contrib.auth.models import Permission

    boss = User.objects.create_superuser("boss@demo.example")
    helper = User.objects.create_user("helper@demo.example", is_staff=True)
    helper.user_permissions.set(
        Permission.objects.filter(codename__in=("view_user", "change_user", "delete_user"))
    )
    customer = User.objects.create_user("ada@acme.example")
    client.force_login(helper)
    inline = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    form = {"email": "new@demo.example", "language": "en", "is_superuser": "on", **inline}
    for user, status in ((helper, 403), (boss, 403), (customer, 302)):
        address = reverse("admin:compliance_user_change", args=[user.pk])
        assert client.post(address, form).status_code == status
    for user in (helper, customer):
        user.refresh_from_db()
        assert not user.is_superuser
    assert customer.email == "new@demo.example"


def test_steps_never_undo_one_another() -> None:
    """Every state that is not an end has a step, and no other has one."""
    assert set(workflow.STEPS) == {state for state in State if state not in Renewal.ENDED}
    assert steps.EDITABLE


@pytest.mark.parametrize("comes_back", [False, True])
def test_the_address_of_an_answer_that_was_corrected_does_not_stay_behind(
    world: World, comes_back: bool
) -> None:
    key = "mia-au-local"
    renewal = world.prepared(key)
    had = set(world.sandbox.state.addresses)
    world.answer_all(key)
    (first,) = set(world.sandbox.state.addresses) - had
    task = task_about_the_address(world.renewal(key))
    other = {
        "customer_name": "Mia Wilson",
        "iso_country": "AU",
        **PLACES["AU"],
        "street": "2 Bay Rd",
    }
    world.save(key, task, address_sids=other)
    assert world.work(key).state == State.READY
    if comes_back:
        world.save(key, task_about_the_address(world.renewal(key)), address_sids={"sid": first})
        assert world.work(key).state == State.READY
    renewal = world.send(key)
    world.control(f"bundles/{renewal.copy_sid}/approve")
    assert world.look(key).state == State.COMPLETED

    kept = set(world.sandbox.state.addresses) - had
    assert len(kept) == 1
    assert (first in kept) == comes_back
    assert not world.strays()


def task_about_the_address(renewal: Renewal) -> Task:
    """Which is fine and shall be changed all the same."""
    tasks = answers.everything_of(renewal, answers.held_items(renewal)).tasks
    return next(t for t in tasks if ADDRESS_FIELD in [f.name for f in t.options[0].fields])


def test_an_address_of_ones_own_that_twilio_refuses_can_be_exchanged(
    world: World, client: Client
) -> None:
    key = "mia-au-local"
    world.prepared(key)
    world.answer_all(key)
    renewal = world.renewal(key)
    task = task_about_the_address(renewal)
    wrong = {"customer_name": "Mia", "iso_country": "AU", **PLACES["AU"], "postal_code": "XX"}
    world.save(key, task, address_sids=wrong)
    world.fault("status", method="POST", path="Addresses", status=400, code=21628, times=1)
    renewal = world.work(key)
    assert renewal.answers.get(task=task.key).state == Answer.State.REFUSED

    client.force_login(world.user(renewal))
    page = client.get(f"/r/{renewal.reference}/{task.key}/?change=1").content.decode()

    assert 'name="f-address_sids-pick" value="new"' in page
