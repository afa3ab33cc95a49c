"""What is mirrored, whose it is, and what a poll costs."""

from datetime import timedelta

from compliance import sync
from compliance.models import Account, Bundle, Customer, Membership, Regulation, Renewal, User
from compliance.sandbox import seed
from tests.world import World


def bundle(key: str) -> Bundle:
    return Bundle.objects.get(sid=seed.BUNDLES[key])


def test_every_bundle_with_a_deadline_is_mirrored_with_its_rule_and_numbers(world: World) -> None:
    world.people()
    world.sync()
    mirrored = bundle("acme-de-local")
    assert mirrored.valid_until is not None
    assert mirrored.numbers == ["+493023125001", "+493023125002", "+493023125003"]
    assert mirrored.regulation is not None
    assert mirrored.regulation.iso_country == "DE"
    assert mirrored.regulation.requirements["end_user"]
    assert len(mirrored.regulation.requirements_hash) == 64
    assert not Bundle.objects.filter(sid=seed.BUNDLES["acme-de-current"]).exists()
    assert bundle("harbour-gb-local").account.sid == seed.SUBACCOUNT_SID


def test_a_second_sync_writes_nothing_and_opens_nothing(world: World) -> None:
    world.people()
    world.sync()
    before = list(Bundle.objects.order_by("pk").values())
    count = Renewal.objects.count()
    world.sync()
    assert list(Bundle.objects.order_by("pk").values()) == before
    assert Renewal.objects.count() == count == Bundle.objects.exclude(customer=None).count()


def test_our_own_copies_are_no_registrations(world: World) -> None:
    renewal = world.prepared("acme-de-passes")
    world.control(f"bundles/{renewal.copy_sid}/deadline", valid_until="2030-01-01T00:00:00Z")
    world.sync()
    assert not Bundle.objects.filter(sid=renewal.copy_sid).exists()


def test_an_email_that_leaves_a_doubt_assigns_nothing(world: World) -> None:
    world.people()
    other = Customer.objects.create(name="Also Acme")
    ada = User.objects.get(email="ada@acme.example")
    Membership.objects.create(user=ada, customer=other)
    world.sync()
    assert bundle("acme-de-local").customer is None
    assert bundle("mia-au-local").customer is not None


def test_what_staff_assign_stays_and_opens_a_renewal(world: World) -> None:
    world.people()
    world.sync()
    lost = bundle("unknown-ie-local")
    assert lost.customer is None
    assert not lost.renewals.exists()
    kite = Customer.objects.get(name="Kite & Co")
    sync.assign(lost, customer_pk=kite.pk, now=world.clock())
    world.sync()
    lost.refresh_from_db()
    assert lost.customer == kite
    assert world.work("unknown-ie-local").state == Renewal.State.NEEDS_INFO


def test_a_subaccounts_bundles_belong_to_its_customer_whatever_their_email(world: World) -> None:
    world.harbour()
    User.objects.all().delete()
    world.sync()
    assert bundle("harbour-ie-local").customer == Customer.objects.get(name="Harbour Cafe Ltd")


def test_a_date_that_vanished_is_noticed(world: World) -> None:
    world.people()
    world.sync()
    world.control(f"bundles/{seed.BUNDLES['mia-au-local']}/deadline", valid_until=None)
    world.sync()
    assert bundle("mia-au-local").valid_until is None


def test_a_deadline_that_moves_is_moved_on_the_open_renewal(world: World) -> None:
    world.prepared("mia-au-local")
    world.control(
        f"bundles/{seed.BUNDLES['mia-au-local']}/deadline", valid_until="2031-05-01T10:00:00Z"
    )
    world.sync()
    renewal = world.renewal("mia-au-local")
    assert renewal.valid_until.year == 2031
    assert Renewal.objects.filter(bundle=renewal.bundle).count() == 1


def test_a_regulation_that_is_gone_keeps_its_last_text(world: World) -> None:
    world.people()
    world.sync()
    world.control(f"regulations/{seed.REGULATIONS['AU']}/retire")
    world.sync()
    regulation = Regulation.objects.get(sid=seed.REGULATIONS["AU"])
    assert regulation.gone
    assert regulation.requirements["end_user"]


def with_a_deadline_whose_rule_breaks(world: World) -> str:
    """The SID of a bundle that got a date since it was read; its rule can't be read at first."""
    world.people()
    world.sync()
    world.poll()
    new = seed.BUNDLES["acme-de-current"]
    world.control(f"bundles/{new}/deadline", valid_until="2031-01-01T00:00:00Z")
    world.fault("status", status=503, path="/Regulations/", times=2)
    return new


