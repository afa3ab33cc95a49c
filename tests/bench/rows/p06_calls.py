"""P6: the calls to Twilio of one whole renewal, one by one, beside those that can't be spared.

The renewal of a bundle that holds an End-User and a document, and lacks another document: it is
found, the customer uploads a file, sends it, and the reviewer approves.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.test import override_settings

from compliance.gateway.transport import operation
from compliance.models import Renewal
from compliance.sandbox import Sandbox, seed
from tests.bench.answers import assert_same
from tests.bench.figures import Figure, counted
from tests.bench.row import Bench, Row
from tests.world import World

KEY = "acme-de-papers"
ORIGINAL, COPY, ITEM = "original", "copy", ""

# What is called, on what, and why; for what could be spared, at what price it is not.
CALLS = (
    ("GET Bundles/*", ORIGINAL, "extra: it may have been renewed at the Console since the sync"),
    ("GET Bundles/*/Copies", ORIGINAL, "extra: a restored backup knows nothing of its copy"),
    ("POST Bundles/*/Copies", ORIGINAL, "the copy"),
    ("GET Bundles/*/ItemAssignments", COPY, "what it holds"),
    ("GET EndUsers/*", ITEM, "what the customer is shown, and may keep"),
    ("GET SupportingDocuments/*", ITEM, "likewise"),
    ("GET Accounts/*/Addresses/*", ITEM, "likewise"),
    ("POST Bundles/*/Evaluations", COPY, "what is missing"),
    ("GET Bundles/*", COPY, "extra: somebody may have sent it at the Console meanwhile"),
    ("POST SupportingDocuments", ITEM, "the customer's document"),
    ("POST Bundles/*/ItemAssignments", COPY, "its place in the copy"),
    ("GET Bundles/*/ItemAssignments", COPY, "extra: days have passed since it was read"),
    ("GET EndUsers/*", ITEM, "extra: likewise"),
    ("GET SupportingDocuments/*", ITEM, "extra: likewise"),
    ("POST Bundles/*/Evaluations", COPY, "whether that was all"),
    ("POST Bundles/*", COPY, "where to call back, which may not travel with the status"),
    ("POST Bundles/*", COPY, "to the reviewer"),
    ("GET Bundles/*", COPY, "the reviewer's decision; a callback is never believed"),
    ("GET Bundles/*", ORIGINAL, "extra: somebody else's replacement must not be replaced"),
    ("GET Bundles/*/ItemAssignments", ORIGINAL, "what will be left over"),
    ("GET Bundles/*/ItemAssignments", COPY, "extra: tells after a crash whether it has happened"),
    ("POST Bundles/*/ReplaceItems", ORIGINAL, "the renewal itself"),
    ("GET Bundles/*", ORIGINAL, "whether the date is gone"),
    ("GET Bundles/*/Copies", ORIGINAL, "extra: a copy that a crash has doubled goes as well"),
    ("DELETE Bundles/*", COPY, "the copy, which is empty now"),
    ("DELETE EndUsers/*", ITEM, "what the bundle held before"),
    ("DELETE SupportingDocuments/*", ITEM, "likewise"),
)


@dataclass(frozen=True)
class Size:
    """There is one renewal to look at, however often it is looked at."""


def run(bench: Bench, _size: Size) -> Iterator[Figure]:
    sandbox = Sandbox()
    sandbox.start()
    try:
        with override_settings(TWILIO_BASE_URL=sandbox.base_url):
            made = calls_of_a_renewal(World(sandbox))
    finally:
        sandbox.stop()
    assert_same("\n".join(made), "\n".join(f"{call} {on}".strip() for call, on, _why in CALLS))
    needed = [why for _call, _on, why in CALLS if not why.startswith("extra")]
    for number, (call, on, why) in enumerate(CALLS, start=1):
        bench.say(f"{number:3}  {call:34}{on:10}{why}")
    yield counted(
        "calls of a whole renewal, with one upload",
        len(made),
        floor=len(needed),
        unit="calls",
        at_most=len(needed) + 2,
        note="each call above the least looks before it acts: it is printed with its reason",
    )


def calls_of_a_renewal(world: World) -> list[str]:
    """Each as "method path of what", in order."""
    world.people()
    world.sync()
    # So far lists were read, once for all renewals.
    world.control_delete("requests")
    world.work(KEY)
    world.answer_all(KEY)
    world.send(KEY)
    copy_sid = world.renewal(KEY).copy_sid
    world.control(f"bundles/{copy_sid}/approve")
    assert world.look(KEY).state == Renewal.State.COMPLETED
    return calls(world)


def calls(world: World) -> list[str]:
    copy_sid = world.renewal(KEY).copy_sid
    on = {seed.BUNDLES[KEY]: ORIGINAL, copy_sid: COPY}
    return [
        " ".join(
            [
                operation(entry["method"], f"https://{entry['host']}{entry['path']}"),
                *(name for sid, name in on.items() if sid in entry["path"]),
            ]
        )
        for entry in world.requests()
    ]


ROW = Row(
    name="P6",
    title="the calls of one renewal",
    run=run,
    full=Size(),
    smoke=Size(),
    databases=("sqlite",),
)
