"""The evaluation engine by itself, and over the API."""

from typing import Any

import pytest

from compliance.sandbox import Sandbox, seed
from compliance.sandbox.evaluation import Item, Rules, Subject, evaluate
from compliance.sandbox.rulebook import RULES
from tests.sandbox.client import control, refused

HOME = "AD" + "1" * 32


def run(
    country: str,
    user: dict[str, Any] | None = None,
    documents: list[Item] | None = None,
    rules: Rules | None = None,
) -> tuple[str, dict[str, dict[str, Any]]]:
    rule = RULES[country]
    users = [] if user is None else [Item(rule.end_user_type, user)]
    subject = Subject(users, documents or [], {HOME}, rule.unmatched)
    status, results = evaluate(rule.requirements, subject, rules or Rules())
    return status, {result["requirement_name"]: result for result in results}


def wrong(result: dict[str, Any]) -> list[tuple[str, int]]:
    return [(entry["object_field"], entry["error_code"]) for entry in result["invalid"]]


def register(**attributes: Any) -> Item:
    return Item("commercial_registrar_excerpt", attributes)


def test_a_missing_object_fails_with_all_its_fields() -> None:
    status, results = run("FR")

    assert status == "noncompliant"
    assert [(name, r["error_code"]) for name, r in results.items()] == [
        ("business_info", 22214),
        ("business_name_info", 22216),
        ("business_address_proof_info", 22216),
        ("business_reg_no_info", 22216),
        ("name_of_auth_rep_info", 22216),
        ("power_of_attorney_info", 22216),
        ("name_in_power_of_attorney_info", 22216),
    ]
    assert wrong(results["business_info"]) == [
        ("business_name", 22215),
        ("business_registration_number", 22215),
        ("first_name", 22215),
        ("last_name", 22215),
    ]
    assert wrong(results["business_name_info"]) == [("business_name", 22217)]
    assert wrong(results["business_address_proof_info"]) == [("address_sids", 22219)]
    assert wrong(results["name_of_auth_rep_info"]) == [("first_name", 22217), ("last_name", 22217)]


def test_a_requirement_without_fields_fails_with_an_empty_list() -> None:
    _, results = run("FR")

    assert results["power_of_attorney_info"]["invalid"] == []
    assert results["power_of_attorney_info"]["failure_reason"]


def test_results_have_the_published_members() -> None:
    _, failing = run("FR")
    _, passing = run("EE", {"business_name": "Acme"}, [register(business_name="Acme")])
    members = [
        "friendly_name",
        "object_type",
        "passed",
        "failure_reason",
        "error_code",
        "valid",
        "invalid",
        "requirement_friendly_name",
        "requirement_name",
    ]

    assert all(list(result) == members for result in (*failing.values(), *passing.values()))
    assert list(failing["business_info"]["invalid"][0]) == [
        "friendly_name",
        "object_field",
        "failure_reason",
        "error_code",
    ]
    assert passing["business_info"]["valid"] == [
        {
            "friendly_name": "Business Name",
            "object_field": "business_name",
            "passed": True,
            "failure_reason": None,
            "error_code": None,
        }
    ]
    assert passing["business_info"]["error_code"] is None


def test_one_document_serves_several_requirements() -> None:
    user = {
        "business_name": "Acme",
        "business_registration_number": "1",
        "first_name": "Ada",
        "last_name": "Stern",
    }
    excerpt = register(business_name="Acme", document_number="1", address_sids=[HOME])
    identity = Item("government_issued_document", {"first_name": "Ada", "last_name": "Stern"})

    status, _ = run("FR", user, [excerpt, identity, Item("power_of_attorney", {})])

    assert status == "compliant"


def test_fields_of_another_person_are_not_compared_with_the_end_user() -> None:
    _, results = run(
        "FR",
        {"first_name": "Ada", "last_name": "Stern"},
        [Item("government_issued_document", {"first_name": "Kim", "last_name": "Kite"})],
    )

    assert not results["name_of_auth_rep_info"]["passed"]
    assert results["name_in_power_of_attorney_info"]["passed"]


def test_the_best_of_several_documents_counts() -> None:
    _, results = run(
        "DE",
        {"business_name": "Acme"},
        [
            register(business_name="Other"),
            Item("trade_license", {"business_name": "Acme"}),
            Item("tax_document", {}),
        ],
    )

    assert results["business_identity_info"]["passed"]
    assert results["business_identity_info"]["object_type"] == "trade_license"


@pytest.mark.parametrize("code", [22217, 22218])
def test_a_name_that_differs_by_one_letter_is_a_mismatch(code: int) -> None:
    _, results = run(
        "EE",
        {"business_name": "Acme"},
        [register(business_name="ACME")],
        Rules(mismatch_code=code),
    )

    assert wrong(results["business_name_info"]) == [("business_name", code)]
    assert results["business_name_info"]["error_code"] == code


def test_the_result_of_a_partly_wrong_object_can_be_without_reason() -> None:
    _, results = run("EE", {"business_name": ""}, [], Rules(partial_failure="null"))

    assert results["business_info"]["error_code"] is None
    assert results["business_info"]["passed"] is False
    assert wrong(results["business_info"]) == [("business_name", 22215)]


