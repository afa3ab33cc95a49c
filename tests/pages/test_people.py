"""The people of a company: who sees them, and who changes them."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from compliance.models import Customer, Event, Membership, User
from tests.factories import make_customer, make_user
from tests.pages.colleagues import NEW, address, colleague, kinds
from tests.pages.reading import heading, links, problems, values, words

# --- The list ---------------------------------------------------------------------------------


def test_the_header_and_home_lead_to_the_companys_people(client: Client, acme: Customer) -> None:
    found = links(client.get("/"))

    assert (found["People"], found["Settings"]) == ("/people/", "/settings/")
    assert found["Who else acts for your company"] == "/people/"
    assert client.get("/people/")["Location"] == address(acme)


def test_the_list_says_of_each_what_they_may_and_get(
    client: Client, acme: Customer, vera: Client
) -> None:
    gone = colleague(acme, name="Gil Gone")
    gone.is_active = False
    gone.save()
    Membership.objects.filter(user=gone).update(mails=False)

    text = words(client.get(address(acme)))

    assert "Ada Ackermann (you) ada@acme.example Editor. Gets our e-mails." in text
    assert "vera@acme.example Has not signed in yet Viewer. Gets our e-mails." in text
    assert "Gil Gone Can no longer sign in cleo@acme.example Editor. Gets no e-mails." in text


def test_who_acts_for_several_companies_chooses(client: Client, ada: User, acme: Customer) -> None:
    kite = make_customer("Kite & Co")
    Membership.objects.create(user=ada, customer=kite, role=Membership.Role.VIEWER)

    found = links(client.get("/people/"))

    assert found["Acme GmbH"] == address(acme)
    assert found["Kite & Co"] == address(kite)
    assert "Add somebody" in links(client.get(address(acme)))
    assert "Add somebody" not in links(client.get(address(kite)))
    assert client.post(address(kite, page="add/"), NEW).status_code == 403


def test_staff_have_no_people_but_settings(signed_in: Callable[[User], Client]) -> None:
    ops = signed_in(make_user("ops@example.com", staff=True))

    assert "People" not in links(ops.get("/settings/"))
    assert "You do not act for any company." in words(ops.get("/people/"))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("which", ["", "add/", "change", "invite/", "remove/"])
def test_another_companys_people_do_not_exist(
    bob: Client, ada: User, acme: Customer, method: str, which: str
) -> None:
    """Neither at their own address nor below that of one's own company."""
    at = Customer.objects.get(name="Other Ltd")
    mine = ada.memberships.get().public_id
    below = f"{mine}/" if which == "change" else f"{mine}/{which}" if "/" in which else ""
    paths = [address(acme, page="add/" if which == "add/" else below)]
    if which not in ("", "add/"):
        paths.append(address(at, page=below))

    for path in paths:
        answer = getattr(bob, method)(path, NEW)
        assert answer.status_code in (404, 405), path
        assert method == "get" or answer.status_code == 404 or which == ""
    assert ada.memberships.exists()
    assert bob.get(f"/people/{uuid4()}/").status_code == 404


def test_without_signing_in_there_is_nothing(acme: Customer) -> None:
    assert Client().get(address(acme))["Location"].startswith("/sign-in/?next=")


# --- A viewer ---------------------------------------------------------------------------------


def test_a_viewer_sees_the_list_and_changes_nothing(
    vera: Client, ada: User, acme: Customer
) -> None:
    found = links(vera.get(address(acme)))
    assert "Add somebody" not in found
    assert not [name for name in found if name.startswith(("Change", "Remove"))]
    assert found["Your settings"] == "/settings/"

    for path in (
        address(acme, page="add/"),
        address(acme, ada),
        address(acme, ada, "invite/"),
        address(acme, ada, "remove/"),
    ):
        answer = vera.post(path, NEW)
        assert answer.status_code == 403
        assert heading(answer) == "Only an editor can change this"
    assert kinds() == []
    assert acme.memberships.count() == 2


