"""An upload stays in memory, and one that is too large takes nothing else down with it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from portal.files import Unacceptable, checked
from portal.uploads import RefuseHugeBodies, whole_body_limit
from tests.portal import specimens as made


def posted(data: bytes) -> WSGIRequest:
    file = SimpleUploadedFile("letter.pdf", data)
    return RequestFactory().post("/", {"before": "typed", "file": file, "behind": "typed"})


@pytest.fixture
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with override_settings(FILE_UPLOAD_TEMP_DIR=str(tmp_path)):
        yield tmp_path


def test_a_file_up_to_the_limit_is_in_memory_whole(temporary_folder: Path) -> None:
    data = made.pdf() + b"\n" * (5 * 1024 * 1024 - len(made.pdf()))

    request = posted(data)

    assert request.FILES["file"].read() == data
    assert not hasattr(request, "upload_too_large")
    assert list(temporary_folder.iterdir()) == []


def test_a_larger_file_is_counted_but_not_kept(temporary_folder: Path) -> None:
    request = posted(b"x" * (6 * 1024 * 1024))

    file = request.FILES["file"]

    assert request.upload_too_large  # type: ignore[attr-defined]
    assert (file.size, file.read()) == (6 * 1024 * 1024, b"")
    assert list(temporary_folder.iterdir()) == []
    with pytest.raises(Unacceptable) as refusal:
        checked(file)
    assert refusal.value.code == "too-large"


def test_what_was_typed_beside_a_file_that_is_too_large_arrives() -> None:
    request = posted(b"x" * (6 * 1024 * 1024))

    assert (request.POST["before"], request.POST["behind"]) == ("typed", "typed")


def test_a_body_beyond_all_reason_is_refused_by_its_announced_length() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise AssertionError

    request = RequestFactory().post("/", b"", content_type="multipart/form-data; boundary=x")
    request.user = AnonymousUser()
    request.META["CONTENT_LENGTH"] = str(whole_body_limit() + 1)

    response = RefuseHugeBodies(view)(request)

    assert response.status_code == 413
    assert "at most 5 MB" in response.content.decode()


def test_any_other_request_goes_on() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("went on")

    assert RefuseHugeBodies(view)(RequestFactory().get("/")).content == b"went on"
