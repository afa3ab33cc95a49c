"""Each action: a page that says what will happen, then the deed, once, on record."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import notifications, standing
from compliance.admin.actions import ACTIONS
from compliance.admin.actions.bulk import AT_MOST
from compliance.models import Answer, Event, Mail, Membership, Renewal, User
from tests.factories import (
    german_renewal,
    make_answer,
    make_bundle,
    make_customer,
    make_renewal,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def renewal() -> Renewal:
    customer = make_customer()
    make_user("ada@acme.example", name="Ada", customer=customer)
    return german_renewal(customer, now=timezone.now(), days=40)


@pytest.fixture
def ops(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ops@demo.example", name="Olga Ops"))
    return client


def address(renewal: Renewal, slug: str) -> str:
    return reverse(f"admin:compliance_renewal_{slug.replace('-', '_')}", args=[renewal.pk])


def asked(client: Client, renewal: Renewal, slug: str) -> str:
    page = client.get(address(renewal, slug))
    assert page.status_code == 200
    return page.content.decode()


def once_in(page: str) -> str:
    found = re.search(r'name="once" value="([0-9a-f]{32})"', page)
    assert found, page
    return found[1]


def hidden_in(page: str) -> dict[str, str]:
    once_in(page)
    return dict(re.findall(r'type="hidden" name="(once|was|seen)" value="([^"]*)"', page))


def done(client: Client, renewal: Renewal, slug: str, **values: Any) -> Any:
    """As somebody does who reads the page, fills it in and presses the button."""
    page = asked(client, renewal, slug)
    return client.post(address(renewal, slug), {**hidden_in(page), **values})


def kinds(renewal: Renewal) -> list[str]:
    return list(renewal.events.order_by("pk").values_list("kind", flat=True))


def test_a_broken_mark_of_a_page_is_told(ops: Client, renewal: Renewal) -> None:
    answer = ops.post(address(renewal, "look-now"), {"once": "a\x00"})

    assert answer.status_code == 200
    assert "Null characters are not allowed." in answer.content.decode()
    assert kinds(renewal) == []


def test_every_action_has_a_page_and_a_get_changes_nothing(ops: Client, renewal: Renewal) -> None:
    before = Renewal.objects.filter(pk=renewal.pk).values().get()
    for action in ACTIONS:
        assert ops.get(address(renewal, action.slug)).status_code == 200, action.slug
    assert Renewal.objects.filter(pk=renewal.pk).values().get() == before
    assert kinds(renewal) == []


def test_a_retry_clears_the_trouble_and_is_on_record_with_who(
    ops: Client, renewal: Renewal
) -> None:
    Renewal.objects.filter(pk=renewal.pk).update(trouble="stuck", attempts=9, next_look_at=None)
    assert "attempts start from nought" in asked(ops, renewal, "retry")

    assert done(ops, renewal, "retry").status_code == 302

    renewal.refresh_from_db()
    assert (renewal.trouble, renewal.attempts) == ("", 0)
    assert renewal.next_look_at is not None
    assert str(renewal.events.get(kind="tried-again").by) == "Olga Ops"


def test_the_same_button_pressed_twice_does_it_once(ops: Client, renewal: Renewal) -> None:
    once = once_in(asked(ops, renewal, "look-now"))
    for _press in range(2):
        answer = ops.post(address(renewal, "look-now"), {"once": once})
        assert answer.status_code == 302
    assert kinds(renewal) == ["looked-now"]


def test_nobody_is_reminded_by_hand_of_what_is_paused(ops: Client, renewal: Renewal) -> None:
    done(ops, renewal, "pause", reason="Wait for legal")
    assert "It is paused. Resume it first." in asked(ops, renewal, "remind")


def test_pausing_needs_a_reason_and_ends_with_resuming(ops: Client, renewal: Renewal) -> None:
    assert done(ops, renewal, "pause").status_code == 200
    assert kinds(renewal) == []

    done(ops, renewal, "pause", reason="They move house")
    renewal.refresh_from_db()
    assert renewal.paused_at is not None
    assert renewal.events.get(kind="paused").reason == "They move house"
    assert "It is paused already." in asked(ops, renewal, "pause")
    assert "Resume it first" in asked(ops, renewal, "look-now")

    done(ops, renewal, "resume")
    renewal.refresh_from_db()
    assert renewal.paused_at is None
    assert kinds(renewal) == ["paused", "resumed"]


def test_a_paused_renewal_reminds_nobody(ops: Client, renewal: Renewal) -> None:
    Renewal.objects.filter(pk=renewal.pk).update(valid_until=timezone.now() + timedelta(days=4))
    done(ops, renewal, "pause", reason="They move house")
    notifications.tell(now=timezone.now())
    assert mail.outbox == []


def test_a_reminder_goes_out_once_a_day_although_there_was_a_mail_today(
    ops: Client, renewal: Renewal
) -> None:
    ada = User.objects.get(email="ada@acme.example")
    today = timezone.now().date()
    Mail.objects.create(key="x", kind="found", recipient=ada, day=today, result="sent")
    assert "ada@acme.example" in asked(ops, renewal, "remind")

    done(ops, renewal, "remind")
    assert "asked for today already" in asked(ops, renewal, "remind")
    for _run in range(2):
        notifications.tell(now=timezone.now())

    assert [message.to for message in mail.outbox] == [["ada@acme.example"]]
    assert Event.objects.get(kind="reminder-asked-for").told_at is not None


def test_nobody_is_reminded_while_it_is_not_their_turn(ops: Client, renewal: Renewal) -> None:
    Renewal.objects.filter(pk=renewal.pk).update(state=Renewal.State.IN_REVIEW)
    page = asked(ops, renewal, "remind")
    assert "not the customer&#x27;s turn" in page
    assert 'name="once"' not in page

    answer = ops.post(address(renewal, "remind"), {"once": "0" * 32})
    assert answer.status_code == 409
    assert kinds(renewal) == []


def test_a_reminder_is_not_sent_when_the_customer_has_answered_meanwhile(
    ops: Client, renewal: Renewal
) -> None:
    done(ops, renewal, "remind")
    make_answer(renewal, now=timezone.now(), state=Answer.State.WAITING)
    notifications.tell(now=timezone.now())
    assert mail.outbox == []


def test_taking_a_renewal_from_somebody_says_so_first(ops: Client, renewal: Renewal) -> None:
    other = make_user("otto@demo.example", name="Otto Other", staff=True)
    Renewal.objects.filter(pk=renewal.pk).update(assignee=other)
    page = asked(ops, renewal, "assign-to-me")
    assert "Otto Other has it now" in page

    Renewal.objects.filter(pk=renewal.pk).update(assignee=None)
    stale = {"once": once_in(page), "was": other.pk}
    ops.post(address(renewal, "assign-to-me"), stale)
    renewal.refresh_from_db()
    assert renewal.assignee is None

    done(ops, renewal, "assign-to-me")
    renewal.refresh_from_db()
    assert str(renewal.assignee) == "Olga Ops"
    event = renewal.events.get(kind="assigned")
    assert event.person == renewal.assignee


def test_it_is_assigned_to_staff_only(ops: Client, renewal: Renewal) -> None:
    ada = User.objects.get(email="ada@acme.example")
    done(ops, renewal, "assign", to=ada.pk)
    renewal.refresh_from_db()
    assert renewal.assignee is None
    other = make_user("otto@demo.example", staff=True)
    done(ops, renewal, "assign", to=other.pk)
    renewal.refresh_from_db()
    assert renewal.assignee == other


def test_a_sign_in_link_is_shown_once_kept_nowhere_and_signs_its_contact_in(
    ops: Client, renewal: Renewal, caplog: pytest.LogCaptureFixture
) -> None:
    member = Membership.objects.get(user__email="ada@acme.example")
    page = done(ops, renewal, "sign-in-link", contact=member.pk)
    link = re.search(r"http://localhost:8000(/sign-in/link/[\w-]+/)", page.content.decode())
    assert link
    assert "no-store" in page["Cache-Control"]
    token = link[1].split("/")[3]
    assert token not in str(list(Event.objects.values()))
    assert token not in caplog.text

    visitor = Client()
    answer = visitor.post(link[1])
    assert answer["Location"] == reverse("registration", args=[renewal.reference])
    assert visitor.get(answer["Location"]).status_code == 200
    assert "sign-in-link-made" in kinds(renewal)


def test_there_is_no_link_for_staff_or_for_another_customers_people(
    ops: Client, renewal: Renewal
) -> None:
    customer = renewal.bundle.customer
    assert customer is not None
    Membership.objects.create(user=make_user("otto@demo.example", staff=True), customer=customer)
    make_user("bob@other.example", customer=make_customer("Other"))
    for email in ("otto@demo.example", "bob@other.example"):
        member = Membership.objects.get(user__email=email)
        page = done(ops, renewal, "sign-in-link", contact=member.pk)
        assert "/sign-in/link/" not in page.content.decode()


def test_a_contact_is_added_vouched_for_and_invited(ops: Client, renewal: Renewal) -> None:
    person = {"email": "Cleo@Acme.example", "name": "Cleo", "role": "viewer", "language": "de"}
    assert done(ops, renewal, "add-contact", **person).status_code == 302
    member = Membership.objects.get(user__email="cleo@acme.example")
    assert (member.role, member.by_support, member.user.language) == ("viewer", True, "de")
    notifications.tell(now=timezone.now())
    assert mail.outbox[0].to == ["cleo@acme.example"]

    again = done(ops, renewal, "add-contact", **person)
    assert "on the list already" in again.content.decode()
    staff = done(ops, renewal, "add-contact", **{**person, "email": "ops@demo.example"})
    assert "Staff can&#x27;t be" in staff.content.decode()
    assert kinds(renewal) == ["contact-added"]


def test_nothing_is_given_up_that_has_moved_on_since_the_page_was_opened(
    ops: Client, renewal: Renewal
) -> None:
    for slug in ("cancel", "new-copy"):
        opened = hidden_in(asked(ops, renewal, slug))
        make_answer(renewal, task=slug, now=timezone.now())
        values = {**opened, "reason": "They gave up"}
        answer = ops.post(address(renewal, slug), values, follow=True)
        assert "The registration has changed since the page was opened" in answer.content.decode()
        renewal.refresh_from_db()
        assert renewal.wish == ""
        opened = hidden_in(asked(ops, renewal, slug))
        Renewal.objects.filter(pk=renewal.pk).update(state="ready")
        ops.post(address(renewal, slug), {**opened, "reason": "They gave up"})
        renewal.refresh_from_db()
        assert renewal.wish == ""
        Renewal.objects.filter(pk=renewal.pk).update(state="needs_info")
    done(ops, renewal, "cancel", reason="They gave up")
    renewal.refresh_from_db()
    assert renewal.wish == Renewal.Wish.CANCEL


def test_a_wish_is_asked_for_once_and_holds_off_others(ops: Client, renewal: Renewal) -> None:
    assert done(ops, renewal, "cancel", reason="They left us").status_code == 302
    renewal.refresh_from_db()
    assert (renewal.wish, str(renewal.wished_by)) == ("cancel", "Olga Ops")
    assert renewal.state == Renewal.State.NEEDS_INFO
    assert "asked for something else already" in asked(ops, renewal, "new-copy")
    assert kinds(renewal) == ["cancel-asked"]


def test_what_is_with_the_reviewer_is_not_cancelled(ops: Client, renewal: Renewal) -> None:
    Renewal.objects.filter(pk=renewal.pk).update(state=Renewal.State.IN_REVIEW)
    assert "deletes no copy that is being reviewed" in asked(ops, renewal, "cancel")


def test_without_the_permission_there_is_neither_button_nor_page(
    client: Client, renewal: Renewal
) -> None:
    user = make_user("eve@demo.example", staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_renewal", "remind_renewal"])
    )
    client.force_login(user)
    for action in ACTIONS:
        expected = 200 if action.slug == "remind" else 403
        assert client.get(address(renewal, action.slug)).status_code == expected, action.slug
        if expected == 403:
            assert client.post(address(renewal, action.slug), {}).status_code == 403


# --- Many at once --------------------------------------------------------------------------------


def test_many_are_reminded_after_a_page_that_says_how_many(ops: Client, renewal: Renewal) -> None:
    other = german_renewal(make_customer("Other"), now=timezone.now())
    lists = reverse("admin:compliance_renewal_changelist")
    chosen = {"action": "remind_many", "_selected_action": [renewal.pk, other.pk]}
    page = ops.post(lists, chosen).content.decode()
    assert "This will be done for 1 renewal." in page
    assert "For 1 that you chose it is not possible now" in page
    assert kinds(renewal) == []

    ops.post(lists, {**chosen, "confirmed": "yes", "once": "bulk"})
    ops.post(lists, {**chosen, "confirmed": "yes", "once": "bulk"})
    assert kinds(renewal) == ["reminder-asked-for"]
    assert kinds(other) == []


def test_many_are_assigned_and_retried(ops: Client, renewal: Renewal) -> None:
    otto = make_user("otto@demo.example", staff=True)
    Renewal.objects.filter(pk=renewal.pk).update(trouble="stuck")
    lists = reverse("admin:compliance_renewal_changelist")
    chosen = {"_selected_action": [renewal.pk], "confirmed": "yes", "once": "bulk"}
    ops.post(lists, {**chosen, "action": "assign_many", "to": otto.pk})
    ops.post(lists, {**chosen, "action": "retry_many"})
    renewal.refresh_from_db()
    assert (renewal.assignee, renewal.trouble) == (otto, "")


def test_as_many_as_may_be_chosen_can_be_confirmed(ops: Client, renewal: Renewal) -> None:
    """Each is a field of the page that asks."""
    customer = make_customer("Many")
    for _ in range(2):
        make_renewal(make_bundle(customer, now=timezone.now()), now=timezone.now())
    known = list(Renewal.objects.values_list("pk", flat=True))
    chosen = [*known, *range(10**6, 10**6 + AT_MOST - len(known))]
    values = {"action": "retry_many", "_selected_action": chosen, "confirmed": "yes", "once": "x"}
    answer = ops.post(reverse("admin:compliance_renewal_changelist"), values)
    assert answer.status_code == 302


def test_many_at_once_need_a_permission_of_their_own(client: Client, renewal: Renewal) -> None:
    user = make_user("eve@demo.example", staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_renewal", "remind_renewal"])
    )
    client.force_login(user)
    lists = reverse("admin:compliance_renewal_changelist")
    client.post(
        lists,
        {
            "action": "remind_many",
            "_selected_action": [renewal.pk],
            "confirmed": "yes",
            "once": "bulk",
        },
    )
    assert kinds(renewal) == []


def test_what_is_paused_is_not_counted_as_overdue(ops: Client, renewal: Renewal) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Renewal.objects.filter(pk=renewal.pk).update(next_look_at=long_ago)
    overdue = standing.is_overdue(now=timezone.now())
    assert Renewal.objects.filter(overdue).exists()
    done(ops, renewal, "pause", reason="They move house")
    assert not Renewal.objects.filter(overdue).exists()
