"""From regulation and evaluation to what a customer does. No rows, no network."""

from compliance.requirements import (
    Held,
    asks_for_local_address,
    attributes_to_send,
    checklist,
)
from tests.domain.rules import accepts, bad, document, failed, field, passed, person, rule

ADDRESS = field("address_sids", "Address sid(s)")
END_USER = Held(sid="IT" + "1" * 32, type="business", attributes={"business_name": "Acme GmbH"})


def held(type_: str = "passport", n: int = 1, **more: object) -> Held:
    values = {"sid": f"RD{n:032d}", "type": type_, "attributes": {}, "status": "draft", **more}
    return Held(**values)  # type: ignore[arg-type]


def names(fields: tuple) -> list[str]:  # type: ignore[type-arg]
    return [f.name for f in fields]


def test_only_the_failing_fields_of_the_end_user_are_asked_and_the_others_are_at_hand() -> None:
    requirements = rule(end_user=person(field("business_name"), field("business_website")))
    results = [failed("business_info", "business", bad("business_website", 22215))]
    (task,) = checklist(requirements, results, [END_USER]).tasks

    assert (task.key, task.kind) == ("details", "details")
    assert names(task.options[0].fields) == ["business_website"]
    assert names(task.options[0].others) == ["business_name"]
    assert task.options[0].others[0].value == "Acme GmbH"
    assert task.options[0].changes_sid == END_USER.sid
    assert task.options[0].fields[0].reason.kind == "missing"  # type: ignore[union-attr]


def test_a_missing_end_user_is_made_with_all_of_its_fields_each_once() -> None:
    requirements = rule(
        end_user=person(field("business_name"), field("comments", "Comments (Optional)"))
    )
    results = [
        failed(
            "business_info",
            "business",
            bad("business_name", 22215),
            bad("business_name", 22215),
            code=22214,
        )
    ]
    (task,) = checklist(requirements, results, []).tasks
    option = task.options[0]
    assert names(option.fields) == ["business_name", "comments"]
    assert [f.required for f in option.fields] == [True, False]
    assert option.changes_sid == ""


def test_an_end_user_of_another_kind_makes_way_for_one_that_is_asked_for() -> None:
    requirements = rule(end_user=person(field("business_name")))
    person_there = Held(sid="IT" + "2" * 32, type="individual", attributes={"business_name": "Ada"})
    results = [failed("business_info", "business", code=22214)]

    (task,) = checklist(requirements, results, [person_there]).tasks

    option = task.options[0]
    assert (option.type, option.changes_sid) == ("business", "")
    assert option.supersedes == (person_there.sid,)
    assert [(f.name, f.value) for f in option.fields] == [("business_name", "Ada")]


def test_a_requirement_that_accepts_nothing_is_asked_for_as_the_evaluation_names_it() -> None:
    requirements = rule({"requirement_name": "proof", "name": "Proof"})
    results = [failed("proof", "passport", code=22216)]

    (task,) = checklist(requirements, results, [END_USER]).tasks

    assert [option.type for option in task.options] == ["passport"]


def test_a_missing_document_proposes_the_first_accepted_type_and_keeps_the_alternatives() -> None:
    name = field("business_name")
    requirements = rule(
        document("registration", accepts("register", name), accepts("trade_license", name))
    )
    results = [
        failed("registration", "register", bad("business_name", 22217), code=22216),
    ]
    (task,) = checklist(requirements, results, [END_USER]).tasks
    assert [option.type for option in task.options] == ["register", "trade_license"]
    first = task.options[0]
    assert first.needs_file
    assert (first.fields[0].value, first.fields[0].twin) == ("Acme GmbH", "Acme GmbH")


def test_one_document_that_serves_several_requirements_is_asked_for_once() -> None:
    requirements = rule(
        document("name", accepts("register", field("business_name"))),
        document("number", accepts("register", field("document_number"))),
        document("place", accepts("register", ADDRESS)),
    )
    results = [
        failed(name, "register", bad(field_, code), code=22216)
        for name, field_, code in [
            ("name", "business_name", 22217),
            ("number", "document_number", 22217),
            ("place", "address_sids", 22219),
        ]
    ]
    (task,) = checklist(requirements, results, [END_USER]).tasks
    assert task.covers == ("name", "number", "place")
    option = task.options[0]
    assert names(option.fields) == ["business_name", "document_number", "address_sids"]
    assert option.fields[2].kind == "address"
    assert option.needs_file


