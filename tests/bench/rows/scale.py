"""Everything at once: a thousand customers with a hundred thousand bundles, thousands of open
renewals, two workers, and a day of the reviewer's decisions in minutes. Pages, polls, sweeps and
memory are measured all the while; each figure has its course over time.
"""

import dataclasses
import http.client
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from compliance.sandbox.lifecycle import approve
from tests.bench import running
from tests.bench.crowd import COPIES, bundle_sid
from tests.bench.figures import Figure, counted
from tests.bench.row import NONE, Bench, Row
from tests.chaos.standin import Standin
from tests.patience import PATIENCE
from tests.serving import Portal, kill

PATTERN = "acme-de-papers"
# Sent twice, or much too late: what a day brings.
CALLBACKS = ("normal", "doubled", "late", "normal")
TURN = 1.0
MB = 1024 * 1024
Series = dict[str, list[float]]


@dataclass(frozen=True)
class Size:
    """:param with_reviewer: of the open ones; the others have just been found.
    :param decided: of those, in so many ``seconds``."""

    customers: int
    bundles: int
    open: int
    with_reviewer: int
    decided: int
    seconds: float
    latency: float


def run(bench: Bench, size: Size) -> Iterator[Figure]:
    with (
        running.standing_in(size.open, patterns=(PATTERN,)) as standin,
        running.running(bench, standin, set_up=False, WEB_PROCESSES="2") as portal,
    ):
        running.employ(portal, 0)
        kill(portal.processes.pop("timetable"))
        began = time.monotonic()
        first_sync = prepare(bench, size, standin, portal)
        bench.say(f"prepared in {time.monotonic() - began:.0f} s; the sync took {first_sync:.1f} s")
        yield counted(
            f"sync, {size.open} of {size.bundles} bundles get a date", first_sync, unit="s"
        )
        running.slow(standin, size.latency)
        running.employ(portal, 2, each=2)
        portal.start_timetable()
        seen = live(bench, size, standin, portal)
        last_sync = running.people(portal, "sync", module="tests.bench.crowd")
    yield counted("sync, next to nothing changed", last_sync, unit="s")
    yield from figures(size, seen)


# --- Before ---------------------------------------------------------------------------------------


def prepare(bench: Bench, size: Size, standin: Standin, portal: Portal) -> float:
    """Seconds of the sync that finds what is to be renewed."""
    state = standin.state
    # The decisions of this day are made below.
    state.review.seconds = None
    pattern = state.bundles[standin.bundles[0]]
    for number in range(size.open, size.bundles):
        sid = bundle_sid(number)
        # Nobody has touched them all in one second.
        touched = pattern.date_updated - timedelta(seconds=number)
        state.bundles[sid] = dataclasses.replace(
            pattern, sid=sid, friendly_name=f"Chaos {number}", date_updated=touched
        )
    within(portal, "fill", size.customers, size.bundles, size.open)
    standin.demand(size.open)
    took = float(within(portal, "sync"))
    for number, (tag, address) in enumerate(within(portal, "hand-over", size.with_reviewer)):
        original = state.bundles[bundle_sid(number)]
        copy = state.bundles[standin.add(COPIES + number, original, addresses=False)]
        copy.copy_of, copy.valid_until = bundle_sid(number), None
        copy.friendly_name, copy.status_callback = f"Chaos {number} {tag}", address
        copy.status = "pending-review"
        copy.submitted_at = copy.date_updated = state.clock.now() - timedelta(seconds=number)
        copy.digest = state.regulations[copy.regulation_sid].digest()
    return took


def within(portal: Portal, what: str, *arguments: int) -> Any:
    return running.people(portal, what, *map(str, arguments), module="tests.bench.crowd")


# --- A day ----------------------------------------------------------------------------------------


