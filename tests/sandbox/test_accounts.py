"""Who may see what: credentials, accounts and their scope."""

from typing import Any

import pytest
import requests
from twilio.rest import Client

from compliance.sandbox import Sandbox, seed
from tests.patience import PATIENCE
from tests.sandbox.client import (
    SandboxHttpClient,
    compliance,
    control,
    list_refused,
    refused,
    subaccount,
)

MINE, THEIRS = seed.BUNDLES["acme-de-local"], seed.BUNDLES["harbour-gb-local"]


def test_an_api_key_opens_its_account(sandbox: Sandbox) -> None:
    http_client = SandboxHttpClient(sandbox.base_url)
    client = Client(
        seed.API_KEY_SID, seed.API_KEY_SECRET, seed.ACCOUNT_SID, http_client=http_client
    )

    assert compliance(client).bundles(MINE).fetch().account_sid == seed.ACCOUNT_SID


@pytest.mark.parametrize(
    ("username", "password"),
    [
        (seed.ACCOUNT_SID, "wrong"),
        (seed.API_KEY_SID, seed.AUTH_TOKEN),
        ("AC" + "0" * 32, seed.AUTH_TOKEN),
    ],
)
def test_wrong_credentials_are_refused(sandbox: Sandbox, username: str, password: str) -> None:
    http_client = SandboxHttpClient(sandbox.base_url)
    client = Client(username, password, seed.ACCOUNT_SID, http_client=http_client)

    with refused(20003, 401):
        compliance(client).bundles(MINE).fetch()


def test_no_credentials_are_refused_with_the_four_members_of_an_error(sandbox: Sandbox) -> None:
    url = f"{sandbox.base_url}/numbers.twilio.com/v2/RegulatoryCompliance/Bundles"
    answer = requests.get(url, timeout=PATIENCE)

    assert answer.status_code == 401
    assert answer.json() == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


def test_a_foreign_bundle_does_not_exist(api: Any, sub_api: Any) -> None:
    with refused(20404, 404) as caught:
        api.bundles(THEIRS).fetch()
    with refused(20404, 404):
        sub_api.bundles(MINE).fetch()

    assert f"/RegulatoryCompliance/Bundles/{THEIRS} was not found" in caught.value.msg


def test_lists_show_the_callers_own_rows_only(api: Any, sub_api: Any) -> None:
    names = ("bundles", "end_users", "supporting_documents")
    mine = {row.account_sid for name in names for row in getattr(api, name).list()}
    theirs = {row.account_sid for name in names for row in getattr(sub_api, name).list()}

    assert (mine, theirs) == ({seed.ACCOUNT_SID}, {seed.SUBACCOUNT_SID})


def test_a_foreign_end_user_cannot_be_assigned(sandbox: Sandbox, api: Any, sub_api: Any) -> None:
    foreign = sub_api.end_users.list(limit=1)[0]
    copy = api.bundles(MINE).bundle_copies.create()

    with refused(70002):
        api.bundles(copy.sid).item_assignments.create(object_sid=foreign.sid)
    control(sandbox.base_url, "switches", {"foreign_end_user_code": 22205})
    with refused(22205):
        api.bundles(copy.sid).item_assignments.create(object_sid=foreign.sid)


def test_regulations_are_the_same_for_everybody(api: Any, sub_api: Any) -> None:
    assert [r.sid for r in api.regulations.list()] == [r.sid for r in sub_api.regulations.list()]


def test_the_main_account_sees_its_subaccount_with_the_token(main: Client) -> None:
    accounts = {row.sid: row for row in main.api.accounts.list()}

    assert set(accounts) == {seed.ACCOUNT_SID, seed.SUBACCOUNT_SID}
    assert accounts[seed.SUBACCOUNT_SID].auth_token == seed.SUBACCOUNT_TOKEN
    assert accounts[seed.SUBACCOUNT_SID].owner_account_sid == seed.ACCOUNT_SID


def test_a_subaccount_sees_itself_only(sandbox: Sandbox) -> None:
    client = subaccount(sandbox.base_url)

    assert [row.sid for row in client.api.accounts.list()] == [seed.SUBACCOUNT_SID]
    with refused(20404, 404):
        client.api.accounts(seed.ACCOUNT_SID).fetch()
    with list_refused(20404, 404):
        client.api.accounts(seed.ACCOUNT_SID).incoming_phone_numbers.list()


