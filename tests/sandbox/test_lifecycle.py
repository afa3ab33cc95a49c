"""The stations of a bundle: created, copied, submitted, decided, deleted."""

from typing import Any

import pytest
import requests

from compliance.sandbox import Sandbox, seed
from tests.patience import PATIENCE
from tests.sandbox.client import control, refused

DE, PASSES = seed.BUNDLES["acme-de-local"], seed.BUNDLES["acme-de-passes"]


def copy_of(api: Any, sid: str, **values: Any) -> Any:
    return api.bundles(api.bundles(sid).bundle_copies.create(**values).sid)


def items(bundle: Any) -> list[str]:
    return [assignment.object_sid for assignment in bundle.item_assignments.list()]


def documents(api: Any, bundle: Any) -> list[Any]:
    return [api.supporting_documents(sid) for sid in items(bundle) if sid.startswith("RD")]


def test_a_bundle_is_created_by_regulation_or_by_its_three_parts(api: Any) -> None:
    by_sid = api.bundles.create(
        friendly_name="One", email="a@b.example", regulation_sid=seed.REGULATIONS["DE"]
    )
    by_parts = api.bundles.create(
        friendly_name="Two",
        email="a@b.example",
        iso_country="de",
        number_type="local",
        end_user_type="business",
    )

    assert by_sid.regulation_sid == by_parts.regulation_sid == seed.REGULATIONS["DE"]
    assert (by_sid.status, by_sid.valid_until) == ("draft", None)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, 22202),
        ({"iso_country": "DE", "number_type": "local"}, 22202),
        ({"iso_country": "ZZ", "number_type": "local", "end_user_type": "business"}, 22201),
        ({"regulation_sid": "RN" + "0" * 32}, 22201),
        ({"iso_country": "DE", "number_type": "satellite", "end_user_type": "business"}, 22200),
        ({"iso_country": "DE", "number_type": "local", "end_user_type": "robot"}, 22200),
        ({"regulation_sid": seed.REGULATIONS["DE"], "status_callback": "no url"}, 20001),
    ],
)
def test_a_bundle_for_no_regulation_is_refused(api: Any, values: dict[str, Any], code: int) -> None:
    with refused(code):
        api.bundles.create(friendly_name="One", email="a@b.example", **values)


def test_name_and_email_are_required(api: Any) -> None:
    with refused(20001):
        api.bundles.create(friendly_name="", email="a@b.example")
    with refused(20001):
        api.bundles.create(friendly_name="One", email="")


def test_a_copy_has_new_items_of_the_same_content_and_leaves_the_original_alone(
    sandbox: Sandbox, api: Any
) -> None:
    api.bundles(DE).update(status_callback="http://127.0.0.1:9/hook")
    original = api.bundles(DE)
    before = items(original)

    copy = copy_of(api, DE)

    mine = copy.fetch()
    assert (mine.status, mine.valid_until, mine.email) == ("draft", None, "ada@acme.example")
    assert mine.status_callback == "http://127.0.0.1:9/hook"
    assert mine.friendly_name == original.fetch().friendly_name
    assert items(original) == before
    assert [sid[:2] for sid in items(copy)] == [sid[:2] for sid in before]
    assert not set(items(copy)) & set(before)
    assert original.fetch().status == "twilio-approved"
    new, old = documents(api, copy)[0].fetch(), documents(api, original)[0].fetch()
    assert (new.status, old.status) == ("draft", "approved")
    assert (new.attributes, new.type) == (old.attributes, old.type)
    assert new.mime_type == "application/pdf"
    rows = sandbox.state.documents
    assert rows[new.sid].file == rows[old.sid].file


def test_only_the_originals_list_tells_its_copies(api: Any) -> None:
    named = copy_of(api, DE, friendly_name="Renewal").fetch()
    second = copy_of(api, DE).fetch()

    assert [c.sid for c in api.bundles(DE).bundle_copies.list()] == [second.sid, named.sid]
    assert named.friendly_name == "Renewal"
    assert api.bundles(named.sid).bundle_copies.list() == []
    api.bundles(second.sid).delete()
    assert [c.sid for c in api.bundles(DE).bundle_copies.list()] == [named.sid]


def test_what_can_be_copied_is_a_switch(sandbox: Sandbox, api: Any, sub_api: Any) -> None:
    rejected = seed.BUNDLES["harbour-ie-local"]
    assert copy_of(sub_api, rejected).fetch().status == "draft"
    draft = copy_of(api, DE).fetch()

    with refused(20001):
        copy_of(api, draft.sid)
    control(sandbox.base_url, "switches", {"copy_from": "any"})
    assert copy_of(api, draft.sid).fetch().status == "draft"
    control(sandbox.base_url, "switches", {"copy_from": "approved"})
    with refused(20001):
        copy_of(sub_api, rejected)


