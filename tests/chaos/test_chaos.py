"""The small size of the run under fire, and that it would tell.

``CHAOS_RENEWALS`` changes its size. There is one limit of time, for a run that would never end.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.chaos.judge import judge
from tests.chaos.people import file_for
from tests.chaos.run import Options, folder_in_memory, run
from tests.chaos.standin import Standin, was_done
from tests.conftest import cannot_run
from tests.serving import ROOT, default_broker, default_database

KINDS = {
    "refused", "refuse_before", "drop_after", "status", "status_after", "late", "html", "truncate",
    "latency", "content_type",
}  # fmt: skip


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as place:
        yield place


@pytest.mark.processes
@pytest.mark.story
def test_nothing_is_lost_and_nothing_done_twice(folder: Path) -> None:
    """On the database and the broker that the tests run on, but with servers of its own to kill."""
    options = Options(
        renewals=int(os.environ.get("CHAOS_RENEWALS", "100")),
        database=default_database(),
        broker=default_broker(),
        span=2.0,
        server_kills=1,
        deadline=3600,
    )
    killed = {"postgres": {"PostgreSQL"}, "redis": {"Redis"}}
    try:
        verdict = run(options, folder)
    except servers.Missing as missing:
        cannot_run(str(missing))
    assert verdict.failures == [], json.dumps(verdict.evidence)
    assert verdict.completed + sum(verdict.waiting.values()) == options.renewals
    assert "" not in verdict.waiting
    assert verdict.lost == 0
    assert set(verdict.faults) >= KINDS
    assert verdict.kills
    assert sum(count for point, count in verdict.kills.items() if "in an upload" in point) >= 3
    for kind in (options.database, options.broker):
        assert set(verdict.kills_by_role) >= killed.get(kind, set())
    assert verdict.resumed


@pytest.mark.processes
def test_without_its_guards_the_product_fails_the_same_run(folder: Path) -> None:
    options = Options(
        renewals=3,
        database="sqlite",
        broker="embedded",
        share=0.05,
        kills=0,
        guards=False,
        deadline=3600,
    )
    verdict = run(options, folder)
    assert verdict.duplicates["copies"] > 0
    assert verdict.failures


# --- The supervisor -------------------------------------------------------------------------------


def test_what_is_killed_is_started_again_and_what_ends_by_itself_is_not(tmp_path: Path) -> None:
    """With programs that write down that they began; the first is killed twice, as a whole."""
    code = "import os, pathlib, signal, sys\nfile = pathlib.Path(sys.argv[1])\n"
    code += "with file.open('a') as log: log.write('x')\n"
    killed = code + "if file.stat().st_size < 3: os.killpg(0, signal.SIGKILL)\n"
    for name, text in (("killed", killed), ("calm", code)):
        (tmp_path / f"chaos_{name}.py").write_text(text, encoding="utf-8")
    script = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from tests.chaos.supervisor import Program, supervise
supervise([
    Program(role=name, command=["chaos_" + name, {str(tmp_path)!r} + "/" + name], log="/dev/null")
    for name in ("killed", "calm")
])
"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=600)
    assert (tmp_path / "killed").read_text() == "xxx"
    assert (tmp_path / "calm").read_text() == "x"


# --- The judge ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "done"),
    [
        ({"status": 201}, True),
        ({"status": 201, "fault": "late"}, True),
        ({"status": None, "fault": "drop_after"}, True),
        ({"status": 500, "fault": "status_after"}, True),
        ({"status": 500, "fault": "status"}, False),
        ({"status": 200, "fault": "html"}, False),
        ({"status": None, "fault": "refuse_before"}, False),
        ({"status": None, "fault": "drop_after", "code": 22224}, False),
    ],
)
def test_what_was_done_is_told_from_what_was_answered(entry: dict[str, Any], done: bool) -> None:
    assert was_done({"fault": None, "code": None, **entry}) is done


class Scene:
    """One bundle at the stand-in, and what a portal might have on record of its renewal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reported: dict[str, str] = {}
        self.standin = Standin(1)
        self.standin.due = 1
        (self.bundle,) = self.standin.bundles
        data = file_for("CMP-222222", "extract", 1)
        state = self.standin.state
        document = state.documents_of(state.bundles[self.bundle])[0]
        document.file = state.blobs.put(data)
        self.standin.ledger.done = {
            ("Copies", self.bundle): 1,
            ("ReplaceItems", self.bundle): 1,
            ("review", "BU1"): 1,
        }  # type: ignore[assignment]
        self.answer = {
            "task": "extract",
            "version": 1,
            "state": "delivered",
            "sha256": document.file,
            "item": document.sid,
        }
        self.fact: dict[str, Any] = {
            "reference": "CMP-222222",
            "bundle": self.bundle,
            "copy": "BU1",
            "state": "completed",
            "trouble": "",
            "events": ["opened", "sent", "completed"],
            "answers": [self.answer],
        }

    def failures(self) -> list[str]:
        record = {"renewals": [self.fact], "reported": self.reported}
        return judge(Options(), self.standin, record, self.folder, seconds=1).failures


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_a_run_in_which_all_went_well_is_no_failure(scene: Scene) -> None:
    assert scene.failures() == []


