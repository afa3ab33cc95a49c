"""Who may open and do what in the admin: every address and every action of a list, for every role.

The addresses are collected from the admin itself, so one that is not in the table fails.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from compliance.models import Mail, RegulationChange, Renewal, User
from tests.factories import german_renewal, make_customer, make_event, make_user

pytestmark = pytest.mark.django_db

ROLES = {"S": "Support", "L": "Lead", "C": "Compliance", "A": "Auditor", "O": "Operator"}
ALL, NOBODY = "SLCAO", ""
REFUSED = (403, 405)

# By the name of the address: who may GET, who may POST. Others are refused: 403, or 405 where it is
# for nobody.
TABLE: dict[str, tuple[str, str]] = {
    "index": (ALL, ALL),
    "app_list": (ALL, ALL),
    "search": (ALL, ALL),
    "jsi18n": (ALL, NOBODY),
    # Without a password nobody gets to see these; they are Django's and change nobody else.
    "password_change": (ALL, ALL),
    "password_change_done": (ALL, NOBODY),
    # What is found there has to be visible in the list that it is from.
    "autocomplete": (ALL, NOBODY),
    "compliance_renewal_note": (NOBODY, "SLCO"),
    "compliance_regulation_campaigns": (ALL, ALL),
    "compliance_regulation_campaign_csv": (ALL, NOBODY),
    "compliance_bundle_unassigned": ("L", "L"),
    "compliance_renewal_left_over": (ALL, NOBODY),
}
# By model: who may look, add, change, delete.
MODELS = {
    "compliance_account": (ALL, NOBODY, NOBODY, NOBODY),
    "compliance_regulation": (ALL, NOBODY, NOBODY, NOBODY),
    "compliance_bundle": (ALL, NOBODY, NOBODY, NOBODY),
    "compliance_customer": (ALL, "L", "L", NOBODY),
    "compliance_user": (ALL, "L", "L", NOBODY),
    "compliance_event": (ALL, NOBODY, NOBODY, NOBODY),
    "compliance_mail": (ALL, NOBODY, NOBODY, NOBODY),
    "compliance_renewal": (ALL, NOBODY, NOBODY, NOBODY),
    "mfa_authenticator": ("AO", NOBODY, NOBODY, "O"),
    "auth_group": (NOBODY, NOBODY, NOBODY, NOBODY),
}
# Of one model: who may open and use the page.
PAGES = {
    "compliance_customer_onboard": "L",
    "compliance_customer_import_csv": "L",
    "compliance_customer_export_all": "C",
    "compliance_customer_erase": "C",
    "compliance_account_test_credentials": "O",
    "compliance_bundle_assign_one": "L",
    "compliance_regulation_campaign_remind": "L",
    "compliance_renewal_reveal": "C",
    "compliance_renewal_retry": "SLO",
    "compliance_renewal_look_now": "SLO",
    "compliance_renewal_pause": "SLO",
    "compliance_renewal_resume": "SLO",
    "compliance_renewal_assign_to_me": "SL",
    "compliance_renewal_assign": "SL",
    "compliance_renewal_remind": "SL",
    "compliance_renewal_sign_in_link": "SL",
    "compliance_renewal_add_contact": "SL",
    "compliance_renewal_view_as_customer": "SLC",
    "compliance_renewal_act_on_behalf": "SL",
    "compliance_renewal_handled": "L",
    "compliance_renewal_find_copies": "L",
    "compliance_renewal_adopt_copy": "L",
    "compliance_renewal_delete_copy": "L",
    "compliance_renewal_look_for_left_over": "L",
    "compliance_renewal_new_copy": "L",
    "compliance_renewal_reopen": "L",
    "compliance_renewal_cancel": "L",
    "compliance_renewal_take_back": "L",
}
# Leads somewhere else, for whoever asks.
ELSEWHERE = {"login", "logout", "view_on_site", None}

# What a list offers for what was ticked.
ACTIONS = {
    ("compliance_renewal", "assign_many"): "L",
    ("compliance_renewal", "remind_many"): "L",
    ("compliance_renewal", "retry_many"): "L",
    ("compliance_bundle", "assign"): "L",
    ("compliance_mail", "try_again"): "SLO",
    ("compliance_user", "invite_again"): "L",
}


for model, (looks, adds, changes, deletes) in MODELS.items():
    TABLE[f"{model}_changelist"] = (looks, looks)
    TABLE[f"{model}_add"] = (adds, adds)
    TABLE[f"{model}_change"] = (looks, changes)
    TABLE[f"{model}_history"] = (looks, looks)
    TABLE[f"{model}_delete"] = (deletes, deletes)
for page, who in PAGES.items():
    TABLE[page] = (who, who)


def addresses(patterns: Any = None) -> Iterator[tuple[Any, list[str]]]:
    """The name of each address under /admin/, and the names of what stands in it."""
    for pattern in admin.site.urls[0] if patterns is None else patterns:
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern.url_patterns)
        else:
            yield pattern.name, list(pattern.pattern.converters or pattern.pattern.regex.groupindex)


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def roles() -> dict[str, User]:
    """One of each. Tests that empty the database take the groups along: then they are made anew."""
    import_module("compliance.migrations.0005_roles").make_roles(apps, None)
    people = {}
    for letter, name in ROLES.items():
        people[letter] = make_user(f"{name.lower()}@demo.example", staff=True)
        people[letter].groups.add(Group.objects.get(name=name))
    return people


@pytest.fixture
def rows() -> dict[str, int]:
    """A row of each model, by the model's address."""
    now = timezone.now()
    customer = make_customer()
    ada = make_user("ada@acme.example", customer=customer)
    renewal = german_renewal(customer, now=now, days=40)
    bundle = renewal.bundle
    change = RegulationChange.objects.create(
        regulation=bundle.regulation, requirements_hash="2" * 64, at=now
    )
    group = Group.objects.create(name="Others")
    passkey = Authenticator.objects.create(user=ada, type="webauthn", data={"name": "x"})
    mail = Mail.objects.create(key="x", kind="found", recipient=ada, customer=customer)
    return {
        "compliance_account": bundle.account_id,
        "compliance_regulation": bundle.regulation_id or 0,
        "compliance_regulation_campaign": change.pk,
        "compliance_bundle": bundle.pk,
        "compliance_customer": customer.pk,
        "compliance_user": ada.pk,
        "compliance_event": make_event(renewal, "opened", at=now).pk,
        "compliance_mail": mail.pk,
        "compliance_renewal": renewal.pk,
        "mfa_authenticator": passkey.pk,
        "auth_group": group.pk,
    }


