"""One document in two bundles: sent once, used in both, and deleted with neither."""

import pytest

from compliance import answers
from compliance.models import Answer, Renewal
from compliance.requirements import Task
from compliance.sandbox import seed
from tests.world import World

State = Renewal.State
FIRST, SECOND = "acme-de-passes", "acme-de-local"


def paper_task(renewal: Renewal) -> Task:
    (task,) = answers.checklist_of(renewal).tasks
    return task


def take_extract_out(world: World, renewal: Renewal) -> None:
    """Somebody does it in the Console."""
    extract = renewal.items.get(type="commercial_registrar_excerpt")
    world.twilio().unassign(renewal.copy_sid, assignment_sid=extract.assignment_sid)
    world.twilio().delete_item(extract.sid)


@pytest.fixture
def sent(world: World) -> Answer:
    """Both bundles ask for an extract, and it was sent for the first."""
    world.prepared(FIRST)
    world.work(SECOND)
    world.answer_all(SECOND)
    for key in (FIRST, SECOND):
        take_extract_out(world, world.renewal(key))
        world.later(minutes=15)
        assert world.send(key).state == State.NEEDS_INFO
    world.save(FIRST, paper_task(world.renewal(FIRST)))
    assert world.work(FIRST).state == State.READY
    return Answer.objects.get(renewal__bundle__sid=seed.BUNDLES[FIRST])


def reuse_in_second(world: World) -> Renewal:
    first = world.renewal(FIRST)
    (place,) = answers.places_for(first)
    assert place.renewal == world.renewal(SECOND)
    used = answers.use_elsewhere(first, keys=[place.key], by=world.user(first), now=world.clock())
    assert used == [place.renewal]
    return world.work(SECOND)


def test_both_registrations_end_with_the_one_document(world: World, sent: Answer) -> None:
    second = reuse_in_second(world)

    assert second.state == State.READY, (second.trouble, second.evaluation)
    assert sent.item_sid in world.items_of(second.copy_sid)
    for key in (FIRST, SECOND):
        copy_sid = world.send(key).copy_sid
        world.control(f"bundles/{copy_sid}/approve")
        ended = world.look(key)
        assert ended.state == State.COMPLETED, (ended.trouble, ended.trouble_detail)
    for key in (FIRST, SECOND):
        assert sent.item_sid in world.items_of(seed.BUNDLES[key])
    assert not world.strays()


def test_the_other_asks_anew_when_the_reviewer_refuses_it(world: World, sent: Answer) -> None:
    second = reuse_in_second(world)
    first = world.send(FIRST)
    world.control(
        f"bundles/{first.copy_sid}/reject",
        documents=[{"sid": sent.item_sid, "code": 18002, "reason": "It can't be read."}],
    )
    assert world.look(FIRST).state == State.REJECTED

    second = world.work(SECOND)

    assert second.state == State.NEEDS_INFO
    task = paper_task(second)
    assert task.refused
    assert not any(option.changes_sid for option in task.options)
    assert not answers.sent_elsewhere(second, task)
    world.save(SECOND, task)
    assert world.work(SECOND).state == State.READY
    # The first still holds what was refused there.
    assert sent.item_sid in world.items_of(first.copy_sid)
    assert sent.item_sid not in world.items_of(second.copy_sid)
    world.save(FIRST, paper_task(world.renewal(FIRST)))
    assert world.work(FIRST).state == State.READY
    for key in (FIRST, SECOND):
        copy_sid = world.send(key).copy_sid
        world.control(f"bundles/{copy_sid}/approve")
        assert world.look(key).state == State.COMPLETED
    assert not world.strays()


def test_a_document_that_has_gone_is_asked_for_again(world: World, sent: Answer) -> None:
    first = world.renewal(FIRST)
    twilio = world.twilio()
    (held,) = (a for a in twilio.assignments(first.copy_sid) if a.object_sid == sent.item_sid)
    twilio.unassign(first.copy_sid, assignment_sid=held.sid)
    twilio.delete_item(sent.item_sid)

    second = reuse_in_second(world)

    assert (second.state, second.trouble) == (State.NEEDS_INFO, "")
    assert second.answers.get(reuses=sent).state == Answer.State.REFUSED
    assert paper_task(second).options[0].needs_file


def test_what_another_renewal_waits_for_is_not_deleted(world: World, sent: Answer) -> None:
    first = world.renewal(FIRST)
    keys = [place.key for place in answers.places_for(first)]
    answers.use_elsewhere(first, keys=keys, by=world.user(first), now=world.clock())
    # Before it has arrived there, the first bundle is renewed by somebody else.
    world.control(f"bundles/{first.bundle.sid}/deadline", valid_until=None)
    world.sync()
    assert world.look(FIRST).state in Renewal.ENDED

    second = world.work(SECOND)

    assert second.state == State.READY
    assert sent.item_sid in world.items_of(second.copy_sid)


