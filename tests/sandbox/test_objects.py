"""End-Users, Supporting Documents, uploads, assignments, types and regulations."""

import io
from typing import Any

import pytest
import requests
from PIL import Image

from compliance.sandbox import Sandbox, papers, seed
from tests.patience import PATIENCE
from tests.sandbox.client import control, list_refused, refused, upload

PDF = ("extract.pdf", papers.pdf("Acme GmbH"), "application/pdf")


@pytest.fixture
def draft(api: Any) -> Any:
    """A draft for Ireland with an End-User and an address document."""
    copied = api.bundles(seed.BUNDLES["acme-ie-local"]).bundle_copies.create()
    return api.bundles(copied.sid)


def end_user(api: Any, **attributes: Any) -> Any:
    return api.end_users.create(friendly_name="Ada", type="business", attributes=attributes)


def document(api: Any, kind: str = "trade_license", **attributes: Any) -> Any:
    return api.supporting_documents.create(friendly_name="A", type=kind, attributes=attributes)


def test_an_end_user_keeps_its_type_and_takes_new_attributes(api: Any) -> None:
    user = end_user(api, business_name="Acme", email="a@b.example")

    changed = api.end_users(user.sid).update(attributes={"business_name": "Zoë & Söhne"})

    assert (changed.type, changed.friendly_name) == ("business", "Ada")
    assert changed.attributes == {"business_name": "Zoë & Söhne"}
    assert api.end_users(user.sid).delete()
    with refused(20404, 404):
        api.end_users(user.sid).fetch()


def test_new_attributes_can_be_merged_instead(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "switches", {"attributes_update": "merge"})
    user = end_user(api, business_name="Acme")

    changed = api.end_users(user.sid).update(attributes={"email": "a@b.example"})

    assert changed.attributes == {"business_name": "Acme", "email": "a@b.example"}


@pytest.mark.parametrize("text", ["{", "[]", '"text"', "3", '{"a": NaN}', "[" * 100_000])
def test_attributes_that_are_no_json_object_are_refused(api: Any, text: str) -> None:
    user = end_user(api)
    paper = document(api)

    with refused(22207):
        api.end_users.create(friendly_name="A", type="individual", attributes=text)
    with refused(22207):
        api.end_users(user.sid).update(attributes=text)
    with refused(22207):
        api.supporting_documents.create(friendly_name="A", type="passport", attributes=text)
    with refused(22207):
        api.supporting_documents(paper.sid).update(attributes=text)


def test_an_end_user_needs_a_name_and_one_of_two_types(api: Any) -> None:
    with refused(20001):
        api.end_users.create(friendly_name="", type="business")
    with refused(20001):
        api.end_users.create(friendly_name="A", type="robot")


def test_attributes_that_the_end_user_type_does_not_know_are_refused(
    sandbox: Sandbox, api: Any
) -> None:
    with refused(20001) as caught:
        end_user(api, job_position="Director")
    assert "not mapped" in caught.value.msg
    control(sandbox.base_url, "switches", {"end_user_extra_attributes": "accept"})
    assert end_user(api, job_position="Director").attributes == {"job_position": "Director"}


def test_documents_accept_unknown_attributes_unless_switched(sandbox: Sandbox, api: Any) -> None:
    assert document(api, colour="red").attributes == {"colour": "red"}
    control(sandbox.base_url, "switches", {"document_extra_attributes": "refuse"})
    with refused(20001):
        document(api, colour="red")