def address_of(name: str, holes: list[str], rows: dict[str, int]) -> str:
    if name == "app_list":
        return reverse("admin:app_list", args=["compliance"])
    of = max((model for model in rows if name.startswith(f"{model}_")), key=len, default="")
    # ``customer_pk`` is a customer's, whatever the page is about.
    pks = {hole: rows.get(f"compliance_{hole.removesuffix('_pk')}", rows.get(of)) for hole in holes}
    address = reverse(f"admin:{name}", kwargs=pks)
    if name == "autocomplete":
        address += "?app_label=compliance&model_name=membership&field_name=user"
    return address


def test_every_address_is_in_the_table() -> None:
    names = {name for name, _holes in addresses()} - ELSEWHERE
    assert names == set(TABLE)


@pytest.mark.parametrize("letter", ROLES)
def test_each_role_opens_and_does_what_the_table_says(
    letter: str, roles: dict[str, User], rows: dict[str, int], client: Client
) -> None:
    client.force_login(roles[letter])
    wrong = []
    for name, holes in addresses():
        if name in ELSEWHERE:
            continue
        for method, allowed in zip(("GET", "POST"), TABLE[name], strict=True):
            answer = client.generic(method, address_of(name, holes, rows))
            is_open = answer.status_code not in REFUSED
            if is_open != (letter in allowed) or answer.status_code >= 500:
                wrong.append(f"{method} {name}: {answer.status_code}")
        # What was begun there is over.
        client.force_login(roles[letter])
    assert wrong == []


