"""The mail, and where signing in and out leads."""

import pytest
from django.test import Client, override_settings

from compliance.models import User
from tests.signin.asking import HOME, SIGN_IN, ask, await_mails, is_in

pytestmark = pytest.mark.django_db


def test_the_mail_speaks_the_persons_language_and_has_both_ways_in_both_parts(
    client: Client, ada: User
) -> None:
    sent = ask(client)

    assert sent.code in sent.subject
    for part in (sent.text, sent.page):
        assert sent.code in part
        assert sent.link in part
        assert "30 minutes" in part
        assert "10 minutes" in part
    assert sent.link.startswith("http://localhost:8000/sign-in/link/")


@override_settings(EMAIL_BACKEND="tests.portal.broken_mail.Backend")
def test_a_mail_server_that_is_away_breaks_nothing(
    client: Client, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.post(SIGN_IN, {"email": "ada@acme.example"})

    await_mails()
    assert response.status_code == 302
    assert "could not be sent" in caplog.text
    assert "ada@acme.example" not in caplog.text


# --- Inside -----------------------------------------------------------------------------------


def test_a_page_that_needs_signing_in_is_kept(client: Client) -> None:
    response = client.get("/r/CMP-234567/")

    assert response["Location"] == "/sign-in/?next=/r/CMP-234567/"
    assert 'name="next" value="/r/CMP-234567/"' in client.get(response["Location"]).content.decode()


def test_staff_come_to_the_admin_by_the_same_way(client: Client, ops: User) -> None:
    asked = client.get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0] == "/sign-in/?next=/admin/"

    response = client.post(ask(client, email="ops@demo.example").path)

    assert response["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_customer_does_not_come_into_the_admin(client: Client, ada: User) -> None:
    client.force_login(ada)

    assert client.get("/admin/", follow=True).status_code == 403


def test_after_signing_in_the_pages_speak_the_persons_language(client: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(language="de")
    client.post(ask(client).path)

    assert client.get(HOME, headers={"accept-language": "fr"})["Content-Language"] == "de"


def test_a_person_without_any_customer_is_told_whom_to_ask(client: Client) -> None:
    client.force_login(User.objects.create_user("new@acme.example"))

    page = client.get(HOME).content.decode()

    assert "We do not have any registrations for this address." in page


def test_signing_out_is_a_deed(client: Client, ada: User) -> None:
    client.force_login(ada)

    assert client.get("/sign-out/").status_code == 405
    assert is_in(client)
    assert client.post("/sign-out/")["Location"] == SIGN_IN
    assert not is_in(client)


def test_who_is_signed_in_needs_no_signing_in(client: Client, ada: User) -> None:
    client.force_login(ada)

    assert client.get(SIGN_IN)["Location"] == HOME
    assert client.get(f"{SIGN_IN}?next=/r/CMP-234567/")["Location"] == "/r/CMP-234567/"