def test_a_document_needs_a_name_and_a_known_type(api: Any) -> None:
    with refused(22211):
        api.supporting_documents.create(friendly_name="", type="passport")
    for kind in ("", "napkin"):
        with refused(22210):
            api.supporting_documents.create(friendly_name="A", type=kind)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Status": "draft", "Attributes": "{}"}, 22208),
        ({"Status": "fine"}, 22209),
        ({"Status": "approved"}, 20001),
    ],
)
def test_a_documents_status_is_guarded(
    sandbox: Sandbox, api: Any, fields: dict[str, str], code: int
) -> None:
    # The SDK has no argument for this parameter, which only the error dictionary mentions.
    path = f"numbers.twilio.com/v2/RegulatoryCompliance/SupportingDocuments/{document(api).sid}"
    auth = (seed.ACCOUNT_SID, seed.AUTH_TOKEN)
    answer = requests.post(f"{sandbox.base_url}/{path}", data=fields, auth=auth, timeout=PATIENCE)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_an_upload_keeps_the_file_and_says_its_type(sandbox: Sandbox, api: Any) -> None:
    answer = upload(
        sandbox.base_url,
        type="commercial_registrar_excerpt",
        attributes={"business_name": "Acme GmbH"},
        file=PDF,
        friendly_name="Auszug",
    )

    assert answer.status_code == 201
    body = answer.json()
    assert (body["mime_type"], body["status"]) == ("application/pdf", "draft")
    assert body["attributes"] == {"business_name": "Acme GmbH"}
    assert "/numbers.twilio.com/" in body["url"]
    assert api.supporting_documents(body["sid"]).fetch().friendly_name == "Auszug"
    key = sandbox.state.documents[body["sid"]].file
    assert key is not None
    assert sandbox.state.blobs.get(key) == PDF[1]


@pytest.mark.parametrize("file", [None, ("empty.pdf", b"", "application/pdf")])
def test_an_upload_without_content_has_no_mime_type(
    sandbox: Sandbox, file: tuple[str, bytes, str] | None
) -> None:
    body = upload(sandbox.base_url, type="passport", file=file).json()

    assert body["mime_type"] is None


def test_a_part_without_a_type_is_judged_by_its_first_bytes(sandbox: Sandbox) -> None:
    file = ("scan", papers.png("Ada"), "application/octet-stream")

    assert upload(sandbox.base_url, type="passport", file=file).json()["mime_type"] == "image/png"


def test_a_file_above_the_limit_is_refused(sandbox: Sandbox) -> None:
    big = ("big.pdf", b"%PDF" + b"0" * 5_000_000, "application/pdf")

    assert upload(sandbox.base_url, type="passport", file=big).status_code == 400
    control(sandbox.base_url, "switches", {"upload_limit_bytes": 10_000_000})
    assert upload(sandbox.base_url, type="passport", file=big).status_code == 201


def test_other_files_can_be_refused(sandbox: Sandbox) -> None:
    text = ("note.txt", b"hello", "text/plain")

    assert upload(sandbox.base_url, type="passport", file=text).json()["mime_type"] == "text/plain"
    control(sandbox.base_url, "switches", {"upload_types": "pdf-jpeg-png"})
    assert upload(sandbox.base_url, type="passport", file=text).status_code == 400


def test_the_ordinary_host_takes_no_file(sandbox: Sandbox) -> None:
    answer = requests.post(
        f"{sandbox.base_url}/numbers.twilio.com/v2/RegulatoryCompliance/SupportingDocuments",
        auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN),
        data={"FriendlyName": "A", "Type": "passport"},
        files={"File": PDF},
        timeout=PATIENCE,
    )

    assert answer.json()["mime_type"] is None


def test_a_new_file_for_an_old_document_is_a_switch(sandbox: Sandbox, api: Any) -> None:
    sid = document(api, "passport").sid
    path = f"numbers-upload.twilio.com/v2/RegulatoryCompliance/SupportingDocuments/{sid}"

    def send() -> requests.Response:
        return requests.post(
            f"{sandbox.base_url}/{path}",
            auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN),
            files={"File": PDF},
            timeout=PATIENCE,
        )

    assert send().status_code == 404
    control(sandbox.base_url, "switches", {"upload_replaces_file": True})
    assert send().json()["mime_type"] == "application/pdf"


def test_an_upload_needs_credentials(sandbox: Sandbox) -> None:
    before = set(sandbox.state.documents)
    answer = upload(sandbox.base_url, type="passport", file=PDF, auth=(seed.ACCOUNT_SID, "no"))

    assert answer.status_code == 401
    assert set(sandbox.state.documents) == before


