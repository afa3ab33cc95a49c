"""The control API and the page of the sandbox."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest
import requests

from compliance.sandbox import Sandbox, seed
from compliance.sandbox.switches import SWITCHES
from tests.patience import PATIENCE
from tests.sandbox.client import control, upload

PASSES = seed.BUNDLES["acme-de-passes"]


def submitted(api: Any) -> Any:
    copy = api.bundles(api.bundles(PASSES).bundle_copies.create().sid)
    copy.update(status="pending-review")
    return copy.fetch()


def test_the_summary_tells_everything_that_can_be_set(sandbox: Sandbox) -> None:
    summary = control(sandbox.base_url, "state", method="GET")

    assert [a["friendly_name"] for a in summary["accounts"]] == [
        "Northwind Numbers",
        "Harbour Cafe",
    ]
    assert summary["switches"] == {name: s.default for name, s in SWITCHES.items()}
    assert summary["faults"] == []
    assert summary["callbacks"]["mode"] == "normal"
    assert summary["auto_review"] == {"seconds": None, "verdict": "careful"}


def test_one_bundle_is_shown_with_items_and_numbers(sandbox: Sandbox, api: Any) -> None:
    copy = submitted(api)

    shown = control(sandbox.base_url, f"bundles/{copy.sid}", method="GET")
    original = control(sandbox.base_url, f"bundles/{PASSES}", method="GET")

    assert shown["copy_of"] == PASSES
    assert shown["end_users"][0]["attributes"]["business_name"] == "Acme GmbH"
    assert shown["documents"][0]["status"] == "pending-review"
    assert shown["addresses"][0]["city"] == "Berlin"
    assert original["numbers"] == ["+496990009001"]
    assert original["copies"] == [copy.sid]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("bundles/BU1/approve", {}, 404),
        (f"bundles/{PASSES}/dance", {}, 404),
        (f"bundles/{PASSES}/in-review", {}, 409),
        (f"bundles/{PASSES}/reject", {"documents": "all"}, 400),
        (f"bundles/{PASSES}/reject", {"documents": [{"sid": "RD1"}]}, 409),
        (f"bundles/{PASSES}/deadline", {"valid_until": "soon"}, 400),
        ("regulations/RN1/enact", {}, 404),
        (f"regulations/{seed.REGULATIONS['DE']}/enact", {"requirements": [1]}, 400),
        (f"regulations/{seed.REGULATIONS['DE']}/enact", {"days": "many"}, 400),
        ("clock", {}, 400),
        ("switches", {"gravity": True}, 400),
        ("switches", {"withdraw": "perhaps"}, 400),
        ("switches", {"document_groups": "some"}, 400),
        ("switches", {"mismatch_code": True}, 400),
        ("callbacks", {"mode": "loud"}, 400),
        ("auto-review", {"verdict": "moody"}, 400),
        ("nothing", {}, 404),
        ("clock", [1], 400),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    sandbox: Sandbox, path: str, body: Any, status: int
) -> None:
    answer = requests.post(f"{sandbox.base_url}/sandbox/{path}", json=body, timeout=PATIENCE)

    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")


def test_every_switch_says_what_it_is_about_and_can_be_set_to_its_default(
    sandbox: Sandbox,
) -> None:
    for name, switch in SWITCHES.items():
        assert switch.about.endswith(".")
        assert switch.parse(str(switch.default)) == switch.default, name


class Page(HTMLParser):
    """Forms and ids of the page, and whether its tags are closed in order."""

    VOID = {"meta", "link", "input"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.actions: set[str] = set()
        self.tags: list[str] = []
        self.used: set[str] = set()
        self.feed(text)
        assert self.tags == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.used.add(tag)
        assert not any(name.startswith("on") for name in values)
        if tag == "form":
            self.actions.add(values["action"] or "")
        if values.get("formaction"):
            self.actions.add(values["formaction"] or "")
        if tag not in self.VOID:
            self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.tags.pop() == tag


def show(sandbox: Sandbox) -> str:
    answer = requests.get(f"{sandbox.base_url}/", timeout=PATIENCE)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    return answer.text


def press(sandbox: Sandbox, action: str, **values: Any) -> requests.Response:
    return requests.post(f"{sandbox.base_url}{action}", data=values, timeout=PATIENCE)


def test_the_page_is_whole_and_has_no_script(sandbox: Sandbox, api: Any) -> None:
    submitted(api)
    page = Page(show(sandbox))

    assert "script" not in page.used
    assert "style" not in page.used
    style = requests.get(f"{sandbox.base_url}/style.css", timeout=PATIENCE)
    assert style.headers["Content-Type"].startswith("text/css")


def test_what_customers_enter_is_shown_escaped(sandbox: Sandbox, api: Any) -> None:
    nasty = "<script>alert('1')</script>"
    api.end_users.create(friendly_name="A", type="individual", attributes={"comments": nasty})
    api.bundles(PASSES).update(friendly_name=nasty)
    bundle = api.bundles(api.bundles(PASSES).bundle_copies.create().sid)
    user = api.end_users(bundle.item_assignments.list()[0].object_sid)
    user.update(attributes={"comments": nasty})

    text = show(sandbox)

    assert "<script" not in text
    assert "&lt;script&gt;" in text
    Page(text)


def test_half_a_character_does_not_break_the_page(sandbox: Sandbox, api: Any) -> None:
    attributes = '{"comments": "\\ud800"}'
    user = api.end_users.create(friendly_name="A", type="individual", attributes=attributes)
    bundle = api.bundles(api.bundles(PASSES).bundle_copies.create().sid)
    bundle.item_assignments.create(object_sid=user.sid)

    assert "comments" in show(sandbox)


def test_a_person_can_reject_a_document_and_then_approve(sandbox: Sandbox, api: Any) -> None:
    copy = submitted(api)
    document = sandbox.state.documents_of(sandbox.state.bundles[copy.sid])[0]
    action = f"/page/bundles/{copy.sid}"
    assert {f"{action}/{verb}" for verb in ("approve", "reject", "in-review")} <= Page(
        show(sandbox)
    ).actions

    fields = {f"code.{document.sid}": "18005", f"reason.{document.sid}": "Page 2 is missing"}
    answer = press(sandbox, f"{action}/reject", reason="See below", **fields)

    assert answer.url.startswith(f"{sandbox.base_url}/")
    assert api.bundles(copy.sid).fetch().status == "twilio-rejected"
    rejected = api.supporting_documents(document.sid).fetch()
    assert (rejected.errors, rejected.failure_reason) == ([{"code": 18005}], "Page 2 is missing")
    assert "Page 2 is missing" in show(sandbox)
    press(sandbox, f"{action}/approve")
    assert api.bundles(copy.sid).fetch().status == "twilio-approved"


def test_the_reviewer_can_open_the_files(sandbox: Sandbox) -> None:
    page_ = ("notes.html", b"<script>alert(1)</script>", "text/html")
    odd = upload(sandbox.base_url, type="passport", file=page_).json()["sid"]
    paper = sandbox.state.documents_of(sandbox.state.bundles[PASSES])[0]

    shown = requests.get(f"{sandbox.base_url}/files/{paper.sid}", timeout=PATIENCE)
    saved = requests.get(f"{sandbox.base_url}/files/{odd}", timeout=PATIENCE)

    assert f'href="/files/{paper.sid}"' in show(sandbox)
    assert shown.content.startswith(b"%PDF")
    assert shown.headers["Content-Type"] == "application/pdf"
    assert saved.headers["Content-Type"] == "application/octet-stream"
    assert saved.headers["Content-Disposition"] == "attachment"
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    assert requests.get(f"{sandbox.base_url}/files/RD1", timeout=PATIENCE).status_code == 404


def test_leaving_in_review_keeps_the_automatic_reviewer_off(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "auto-review", {"seconds": 60})
    copy = submitted(api)
    press(sandbox, f"/page/bundles/{copy.sid}/in-review")
    control(sandbox.base_url, "clock", {"advance_seconds": 3600})

    assert api.bundles(copy.sid).fetch().status == "in-review"


def test_every_other_form_works(sandbox: Sandbox, api: Any) -> None:
    state, rule = sandbox.state, seed.REGULATIONS["AU"]
    requirements = json.dumps(state.regulations[rule].requirements)
    first = state.regulations[rule].digest()

    for action, values in [
        (f"/page/bundles/{PASSES}/deadline", {"valid_until": "2099-01-02T03:04:05"}),
        (f"/page/rules/{rule}/example", {"example": "new", "days": "10"}),
        ("/page/clock", {"what": "days", "days": "2"}),
        ("/page/switch", {"name": "withdraw", "value": "true"}),
        ("/page/faults/add", {"kind": "latency", "path": "nowhere", "times": "", "seconds": "1"}),
        ("/page/callbacks", {"mode": "doubled", "seconds": "", "format": "json"}),
        ("/page/review", {"seconds": "9", "verdict": "hold"}),
    ]:
        assert press(sandbox, action, **values).status_code == 200, action

    assert f"{state.bundles[PASSES].valid_until:%Y}" == "2099"
    assert state.regulations[rule].digest() != first
    assert state.bundles[seed.BUNDLES["mia-au-current"]].valid_until is not None
    assert state.clock.offset == 2 * 86_400
    assert state.switches["withdraw"] is True
    assert state.faults[0].times is None
    assert (state.callbacks.mode, state.callbacks.format) == ("doubled", "json")
    assert (state.review.seconds, state.review.verdict) == (9, "hold")

    press(sandbox, f"/page/rules/{rule}/enact", requirements=requirements, days="")
    press(sandbox, "/page/faults/clear")
    press(sandbox, "/page/clock", what="freeze", freeze="2031-05-06T07:08")
    assert state.regulations[rule].digest() == first
    assert state.faults == []
    assert state.clock.frozen is not None
    press(sandbox, "/page/clock", what="real")
    assert state.clock.frozen is None
    assert press(sandbox, "/page/requests/clear").status_code == 200
    press(sandbox, "/page/reset", seed="yes")
    assert state.switches["withdraw"] is False


def test_a_mistake_on_the_page_is_a_sentence_on_the_page(sandbox: Sandbox) -> None:
    rule = seed.REGULATIONS["AU"]
    answer = press(sandbox, f"/page/rules/{rule}/enact", requirements="{", days="3")

    assert answer.status_code == 400
    assert "The requirements are not valid JSON." in answer.text
    Page(answer.text)
    assert press(sandbox, "/page/nothing").status_code == 404
    assert requests.get(f"{sandbox.base_url}/nothing", timeout=PATIENCE).status_code == 404


@pytest.mark.parametrize("path", ["/page/reset", "/sandbox/reset"])
@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_other_sites_cannot_press_buttons(
    sandbox: Sandbox, api: Any, path: str, headers: dict[str, str]
) -> None:
    copy = submitted(api)

    answer = requests.post(f"{sandbox.base_url}{path}", headers=headers, timeout=PATIENCE)

    assert answer.status_code == 403
    assert copy.sid in sandbox.state.bundles


def test_the_own_origin_may(sandbox: Sandbox) -> None:
    headers = {"Origin": sandbox.base_url, "Sec-Fetch-Site": "same-origin"}

    assert requests.post(f"{sandbox.base_url}/page/reset", headers=headers, timeout=PATIENCE).ok
