"""A customer is brought in on one page, which says first what will happen."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import notifications, onboarding, tasks
from compliance.accounts import main_account
from compliance.models import Bundle, Customer, Event, Membership, Renewal, User
from compliance.onboarding import Company, Contact, Impossible
from compliance.sandbox import Sandbox, seed
from compliance.sync import owners
from tests import factories

ONBOARD = "/admin/compliance/customer/onboard/"


@pytest.fixture
def ops(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ops@demo.example"))
    return client


def form(*contacts: dict[str, str], **values: Any) -> dict[str, Any]:
    """What the page posts."""
    found: dict[str, Any] = {
        "name": "Acme GmbH",
        "time_zone": "Europe/Berlin",
        "account": "",
        "bundles": [],
        "invite": "on",
        "contacts-TOTAL_FORMS": "5",
        "contacts-INITIAL_FORMS": "0",
        **values,
    }
    for number in range(5):
        given = contacts[number] if number < len(contacts) else {}
        contact = {"email": "", "name": "", "role": "editor", "language": "en", **given}
        found |= {f"contacts-{number}-{name}": value for name, value in contact.items()}
    return {name: value for name, value in found.items() if value != "off"}


ADA = {"email": "Ada@Acme.example", "name": "Ada Ackermann", "language": "de"}
VERA = {"email": "vera@acme.example", "name": "Vera", "role": "viewer"}


def held(page: Any) -> str:
    found = re.search(r'name="held" value="([^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return found.group(1)


def steps(page: Any) -> list[str]:
    listed = re.findall(r'<li class="mb-1">(.*?)</li>', page.content.decode())
    assert listed
    return listed


def unassigned(now: Any, **fields: Any) -> Bundle:
    return factories.make_bundle(None, now=now, **fields)


def test_the_page_says_exactly_what_will_happen_and_then_it_does(ops: Client) -> None:
    now = timezone.now()
    subaccount = factories.make_account(friendly_name="Acme's own")
    factories.make_account(is_main=True)
    inside = unassigned(now, account=subaccount, days=30)
    chosen, another = unassigned(now), unassigned(now, days=20)
    assert ops.get(ONBOARD).status_code == 200

    page = ops.post(ONBOARD, form(ADA, VERA, account=str(subaccount.pk), bundles=[str(chosen.pk)]))

    assert steps(page) == [
        "The company Acme GmbH is added, with the time zone Europe/Berlin.",
        "ada@acme.example is added and may answer and send; an invitation is mailed now.",
        "vera@acme.example is added and may look; an invitation is mailed now.",
        f"Every bundle in the subaccount {subaccount.sid} belongs to it, now and from now on.",
        "2 bundles are assigned to it, and a renewal is opened for the 1 that has a deadline.",
    ]
    assert not Customer.objects.exists()
    assert not Event.objects.exists()

    done = ops.post(ONBOARD, {"held": held(page)})
    acme = Customer.objects.get()
    assert done["Location"] == reverse("admin:compliance_customer_change", args=[acme.pk])
    assert (acme.name, acme.time_zone, acme.account) == ("Acme GmbH", "Europe/Berlin", subaccount)
    ada = Membership.objects.get(user__email="ada@acme.example")
    assert (ada.role, ada.by_support, ada.user.name, ada.user.language) == (
        "editor",
        True,
        "Ada Ackermann",
        "de",
    )
    assert not ada.user.has_usable_password()
    assert Membership.objects.get(user__email="vera@acme.example").role == "viewer"
    assert set(acme.bundles.all()) == {inside, chosen}
    assert Renewal.objects.get().bundle == inside
    another.refresh_from_db()
    assert another.customer is None
    assert set(Event.objects.filter(customer=acme).values_list("kind", flat=True)) == {
        "bundle-assigned",
        "customer-added",
        "person-invited",
    }
    notifications.tell(now=timezone.now())
    assert sorted(to for message in mail.outbox for to in message.to) == [
        "ada@acme.example",
        "vera@acme.example",
    ]


def test_confirming_twice_adds_one_company(ops: Client) -> None:
    page = ops.post(ONBOARD, form(ADA))
    ops.post(ONBOARD, {"held": held(page)})
    again = ops.post(ONBOARD, {"held": held(page)}, follow=True)
    assert "Nothing was done" in again.content.decode()
    assert Customer.objects.count() == Membership.objects.count() == 1


def test_without_invitations_nobody_gets_a_mail_until_invited(ops: Client) -> None:
    page = ops.post(ONBOARD, form(ADA, invite="off"))
    assert (
        steps(page)[1] == "ada@acme.example is added and may answer and send; no mail is sent yet."
    )
    ops.post(ONBOARD, {"held": held(page)})
    notifications.tell(now=timezone.now())
    assert mail.outbox == []
    ada = User.objects.get(email="ada@acme.example")
    ops.post(
        reverse("admin:compliance_user_changelist"),
        {"action": "invite_again", "_selected_action": [ada.pk]},
    )
    notifications.tell(now=timezone.now())
    assert [message.to for message in mail.outbox] == [["ada@acme.example"]]


def test_problems_are_sentences_above_the_form(ops: Client) -> None:
    factories.make_customer("ACME gmbh")
    User.objects.create_user("gone@acme.example", is_active=False)
    page = ops.post(
        ONBOARD,
        form(
            {"email": "ops@demo.example"},
            {"email": "gone@acme.example"},
            VERA,
            VERA,
        ),
    )
    text = page.content.decode()
    for problem in (
        "There is a company ACME gmbh already.",
        "ops@demo.example is one of the staff.",
        "gone@acme.example has been deactivated.",
        "vera@acme.example is named twice.",
    ):
        assert problem in text
    assert Customer.objects.count() == 1
    page = ops.post(ONBOARD, form({"email": "no address"}, name=""))
    assert "Enter a valid email address" in page.content.decode()
    assert "This field is required" in page.content.decode()


def test_somebody_who_is_known_here_keeps_name_and_language(ops: Client) -> None:
    factories.make_user("ada@acme.example", name="Ada", customer=factories.make_customer("Other"))
    page = ops.post(ONBOARD, form(ADA))
    assert "who is known here and keeps name and language, may answer and send" in steps(page)[1]
    ops.post(ONBOARD, {"held": held(page)})
    ada = User.objects.get(email="ada@acme.example")
    assert (ada.name, ada.language, ada.customers.count()) == ("Ada", "en", 2)


def test_what_was_shown_to_one_person_is_not_anothers_to_confirm(ops: Client) -> None:
    page = ops.post(ONBOARD, form(ADA))
    ops.force_login(User.objects.create_superuser("other@demo.example"))
    for forged in (held(page), "forged"):
        ops.post(ONBOARD, {"held": forged})
    assert not Customer.objects.exists()


def test_a_bundle_that_was_given_away_meanwhile_stops_it(ops: Client) -> None:
    bundle = unassigned(timezone.now())
    page = ops.post(ONBOARD, form(ADA, bundles=[str(bundle.pk)]))
    other = factories.make_customer("Other")
    Bundle.objects.update(customer=other)
    ops.post(ONBOARD, {"held": held(page)})
    assert Customer.objects.get() == other
    assert not Membership.objects.exists()


@pytest.mark.parametrize(
    ("company", "problem"),
    [
        (Company(name=""), "The company's name is missing."),
        (Company(name="A\u202eB"), "characters that no name has"),
        (Company(name="A" * 201), "too long"),
        (Company(name="A", time_zone="Mars/Base"), "There is no time zone Mars/Base"),
        (Company(name="A", account="AC1"), "AC1 is no subaccount that we know."),
        (Company(name="A", bundles=("BU1",)), "BU1 is no bundle that we know."),
        (Company(name="A", contacts=(Contact(email="x"),)), "x is no e-mail address."),
        (Company(name="A", contacts=(Contact(email="a@b.example", role="boss"),)), "should be one"),
        (Company(name="A", contacts=(Contact(email="a@b.example", language="xx"),)), "en, de, fr"),
        (Company(name="A", contacts=(Contact(email="a@b.example", name="\x07"),)), "The name of"),
    ],
)
def test_each_problem_has_its_sentence(db: None, company: Company, problem: str) -> None:
    found = onboarding.plan(company)
    assert len(found.problems) == 1
    assert problem in found.problems[0]
    assert found.steps == ()
    with pytest.raises(Impossible):
        onboarding.carry_out(company, by=factories.make_user(staff=True), now=timezone.now())


def test_a_subaccount_has_one_owner(db: None) -> None:
    closed = factories.make_account(active=False)
    taken = factories.make_account(friendly_name="Taken")
    owner = factories.make_customer("Owner")
    owner.account = taken
    owner.save()
    said = onboarding.plan(Company(name="A", account=closed.sid)).problems
    assert said == (f"The subaccount {closed} is closed.",)
    said = onboarding.plan(Company(name="A", account=taken.sid)).problems
    assert said == ("The subaccount Taken belongs to Owner.",)
    free = factories.make_account()
    said = onboarding.plan(Company(name="Owner", account=free.sid, may_be_here=True)).problems
    assert said == ("Owner has another subaccount.",)
    factories.make_customer("owner")
    said = onboarding.plan(Company(name="Owner", may_be_here=True)).problems
    assert said == ("There are several companies of this name.",)


def test_who_may_add_only_some_of_it_may_not_onboard(db: None, client: Client) -> None:
    user = User.objects.create_user("helper@demo.example", is_staff=True)
    some = ("view_customer", "add_customer", "add_membership", "add_user")
    user.user_permissions.set(Permission.objects.filter(codename__in=some))
    client.force_login(user)
    assert client.get(ONBOARD).status_code == 403
    assert client.post(ONBOARD, form(ADA)).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="change_bundle"))
    assert client.get(ONBOARD).status_code == 200


# --- Bundles that belong to nobody ---------------------------------------------------------------

UNASSIGNED = "/admin/compliance/bundle/unassigned/"


def test_owners_are_proposed_by_subaccount_contact_and_domain(
    db: None, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    subaccount = factories.make_account()
    owner, acme, kite = map(factories.make_customer, ("Owner", "Acme", "Kite"))
    owner.account = subaccount
    owner.save()
    factories.make_user("ada@acme.example", customer=acme)
    factories.make_user("someone@gmail.com", customer=kite)
    typed = factories.make_user("x@typed.example")
    Membership.objects.create(user=typed, customer=kite, by_support=False)
    emails = ("Ada@Acme.example", "info@acme.example", "other@gmail.com", "y@typed.example", "")
    bundles = []
    for email in emails:
        bundle = unassigned(now)
        bundle.email = email
        bundles.append(bundle)
    bundles.append(unassigned(now, account=subaccount))

    with django_assert_num_queries(3):
        found = owners.proposals(bundles)

    said = [[(p.customer.name, p.why.value) for p in found[bundle.pk]] for bundle in bundles]
    assert said == [
        [("Acme", "contact")],
        [("Acme", "domain")],
        [],
        [],
        [],
        [("Owner", "subaccount")],
    ]


def test_a_proposed_owner_gets_the_bundle_after_a_page_that_says_so(ops: Client) -> None:
    now = timezone.now()
    acme = factories.make_customer("Acme")
    factories.make_user("ada@acme.example", customer=acme)
    bundle = unassigned(now, days=20)
    Bundle.objects.update(email="info@acme.example")
    page = ops.get(UNASSIGNED).content.decode()
    address = reverse("admin:compliance_bundle_assign_one", args=[bundle.pk, acme.pk])
    assert address in page
    assert "a contact of theirs has an address there" in page
    said = steps(ops.get(address))
    assert said[:2] == [
        f"The bundle A registration ({bundle.sid}) will belong to Acme.",
        "The 1 person of this company will see it.",
    ]
    assert said[2].startswith("A renewal is opened for its deadline, ")
    assert not Renewal.objects.exists()
    ops.post(address)
    bundle.refresh_from_db()
    assert bundle.customer == acme
    assert Renewal.objects.get().bundle == bundle
    again = ops.post(address, follow=True).content.decode()
    assert "A registration belongs to Acme." in again
    assert "Every bundle belongs to somebody." in again


def test_who_may_not_assign_sees_neither_page(db: None, client: Client) -> None:
    bundle, acme = unassigned(timezone.now()), factories.make_customer("Acme")
    user = User.objects.create_user("helper@demo.example", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_bundle"))
    client.force_login(user)
    assert client.get(UNASSIGNED).status_code == 403
    address = reverse("admin:compliance_bundle_assign_one", args=[bundle.pk, acme.pk])
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403


# --- Accounts ------------------------------------------------------------------------------------


def test_credentials_are_tested_by_a_worker_and_the_page_shows_what_came_of_it(
    ops: Client, sandbox: Sandbox, settings: Any
) -> None:
    settings.TWILIO_BASE_URL = sandbox.base_url
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = seed.ACCOUNT_SID, seed.AUTH_TOKEN
    account = main_account()
    change = reverse("admin:compliance_account_change", args=[account.pk])
    address = f"{change.removesuffix('change/')}test-credentials/"
    assert "never tested" in ops.get(change).content.decode()
    assert "Nothing is changed at Twilio." in ops.get(address).content.decode()
    account.refresh_from_db()
    assert account.test_asked_at is None

    ops.post(address)
    account.refresh_from_db()
    assert account.tested_at is None
    assert "not done yet" in ops.get(change).content.decode()
    tasks.test_accounts()
    assert "Twilio accepts them" in ops.get(change).content.decode()
    account.refresh_from_db()
    tested_at = account.tested_at
    tasks.test_accounts()
    account.refresh_from_db()
    assert account.tested_at == tested_at

    settings.TWILIO_AUTH_TOKEN = "wrong"
    ops.post(address)
    tasks.poll()
    assert "Twilio does not accept our credentials" in ops.get(change).content.decode()
    account.refresh_from_db()
    assert account.unreachable_since is not None


def test_who_may_only_look_at_accounts_may_not_test_them(db: None, client: Client) -> None:
    account = factories.make_account()
    user = User.objects.create_user("helper@demo.example", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_account"))
    client.force_login(user)
    change = reverse("admin:compliance_account_change", args=[account.pk])
    assert client.get(change).status_code == 200
    assert client.post(f"{change.removesuffix('change/')}test-credentials/").status_code == 403
    account.refresh_from_db()
    assert account.test_asked_at is None


def test_who_was_brought_in_signs_in_with_the_invitation_and_sees_the_registration(
    ops: Client,
) -> None:
    bundle = unassigned(timezone.now(), days=60)
    page = ops.post(ONBOARD, form(ADA, bundles=[str(bundle.pk)]))
    ops.post(ONBOARD, {"held": held(page)})
    notifications.tell(now=timezone.now())
    [message] = mail.outbox
    link = re.search(r"http://localhost:8000(/\S*)", str(message.body))
    assert link
    ada = Client(headers={"accept-language": "en"})
    assert ada.get(link.group(1)).status_code == 200
    home = ada.post(link.group(1), follow=True)
    assert Renewal.objects.get(bundle=bundle).reference in home.content.decode()
