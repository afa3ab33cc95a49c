"""The end of a run: what the stand-in did and holds, against what the portal has on record and what
the people saved."""

import io
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import pikepdf

from compliance.sandbox.state import State
from tests.chaos.people import marker_of
from tests.chaos.points import noted
from tests.chaos.standin import Standin

# Of one renewal each, from ``people.facts``.
Facts = list[dict[str, Any]]
ENDED = ("completed", "cancelled")


@dataclass(kw_only=True)
class Verdict:
    """The figures of a run; ``failures`` are sentences, and empty if the product held."""

    run: dict[str, Any]
    seconds: float
    renewals: int
    completed: int
    waiting: dict[str, int]
    helped: dict[str, int]
    calls: int
    faults: dict[str, int]
    kills: dict[str, int]
    kills_by_role: dict[str, int]
    duplicates: dict[str, int] = field(default_factory=dict)
    strays: dict[str, int] = field(default_factory=dict)
    stray_names: list[str] = field(default_factory=list)
    saved: int = 0
    files: int = 0
    pages: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    resumed: int = 0
    resume_median: float = 0.0
    resume_max: float = 0.0
    failures: list[str] = field(default_factory=list)
    # What is on record of those that failed or left something behind: kinds of events.
    evidence: dict[str, list[str]] = field(default_factory=dict)


def judge(
    options: Any, standin: Standin, record: dict[str, Any], folder: Path, *, seconds: float
) -> Verdict:
    """:param record: what ``people.facts`` says."""
    facts: Facts = record["renewals"]
    standin.ledger.close()
    kills, resumed = noted(folder, "kills"), noted(folder, "resumed")
    times = [each["seconds"] for each in resumed] or [0.0]
    open_ones = [fact for fact in facts if fact["state"] not in ENDED]
    verdict = Verdict(
        run=asdict(options),
        seconds=round(seconds, 1),
        renewals=len(facts),
        completed=sum(fact["state"] == "completed" for fact in facts),
        waiting=dict(Counter(fact["trouble"] for fact in open_ones)),
        helped=dict(Counter(each["reason"] for each in noted(folder, "support"))),
        calls=standin.ledger.calls,
        faults={**standin.ledger.faults, "refused": len(noted(folder, "refused"))},
        kills=dict(sorted(Counter(f"{kill['role']}: {kill['point']}" for kill in kills).items())),
        kills_by_role=dict(Counter(kill["role"] for kill in kills)),
        pages=dict(Counter(each["outcome"] for each in noted(folder, "pages"))),
        resumed=len(resumed),
        resume_median=round(median(times), 2),
        resume_max=round(max(times), 2),
    )
    if len(facts) != standin.due:
        verdict.failures.append(f"{standin.due} were due and {len(facts)} were opened")
    for fact in facts:
        if fact["state"] != "completed" and not fact["trouble"]:
            verdict.failures.append(f"{fact['reference']} is {fact['state']} and waits for nobody")
    _duplicates(verdict, standin, facts)
    _strays(verdict, standin, {fact["reference"] for fact in open_ones}, record["reported"])
    _losses(verdict, standin.state, facts, folder)
    named = " ".join((*verdict.failures, *verdict.stray_names))
    verdict.evidence = {
        fact["reference"]: fact["events"] for fact in facts if fact["reference"] in named
    }
    return verdict


def _duplicates(verdict: Verdict, standin: Standin, facts: Facts) -> None:
    """One copy and one replacement for each renewal, and a submission for each time it was sent."""
    found = Counter[str]()
    for fact in facts:
        done = standin.ledger.done
        counts = {
            "copies": done["Copies", fact["bundle"]] - 1,
            "replacements": done["ReplaceItems", fact["bundle"]] - 1,
            "submissions": done["review", fact["copy"]] - fact["events"].count("sent"),
        }
        for what, more in counts.items():
            found[what] += max(more, 0)
            if more > 0:
                verdict.failures.append(f"{fact['reference']}: {more} {what} too many")
        original = standin.state.bundles[fact["bundle"]]
        if fact["state"] == "completed" and original.valid_until is not None:
            verdict.failures.append(f"{fact['reference']} is completed, and its date still there")
    verdict.duplicates = dict(found)


def _strays(
    verdict: Verdict, standin: Standin, waiting: set[str], reported: dict[str, str]
) -> None:
    """What belongs to nothing after the reconcile, and is not reported to support either."""
    state = standin.state
    held = {assignment.object_sid for assignment in state.assignments.values()}
    in_use = {sid for document in state.documents.values() for sid in document.addresses()}
    left: list[tuple[str, str, str]] = [
        ("copies", bundle.sid, bundle.friendly_name)
        for bundle in state.bundles.values()
        if bundle.copy_of is not None
    ]
    for kind, table, used in (
        ("End-Users", state.end_users, held),
        ("documents", state.documents, held),
        ("addresses", state.addresses, in_use),
    ):
        rows: dict[str, Any] = table  # type: ignore[assignment]
        left += [
            (kind, sid, row.friendly_name or "")
            for sid, row in rows.items()
            if sid not in used and sid not in standin.before
        ]
    found = Counter[str]()
    for kind, sid, name in left:
        if any(reference in name for reference in waiting):
            continue
        verdict.stray_names.append(f"{sid} {name}")
        found[f"{kind}, {reported.get(sid, 'unknown')}"] += 1
        if sid not in reported:
            verdict.failures.append(f"{sid} belongs to nothing, and nobody knows of it")
    verdict.strays = dict(found)


def _losses(verdict: Verdict, state: State, facts: Facts, folder: Path) -> None:
    """What somebody was told is saved is on record; every byte and value that was saved last is on
    the original bundle."""
    saved = {(each["reference"], each["task"]): each for each in noted(folder, "saved")}
    on_pages = [each for each in noted(folder, "pages") if each["outcome"] == "saved"]
    verdict.saved = len({*saved, *((each["reference"], each["task"]) for each in on_pages)})
    versions = {
        (fact["reference"], answer["task"]): answer["version"]
        for fact in facts
        for answer in fact["answers"]
    }
    for each in [*saved.values(), *on_pages]:
        if versions.get((each["reference"], each["task"]), 0) < each["version"]:
            verdict.lost += 1
            what = f"version {each['version']} was saved and is not there"
            verdict.failures.append(f"{each['reference']} {each['task']}: {what}")
    for fact in facts:
        if fact["state"] != "completed":
            continue
        bundle = state.bundles[fact["bundle"]]
        hashes = {document.file for document in state.documents_of(bundle)}
        values = {
            str(value)
            for item in (*state.end_users_of(bundle), *state.documents_of(bundle))
            for value in item.attributes.values()
        }
        for answer in fact["answers"]:
            where = f"{fact['reference']} {answer['task']}"
            said = saved.get((fact["reference"], answer["task"]))
            lost = []
            if said is not None and said["version"] == answer["version"]:
                lost = [name for name, value in said["values"].items() if value not in values]
            if answer["sha256"]:
                verdict.files += 1
                marker = marker_of(fact["reference"], answer["task"], answer["version"])
                if answer["sha256"] not in hashes or not _says(state, answer["sha256"], marker):
                    lost.append("the file")
            if answer["state"] == "waiting":
                lost.append("the answer")
            if lost:
                verdict.lost += len(lost)
                verdict.failures.append(f"{where}: {', '.join(lost)} did not arrive")


def _says(state: State, sha256: str, marker: str) -> bool:
    content = state.blobs.get(sha256) or b""
    with pikepdf.open(io.BytesIO(content)) as document:
        return marker.encode() in document.pages[0].Contents.read_bytes()
