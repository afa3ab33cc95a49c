"""What is left behind at Twilio is found and deleted, if it is provably ours; the rest is noted."""

from datetime import timedelta
from typing import Any

import pytest

from compliance import accounts, sync
from compliance.answers import checklist_of
from compliance.gateway import Refused, Twilio
from compliance.models import Account, Answer, Event, Renewal, Stray
from compliance.sandbox import seed
from compliance.sync import strays
from compliance.workflow import original
from compliance.workflow.lease import Case, claim
from tests.engine.test_reusing import FIRST, SECOND, reuse_in_second, sent
from tests.world import PLACES, World

__all__ = ["sent"]

State, Why = Renewal.State, Stray.Why
KEY = "acme-de-papers"
PASSES = "acme-de-passes"


def reconcile(world: World) -> None:
    """At the account's next hour."""
    Account.objects.update(strays_due_at=None)
    sync.reconcile(accounts.main_account(), clock=world.clock)


def everything(world: World) -> set[str]:
    state = world.sandbox.state
    return {*state.bundles, *state.end_users, *state.documents, *state.addresses}


def aged(world: World, *sids: str) -> None:
    """Made an hour ago, while its renewal was open."""
    state = world.sandbox.state
    for sid in sids:
        for rows in (state.bundles, state.end_users, state.documents, state.addresses):
            if sid in rows:
                rows[sid].date_created -= timedelta(hours=1)  # type: ignore[index]
    Renewal.objects.update(opened_at=world.clock() - timedelta(hours=2))


def copy_of(world: World, key: str, name: str) -> str:
    return world.twilio().create_copy(seed.BUNDLES[key], friendly_name=name).sid


def cancelled(world: World, key: str) -> Renewal:
    """Ended long enough ago, with nothing left."""
    renewal = world.prepared(key)
    now = world.clock()
    Renewal.objects.filter(pk=renewal.pk).update(
        wish=Renewal.Wish.CANCEL, next_look_at=now, wished_by=world.user(renewal)
    )
    assert world.work(key).state == State.CANCELLED
    ended = Renewal.objects.filter(pk=renewal.pk)
    ended.update(ended_at=now - timedelta(minutes=10))
    return world.renewal(key)


def test_a_draft_beside_the_copy_in_use_goes_with_what_it_holds(world: World) -> None:
    renewal = world.prepared(KEY)
    before = everything(world)
    spare = copy_of(world, KEY, f"Acme {renewal.tag}")
    aged(world, spare)
    reconcile(world)
    assert everything(world) == before
    assert not Stray.objects.exists()
    event = Event.objects.get(key=f"stray-removed:{spare}")
    assert (event.renewal, event.details) == (renewal, {"sid": spare})
    renewal.refresh_from_db()
    assert (renewal.state, renewal.lease_token) == (State.NEEDS_INFO, "")


def test_the_leftover_of_an_ended_renewal_goes_with_what_it_holds(world: World) -> None:
    renewal = cancelled(world, KEY)
    before = everything(world)
    aged(world, copy_of(world, KEY, f"Acme {renewal.tag}"))
    reconcile(world)
    assert everything(world) == before


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Acme, by hand", None),
        ("Acme [CMP-7F3K2X]", Why.UNKNOWN),
        ("Acme {tag} (by hand)", None),
        ("Acme {tag}", "young"),
        ("Acme {tag}", Why.NOT_A_DRAFT),
        ("Acme {tag}", Why.UNPROVEN),
    ],
)
def test_what_is_not_provably_ours_is_left_alone_and_told(
    world: World, name: str, why: str | None
) -> None:
    renewal = world.prepared(PASSES)
    tagged = name.format(tag=renewal.tag)
    # A copy of another bundle proves nothing, whatever its name.
    sid = copy_of(world, KEY if why == Why.UNPROVEN else PASSES, tagged)
    if why != "young":
        aged(world, sid)
    if why == Why.NOT_A_DRAFT:
        world.twilio().submit(sid)
    before = everything(world)
    reconcile(world)
    assert everything(world) == before
    told = dict(Stray.objects.for_support().values_list("sid", "why"))
    assert told == ({sid: why} if why in Why else {})
    if told:
        # Somebody has seen to it.
        del world.sandbox.state.bundles[sid]
        world.later(hours=1)
        reconcile(world)
        assert not Stray.objects.filter(sid=sid).exists()


