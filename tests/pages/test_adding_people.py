"""Adding people, by colleagues and by support, and what nobody learns by it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.models import Account, Bundle, Customer, Event, Membership, User
from compliance.sync.bundles import find_customers
from tests.factories import make_account, make_bundle, make_customer, make_renewal, make_user
from tests.pages.colleagues import NEW, address, kinds
from tests.pages.reading import page, problems, title, words
from tests.record import rewritable


def test_an_editor_adds_a_colleague(client: Client, ada: User, acme: Customer) -> None:
    response = client.post(address(acme, page="add/"), NEW, follow=True)

    assert "Cleo Curie was added. The invitation goes to cleo@acme.example." in words(response)
    cleo = User.objects.get(email="cleo@acme.example")
    assert (cleo.name, cleo.language, cleo.has_usable_password()) == ("Cleo Curie", "fr", False)
    member = cleo.memberships.get()
    assert (member.customer, member.role, member.mails) == (acme, "viewer", True)
    event = Event.objects.get()
    assert (event.kind, event.by, event.person, event.customer) == (
        "person-invited",
        ada,
        cleo,
        acme,
    )
    assert event.details.keys() == {"role", "address"}
    assert event.details["role"] == "viewer"
    assert "Cleo" not in str(event.details)


def test_what_is_wrong_is_said_at_the_top_and_at_the_field(client: Client, acme: Customer) -> None:
    path = address(acme, page="add/")

    empty = client.post(path, {"email": "cleo", "language": "xx"})

    assert problems(empty) == {
        "#id_email": "Enter an e-mail address in the form name@example.com.",
        "#id_name": "Enter the name.",
        "#id_role_0": "Select what this person may do.",
        "#id_language_0": "Select a language.",
    }
    assert title(empty).startswith("Error: Add somebody")
    (email,) = page(empty).xpath("//*[@name='email']")
    assert email.get("aria-invalid") == "true"
    assert "id_email_error" in email.get("aria-describedby")
    assert email.get("value") == "cleo"
    assert page(empty).get_element_by_id("id_email_error") is not None


@pytest.mark.parametrize(
    "name", ["You won at www evil", "https://evil", "a@b", "x" * 101, "Eve\\evil"]
)
def test_a_name_is_no_message_to_somebody_else(client: Client, acme: Customer, name: str) -> None:
    answer = client.post(address(acme, page="add/"), {**NEW, "name": name})

    assert "#id_name" in problems(answer)
    assert kinds() == []


@pytest.mark.parametrize(
    "name", ["J.R. Dr. Müller-Lüdenscheidt", "  O'Neil\n jr. ", "Dr.Müller", "علی‌رضا"]
)
def test_a_name_may_be_as_names_are(client: Client, acme: Customer, name: str) -> None:
    client.post(address(acme, page="add/"), {**NEW, "name": name})

    assert User.objects.get(email="cleo@acme.example").name == " ".join(name.split())


def test_who_is_on_the_list_is_not_added_twice(client: Client, acme: Customer) -> None:
    answer = client.post(address(acme, page="add/"), {**NEW, "email": "ADA@acme.example"})

    assert problems(answer) == {"#id_email": "This person is on the list already."}
    assert acme.memberships.count() == 1


@pytest.mark.parametrize("who", ["nobody", "of another company", "staff", "blocked"])
def test_adding_tells_nothing_about_who_is_known_here(
    client: Client, acme: Customer, who: str
) -> None:
    """Each gets the same answer and the same row in the list; the person stays as they were."""
    known = None
    if who != "nobody":
        known = make_user(
            "cleo@acme.example",
            name="Cleopatra",
            staff=who == "staff",
            customer=make_customer("Other Ltd") if who == "of another company" else None,
        )
        known.last_login, known.is_active = timezone.now(), who != "blocked"
        known.save()

    response = client.post(address(acme, page="add/"), NEW, follow=True)

    assert words(response).endswith(
        "Cleo Curie Has not signed in yet cleo@acme.example Viewer. "
        "Gets our e-mails after signing in for the first time. "
        "Change: Cleo Curie Remove: Cleo Curie Invite again: Cleo Curie"
    )
    assert "Cleo Curie was added. The invitation goes to cleo@acme.example." in words(response)
    if known is not None:
        known.refresh_from_db()
        assert (known.name, known.language) == ("Cleopatra", "en")


def test_their_own_name_is_shown_when_they_have_come(client: Client, acme: Customer) -> None:
    known = make_user("cleo@acme.example", name="Cleopatra", customer=make_customer("Other Ltd"))
    client.post(address(acme, page="add/"), {**NEW, "role": "editor"})
    vera = Client()
    viewer = make_user("vera@acme.example", customer=acme, role=Membership.Role.VIEWER)
    vera.force_login(viewer)
    renewal = make_renewal(make_bundle(acme, now=timezone.now(), days=9), now=timezone.now())
    refused = f"/r/{renewal.reference}/details/"
    assert "Cleo Curie" in words(vera.post(refused, {}))

    known.memberships.filter(customer=acme).update(joined_at=timezone.now())

    assert "Cleopatra" in words(client.get(address(acme)))
    assert "Cleopatra" in words(vera.post(refused, {}))


def test_who_adds_an_address_gets_none_of_its_bundles(client: Client, acme: Customer) -> None:
    client.post(address(acme, page="add/"), NEW)
    account = make_account(is_main=True)
    bundle = make_bundle(None, now=timezone.now(), account=account)
    Bundle.objects.filter(pk=bundle.pk).update(email="cleo@acme.example")

    find_customers(Account.objects.get())
    bundle.refresh_from_db()
    assert bundle.customer is None

    Membership.objects.filter(user__email="cleo@acme.example").update(by_support=True)
    find_customers(Account.objects.get())
    bundle.refresh_from_db()
    assert bundle.customer == acme


def test_twenty_invitations_a_day(client: Client, acme: Customer) -> None:
    for number in range(21):
        answer = client.post(
            address(acme, page="add/"), {**NEW, "email": f"n{number}@acme.example"}
        )

    assert "Enough invitations were sent for one day" in words(answer)
    assert acme.memberships.count() == 21
    assert not User.objects.filter(email="n20@acme.example").exists()
    with rewritable():
        Event.objects.update(at=timezone.now() - timedelta(days=1, minutes=1))
    assert client.post(address(acme, page="add/"), NEW).status_code == 302


def test_an_invitation_is_sent_again_but_not_all_day(client: Client, acme: Customer) -> None:
    client.post(address(acme, page="add/"), NEW)
    cleo = User.objects.get(email="cleo@acme.example")

    said = [words(client.post(address(acme, cleo, "invite/"), follow=True)) for _ in range(3)]

    assert "A new invitation goes to cleo@acme.example." in said[1]
    assert "Enough invitations were sent for one day" in said[2]
    assert kinds() == ["person-invited"] * 3


# --- Support ----------------------------------------------------------------------------------


def inline(customer: Customer, *members: Membership, user: User | None = None) -> dict[str, object]:
    """The customer's page in the admin, as it is sent."""
    form: dict[str, object] = {
        "name": customer.name,
        "time_zone": customer.time_zone,
        "memberships-TOTAL_FORMS": len(members) + (user is not None),
        "memberships-INITIAL_FORMS": len(members),
    }
    for number, member in enumerate(members):
        form |= {
            f"memberships-{number}-id": member.pk,
            f"memberships-{number}-customer": customer.pk,
            f"memberships-{number}-user": member.user_id,
            f"memberships-{number}-role": member.role,
            f"memberships-{number}-mails": "on",
            f"memberships-{number}-by_support": "on",
        }
    if user is not None:
        number = len(members)
        form |= {
            f"memberships-{number}-customer": customer.pk,
            f"memberships-{number}-user": user.pk,
            f"memberships-{number}-role": "editor",
            f"memberships-{number}-mails": "on",
            f"memberships-{number}-by_support": "on",
        }
    return form