def test_an_auditor_changes_nothing(
    roles: dict[str, User], rows: dict[str, int], client: Client
) -> None:
    client.force_login(roles["A"])
    before = everything()
    for name, holes in addresses():
        if name in ELSEWHERE:
            continue
        for data in ({}, {"once": "0" * 32, "reason": "why", "confirmed": "yes"}):
            client.post(address_of(name, holes, rows), data)
    for (model, action), _who in ACTIONS.items():
        data = {"action": action, "_selected_action": rows[model], "confirmed": "yes"}
        client.post(reverse(f"admin:{model}_changelist"), data)
    assert everything() == before


def everything() -> dict[str, list[Any]]:
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.label != "sessions.Session"
    }


@pytest.mark.parametrize("letter", ROLES)
def test_each_role_is_offered_what_the_table_says_for_many(
    letter: str, roles: dict[str, User], rf: RequestFactory
) -> None:
    request = rf.get("/")
    request.user = roles[letter]
    offered = set()
    for model, site in admin.site._registry.items():
        for action in site.get_actions(request):
            offered.add((f"{model._meta.app_label}_{model._meta.model_name}", action))
    unknown = {
        (model, action) for model, action in offered if action not in ("delete_selected",)
    } - set(ACTIONS)
    looks_only = {pair for pair in unknown if pair[1].startswith("export")}
    assert unknown == looks_only
    assert {pair for pair, who in ACTIONS.items() if letter in who} == offered & set(ACTIONS)


def test_staff_without_a_role_see_no_list(rows: dict[str, int], client: Client) -> None:
    client.force_login(make_user("new@demo.example", staff=True))
    for name, holes in addresses():
        if name in ELSEWHERE or not name.startswith(tuple(MODELS)):
            continue
        for method in ("GET", "POST"):
            answer = client.generic(method, address_of(name, holes, rows))
            assert answer.status_code in REFUSED, name


def test_customers_and_strangers_are_sent_to_sign_in(rows: dict[str, int], client: Client) -> None:
    for visitor in (None, make_user("bob@other.example")):
        if visitor:
            client.force_login(visitor)
        for name, holes in addresses():
            if name in ELSEWHERE or name == "jsi18n":
                continue
            for method in ("GET", "POST"):
                answer = client.generic(method, address_of(name, holes, rows))
                assert answer.status_code == 302, name
                assert "/admin/login/" in answer["Location"] or "/sign-in/" in answer["Location"]


# --- The migration -------------------------------------------------------------------------------


def test_the_migration_leaves_groups_alone_that_are_there(roles: dict[str, User]) -> None:
    group = Group.objects.get(name="Auditor")
    group.permissions.clear()
    import_module("compliance.migrations.0005_roles").make_roles(apps, None)
    assert group.permissions.count() == 0


def test_the_migration_names_permissions_as_django_does() -> None:
    migration = import_module("compliance.migrations.0005_roles")
    names = sorted({name for role in migration.ROLES.values() for name in role})
    django = {
        name: Permission.objects.get(
            content_type__app_label=name.split(".")[0], codename=name.split(".")[1]
        ).name
        for name in names
    }
    Permission.objects.all().delete()
    assert {name: migration.permission(apps, name).name for name in names} == django


def test_every_permission_of_ours_is_somebodys(roles: dict[str, User]) -> None:
    own = {codename for codename, _name in Renewal._meta.permissions}
    given = Permission.objects.filter(group__name__in=ROLES.values())
    assert own <= set(given.values_list("codename", flat=True))
