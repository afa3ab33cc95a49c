"""P11: callbacks taken in by one web process: how many a second, how long each waits, none lost."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tests.bench import load, running
from tests.bench.figures import Figure, counted
from tests.bench.row import NONE, Bench, Row
from tests.patience import until
from tests.signing import signature

PATTERN = ("acme-de-papers",)
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Size:
    renewals: int
    callbacks: int
    at_a_time: int


def run(bench: Bench, size: Size) -> Iterator[Figure]:
    rates: list[float] = []
    slowest: list[float] = []
    cpu: list[float] = []
    with (
        running.standing_in(size.renewals, patterns=PATTERN) as standin,
        running.running(bench, standin, WEB_PROCESSES="1") as portal,
    ):
        standin.demand(size.renewals)
        until(lambda: len(running.people(portal, "callbacks")) == size.renewals)
        addresses = running.people(portal, "callbacks")
        # What follows from a callback is the worker's, and measured elsewhere.
        running.employ(portal, 0)
        account = standin.state.accounts[standin.accounts[0]]
        for turn in range(bench.rounds):
            calls = [
                callback(addresses[n % size.renewals], f"{turn}-{n}", account.auth_token)
                for n in range(size.callbacks)
            ]
            before, used = running.people(portal, "events"), running.cpu_seconds(portal, "web")
            answers = load.send(calls, at_a_time=size.at_a_time)
            assert Counter(answers.statuses) == {204: size.callbacks}, Counter(answers.statuses)
            kept = running.people(portal, "events") - before
            assert kept == size.callbacks, f"{kept} of {size.callbacks} are on record"
            cpu.append((running.cpu_seconds(portal, "web") - used) / size.callbacks)
            rates.append(answers.per_second)
            slowest.append(answers.percentile(0.99))
            bench.say(f"{rates[-1]:.0f} a second, p99 {1000 * slowest[-1]:.0f} ms")
    middle = len(rates) // 2
    yield counted(
        "callbacks a second, one web process",
        sorted(rates)[middle],
        unit="/s",
        at_least=300,
        note="every one of them is on record",
        raw={"ours": rates},
    )
    yield counted(
        "p99 of their answers",
        sorted(slowest)[middle],
        unit="s",
        at_most=0.1,
        raw={"ours": slowest},
    )
    yield counted("CPU of the web for one", sorted(cpu)[middle], unit="s", raw={"ours": cpu})


def callback(address: str, mark: str, secret: str) -> load.Request:
    said = {"Status": "in-review", "FailureReason": mark}
    parts = urlsplit(address)
    signed = signature(parts.path, said, secret=secret, host=f"{parts.scheme}://{parts.netloc}")
    headers = {"Content-Type": FORM, "X-Twilio-Signature": signed}
    return load.Request("POST", address, urlencode(said), headers)


ROW = Row(
    name="P11",
    title="callbacks",
    run=run,
    full=Size(renewals=40, callbacks=2000, at_a_time=4),
    smoke=Size(renewals=1, callbacks=4, at_a_time=2),
    databases=NONE,
)