def test_a_bundle_whose_address_is_gone_cannot_be_copied(main: Any, api: Any) -> None:
    main.addresses(seed.ADDRESSES["acme-berlin"]).delete()

    with refused(22230):
        copy_of(api, DE)


def test_a_noncompliant_bundle_cannot_be_submitted_and_learns_where_to_look(
    sandbox: Sandbox, api: Any
) -> None:
    copy = copy_of(api, DE)

    with refused(20001) as caught:
        copy.update(status="pending-review")

    record = copy.evaluations.list()[0]
    assert f"{sandbox.base_url}/numbers.twilio.com/v2/" in caught.value.msg
    assert f"/Bundles/{copy.fetch().sid}/Evaluations/{record.sid}" in caught.value.msg
    assert copy.fetch().status == "draft"
    control(sandbox.base_url, "switches", {"submit_refused_code": 22214})
    with refused(22214):
        copy.update(status="pending-review")


def test_documents_follow_their_bundle_through_review(sandbox: Sandbox, api: Any) -> None:
    copy = copy_of(api, PASSES)
    sid = copy.fetch().sid

    assert copy.update(status="pending-review").status == "pending-review"
    assert documents(api, copy)[0].fetch().status == "pending-review"
    control(sandbox.base_url, f"bundles/{sid}/in-review")
    assert copy.fetch().status == "in-review"
    control(sandbox.base_url, f"bundles/{sid}/approve")
    assert copy.fetch().status == "twilio-approved"
    assert documents(api, copy)[0].fetch().status == "approved"


def test_a_rejected_document_tells_why_and_is_a_draft_again_once_changed(
    sandbox: Sandbox, api: Any
) -> None:
    copy = copy_of(api, PASSES)
    copy.update(status="pending-review")
    document = documents(api, copy)[0]
    sid = document.fetch().sid
    verdict = {"sid": sid, "code": 18002, "reason": "It is too dark."}
    control(
        sandbox.base_url,
        f"bundles/{copy.fetch().sid}/reject",
        {"reason": "See the document", "documents": [verdict]},
    )

    rejected = document.fetch()
    assert copy.fetch().status == "twilio-rejected"
    assert (rejected.status, rejected.failure_reason) == ("rejected", "It is too dark.")
    assert rejected.errors == [{"code": 18002}]
    changed = document.update(attributes=rejected.attributes)
    assert (changed.status, changed.failure_reason, changed.errors) == ("draft", None, None)
    assert copy.update(status="pending-review").status == "pending-review"


def test_documents_that_a_rejection_does_not_name_follow_the_switch(
    sandbox: Sandbox, api: Any
) -> None:
    seen = []
    for choice in ("draft", "approved", "pending-review"):
        control(sandbox.base_url, "switches", {"other_documents_after_rejection": choice})
        copy = copy_of(api, PASSES)
        copy.update(status="pending-review")
        control(sandbox.base_url, f"bundles/{copy.fetch().sid}/reject")
        seen.append(documents(api, copy)[0].fetch().status)

    assert seen == ["draft", "approved", "pending-review"]


def test_status_and_properties_do_not_go_into_one_request(sandbox: Sandbox, api: Any) -> None:
    copy = copy_of(api, PASSES)

    with refused(22204):
        copy.update(status="pending-review", email="b@c.example")
    assert copy.fetch().status == "draft"
    control(sandbox.base_url, "switches", {"status_with_properties": "allow"})
    both = copy.update(status="pending-review", email="b@c.example")
    assert (both.status, both.email) == ("pending-review", "b@c.example")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("reviewed", 22203),
        ("in-review", 20001),
        ("twilio-approved", 20001),
        ("twilio-rejected", 20001),
        ("provisionally-approved", 20001),
    ],
)
def test_a_status_that_only_twilio_sets_is_refused(api: Any, status: str, code: int) -> None:
    copy = copy_of(api, PASSES)

    with refused(code):
        copy.update(status=status)


def test_a_bundle_in_review_cannot_be_submitted_again_nor_taken_back(
    sandbox: Sandbox, api: Any
) -> None:
    copy = copy_of(api, PASSES)
    copy.update(status="pending-review")

    for status in ("pending-review", "draft"):
        with refused(20001):
            copy.update(status=status)
    control(sandbox.base_url, "switches", {"withdraw": True})
    assert copy.update(status="draft").status == "draft"
    assert documents(api, copy)[0].fetch().status == "draft"


