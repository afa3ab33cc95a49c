"""What SQL says of where renewals stand is what Python says of each."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from compliance import standing
from compliance.models import Answer, Bundle, Renewal
from compliance.stages import dates_of, stage_of
from compliance.standing import Ball, Risk, ball_of, late_spans
from tests.factories import make_account, make_answer, make_bundle, make_customer, make_renewal, sid
from tests.factories import make_regulation as regulation

ZONES = ("UTC", "Europe/Berlin", "Australia/Sydney", "America/Los_Angeles", "Pacific/Kiritimati")
State = Renewal.State


def every_kind_of_renewal(now: datetime) -> None:
    """All that a stage depends on, each with each."""
    account, rule, customer = make_account(is_main=True), regulation(), make_customer()
    cases = list(
        product(
            ("", "twilio-approved", "twilio-rejected"),
            (None, now - timedelta(hours=1), now + timedelta(days=20)),
            State.values,
            ("", "stuck"),
            (False, True),
            ("", "1"),
            (0, 1),
        )
    )
    bundles = Bundle.objects.bulk_create(
        Bundle(
            sid=sid("BU"),
            account=account,
            regulation=rule,
            customer=customer,
            status=case[0],
            valid_until=case[1],
            read_at=now,
        )
        for case in cases
    )
    renewals = Renewal.objects.bulk_create(
        Renewal(
            bundle=bundle,
            state=state,
            trouble=trouble,
            evaluated_hash=digest,
            rejections=rejections,
            valid_until=until or now,
            copy_sid="BU1",
            opened_at=now,
            ended_at=now if state in Renewal.ENDED else None,
        )
        for bundle, (_, until, state, trouble, _, digest, rejections) in zip(
            bundles, cases, strict=True
        )
    )
    Answer.objects.bulk_create(
        Answer(renewal=renewal, task="details", type="business", saved_at=now)
        for renewal, case in zip(renewals, cases, strict=True)
        if case[4]
    )


def test_the_stage_and_whose_turn_it_is_are_the_same(db: None) -> None:
    now = timezone.now()
    every_kind_of_renewal(now)
    rows = standing.annotated(Renewal.objects.select_related("bundle"), now=now)
    turns = {
        Ball.US: set(rows.filter(standing.with_us()).values_list("pk", flat=True)),
        Ball.CUSTOMER: set(rows.filter(standing.with_customer()).values_list("pk", flat=True)),
        Ball.REVIEWER: set(rows.filter(standing.with_reviewer()).values_list("pk", flat=True)),
        Ball.NOBODY: set(rows.exclude(standing.is_open()).values_list("pk", flat=True)),
    }
    count = 0
    for row in rows.annotate(stage=standing.stage(now=now)):
        assert row.stage == stage_of(row.bundle, row, waiting=row.waiting, now=now), row.state
        ball = ball_of(row, waiting=row.waiting)
        assert [turn for turn, pks in turns.items() if row.pk in pks] == [ball], row.state
        count += 1
    assert count == 3 * 3 * 11 * 2 * 2 * 2 * 2


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001
    ahead=st.timedeltas(timedelta(0), timedelta(days=12)),
    zone=st.sampled_from(ZONES),
)
def test_what_is_late_anywhere_is_late_in_sql(now: datetime, ahead: timedelta, zone: str) -> None:
    # On the hour of a change of clocks a time can be there twice.
    now = now.replace(hour=12, tzinfo=UTC)
    deadline = now + ahead
    spans = late_spans(now, zone)

    late = deadline < spans[0].ends or any(s.begins <= deadline < s.ends for s in spans[1:])

    assert late == dates_of(deadline, now=now, zone=zone).late


def test_lateness_is_told_by_each_customers_own_calendar(db: None) -> None:
    # A Wednesday; working days end in Kiritimati fourteen hours before they end in UTC.
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    rule = regulation()
    for zone, hours in product(ZONES, range(0, 24 * 9, 3)):
        bundle = make_bundle(
            make_customer(zone, time_zone=zone), now=now, days=hours / 24, regulation=rule
        )
        make_renewal(bundle, now=now, results=None)
    nobodys = make_bundle(None, now=now, days=1, regulation=rule)
    make_renewal(nobodys, now=now, results=None)

    late = set(Renewal.objects.filter(standing.is_late(now=now)).values_list("pk", flat=True))

    for renewal in Renewal.objects.select_related("bundle__customer"):
        customer = renewal.bundle.customer
        zone = customer.time_zone if customer else "UTC"
        assert (renewal.pk in late) == dates_of(renewal.valid_until, now=now, zone=zone).late


def test_the_queue_begins_with_what_cannot_wait(db: None) -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    rule, acme = regulation(), make_customer()
    long_ago = now - timedelta(hours=2)

    def renewal(days: float, **fields: object) -> Renewal:
        bundle = make_bundle(acme, now=now, days=days, regulation=rule)
        fields = {"seen_by_customer_at": now, "results": None, **fields}
        return make_renewal(bundle, now=now, **fields)  # type: ignore[arg-type]

    delivering = renewal(30)
    make_answer(delivering, now=long_ago)
    expected = [
        (Risk.LATE_WITH_US, renewal(1, trouble="stuck")),
        (Risk.LATE_WITH_US, renewal(2, state=State.COPIED)),
        (Risk.TROUBLE, renewal(30, trouble="stuck")),
        (Risk.CHANGES, renewal(20, state=State.REJECTED)),
        (Risk.NEVER_OPENED, renewal(6, seen_by_customer_at=None)),
        (Risk.STUCK, renewal(29, state=State.COPIED, moved_at=long_ago)),
        (Risk.STUCK, delivering),
        (Risk.LATE, renewal(1.5)),
        (Risk.PAUSED, renewal(30, state=State.COPIED, moved_at=long_ago, paused_at=now)),
        (Risk.PAUSED, renewal(31, paused_at=now)),
        (Risk.PAUSED, renewal(32, state=State.IN_REVIEW, paused_at=now)),
        (Risk.WITH_CUSTOMER, renewal(20)),
        (Risk.WITH_CUSTOMER, renewal(21, seen_by_customer_at=None)),
        (Risk.MOVING, renewal(20, state=State.COPIED, moved_at=now)),
        (Risk.REVIEWING, renewal(10, state=State.IN_REVIEW)),
        (Risk.ENDED, renewal(1, state=State.COMPLETED)),
    ]

    found = standing.annotated(Renewal.objects.all(), now=now).order_by("risk", "valid_until")

    assert [(Risk(row.risk), row) for row in found] == expected


@pytest.mark.parametrize("zones", [0, 1, 400])
def test_lateness_asks_once_for_the_time_zones(
    db: None, zones: int, django_assert_num_queries: object
) -> None:
    for n in range(zones):
        make_customer(f"{n}", time_zone=f"Etc/GMT+{n % 12}")
    with django_assert_num_queries(2):  # type: ignore[operator]
        list(Renewal.objects.filter(standing.is_late(now=timezone.now())))
