"""Starting, stopping, resetting, and what survives."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from compliance.sandbox import Sandbox, papers, seed
from tests.patience import PATIENCE
from tests.sandbox.client import compliance, control, main_account, upload

DE = seed.BUNDLES["acme-de-local"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sandbox.json"


@pytest.fixture
def kept(path: Path) -> Iterator[Sandbox]:
    server = Sandbox(state_path=path)
    server.start()
    yield server
    server.stop()


def api_of(server: Sandbox) -> Any:
    return compliance(main_account(server.base_url))


def test_everything_survives_in_the_file(kept: Sandbox, path: Path) -> None:
    copy = api_of(kept).bundles(DE).bundle_copies.create(friendly_name="Renewal")
    content = papers.pdf("Acme GmbH")
    file = ("p.pdf", content, "application/pdf")
    document = upload(kept.base_url, type="passport", file=file).json()["sid"]
    api_of(kept).bundles(copy.sid).evaluations.create()
    control(kept.base_url, "switches", {"withdraw": True})
    control(kept.base_url, "faults", {"kind": "latency", "path": "nowhere"})
    control(kept.base_url, "clock", {"freeze": "2031-05-06T07:08:09Z"})
    control(kept.base_url, "callbacks", {"mode": "late", "seconds": 60})
    control(kept.base_url, f"bundles/{copy.sid}/deadline", {"valid_until": "2032-01-01"})
    kept.stop()

    again = Sandbox(state_path=path)

    state = again.state
    assert state.bundles[copy.sid] == kept.state.bundles[copy.sid]
    assert state.bundles[copy.sid].copy_of == DE
    key = state.documents[document].file
    assert key is not None
    assert state.blobs.get(key) == content
    assert state.evaluations == kept.state.evaluations
    assert state.switches["withdraw"] is True
    assert [fault.kind for fault in state.faults] == ["latency"]
    assert state.clock.now().year == 2031
    assert (state.callbacks.mode, state.callbacks.seconds) == ("late", 60)
    assert json.loads(path.read_text())["bundles"]


def test_a_callback_that_waits_survives_too(kept: Sandbox, path: Path) -> None:
    control(kept.base_url, "callbacks", {"mode": "late", "seconds": 600})
    api_of(kept).bundles(DE).update(status_callback="http://127.0.0.1:9/hook")
    control(kept.base_url, f"bundles/{DE}/reject", {"reason": "No"})
    kept.stop()

    (waiting,) = Sandbox(state_path=path).state.outbox

    assert waiting.values["FailureReason"] == "No"


def test_a_file_that_is_not_ours_is_refused_and_left_alone(path: Path) -> None:
    path.write_text('{"bundles": 3}')

    with pytest.raises(ValueError, match="does not hold a sandbox's state"):
        Sandbox(state_path=path)
    assert path.read_text() == '{"bundles": 3}'


def test_it_comes_back_on_the_same_port_with_the_same_state(kept: Sandbox) -> None:
    copy = api_of(kept).bundles(DE).bundle_copies.create()
    before = kept.base_url

    kept.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(before, timeout=PATIENCE)
    kept.start()

    assert kept.base_url == before
    assert api_of(kept).bundles(copy.sid).fetch().status == "draft"


def test_a_reset_is_the_first_day_again(kept: Sandbox, path: Path) -> None:
    copy = api_of(kept).bundles(DE).bundle_copies.create()
    control(kept.base_url, "switches", {"withdraw": True})
    control(kept.base_url, "clock", {"advance_seconds": 86_400})

    summary = control(kept.base_url, "reset", {})

    assert copy.sid not in kept.state.bundles
    assert kept.state.switches["withdraw"] is False
    assert summary["clock"]["offset_seconds"] == 0
    assert {b["sid"] for b in summary["bundles"]} == set(seed.BUNDLES.values())
    assert control(kept.base_url, "requests", method="GET")["requests"] == []
    assert copy.sid not in path.read_text()


def test_it_can_begin_without_the_demo_data(kept: Sandbox) -> None:
    kept.reset(seed=False)

    assert kept.state.bundles == {}
    assert requests.get(kept.base_url, timeout=PATIENCE).status_code == 200


def test_the_seed_is_the_same_every_time() -> None:
    first, second = Sandbox(), Sandbox()

    assert list(first.state.bundles) == list(second.state.bundles) == list(seed.BUNDLES.values())
    assert first.state.assignments.keys() == second.state.assignments.keys()
    assert first.state.numbers.keys() == second.state.numbers.keys()


def test_every_seeded_bundle_has_one_to_five_numbers() -> None:
    state = Sandbox().state

    counts = {len(state.numbers_of(bundle)) for bundle in state.bundles.values()}
    assert counts <= {1, 2, 3, 4, 5}
    assert len({number.phone_number for number in state.numbers.values()}) == len(state.numbers)


def test_a_port_that_is_taken_is_an_error_and_not_the_end() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = Sandbox(port=taken.getsockname()[1])

        with pytest.raises(OSError, match="in use"):
            server.start()


def test_files_go_from_the_folder_with_their_documents(kept: Sandbox, path: Path) -> None:
    file = ("p.pdf", papers.pdf("Only here"), "application/pdf")
    sid = upload(kept.base_url, type="passport", file=file).json()["sid"]
    key = kept.state.documents[sid].file
    assert key is not None
    folder = path.with_name(path.name + ".files")
    assert (folder / key).exists()

    api_of(kept).supporting_documents(sid).delete()

    assert not (folder / key).exists()
    assert kept.state.blobs.get(key) is None


def test_the_automatic_reviewer_follows_the_latest_start(kept: Sandbox, path: Path) -> None:
    control(kept.base_url, "auto-review", {"seconds": 99, "verdict": "approve"})

    again = Sandbox(state_path=path, auto_review_seconds=6)

    assert (again.state.review.seconds, again.state.review.verdict) == (6, "approve")