def test_a_file_that_did_not_arrive_is_a_failure(scene: Scene) -> None:
    scene.answer["sha256"] = "0" * 64
    assert scene.failures() == ["CMP-222222 extract: the file did not arrive"]


def test_the_file_of_somebody_else_is_a_failure(scene: Scene) -> None:
    scene.fact["reference"] = "CMP-333333"
    assert scene.failures() == ["CMP-333333 extract: the file did not arrive"]


def test_a_value_that_did_not_arrive_is_a_failure(scene: Scene) -> None:
    saved = {
        "reference": "CMP-222222",
        "task": "extract",
        "version": 1,
        "values": {"name": "Nowhere"},
    }
    (scene.folder / "saved").write_text(json.dumps(saved) + "\n", encoding="utf-8")
    assert scene.failures() == ["CMP-222222 extract: name did not arrive"]


@pytest.mark.parametrize("file", ["saved", "pages"])
def test_an_answer_that_somebody_was_told_is_saved_and_that_is_not_there_is_a_failure(
    scene: Scene, file: str
) -> None:
    told = {"reference": "CMP-222222", "task": "extract", "outcome": "saved", "values": {}}
    lines = [json.dumps({**told, "version": version}) for version in (1, 2)]
    (scene.folder / file).write_text("\n".join(lines), encoding="utf-8")
    assert scene.failures() == ["CMP-222222 extract: version 2 was saved and is not there"]


def test_a_renewal_that_waits_for_nobody_is_a_failure(scene: Scene) -> None:
    scene.fact["state"] = "in_review"
    assert scene.failures() == ["CMP-222222 is in_review and waits for nobody"]


@pytest.mark.parametrize("what", ["Copies", "ReplaceItems", "review"])
def test_what_was_done_twice_is_a_failure(scene: Scene, what: str) -> None:
    of = "BU1" if what == "review" else scene.bundle
    scene.standin.ledger.done[what, of] = 2
    (failure,) = scene.failures()
    assert "1" in failure
    assert "too many" in failure


def test_an_item_that_belongs_to_nothing_and_that_nobody_knows_of_is_a_failure(
    scene: Scene,
) -> None:
    state = scene.standin.state
    document = state.documents_of(state.bundles[scene.bundle])[0]
    scene.standin.before.discard(document.sid)
    for sid, assignment in list(state.assignments.items()):
        if assignment.object_sid == document.sid:
            del state.assignments[sid]
    failure = f"{document.sid} belongs to nothing, and nobody knows of it"
    assert failure in scene.failures()
    scene.reported[document.sid] = "unproven"
    assert failure not in scene.failures()


def test_a_renewal_that_was_never_opened_is_a_failure(scene: Scene) -> None:
    scene.standin.due = 2
    assert scene.failures() == ["2 were due and 1 were opened"]
