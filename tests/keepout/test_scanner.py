"""A virus scanner, where there is one, looks at every upload; what it can't look at is not kept."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from compliance.models import Renewal, StagedFile, Upload
from portal import checks, scanner
from portal.files import Unacceptable, checked
from portal.operations import readiness
from tests.keepout.clamd import EICAR, Clamd
from tests.pages.test_uploads import EXTRACT, TASK, url
from tests.portal import specimens as made
from tests.servers import free_port

NOWHERE = "unix:///nowhere/clamd"


@pytest.fixture(params=["tcp", "unix"])
def clamd(request: Any, settings: Any) -> Iterator[Clamd]:
    server = Clamd(on_a_path=request.param == "unix")
    settings.CLAMD_URL = server.url
    yield server
    server.stop()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(scanner, "PING_SECONDS", 0.5)


def upload(data: bytes, name: str = "scan.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_a_file_is_looked_through_whole_and_as_it_came(clamd: Clamd) -> None:
    data = made.jpeg() + b"behind the end"
    assert checked(upload(data)).data == made.jpeg()
    large = made.jpeg() + bytes(3_000_000)
    checked(upload(large))
    assert clamd.scanned == [data, large]


@pytest.mark.parametrize("where", ["within", "behind"])
def test_what_it_knows_is_refused_in_words(clamd: Clamd, where: str) -> None:
    data = made.jpeg(comment=EICAR) if where == "within" else made.jpeg() + EICAR
    with pytest.raises(Unacceptable, match="something harmful was found in it") as refusal:
        checked(upload(data))
    assert refusal.value.code == "harmful"


@pytest.mark.parametrize(
    "behaviour",
    [
        "hang up",
        "hang",
        "",
        "stream: OK FOUND ERROR",
        "stream: lstat() failed ERROR",
        "UNKNOWN COMMAND",
        "OK",
        "x" * 5000,
    ],
)
def test_without_a_clear_answer_nothing_is_taken(
    clamd: Clamd, impatient: None, behaviour: str, caplog: pytest.LogCaptureFixture
) -> None:
    clamd.behaviour = behaviour
    with pytest.raises(Unacceptable, match="can't be checked for viruses") as refusal:
        checked(upload(made.jpeg(), "passport of ada.jpg"))
    assert refusal.value.code == "unchecked"
    assert "scanner did not answer" in caplog.text
    assert "passport" not in caplog.text


def test_what_is_too_large_for_it_is_not_taken(clamd: Clamd) -> None:
    clamd.most_bytes = 100
    with pytest.raises(Unacceptable) as refusal:
        checked(upload(made.jpeg() + bytes(4_000_000)))
    assert refusal.value.code == "unchecked"


@pytest.mark.parametrize("address", [NOWHERE, "tcp://127.0.0.1:{port}"])
def test_when_it_is_away_nothing_is_taken(settings: Any, address: str) -> None:
    settings.CLAMD_URL = address.format(port=free_port())
    with pytest.raises(Unacceptable) as refusal:
        checked(upload(made.jpeg()))
    assert refusal.value.code == "unchecked"


def test_what_is_no_document_is_refused_without_it(settings: Any) -> None:
    settings.CLAMD_URL = NOWHERE
    with pytest.raises(Unacceptable) as refusal:
        checked(upload(b"MZ", "a.pdf"))
    assert refusal.value.code == "type"


# --- On the page ---------------------------------------------------------------------------------


def test_a_page_says_it_and_keeps_no_byte(client: Client, fixing: Renewal, settings: Any) -> None:
    settings.CLAMD_URL = NOWHERE
    answer = client.post(url(fixing), {"file": upload(made.pdf(), "a.pdf")})
    assert answer.status_code == 422
    assert "Try again in a few minutes" in answer.content.decode()
    form = {**EXTRACT, "file": upload(made.pdf(), "a.pdf")}
    page = client.post(f"/r/{fixing.reference}/{TASK}/", form)
    assert page.status_code == 422
    assert "can&#x27;t be checked for viruses" in page.content.decode()
    assert 'value="Acme GmbH"' in page.content.decode()
    assert not StagedFile.objects.exists()
    assert not Upload.objects.exists()
    assert not fixing.answers.exists()


# --- The installation ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("tcp://127.0.0.1:3310", True),
        ("tcp://[::1]:3310", True),
        ("tcp://clamd:3310", True),
        ("unix:///run/clamav/clamd.ctl", True),
        ("tcp://127.0.0.1", False),
        ("tcp://127.0.0.1:port", False),
        ("tcp://127.0.0.1:3310/path", False),
        ("unix://run/clamd", False),
        ("unix:///", False),
        ("unix:///run/clamd?x", False),
        ("/run/clamd", False),
        ("http://127.0.0.1:3310", False),
        ("127.0.0.1:3310", False),
    ],
)
def test_an_address_that_is_none_is_an_error(settings: Any, address: str, fits: bool) -> None:
    settings.CLAMD_URL = address
    found = {message.id for message in run_checks(tags=[checks.TAG])}
    assert ("portal.E029" not in found) == fits


def test_before_it_is_put_into_service_it_is_asked_whether_it_answers(
    clamd: Clamd, impatient: None, settings: Any
) -> None:
    def said() -> list[str]:
        every = run_checks(tags=[checks.TAG], include_deployment_checks=True)
        return [message.msg for message in every if message.id == "portal.W008"]

    assert said() == []
    clamd.behaviour = "hang"
    (sentence,) = said()
    assert "no file can be uploaded. Start clamd, or correct CLAMD_URL." in sentence
    settings.CLAMD_URL = ""
    assert said() == []


@pytest.mark.django_db
def test_readiness_tells_whether_it_is_there_and_keeps_nobody_away(
    clamd: Clamd, impatient: None, settings: Any, now: Any
) -> None:
    assert dict(readiness.look(now=now))["scanner"].state == readiness.OK
    clamd.behaviour = "nonsense"
    assert dict(readiness.look(now=now))["scanner"].state == readiness.AWAY
    assert "scanner" not in readiness.NEEDED
    settings.CLAMD_URL = ""
    assert "scanner" not in dict(readiness.look(now=now))
