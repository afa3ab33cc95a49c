"""What happens by itself when its time has come: a bundle's date passes, a test bundle is turned
down, the automatic reviewer decides.
"""

from datetime import timedelta

from compliance.sandbox import lifecycle, reviewer
from compliance.sandbox.records import ANSWERED, WAITING, Bundle
from compliance.sandbox.state import State


def run(state: State) -> bool:
    """Do everything that is due now; True if anything changed."""
    changed = False
    for bundle in list(state.bundles.values()):
        if bundle.status in ANSWERED and _is_past(state, bundle):
            lifecycle.expire(state, bundle)
            changed = True
        elif bundle.status in WAITING:
            changed = _review(state, bundle) or changed
    return changed


def _is_past(state: State, bundle: Bundle) -> bool:
    return bundle.valid_until is not None and bundle.valid_until <= state.clock.now()


def _review(state: State, bundle: Bundle) -> bool:
    if bundle.is_test:
        verdict = lifecycle.Verdict
        lifecycle.reject(
            state,
            bundle,
            reason="Test bundles are turned down by themselves (18099).",
            documents=[
                verdict(d.sid, 18099, "It belongs to a test bundle.")
                for d in state.documents_of(bundle)
            ],
        )
        return True
    if state.review.seconds is None or bundle.held:
        return False
    changed = bundle.status == "pending-review"
    lifecycle.take_into_review(state, bundle)
    submitted = bundle.submitted_at or state.clock.now()
    ripe = state.clock.now() >= submitted + timedelta(seconds=state.review.seconds)
    if not ripe or state.review.verdict == "hold":
        return changed
    faults = reviewer.look_at(state, bundle) if state.review.verdict == "careful" else []
    if faults:
        lifecycle.reject(
            state,
            bundle,
            reason=f"{len(faults)} of the documents cannot be accepted; see each one's reason.",
            documents=faults,
        )
    else:
        lifecycle.approve(state, bundle)
    return True