def test_a_renewal_about_to_look_for_its_copy_keeps_it(world: World) -> None:
    world.people()
    world.sync()
    renewal = world.renewal(KEY)
    sid = copy_of(world, KEY, f"Acme {renewal.tag}")
    aged(world, sid)
    reconcile(world)
    assert world.work(KEY).copy_sid == sid


def test_a_renewal_that_a_worker_has_is_left_alone(world: World) -> None:
    renewal = world.prepared(KEY)
    spare = copy_of(world, KEY, f"Acme {renewal.tag}")
    aged(world, spare)
    world.due(KEY)
    case = claim(renewal.pk, clock=world.clock)
    assert case is not None
    reconcile(world)
    assert world.at_twilio(spare) is not None
    assert not case.release(next_look_at=None)
    reconcile(world)
    assert world.at_twilio(spare) is None


def made_document(world: World, answer: Answer, *, ago: timedelta = timedelta(hours=1)) -> str:
    document = world.twilio().create_document(
        friendly_name=f"trade_license {answer.tag}", type_="trade_license", attributes={}
    )
    world.sandbox.state.documents[document.sid].date_created -= ago
    return document.sid


def ended_with_an_answer(world: World) -> Answer:
    renewal = world.prepared(KEY)
    world.save(KEY, checklist_of(renewal).tasks[0])
    world.work(KEY)
    Renewal.objects.filter(pk=renewal.pk).update(
        wish=Renewal.Wish.CANCEL, next_look_at=world.clock(), wished_by=world.user(renewal)
    )
    assert world.work(KEY).state == State.CANCELLED
    Renewal.objects.filter(pk=renewal.pk).update(
        opened_at=world.clock() - timedelta(hours=2),
        ended_at=world.clock() - timedelta(minutes=10),
    )
    answer = renewal.answers.get()
    answer.renewal = world.renewal(KEY)
    return answer


def test_what_landed_after_the_end_is_found_by_its_tag(world: World) -> None:
    answer = ended_with_an_answer(world)
    before = everything(world)
    sid = made_document(world, answer)
    address = world.twilio().create_address(
        friendly_name=answer.tag,
        parts={"customer_name": "Mia Wilson", "iso_country": "DE", **PLACES["DE"]},
    )
    world.sandbox.state.addresses[address.sid].date_created -= timedelta(hours=1)
    reconcile(world)
    assert everything(world) == before
    kinds = Event.objects.filter(kind="stray-removed").values_list("details__sid", flat=True)
    assert set(kinds) == {sid, address.sid}


@pytest.mark.parametrize("who", ["a copy of it", "another version", "a bundle", "a young one"])
def test_a_tag_alone_deletes_nothing(world: World, who: str) -> None:
    answer = ended_with_an_answer(world)
    if who == "another version":
        answer.version += 1
    # Twilio names the items of a copy like those that they were copied from.
    ago = {"a young one": timedelta(), "a copy of it": timedelta(hours=-1)}
    if who == "a copy of it":
        ended = Renewal.objects.filter(state__in=Renewal.ENDED)
        ended.update(ended_at=world.clock() - timedelta(minutes=90))
        ago[who] = timedelta(minutes=10)
    sid = made_document(world, answer, ago=ago.get(who, timedelta(hours=1)))
    if who == "a bundle":
        other = copy_of(world, PASSES, "by hand")
        world.twilio().assign(other, object_sid=sid)
    before = everything(world)
    reconcile(world)
    assert everything(world) == before
    found = Stray.objects.filter(sid=sid).values_list("why", flat=True)
    assert list(found) == {"another version": [Why.UNPROVEN], "a bundle": [Why.IN_USE]}.get(who, [])


def test_a_refused_deletion_is_tried_again_and_at_last_left_to_support(
    world: World, monkeypatch: Any
) -> None:
    answer = ended_with_an_answer(world)
    sid = made_document(world, answer)
    deletions = 0

    def refuse(self: Twilio, sid: str) -> None:
        nonlocal deletions
        deletions += 1
        raise Refused(20001, "no")

    with monkeypatch.context() as patched:
        patched.setattr(Twilio, "delete_item", refuse)
        for _ in range(20):
            reconcile(world)
            world.later(hours=12)
    row = Stray.objects.for_support().get()
    assert (row.sid, row.why, row.code, row.next_try_at) == (sid, Why.REFUSED, 20001, None)
    assert 3 <= deletions <= 7


