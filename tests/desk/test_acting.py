"""Staff on a customer's pages: to look as they do, or to answer and send on their behalf."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from compliance import acting, answers, notifications
from compliance.models import Answer, Draft, Event, Renewal, SignInLink, User
from tests.desk.test_actions import address, done, kinds
from tests.factories import ALL_FINE, german_renewal, make_customer, make_user

pytestmark = pytest.mark.django_db

DETAILS = {
    "f-business_registration_number": "HRB 1234",
    "f-email": "ada@acme.example",
}


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def renewal() -> Renewal:
    customer = make_customer()
    make_user("ada@acme.example", name="Ada", customer=customer)
    return german_renewal(customer, now=timezone.now(), days=40)


@pytest.fixture
def sue(client: Client) -> User:
    """Of support, signed in."""
    user = make_user("sue@demo.example", name="Sue Support", staff=True)
    user.user_permissions.set(
        Permission.objects.filter(
            codename__in=["view_renewal", "act_on_behalf", "view_as_customer"]
        )
    )
    client.force_login(user)
    return user


def page(renewal: Renewal, name: str = "registration", *more: str) -> str:
    return reverse(name, args=[renewal.reference, *more])


def begun(client: Client, renewal: Renewal, slug: str) -> None:
    answer = done(client, renewal, slug, reason="She called")
    assert answer.status_code == 302
    assert answer["Location"] == page(renewal)


def let_time_pass(client: Client) -> None:
    """The half hour is over."""
    session = client.session
    session[acting.KEY] = {**session[acting.KEY], "until": timezone.now().timestamp() - 1}
    session.save()


def test_without_it_staff_see_no_customers_pages(
    client: Client, sue: User, renewal: Renewal
) -> None:
    assert client.get(page(renewal)).status_code == 404


def test_it_needs_a_reason(client: Client, sue: User, renewal: Renewal) -> None:
    for slug in ("act-on-behalf", "view-as-customer"):
        assert done(client, renewal, slug, reason=" ").status_code == 200
    assert client.get(page(renewal)).status_code == 404
    assert kinds(renewal) == []


# --- To look -------------------------------------------------------------------------------------


def test_who_views_sees_what_the_customer_sees_under_a_banner(
    client: Client, sue: User, renewal: Renewal
) -> None:
    begun(client, renewal, "view-as-customer")
    for where in (page(renewal), reverse("home"), page(renewal, "task", tasks_of(renewal)[0])):
        shown = client.get(where)
        assert shown.status_code == 200
        assert "You are viewing as <strong>Acme GmbH</strong>" in shown.content.decode()
    (event,) = renewal.events.all()
    assert (event.kind, event.by, event.reason) == ("view-started", sue, "She called")
    assert event.customer == renewal.bundle.customer


def test_who_views_can_send_nothing_to_any_address(
    client: Client, sue: User, renewal: Renewal
) -> None:
    """Every address of the portal, found in its own table: the check is one for all."""
    begun(client, renewal, "view-as-customer")
    customer = renewal.bundle.customer
    assert customer is not None
    fillings = {
        "reference": renewal.reference,
        "task_key": "details",
        "company": customer.public_id,
        "person": customer.memberships.get().public_id,
        "pk": 1,
        "token": "x",
    }
    may_be_sent = {"end-acting", "account_logout", "session", "twilio-callback"}
    tried = 0
    for pattern in every_pattern(get_resolver().url_patterns):
        if pattern.name is None or pattern.name in may_be_sent:
            continue
        holes = pattern.pattern.converters
        where = reverse(pattern.name, kwargs={hole: fillings[hole] for hole in holes})
        answer = client.post(where, {**DETAILS, "again": "1"})
        assert answer.status_code == 403, where
        tried += 1
    assert tried > 20
    assert not renewal.answers.exists()
    assert kinds(renewal) == ["view-started"]


def every_pattern(patterns: Any) -> Any:
    for pattern in patterns:
        if getattr(pattern, "app_name", None) == "admin":
            continue
        if hasattr(pattern, "url_patterns"):
            yield from every_pattern(pattern.url_patterns)
        elif "admin" not in str(pattern.pattern):
            yield pattern


def test_who_views_opens_no_documents(client: Client, sue: User, renewal: Renewal) -> None:
    begun(client, renewal, "view-as-customer")
    assert client.get(page(renewal, "record")).status_code == 403
    assert client.get(page(renewal, "file", "details")).status_code == 403


def test_it_is_one_customers_pages_and_no_others(
    client: Client, sue: User, renewal: Renewal
) -> None:
    other = german_renewal(make_customer("Other"), now=timezone.now())
    begun(client, renewal, "view-as-customer")
    assert client.get(page(other)).status_code == 404
    assert "Other" not in client.get(reverse("home")).content.decode()


def test_it_ends_when_staff_say_so(client: Client, sue: User, renewal: Renewal) -> None:
    begun(client, renewal, "view-as-customer")
    answer = client.post(reverse("end-acting"))
    assert answer["Location"] == reverse("admin:compliance_renewal_change", args=[renewal.pk])
    assert client.get(page(renewal)).status_code == 404
    assert kinds(renewal) == ["view-started", "view-ended"]


def test_it_ends_with_its_time(client: Client, sue: User, renewal: Renewal) -> None:
    begun(client, renewal, "view-as-customer")
    let_time_pass(client)
    assert client.get(page(renewal)).status_code == 404
    assert kinds(renewal) == ["view-started", "view-ended"]
    assert acting.KEY not in client.session


def test_it_ends_with_signing_out(client: Client, sue: User, renewal: Renewal) -> None:
    begun(client, renewal, "view-as-customer")
    client.post(reverse("account_logout"))
    client.force_login(sue)
    assert client.get(page(renewal)).status_code == 404
    assert kinds(renewal) == ["view-started", "view-ended"]


def test_it_ends_with_signing_in_anew(client: Client, sue: User, renewal: Renewal) -> None:
    begun(client, renewal, "act-on-behalf")
    client.post(reverse("sign-in-again"))
    assert acting.KEY not in client.session
    assert kinds(renewal) == ["act-started", "act-ended"]


@pytest.mark.parametrize("change", [{"is_staff": False}, {"permissions": False}])
def test_it_ends_when_the_right_to_it_does(
    client: Client, sue: User, renewal: Renewal, change: dict[str, bool]
) -> None:
    begun(client, renewal, "act-on-behalf")
    if "is_staff" in change:
        User.objects.filter(pk=sue.pk).update(is_staff=False)
    else:
        sue.user_permissions.clear()
    assert client.get(page(renewal)).status_code == 404


def test_it_is_bound_to_who_began_it(client: Client, sue: User, renewal: Renewal) -> None:
    begun(client, renewal, "act-on-behalf")
    stored = client.session[acting.KEY]
    other = Client()
    other.force_login(User.objects.create_superuser("ops@demo.example"))
    session = other.session
    session[acting.KEY] = stored
    session.save()
    assert other.get(page(renewal)).status_code == 404
    assert renewal.events.get(kind="act-ended").by == sue


def test_it_gives_nothing_in_the_admin(client: Client, sue: User, renewal: Renewal) -> None:
    begun(client, renewal, "act-on-behalf")
    assert client.get(address(renewal, "cancel")).status_code == 403
    people = reverse("people", args=[renewal.bundle.customer.public_id])  # type: ignore[union-attr]
    assert client.get(people).status_code == 404


# --- To act --------------------------------------------------------------------------------------


def test_what_is_saved_is_recorded_as_staffs_and_as_on_behalf(
    client: Client, sue: User, renewal: Renewal
) -> None:
    begun(client, renewal, "act-on-behalf")
    assert (
        "You are acting for <strong>Acme GmbH</strong>"
        in client.get(page(renewal)).content.decode()
    )
    task = next(iter(tasks_of(renewal)))
    answer = client.post(page(renewal, "task", task), {**DETAILS, "version": "0"})
    assert answer.status_code == 302
    assert renewal.answers.get().saved_by == sue
    event = renewal.events.get(kind="answer-saved")
    assert (event.by, event.details["on_behalf"]) == (sue, True)

    ada = Client()
    ada.force_login(User.objects.get(email="ada@acme.example"))
    assert "Our support saved an answer on your behalf" in ada.get(page(renewal)).content.decode()


def tasks_of(renewal: Renewal) -> list[str]:
    return [task.key for task in answers.checklist_of(renewal).tasks if task.kind != "document"]


def test_what_is_sent_on_behalf_is_told_once_a_day(
    client: Client, sue: User, renewal: Renewal
) -> None:
    begun(client, renewal, "act-on-behalf")
    client.post(page(renewal, "task", tasks_of(renewal)[0]), {**DETAILS, "version": "0"})
    Answer.objects.update(state=Answer.State.DELIVERED)
    results = list(ALL_FINE)
    Renewal.objects.filter(pk=renewal.pk).update(
        state=Renewal.State.READY, evaluation={"status": "compliant", "results": results}
    )
    assert client.post(page(renewal, "send")).status_code == 302

    renewal.refresh_from_db()
    assert renewal.state == Renewal.State.SUBMITTED
    sent = renewal.events.get(kind="sent")
    assert (sent.by, sent.details["on_behalf"]) == (sue, True)
    for _run in range(2):
        notifications.tell(now=timezone.now())
    told = [m for m in mail.outbox if "We worked on your phone registration" in m.subject]
    (message,) = told
    assert message.to == ["ada@acme.example"]
    assert "on your behalf" in message.body
    assert Event.objects.filter(kind="acted-on-behalf", by=sue).count() == 1


def test_staff_who_are_the_customers_people_act_for_themselves(
    client: Client, renewal: Renewal
) -> None:
    customer = renewal.bundle.customer
    both = make_user("both@demo.example", staff=True, customer=customer)
    client.force_login(both)
    client.post(page(renewal, "task", tasks_of(renewal)[0]), {**DETAILS, "version": "0"})
    assert "on_behalf" not in renewal.events.get(kind="answer-saved").details
    assert not Event.objects.filter(kind="acted-on-behalf").exists()


def test_it_ends_when_the_second_factor_is_taken_away(
    client: Client, sue: User, renewal: Renewal, settings: Any
) -> None:
    begun(client, renewal, "view-as-customer")
    assert client.get(page(renewal)).status_code == 200
    settings.STAFF_SECOND_FACTOR = True
    assert client.get(page(renewal)).status_code == 404
    assert kinds(renewal)[-1] == "view-ended"


@pytest.mark.parametrize("way", ["link", "again", "admin"])
def test_its_end_is_on_record_whatever_ends_the_session(
    client: Client, sue: User, renewal: Renewal, way: str
) -> None:
    begun(client, renewal, "act-on-behalf")
    if way == "link":
        secret = SignInLink.issue(User.objects.get(email="ada@acme.example"), now=timezone.now())
        client.post(reverse("sign-in-link", args=[secret]))
    elif way == "again":
        client.post(reverse("sign-in-again"))
    else:
        client.post(reverse("admin:logout"))
    assert "act-ended" in kinds(renewal)


def test_what_staff_typed_is_kept_when_their_session_ends(
    client: Client, sue: User, renewal: Renewal
) -> None:
    begun(client, renewal, "act-on-behalf")
    session = client.session
    session["seen_at"] = timezone.now().timestamp() - 16 * 60
    session.save()
    client.post(page(renewal, "task", "details"), DETAILS)
    assert Draft.objects.get(renewal=renewal).user == sue
    assert "_auth_user_id" not in client.session


def test_a_reason_repeats_nothing_that_the_customer_entered(
    client: Client, sue: User, renewal: Renewal
) -> None:
    answer = done(client, renewal, "act-on-behalf", reason="It is Acme GmbH in Berlin")
    assert "Leave out what the customer entered." in answer.content.decode()
    assert kinds(renewal) == []


def test_it_lasts_half_an_hour() -> None:
    assert timedelta(minutes=30) == acting.LASTS
