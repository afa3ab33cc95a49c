"""The control API: JSON under ``/sandbox/``, for tests and for whoever plays the reviewer."""

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from compliance.sandbox import actions, faults, origin, overview
from compliance.sandbox.actions import Mistake
from compliance.sandbox.records import Json
from compliance.sandbox.state import State
from compliance.sandbox.wire import respond


def answer(state: State, request: Request, reset: Callable[[bool], None]) -> Response:
    """400 for what cannot be understood, 404 for what is not there, 409 for what cannot be now."""
    if not origin.is_own(request):
        return respond({"error": "Requests from other sites are refused."}, 403)
    parts = [part for part in request.path.split("/") if part][1:]
    try:
        payload = _dispatch(state, request, parts, reset)
    except Mistake as mistake:
        return respond({"error": str(mistake)}, mistake.status)
    if payload is None:
        return respond({"error": f"There is no {request.method} {request.path}."}, 404)
    return respond(payload, 200)


def _dispatch(
    state: State, request: Request, parts: list[str], reset: Callable[[bool], None]
) -> Json | None:
    match (request.method, *parts):
        case ("GET", "state"):
            return overview.summary(state)
        case ("GET", "bundles", sid):
            return overview.bundle(state, actions.find_bundle(state, sid))
        case ("POST", "bundles", sid, verb):
            actions.act_on_bundle(state, sid, verb, _body(request))
            return overview.bundle(state, actions.find_bundle(state, sid))
        case ("POST", "regulations", sid, "enact"):
            return actions.enact(state, sid, _body(request))
        case ("POST", "regulations", sid, "retire"):
            return actions.retire(state, sid)
        case ("POST", "clock"):
            actions.set_clock(state, _body(request))
        case ("POST", "switches"):
            actions.set_switches(state, _body(request))
        case ("POST", "faults"):
            actions.add_fault(state, _body(request))
        case ("DELETE", "faults"):
            faults.clear(state)
        case ("GET", "callbacks"):
            return {"deliveries": list(state.deliveries)}
        case ("POST", "callbacks"):
            actions.set_callbacks(state, _body(request))
        case ("POST", "auto-review"):
            actions.set_review(state, _body(request))
        case ("GET", "requests"):
            return {"requests": list(state.requests)}
        case ("DELETE", "requests"):
            state.requests.clear()
            return {"requests": []}
        case ("POST", "reset"):
            reset(bool(_body(request).get("seed", True)))
        case _:
            return None
    return overview.summary(state)


def _body(request: Request) -> Json:
    """A JSON object; an empty body is an empty object."""
    if not request.get_data(cache=True).strip():
        return {}
    value: Any = request.get_json(force=True, silent=True)
    if not isinstance(value, dict):
        raise Mistake("The body must be a JSON object.", 400)
    return value