def test_the_main_account_reads_numbers_of_its_subaccount_by_the_path(main: Client) -> None:
    numbers = main.api.accounts(seed.SUBACCOUNT_SID).incoming_phone_numbers.list()

    assert {number.account_sid for number in numbers} == {seed.SUBACCOUNT_SID}


def test_a_new_subaccount_has_a_token_that_works_until_it_is_closed(
    sandbox: Sandbox, main: Client
) -> None:
    account = main.api.accounts.create(friendly_name="Corner Shop")
    http_client = SandboxHttpClient(sandbox.base_url)
    corner = Client(account.sid, account.auth_token, http_client=http_client)

    assert compliance(corner).bundles.list() == []
    main.api.accounts(account.sid).update(status="closed")
    with list_refused(20003, 401):
        compliance(corner).bundles.list()


@pytest.mark.parametrize(
    "path",
    [
        "numbers.twilio.com/v2/RegulatoryCompliance/Nothing",
        "numbers.twilio.com/v2/RegulatoryCompliance/Bundles/BU1",
        "numbers.twilio.com/v2/RegulatoryCompliance/Bundles/",
        "api.twilio.com/2010-04-01/Accounts",
    ],
)
def test_what_is_not_there_is_not_found(sandbox: Sandbox, path: str) -> None:
    answer = requests.get(
        f"{sandbox.base_url}/{path}", auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN), timeout=PATIENCE
    )

    assert answer.status_code == 404
    assert answer.json()["code"] == 20404


def test_a_404_of_the_2010_api_names_the_whole_path(main: Client) -> None:
    sid = "PN" + "0" * 32
    with refused(20404, 404) as caught:
        main.incoming_phone_numbers(sid).fetch()

    path = f"/2010-04-01/Accounts/{seed.ACCOUNT_SID}/IncomingPhoneNumbers/{sid}.json"
    assert path in caught.value.msg


def test_every_answer_carries_twilios_headers(sandbox: Sandbox) -> None:
    answer = requests.get(
        f"{sandbox.base_url}/numbers.twilio.com/v2/RegulatoryCompliance/Bundles",
        auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN),
        timeout=PATIENCE,
    )

    assert answer.headers["Twilio-Request-Id"].startswith("RQ")
    assert answer.headers["Twilio-Concurrent-Requests"] == "1"
    assert answer.headers["X-Api-Domain"] == "numbers.twilio.com"
    assert answer.headers["Content-Type"] == "application/json"


def bare(sandbox: Sandbox, method: str, path: str) -> requests.Response:
    return requests.request(
        method,
        f"{sandbox.base_url}/numbers.twilio.com/v2/RegulatoryCompliance/{path}",
        auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN),
        timeout=PATIENCE,
    )


def test_a_method_that_a_resource_does_not_have_is_refused(sandbox: Sandbox) -> None:
    answer = bare(sandbox, "PUT", "Bundles")

    assert (answer.status_code, answer.json()["code"]) == (405, 20004)


def test_a_browsers_preflight_is_answered(sandbox: Sandbox) -> None:
    answer = bare(sandbox, "OPTIONS", "Bundles")

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, DELETE, OPTIONS"


def test_the_404_of_the_numbers_host_can_name_the_version(sandbox: Sandbox) -> None:
    short = bare(sandbox, "GET", "Bundles/BU1").json()["message"]
    control(sandbox.base_url, "switches", {"versionless_not_found": False})
    long = bare(sandbox, "GET", "Bundles/BU1").json()["message"]

    assert "resource /RegulatoryCompliance/Bundles/BU1 was" in short
    assert "resource /v2/RegulatoryCompliance/Bundles/BU1 was" in long


def test_an_account_takes_a_new_name_but_cannot_close_itself(main: Client) -> None:
    account = main.api.accounts(seed.ACCOUNT_SID)

    assert account.update(friendly_name="Northwind").friendly_name == "Northwind"
    for status in ("closed", "asleep"):
        with refused(20001):
            account.update(status=status)
