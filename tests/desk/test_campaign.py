"""One change of a regulation: how far its customers have come, and who is reminded of it."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import campaigns, notifications
from compliance.models import Event, Mail, Regulation, RegulationChange, Renewal, User
from compliance.sandbox import Sandbox, seed
from tests import factories
from tests.world import World

CAMPAIGNS = "/admin/compliance/regulation/campaigns/"
DAY = timedelta(days=1)


@pytest.fixture
def ops(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ops@demo.example"))
    return client


def make_change(regulation: Regulation, at: Any, digest: str = "a") -> RegulationChange:
    return RegulationChange.objects.create(
        regulation=regulation, at=at, requirements_hash=digest * 64
    )


class Case:
    """A rule that changed ten days ago, and two customers."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.rule = factories.make_regulation()
        self.change = make_change(self.rule, self.now - 10 * DAY)
        self.acme = factories.make_customer("Acme GmbH")
        self.ada = factories.make_user("ada@acme.example", name="Ada", customer=self.acme)

    def renewal(self, *, days: float = 60, **fields: Any) -> Renewal:
        bundle = factories.make_bundle(
            fields.pop("customer", self.acme), now=self.now, days=days, regulation=self.rule
        )
        return factories.make_renewal(bundle, now=self.now, **fields)

    def never_opened(self) -> set[Renewal]:
        return set(campaigns.never_opened(self.change, now=self.now))


@pytest.fixture
def case(db: None) -> Case:
    return Case()


def test_how_far_they_have_come(case: Case) -> None:
    lately, before = case.now - DAY, case.now - 20 * DAY
    case.renewal()
    case.renewal(seen_by_customer_at=before)
    case.renewal(seen_by_customer_at=lately)
    case.renewal(seen_by_customer_at=lately, state="in_review", submitted_at=lately)
    case.renewal(seen_by_customer_at=lately, state="approved", submitted_at=lately)
    case.renewal(seen_by_customer_at=lately, state="completed", submitted_at=lately)
    case.renewal(days=-1)
    answered = case.renewal()
    factories.make_answer(answered, now=case.now, by=case.ada)
    on_behalf = case.renewal()
    factories.make_answer(on_behalf, now=case.now, by=factories.make_user(staff=True))
    elsewhere = factories.make_bundle(case.acme, now=case.now, days=60)
    factories.make_renewal(elsewhere, now=case.now)

    found = campaigns.numbers(case.change, now=case.now)

    assert found == campaigns.Numbers(affected=9, opened=5, sent=3, approved=2, expired=1)


def test_each_change_has_those_that_were_open_while_it_held(case: Case) -> None:
    ended = case.renewal(state="completed")
    Renewal.objects.filter(pk=ended.pk).update(ended_at=case.now - 12 * DAY)
    during = case.renewal(state="completed", opened_at=case.now - 9 * DAY)
    Renewal.objects.filter(pk=during.pk).update(ended_at=case.now - 5 * DAY)
    through = case.renewal(opened_at=case.now - 9 * DAY)
    later = make_change(case.rule, case.now - 3 * DAY, "b")
    after = case.renewal(opened_at=case.now - DAY)

    first = set(campaigns.affected(case.change, now=case.now))
    second = set(campaigns.affected(later, now=case.now))

    assert first == {during, through}
    assert second == {through, after}


def test_those_who_never_opened_it_and_whose_turn_it_is_are_reminded(case: Case) -> None:
    reminded = case.renewal()
    case.renewal(seen_by_customer_at=case.now)
    case.renewal(state="in_review")
    case.renewal(state="detected")
    case.renewal(days=-1)
    case.renewal(trouble="stuck")
    case.renewal(paused_at=case.now)
    case.renewal(customer=None)
    assert case.never_opened() == {reminded}


