"""Nobody gets to another company's registrations by the desk's hand: not by a link, not by a
membership, not by an address that was put right, and not with a bundle that changes hands."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance import people, sync
from compliance.models import Answer, Bundle, Customer, Event, Membership, Renewal, SignInLink, User
from compliance.sync.bundles import find_customers
from portal.signin import links
from tests.desk.test_actions import asked, done
from tests.factories import german_renewal, make_answer, make_customer, make_user
from tests.signin.asking import await_mails, awaited_mail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture(autouse=True)
def no_mail_is_left_behind() -> Iterator[None]:
    cache.clear()
    yield
    await_mails()


@pytest.fixture
def acme() -> Customer:
    return make_customer("Acme GmbH")


@pytest.fixture
def ada(acme: Customer) -> User:
    return make_user("ada@acme.example", name="Ada", customer=acme)


@pytest.fixture
def renewal(acme: Customer, ada: User) -> Renewal:
    return german_renewal(acme, now=timezone.now(), days=40)


def one_of(role: str, client: Client) -> User:
    user = make_user(f"{role.lower()}@demo.example", staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


# --- Sign-in links -------------------------------------------------------------------------------


@pytest.fixture
def victor(acme: Customer, ada: User) -> User:
    """Of another company; Ada has put his address on her own company's list, and he has signed in
    since."""
    now = timezone.now()
    victor = make_user("victor@victim.example", name="Victor", customer=make_customer("Victim"))
    values = {"email": victor.email, "name": "V", "role": "viewer", "language": "en"}
    people.add(acme, **values, by=ada, now=now)
    people.joined(victor, now=now)
    return victor


def test_a_colleagues_word_opens_no_other_companys_pages(
    client: Client, renewal: Renewal, victor: User
) -> None:
    one_of("Support", client)
    assert "Victor" not in asked(client, renewal, "sign-in-link")
    membership = renewal.bundle.customer.memberships.get(user=victor)  # type: ignore[union-attr]
    answer = done(client, renewal, "sign-in-link", contact=membership.pk)
    assert "/sign-in/link/" not in answer.content.decode()
    assert not SignInLink.objects.filter(user=victor).exists()
    with pytest.raises(people.NotVouchedFor):
        people.sign_in_link(membership, wanted="", by=victor, now=timezone.now())


def test_who_was_added_by_a_colleague_gets_a_link_after_coming_by_mail_once(
    client: Client, renewal: Renewal, acme: Customer, ada: User
) -> None:
    one_of("Support", client)
    values = {"email": "cleo@acme.example", "name": "Cleo", "role": "viewer", "language": "en"}
    cleo = people.add(acme, **values, by=ada, now=timezone.now())
    answer = done(client, renewal, "sign-in-link", contact=cleo.pk)
    assert "/sign-in/link/" not in answer.content.decode()
    people.joined(cleo.user, now=timezone.now())
    answer = done(client, renewal, "sign-in-link", contact=cleo.pk)
    assert "/sign-in/link/" in answer.content.decode()


def test_whom_support_vouches_for_gets_a_link_that_says_what_else_it_opens(
    client: Client, renewal: Renewal, victor: User
) -> None:
    one_of("Support", client)
    Membership.objects.filter(user=victor).update(by_support=True)
    membership = renewal.bundle.customer.memberships.get(user=victor)  # type: ignore[union-attr]
    answer = done(client, renewal, "sign-in-link", contact=membership.pk).content.decode()
    assert "/sign-in/link/" in answer
    assert "Victim" in answer


# --- Memberships ---------------------------------------------------------------------------------


def members_form(customer: Customer, user: User) -> dict[str, Any]:
    """What the customer's page posts with one more person on its list."""
    known = list(customer.memberships.order_by("pk"))
    form = {
        "name": customer.name,
        "time_zone": customer.time_zone,
        "account": "",
        "memberships-TOTAL_FORMS": str(len(known) + 1),
        "memberships-INITIAL_FORMS": str(len(known)),
    }
    for number, one in enumerate(known):
        form |= {
            f"memberships-{number}-id": str(one.pk),
            f"memberships-{number}-role": one.role,
            f"memberships-{number}-mails": "on",
            f"memberships-{number}-by_support": "on",
        }
    last = f"memberships-{len(known)}-"
    return form | {f"{last}user": str(user.pk), f"{last}role": "editor", f"{last}by_support": "on"}


def test_staff_make_neither_themselves_nor_one_another_a_customers_people(
    client: Client, acme: Customer, ada: User
) -> None:
    lead = one_of("Lead", client)
    here = reverse("admin:compliance_customer_change", args=[acme.pk])
    answer = client.post(here, members_form(acme, lead))
    assert answer.status_code == 200
    assert "Staff can&#x27;t be a customer&#x27;s contact." in answer.content.decode()
    assert not lead.memberships.exists()
    assert Event.objects.filter(kind=people.INVITED).count() == 0

    other = make_user("otto@other.example")
    assert client.post(here, members_form(acme, other)).status_code == 302
    assert other.memberships.get().customer == acme


