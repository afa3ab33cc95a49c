"""What is left over at Twilio, in a real browser, with a worker and a Twilio that answers: what is
provably ours goes by itself, a person decides about the rest, and somebody else's is left alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from compliance.sandbox import Sandbox
from tests.desk.test_day_in_a_browser import (
    OPENED_LONG_AGO,
    ORIGINAL,
    give_a_reason,
    its_state,
    portal,
    post,
    prepared,
    run,
    shown,
    sit_down,
    spare_copy,
    world,
)
from tests.patience import until
from tests.serving import Portal
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.story]

__all__ = ["portal", "sit_down", "world"]  # fixtures


def test_what_is_left_over_is_decided_and_somebody_elses_is_left_alone(
    portal: Portal, sandbox: Sandbox, world: World, sit_down: Callable[[str], Page]
) -> None:
    _pk, reference, _state, _trouble, before, _events = prepared(portal)
    run(portal, OPENED_LONG_AGO)
    name = f"Acme GmbH [{reference}]"
    draft = spare_copy(sandbox, name)
    sent, better = (spare_copy(sandbox, name, "twilio-rejected") for _ in range(2))
    strange = spare_copy(sandbox, "Acme GmbH [CMP-ZZZZZZ]")
    theirs = spare_copy(sandbox, "Somebody's own")

    page = sit_down("Lead")
    page.get_by_role("list", name="Numbers").get_by_role("link", name="Left over").click()
    page.wait_for_url("**/left-over/")
    page.get_by_role("link", name="Look at Twilio now").click()
    expect(page.get_by_text("What is provably ours and nothing needs is deleted")).to_be_visible()
    page.get_by_role("button", name="Do this").click()
    page.wait_for_url("**/left-over/")
    until(lambda: all(shown(page, sid) for sid in (sent, better, strange)))
    # What is provably ours goes by itself, and what does not carry our mark is nobody's business.
    until(lambda: world.at_twilio(draft) is None)
    assert not shown(page, draft)
    assert not shown(page, theirs)
    page.goto(f"{portal.base_url}/admin/")
    number = page.get_by_role("list", name="Numbers").get_by_role("link", name="Left over")
    expect(number).to_have_text(re.compile(r"^\s*3\s"))
    number.click()

    # What to do, in words, and nothing to press.
    row = page.get_by_role("row").filter(has_text=strange)
    expect(row).to_contain_text("No renewal here has this reference")
    expect(row).to_contain_text("CMP-ZZZZZZ")
    expect(row.locator(".desk-button")).to_have_count(0)

    # One is deleted.
    page.get_by_role("row").filter(has_text=sent).get_by_role("link", name="Delete").click()
    expect(page.get_by_label("Copy")).to_have_value(sent)
    expect(page.get_by_label("Copy").locator("option")).to_have_count(2)
    give_a_reason(page, "Delete another copy")
    until(lambda: world.at_twilio(sent) is None)
    assert world.at_twilio(better)
    assert world.at_twilio(before)

    # One is adopted, from the panel on the renewal's page, where all that there is was listed.
    until(lambda: its_state(portal)[2] == "needs_info" and not shown(page, "Asked of the worker"))
    panel = page.get_by_role("region", name="Other copies at Twilio")
    expect(panel).to_contain_text("Twilio was asked at")
    own = panel.get_by_role("article").filter(has_text=theirs)
    expect(own).to_contain_text("It is not provably ours, so it is left alone.")
    expect(own.locator(".desk-button")).to_have_count(0)
    expect(panel).not_to_contain_text(sent)
    late = spare_copy(sandbox, name, is_old=False)
    panel.get_by_role("link", name="List them anew").click()
    page.get_by_role("button", name="List them").click()
    page.wait_for_url("**/renewal/*/change/")
    until(lambda: shown(page, late) and not shown(page, "Asked of the worker"))
    mine = panel.get_by_role("article").filter(has_text=better)
    mine.get_by_role("link", name="Go on with another copy").click()
    give_a_reason(page, "Go on with another copy")
    until(lambda: its_state(portal)[4] == better, told=lambda: its_state(portal))
    until(lambda: world.at_twilio(before) is None)
    assert world.at_twilio(theirs)
    assert world.at_twilio(strange)
    assert world.at_twilio(ORIGINAL)

    # A form that names somebody's own is refused, whatever the page offered.
    pk = its_state(portal)[0]
    page.goto(f"{portal.base_url}/admin/compliance/renewal/{pk}/delete-copy/?copy={late}")
    expect(page.get_by_label("Copy").locator("option")).to_have_count(1)
    answer = post(page, f"compliance/renewal/{pk}/delete-copy/", copy=theirs, reason="I want to")
    assert answer == 200
    run(portal, "from compliance.tasks import *; sweep()")
    assert world.at_twilio(theirs)
