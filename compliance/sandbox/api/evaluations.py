"""Evaluations: a bundle held against its regulation; each one a record that never changes."""

from compliance.sandbox import lifecycle, paging, render
from compliance.sandbox.context import Answer, Call
from compliance.sandbox.errors import broken
from compliance.sandbox.records import Evaluation


def create(call: Call, bundle_sid: str) -> Answer:
    """Answers at once, whatever status the bundle has; takes no parameters."""
    bundle = call.own_bundle(bundle_sid)
    if lifecycle.breaks_evaluation(call.state, bundle):
        raise broken()
    return Answer(render.evaluation(call, lifecycle.evaluate(call.state, bundle)), 201)


def listing(call: Call, bundle_sid: str) -> Answer:
    bundle = call.own_bundle(bundle_sid)
    rows = [e for e in reversed(call.state.evaluations.values()) if e.bundle_sid == bundle.sid]
    return paging.v2(call, "results", rows, lambda row: render.evaluation(call, row))


def fetch(call: Call, bundle_sid: str, sid: str) -> Answer:
    bundle = call.own_bundle(bundle_sid)
    record: Evaluation = call.own(call.state.evaluations, sid)
    if record.bundle_sid != bundle.sid:
        raise call.not_found()
    return Answer(render.evaluation(call, record))