def test_who_vouches_for_whom_is_on_record(client: Client, acme: Customer, ada: User) -> None:
    cleo = make_user("cleo@acme.example", customer=acme)
    Membership.objects.filter(user=cleo).update(by_support=False)
    lead = one_of("Lead", client)
    here = reverse("admin:compliance_customer_change", args=[acme.pk])
    bob = make_user("bob@acme.example")
    assert client.post(here, members_form(acme, bob)).status_code == 302
    assert Membership.objects.get(user=cleo).by_support
    event = Event.objects.get(kind=people.VOUCHED_FOR)
    assert (event.person, event.by, event.details) == (cleo, lead, {"vouched": True})


@pytest.mark.usefixtures("attendance_unnoted")
def test_a_company_with_many_people_is_read_at_once(client: Client, acme: Customer) -> None:
    one_of("Lead", client)
    here = reverse("admin:compliance_customer_change", args=[acme.pk])

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(here).status_code == 200
        return len(found)

    few = queries()
    for _ in range(20):
        make_user(customer=acme)
    # The theme's field for a person looks up the one that is chosen.
    assert queries() - few <= 20


# --- Addresses -----------------------------------------------------------------------------------


def person_form(user: User, **values: str) -> dict[str, str]:
    return {
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "is_active": "on",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
        **values,
    }


def test_a_wrong_address_that_was_put_right_opens_nothing_any_more(
    client: Client, acme: Customer
) -> None:
    stranger = make_user("ada@acne.example", name="Ada", customer=acme)
    now = timezone.now()
    invitation = SignInLink.issue(stranger, is_invitation=True, now=now)
    elsewhere = Client()
    elsewhere.force_login(stranger)
    one_of("Lead", client)
    here = reverse("admin:compliance_user_change", args=[stranger.pk])

    assert client.post(here, person_form(stranger, name="Ada A.")).status_code == 302
    assert links.find(invitation, now=now).standing == links.Standing.GOOD

    right = person_form(stranger, email="Ada@Acme.example")
    assert client.post(here, right).status_code == 302
    stranger.refresh_from_db()
    assert stranger.email == "ada@acme.example"
    assert links.find(invitation, now=now).standing == links.Standing.REPLACED
    assert elsewhere.get("/")["Location"].startswith("/sign-in/")
    event = Event.objects.get(kind=people.ADDRESS_CHANGED)
    assert event.person == stranger
    assert event.by == User.objects.get(email="lead@demo.example")
    assert "acne" not in str(event.details)


# --- Bundles -------------------------------------------------------------------------------------


def assign(client: Client, bundle: Bundle, customer: Customer) -> str:
    lists = reverse("admin:compliance_bundle_changelist")
    chosen = {"action": "assign", "_selected_action": [bundle.pk], "customer": customer.pk}
    return client.post(lists, chosen, follow=True).content.decode()


def test_a_bundle_does_not_bring_the_answers_of_one_company_to_another(
    client: Client, renewal: Renewal, ada: User
) -> None:
    other = make_customer("Other")
    bob = make_user("bob@other.example", customer=other)
    make_answer(renewal, values={"email": "ada@private.example"}, now=timezone.now(), by=ada)
    one_of("Lead", client)

    answer = assign(client, renewal.bundle, other)

    assert "1 bundle is left as it is" in answer
    assert not Renewal.objects.visible_to(bob).exists()
    assert Renewal.objects.visible_to(ada).get() == renewal

    Answer.objects.all().delete()
    assert "1 bundle now belongs to Other." in assign(client, renewal.bundle, other)
    assert Renewal.objects.visible_to(bob).get() == renewal
    event = Event.objects.get(kind=sync.ASSIGNED)
    assert event.customer == other
    assert event.by == User.objects.get(email="lead@demo.example")


def test_what_a_company_that_is_gone_has_entered_is_found_for_nobody(
    renewal: Renewal, ada: User
) -> None:
    other = make_customer("Other")
    bob = make_user("bob@other.example", customer=other)
    make_answer(renewal, values={"email": "ada@private.example"}, now=timezone.now(), by=ada)
    Bundle.objects.update(customer=None, email=bob.email)
    find_customers(renewal.bundle.account)
    assert not Renewal.objects.visible_to(bob).exists()
    Answer.objects.all().delete()
    find_customers(renewal.bundle.account)
    assert Renewal.objects.visible_to(bob).get() == renewal


def test_of_two_who_assign_one_bundle_at_once_the_first_is_heeded(db: None, acme: Customer) -> None:
    now = timezone.now()
    renewal = german_renewal(acme, now=now)
    first, second = (Bundle.objects.get(pk=renewal.bundle_id) for _ in range(2))
    kite, other = make_customer("Kite"), make_customer("Other")
    sync.assign(first, customer_pk=kite.pk, now=now)
    with pytest.raises(sync.NotAssignable):
        sync.assign(second, customer_pk=other.pk, now=now + timedelta(seconds=1))
    first.refresh_from_db()
    assert first.customer == kite


# --- Codes that were on their way ----------------------------------------------------------------


def test_a_code_that_went_to_the_former_address_signs_nobody_in(
    client: Client, acme: Customer
) -> None:
    stranger = make_user("ada@acne.example", name="Ada", customer=acme)
    elsewhere = Client()
    elsewhere.post("/sign-in/", {"email": stranger.email})
    code = awaited_mail().code
    one_of("Lead", client)
    here = reverse("admin:compliance_user_change", args=[stranger.pk])
    client.post(here, person_form(stranger, email="ada@acme.example"))

    elsewhere.post("/sign-in/code/", {"code": code})

    assert elsewhere.get("/")["Location"].startswith("/sign-in/")
