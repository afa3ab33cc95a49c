"""Faults: what a client must survive."""

import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from twilio.base.exceptions import TwilioException

from compliance.sandbox import Sandbox, seed
from tests.patience import PATIENCE, until
from tests.sandbox.client import compliance, control, main_account, refused

DE = seed.BUNDLES["acme-de-local"]
# Longer than anybody waits here.
FOR_EVER = 10 * PATIENCE


def fault(sandbox: Sandbox, **values: Any) -> None:
    control(sandbox.base_url, "faults", {"times": 1} | values)


def give_up(sandbox: Sandbox, call: Callable[[Any], Any]) -> None:
    """Make a call, and wait for no answer; the sandbox has it by then."""
    hasty = compliance(main_account(sandbox.base_url, timeout=0.1))
    with pytest.raises(requests.Timeout):
        call(hasty)
    until(lambda: not sandbox.state.faults)


def copies(sandbox: Sandbox) -> int:
    return sum(bundle.copy_of == DE for bundle in sandbox.state.bundles.values())


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (500, 20500), (503, 20503)])
def test_an_error_status_is_answered_instead_of_working(
    sandbox: Sandbox, api: Any, status: int, code: int
) -> None:
    fault(sandbox, kind="status", status=status, method="POST", path="/Copies$")

    assert api.bundles(DE).fetch().sid == DE
    with refused(code, status):
        api.bundles(DE).bundle_copies.create()
    assert copies(sandbox) == 0
    api.bundles(DE).bundle_copies.create()
    assert copies(sandbox) == 1


def test_too_many_requests_can_say_when_to_come_back(sandbox: Sandbox) -> None:
    fault(sandbox, kind="status", status=429, retry_after=7)
    url = f"{sandbox.base_url}/numbers.twilio.com/v2/RegulatoryCompliance/Bundles"

    answer = requests.get(url, auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN), timeout=PATIENCE)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_any_code_can_be_provoked(sandbox: Sandbox, main: Any) -> None:
    fault(sandbox, kind="status", status=400, code=22300, message="No more numbers")

    with refused(22300):
        main.incoming_phone_numbers.create(phone_number="+12025550123")


def test_a_connection_can_break_before_the_work(sandbox: Sandbox, api: Any) -> None:
    fault(sandbox, kind="refuse_before", path="/Copies$")

    with pytest.raises(requests.ConnectionError):
        api.bundles(DE).bundle_copies.create()
    assert copies(sandbox) == 0


def test_a_connection_can_break_after_the_work(sandbox: Sandbox, api: Any) -> None:
    fault(sandbox, kind="drop_after", path="/Copies$")

    with pytest.raises(requests.ConnectionError):
        api.bundles(DE).bundle_copies.create()
    assert copies(sandbox) == 1


def test_the_work_can_come_after_the_client_gave_up(sandbox: Sandbox) -> None:
    fault(sandbox, kind="late", seconds=FOR_EVER, path="/Copies$")

    give_up(sandbox, lambda api: api.bundles(DE).bundle_copies.create())
    assert copies(sandbox) == 0
    control(sandbox.base_url, "faults", method="DELETE")

    until(lambda: copies(sandbox) == 1)


def test_late_work_is_done_when_its_time_has_come(sandbox: Sandbox) -> None:
    fault(sandbox, kind="late", seconds=0.3, path="/Copies$")

    give_up(sandbox, lambda api: api.bundles(DE).bundle_copies.create())

    until(lambda: copies(sandbox) == 1)


def test_latency_slows_one_request_and_no_other(sandbox: Sandbox, api: Any) -> None:
    fault(sandbox, kind="latency", seconds=0.3, path=DE)
    started = time.monotonic()
    api.bundles(DE).fetch()
    assert time.monotonic() - started >= 0.3

    fault(sandbox, kind="latency", seconds=FOR_EVER, path=DE)
    give_up(sandbox, lambda api: api.bundles(DE).fetch())
    assert api.bundles(DE).fetch().sid == DE


def test_a_page_can_come_instead_of_json(sandbox: Sandbox, api: Any) -> None:
    fault(sandbox, kind="html", status=200)
    fault(sandbox, kind="html")

    with pytest.raises(ValueError, match="Expecting value"):
        api.bundles(DE).fetch()
    with pytest.raises(TwilioException, match="503"):
        api.bundles(DE).fetch()


def test_json_can_be_cut_in_half(sandbox: Sandbox, api: Any) -> None:
    fault(sandbox, kind="truncate")

    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        api.bundles(DE).fetch()


def test_an_error_can_be_answered_although_the_work_was_done(sandbox: Sandbox, api: Any) -> None:
    fault(sandbox, kind="status_after", path="/Copies$")

    with refused(20500, 500):
        api.bundles(DE).bundle_copies.create()
    assert copies(sandbox) == 1