def use_it_in_second(world: World, *, version: int = 0) -> None:
    """From the page of the task that asks for it."""
    second = world.renewal(SECOND)
    ((found, option),) = answers.sent_elsewhere(second, paper_task(second))
    answers.reuse(
        second,
        task=paper_task(second),
        option=option,
        sent=found,
        version=version,
        by=world.user(second),
        now=world.clock(),
    )


def refuse(world: World, key: str, sid: str) -> None:
    documents = [{"sid": sid, "code": 18002, "reason": "It can't be read."}]
    world.control(f"bundles/{world.renewal(key).copy_sid}/reject", documents=documents)


def test_a_document_with_an_address_of_another_bundle_is_not_offered(world: World) -> None:
    elsewhere = "acme-de-papers"
    world.prepared(FIRST)
    take_extract_out(world, world.renewal(FIRST))
    world.send(FIRST)
    world.save(FIRST, paper_task(world.renewal(FIRST)))
    assert world.work(FIRST).state == State.READY
    other = world.work(elsewhere)

    assert other.state == State.NEEDS_INFO
    assert not answers.places_for(world.renewal(FIRST))
    assert not answers.sent_elsewhere(other, paper_task(other))


def test_a_refusal_counts_although_the_other_was_refused_something_before(
    world: World, sent: Answer
) -> None:
    use_it_in_second(world)
    second = world.work(SECOND)
    Renewal.objects.filter(pk=second.pk).update(decided_at=world.clock(), rejections=1)
    world.later(minutes=1)
    world.send(FIRST)
    refuse(world, FIRST, sent.item_sid)
    world.look(FIRST)

    assert world.work(SECOND).state == State.NEEDS_INFO


def test_a_document_that_is_refused_twice_is_asked_for_twice(world: World, sent: Answer) -> None:
    use_it_in_second(world)
    world.work(SECOND)
    for _round in range(2):
        world.later(minutes=1)
        second = world.send(SECOND)
        refuse(world, SECOND, sent.item_sid)
        second = world.look(SECOND)
        assert paper_task(second).refused
        # As if a correction had been delivered meanwhile.
        second.answers.update(delivered_at=world.clock())
        Renewal.objects.filter(pk=second.pk).update(state=State.READY)


def test_chosen_twice_it_stays_in_its_place(world: World, sent: Answer) -> None:
    use_it_in_second(world)
    # A worker dies after Twilio has assigned it and before that is written down.
    world.twilio().assign(world.renewal(SECOND).copy_sid, object_sid=sent.item_sid)
    use_it_in_second(world, version=1)

    second = world.work(SECOND)

    assert second.state == State.READY
    assert sent.item_sid in world.items_of(second.copy_sid)


def test_a_crash_after_a_refusal_leaves_the_other_told(
    world: World, sent: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_it_in_second(world)
    world.work(SECOND)
    world.send(FIRST)
    refuse(world, FIRST, sent.item_sid)
    real = Renewal.move

    def dies_after(renewal: Renewal, to: str, **more: object) -> None:
        real(renewal, to, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Renewal, "move", dies_after)
        with pytest.raises(KeyboardInterrupt):
            world.look(FIRST)

    assert world.work(SECOND).state == State.NEEDS_INFO


def test_what_one_reviewer_refused_is_not_offered_to_a_third(world: World, sent: Answer) -> None:
    use_it_in_second(world)
    world.work(SECOND)
    world.send(SECOND)
    refuse(world, SECOND, sent.item_sid)
    world.look(SECOND)

    assert not answers.places_for(world.renewal(FIRST))


def test_what_was_lent_is_not_corrected_even_while_something_else_is_refused(
    world: World, sent: Answer
) -> None:
    use_it_in_second(world)
    world.work(SECOND)
    first = world.renewal(FIRST)
    task = answers.everything_of(first, answers.held_items(first)).task(sent.task)
    assert task is not None
    (option,) = (each for each in task.options if each.needs_file and each.type == sent.type)
    world.save(FIRST, task, option=option)
    world.fault("status", method="POST", path="SupportingDocuments", status=400, code=20001)
    first = world.work(FIRST)
    assert first.answers.get(task=sent.task).state == Answer.State.REFUSED

    task = answers.everything_of(first, answers.held_items(first)).task(sent.task)

    assert task is not None
    assert not any(each.changes_sid for each in task.options)