def test_support_adds_somebody_and_the_invitation_goes(acme: Customer, ada: User) -> None:
    ops = Client()
    boss = User.objects.create_superuser("ops@demo.example")
    ops.force_login(boss)
    path = reverse("admin:compliance_customer_change", args=[acme.pk])
    cleo = make_user("cleo@acme.example")
    own = ada.memberships.get()

    done = ops.post(path, inline(acme, own, user=cleo), follow=True)

    assert "1 invitation is on its way." in done.content.decode()
    event = Event.objects.get()
    assert (event.kind, event.person, event.by) == ("person-invited", cleo, boss)
    ops.post(
        reverse("admin:compliance_user_changelist"),
        {"action": "invite_again", "_selected_action": [cleo.pk]},
    )
    assert kinds() == ["person-invited"] * 2
    own.role = Membership.Role.VIEWER
    changed = {**inline(acme, own), "memberships-0-mails": ""}
    ops.post(path, changed)
    assert kinds()[2:] == ["person-role-changed", "person-mails-changed"]
    ops.post(path, {**inline(acme, ada.memberships.get()), "memberships-0-DELETE": "on"})
    assert kinds()[4:] == ["person-removed"]


def test_a_membership_stays_with_its_person(acme: Customer, ada: User) -> None:
    ops = Client()
    ops.force_login(User.objects.create_superuser("ops@demo.example"))
    cleo = make_user("cleo@acme.example")
    path = reverse("admin:compliance_customer_change", args=[acme.pk])

    ops.post(path, {**inline(acme, ada.memberships.get()), "memberships-0-user": cleo.pk})

    assert list(acme.people.all()) == [ada]


def test_only_support_that_may_change_people_invites_again(db: None) -> None:
    helper = make_user("helper@demo.example", staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename="view_user"))
    client = Client()
    client.force_login(helper)

    page = client.get(reverse("admin:compliance_user_changelist"))

    assert "Invite again" not in page.content.decode()


def test_removing_and_adding_again_tells_nothing_and_starts_nothing_afresh(
    client: Client, acme: Customer
) -> None:
    make_user("known@other.example", customer=make_customer("Other Ltd"))
    found = {}
    for email in ("known@other.example", "unknown@other.example"):
        client.post(address(acme, page="add/"), {**NEW, "email": email})
        member = User.objects.get(email=email)
        for _again in range(2):
            client.post(address(acme, member, page="invite/"))
        client.post(address(acme, member, page="remove/"))
        found[email] = client.post(address(acme, page="add/"), {**NEW, "email": email})

    assert {answer.status_code for answer in found.values()} == {200}
    known, unknown = (words(answer).replace(email, "") for email, answer in found.items())
    assert known == unknown


def test_whom_support_has_entered_is_not_forgotten(client: Client, acme: Customer) -> None:
    make_user("cleo@acme.example")
    client.post(address(acme, page="add/"), NEW)
    client.post(address(acme, User.objects.get(email="cleo@acme.example"), page="remove/"))

    assert User.objects.filter(email="cleo@acme.example").exists()
