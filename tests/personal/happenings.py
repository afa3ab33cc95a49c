"""What happens in the canary run: people, staff, refusals, outages and crashes."""

import re
from copy import deepcopy
from itertools import chain
from urllib.parse import urljoin

from playwright.sync_api import expect

from compliance.sandbox import seed
from tests.domain import rules
from tests.patience import until
from tests.personal.marked import Marked, marked_jpeg, marked_pdf
from tests.personal.scene import (
    BROKEN_TABLE,
    DIRECTORY,
    Scene,
    of_renewal,
    pk_of,
    run_sql,
    sign_in_as,
    state_of,
    token,
)

REFUSED = "nobodyhere"
# What the demo's rules do not ask of the two companies: of the person, and on the papers that are
# to meet a requirement.
OF_THE_PERSON = ("birth_date", "phone_number")
ON_PAPERS = {
    "FR": ("name_of_auth_rep_info", ("birth_date", "expiration_date")),
    "DE": ("business_registration_info", ("issue_date",)),
}


def the_directory(scene: Scene) -> None:
    """People as support imports them and as they write themselves; one whom no mail reaches."""
    page, words = scene.page, scene.canaries
    sign_in_as(scene, "ops@demo.example")
    company, name = words.word(f"{DIRECTORY}company"), words.word(f"{DIRECTORY}name")
    email = f"{words.word(f'{DIRECTORY}email')}@kanari.example"
    refused = f"{REFUSED}-{words.word(f'{DIRECTORY}refused')}@kanari.example"
    table = f"company,email,name\n{company},{email},{name}\n{company},{refused},{name}\n"
    address = f"{scene.portal.base_url}/admin/compliance/customer/import/"
    page.goto(address)
    shown = page.request.post(
        address,
        multipart={
            "csrfmiddlewaretoken": token(page),
            "file": {"name": f"{company}.csv", "mimeType": "text/csv", "buffer": table.encode()},
        },
    )
    held = re.search(r'name="held" value="([^"]+)"', shown.text())
    assert held, shown.text()
    done = page.request.post(
        address, form={"csrfmiddlewaretoken": token(page), "held": held.group(1)}
    )
    assert done.ok
    until(lambda: f"To: {email}" in "".join(scene.portal.mails()))
    tried = "from compliance.models import Mail; print(Mail.objects.exclude(problem='').count())"
    until(lambda: scene.shell(tried) != "0")


def rules_ask_for_more(scene: Scene) -> None:
    """For dates and phone numbers. No bundle's own deadline changes."""
    for country, (requirement, on_papers) in ON_PAPERS.items():
        sid = seed.REGULATIONS[country]
        rule = deepcopy(scene.world.sandbox.state.regulations[sid].requirements)
        rule["end_user"] = [
            rules.asking_also(person, *map(rules.field, OF_THE_PERSON))
            for person in rule["end_user"]
        ]
        for wanted in chain(*rule["supporting_document"]):
            if wanted["requirement_name"] == requirement:
                wanted["accepted_documents"] = [
                    rules.asking_also(paper, *map(rules.field, on_papers))
                    for paper in wanted["accepted_documents"]
                ]
        scene.world.control(f"regulations/{sid}/enact", requirements=rule)
    scene.shell(
        "from django.utils import timezone; from compliance import sync;"
        "sync.sync(now=timezone.now())"
    )


def troubles_at_twilio(scene: Scene) -> None:
    """Refusals and outages of which some repeat what was entered, and connections that break."""
    said = scene.canaries.word("twilio:message")
    world = scene.world
    world.fault("html", method="POST", path=r"/Evaluations$", times=1)
    broken = {"method": "POST", "path": r"/SupportingDocuments$"}
    world.fault("status", **broken, status=500, times=1, message=said)
    world.fault("drop_after", **broken, times=1)
    world.fault(
        "status", method="POST", path=r"/ItemAssignments$", status=429, times=1, message=said
    )


def answered(scene: Scene, key: str) -> Marked:
    """Signed in, everything answered; on the way a file and a form were refused."""
    customer = Marked(scene.page, scene.portal, key)
    customer.canaries, customer.days = scene.canaries, {}
    until(lambda: "phone_number" in of_renewal(scene, customer, "evaluation"))
    signed_in(scene, customer)
    own_settings(scene)
    customer.open()
    refused_once(scene, customer)
    customer.answer_everything()
    return customer


def signed_in(scene: Scene, customer: Marked) -> None:
    scene.page.context.clear_cookies()
    customer.sign_in()


def own_settings(scene: Scene) -> None:
    page = scene.page
    page.goto(f"{scene.portal.base_url}/settings/")
    page.get_by_label("Your name").fill(scene.canaries.word(f"{DIRECTORY}own name"))
    phone = scene.canaries.phone(f"{DIRECTORY}own phone")
    page.get_by_label("Mobile phone").fill(phone)
    page.get_by_role("button", name="Save").first.click()
    # As it is stored.
    expect(page.get_by_label("Mobile phone")).to_have_value(phone.replace(" ", ""))
    page.wait_for_load_state("load")