def test_a_reminder_goes_once_a_day_in_one_mail_a_person(case: Case, ops: Client) -> None:
    # The usual reminders have not begun for them.
    first, second = case.renewal(days=120), case.renewal(days=120)
    case.renewal(days=120, seen_by_customer_at=case.now)
    address = reverse("admin:compliance_regulation_campaign_remind", args=[case.change.pk])
    asked = ops.get(address).content.decode()
    assert "2 renewals by the rule DE local business have never been opened" in asked
    assert "The 1 person who gets mails for them is reminded, in one mail." in asked
    assert not Event.objects.exists()

    done = ops.post(address, follow=True).content.decode()
    assert "Reminders of 2 renewals are on their way." in done
    assert set(Event.objects.values_list("kind", "renewal")) == {
        ("reminder-asked-for", first.pk),
        ("reminder-asked-for", second.pk),
    }
    notifications.tell(now=timezone.now())
    assert [message.to for message in mail.outbox] == [["ada@acme.example"]]
    assert Mail.objects.filter(kind="reminder").count() == 2

    case.renewal(days=120)
    again = ops.post(address, follow=True).content.decode()
    assert "Reminders of 0 renewals are on their way." in again
    notifications.tell(now=timezone.now())
    assert len(mail.outbox) == 1


def test_with_nobody_to_remind_there_is_nothing_to_confirm(case: Case, ops: Client) -> None:
    case.renewal(seen_by_customer_at=case.now)
    address = reverse("admin:compliance_regulation_campaign_remind", args=[case.change.pk])
    assert "There is nobody to remind" in ops.get(address, follow=True).content.decode()


def test_the_page_lists_each_change_with_its_numbers(case: Case, ops: Client) -> None:
    case.renewal()
    case.renewal(seen_by_customer_at=case.now)
    older = make_change(factories.make_regulation(country="FR"), case.now - 30 * DAY, "c")
    page = ops.get(CAMPAIGNS).content.decode()
    assert page.index("DE local business") < page.index("FR local business")
    figures = re.findall(r'<td class="desk-count">(\d+)</td>', page)
    assert figures == ["2", "1", "0", "0", "0", "0", "0", "0", "0", "0"]
    assert older.requirements_hash[:8] in page


def test_without_a_change_the_page_says_so(ops: Client) -> None:
    assert "No change of a regulation has been seen yet." in ops.get(CAMPAIGNS).content.decode()


def test_the_file_names_no_company_and_no_person(case: Case, ops: Client) -> None:
    renewal = case.renewal(seen_by_customer_at=case.now)
    answer = ops.get(reverse("admin:compliance_regulation_campaign_csv", args=[case.change.pk]))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    [head, row] = csv.reader(io.StringIO(answer.content.decode()))
    assert tuple(head) == campaigns.COLUMNS
    assert row[:8] == [renewal.reference, "DE", "local", "needs_info", "yes", "no", "no", "no"]
    said = answer.content.decode()
    assert not [word for word in ("Acme", "Ada", "ada@", "+49") if word in said]


def test_who_may_only_look_reminds_nobody(case: Case, client: Client) -> None:
    case.renewal()
    user = User.objects.create_user("helper@demo.example", is_staff=True)
    may_look = Permission.objects.filter(codename__in=["view_regulation", "view_renewal"])
    client.force_login(user)
    csv_file = reverse("admin:compliance_regulation_campaign_csv", args=[case.change.pk])
    remind = reverse("admin:compliance_regulation_campaign_remind", args=[case.change.pk])
    for address in (CAMPAIGNS, csv_file, remind):
        assert client.get(address).status_code == 403
    user.user_permissions.set(may_look)
    client.force_login(user)
    page = client.get(CAMPAIGNS)
    assert page.status_code == 200
    assert remind not in page.content.decode()
    assert client.get(csv_file).status_code == 200
    assert client.get(remind).status_code == client.post(remind).status_code == 403
    assert not Event.objects.exists()


def test_sync_writes_down_each_change_of_a_rule(sandbox: Sandbox, settings: Any, db: None) -> None:
    settings.TWILIO_BASE_URL = sandbox.base_url
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = seed.ACCOUNT_SID, seed.AUTH_TOKEN
    world = World(sandbox)
    world.people()
    world.sync()
    rule = Regulation.objects.exclude(requirements_hash="").order_by("pk").first()
    assert rule is not None
    [first] = rule.changes.all()
    assert (first.requirements_hash, first.at) == (rule.requirements_hash, rule.changed_at)
    world.sync()
    assert rule.changes.count() == 1
    Regulation.objects.filter(pk=rule.pk).update(requirements_hash="before")
    world.later(hours=1)
    world.sync()
    assert rule.changes.count() == 2