def test_a_picture_from_a_phone_is_taken(sandbox: Sandbox) -> None:
    buffer = io.BytesIO()
    Image.effect_noise((400, 300), 80).save(buffer, "JPEG")

    body = upload(
        sandbox.base_url, type="passport", file=("p.jpg", buffer.getvalue(), "image/jpeg")
    )
    assert body.json()["mime_type"] == "image/jpeg"


def test_items_are_assigned_listed_and_taken_away(api: Any, draft: Any) -> None:
    sid = document(api).sid
    assigned = draft.item_assignments.create(object_sid=sid)

    assert (assigned.object_sid, assigned.bundle_sid) == (sid, draft.fetch().sid)
    assert draft.item_assignments(assigned.sid).fetch().object_sid == sid
    assert sid in [a.object_sid for a in draft.item_assignments.list()]
    assert draft.item_assignments(assigned.sid).delete()
    with refused(20404, 404):
        draft.item_assignments(assigned.sid).fetch()


@pytest.mark.parametrize(
    ("sid", "code"),
    [
        ("RD123", 22205),
        ("RD" + "0" * 32, 22205),
        ("IT" + "0" * 32, 22205),
        (seed.ADDRESSES["acme-dublin"], 22206),
        (seed.BUNDLES["acme-de-local"], 22206),
    ],
)
def test_what_is_no_item_cannot_be_assigned(draft: Any, sid: str, code: int) -> None:
    with refused(code):
        draft.item_assignments.create(object_sid=sid)


def test_an_address_can_be_assigned_if_switched_on(sandbox: Sandbox, draft: Any) -> None:
    control(sandbox.base_url, "switches", {"assign_addresses": True})
    sid = seed.ADDRESSES["acme-dublin"]

    assert draft.item_assignments.create(object_sid=sid).object_sid == sid


def test_a_foreign_document_cannot_be_assigned(sub_api: Any, draft: Any) -> None:
    with refused(22205):
        draft.item_assignments.create(object_sid=document(sub_api).sid)


def test_the_same_item_is_not_assigned_twice(api: Any, draft: Any) -> None:
    sid = document(api).sid
    draft.item_assignments.create(object_sid=sid)

    with refused(20001) as caught:
        draft.item_assignments.create(object_sid=sid)
    assert "already" in caught.value.msg


def test_a_second_address_document_is_refused_and_a_second_paper_is_not(
    sandbox: Sandbox, api: Any, draft: Any
) -> None:
    second = document(api, "business_address").sid
    for _ in range(2):
        draft.item_assignments.create(object_sid=document(api, "tax_document").sid)

    with refused(70002):
        draft.item_assignments.create(object_sid=second)
    control(sandbox.base_url, "switches", {"second_address_document": "accept"})
    assert draft.item_assignments.create(object_sid=second).object_sid == second


def test_a_second_end_user_is_a_switch(sandbox: Sandbox, api: Any, draft: Any) -> None:
    draft.item_assignments.create(object_sid=end_user(api).sid)
    control(sandbox.base_url, "switches", {"second_end_user": "refuse"})

    with refused(70002):
        draft.item_assignments.create(object_sid=end_user(api).sid)


def test_an_approved_bundle_takes_no_items(api: Any) -> None:
    with refused(20001):
        api.bundles(seed.BUNDLES["acme-de-local"]).item_assignments.create(
            object_sid=document(api).sid
        )


def test_assigned_items_cannot_be_deleted(api: Any, draft: Any) -> None:
    assigned = {a.object_sid[:2]: a for a in draft.item_assignments.list()}

    with refused(21644):
        api.end_users(assigned["IT"].object_sid).delete()
    with refused(21645):
        api.supporting_documents(assigned["RD"].object_sid).delete()
    draft.item_assignments(assigned["RD"].sid).delete()
    assert api.supporting_documents(assigned["RD"].object_sid).delete()


