"""What the control API and the page can do to the state, with checked input."""

from collections.abc import Sequence
from datetime import datetime

from compliance.sandbox import faults, lifecycle
from compliance.sandbox.clock import iso, parse_iso
from compliance.sandbox.records import WAITING, Bundle, Json, Regulation
from compliance.sandbox.state import State
from compliance.sandbox.switches import SWITCHES

MODES = ("normal", "lost", "doubled", "late", "unsigned")
VERDICTS = ("careful", "approve", "hold")


class Mistake(Exception):
    """What was asked cannot be done, in a sentence."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def find_bundle(state: State, sid: str) -> Bundle:
    if sid not in state.bundles:
        raise Mistake(f"There is no bundle {sid}.", 404)
    return state.bundles[sid]


def act_on_bundle(state: State, sid: str, verb: str, values: Json) -> None:
    """approve, provisional, reject, in-review, hold, release, deadline."""
    bundle = find_bundle(state, sid)
    try:
        match verb:
            case "approve":
                lifecycle.approve(state, bundle)
            case "provisional":
                lifecycle.approve(state, bundle, provisionally=True)
            case "reject":
                reason, documents = str(values.get("reason") or ""), values.get("documents") or []
                lifecycle.reject(state, bundle, reason=reason, documents=_verdicts(documents))
            case "in-review":
                # A person has it before them now; the automatic reviewer keeps off.
                lifecycle.take_into_review(state, bundle)
                bundle.held = True
            case "hold":
                bundle.held = True
            case "release":
                bundle.held = False
            case "deadline":
                lifecycle.set_deadline(state, bundle, _moment(values.get("valid_until")))
            case _:
                raise Mistake(f"A bundle cannot be told to {verb}.", 404)
    except lifecycle.NotNow as error:
        raise Mistake(str(error), 409) from None
    if bundle.status not in WAITING and verb != "hold":
        bundle.held = False


def enact(state: State, sid: str, values: Json) -> Json:
    """New requirements on the same SID, and a date for its approved bundles."""
    regulation = _find_regulation(state, sid)
    requirements = values.get("requirements")
    if requirements is not None:
        _check_requirements(requirements)
    touched = lifecycle.enact(state, regulation, requirements, _number(values, "days"))
    return {
        "regulation": regulation.sid,
        "bundles": {bundle.sid: iso(bundle.valid_until) for bundle in touched},
    }


def retire(state: State, sid: str) -> Json:
    """The regulation can no longer be fetched; bundles that point to it stay."""
    regulation = _find_regulation(state, sid)
    regulation.retired = True
    return {"regulation": regulation.sid, "retired": True}


def set_clock(state: State, values: Json) -> None:
    if values.get("real"):
        state.clock.follow_real_time()
    elif "freeze" in values:
        moment = _moment(values["freeze"])
        state.clock.freeze(moment if moment is not None else state.clock.now())
    elif (seconds := _number(values, "advance_seconds")) is not None:
        state.clock.advance(seconds)
    else:
        raise Mistake("Send advance_seconds, freeze or real.")


def set_switches(state: State, values: Json) -> None:
    for name, value in values.items():
        if name not in SWITCHES:
            raise Mistake(f"There is no switch {name}.")
        try:
            state.switches[name] = SWITCHES[name].parse(value)
        except ValueError as error:
            raise Mistake(f"{name} {error}.") from None


def add_fault(state: State, values: Json) -> None:
    try:
        state.faults.append(faults.parse(values))
    except ValueError as error:
        raise Mistake(f"{error}.") from None


def set_callbacks(state: State, values: Json) -> None:
    allowed = {"mode": MODES, "format": ("form", "json"), "method": ("POST", "GET")}
    for name, choices in allowed.items():
        if name in values:
            if values[name] not in choices:
                raise Mistake(f"{name} must be one of {', '.join(choices)}.")
            setattr(state.callbacks, name, values[name])
    if "seconds" in values:
        state.callbacks.seconds = _number(values, "seconds") or 0.0


def set_review(state: State, values: Json) -> None:
    if "verdict" in values:
        if values["verdict"] not in VERDICTS:
            raise Mistake(f"verdict must be one of {', '.join(VERDICTS)}.")
        state.review.verdict = values["verdict"]
    if "seconds" in values:
        state.review.seconds = _number(values, "seconds")


def _find_regulation(state: State, sid: str) -> Regulation:
    if sid not in state.regulations:
        raise Mistake(f"There is no regulation {sid}.", 404)
    return state.regulations[sid]


def _verdicts(values: object) -> Sequence[lifecycle.Verdict]:
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise Mistake("documents must be a list of objects with sid, code and reason.")
    verdicts = []
    for value in values:
        code = _number(value, "code")
        reason = value.get("reason") or None
        verdicts.append(
            lifecycle.Verdict(str(value.get("sid")), None if code is None else int(code), reason)
        )
    return verdicts


def _check_requirements(value: object) -> None:
    """Enough of the published structure for the engine to work on it."""
    try:
        if not isinstance(value, dict):
            raise TypeError("not an object")
        for wanted in value.get("end_user", []):
            _ = wanted["name"], wanted["type"], wanted["requirement_name"], [*wanted["fields"]]
        for group in value.get("supporting_document", []):
            for wanted in group:
                _ = wanted["name"], wanted["requirement_name"], wanted["accepted_documents"][0]
                for kind in wanted["accepted_documents"]:
                    _ = kind["name"], kind["type"], [*kind["fields"]]
    except (AttributeError, IndexError, KeyError, TypeError):
        raise Mistake("requirements does not have the structure of a regulation's.") from None


def _moment(value: object) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        return parse_iso(str(value))
    except ValueError:
        raise Mistake(f"{value} is not an ISO 8601 date.") from None


def _number(values: Json, name: str) -> float | None:
    value = values.get(name)
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Mistake(f"{name} must be a number.") from None
