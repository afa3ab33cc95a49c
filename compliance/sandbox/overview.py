"""The state as the control API shows it."""

from compliance.sandbox.clock import iso
from compliance.sandbox.records import Bundle, Json, to_json
from compliance.sandbox.state import State


def summary(state: State) -> Json:
    return {
        "clock": {
            "now": iso(state.clock.now()),
            "frozen": state.clock.frozen is not None,
            "offset_seconds": state.clock.offset,
        },
        "accounts": [
            {
                "sid": account.sid,
                "friendly_name": account.friendly_name,
                "owner_account_sid": account.owner_account_sid,
                "status": account.status,
            }
            for account in state.accounts.values()
        ],
        "bundles": [_line(state, row) for row in state.bundles.values()],
        "regulations": [
            {"sid": row.sid, "friendly_name": row.friendly_name, "retired": row.retired}
            for row in state.regulations.values()
        ],
        "switches": dict(state.switches),
        "faults": [to_json(fault) for fault in state.faults],
        "callbacks": to_json(state.callbacks) | {"waiting": len(state.outbox)},
        "auto_review": to_json(state.review),
    }


def bundle(state: State, row: Bundle) -> Json:
    """Everything about one bundle, items and numbers included."""
    return to_json(row) | {
        "valid_until": iso(row.valid_until),
        "end_users": [to_json(user) for user in state.end_users_of(row)],
        "documents": [to_json(document) for document in state.documents_of(row)],
        "addresses": [
            to_json(state.addresses[sid])
            for sid in sorted(state.addresses_of(row))
            if sid in state.addresses
        ],
        "numbers": [number.phone_number for number in state.numbers_of(row)],
        "copies": [copy.sid for copy in state.bundles.values() if copy.copy_of == row.sid],
        "evaluations": [
            {"sid": record.sid, "status": record.status}
            for record in state.evaluations.values()
            if record.bundle_sid == row.sid
        ],
    }


def _line(state: State, row: Bundle) -> Json:
    return {
        "sid": row.sid,
        "account_sid": row.account_sid,
        "friendly_name": row.friendly_name,
        "email": row.email,
        "regulation_sid": row.regulation_sid,
        "status": row.status,
        "valid_until": iso(row.valid_until),
        "copy_of": row.copy_of,
        "held": row.held,
        "items": len(state.assignments_of(row)),
        "numbers": len(state.numbers_of(row)),
    }
