"""The clock, deadlines and new rules."""

from datetime import UTC, datetime, timedelta
from typing import Any

from compliance.sandbox import Sandbox, seed
from compliance.sandbox.rulebook import CHANGES
from tests.sandbox.client import control

DE = seed.BUNDLES["acme-de-local"]
DAY = 86_400


def test_moving_the_clock_moves_every_date(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "clock", {"advance_seconds": 100 * DAY})

    made = api.end_users.create(friendly_name="A", type="individual").date_created
    assert timedelta(days=99) < made - datetime.now(UTC) < timedelta(days=101)


def test_time_can_stand_still_and_come_back(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "clock", {"freeze": "2031-05-06T07:08:09Z"})
    made = api.end_users.create(friendly_name="A", type="individual").date_created
    control(sandbox.base_url, "clock", {"advance_seconds": 60})
    later = api.end_users.create(friendly_name="A", type="individual").date_created
    summary = control(sandbox.base_url, "clock", {"real": True})

    assert made == datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert later - made == timedelta(minutes=1)
    assert summary["clock"]["frozen"] is False
    assert summary["clock"]["now"][:10] == f"{datetime.now(UTC):%Y-%m-%d}"


def test_a_bundle_past_its_date_is_rejected_and_keeps_the_date(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "clock", {"advance_seconds": 6 * DAY})

    bundle = api.bundles(DE).fetch()
    assert bundle.status == "twilio-rejected"
    assert bundle.valid_until is not None
    assert api.bundles(seed.BUNDLES["acme-fr-local"]).fetch().status == "twilio-approved"
    assert api.bundles(seed.BUNDLES["acme-de-current"]).fetch().status == "twilio-approved"


def test_a_date_can_be_set_and_taken_away(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, f"bundles/{DE}/deadline", {"valid_until": "2099-01-02T03:04:05Z"})
    set_to = api.bundles(DE).fetch().valid_until
    control(sandbox.base_url, f"bundles/{DE}/deadline", {"valid_until": None})

    assert set_to == datetime(2099, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert api.bundles(DE).fetch().valid_until is None


def test_a_new_rule_keeps_the_sid_and_dates_the_approved_bundles(
    sandbox: Sandbox, api: Any, sub_api: Any
) -> None:
    sid, current = seed.REGULATIONS["GB"], seed.BUNDLES["kite-gb-local"]
    assert api.bundles(current).evaluations.create().status == "compliant"

    answer = control(
        sandbox.base_url,
        f"regulations/{sid}/enact",
        {"requirements": CHANGES["GB"].requirements, "days": 15},
    )

    assert set(answer["bundles"]) == {
        seed.BUNDLES[key] for key in ("acme-gb-local", "harbour-gb-local", "kite-gb-local")
    }
    left = api.bundles(current).fetch().valid_until - datetime.now(UTC)
    assert timedelta(days=14) < left < timedelta(days=15, minutes=1)
    earlier = sub_api.bundles(seed.BUNDLES["harbour-gb-local"]).fetch().valid_until
    assert earlier - datetime.now(UTC) < timedelta(days=12, minutes=1)
    failing = [r for r in api.bundles(current).evaluations.create().results if not r["passed"]]
    assert [r["requirement_name"] for r in failing] == ["emergency_address_info"]
    assert api.regulations(sid).fetch().requirements == CHANGES["GB"].requirements


def test_enacting_in_one_run_does_not_change_the_seed_of_the_next(sandbox: Sandbox) -> None:
    sid = seed.REGULATIONS["GB"]
    before = sandbox.state.regulations[sid].digest()
    control(
        sandbox.base_url,
        f"regulations/{sid}/enact",
        {"requirements": CHANGES["GB"].requirements, "days": 15},
    )
    assert sandbox.state.regulations[sid].digest() != before

    sandbox.reset()

    assert sandbox.state.regulations[sid].digest() == before
