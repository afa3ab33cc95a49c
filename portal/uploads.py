"""Takes an upload into memory. A plain file never reaches the disk: Django's own handlers would
write anything above 2.5 MB into the folder for temporary files.

A file over the limit is not kept, but it is read to its end and counted, so that what was typed
beside it arrives and the page can say what is wrong. Only a body beyond all reason is refused
unread.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.files import max_megabytes


class InMemoryOnly(FileUploadHandler):
    """Keeps up to ``MAX_UPLOAD_BYTES`` of a file.

    Of a larger one it hands on the name and the size without the bytes, which
    :func:`portal.files.checked` refuses in words, and sets ``request.upload_too_large``.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()
        self.too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.too_large:
            return
        if start + len(raw_data) > settings.MAX_UPLOAD_BYTES:
            self.too_large = True
            self.kept = BytesIO()
            if self.request is not None:
                self.request.upload_too_large = True  # type: ignore[attr-defined]
            return
        self.kept.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        self.kept.seek(0)
        return InMemoryUploadedFile(
            file=self.kept,
            field_name=self.field_name,
            name=self.file_name or "",
            content_type=self.content_type or "",
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


def whole_body_limit() -> int:
    """Far more than any form of ours with any file that a person selects by mistake."""
    return max(64 * 1024**2, 4 * int(settings.MAX_UPLOAD_BYTES))


class RefuseHugeBodies:
    """Answers 413 by the announced length alone, before anything reads the body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdigit() and int(announced) > whole_body_limit():
            return render(request, "413.html", {"limit": f"{max_megabytes()} MB"}, status=413)
        return self.get_response(request)
