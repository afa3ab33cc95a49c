"""Answers the page and the forms on it. It works without JavaScript and has none."""

import json
from collections.abc import Callable
from pathlib import Path

from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from compliance.sandbox import actions, faults, origin
from compliance.sandbox.actions import Mistake
from compliance.sandbox.page import bundles, files, html, log, settings
from compliance.sandbox.records import Json
from compliance.sandbox.rulebook import CHANGES, RULES
from compliance.sandbox.seed import REGULATIONS
from compliance.sandbox.state import State

_STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_SECTIONS = {
    "bundles": "Bundles",
    "rules": "New rules",
    "clock": "Clock",
    "review": "Reviewer",
    "callbacks": "Callbacks",
    "faults": "Faults",
    "switches": "Switches",
    "requests": "Requests",
    "reset": "Reset",
}


def answer(state: State, request: Request, reset: Callable[[bool], None]) -> Response:
    parts = [part for part in request.path.split("/") if part]
    if request.method == "GET" and parts == ["style.css"]:
        return Response(_STYLE, content_type="text/css; charset=utf-8")
    if request.method == "GET" and not parts:
        return _show(state)
    if request.method == "GET" and parts[:1] == ["files"] and len(parts) == 2:
        try:
            return files.answer(state, parts[1])
        except Mistake as mistake:
            return _show(state, str(mistake), mistake.status)
    if request.method != "POST" or parts[:1] != ["page"]:
        return _show(state, f"There is no page {request.path} here.", 404)
    if not origin.is_own(request):
        return Response("Forms of other sites are refused.", 403, content_type="text/plain")
    try:
        anchor = _act(state, parts[1:], request.form.to_dict(), reset)
    except Mistake as mistake:
        return _show(state, str(mistake), mistake.status)
    return redirect(f"/#{anchor}", code=303)


def _act(
    state: State, parts: list[str], values: dict[str, str], reset: Callable[[bool], None]
) -> str:
    """Do what a form asks; returns where on the page to go on."""
    match parts:
        case ["bundles", sid, verb]:
            actions.act_on_bundle(state, sid, verb, bundles.read(values))
            return sid
        case ["rules", sid, "example"]:
            key = next((key for key, known in REGULATIONS.items() if known == sid), "")
            if key not in RULES:
                raise Mistake("There is no such example.", 404)
            example = RULES[key] if values.get("example") == "first" else CHANGES[key]
            given = {"requirements": example.requirements, "days": values.get("days")}
            actions.enact(state, sid, given)
            return "rules"
        case ["rules", sid, "enact"]:
            actions.enact(state, sid, _with_json(values))
            return "rules"
        case ["clock"]:
            actions.set_clock(state, _clock(values))
            return "clock"
        case ["switch"]:
            actions.set_switches(state, {values.get("name", ""): values.get("value", "")})
            return "switches"
        case ["faults", "add"]:
            actions.add_fault(state, dict(values))
            return "faults"
        case ["faults", "clear"]:
            faults.clear(state)
            return "faults"
        case ["callbacks"]:
            actions.set_callbacks(state, dict(values))
            return "callbacks"
        case ["review"]:
            actions.set_review(state, dict(values))
            return "review"
        case ["requests", "clear"]:
            state.requests.clear()
            return "requests"
        case ["reset"]:
            reset(values.get("seed") == "yes")
            return "bundles"
    raise Mistake("There is no such button.", 404)


def _with_json(values: dict[str, str]) -> Json:
    try:
        requirements = json.loads(values.get("requirements") or "null")
    except ValueError:
        raise Mistake("The requirements are not valid JSON.") from None
    return {"requirements": requirements, "days": values.get("days")}


def _clock(values: dict[str, str]) -> Json:
    match values.get("what"):
        case "days":
            days = values.get("days") or "0"
            try:
                return {"advance_seconds": float(days) * 86_400}
            except ValueError:
                raise Mistake("days must be a number.") from None
        case "freeze":
            return {"freeze": values.get("freeze")}
        case _:
            return {"real": True}


def _show(state: State, message: str = "", status: int = 200) -> Response:
    links = html.join(
        Markup('<a href="#{}">{}</a>').format(anchor, title) for anchor, title in _SECTIONS.items()
    )
    body = Markup(
        "<header><h1>Sandbox</h1><p>This stands in for Twilio. Here you are the reviewer. It holds"
        ' demo data only: enter nothing real.</p><nav>{}<a href="/">Refresh</a></nav></header>'
        "\n<main>\n{}\n{}\n</main>"
    ).format(
        links,
        html.text(message, "message") if message else html.EMPTY,
        html.join(
            [
                bundles.show(state),
                settings.rules(state),
                settings.clock(state),
                settings.review(state),
                settings.callbacks(state),
                settings.faults(state),
                settings.switches(state),
                log.show(state),
                settings.reset(),
            ]
        ),
    )
    # What a client sent may hold half a character, which cannot be written out.
    text = html.document("Sandbox", body).encode("utf-8", "replace")
    response = Response(text, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