def test_a_document_in_review_cannot_be_deleted(api: Any) -> None:
    copied = api.bundles(seed.BUNDLES["acme-de-passes"]).bundle_copies.create()
    bundle = api.bundles(copied.sid)
    bundle.update(status="pending-review")
    sids = [a.object_sid for a in bundle.item_assignments.list()]

    with refused(21646):
        api.supporting_documents(next(sid for sid in sids if sid.startswith("RD"))).delete()


def test_the_file_goes_with_the_last_document_that_has_it(sandbox: Sandbox, api: Any) -> None:
    body = upload(sandbox.base_url, type="passport", file=PDF).json()
    key = sandbox.state.documents[body["sid"]].file
    assert key is not None

    api.supporting_documents(body["sid"]).delete()

    assert sandbox.state.blobs.get(key) is None


def test_both_catalogues_list_their_types_with_fields(api: Any) -> None:
    users = {t.machine_name: t for t in api.end_user_types.list()}
    papers_ = {t.machine_name: t for t in api.supporting_document_types.list(page_size=5)}

    assert set(users) == {"individual", "business"}
    assert len(papers_) > 25
    fields = {f["machine_name"]: f["constraint"] for f in papers_["utility_bill"].fields}
    assert (fields["address_sids"], fields["first_name"]) == ("List", "String")
    assert api.end_user_types(users["business"].sid).fetch().machine_name == "business"
    passport = api.supporting_document_types(papers_["passport"].sid).fetch()
    assert passport.friendly_name == "Passport"
    with refused(20404, 404):
        api.supporting_document_types("OY" + "0" * 32).fetch()


def test_every_type_that_a_regulation_accepts_is_in_the_catalogue(api: Any) -> None:
    known = {t.machine_name: t for t in api.supporting_document_types.list()}
    users = {t.machine_name: t for t in api.end_user_types.list()}

    for regulation in api.regulations.list():
        for wanted in regulation.requirements["end_user"]:
            fields = {f["machine_name"] for f in users[wanted["type"]].fields}
            assert set(wanted["fields"]) <= fields
        for group in regulation.requirements["supporting_document"]:
            for wanted in group:
                for kind in wanted["accepted_documents"]:
                    fields = {f["machine_name"] for f in known[kind["type"]].fields}
                    assert set(kind["fields"]) <= fields


@pytest.mark.parametrize(
    ("filters", "countries"),
    [
        ({"iso_country": "fr"}, ["FR"]),
        ({"end_user_type": "individual"}, ["AU", "GB"]),
        ({"number_type": "mobile"}, ["EE"]),
        ({"iso_country": "US"}, []),
    ],
)
def test_regulations_are_filtered(api: Any, filters: dict[str, str], countries: list[str]) -> None:
    assert [r.iso_country for r in api.regulations.list(**filters)] == countries


def test_unknown_types_in_the_filters_of_regulations_have_codes(api: Any) -> None:
    with list_refused(22212):
        api.regulations.list(end_user_type="robot")
    with list_refused(22213):
        api.regulations.list(number_type="satellite")


def test_constraints_come_only_when_asked_for(api: Any) -> None:
    regulation = api.regulations(seed.REGULATIONS["AU"])

    plain = regulation.fetch().requirements
    full = regulation.fetch(include_constraints=True).requirements

    assert "constraint" not in plain["end_user"][0]["detailed_fields"][0]
    assert full["end_user"][0]["detailed_fields"][0]["constraint"] == "String"
    kind = full["supporting_document"][0][0]["accepted_documents"][0]
    assert kind["detailed_fields"][0]["constraint"] == "List"


def test_a_bundle_can_outlive_its_regulation(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, f"regulations/{seed.REGULATIONS['AU']}/retire")

    with refused(20404, 404):
        api.regulations(seed.REGULATIONS["AU"]).fetch()
    bundle = api.bundles(seed.BUNDLES["mia-au-local"]).fetch()
    assert bundle.regulation_sid == seed.REGULATIONS["AU"]
