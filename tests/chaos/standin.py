"""Twilio in this run: a sandbox with many accounts and bundles, troubles by chance, callbacks that
are lost, doubled and late, and a count of everything that was really done.
"""

import dataclasses
import re
from collections import Counter, deque
from datetime import timedelta
from typing import Any

from compliance.sandbox import Sandbox, seed, sids
from compliance.sandbox.faults import parse
from compliance.sandbox.lifecycle import set_deadline
from compliance.sandbox.records import Account, Bundle, Json
from compliance.sandbox.state import State

# Which of the demo's bundles are taken as patterns, and for how many of ten.
PATTERNS = (
    *["acme-de-papers"] * 3,  # a document is missing
    *["lumiere-fr-local"] * 2,  # everything is missing
    *["mia-au-local"] * 2,  # an address is missing
    *["acme-de-local"] * 2,  # a field is missing
    "acme-de-passes",  # nothing is missing
)
# After a 429 an account rests, so many of them keep a long run busy.
FEWEST_ACCOUNTS, BUNDLES_PER_ACCOUNT = 4, 40
REVIEW_SECONDS = 1.0
CALLBACKS = ("normal", "lost", "doubled", "late", "normal", "unsigned")

SURELY_LOST = 2
# Kind, share of all calls, and the rest. One more, a refused connection, comes from the client.
REFUSED = 0.0275
FAULTS: tuple[tuple[str, float, Json], ...] = (
    ("refuse_before", 0.0275, {}),
    ("drop_after", 0.0275, {}),
    ("status", 0.0275, {"status": 500}),
    ("status_after", 0.0275, {"status": 500}),
    ("status", 0.02, {"status": 429, "retry_after": 1}),
    ("status", 0.02, {"status": 429}),
    # The client gives up after two seconds.
    ("late", 0.015, {"seconds": 2.3}),
    ("html", 0.0275, {"status": 200}),
    ("html", 0.0275, {"status": 503}),
    ("truncate", 0.0275, {}),
    ("latency", 0.0275, {"seconds": 0.5}),
    ("content_type", 0.0275, {}),
)

_DONE = re.compile(r"/Bundles/(BU\w{32})(?:/(Copies|ReplaceItems))?$")


class Ledger(deque[Json]):
    """The sandbox's log of requests, but a request that has come to its end long ago is counted
    and forgotten, so that it does not grow with the run."""

    KEPT = 2000

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.faults: Counter[str] = Counter()
        # Done at Twilio, whether anybody heard of it or not: (what, SID of the bundle).
        self.done: Counter[tuple[str, str]] = Counter()

    def append(self, entry: Json) -> None:
        super().append(entry)
        while len(self) > self.KEPT:
            self._count(self.popleft())

    def close(self) -> None:
        while self:
            self._count(self.popleft())

    def _count(self, entry: Json) -> None:
        self.calls += 1
        if entry["fault"]:
            self.faults[entry["fault"]] += 1
        place = _DONE.search(entry["path"])
        if entry["method"] != "POST" or place is None or not was_done(entry):
            return
        if place[2]:
            self.done[place[2], place[1]] += 1
        elif entry["fields"].get("Status") == ["pending-review"]:
            self.done["review", place[1]] += 1


def was_done(entry: Json) -> bool:
    if entry["code"] is not None or entry["fault"] == "html":
        return False
    return entry["status"] in (200, 201) or entry["fault"] in ("drop_after", "status_after")


