"""Lines for machines: what stands in them, and what never does."""

import io
import json
import logging
from collections.abc import Iterator
from logging.config import DictConfigurator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from gunicorn.config import Config

import portal.gunicorn
from compliance import notifications, tasks, trail, workflow
from compliance.callback_address import callback_url
from compliance.models import Renewal, SignInLink, User
from compliance.sandbox import Sandbox, seed
from portal.operations import loggers
from portal.operations.logs import About, Discreet, Json
from tests.factories import german_renewal, make_customer
from tests.world import CAST, World

# What the people of the world type, and what the sandbox's items hold.
PERSONAL = (
    *CAST.values(),
    "Acme GmbH",
    "Musterstr",
    "10115",
    "493023125001",
    "1984-04-12",
    "We answer our customers",
    "Stern",
    "HRB 123456",
    "scan.pdf",
)


class Lines(logging.StreamHandler[io.StringIO]):
    """Everything that is logged, as the console would get it."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.setFormatter(Json())
        self.addFilter(About())

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def world(sandbox: Sandbox, settings: Any, db: None) -> World:
    settings.TWILIO_BASE_URL = sandbox.base_url
    settings.TWILIO_ACCOUNT_SID = seed.ACCOUNT_SID
    settings.TWILIO_AUTH_TOKEN = seed.AUTH_TOKEN
    return World(sandbox)


def test_a_line_is_one_object_with_request_and_renewal(lines: Lines) -> None:
    with trail.of_request("request-1"), trail.about("CMP-234567"):
        logging.getLogger("compliance.test").warning("two\nlines, %s", "one object")
    logging.getLogger("compliance.test").warning("outside")
    inside, outside = lines.read()
    assert inside.pop("at")
    assert inside == {
        "level": "WARNING",
        "logger": "compliance.test",
        "message": "two\nlines, one object",
        "request_id": "request-1",
        "renewal": "CMP-234567",
    }
    assert outside["renewal"] == ""


def test_lines_for_people_do_not_repeat_an_errors_words_either(lines: Lines) -> None:
    lines.setFormatter(Discreet("%(levelname)s %(message)s"))
    try:
        raise ValueError("ada@acme.example")
    except ValueError:
        logging.getLogger("compliance.test").exception("it failed")
    assert "it failed" in lines.text
    assert "ValueError" in lines.text
    assert "ada@" not in lines.text


@pytest.mark.parametrize(
    ("form", "discreet", "formatter"),
    [
        ("text", True, Discreet),
        ("text", False, logging.Formatter),
        ("json", True, Json),
        ("json", False, Json),
    ],
)
def test_only_a_developers_text_is_made_with_an_errors_words(
    form: str, discreet: bool, formatter: type[logging.Formatter]
) -> None:
    config = loggers.configured(level="INFO", form=form, discreet=discreet)
    chosen = config["formatters"][config["handlers"]["console"]["formatter"]]
    made = DictConfigurator(config).configure_formatter(chosen)
    assert type(made) is formatter


def test_of_an_error_its_kind_and_place_are_kept_and_not_its_words(lines: Lines) -> None:
    try:
        raise ValueError("ada@acme.example")
    except ValueError:
        logging.getLogger("compliance.test").exception("it failed")
    [line] = lines.read()
    assert line["exc_info"].endswith("> ValueError")
    assert "test_logs.py" in line["exc_info"]
    assert "ada@" not in lines.text


def test_what_a_task_was_given_and_failed_with_is_not_repeated(lines: Lines) -> None:
    """In Celery's own form."""
    context = {
        "name": "compliance.tasks.advance",
        "id": "message-1",
        "description": "raised unexpected",
        "exc": "ValueError('ada@acme.example')",
        "traceback": "ada@acme.example",
        "args": "('ada@acme.example',)",
    }
    sentence = "Task %(name)s[%(id)s] %(description)s: %(exc)s"
    logging.getLogger("celery.app.trace").error(sentence, context, extra={"data": context})
    [line] = lines.read()
    said = "Task compliance.tasks.advance[message-1] raised unexpected: -"
    assert line["message"] == said
    assert "ada@" not in lines.text


@pytest.mark.parametrize("formatter", [Json(), Discreet("%(message)s")])
def test_the_secret_of_a_link_is_in_no_line(
    db: None, lines: Lines, formatter: logging.Formatter
) -> None:
    lines.setFormatter(formatter)
    ada = User.objects.create_user("ada@acme.example")
    secret = SignInLink.issue(ada, now=timezone.now())
    for address in (f"/sign-in/link/{secret}/", f"/hooks/twilio/{secret}/"):
        Client(enforce_csrf_checks=True).post(address)
        Client().put(address)
    assert "Forbidden" in lines.text
    assert "/sign-in/link/*" in lines.text
    assert secret not in lines.text