def test_the_smallest_set_of_documents_is_proposed() -> None:
    name, number = field("business_name"), field("document_number")
    requirements = rule(
        document("identity", accepts("passport", name), accepts("id_card", name)),
        document("residence", accepts("utility_bill", number), accepts("id_card", number)),
        document("authority", accepts("letter"), accepts("id_card")),
    )
    results = [
        failed("identity", "passport", code=22216),
        failed("residence", "utility_bill", code=22216),
        failed("authority", "letter", code=22216),
    ]
    (task,) = checklist(requirements, results, []).tasks
    assert task.options[0].type == "id_card"
    assert task.options[0].covers == ("identity", "residence", "authority")
    assert {option.type for option in task.options} == {
        "id_card",
        "passport",
        "utility_bill",
        "letter",
    }


def test_what_the_customer_has_chosen_stays_chosen_and_the_rest_gets_its_own_task() -> None:
    requirements = rule(
        document("identity", accepts("passport"), accepts("id_card")),
        document("residence", accepts("utility_bill"), accepts("id_card")),
    )
    results = [
        failed("identity", "passport", code=22216),
        failed("residence", "utility_bill", code=22216),
    ]
    tasks = checklist(requirements, results, [], chosen={"identity": "passport"}).tasks
    assert [(t.covers, t.options[0].type) for t in tasks] == [
        (("identity",), "passport"),
        (("residence",), "utility_bill"),
    ]


def test_a_failing_requirement_without_a_failing_field_asks_for_the_document() -> None:
    requirements = rule(document("authority", accepts("power_of_attorney")))
    results = [failed("authority", "power_of_attorney", code=22216)]
    (task,) = checklist(requirements, results, []).tasks
    assert task.options[0].fields == ()
    assert task.options[0].needs_file


def test_a_requirement_that_fails_at_a_document_that_is_there_offers_a_new_file() -> None:
    requirements = rule(document("authority", accepts("power_of_attorney")))
    item = held("power_of_attorney")
    results = [failed("authority", "power_of_attorney", code=29999, text="Something new.")]
    (task,) = checklist(requirements, results, [item]).tasks
    (option,) = task.options
    assert (option.needs_file, option.changes_sid, option.supersedes) == (True, "", (item.sid,))
    assert (task.reasons[0].kind, task.reasons[0].text) == ("other", "Something new.")


def test_a_value_that_differs_shows_both_and_corrects_the_document_in_place() -> None:
    requirements = rule(document("name", accepts("register", field("business_name"))))
    item = held("register", attributes={"business_name": "ACME Ges.m.b.H."})
    results = [failed("name", "register", bad("business_name", 22217), code=22217)]
    (task,) = checklist(requirements, results, [END_USER, item]).tasks
    correction, replacement = task.options
    (wrong,) = correction.fields
    assert wrong.reason.kind == "mismatch"  # type: ignore[union-attr]
    assert (wrong.value, wrong.twin) == ("ACME Ges.m.b.H.", "Acme GmbH")
    assert (correction.changes_sid, correction.needs_file) == (item.sid, False)
    assert (replacement.supersedes, replacement.needs_file) == ((item.sid,), True)


def test_an_address_document_needs_no_file_but_a_paper_with_an_address_does() -> None:
    requirements = rule(
        document("address", accepts("business_address", ADDRESS)),
        document("proof", accepts("utility_bill", ADDRESS)),
    )
    results = [
        failed("address", "business_address", bad("address_sids", 22219), code=22216),
        failed("proof", "utility_bill", bad("address_sids", 22219), code=22216),
    ]
    address, proof = checklist(requirements, results, []).tasks
    assert not address.options[0].needs_file
    assert proof.options[0].needs_file


