"""What is another customer's can't be named in a form, not even where both live in one account at
Twilio: neither by its SID, nor by our own name for it.
"""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from compliance.answers.saving import bytes_of
from compliance.models import Account, Answer, Customer, Membership, Renewal, StagedFile, User
from tests.desk.test_roles import everything
from tests.factories import (
    ADDRESS_MISSING,
    ALL_FINE,
    DETAILS_FINE,
    EXTRACT_FINE,
    german_renewal,
    make_answer,
    make_customer,
    make_item,
    make_user,
    sid,
)
from tests.pages.test_uploads import EXTRACT, TASK, staged
from tests.portal import specimens

OURS_NEEDS_AN_ADDRESS = (DETAILS_FINE, EXTRACT_FINE, ADDRESS_MISSING)
BLANK = {
    "f-address_sids-customer_name": "",
    "f-address_sids-street": "",
    "f-address_sids-city": "",
    "f-address_sids-postal_code": "",
}


@pytest.fixture
def theirs(fixing: Renewal, now: datetime) -> Renewal:
    """Bob's registration, in the same account as Ada's, with everything that one can have."""
    other = make_customer("Other Ltd")
    make_user("bob@other.example", customer=other)
    renewal = german_renewal(other, now=now, results=ALL_FINE)
    assert renewal.bundle.account == fixing.bundle.account == Account.objects.get()
    extract = renewal.items.get(type="commercial_registrar_excerpt")
    make_answer(
        renewal,
        TASK,
        now=now,
        type_=extract.type,
        state=Answer.State.DELIVERED,
        file="theirs.pdf",
        file_sha256="5" * 64,
        item_sid=extract.sid,
    )
    return renewal


def address_of(renewal: Renewal) -> str:
    (found,) = renewal.items.get(type="business_address").contents()["attributes"]["address_sids"]
    return str(found)


def sids_of(renewal: Renewal) -> set[str]:
    own = {renewal.copy_sid, renewal.bundle.sid, address_of(renewal)}
    return own | set(renewal.items.values_list("sid", flat=True))


def said_of(renewal: Renewal) -> str:
    """All that is stored of what was answered, opened."""
    return " ".join(
        str(
            [answer.values(), answer.item_sid, answer.changes_sid, answer.supersedes, answer.reuses]
        )
        for answer in renewal.answers.all()
    )


# --- By SID --------------------------------------------------------------------------------------


def test_no_field_takes_the_sid_of_an_address(
    client: Client, acme: Customer, theirs: Renewal, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now, results=OURS_NEEDS_AN_ADDRESS)
    url, foreign = f"/r/{renewal.reference}/business_address_info/", address_of(theirs)
    assert client.get(url).status_code == 200
    for name in (
        *("f-address_sids-pick", "f-address_sids", "f-address_sids-sid", "f-address_sids-use"),
        *("address_sids", "sid", "f-sid", "address_sid"),
    ):
        for value in (foreign, [foreign], f'{{"sid": "{foreign}"}}'):
            answer = client.post(url, {"version": "0", **BLANK, name: value})
            assert answer.status_code == 422, (name, answer.status_code)
    for pick in ("1", "7", "-1", "00", "0x0", "\uff11", "²", "new", "", "9" * 30):
        answer = client.post(url, {"version": "0", **BLANK, "f-address_sids-pick": pick})
        assert answer.status_code in (422, 302), pick
        assert foreign not in said_of(renewal)
    client.post(url, {"version": "0", "f-address_sids-pick": "0"})
    assert address_of(renewal) in said_of(renewal)


INPUTS = (
    *("item_sid", "changes_sid", "supersedes", "covers", "reuses", "type", "end_user_sid"),
    *("document_sid", "bundle_sid", "copy_sid", "renewal", "task", "customer", "turn", "file"),
    *("state", "user", "address_sid", "saved_by", "details_version", "f-item_sid", "f-sid"),
)


@pytest.mark.parametrize("names", [INPUTS, ("as",), ("reuse",), ("page",)])
def test_no_input_of_a_task_names_what_is_theirs(
    client: Client, fixing: Renewal, theirs: Renewal, names: tuple[str, ...]
) -> None:
    """A document or an End-User to be changed, replaced or used, whatever the input is called."""
    own = set(Answer.objects.values_list("pk", flat=True))
    for task, typed in ((TASK, EXTRACT), ("details", {"version": "0", "f-email": "a@b.example"})):
        for foreign in (*sids_of(theirs), str(theirs.pk), theirs.reference):
            client.post(
                f"/r/{fixing.reference}/{task}/", {**typed, **dict.fromkeys(names, foreign)}
            )
    for answer in Answer.objects.exclude(pk__in=own):
        assert answer.renewal == fixing
        assert answer.reuses is None
        assert not sids_of(theirs) & {answer.item_sid, answer.changes_sid, *answer.supersedes}
    assert not any(foreign in said_of(fixing) for foreign in sids_of(theirs))


# --- By our own names ----------------------------------------------------------------------------


def test_a_document_of_theirs_is_not_used_here(
    client: Client, fixing: Renewal, theirs: Renewal
) -> None:
    url = f"/r/{fixing.reference}/{TASK}/"
    for key in (f"{theirs.reference}/{TASK}", f"{theirs.reference}/details", theirs.reference, "/"):
        client.post(url, {**EXTRACT, "reuse": key})
    assert not fixing.answers.exists()