@pytest.mark.parametrize("formatter", [Json(), Discreet("%(message)s")])
def test_no_refused_callback_puts_its_address_into_a_line(
    db: None, lines: Lines, settings: Any, formatter: logging.Formatter
) -> None:
    lines.setFormatter(formatter)
    settings.TWILIO_REQUIRE_SIGNATURE = True
    settings.PUBLIC_URL = "https://numbers.example.com"
    acme = make_customer("Acme GmbH")
    renewal = german_renewal(acme, now=timezone.now())
    path = urlsplit(callback_url(renewal)).path
    secret = path.split("/")[-2]
    client = Client()
    answers = {
        "Bad Request": client.post(path, CONTENT_LENGTH="many"),
        "Forbidden": client.post(path),
        "Method Not Allowed (PUT)": client.put(path),
        "Not Found": client.post(path.replace(secret, f"/{secret}")),
        "Request Entity Too Large": client.post(path, {"x": "x" * 70_000}),
    }
    for reason, answer in answers.items():
        assert answer.status_code >= 400, reason
        assert f"{reason}: /hooks/twilio/*" in lines.text
    assert secret not in lines.text
    assert secret.partition(":")[2] not in lines.text


def test_a_sentence_that_holds_the_address_itself_is_cleaned_too(lines: Lines) -> None:
    logger = logging.getLogger("compliance.test")
    logger.warning("POST /hooks/twilio/CMP-234567:s3cr3t/ HTTP/1.1")
    logger.warning("%(way)s", {"way": "/sign-in/link/s3cr3t/"})
    assert "POST /hooks/twilio/* HTTP/1.1" in lines.text
    assert "s3cr3t" not in lines.text


def test_gunicorns_own_lines_name_no_secret_and_no_words_of_an_error() -> None:
    cfg = Config()
    cfg.set("logger_class", portal.gunicorn.logger_class)
    assert portal.gunicorn.accesslog is None
    log = cfg.logger_class(cfg)
    said = io.StringIO()
    [handler] = log.error_log.handlers
    handler.setStream(said)
    try:
        raise ValueError("ada@acme.example")
    except ValueError:
        log.exception("Error handling request %s %s", "POST", "/hooks/twilio/CMP-234567:s3cr3t/")
    assert "Error handling request POST /hooks/twilio/*" in said.getvalue()
    assert "ValueError" in said.getvalue()
    assert "s3cr3t" not in said.getvalue()
    assert "ada@" not in said.getvalue()
    log.error_log.removeHandler(handler)


def test_a_request_has_a_number_that_its_answer_carries(db: None, client: Client) -> None:
    first, second = client.get("/healthz"), client.get("/healthz")
    assert len(first["X-Request-ID"]) == 32
    assert first["X-Request-ID"] != second["X-Request-ID"]
    given = client.get("/healthz", HTTP_X_REQUEST_ID="from-the-proxy-1")
    assert given["X-Request-ID"] == "from-the-proxy-1"
    for forged in ("short", "x" * 65, 'a"b{}: forged'):
        assert client.get("/healthz", HTTP_X_REQUEST_ID=forged)["X-Request-ID"] != forged


def test_what_is_logged_for_a_request_carries_its_number(
    db: None, client: Client, lines: Lines
) -> None:
    client.get("/no-such-page/", HTTP_X_REQUEST_ID="from-the-proxy-1")
    [line] = [line for line in lines.read() if line["logger"] == "django.request"]
    assert line["request_id"] == "from-the-proxy-1"


def test_the_work_on_a_renewal_carries_its_reference(world: World, lines: Lines) -> None:
    world.people()
    world.sync()
    renewal = world.renewal("acme-de-local")
    seen: list[str] = []

    def clock() -> Any:
        seen.append(trail.reference.get())
        return world.clock()

    workflow.advance(renewal.pk, clock=clock)
    assert renewal.reference in seen
    assert trail.reference.get() == ""


def test_a_task_carries_the_number_of_its_message(
    db: None, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(workflow, "advance", lambda pk: seen.append(trail.request_id.get()))
    with trail.of_request("request-1"):
        tasks.advance.apply(args=[1], task_id="message-1")
        assert trail.request_id.get() == "request-1"
    assert seen == ["message-1"]


def test_no_personal_data_is_logged_on_the_way_of_a_renewal(
    world: World, client: Client, lines: Lines
) -> None:
    """Preparation, pages, answers, sending, review and mails, with everything at DEBUG."""
    key = "acme-de-local"
    renewal = world.prepared(key)
    notifications.tell(now=world.clock())
    user = User.objects.get(email=CAST["Acme GmbH"])
    client.force_login(user)
    client.get(reverse("home"))
    client.get(reverse("registration", args=[renewal.reference]))
    world.fault("status", status=500, times=2)
    world.answer_all(key)
    world.clear_faults()
    Renewal.objects.filter(pk=renewal.pk).update(next_look_at=world.clock())
    world.work(key)
    assert world.renewal(key).state == Renewal.State.READY
    client.get(reverse("send", args=[renewal.reference]))
    world.send(key)
    world.control(f"bundles/{world.renewal(key).copy_sid}/approve")
    assert world.look(key).state == Renewal.State.COMPLETED
    notifications.tell(now=world.clock())
    client.post(reverse("account_request_login_code"), {"email": user.email})

    ours = [line for line in lines.read() if not line["logger"].startswith("django.db")]
    assert ours
    said = json.dumps(ours)
    assert not [value for value in PERSONAL if value in said]
    assert lines.read()
