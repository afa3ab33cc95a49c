"""The pages for what went wrong."""

from datetime import datetime

import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory
from django.urls import reverse

from compliance.models import Customer, User
from portal.views.errors import server_error
from tests.factories import german_renewal
from tests.pages.reading import heading, page, words


def test_what_is_not_there_gets_a_sentence(client: Client) -> None:
    response = client.get("/r/CMP-NNNNNN/")

    assert response.status_code == 404
    assert heading(response) == "We cannot find that registration"
    assert "You may not have access to it" in words(response)


def test_a_forged_form_gets_a_sentence(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)

    response = client.post(reverse("send", args=["CMP-NNNNNN"]))

    assert response.status_code == 403
    assert heading(response) == "This page was open for too long"
    assert "what you typed is still there" in words(response)


def test_a_fault_of_ours_needs_no_database() -> None:
    response = server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert heading(response) == "Sorry, there is a problem with the service"


def test_a_page_that_breaks_shows_it(
    acme: Customer, ada: User, settings: LazySettings, now: datetime
) -> None:
    settings.DEBUG = False
    Customer.objects.update(time_zone="Nowhere/Land")
    german_renewal(acme, now=now)
    client = Client(raise_request_exception=False)
    client.force_login(ada)

    response = client.get("/")

    assert response.status_code == 500
    assert "Whatever you had saved is safe." in words(response)


def test_two_files_at_once_get_a_sentence(client: Client, settings: LazySettings) -> None:
    settings.DEBUG = False
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\nx\r\n'
        for _file in range(2)
    )
    where = reverse("task", args=["CMP-NNNNNN", "details"])
    response = client.generic(
        "POST", where, body + b"--x--\r\n", content_type="multipart/form-data; boundary=x"
    )

    assert response.status_code in (400, 404)


@pytest.mark.parametrize(
    "address",
    [
        "/r/CMP-%00/",
        "/?next=%00",
        "/admin/compliance/customer/?q=a%00",
        "/admin/compliance/renewal/?state__exact=a%00",
        "/admin/autocomplete/?app_label=compliance&model_name=membership&field_name=user&term=a%00",
    ],
)
def test_a_nul_in_an_address_gets_a_sentence(
    address: str, client: Client, settings: LazySettings
) -> None:
    settings.DEBUG = False
    client.force_login(User.objects.create_superuser("root@demo.example", name="Root"))

    response = client.get(address)

    assert response.status_code == 400
    assert heading(response) == "We could not read what your browser sent"


@pytest.mark.parametrize("path", ["/", "/r/CMP-NNNNNN/"])
def test_every_page_has_its_landmarks(path: str, client: Client) -> None:
    tree = page(client.get(path))

    assert tree.get("lang") == "en"
    assert len(tree.findall(".//h1")) == 1
    assert tree.xpath("//a[@class='skip']/@href") == ["#main"]
    assert len(tree.xpath("//main[@id='main']")) == 1
    assert len(tree.xpath("//header")) == len(tree.xpath("//footer")) == 1
    assert tree.xpath("//*[@id='live']/@aria-live") == ["polite"]


def test_nothing_on_a_page_needs_a_looser_policy(client: Client) -> None:
    response = client.get("/")
    tree = page(response)

    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert not tree.xpath("//*[@style] | //style | //script[not(@src)] | //*[@onclick]")
