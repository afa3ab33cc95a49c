"""The ledger of mails in the admin."""

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from compliance import notifications, tasks
from compliance.models import Mail, User
from tests import factories
from tests.notifications.telling import Result, Server, at, found, german


def test_support_sees_what_did_not_arrive_and_has_it_tried_again(
    db: None, server: type[Server], client: Client
) -> None:
    renewal, _ada = german(at(10), days=100)
    found(renewal, at(10))
    server.at_open = TimeoutError("timed out")
    notifications.tell(now=at(10))
    Mail.objects.update(result=Result.UNDELIVERED, next_try_at=None, attempts=8)
    client.force_login(User.objects.create_superuser("ops@example.com"))
    url = reverse("admin:compliance_mail_changelist")

    page = client.get(url, {"result": "undelivered"}).content.decode()
    assert "ada@acme.example" in page
    assert "timed out" in page
    data = {"action": "try_again", "_selected_action": [Mail.objects.get().pk]}
    response = client.post(url, data, follow=True)

    assert "1 mail is tried again" in response.content.decode()
    server.at_open = None
    notifications.tell(now=tasks.timezone.now())
    row = Mail.objects.get()
    assert (row.result, row.attempts, row.problem) == (Result.SENT, 1, "")


def test_staff_who_may_only_look_cannot_have_mails_sent(db: None, client: Client) -> None:
    looker = factories.make_user("looker@example.com", staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_mail"))
    client.force_login(looker)
    renewal, _ada = german(at(10), days=100)
    found(renewal, at(10))
    notifications.tell(now=at(10))

    page = client.get(reverse("admin:compliance_mail_changelist")).content.decode()

    assert "ada@acme.example" in page
    assert "try_again" not in page
