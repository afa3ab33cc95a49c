"""The canary run: marked values in everything that somebody can give, through whole lives of
renewals with troubles on the way; and where they may not be, none of them is.

What belongs to a renewal (answers, files, notes, reasons) stands in the database sealed, and not at
all once it has ended. The directory (who acts for which company) stands there as it is, for mails
have to be sent; it is in nothing else either.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from smtplib import SMTP
from typing import Any
from urllib.parse import urljoin, urlsplit

import psycopg
import pytest
import requests
from PIL import Image
from playwright.sync_api import Page, expect
from redis import Redis

from compliance.sandbox import Sandbox
from tests.patience import until
from tests.personal.canary import Canaries
from tests.personal.listening import FolderEyes, PageEars, RedisEars, mail_server
from tests.portal import specimens
from tests.serving import Portal
from tests.story.customer import Customer
from tests.story.test_story import in_review
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.story]

TOKEN = "operations-token-of-the-tests"
REFUSED = "nobodyhere"
COMPLETED, CANCELLED = "lumiere-fr-local", "acme-de-papers"
# Places of the directory; all others belong to a renewal.
DIRECTORY = "directory:"
BROKEN_TABLE = "broken table:"
DATABASE_FILES = ("portal.sqlite3", "portal.sqlite3-wal", "portal.sqlite3-shm")


@dataclass
class Scene:
    portal: Portal
    world: World
    canaries: Canaries
    page: Page
    urls: PageEars
    temporary: FolderEyes
    redis: RedisEars | None
    errors: list[str]

    @property
    def of_renewals(self) -> Canaries:
        """Without the words of the broken table, which are the database's own."""
        return self.canaries.without(DIRECTORY, BROKEN_TABLE)

    def shell(self, code: str) -> str:
        return self.portal.manage("shell", "--no-imports", "-c", code).strip()


class Marked(Customer):
    """Types marks into everything that is asked."""

    canaries: Canaries

    def fill(self, *, document: bytes | None = None) -> None:
        expect(self.page.get_by_role("button", name="Save and continue")).to_be_visible()
        self.page.wait_for_load_state("load")
        form = self.page.locator("form.form")
        for field in form.locator("input[type=text], input[type=email], textarea").all():
            # What was typed when the form was refused is there again, and as long.
            if field.is_visible() and not 0 < len(field.input_value()) <= 250:
                field.fill(self._mark(field.get_attribute("name") or ""))
        super().fill(document=document or self._document())

    def _mark(self, name: str) -> str:
        if "postal" in name:
            return "69002"
        if "number" in name:
            return self.canaries.number(f"answer:{self.key}:{name}")
        mark = self.canaries.word(f"answer:{self.key}:{name}")
        if "email" in name:
            return f"{mark}@{mark}.example"
        return f"https://{mark}.example" if "website" in name else mark

    def _document(self) -> bytes:
        return marked_pdf(self.canaries, f"file:{self.key}:{len(self.canaries.given)}")

    def choose(self, upload: Any, data: bytes, name: str = "") -> None:
        mark = self.canaries.word(f"file:{self.key}:name")
        super().choose(upload, data, f"{mark}.pdf")


def marked_pdf(canaries: Canaries, place: str) -> bytes:
    """Its text is marked, and a piece of its bytes stands for the file."""
    mark = canaries.word(f"{place}:text").encode()

    def write(document: Any) -> None:
        text = b"BT /F1 24 Tf 72 600 Td (" + mark + b") Tj ET"
        document.pages[0].contents_add(document.make_stream(text))
        document.docinfo["/Title"] = mark.decode()

    made = specimens.pdf(change=write, compress_streams=False)
    # Of the page: what the file says about itself is not kept anyway.
    middle = made.index(b"(" + mark + b") Tj")
    canaries.value(f"{place}:bytes", made[middle - 20 : middle + 30])
    return made