def live(bench: Bench, size: Size, standin: Standin, portal: Portal) -> dict[str, Series]:
    """What was seen over time, by name."""
    seen: dict[str, Series] = defaultdict(lambda: {"t": [], "y": []})
    file, over = bench.folder / "probe.jsonl", bench.folder / "over"
    visit = within(portal, "visit")
    portal._start("probe", "tests.bench.crowd", "probe", str(file), str(over))
    began, decided = time.monotonic(), 0
    while (now := time.monotonic() - began) < size.seconds + PATIENCE and not at_rest(size, file):
        decided = decide(
            standin, min(size.decided, int(size.decided * now / size.seconds)), decided
        )
        for name, value in (pages(portal, visit) | memory(portal)).items():
            note(seen, name, now, value)
        note(seen, "calls to Twilio", now, running.calls(standin))
        time.sleep(TURN)
    over.touch()
    assert portal.processes.pop("probe").wait(PATIENCE) == 0, portal.log("probe")
    for line in probed(file):
        at = line.pop("t")
        for name, value in line.items():
            note(seen, name, at, value)
    return seen


def decide(standin: Standin, number: int, so_far: int) -> int:
    """The reviewer has approved so many by now; the number of them."""
    with standin.state.lock:
        for place in range(so_far, number):
            standin.state.callbacks.mode = CALLBACKS[place % len(CALLBACKS)]
            approve(standin.state, standin.state.bundles[bundle_sid(COPIES + place)])
    return max(number, so_far)


def at_rest(size: Size, file: Path) -> bool:
    lines = probed(file)
    return bool(lines) and lines[-1]["open"] <= size.open - size.decided and not lines[-1]["due"]


def probed(file: Path) -> list[dict[str, float]]:
    if not file.exists():
        return []
    whole = file.read_text(encoding="utf-8").rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def note(seen: dict[str, Series], name: str, at: float, value: float) -> None:
    seen[name]["t"].append(round(at, 1))
    seen[name]["y"].append(value)


def pages(portal: Portal, visit: dict[str, str]) -> dict[str, float]:
    """Seconds of each, asked for once."""
    asked = {
        "home": ("customer", "/"),
        "registration": ("customer", visit["registration"]),
        "admin, queue": ("staff", "/admin/compliance/renewal/"),
        "admin, dashboard": ("staff", "/admin/"),
    }
    return {name: page(portal, path, session=visit[whose]) for name, (whose, path) in asked.items()}


def page(portal: Portal, path: str, *, session: str) -> float:
    headers = {"Host": f"localhost:{portal.port}", "Cookie": f"session={session}"}
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=PATIENCE)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200, f"{path}: {answer.status}"
    return time.perf_counter() - began


def memory(portal: Portal) -> dict[str, float]:
    """Megabytes of the largest process of each kind."""
    return {
        f"memory, {kind}": max(map(resident, running.family(portal, kind)))
        for kind in ("web", "worker")
    }


def resident(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/statm").read_text()
    except OSError:
        return 0.0
    return int(status.split()[1]) * 4096 / MB


# --- Afterwards -----------------------------------------------------------------------------------

UNITS = {
    **dict.fromkeys(
        ("home", "registration", "admin, queue", "admin, dashboard", "poll", "sweep"), "s"
    ),
    **dict.fromkeys(("memory, web", "memory, worker"), "MB"),
}


def figures(size: Size, seen: dict[str, Series]) -> Iterator[Figure]:
    for name, unit in UNITS.items():
        values = seen[name]["y"]
        value = max(values) if unit == "MB" else median(values)
        worst = f"highest {max(values):.3f} {unit} of {len(values)}"
        yield counted(name, value, unit=unit, note=worst, raw=seen[name])
    for name in ("due", "open", "in review", "trouble", "callbacks", "calls to Twilio"):
        yield counted(f"{name}, at the end", seen[name]["y"][-1], unit="", raw=seen[name])
    ended = size.open - seen["open"]["y"][-1]
    yield counted("decided and completed", ended, unit="", floor=size.decided)


ROW = Row(
    name="SCALE",
    title="everything at once",
    run=run,
    full=Size(
        customers=1000,
        bundles=100_000,
        open=5000,
        with_reviewer=4700,
        decided=400,
        seconds=300,
        latency=0.05,
    ),
    smoke=Size(customers=2, bundles=8, open=4, with_reviewer=3, decided=2, seconds=1, latency=0.0),
    databases=NONE,
)