def test_json_can_come_under_another_name(sandbox: Sandbox) -> None:
    fault(sandbox, kind="content_type")
    url = f"{sandbox.base_url}/numbers.twilio.com/v2/RegulatoryCompliance/Bundles"

    answer = requests.get(url, auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN), timeout=10)

    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.json()["results"]


@pytest.mark.parametrize(("dice", "status"), [(0.29, 500), (0.3, 200)])
def test_a_fault_can_befall_a_share_of_the_calls(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, dice: float, status: int
) -> None:
    monkeypatch.setattr("compliance.sandbox.faults.random", lambda: dice)
    control(sandbox.base_url, "faults", {"kind": "status", "share": 0.3})
    url = f"{sandbox.base_url}/numbers.twilio.com/v2/RegulatoryCompliance/Bundles"

    answer = requests.get(url, auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN), timeout=10)

    assert answer.status_code == status


def test_a_fault_without_a_count_stays_until_it_is_cleared(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "faults", {"kind": "status", "status": 503, "path": "Bundles"})

    for _ in range(3):
        with pytest.raises(TwilioException):
            api.bundles.list()
    control(sandbox.base_url, "faults", method="DELETE")
    assert api.bundles.list(limit=1)


@pytest.mark.parametrize(
    "values",
    [{"kind": "flood"}, {"kind": "late", "path": "("}, {}, {"kind": "late", "share": 1.5}],
)
def test_a_fault_that_makes_no_sense_is_refused(sandbox: Sandbox, values: dict[str, str]) -> None:
    answer = requests.post(f"{sandbox.base_url}/sandbox/faults", json=values, timeout=PATIENCE)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_limit_is_one_of_requests_at_a_time(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "switches", {"concurrency_limit": 1})
    fault(sandbox, kind="latency", seconds=FOR_EVER, path=DE)
    give_up(sandbox, lambda api: api.bundles(DE).fetch())

    with refused(20429, 429):
        api.bundles(DE).fetch()


def test_the_log_tells_what_was_sent_and_what_went_wrong(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "requests", method="DELETE")
    fault(sandbox, kind="drop_after", path="/Copies$")
    with pytest.raises(requests.ConnectionError):
        api.bundles(DE).bundle_copies.create(friendly_name="Renewal")
    with refused(20404, 404):
        api.bundles("BU" + "0" * 32).fetch()

    cut, missing = control(sandbox.base_url, "requests", method="GET")["requests"]

    assert (cut["method"], cut["status"], cut["fault"]) == ("POST", None, "drop_after")
    assert cut["fields"] == {"FriendlyName": ["Renewal"]}
    assert (cut["host"], cut["account"]) == ("numbers.twilio.com", seed.ACCOUNT_SID)
    assert cut["path"] == f"/v2/RegulatoryCompliance/Bundles/{DE}/Copies"
    assert (missing["status"], missing["code"]) == (404, 20404)
    assert seed.AUTH_TOKEN not in str([cut, missing])


def test_a_body_that_would_fill_the_memory_is_not_taken(
    sandbox: Sandbox, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compliance.sandbox.app.LARGEST_BODY", 1_000)

    with pytest.raises(requests.ConnectionError):
        api.end_users.create(friendly_name="x" * 2_000, type="individual")
    monkeypatch.undo()
    assert api.end_users.create(friendly_name="x" * 2_000, type="individual").sid


def test_a_reset_ends_what_is_still_under_way(sandbox: Sandbox) -> None:
    fault(sandbox, kind="late", seconds=FOR_EVER, path="/Copies$")
    give_up(sandbox, lambda api: api.bundles(DE).bundle_copies.create())

    sandbox.reset()

    assert compliance(main_account(sandbox.base_url)).bundles(DE).fetch().sid == DE
    assert copies(sandbox) == 0
    assert len(sandbox.state.requests) == 1


def test_an_upload_that_breaks_off_is_no_fault_of_the_sandbox(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    where = urlsplit(sandbox.base_url)
    head = (
        "POST /numbers-upload.twilio.com/v2/RegulatoryCompliance/SupportingDocuments HTTP/1.1\r\n"
        "Host: localhost\r\nContent-Length: 1000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="File"; filename="a.pdf"\r\n\r\n%PDF'
    )
    with socket.create_connection((where.hostname, where.port)) as client:
        client.sendall(head.encode())

    until(lambda: sandbox.state.requests and sandbox.state.requests[-1]["seconds"] is not None)
    assert sandbox.state.requests[-1]["status"] is None
    # Whatever it had to say it has said before it ends.
    sandbox.stop()
    assert caplog.text == ""
