"""The demo's own filling."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from compliance.models import Bundle, Renewal
from compliance.sandbox import seed
from compliance.stages import has_waiting_answers, stage_of
from tests.world import World


def stages() -> dict[str, str]:
    names = {sid: name for name, sid in seed.BUNDLES.items()}
    return {
        names[bundle.sid]: stage_of(
            bundle,
            bundle.renewals.order_by("-pk").first(),
            waiting=any(has_waiting_answers(r) for r in bundle.renewals.all()),
            now=timezone.now(),
        ).value
        for bundle in Bundle.objects.all()
    }


def test_the_demo_shows_every_stage_that_rests(world: World, settings: Any) -> None:
    settings.DEMO = True
    call_command("seed_demo")
    seen = stages()

    assert seen["way-being-checked"] == "reviewing"
    assert seen["way-changes-needed"] == "changes"
    assert seen["way-finishing"] == "finishing"
    assert seen["acme-de-passes"] == "ready"
    assert seen["acme-de-local"] == "fixing"
    assert seen["harbour-gb-local"] == "fixing"
    assert Bundle.objects.get(sid=seed.BUNDLES["unknown-ie-local"]).customer is None

    call_command("seed_demo")
    assert stages() == seen
    assert Renewal.objects.count() == Bundle.objects.exclude(customer=None).count()


def test_real_data_is_never_seeded(world: World, settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=true"):
        call_command("seed_demo")


def test_check_twilio_says_what_it_saw(world: World, capsys: Any) -> None:
    call_command("check_twilio")
    said = capsys.readouterr().out
    assert seed.ACCOUNT_SID in said
    assert f"{seed.SUBACCOUNT_SID}: 2 with a deadline." in said


def test_check_twilio_says_that_the_token_is_wrong(world: World, settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN = "0" * 32
    with pytest.raises(CommandError, match="does not accept the credentials"):
        call_command("check_twilio")


def test_check_twilio_says_that_nobody_answers(world: World, settings: Any) -> None:
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    with pytest.raises(CommandError, match="can't be reached"):
        call_command("check_twilio")
