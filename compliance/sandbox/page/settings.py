"""Everything on the page that is not a bundle or a request: rules, clock, reviewer, callbacks,
faults, switches, reset.
"""

import json

from markupsafe import Markup

from compliance.sandbox.actions import MODES, VERDICTS
from compliance.sandbox.clock import iso
from compliance.sandbox.faults import KINDS
from compliance.sandbox.page import html
from compliance.sandbox.records import Fault, Regulation
from compliance.sandbox.rulebook import CHANGES
from compliance.sandbox.seed import REGULATIONS
from compliance.sandbox.state import State
from compliance.sandbox.switches import SWITCHES, Switch


def rules(state: State) -> Markup:
    note = "Enact a new rule: its approved bundles get a date, and their owners a callback."
    return html.section(
        "rules",
        "New rules",
        html.text(note),
        *(_rule(regulation) for regulation in state.regulations.values()),
    )


def _rule(regulation: Regulation) -> Markup:
    key = next((key for key, sid in REGULATIONS.items() if sid == regulation.sid), None)
    examples = html.EMPTY
    if key is not None:
        options = {"new": CHANGES[key].about, "first": "Back to the first rule"}
        examples = html.form(
            f"rules/{regulation.sid}/example",
            html.select("Prepared", "example", options),
            html.field("Days until the deadline", "days", 30, kind="number", hint="none"),
            html.button("Enact"),
            css="row",
        )
    free = html.form(
        f"rules/{regulation.sid}/enact",
        html.area(
            "Requirements (JSON)", "requirements", json.dumps(regulation.requirements, indent=1)
        ),
        html.field("Days until the deadline", "days", 30, kind="number", hint="none"),
        html.button("Enact this"),
    )
    title = Markup("{} {}").format(regulation.friendly_name, html.code(regulation.sid))
    return html.fold(title, examples, free)


def clock(state: State) -> Markup:
    now, frozen = iso(state.clock.now()), state.clock.frozen is not None
    return html.section(
        "clock",
        "Clock",
        html.text(f"It is {now}{', and time stands still' if frozen else ''}."),
        html.form(
            "clock",
            html.hidden("what", "days"),
            html.field("Move forward by days", "days", 1, kind="number"),
            html.button("Move"),
            css="row",
        ),
        html.form(
            "clock",
            html.hidden("what", "freeze"),
            html.field(
                "Stand still at (UTC)",
                "freeze",
                (now or "").removesuffix("Z"),
                kind="datetime-local",
            ),
            html.button("Stop the clock"),
            css="row",
        ),
        html.form("clock", html.hidden("what", "real"), html.button("Back to real time")),
    )


def review(state: State) -> Markup:
    settings = state.review
    seconds = "" if settings.seconds is None else f"{settings.seconds:g}"
    return html.section(
        "review",
        "Automatic reviewer",
        html.text(
            "Careful: rejects what a careful person would, such as a blank page. Hold: looks, but"
            " leaves the decision to you. Without seconds there is no automatic reviewer."
        ),
        html.form(
            "review",
            html.field("Decides after seconds", "seconds", seconds, kind="number", hint="off"),
            html.select("How", "verdict", VERDICTS, settings.verdict),
            html.button("Set"),
            css="row",
        ),
    )


def callbacks(state: State) -> Markup:
    settings = state.callbacks
    sent = [
        Markup("<li>{} {} {}</li>").format(
            entry["values"]["Status"],
            html.code(entry["url"]),
            entry.get("status") or entry["error"],
        )
        for entry in reversed(state.deliveries)
    ]
    return html.section(
        "callbacks",
        "Status callbacks",
        html.form(
            "callbacks",
            html.select("Mode", "mode", MODES, settings.mode),
            html.field("Late by seconds", "seconds", f"{settings.seconds:g}", kind="number"),
            html.select("Format", "format", ("form", "json"), settings.format),
            html.select("Method", "method", ("POST", "GET"), settings.method),
            html.button("Set"),
            css="row",
        ),
        html.text(f"{len(state.outbox)} waiting, {len(sent)} sent."),
        Markup('<ul class="log">{}</ul>').format(html.join(sent[:20])),
    )


def faults(state: State) -> Markup:
    active = [html.text(_fault(fault), "trouble") for fault in state.faults]
    return html.section(
        "faults",
        "Faults",
        *(active or [html.text("None is on.")]),
        html.form(
            "faults/add",
            html.select("Kind", "kind", KINDS),
            html.select(
                "Method", "method", {"": "any", "GET": "GET", "POST": "POST", "DELETE": "DELETE"}
            ),
            html.field("Path (regular expression)", "path", hint="any"),
            html.field("Times", "times", 1, kind="number", hint="always"),
            html.field("Seconds", "seconds", 3, kind="number"),
            html.select("Status", "status", ("500", "503", "429", "400")),
            html.field("Retry-After", "retry_after", kind="number", hint="none"),
            html.button("Add"),
            css="row",
        ),
        html.form("faults/clear", html.button("All off")),
    )


def _fault(fault: Fault) -> str:
    times = "always" if fault.times is None else f"{fault.times} times"
    what = (
        f"{fault.kind} {fault.status}"
        if fault.kind in ("status", "status_after", "html")
        else fault.kind
    )
    return f"{what} for {fault.method or 'any method'} {fault.path or 'any path'}, {times}"


def switches(state: State) -> Markup:
    note = "What nobody outside Twilio knows for sure, with the answer that is assumed."
    rows = [_switch(name, switch, state.switches[name]) for name, switch in SWITCHES.items()]
    return html.section("switches", "Switches", html.text(note), *rows)


def _switch(name: str, switch: Switch, value: object) -> Markup:
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    options = ("true", "false") if isinstance(switch.default, bool) else switch.choices
    control = (
        html.select(name, "value", options, shown)
        if options
        else html.field(name, "value", shown, kind="number")
    )
    default = str(switch.default).lower() if isinstance(switch.default, bool) else switch.default
    return html.form(
        "switch",
        html.hidden("name", name),
        control,
        html.button("Set", "" if value == switch.default else "changed"),
        html.text(f"{switch.about} Default: {default}.", "about"),
        css="row switch",
    )


def reset() -> Markup:
    return html.section(
        "reset",
        "Reset",
        html.text("Everything as on the first day: rows, clock, switches, faults, log."),
        html.form(
            "reset",
            html.select("Begin with", "seed", {"yes": "the demo data", "no": "nothing"}),
            html.button("Reset", "bad"),
            css="row",
        ),
    )