def refused_once(scene: Scene, customer: Marked) -> None:
    """What is typed is kept as a draft; the file is none, and its name is marked."""
    link = customer.todo()
    assert link is not None
    link.click()
    page = scene.page
    page.wait_for_load_state("load")
    upload = page.locator("[data-upload]")
    hidden = {"csrfmiddlewaretoken": token(page)}
    if upload.count():
        address = urljoin(page.url, upload.first.get_attribute("data-upload") or "")
        torn = marked_pdf(scene.canaries, "file:refused")[40:]
        photo = marked_jpeg(scene.canaries, "file:photo")
        for ending, data, status in (("pdf", torn, 422), ("jpg", photo, 200)):
            name = f"{scene.canaries.word('file:chosen:name')}.{ending}"
            chosen = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
            answer = page.request.post(address, multipart={**hidden, "file": chosen})
            assert answer.status == status, answer.text()
    typed = {}
    for field in page.locator("form.form [name]").all():
        name = field.get_attribute("name") or ""
        if name.startswith("f-"):
            typed[name] = customer.mark(name, "draft")
    too_long = {name: value * 40 for name, value in typed.items()}
    assert page.request.post(page.url, form={**hidden, **too_long}).status == 422
    assert page.request.post(f"{page.url}draft/", form={**hidden, **typed}).ok


def staff_at_work(scene: Scene, customer: Marked) -> None:
    page, words = scene.page, scene.canaries
    sign_in_as(scene, "ops@demo.example")
    case = f"{scene.portal.base_url}/admin/compliance/renewal/{pk_of(scene, customer)}"
    for what, values in (
        ("note", {"text": words.word("staff:note")}),
        ("reveal", {"reason": words.word("staff:reveal")}),
        ("pause", {"reason": words.word("staff:pause")}),
        ("resume", {}),
        ("view-as-customer", {"reason": words.word("staff:view")}),
    ):
        page.goto(f"{case}/change/" if what == "note" else f"{case}/{what}/")
        hidden = {"csrfmiddlewaretoken": token(page)}
        once = page.locator("input[name=once]")
        if once.count():
            hidden["once"] = once.first.get_attribute("value") or ""
        done = page.request.post(f"{case}/{what}/", form={**hidden, **values})
        assert done.ok, f"{what}: {done.status}"
    kinds = "from compliance.models import Event; print(*Event.objects.values_list('kind'))"
    for kind in ("revealed", "paused", "resumed", "view-started"):
        assert kind in scene.shell(kinds)


def crashes(scene: Scene, customer: Marked) -> None:
    """A page and a task, by errors that repeat what they were about, as a database does."""
    signed_in(scene, customer)
    page, mark = scene.page, scene.canaries.word(f"{BROKEN_TABLE}said")
    page.goto(f"{scene.portal.base_url}/settings/")
    break_table(scene, "compliance_user", mark)
    form = {
        "csrfmiddlewaretoken": token(page),
        "name": scene.canaries.word("crash:form"),
        "phone": scene.canaries.phone("crash:form"),
    }
    answer = page.request.post(page.url, form={**form, "language": "en"})
    mend_table(scene, "compliance_user")
    assert answer.status == 500
    scene.errors.append(answer.text())

    break_table(scene, "compliance_item", mark)
    scene.shell(
        "from django.utils import timezone; from compliance.models import Renewal;"
        f"Renewal.objects.filter(reference='{customer.reference}').update("
        "state='copied', next_look_at=timezone.now())"
    )
    worker = "worker" if scene.portal.broker == "redis" else "web"
    until(lambda: "raised unexpected" in scene.portal.log(worker))
    mend_table(scene, "compliance_item")
    until(lambda: state_of(scene, customer) == "ready")


def cancel(scene: Scene, customer: Marked) -> None:
    scene.shell(
        "from django.utils import timezone; from compliance.models import Renewal;"
        "from compliance.workflow import desk;"
        f"renewal = Renewal.objects.get(reference='{customer.reference}');"
        f"desk.ask(renewal, 'cancel', by=None, now=timezone.now(), reason='"
        f"{scene.canaries.word('staff:cancel')}')"
    )


def break_table(scene: Scene, table: str, mark: str) -> None:
    """Every write fails with words that have the mark in them."""
    event = "UPDATE" if table == "compliance_user" else "INSERT"
    if scene.portal.database == "sqlite":
        body = f"BEGIN SELECT RAISE(ABORT, 'row {mark} is refused'); END"
        ddl = [f"CREATE TRIGGER broken BEFORE {event} ON {table} {body}"]
    else:
        body = f"BEGIN RAISE EXCEPTION 'row {mark} is refused'; END"
        ddl = [
            f"CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
            f"CREATE TRIGGER broken BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION"
            " broken()",
        ]
    run_sql(scene, ddl)


def mend_table(scene: Scene, table: str) -> None:
    if scene.portal.database == "sqlite":
        run_sql(scene, ["DROP TRIGGER broken"])
    else:
        run_sql(scene, [f"DROP TRIGGER broken ON {table}", "DROP FUNCTION broken"])