def marked_jpeg(canaries: Canaries, place: str) -> bytes:
    noise = Image.effect_noise((400, 300), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=90)
    made = out.getvalue()
    canaries.value(f"{place}:bytes", made[len(made) // 2 : len(made) // 2 + 48])
    return made


@pytest.fixture
def scene(
    running_portal: Callable[..., Portal], sandbox: Sandbox, page: Page, tmp_path: Path
) -> Iterator[Scene]:
    temporary = FolderEyes(tmp_path / "temporary")
    with ExitStack() as stack:
        mails = tmp_path / "mails"
        url = stack.enter_context(mail_server(mails, refused=REFUSED))
        portal = running_portal(
            EMAIL_URL=url,
            OPERATIONS_TOKEN=TOKEN,
            TMPDIR=str(temporary.folder),
            SUPPORT_EMAIL="support@portal.example",
        )
        (portal.folder / "mail").symlink_to(mails)
        ears = RedisEars(portal.env["REDIS_URL"]) if portal.broker == "redis" else None
        portal.manage("seed_demo")
        world = World(sandbox)
        world.clear_faults()
        yield Scene(portal, world, Canaries(), page, PageEars(page), temporary, ears, [])
        if ears is not None:
            ears.stop()
    temporary.stop()


def test_no_mark_is_found_where_it_may_not_be(scene: Scene) -> None:
    the_directory(scene)
    troubles_at_twilio(scene)
    first = answered(scene, COMPLETED)
    staff_at_work(scene, first)
    second = answered(scene, CANCELLED)
    crashes(scene, second)

    during = what_the_database_has(scene)
    assert scene.of_renewals.found_in(during) == set()
    assert len(scene.of_renewals.given) > 20
    assert any(value.isdigit() for value in scene.of_renewals.given.values())
    assert elsewhere(scene) == {}

    signed_in(scene, first)
    first.send()
    copy_sid = in_review(scene.world, COMPLETED)
    scene.world.control(f"bundles/{copy_sid}/approve")
    cancel(scene, second)
    for customer, state in ((first, "completed"), (second, "cancelled")):
        until(lambda c=customer, s=state: state_of(scene, c) == s)
        assert key_of(scene, customer) == "None"

    assert scene.of_renewals.found_in(what_the_database_has(scene)) == set()
    assert what_is_left_in_rows(scene) == set()
    assert elsewhere(scene) == {}
    assert "The record is whole" in scene.portal.manage("verify_events")
    assert planted(scene) == {}


def planted(scene: Scene) -> dict[str, set[str]]:
    """The places in which a mark that is put there would not be found."""
    mark = scene.canaries.word("planted")
    (scene.portal.folder / "planted.log").write_text(f"a line with {mark}")
    (scene.portal.folder / mark).touch()
    (scene.temporary.folder / "upload").write_text(mark)
    scene.page.goto(f"{scene.portal.base_url}/healthz?{mark}")
    scene.errors.append(mark)
    with SMTP("127.0.0.1", urlsplit(scene.portal.env["EMAIL_URL"]).port or 0) as mail:
        mail.sendmail("a@portal.example", "b@portal.example", f"Subject: {mark}\n\nHello\n")
    places = {"log", "folder", "temporary file", "address", "error page", "mail"}
    if scene.redis is not None:
        Redis.from_url(scene.portal.env["REDIS_URL"]).set("planted", mark)
        places |= {"broker or cache", "message"}
    until(lambda: places <= set(elsewhere(scene)))
    found = elsewhere(scene)
    run_sql(scene, [f"UPDATE compliance_pulse SET name = '{mark}' WHERE name = 'sweep'"])  # noqa: S608
    found["database"] = scene.of_renewals.found_in(what_the_database_has(scene))
    return {
        place: {"planted"}
        for place in {*places, "database"}
        if found.get(place) != {f"planted {mark}"}
    }


# --- What happens -------------------------------------------------------------------------------


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
    customer.canaries = scene.canaries
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
    page.get_by_role("button", name="Save").first.click()
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
            typed[name] = scene.canaries.word(f"draft:{name}")
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
    form = {"csrfmiddlewaretoken": token(page), "name": scene.canaries.word("crash:form")}
    answer = page.request.post(page.url, form={**form, "language": "en", "phone": ""})
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


# --- Where it may not be ------------------------------------------------------------------------


def elsewhere(scene: Scene) -> dict[str, set[str]]:
    """What was found, by the place where it may not be."""
    portal, canaries = scene.portal, scene.canaries
    found = {
        "log": canaries.found_in(read(log_files(portal))),
        "folder": canaries.found_in(read(other_files(portal))),
        "temporary file": canaries.found_in(scene.temporary.everything()),
        "address": canaries.found_in(scene.urls.everything()),
        "error page": canaries.found_in("".join(scene.errors).encode()),
        "mail": canaries.without(*MAY_BE_IN_MAILS).found_in("".join(portal.mails()).encode()),
        "page for machines": canaries.found_in(told_to_machines(portal)),
    }
    if scene.redis is not None:
        found["broker or cache"] = canaries.found_in(scene.redis.everything())
        found["message"] = canaries.found_in(scene.redis.told())
    return {place: marks for place, marks in found.items() if marks}


def log_files(portal: Portal) -> list[Path]:
    return [file for file in portal.folder.iterdir() if file.suffix == ".log"]


def other_files(portal: Portal) -> list[Path]:
    """All but the database; mails are somewhere else."""
    known = {*log_files(portal), *(portal.folder / name for name in DATABASE_FILES)}
    return [file for file in portal.folder.rglob("*") if file.is_file() and file not in known]


def read(files: list[Path]) -> bytes:
    """With their names. One that has gone meanwhile was no place to stay."""
    found = bytearray()
    for file in files:
        with suppress(FileNotFoundError):
            found += str(file).encode() + b"\n" + file.read_bytes() + b"\n"
    return bytes(found)


def told_to_machines(portal: Portal) -> bytes:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    return b"".join(
        requests.get(f"{portal.base_url}/{page}", headers=bearer, timeout=60).content
        for page in ("metrics", "readyz", "healthz")
    )


# A mail names its receiver (To, greeting), the company, and who invited somebody.
MAY_BE_IN_MAILS = (
    f"{DIRECTORY}company",
    f"{DIRECTORY}name",
    f"{DIRECTORY}email",
    f"{DIRECTORY}own name",
)


def what_the_database_has(scene: Scene) -> bytes:
    """The raw bytes of its files, free pages and journal included."""
    if scene.portal.database == "sqlite":
        files = [scene.portal.folder / name for name in DATABASE_FILES]
        return b"".join(file.read_bytes() for file in files if file.exists())
    with psycopg.connect(scene.portal.env["DATABASE_URL"], autocommit=True) as postgres:
        postgres.execute("CHECKPOINT")
        folder, number = postgres.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone() or ("", 0)
    pieces = [file.read_bytes() for file in Path(folder, "base", str(number)).iterdir()]
    return b"".join([*pieces, *(file.read_bytes() for file in Path(folder, "pg_wal").glob("0*"))])


def what_is_left_in_rows(scene: Scene) -> set[str]:
    """Of the renewals that have ended, read with all the keys that there are."""
    code = (
        "import json; from compliance.models import Customer; from compliance import personal;"
        "from django.utils import timezone; from compliance.personal.exporting import contents;"
        "print(json.dumps([contents(c, now=timezone.now()) for c in Customer.objects.all()],"
        " default=str))"
    )
    return scene.of_renewals.found_in(scene.shell(code).encode())


# --- Helpers ------------------------------------------------------------------------------------


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


def run_sql(scene: Scene, statements: list[str]) -> None:
    """Not by a connection that keeps the statement in a log of ours."""
    scene.shell(
        "from django.db import connection\n"
        f"for statement in {json.dumps(statements)}:\n"
        "    connection.cursor().execute(statement)"
    )


def sign_in_as(scene: Scene, email: str) -> None:
    scene.page.context.clear_cookies()
    link = scene.shell(
        "from django.utils import timezone; from compliance.models import User;"
        "from portal.signin.links import new_link;"
        f"print(new_link(User.objects.get(email='{email}'), now=timezone.now()))"
    )
    scene.page.goto(link)
    scene.page.locator("main form button").first.click()
    scene.page.wait_for_load_state("load")


def token(page: Page) -> str:
    return str(page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value"))


def of_renewal(scene: Scene, customer: Marked, what: str) -> str:
    return scene.shell(
        "from compliance.models import Renewal;"
        f"print(Renewal.objects.get(reference='{customer.reference}').{what})"
    )


def state_of(scene: Scene, customer: Marked) -> str:
    return of_renewal(scene, customer, "state")


def key_of(scene: Scene, customer: Marked) -> str:
    return of_renewal(scene, customer, "key")


def pk_of(scene: Scene, customer: Marked) -> str:
    return of_renewal(scene, customer, "pk")