def test_a_kept_item_is_deleted_once_nothing_holds_it(world: World) -> None:
    """What Twilio refused when the renewal ended."""
    renewal = world.prepared(KEY)
    world.save(KEY, checklist_of(renewal).tasks[0])
    world.work(KEY)
    item = renewal.answers.get().item_sid
    other = copy_of(world, PASSES, "by hand")
    place = world.twilio().assign(other, object_sid=item)
    Renewal.objects.filter(pk=renewal.pk).update(
        wish=Renewal.Wish.CANCEL, next_look_at=world.clock(), wished_by=world.user(renewal)
    )
    assert world.work(KEY).state == State.CANCELLED
    assert Stray.objects.get().why == Why.IN_USE
    assert Event.objects.get(kind="item-kept").details["sid"] == item
    assert item in world.items_of(other)
    world.twilio().unassign(other, assignment_sid=place.sid)
    world.later(hours=2)
    reconcile(world)
    assert not Stray.objects.exists()
    assert item not in everything(world)


def test_a_crash_between_a_copy_and_what_it_held_leaves_nothing(
    world: World, monkeypatch: Any
) -> None:
    renewal = world.prepared(KEY)
    before = everything(world)
    aged(world, copy_of(world, KEY, f"Acme {renewal.tag}"))

    def dies(self: Twilio, sid: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Twilio, "delete_item", dies)
        with pytest.raises(KeyboardInterrupt):
            reconcile(world)
    assert everything(world) > before
    assert Stray.objects.filter(why=Why.DOOMED).exists()
    world.later(hours=2)
    reconcile(world)
    assert everything(world) == before
    assert not Stray.objects.exists()


def test_it_goes_on_where_it_ended_at_a_bounded_cost(world: World, monkeypatch: Any) -> None:
    renewal = world.prepared(KEY)
    spare = copy_of(world, KEY, f"Acme {renewal.tag}")
    # The newest come first, so it is on the last page.
    world.sandbox.state.bundles[spare].date_created -= timedelta(days=3000)
    Renewal.objects.update(opened_at=world.clock() - timedelta(days=3001))
    monkeypatch.setattr(strays, "PAGES_AT_ONCE", 1)
    monkeypatch.setattr("compliance.gateway.twilio.PAGE_SIZE", 5)
    runs = 0
    while world.at_twilio(spare) is not None:
        runs += 1
        assert runs < 60
        world.control_delete("requests")
        reconcile(world)
        lists = [r for r in world.requests() if r["path"].endswith(("/Bundles", "/EndUsers"))]
        assert len(lists) == 2
    assert runs > 1


def test_a_place_that_twilio_no_longer_knows_is_forgotten(world: World) -> None:
    renewal = world.prepared(KEY)
    spare = copy_of(world, KEY, f"Acme {renewal.tag}")
    aged(world, spare)
    begun = world.clock().isoformat()
    Account.objects.update(strays_read={"Bundles": ["PageSize=lots", begun]})
    reconcile(world)
    assert world.at_twilio(spare) is not None
    reconcile(world)
    assert world.at_twilio(spare) is None


def test_each_account_has_its_turn_once_an_hour_whoever_asks(world: World) -> None:
    world.people()
    world.sync()
    account = accounts.main_account()
    assert account in sync.due(now=world.clock())
    sync.reconcile(account, clock=world.clock)
    calls = len(world.requests())
    sync.reconcile(account, clock=world.clock)
    assert len(world.requests()) == calls
    assert account not in sync.due(now=world.clock())
    world.later(hours=1)
    assert account in sync.due(now=world.clock())


def test_two_that_share_a_document_and_end_at_the_same_instant_leave_none(
    world: World, sent: Answer, monkeypatch: Any
) -> None:
    """Each saw the other as the one that needs it."""
    reuse_in_second(world)
    for key in (FIRST, SECOND):
        world.control(f"bundles/{seed.BUNDLES[key]}/deadline", valid_until=None)
    world.sync()
    end = original.end

    def after_the_other(case: Case, state: str, **more: Any) -> None:
        if case.renewal.bundle.sid == seed.BUNDLES[FIRST]:
            assert world.look(SECOND).state in Renewal.ENDED
        end(case, state, **more)

    with monkeypatch.context() as patched:
        patched.setattr(original, "end", after_the_other)
        assert world.look(FIRST).state in Renewal.ENDED
    assert world.strays() == {sent.item_sid}
    world.later(hours=2)
    reconcile(world)
    assert not world.strays()
