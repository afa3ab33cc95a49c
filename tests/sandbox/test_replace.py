"""ReplaceItems: bringing an approved copy's items home."""

from typing import Any

import pytest

from compliance.sandbox import Sandbox, seed
from compliance.sandbox.rulebook import CHANGES
from tests.sandbox.client import control, refused

PASSES = seed.BUNDLES["acme-de-passes"]


def approved_copy(sandbox: Sandbox, api: Any, sid: str = PASSES) -> Any:
    copy = api.bundles(api.bundles(sid).bundle_copies.create().sid)
    copy.update(status="pending-review")
    control(sandbox.base_url, f"bundles/{copy.fetch().sid}/approve")
    return copy.fetch()


def item_sids(api: Any, sid: str) -> list[str]:
    return [a.object_sid for a in api.bundles(sid).item_assignments.list()]


def replace(api: Any, source: str, target: str = PASSES) -> Any:
    return api.bundles(target).replace_items.create(from_bundle_sid=source)


def test_the_items_move_and_the_date_is_gone(sandbox: Sandbox, api: Any) -> None:
    copy = approved_copy(sandbox, api)
    old, new = item_sids(api, PASSES), item_sids(api, copy.sid)
    numbers = sandbox.state.numbers_of(sandbox.state.bundles[PASSES])

    answer = replace(api, copy.sid)

    target = api.bundles(PASSES).fetch()
    assert (answer.sid, answer.status, answer.valid_until) == (PASSES, "twilio-approved", None)
    assert (target.status, target.valid_until) == ("twilio-approved", None)
    assert item_sids(api, PASSES) == new
    assert item_sids(api, copy.sid) == []
    assert api.bundles(copy.sid).fetch().status == "twilio-approved"
    assert sandbox.state.numbers_of(sandbox.state.bundles[PASSES]) == numbers
    assert api.end_users(old[0]).delete()
    assert api.bundles(copy.sid).delete()


def test_it_works_only_once(sandbox: Sandbox, api: Any) -> None:
    copy = approved_copy(sandbox, api)
    replace(api, copy.sid)

    with refused(22224):
        replace(api, copy.sid)


def test_the_old_items_can_be_deleted_with_it(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "switches", {"replaced_items": "deleted"})
    copy = approved_copy(sandbox, api)
    old = item_sids(api, PASSES)

    replace(api, copy.sid)

    with refused(20404, 404):
        api.end_users(old[0]).fetch()


@pytest.mark.parametrize("state", ["draft", "pending-review", "twilio-rejected", "provisional"])
def test_a_copy_that_is_not_approved_has_nothing_to_give(
    sandbox: Sandbox, api: Any, state: str
) -> None:
    copy = api.bundles(api.bundles(PASSES).bundle_copies.create().sid)
    if state != "draft":
        copy.update(status="pending-review")
    if state == "twilio-rejected":
        control(sandbox.base_url, f"bundles/{copy.fetch().sid}/reject")
    if state == "provisional":
        control(sandbox.base_url, f"bundles/{copy.fetch().sid}/provisional")

    with refused(22224):
        replace(api, copy.fetch().sid)


def test_a_bundle_that_is_not_a_copy_of_the_target_is_refused(sandbox: Sandbox, api: Any) -> None:
    with refused(22224):
        replace(api, seed.BUNDLES["acme-de-current"])


def test_the_source_must_exist_for_this_account(api: Any) -> None:
    for sid in ("BU" + "0" * 32, seed.BUNDLES["harbour-gb-local"]):
        with refused(22225):
            replace(api, sid)


def test_a_bundle_cannot_be_its_own_source(api: Any) -> None:
    with refused(22226):
        replace(api, PASSES)


def test_the_deadline_may_not_pass_while_the_copy_is_in_review(sandbox: Sandbox, api: Any) -> None:
    copy = approved_copy(sandbox, api)
    control(sandbox.base_url, "clock", {"advance_seconds": 3 * 86_400})

    assert api.bundles(PASSES).fetch().status == "twilio-rejected"
    with refused(22224):
        replace(api, copy.sid)


def test_a_rule_that_changed_since_makes_the_copy_useless(sandbox: Sandbox, api: Any) -> None:
    copy = approved_copy(sandbox, api)
    control(
        sandbox.base_url,
        f"regulations/{seed.REGULATIONS['DE']}/enact",
        {"requirements": CHANGES["DE"].requirements, "days": 30},
    )

    with refused(22228):
        replace(api, copy.sid)


def copy_with_address(sandbox: Sandbox, api: Any, original: str, address: str) -> Any:
    """An approved copy whose documents with an address all point to this one."""
    copy = api.bundles(api.bundles(original).bundle_copies.create().sid)
    for sid in item_sids(api, copy.fetch().sid):
        if sid.startswith("RD"):
            document = api.supporting_documents(sid)
            attributes = document.fetch().attributes | {"address_sids": [address]}
            document.update(attributes=attributes)
    copy.update(status="pending-review")
    control(sandbox.base_url, f"bundles/{copy.fetch().sid}/approve")
    return copy.fetch()


def test_the_address_may_not_change_this_way(sandbox: Sandbox, api: Any) -> None:
    copy = copy_with_address(sandbox, api, PASSES, seed.ADDRESSES["acme-cologne"])

    with refused(22229):
        replace(api, copy.sid)
    control(sandbox.base_url, "switches", {"address_must_stay": False})
    assert replace(api, copy.sid).valid_until is None


def test_a_bundle_without_any_address_may_get_its_first_one(sandbox: Sandbox, api: Any) -> None:
    original = seed.BUNDLES["mia-au-local"]
    copy = api.bundles(api.bundles(original).bundle_copies.create().sid)
    document = api.supporting_documents.create(
        friendly_name="Home",
        type="address",
        attributes={"address_sids": [seed.ADDRESSES["mia-sydney"]]},
    )
    copy.item_assignments.create(object_sid=document.sid)
    copy.update(status="pending-review")
    control(sandbox.base_url, f"bundles/{copy.fetch().sid}/approve")

    assert replace(api, copy.fetch().sid, original).valid_until is None
