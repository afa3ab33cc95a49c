"""The admin's looser policy is the admin's alone."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from compliance.models import User
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.django_db
POLICY = "Content-Security-Policy"


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


def test_staff_in_the_admin_get_what_the_theme_needs_and_no_more(client: Client) -> None:
    client.force_login(User.objects.create_superuser("ops@demo.example"))
    inside, outside = client.get("/admin/")[POLICY], client.get("/")[POLICY]
    assert {"script-src 'self' 'unsafe-eval'", "style-src 'self' 'unsafe-inline'"} <= set(
        inside.split("; ")
    )
    assert "unsafe" not in outside
    assert set(
        inside.replace(" 'unsafe-eval'", "").replace(" 'unsafe-inline'", "").split("; ")
    ) == (set(outside.split("; ")))


def test_customers_keep_the_strict_one_wherever_they_go(client: Client) -> None:
    client.force_login(make_user("ada@acme.example", customer=make_customer()))
    for path in ("/", "/admin/", "/admin/nonsense/", "/nonsense/"):
        assert "unsafe" not in client.get(path)[POLICY], path


def test_the_tab_shows_the_brands_own_icon(client: Client, settings: Any, tmp_path: Path) -> None:
    client.force_login(User.objects.create_superuser("ops@demo.example"))
    assert "data:image/svg+xml" in client.get("/admin/").content.decode()
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>', encoding="utf-8")
    settings.BRAND_LOGO = str(logo)
    assert '<link rel="icon" href="/brand/' in client.get("/admin/").content.decode()


def test_the_menu_leads_to_what_somebody_may_open(client: Client) -> None:
    client.force_login(User.objects.create_superuser("ops@demo.example"))
    menu = client.get("/admin/").content.decode()
    for path in ("renewal", "customer", "user", "bundle", "regulation", "account", "mail", "event"):
        assert f'href="/admin/compliance/{path}/"' in menu
    assert "/admin/account/emailaddress/" not in menu

    client.force_login(make_user("sam@demo.example", staff=True))
    assert 'href="/admin/compliance/renewal/"' not in client.get("/admin/").content.decode()