def test_a_document_of_a_customers_own_is(
    client: Client, fixing: Renewal, theirs: Renewal, acme: Customer
) -> None:
    """So the one above was kept out for being theirs."""
    theirs.bundle.customer = acme
    theirs.bundle.save()
    client.post(
        f"/r/{fixing.reference}/{TASK}/", {**EXTRACT, "reuse": f"{theirs.reference}/{TASK}"}
    )
    assert fixing.answers.get().reuses == theirs.answers.get()


def test_what_is_answered_here_goes_into_none_of_theirs(
    client: Client, fixing: Renewal, theirs: Renewal, now: datetime
) -> None:
    open_one = german_renewal(theirs.bundle.customer, now=now)  # type: ignore[arg-type]
    make_answer(fixing, "details", {"email": "ada@acme.example"}, now=now, state="delivered")
    keys = [f"{each.reference}/{task}" for each in (theirs, open_one) for task in ("details", TASK)]
    before = everything()
    client.post(f"/r/{fixing.reference}/use-elsewhere/", {"in": keys})
    assert everything() == before


def test_a_file_of_theirs_is_neither_sent_nor_removed(
    client: Client, fixing: Renewal, theirs: Renewal, now: datetime
) -> None:
    bob = User.objects.get(email="bob@other.example")
    open_one = german_renewal(theirs.bundle.customer, now=now)  # type: ignore[arg-type]
    browser = Client()
    browser.force_login(bob)
    token = staged(browser, open_one, "theirs.pdf")
    for name in ("page", "remove", f"turn-{token}"):
        client.post(f"/r/{fixing.reference}/{TASK}/", {**EXTRACT, name: token})
        client.post(f"/r/{fixing.reference}/{TASK}/file/?document=trade_license", {name: token})
    assert not fixing.answers.exists()
    assert StagedFile.objects.get().token == token
    assert StagedFile.objects.get().user == bob


def test_a_colleagues_file_is_neither(client: Client, fixing: Renewal, acme: Customer) -> None:
    browser = Client()
    browser.force_login(make_user("carl@acme.example", customer=acme))
    token = staged(browser, fixing, "carls.pdf")
    client.post(f"/r/{fixing.reference}/{TASK}/", {**EXTRACT, "page": token})
    url = f"/r/{fixing.reference}/{TASK}/file/?document=commercial_registrar_excerpt"
    client.post(url, {"remove": token})
    assert not fixing.answers.exists()
    assert StagedFile.objects.get().token == token
    # And her own, to see that it is so.
    own = staged(client, fixing, "adas.pdf")
    client.post(f"/r/{fixing.reference}/{TASK}/", {**EXTRACT, "page": own})
    assert bytes_of(fixing.answers.get()) == specimens.pdf()


# --- People --------------------------------------------------------------------------------------


def test_people_of_theirs_are_not_reached_through_ones_own_company(
    client: Client, ada: User, theirs: Renewal
) -> None:
    own = ada.customers.get().public_id
    bob = Membership.objects.get(user__email="bob@other.example")
    before = everything()
    for end in ("", "invite/", "remove/"):
        answer = client.post(
            f"/people/{own}/{bob.public_id}/{end}", {"role": "viewer", "mails": "no"}
        )
        assert answer.status_code == 404
    client.post(
        "/settings/", {"name": "Ada Ackermann", "language": "en", "mails": str(bob.public_id)}
    )
    assert everything()["compliance.Membership"] == before["compliance.Membership"]


def test_a_company_can_not_be_chosen_for_who_is_added(
    client: Client, ada: User, theirs: Renewal
) -> None:
    other, own = Customer.objects.get(name="Other Ltd"), ada.customers.get()
    person = {"email": "m@x.example", "name": "M", "role": "editor", "language": "en"}
    more = {"customer": other.pk, "company": other.public_id, "is_staff": "on", "user": ada.pk}
    client.post(f"/people/{own.public_id}/add/", {**person, **more, "by_support": "on"})
    added = Membership.objects.get(user__email="m@x.example")
    assert (added.customer, added.by_support, added.user.is_staff) == (own, False, False)


# --- Many at once --------------------------------------------------------------------------------


def test_a_customer_of_two_companies_keeps_them_apart(
    client: Client, ada: User, fixing: Renewal, theirs: Renewal
) -> None:
    """Who may see both does not mix them: a document stays with its company."""
    other = theirs.bundle.customer
    assert other is not None
    Membership.objects.create(user=ada, customer=other)
    url = f"/r/{fixing.reference}/{TASK}/"
    client.post(url, {**EXTRACT, "reuse": f"{theirs.reference}/{TASK}"})
    client.post(f"/r/{theirs.reference}/use-elsewhere/", {"in": f"{fixing.reference}/{TASK}"})
    assert not fixing.answers.exists()


def test_an_item_with_the_same_type_is_not_mistaken_for_ones_own(
    client: Client, fixing: Renewal, theirs: Renewal, now: datetime
) -> None:
    """The correction of a document that we have names none: it is the registration's own."""
    later = now + timedelta(seconds=1)
    make_item(theirs, "commercial_registrar_excerpt", {"business_name": "Theirs"}, refused_at=later)
    client.post(f"/r/{fixing.reference}/{TASK}/", {**EXTRACT, "as": "correction"})
    assert not Answer.objects.filter(changes_sid__in=sids_of(theirs)).exists()
    assert sid("RD") not in said_of(fixing)
