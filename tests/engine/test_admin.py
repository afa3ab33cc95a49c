"""What support sees and may do."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from compliance.models import Bundle, Customer, Renewal, User
from compliance.sandbox import seed
from tests.world import World

SECRETS = ("Ada", "Stern", "acme.example/", "HRB 123456")


@pytest.fixture
def ops(world: World, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ops@demo.example"))
    return client


def helper(client: Client, *permissions: str) -> Client:
    """Staff with these permissions only."""
    user = User.objects.create_user("helper@demo.example", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def test_every_list_and_every_row_opens(world: World, ops: Client) -> None:
    world.prepared("acme-de-local")
    for model in (
        "renewal",
        "bundle",
        "account",
        "regulation",
        "event",
        "mail",
        "customer",
        "user",
    ):
        page = ops.get(reverse(f"admin:compliance_{model}_changelist"))
        assert page.status_code == 200
    for model, pk in (
        ("renewal", world.renewal("acme-de-local").pk),
        ("bundle", world.renewal("acme-de-local").bundle_id),
        ("account", world.renewal("acme-de-local").bundle.account_id),
        ("regulation", world.renewal("acme-de-local").bundle.regulation_id),
        ("customer", world.renewal("acme-de-local").bundle.customer_id),
    ):
        page = ops.get(reverse(f"admin:compliance_{model}_change", args=[pk]))
        assert page.status_code == 200


def test_a_renewals_page_tells_where_it_stands_and_no_personal_value(
    world: World, ops: Client
) -> None:
    renewal = world.prepared("acme-de-local")
    page = ops.get(reverse("admin:compliance_renewal_change", args=[renewal.pk]))
    text = page.content.decode()
    assert renewal.reference in text
    assert "needs-info" in text
    assert "business_website" in text
    assert "22215" in text
    assert not [secret for secret in SECRETS if secret in text]


def test_what_the_engine_owns_can_be_neither_changed_nor_deleted(world: World, ops: Client) -> None:
    renewal = world.prepared("acme-de-local")
    for address in (
        reverse("admin:compliance_renewal_change", args=[renewal.pk]),
        reverse("admin:compliance_bundle_change", args=[renewal.bundle_id]),
        reverse("admin:compliance_renewal_delete", args=[renewal.pk]),
        reverse("admin:compliance_renewal_add"),
    ):
        assert ops.post(address, {"state": "completed"}).status_code == 403
    renewal.refresh_from_db()
    assert renewal.state == Renewal.State.NEEDS_INFO


def test_the_list_finds_trouble_and_a_phone_number(world: World, ops: Client) -> None:
    renewal = world.prepared("acme-de-local")
    Renewal.objects.filter(pk=renewal.pk).update(trouble="refused-22229")
    lists = reverse("admin:compliance_renewal_changelist")
    for query in (
        "attention=trouble",
        "q=493023125001",
        "q=030+23125001",
        "q=%2B49+30+23125001",
        f"q={renewal.copy_sid}",
        "q=Acme",
    ):
        assert renewal.reference in ops.get(f"{lists}?{query}").content.decode(), query
    assert renewal.reference not in ops.get(f"{lists}?q=nobody").content.decode()


def test_an_unassigned_bundle_is_assigned_on_a_page_that_says_so_first(
    world: World, ops: Client
) -> None:
    world.people()
    world.sync()
    lost = Bundle.objects.get(sid=seed.BUNDLES["unknown-ie-local"])
    lists = reverse("admin:compliance_bundle_changelist")
    assert lost.sid in ops.get(f"{lists}?assigned=no").content.decode() or str(lost)
    chosen = {"action": "assign", "_selected_action": [lost.pk]}
    asked = ops.post(lists, chosen)
    assert "Its people then see them" in asked.content.decode()
    lost.refresh_from_db()
    assert lost.customer is None

    kite = Customer.objects.get(name="Kite & Co")
    ops.post(lists, {**chosen, "customer": kite.pk})
    lost.refresh_from_db()
    assert lost.customer == kite
    assert Renewal.objects.filter(bundle=lost).count() == 1


def test_staff_who_may_only_look_can_only_look(world: World, client: Client) -> None:
    renewal = world.prepared("acme-de-local")
    Renewal.objects.filter(pk=renewal.pk).update(trouble="stuck")
    helper(client, "view_renewal", "view_bundle")
    lists = reverse("admin:compliance_renewal_changelist")
    assert client.get(lists).status_code == 200
    client.post(lists, {"action": "retry_many", "_selected_action": [renewal.pk]})
    renewal.refresh_from_db()
    assert renewal.trouble == "stuck"
    assert client.get(reverse("admin:compliance_user_changelist")).status_code == 403


def test_customers_do_not_get_in(world: World, client: Client) -> None:
    world.people()
    client.force_login(User.objects.get(email="ada@acme.example"))
    page = client.get(reverse("admin:compliance_renewal_changelist"))
    assert page.status_code == 302