def test_optional_fields_are_not_demanded_but_confirmed_when_given() -> None:
    user = {"first_name": "A", "last_name": "B", "email": "a@b.example", "phone_number": "+4420"}

    _, without = run("GB", user)
    _, given = run("GB", user | {"comments": "Ring twice"})

    assert without["individual_info"]["passed"]
    assert "comments" not in [v["object_field"] for v in without["individual_info"]["valid"]]
    assert "comments" in [v["object_field"] for v in given["individual_info"]["valid"]]


@pytest.mark.parametrize(
    ("value", "passes"), [("YES", True), ("NO", True), (False, True), ("no", False), (7, False)]
)
def test_a_choice_must_be_one_of_those_in_the_description(value: Any, passes: bool) -> None:
    _, results = run("IE", {"is_subassigned": value, "business_identity": "DIRECT_CUSTOMER"})
    fields = [name for name, _ in wrong(results["business_info"])]

    assert ("is_subassigned" not in fields) is passes
    assert "business_identity" not in fields


@pytest.mark.parametrize("sids", [[], None, "", ["AD" + "9" * 32], {"a": 1}])
def test_an_address_must_be_one_of_the_accounts(sids: Any) -> None:
    _, results = run("AU", {}, [Item("address", {"address_sids": sids})])

    assert wrong(results["proof_of_address"]) == [("address_sids", 22219)]


def test_the_group_of_documents_that_is_closest_is_reported() -> None:
    company = {"business_name": "Acme", "business_description": "Tea"}
    registry = Item("corporate_registry", company | {"address_sids": [HOME]})
    owner = Item(
        "personal_id_card", {"first_name": "K", "last_name": "L", "birth_date": "1990-01-01"}
    )
    user = company | {"first_name": "Ada", "last_name": "Stern", "birth_date": "1984-04-12"}

    status, results = run(
        "JP", user, [registry, owner, Item("shareholders_registry", {})], Rules(groups="any")
    )
    every_status, every = run(
        "JP", user, [registry, owner, Item("shareholders_registry", {})], Rules(groups="all")
    )

    assert status == "compliant"
    assert "ownership_info" in results
    assert "representative_info" not in results
    assert every_status == "noncompliant"
    assert {"representative_info", "ownership_info", "owner_authority_info"} <= set(every)


def test_an_evaluation_is_kept_and_does_not_change(sandbox: Sandbox, api: Any) -> None:
    copy = api.bundles(seed.BUNDLES["acme-de-local"]).bundle_copies.create()
    bundle = api.bundles(copy.sid)
    before = bundle.evaluations.create()
    user_sid = bundle.item_assignments.list()[0].object_sid
    user = api.end_users(user_sid)
    user.update(attributes=user.fetch().attributes | {"business_website": "https://acme.example"})

    after = bundle.evaluations.create()

    assert (before.status, after.status) == ("noncompliant", "compliant")
    assert bundle.evaluations(before.sid).fetch().results == before.results
    assert {e.sid for e in bundle.evaluations.list()} == {before.sid, after.sid}
    with refused(20404, 404):
        api.bundles(seed.BUNDLES["acme-de-local"]).evaluations(before.sid).fetch()


def test_a_document_with_two_addresses_breaks_the_evaluation(sandbox: Sandbox, api: Any) -> None:
    copy = api.bundles(seed.BUNDLES["mia-au-current"]).bundle_copies.create()
    items = [a.object_sid for a in api.bundles(copy.sid).item_assignments.list()]
    document = next(sid for sid in items if sid.startswith("RD"))
    addresses = [seed.ADDRESSES["mia-sydney"], seed.ADDRESSES["kite-perth"]]
    api.supporting_documents(document).update(attributes={"address_sids": addresses})

    with refused(20500, 500):
        api.bundles(copy.sid).evaluations.create()
    with refused(20500, 500):
        api.bundles(copy.sid).update(status="pending-review")
    control(sandbox.base_url, "switches", {"two_addresses_break": False})
    assert api.bundles(copy.sid).evaluations.create().status == "compliant"


@pytest.mark.parametrize(
    ("key", "failing"),
    [
        ("acme-de-local", {"business_info"}),
        ("acme-de-papers", {"business_registration_info"}),
        ("acme-fr-local", {"business_name_info"}),
        ("acme-ie-local", {"business_info"}),
        ("acme-jp-local", {"representative_info", "representative_authority_info"}),
        ("acme-gb-local", {"individual_address_info"}),
        ("mia-au-local", {"proof_of_address"}),
        ("acme-de-passes", set()),
        ("acme-de-current", set()),
        ("way-being-checked", set()),
        ("way-changes-needed", set()),
        ("way-finishing", set()),
    ],
)
def test_each_seeded_bundle_has_the_fault_that_it_is_meant_to_have(
    api: Any, key: str, failing: set[str]
) -> None:
    evaluation = api.bundles(seed.BUNDLES[key]).evaluations.create()

    assert {r["requirement_name"] for r in evaluation.results if not r["passed"]} == failing
