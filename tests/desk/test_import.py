"""Many customers from one file: what would happen is shown, and the same then happens."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from compliance.models import Customer, Event, Membership, User
from compliance.onboarding import table
from tests import factories

IMPORT = "/admin/compliance/customer/import/"

HEAD = "company,time_zone,email,name,role,language,invite\n"
FILE = (
    HEAD
    + "Acme GmbH,Europe/Berlin,ada@acme.example,Ada,editor,de,yes\n"
    + "acme gmbh,,vera@acme.example,Vera,viewer,,\n"
    + "\n"
    + "Kite & Co,,kim@kite.example,,,,no\n"
)


@pytest.fixture
def ops(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ops@demo.example"))
    return client


def upload(client: Client, content: str | bytes) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(IMPORT, {"file": SimpleUploadedFile("them.csv", data)})


def confirm(client: Client, page: Any) -> Any:
    found = re.search(r'name="held" value="([^"]+)"', page.content.decode())
    assert found
    return client.post(IMPORT, {"held": found.group(1)}, follow=True)


def text(page: Any) -> str:
    return re.sub(r"\s+", " ", page.content.decode())


def test_the_page_names_every_column(ops: Client) -> None:
    page = ops.get(IMPORT).content.decode()
    for name in table.NAMES:
        assert f"<code>{name}</code>" in page


def test_a_dry_run_writes_nothing_and_what_it_shows_is_what_is_done(ops: Client) -> None:
    page = upload(ops, FILE)
    shown = text(page)
    assert "The company Acme GmbH is added, with the time zone Europe/Berlin." in shown
    assert (
        "ada@acme.example is added and may answer and send; an invitation is mailed now." in shown
    )
    assert "vera@acme.example is added and may look; an invitation is mailed now." in shown
    assert "kim@kite.example is added and may answer and send; no mail is sent yet." in shown
    assert "Import 2 companies" in shown
    assert not Customer.objects.exists()
    assert not User.objects.exclude(is_staff=True).exists()

    done = text(confirm(ops, page))
    assert "2 companies were imported." in done
    assert set(Customer.objects.values_list("name", "time_zone")) == {
        ("Acme GmbH", "Europe/Berlin"),
        ("Kite & Co", "UTC"),
    }
    assert set(Membership.objects.values_list("user__email", "role")) == {
        ("ada@acme.example", "editor"),
        ("vera@acme.example", "viewer"),
        ("kim@kite.example", "editor"),
    }
    assert Event.objects.filter(kind="person-invited").count() == 2


def test_importing_the_same_file_again_does_nothing(ops: Client) -> None:
    first = upload(ops, FILE)
    confirm(ops, first)
    page = upload(ops, FILE)
    assert text(page).count("Nothing: all of it is here already.") == 2
    assert 'name="held"' not in text(page)
    assert "0 companies" not in text(confirm(ops, first))
    assert (Customer.objects.count(), Membership.objects.count()) == (2, 3)
    assert Event.objects.filter(kind="person-invited").count() == 2


def test_a_company_that_is_here_gets_who_is_new(ops: Client) -> None:
    acme = factories.make_customer("Acme GmbH", time_zone="Europe/Paris")
    factories.make_user("ada@acme.example", customer=acme, role="viewer")
    confirm(ops, upload(ops, FILE))
    acme.refresh_from_db()
    assert acme.time_zone == "Europe/Paris"
    assert dict(acme.memberships.values_list("user__email", "role")) == {
        "ada@acme.example": "viewer",
        "vera@acme.example": "viewer",
    }


def test_a_row_with_a_problem_leaves_its_company_out(ops: Client) -> None:
    page = upload(
        ops,
        HEAD
        + "Acme GmbH,Europe/Berlin,ada@acme.example,Ada,editor,de,yes\n"
        + "Acme GmbH,Europe/Paris,vera@acme,Vera,boss,xx,perhaps\n"
        + "Kite & Co,,kim@kite.example,,,,\n",
    )
    shown = text(page)
    for problem in (
        "The column time_zone differs between the rows of this company.",
        "The column invite differs between the rows of this company.",
        "vera@acme is no e-mail address.",
    ):
        assert problem in shown, problem
    assert "2, 3" in shown
    confirm(ops, page)
    assert [str(customer) for customer in Customer.objects.all()] == ["Kite & Co"]


def test_bundles_and_a_subaccount_come_along(ops: Client) -> None:
    now = timezone.now()
    account = factories.make_account(friendly_name="Acme's own")
    factories.make_account(is_main=True)
    first, second = (factories.make_bundle(None, now=now, days=9) for _ in range(2))
    page = upload(
        ops,
        "company;email;subaccount;bundles\n"
        f"Acme;a@acme.example;{account.sid};{first.sid} {second.sid}\n",
    )
    confirm(ops, page)
    acme = Customer.objects.get()
    assert acme.account == account
    assert acme.bundles.count() == 2


def test_what_changed_between_looking_and_confirming_is_left_out(ops: Client) -> None:
    bundle = factories.make_bundle(None, now=timezone.now())
    page = upload(ops, f"company,email,bundles\nAcme,a@acme.example,{bundle.sid}\nB,b@b.example,\n")
    bundle.customer = factories.make_customer("Other")
    bundle.save()
    done = text(confirm(ops, page))
    assert "Acme was left out: something has changed meanwhile." in done
    assert set(Customer.objects.values_list("name", flat=True)) == {"Other", "B"}


def test_a_company_that_is_here_already_is_named_before_anybody_gets_into_it(ops: Client) -> None:
    acme = factories.make_customer("Acme GmbH")
    factories.make_user("ada@acme.example", customer=acme)
    page = upload(ops, "company,email\nACME GmbH,mallory@other.example\n")
    assert "There is a company Acme GmbH already, with 1 person" in text(page)


def test_nobody_gets_into_a_company_that_came_about_after_the_dry_run(ops: Client) -> None:
    page = upload(ops, "company,email\nAcme GmbH,mallory@other.example\n")
    acme = factories.make_customer("Acme GmbH")
    done = text(confirm(ops, page))
    assert "Acme GmbH was left out: something has changed meanwhile." in done
    assert not acme.memberships.exists()


def test_what_two_companies_claim_is_a_problem_in_the_dry_run(ops: Client) -> None:
    bundle = factories.make_bundle(None, now=timezone.now())
    page = upload(
        ops,
        f"company,email,bundles\nAcme,a@acme.example,{bundle.sid}\nB,b@b.example,{bundle.sid}\n",
    )
    assert text(page).count(f"{bundle.sid} stands with another company of this file, too.") == 2
    assert 'name="held"' not in text(page)


def test_a_bundle_in_somebody_elses_subaccount_is_not_given_away(ops: Client) -> None:
    account = factories.make_account()
    other = factories.make_customer("Other")
    other.account = account
    other.save()
    bundle = factories.make_bundle(None, now=timezone.now())
    bundle.account = account
    bundle.save()
    page = upload(ops, f"company,email,bundles\nAcme,a@acme.example,{bundle.sid}\n")
    assert f"The bundle {bundle.sid} is in the subaccount of Other." in text(page)


def test_one_name_written_in_two_ways_is_one_company(ops: Client) -> None:
    composed, decomposed = "M\u00fcller", "Mu\u0308ller"
    page = upload(ops, f"company,email\n{composed},a@m.example\n{decomposed},b@m.example\n")
    assert "Import 1 company" in text(page)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The submitted file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        ("company,email\nAcm\u00e9,a@a.example\n".encode("latin-1"), "not in UTF-8"),
        ("company,email\nA\0,a@a.example\n", "not a text file"),
        ("company,email\n", "no rows below its first line"),
        ("name\nAda\n", "missing: company, email."),
        ("company,email,salary\nA,a@a.example,1\n", "unknown or doubled"),
        ("company,email,email\nA,a@a.example,b\n", "unknown or doubled"),
        ("company,email\nA\n", "Row 2 has 1 values where there are 2 columns."),
        ('company,email\n"A,a@a.example\n', "not a CSV file"),
        ("company,email\n" + "A" * 2001 + ",a@a.example\n", "Row 2 has a value that is too long."),
        ("company,email\n" + "A,a@a.example\n" * 1001, "more than 1000 rows"),
        ("company,email\n" + "x" * 300_000, "larger than 256 KB"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_in_a_sentence(
    ops: Client, content: str | bytes, problem: str
) -> None:
    page = upload(ops, content)
    assert page.status_code == 200
    assert problem in text(page)
    assert not Customer.objects.exists()


def test_what_a_file_says_is_shown_as_text(ops: Client) -> None:
    page = upload(ops, "company,email\n<script>alert(1)</script>,a@a.example\n")
    assert "<script>alert(1)" not in page.content.decode()
    assert "&lt;script&gt;alert(1)" in page.content.decode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_that_we_write_is_a_formula(start: str) -> None:
    assert table.harmless(f"{start}1+1") == f"'{start}1+1"
    assert table.harmless("Acme") == "Acme"


def test_forged_or_stale_rows_are_not_imported(ops: Client) -> None:
    page = upload(ops, FILE)
    ops.post(IMPORT, {"held": "forged"})
    ops.force_login(User.objects.create_superuser("other@demo.example"))
    confirm(ops, page)
    assert not Customer.objects.exists()