def test_an_approved_bundle_cannot_be_submitted(api: Any) -> None:
    with refused(20001):
        api.bundles(PASSES).update(status="pending-review")


def test_properties_of_an_approved_bundle_can_change_unless_switched_off(
    sandbox: Sandbox, api: Any
) -> None:
    changed = api.bundles(PASSES).update(status_callback="https://portal.example/hook")

    assert changed.status_callback == "https://portal.example/hook"
    assert api.bundles(PASSES).update(status_callback="").status_callback is None
    control(sandbox.base_url, "switches", {"edit_approved_properties": False})
    with refused(20001):
        api.bundles(PASSES).update(email="c@d.example")


def test_items_stay_as_they_are_while_somebody_reviews_them(sandbox: Sandbox, api: Any) -> None:
    copy = copy_of(api, PASSES)
    copy.update(status="pending-review")
    user = api.end_users(items(copy)[0])
    assignment = copy.item_assignments.list()[0]

    with refused(20001):
        user.update(attributes={"business_name": "Other"})
    with refused(20001):
        documents(api, copy)[0].update(attributes={})
    with refused(20001):
        copy.item_assignments(assignment.sid).delete()
    assert user.update(friendly_name="Just a name").friendly_name == "Just a name"
    control(
        sandbox.base_url, "switches", {"lock_assignments": False, "lock_items_in_review": False}
    )
    user.update(attributes={"business_name": "Other"})
    assert copy.item_assignments(assignment.sid).delete()


def test_items_of_an_approved_bundle_can_change_unless_switched_off(
    sandbox: Sandbox, api: Any
) -> None:
    user = api.end_users(items(api.bundles(PASSES))[0])

    assert user.update(attributes={"business_name": "Other"}).attributes == {
        "business_name": "Other"
    }
    control(sandbox.base_url, "switches", {"lock_items_of_approved": True})
    with refused(20001):
        user.update(attributes={})


def test_deleting_is_refused_in_review_and_with_numbers(sandbox: Sandbox, api: Any) -> None:
    copy = copy_of(api, PASSES)
    held = items(copy)
    copy.update(status="pending-review")

    with refused(21647):
        copy.delete()
    control(sandbox.base_url, f"bundles/{copy.fetch().sid}/in-review")
    with refused(21647):
        copy.delete()
    with refused(21648):
        api.bundles(PASSES).delete()
    control(sandbox.base_url, f"bundles/{copy.fetch().sid}/reject")
    assert copy.delete()
    with refused(20404, 404):
        copy.fetch()
    assert [api.end_users(sid).fetch().sid for sid in held[:1]] == held[:1]


def test_a_test_bundle_is_turned_down_by_itself(api: Any) -> None:
    bundle = api.bundles.create(
        friendly_name="Test",
        email="a@b.example",
        regulation_sid=seed.REGULATIONS["AU"],
        is_test=True,
    )
    user = api.end_users.create(
        friendly_name="Mia",
        type="individual",
        attributes={"first_name": "Mia", "last_name": "Wilson"},
    )
    address = api.supporting_documents.create(
        friendly_name="Home",
        type="address",
        attributes={"address_sids": [seed.ADDRESSES["mia-sydney"]]},
    )
    for sid in (user.sid, address.sid):
        api.bundles(bundle.sid).item_assignments.create(object_sid=sid)

    submitted = api.bundles(bundle.sid).update(status="pending-review")

    assert submitted.status == "pending-review"
    assert api.bundles(bundle.sid).fetch().status == "twilio-rejected"
    assert api.supporting_documents(address.sid).fetch().errors == [{"code": 18099}]


def test_a_draft_cannot_be_decided_by_the_reviewer(sandbox: Sandbox, api: Any) -> None:
    sid = copy_of(api, PASSES).fetch().sid
    answer = requests.post(f"{sandbox.base_url}/sandbox/bundles/{sid}/approve", timeout=PATIENCE)

    assert answer.status_code == 409
    assert "draft" in answer.json()["error"]


def test_provisional_approval_is_a_status_of_its_own(sandbox: Sandbox, api: Any) -> None:
    copy = copy_of(api, PASSES)
    copy.update(status="pending-review")
    control(sandbox.base_url, f"bundles/{copy.fetch().sid}/provisional")

    assert copy.fetch().status == "provisionally-approved"
    assert documents(api, copy)[0].fetch().status == "provisionally-approved"
    control(sandbox.base_url, f"bundles/{copy.fetch().sid}/approve")
    assert documents(api, copy)[0].fetch().status == "approved"
