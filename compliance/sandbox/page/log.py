"""The last requests to the API, each with what was sent and what was answered."""

import json

from markupsafe import Markup

from compliance.sandbox.page import html
from compliance.sandbox.records import Json
from compliance.sandbox.state import State

SHOWN = 50


def show(state: State) -> Markup:
    entries = list(state.requests)[-SHOWN:][::-1]
    return html.section(
        "requests",
        "Requests",
        html.text(f"The last {len(entries)} of {len(state.requests)}, newest first."),
        *(_entry(entry) for entry in entries),
        html.form("requests/clear", html.button("Clear the log")),
    )


def _entry(entry: Json) -> Markup:
    status = entry["status"] if entry["status"] is not None else "no answer"
    summary = Markup('<span class="name">{} {}</span> {}').format(
        entry["method"], entry["path"], html.badge(f"http {status}")
    )
    return html.fold(
        summary,
        html.facts(
            [
                ("Time", entry["time"]),
                ("Host", entry["host"]),
                ("Account", entry["account"] or entry["username"]),
                ("Code", entry["code"]),
                ("Fault", entry["fault"]),
                ("Seconds", entry["seconds"]),
                ("Query", _pretty(entry["query"])),
                ("Fields", _pretty(entry["fields"])),
                ("File", _pretty(entry["file"])),
                ("Answer", _pretty(_parsed(entry["answer"]))),
            ]
        ),
    )


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _pretty(value: object) -> Markup | str:
    if not value:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)
    return Markup("<pre>{}</pre>").format(text)
