"""What an address of a list asks for, column by column."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.models import User
from tests.factories import make_bundle, make_customer, make_user

pytestmark = pytest.mark.django_db
LISTED = list(admin.site._registry)


@pytest.fixture
def ops(client: Client, settings: Any) -> Client:
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(User.objects.create_superuser("ops@demo.example", name="Olga Ops"))
    return client


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model.__name__)
def test_no_column_can_be_asked_for_in_a_way_that_breaks_the_page(
    model: type[models.Model], ops: Client
) -> None:
    address = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
    for field in model._meta.concrete_fields:
        expected = {400} if isinstance(field, models.BinaryField | models.JSONField) else {200, 302}
        for way in ("", "__gt", "__contains"):
            answer = ops.get(address, {f"{field.name}{way}": "x1"})
            assert answer.status_code in expected, f"{field.name}{way}: {answer.status_code}"


def test_a_customer_is_found_once_by_name_address_and_bundle(ops: Client) -> None:
    now = timezone.now()
    acme, other = make_customer("Acme Phones GmbH"), make_customer("Other Ltd")
    for name in ("ada", "bob"):
        make_user(f"{name}@acme.example", customer=acme)
    bundles = [make_bundle(acme, now=now, days=days) for days in (10, 20)]
    make_bundle(other, now=now, days=10)

    def found(term: str) -> list[object]:
        page = ops.get(reverse("admin:compliance_customer_changelist"), {"q": term})
        return list(page.context["cl"].result_list)

    for term in (
        "acme",
        "phones ACME",
        "@acme.example",
        "Acme bob@",
        bundles[0].sid,
        bundles[1].sid.lower(),
        f"gmbh {bundles[0].sid}",
    ):
        assert found(term) == [acme], term
    assert found("acme other") == []
    assert found(f"other {bundles[0].sid}") == []
    assert set(found(bundles[0].sid[:10])) == {acme, other}
    assert set(found("")) == {acme, other}
