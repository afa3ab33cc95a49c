"""Every operation, sent by the real SDK, held against Twilio's own OpenAPI documents: each
request, and each answer of the sandbox, key for key.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from twilio.http.response import Response
from twilio.rest import Client

from compliance.sandbox import Sandbox, seed
from tests import npm, openapi
from tests.conftest import cannot_run
from tests.sandbox.client import SandboxHttpClient, compliance, control, upload
from tests.servers import Missing

OPERATIONS = {
    "CreateBundle ListBundle FetchBundle UpdateBundle DeleteBundle",
    "CreateBundleCopy ListBundleCopy CreateReplaceItems",
    "CreateEvaluation ListEvaluation FetchEvaluation",
    "CreateItemAssignment ListItemAssignment FetchItemAssignment DeleteItemAssignment",
    "CreateEndUser ListEndUser FetchEndUser UpdateEndUser DeleteEndUser",
    "ListEndUserType FetchEndUserType",
    "CreateSupportingDocument ListSupportingDocument FetchSupportingDocument",
    "UpdateSupportingDocument DeleteSupportingDocument",
    "ListSupportingDocumentType FetchSupportingDocumentType",
    "ListRegulation FetchRegulation",
    "CreateAddress ListAddress FetchAddress UpdateAddress DeleteAddress",
    "ListDependentPhoneNumber",
    "CreateIncomingPhoneNumber ListIncomingPhoneNumber FetchIncomingPhoneNumber",
    "UpdateIncomingPhoneNumber DeleteIncomingPhoneNumber",
    "CreateMessage",
    "CreateAccount ListAccount FetchAccount UpdateAccount",
}


@dataclass
class Exchange:
    method: str
    url: str
    params: dict[str, Any]
    data: dict[str, Any]
    status: int
    payload: Any


@dataclass
class Recorder(SandboxHttpClient):
    base_url: str
    exchanges: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.base_url)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        response = super().request(method, url, *args, **kwargs)
        given = dict(zip(("params", "data"), args, strict=False)) | kwargs
        self.exchanges.append(
            Exchange(
                method=method,
                # What the sandbox gives as the next page leads to itself.
                url=url.replace(f"{self.base_url}/", "https://"),
                params=given.get("params") or {},
                data=given.get("data") or {},
                status=response.status_code,
                payload=json.loads(response.text) if response.text else None,
            )
        )
        return response


@pytest.fixture(scope="module")
def judge() -> openapi.Judge:
    try:
        return openapi.judge()
    except Missing as missing:
        cannot_run(str(missing))


@pytest.fixture(scope="module")
def exchanges() -> Iterator[list[Exchange]]:
    server = Sandbox()
    server.start()
    recorder = Recorder(server.base_url)
    client = Client(seed.ACCOUNT_SID, seed.AUTH_TOKEN, http_client=recorder)
    everything(server, client)
    yield recorder.exchanges
    server.stop()


def everything(server: Sandbox, client: Client) -> None:
    """Every operation, with every filter and every outcome that has a shape of its own."""
    api = compliance(client)
    renew(server, api)
    catalogues(api)
    lists(api)
    numbers_and_addresses(client)
    accounts(client)


def renew(server: Sandbox, api: Any) -> None:
    original = api.bundles(seed.BUNDLES["acme-fr-local"])
    copy = api.bundles(original.bundle_copies.create(friendly_name="Renewal").sid)
    copy.evaluations(copy.evaluations.create().sid).fetch()
    copy.evaluations.list()
    items = copy.item_assignments.list(page_size=2)
    copy.item_assignments(items[0].sid).fetch()
    user = api.end_users(next(i.object_sid for i in items if i.object_sid.startswith("IT")))
    user.update(friendly_name="Ada", attributes=user.fetch().attributes)
    for item in [i for i in items if i.object_sid.startswith("RD")]:
        document = api.supporting_documents(item.object_sid)
        attributes = document.fetch().attributes
        if "business_name" in attributes:
            attributes = {**attributes, "business_name": "Acme GmbH"}
        document.update(friendly_name="Papers", attributes=attributes)
    extra = api.supporting_documents.create(
        friendly_name="Extra", type="tax_notice", attributes={"document_number": "1"}
    )
    added = copy.item_assignments.create(object_sid=extra.sid)
    copy.item_assignments(added.sid).delete()
    api.supporting_documents(extra.sid).delete()
    copy.update(status_callback="http://127.0.0.1:9/hook", email="a@b.example", friendly_name="R")
    copy.update(status="pending-review")
    sid = copy.fetch().sid
    documents = [i.object_sid for i in items if i.object_sid.startswith("RD")]
    verdicts = [{"sid": documents[0], "code": 18001, "reason": "Other paper, please"}]
    control(server.base_url, f"bundles/{sid}/reject", {"reason": "No", "documents": verdicts})
    api.supporting_documents(documents[0]).fetch()
    copy.update(status="pending-review")
    control(server.base_url, f"bundles/{sid}/approve")
    copy.evaluations.create()
    original.bundle_copies.list()
    original.replace_items.create(from_bundle_sid=sid)
    copy.delete()
    new = api.bundles.create(
        friendly_name="New",
        email="a@b.example",
        iso_country="DE",
        number_type="local",
        end_user_type="business",
        status_callback="https://portal.example/hook",
        is_test=False,
    )
    api.bundles(new.sid).delete()
    created = api.end_users.create(friendly_name="X", type="individual", attributes={"email": "x"})
    api.end_users(created.sid).delete()


def catalogues(api: Any) -> None:
    api.end_user_types(api.end_user_types.list()[0].sid).fetch()
    kinds = api.supporting_document_types.list(page_size=20)
    api.supporting_document_types(kinds[0].sid).fetch()
    api.regulations.list(end_user_type="business", iso_country="DE", number_type="local")
    for regulation in api.regulations.list(page_size=3):
        api.regulations(regulation.sid).fetch(include_constraints=True)


def lists(api: Any) -> None:
    moment = datetime(2040, 1, 2, 3, 4, 5, tzinfo=UTC)
    api.bundles.list(
        status="twilio-approved",
        regulation_sid=seed.REGULATIONS["DE"],
        iso_country="DE",
        friendly_name="Acme GmbH, Berlin office",
        number_type="local",
        has_valid_until_date=True,
        sort_by="valid-until",
        sort_direction="ASC",
        valid_until_date_before=moment,
        valid_until_date_after=datetime(2020, 1, 1, tzinfo=UTC),
    )
    api.bundles.list(valid_until_date=moment)
    api.bundles.list(bundle_sids=seed.BUNDLES["acme-de-local"], end_user_type="business")
    api.bundles.list(page_size=6)
    api.end_users.list(page_size=6)
    api.supporting_documents.list(page_size=6)


def numbers_and_addresses(client: Client) -> None:
    address = client.addresses.create(
        customer_name="Acme",
        street="Musterstr. 1",
        city="Berlin",
        region="Berlin",
        postal_code="10115",
        iso_country="DE",
        friendly_name="Office",
        street_secondary="Hof",
        emergency_enabled=False,
        auto_correct_address=True,
    )
    client.addresses(address.sid).update(city="Berlin", street="Musterstr. 2")
    client.addresses(address.sid).fetch()
    client.addresses.list(iso_country="DE", customer_name="Acme", page_size=1)
    client.addresses(address.sid).delete()
    client.addresses(seed.ADDRESSES["mia-sydney"]).dependent_phone_numbers.list(page_size=1)
    bought = client.incoming_phone_numbers.create(
        phone_number="+61255509999",
        bundle_sid=seed.BUNDLES["mia-au-current"],
        address_sid=seed.ADDRESSES["mia-sydney"],
        friendly_name="Line",
    )
    number = client.incoming_phone_numbers(bought.sid)
    number.fetch()
    number.update(bundle_sid=seed.BUNDLES["way-finishing"])
    client.incoming_phone_numbers.list(page_size=10)
    client.incoming_phone_numbers.list(phone_number="+6125550", friendly_name="Line")
    number.delete()
    sender = client.incoming_phone_numbers.list()[0].phone_number
    client.messages.create(to="+4915123456789", from_=sender, body="Please send your update.")
    client.messages.create(to="+4915123456789", messaging_service_sid=f"MG{'0' * 32}", body="Now.")


def accounts(client: Client) -> None:
    made = client.api.accounts.create(friendly_name="Corner Shop")
    client.api.accounts(made.sid).update(status="closed")
    client.api.accounts(seed.SUBACCOUNT_SID).fetch()
    client.api.accounts.list(page_size=1)
    client.api.accounts.list(status="active", friendly_name="Harbour Cafe")


def test_every_operation_was_tried(judge: openapi.Judge, exchanges: list[Exchange]) -> None:
    tried = {judge.name(exchange.method, exchange.url) for exchange in exchanges}

    assert tried == {name for names in OPERATIONS for name in names.split()}


def test_the_sdk_sends_what_the_documents_declare(
    judge: openapi.Judge, exchanges: list[Exchange]
) -> None:
    complaints = [
        complaint
        for e in exchanges
        for complaint in judge.complaints_about_request(e.method, e.url, e.params, e.data)
    ]

    assert "\n".join(complaints) == ""


def test_every_answer_is_as_declared_key_for_key(
    judge: openapi.Judge, exchanges: list[Exchange]
) -> None:
    complaints = [
        complaint
        for e in exchanges
        for complaint in judge.complaints_about_answer(e.method, e.url, e.status, e.payload)
    ]

    assert "\n".join(complaints) == ""


def test_the_upload_host_answers_with_the_same_document(
    judge: openapi.Judge, sandbox: Sandbox
) -> None:
    answer = upload(sandbox.base_url, type="passport", file=("p.pdf", b"%PDF", "application/pdf"))

    url = "https://numbers.twilio.com/v2/RegulatoryCompliance/SupportingDocuments"
    complaints = judge.complaints_about_answer("POST", url, answer.status_code, answer.json())
    assert list(complaints) == []


def members(value: Any, path: str = "") -> dict[str, set[str]]:
    """The names of members at each place, lists left out of the path."""
    found: dict[str, set[str]] = {}
    if isinstance(value, list):
        for inner in value:
            for place, names in members(inner, path).items():
                found[place] = found.get(place, set()) | names
    elif isinstance(value, dict):
        found[path] = set(value)
        for name, inner in value.items():
            for place, names in members(inner, f"{path}.{name}".lstrip(".")).items():
                found[place] = found.get(place, set()) | names
    return found


@pytest.mark.parametrize("name", ["CreateEvaluation", "FetchRegulation", "FetchBundle"])
def test_what_the_documents_leave_open_looks_like_their_examples(
    judge: openapi.Judge, exchanges: list[Exchange], name: str
) -> None:
    mine = [e for e in exchanges if judge.name(e.method, e.url) == name]
    first = mine[0]
    published = members(judge.example(first.method, first.url, first.status))
    # With IncludeConstraints; and what a passing field shows, the examples have none.
    more = {
        "requirements.end_user.detailed_fields": {"constraint"},
        "requirements.supporting_document.accepted_documents.detailed_fields": {"constraint"},
    }

    for exchange in mine:
        for place, names in members(exchange.payload).items():
            if place not in published:
                assert place == "results.valid"
                continue
            assert names - more.get(place, set()) == published[place], place


def test_without_npm_the_documents_are_missing_and_nothing_else_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npm, "FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Missing, match="npm"):
        openapi.load()