class Standin:
    """A sandbox with ``renewals`` bundles, none of which has a date yet."""

    def __init__(
        self,
        renewals: int,
        *,
        patterns: tuple[str, ...] = PATTERNS,
        accounts: int | None = None,
    ) -> None:
        self.sandbox = Sandbox(auto_review_seconds=REVIEW_SECONDS)
        self.state: State = self.sandbox.state
        self.ledger = Ledger()
        self.state.requests = self.ledger
        for bundle in self.state.bundles.values():
            bundle.valid_until = None
        accounts = accounts or max(FEWEST_ACCOUNTS, renewals // BUNDLES_PER_ACCOUNT)
        self.accounts = [self._account(number) for number in range(accounts)]
        self.bundles = [
            self.add(number, self.state.bundles[seed.BUNDLES[patterns[number % len(patterns)]]])
            for number in range(renewals)
        ]
        for key in seed.BUNDLES.values():
            del self.state.bundles[key]
        for sid, assignment in list(self.state.assignments.items()):
            if assignment.bundle_sid not in self.state.bundles:
                del self.state.assignments[sid]
        self.state.numbers.clear()
        # Of the patterns, which belong to nobody now.
        self.before = {*self.state.end_users, *self.state.documents, *self.state.addresses}
        self.due = 0

    def _account(self, number: int) -> str:
        sid = sids.fixed("AC", f"chaos {number}")
        main = self.state.accounts[seed.ACCOUNT_SID]
        self.state.accounts[sid] = Account(
            sid, f"Chaos {number}", sids.fixed("", f"chaos {number}"), main.sid,
            main.date_created, main.date_updated,
        )  # fmt: skip
        return sid

    def add(self, number: int, original: Bundle, *, addresses: bool = True) -> str:
        """Another one like it, with items of its own, and addresses if wanted; its SID."""
        state, account = self.state, self.accounts[number % len(self.accounts)]
        bundle = dataclasses.replace(
            original,
            sid=sids.fixed("BU", f"chaos {number}"),
            account_sid=account,
            friendly_name=f"Chaos {number}",
        )
        state.bundles[bundle.sid] = bundle
        for place, old in enumerate(state.assignments_of(original)):
            kind = old.object_sid[:2]
            table: dict[str, Any] = {"IT": state.end_users, "RD": state.documents}[kind]
            item = dataclasses.replace(
                table[old.object_sid],
                sid=sids.fixed(kind, f"chaos {number} {place}"),
                account_sid=account,
                attributes=dict(table[old.object_sid].attributes),
            )
            if addresses and (held := item.attributes.get("address_sids")):
                item.attributes["address_sids"] = [
                    self._address(sid, number, account) for sid in held
                ]
            table[item.sid] = item
            new = dataclasses.replace(
                old,
                sid=sids.fixed("BV", f"chaos {number} {place}"),
                bundle_sid=bundle.sid,
                account_sid=account,
                object_sid=item.sid,
            )
            state.assignments[new.sid] = new
        return bundle.sid

    def _address(self, sid: str, number: int, account: str) -> str:
        new = dataclasses.replace(
            self.state.addresses[sid],
            sid=sids.fixed("AD", f"chaos {number} {sid}"),
            account_sid=account,
        )
        self.state.addresses[new.sid] = new
        return new.sid

    # --- What happens -------------------------------------------------------------------------

    def trouble(self, share: float) -> None:
        """From now on, that share of all calls (0.3 for all of the list) runs into a fault. The
        first answers to what makes something are lost for sure: they tell who looks first.
        """
        for path in ("/Copies$", "numbers-upload.*/SupportingDocuments$"):
            lost = {"kind": "drop_after", "method": "POST", "path": path, "times": SURELY_LOST}
            self.state.faults.append(parse(lost))
        left = 1.0
        for kind, part, more in FAULTS:
            part *= share / 0.3
            self.state.faults.append(parse({"kind": kind, "share": part / left, **more}))
            left -= part

    def calm(self) -> None:
        with self.state.lock:
            self.state.faults.clear()
            self.state.callbacks.mode = "normal"

    def call_back(self, turn: int) -> None:
        with self.state.lock:
            self.state.callbacks.mode = CALLBACKS[turn % len(CALLBACKS)]
            self.state.callbacks.seconds = 2.0

    def demand(self, count: int) -> None:
        """So many more bundles get a date by which they are to be renewed."""
        with self.state.lock:
            until = self.state.clock.now() + timedelta(days=30)
            for sid in self.bundles[self.due : self.due + max(count, 0)]:
                set_deadline(self.state, self.state.bundles[sid], until)
            self.due = min(self.due + max(count, 0), len(self.bundles))

    def demand_no_more(self) -> None:
        del self.bundles[self.due :]
