"""Everything that the sandbox remembers, in tables by SID, with its file.

One lock guards it. Whoever holds the lock neither sleeps nor speaks over the network.
"""

import json
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from compliance.sandbox import switches
from compliance.sandbox.blobs import Blobs
from compliance.sandbox.clock import Clock
from compliance.sandbox.records import (
    Account,
    Address,
    ApiKey,
    Assignment,
    Bundle,
    CallbackSettings,
    Delivery,
    Document,
    EndUser,
    Evaluation,
    Fault,
    Json,
    Number,
    Regulation,
    ReviewSettings,
    from_json,
    to_json,
)

TABLES: dict[str, type[Any]] = {
    "accounts": Account,
    "api_keys": ApiKey,
    "regulations": Regulation,
    "bundles": Bundle,
    "end_users": EndUser,
    "documents": Document,
    "assignments": Assignment,
    "evaluations": Evaluation,
    "addresses": Address,
    "numbers": Number,
}


class State:
    accounts: dict[str, Account]
    api_keys: dict[str, ApiKey]
    regulations: dict[str, Regulation]
    bundles: dict[str, Bundle]
    end_users: dict[str, EndUser]
    documents: dict[str, Document]
    assignments: dict[str, Assignment]
    evaluations: dict[str, Evaluation]
    addresses: dict[str, Address]
    numbers: dict[str, Number]

    def __init__(self, path: Path | None, review: ReviewSettings) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.blobs = Blobs(path.with_name(path.name + ".files") if path else None)
        self._review = review
        self._set_up()

    def _set_up(self) -> None:
        for name in TABLES:
            setattr(self, name, {})
        self.clock = Clock()
        self.switches = switches.defaults()
        self.faults: list[Fault] = []
        # Set when those whom a fault makes wait shall do so no longer.
        self.released = threading.Event()
        self.callbacks = CallbackSettings()
        self.review = ReviewSettings(self._review.seconds, self._review.verdict)
        self.outbox: list[Delivery] = []
        # The three logs below are for people and tests; they do not outlive the process.
        self.messages: deque[Json] = deque(maxlen=200)
        self.deliveries: deque[Json] = deque(maxlen=200)
        self.requests: deque[Json] = deque(maxlen=500)

    def clear(self) -> None:
        self._set_up()
        self.blobs.clear()

    # Switches

    def flag(self, name: str) -> bool:
        return bool(self.switches[name])

    def number(self, name: str) -> int:
        return int(self.switches[name])

    def choice(self, name: str) -> str:
        return str(self.switches[name])

    # Questions that several rooms ask

    def assignments_of(self, bundle: Bundle) -> list[Assignment]:
        return [a for a in self.assignments.values() if a.bundle_sid == bundle.sid]

    def end_users_of(self, bundle: Bundle) -> list[EndUser]:
        sids = [a.object_sid for a in self.assignments_of(bundle)]
        return [self.end_users[sid] for sid in sids if sid in self.end_users]

    def documents_of(self, bundle: Bundle) -> list[Document]:
        sids = [a.object_sid for a in self.assignments_of(bundle)]
        return [self.documents[sid] for sid in sids if sid in self.documents]

    def addresses_of(self, bundle: Bundle) -> set[str]:
        return {sid for document in self.documents_of(bundle) for sid in document.addresses()}

    def numbers_of(self, bundle: Bundle) -> list[Number]:
        return [n for n in self.numbers.values() if n.bundle_sid == bundle.sid]

    def bundles_with(self, item_sid: str) -> Iterator[Bundle]:
        for assignment in self.assignments.values():
            if assignment.object_sid == item_sid:
                yield self.bundles[assignment.bundle_sid]

    def drop_unused_files(self) -> None:
        self.blobs.keep_only({d.file for d in self.documents.values() if d.file})

    # The file

    def save(self) -> None:
        """Write everything, so that a reader sees the old file or the new one, never half."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(self.path.name + ".partial")
        partial.write_text(json.dumps(self._dump()), encoding="utf-8")
        partial.replace(self.path)

    def load(self) -> bool:
        """Read the file; False if there is none. Raises ValueError if it is not ours."""
        if self.path is None or not self.path.exists():
            return False
        try:
            values = json.loads(self.path.read_text(encoding="utf-8"))
            self._restore(values)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{self.path} does not hold a sandbox's state: {error}") from error
        return True

    def _dump(self) -> Json:
        values: Json = {
            name: [to_json(row) for row in getattr(self, name).values()] for name in TABLES
        }
        values["clock"] = to_json(self.clock)
        values["switches"] = self.switches
        values["faults"] = [to_json(fault) for fault in self.faults]
        values["callbacks"] = to_json(self.callbacks)
        values["review"] = to_json(self.review)
        values["outbox"] = [to_json(delivery) for delivery in self.outbox]
        return values

    def _restore(self, values: Json) -> None:
        self._set_up()
        for name, kind in TABLES.items():
            rows = [from_json(kind, row) for row in values[name]]
            setattr(self, name, {row.sid: row for row in rows})
        self.clock = from_json(Clock, values["clock"])
        # A file from before a switch existed, or with one that is gone, still opens.
        self.switches |= {k: v for k, v in values["switches"].items() if k in self.switches}
        self.faults = [from_json(Fault, fault) for fault in values["faults"]]
        self.callbacks = from_json(CallbackSettings, values["callbacks"])
        # The seconds are said anew at each start, on the command line.
        self.review.verdict = from_json(ReviewSettings, values["review"]).verdict
        self.outbox = [from_json(Delivery, delivery) for delivery in values["outbox"]]