def test_who_has_just_become_a_viewer_changes_nothing_either(
    client: Client, ada: User, acme: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleo = colleague(acme)
    stale = ada.memberships.select_related("customer", "user").get()
    monkeypatch.setattr("portal.people.views.own_membership", lambda *args: stale)
    ada.memberships.update(role=Membership.Role.VIEWER)

    for path in (
        address(acme, page="add/"),
        address(acme, cleo),
        address(acme, cleo, "invite/"),
        address(acme, cleo, "remove/"),
    ):
        assert client.post(path, {**NEW, "mails": "no"}).status_code == 403
    assert kinds() == []


# --- Changing and removing --------------------------------------------------------------------


def test_an_editor_changes_what_a_colleague_may_and_gets(
    client: Client, ada: User, acme: Customer
) -> None:
    cleo = colleague(acme, name="Cleo Curie")
    assert values(client.get(address(acme, cleo))) == {"role": "editor", "mails": "yes"}

    done = client.post(address(acme, cleo), {"role": "viewer", "mails": "no"}, follow=True)

    assert "Saved: Cleo Curie." in words(done)
    member = cleo.memberships.get()
    assert (member.role, member.mails) == ("viewer", False)
    assert [(e.kind, e.person, e.by, e.details) for e in Event.objects.order_by("pk")] == [
        ("person-role-changed", cleo, ada, {"role": "viewer"}),
        ("person-mails-changed", cleo, ada, {"mails": False}),
    ]
    client.post(address(acme, cleo), {"role": "viewer", "mails": "no"})
    assert len(kinds()) == 2


def test_nothing_selected_is_said(client: Client, acme: Customer) -> None:
    found = problems(client.post(address(acme, colleague(acme)), {}))

    assert set(found) == {"#id_role_0", "#id_mails_0"}


def test_a_colleague_is_removed_after_a_question(
    client: Client, ada: User, acme: Customer, signed_in: Callable[[User], Client]
) -> None:
    cleo = colleague(acme, name="Cleo Curie")
    theirs = signed_in(cleo)
    path = address(acme, cleo, "remove/")
    asked = client.get(path)
    assert heading(asked) == "Remove Cleo Curie?"
    assert acme.memberships.count() == 2

    done = client.post(path, follow=True)

    assert "Cleo Curie no longer acts for Acme GmbH." in words(done)
    assert list(acme.people.all()) == [ada]
    assert kinds() == ["person-removed"]
    assert theirs.get(address(acme)).status_code == 404
    assert User.objects.filter(pk=cleo.pk).exists()


def test_who_was_added_by_mistake_is_forgotten(client: Client, acme: Customer) -> None:
    client.post(address(acme, page="add/"), NEW)
    make_user("known@acme.example", customer=make_customer("Other Ltd"))
    client.post(address(acme, page="add/"), {**NEW, "email": "known@acme.example"})

    for email in ("cleo@acme.example", "known@acme.example"):
        client.post(address(acme, User.objects.get(email=email), "remove/"))

    assert not User.objects.filter(email="cleo@acme.example").exists()
    assert User.objects.get(email="known@acme.example").memberships.count() == 1
    assert Event.objects.get(kind="person-removed", person=None).customer == acme


@pytest.mark.parametrize("deed", ["to viewer", "remove"])
def test_the_last_editor_stays(client: Client, ada: User, acme: Customer, deed: str) -> None:
    """Colleagues who have not come yet, are viewers, or are no longer let in, do not count."""
    make_user("invited@acme.example", customer=acme)
    colleague(acme, "viewer@acme.example", role=Membership.Role.VIEWER)
    gone = colleague(acme, "gone@acme.example")
    User.objects.filter(pk=gone.pk).update(is_active=False)

    path = address(acme, ada, "remove/" if deed == "remove" else "")
    wanted = {"role": "viewer", "mails": "yes"}

    refused = client.post(path, wanted)
    assert "You are the only editor who has signed in" in words(refused)
    assert ada.memberships.get().role == "editor"
    assert kinds() == []

    colleague(acme)
    assert client.post(path, wanted).status_code == 302
    assert not ada.memberships.filter(role="editor").exists()


def test_who_removes_themselves_is_asked_so_and_comes_home(
    client: Client, ada: User, acme: Customer
) -> None:
    colleague(acme)
    path = address(acme, ada, "remove/")
    assert heading(client.get(path)) == "Remove yourself?"

    assert client.post(path)["Location"] == "/"
    assert client.get(address(acme)).status_code == 404


def test_of_two_who_remove_each_other_one_stays(client: Client, ada: User, acme: Customer) -> None:
    cleo = colleague(acme)
    other = Client()
    other.force_login(cleo)
    mine, theirs = address(acme, cleo, "remove/"), address(acme, ada, "remove/")

    assert client.post(mine).status_code == 302
    assert other.post(theirs).status_code == 404
    assert list(acme.people.all()) == [ada]