def test_choices_and_optionality_are_read_from_prose() -> None:
    requirements = rule(
        end_user=person(
            field("is_subassigned", description="Choose one of these values : [YES, NO]."),
            field("business_identity", description="Any one of the following values: [A_B, C]."),
            field("comments", "Comments (Optional)", "This is an optional field."),
            field("birth_date"),
            field("email"),
            field("phone_number"),
            field("nationality"),
            field("never_seen_before", description="This is not optional."),
        )
    )
    results = [failed("business_info", "business", code=22214)]
    (task,) = checklist(requirements, results, []).tasks
    found = {f.name: (f.kind, f.choices, f.required) for f in task.options[0].fields}
    assert found == {
        "is_subassigned": ("choice", ("YES", "NO"), True),
        "business_identity": ("choice", ("A_B", "C"), True),
        "comments": ("long-text", (), False),
        "birth_date": ("date", (), True),
        "email": ("email", (), True),
        "phone_number": ("phone", (), True),
        "nationality": ("country", (), True),
        "never_seen_before": ("text", (), True),
    }


def test_a_refused_document_is_open_again_with_the_reviewers_words_and_the_rest_is_fine() -> None:
    requirements = rule(
        document("identity", accepts("passport", field("first_name"))),
        document("authority", accepts("letter")),
    )
    results = [
        passed("business_info", "business", "business_name"),
        passed("identity", "passport", "first_name"),
        passed("authority", "letter"),
    ]
    refused = held(
        "passport",
        1,
        status="rejected",
        refused=True,
        failure_reason="It has expired.",
        error_codes=(18003,),
        attributes={"first_name": "Ada"},
    )
    found = checklist(requirements, results, [END_USER, refused, held("letter", 2)])
    (task,) = found.tasks
    assert task.refused
    assert (task.reasons[0].text, task.reasons[0].code) == ("It has expired.", 18003)
    assert task.options[0].supersedes == (refused.sid,)
    assert task.options[0].fields[0].value == "Ada"
    assert len(found.fine) == 2


def test_groups_that_repeat_a_requirement_ask_for_it_once() -> None:
    requirements = rule(
        document("identity", accepts("passport")),
        document("authority", accepts("letter")),
        groups=3,
    )
    results = [failed("identity", "passport", code=22216), passed("authority", "letter")]
    found = checklist(requirements, results, [])
    assert len(found.tasks) == 1
    assert len(found.tasks[0].options) == 1


def test_a_requirement_that_the_regulation_does_not_name_is_still_a_task() -> None:
    results = [failed("brand_new", "new_paper", bad("new_field", 22217), code=22216)]
    (task,) = checklist({}, results, []).tasks
    assert (task.key, task.options[0].type) == ("brand_new", "new_paper")
    assert names(task.options[0].fields) == ["new_field"]


def test_nothing_raises_on_a_regulation_of_another_shape() -> None:
    broken = {"end_user": None, "supporting_document": [None, [{"accepted_documents": [None]}], 3]}
    results = [
        failed("business_info", "business", code=22214),
        {"passed": False, "requirement_name": None, "invalid": [None, {"object_field": None}]},
    ]
    assert len(checklist(broken, results, []).tasks) == 2


def test_keys_are_unique_and_fit_for_an_address() -> None:
    results = [
        failed("Name / äöü", "passport", code=22216),
        failed("Name / äöü", "letter", code=22216),
        failed("details", "card", code=22216),
    ]
    keys = [task.key for task in checklist({}, results, []).tasks]
    assert len(set(keys)) == 3
    assert all(key.replace("-", "").replace("_", "").isalnum() for key in keys)
    assert "details" not in keys


def test_an_end_users_attributes_are_those_that_its_regulation_names() -> None:
    requirements = rule(end_user=person(field("business_name"), field("comments")))
    sent = attributes_to_send(
        requirements,
        type_="business",
        end_user=True,
        current={"business_name": "Old", "job_position": "CEO", "comments": "x"},
        new={"business_name": "New", "comments": ""},
    )
    assert sent == {"business_name": "New"}


def test_a_document_keeps_what_it_carries_for_other_requirements() -> None:
    sent = attributes_to_send(
        {}, type_="register", end_user=False, current={"a": "1", "b": "2"}, new={"b": "3"}
    )
    assert sent == {"a": "1", "b": "3"}


def test_that_an_address_must_be_local_is_read_from_prose() -> None:
    def asks(description: str) -> bool:
        requirements = rule(document("place", accepts("address", ADDRESS), description=description))
        results = [failed("place", "address", bad("address_sids", 22219), code=22216)]
        (task,) = checklist(requirements, results, []).tasks
        return asks_for_local_address(task)

    assert asks("Must be within locality or region covered by the prefix of the number.")
    assert asks("A local address is required.")
    assert not asks("Where the business has its seat, in any country.")