def test_a_poll_that_breaks_off_loses_no_deadline(world: World) -> None:
    new = with_a_deadline_whose_rule_breaks(world)
    world.poll()
    assert not Renewal.objects.filter(bundle__sid=new).exists()
    world.poll()
    assert Renewal.objects.filter(bundle__sid=new).exists()


def test_what_a_sync_that_breaks_off_has_mirrored_is_opened_by_the_next_poll(world: World) -> None:
    new = with_a_deadline_whose_rule_breaks(world)
    world.sync()
    assert Bundle.objects.filter(sid=new).exists()
    assert not Renewal.objects.filter(bundle__sid=new).exists()
    world.poll()
    assert Renewal.objects.filter(bundle__sid=new).exists()


def test_a_poll_costs_one_call_an_account_however_much_is_open(world: World) -> None:
    world.people()
    world.sync()
    world.poll()
    world.control_delete("requests")
    world.poll()
    assert len(world.requests()) == Account.objects.filter(active=True).count()


def test_a_poll_that_finds_nothing_writes_nothing_of_what_is_in_review(world: World) -> None:
    world.prepared("acme-de-passes")
    renewal = world.send("acme-de-passes")
    world.poll()
    before = Renewal.objects.filter(pk=renewal.pk).values().get()

    world.control("clock", advance_seconds=60)
    world.poll()

    assert Renewal.objects.filter(pk=renewal.pk).values().get() == before
    renewal.refresh_from_db()
    assert before["looked_at"] < renewal.last_look == Account.objects.get(is_main=True).polled_at


def test_a_poll_sees_a_decision_whose_callback_was_lost(world: World) -> None:
    world.prepared("acme-de-passes")
    world.poll()
    world.control("callbacks", mode="lost")
    renewal = world.send("acme-de-passes")
    world.control("clock", advance_seconds=30)
    world.control(f"bundles/{renewal.copy_sid}/approve")
    world.poll()
    assert world.work("acme-de-passes").state == Renewal.State.COMPLETED


def test_the_slow_check_sees_what_the_poll_has_missed(world: World) -> None:
    world.prepared("acme-de-passes")
    renewal = world.send("acme-de-passes")
    world.control(f"bundles/{renewal.copy_sid}/approve")
    sync.check(now=world.clock())
    assert world.work("acme-de-passes").state == Renewal.State.COMPLETED


def test_a_new_deadline_is_found_by_the_poll_before_the_next_sync(world: World) -> None:
    world.people()
    world.sync()
    world.poll()
    world.control("clock", advance_seconds=30)
    world.control(
        f"bundles/{seed.BUNDLES['kite-gb-local']}/deadline", valid_until="2031-05-01T10:00:00Z"
    )
    world.poll()
    assert world.work("kite-gb-local").state in (Renewal.State.READY, Renewal.State.NEEDS_INFO)


def test_one_accounts_silence_keeps_no_other_waiting(world: World) -> None:
    world.people()
    world.harbour()
    world.fault("status", path=f"Accounts/{seed.ACCOUNT_SID}/IncomingPhoneNumbers", status=503)
    world.sync()
    main = Account.objects.get(is_main=True)
    assert (main.synced_at, main.unreachable_because) == (None, "HTTP 503")
    assert Account.objects.get(sid=seed.SUBACCOUNT_SID).synced_at is not None


def test_a_lost_token_of_a_subaccount_is_read_again(world: World) -> None:
    world.harbour()
    for lost in (b"", b"sealed by a key that has left the ring"):
        Account.objects.filter(sid=seed.SUBACCOUNT_SID).update(sealed_token=lost)
        sync.discover(now=world.clock())
        assert Account.objects.get(sid=seed.SUBACCOUNT_SID).token() == seed.SUBACCOUNT_TOKEN


def test_a_token_that_cannot_be_read_delays_and_troubles_nobody(world: World) -> None:
    world.harbour()
    world.sync()
    Account.objects.filter(sid=seed.SUBACCOUNT_SID).update(sealed_token=b"unreadable")
    renewal = world.work("harbour-gb-local")
    assert renewal.trouble == ""
    assert renewal.next_look_at is not None
    assert "token" in renewal.delayed_because


def test_a_deadline_that_passes_is_put_on_record_once(world: World) -> None:
    renewal = world.prepared("acme-de-passes")
    world.later(days=4)
    world.poll()
    world.poll()
    event = renewal.events.get(kind="expired")
    assert event.customer_visible
    assert event.at == renewal.valid_until
    assert world.clock() - event.at > timedelta(days=1)
