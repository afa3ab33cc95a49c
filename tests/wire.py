"""A shorter way to the sandbox, for tests that call it by the ten thousand.

Everything that the real SDK, its HTTP library and the sandbox's application do is done; only the
socket between them is left out, which adds nothing when all is well. A call that a fault is waiting
for goes over the real one, and so does everything that doesn't go to the sandbox.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from compliance.sandbox import Sandbox, faults


class Shortcut(BaseAdapter):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._sandbox = sandbox
        self._wire = HTTPAdapter()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        parts = urlsplit(str(request.url))
        if self._meets_a_fault(str(request.method), parts.path):
            return self._wire.send(request, **options)
        body = request.body or b""
        sent = body.encode() if isinstance(body, str) else body
        environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(parts.path, "latin-1"),
            "QUERY_STRING": parts.query,
            "SERVER_NAME": parts.hostname,
            "SERVER_PORT": str(parts.port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": parts.netloc,
            "wsgi.url_scheme": parts.scheme,
            "wsgi.input": BytesIO(sent),
            **{_key(name): value for name, value in request.headers.items()},
        }
        begun: list[Any] = []
        content = b"".join(
            self._sandbox.application(environ, lambda *head, **_: begun.extend(head))  # type: ignore[arg-type, return-value]
        )
        status, headers = begun[:2]
        answer = HTTPResponse(
            BytesIO(content), headers, status=int(status.split()[0]), preload_content=False
        )
        return self._wire.build_response(request, answer)

    def close(self) -> None:
        self._wire.close()

    def _meets_a_fault(self, method: str, path: str) -> bool:
        with self._sandbox.state.lock:
            waiting = self._sandbox.state.faults
            return any(faults.fits(fault, method, path) for fault in waiting)


def _key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


@contextmanager
def shortened(sandbox: Sandbox) -> Iterator[None]:
    """Whoever asks the sandbox meanwhile goes the short way."""
    shortcut = Shortcut(sandbox)
    usual = requests.Session.get_adapter

    def adapter(session: requests.Session, url: str) -> Any:
        return shortcut if url.startswith(f"{sandbox.base_url}/") else usual(session, url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "get_adapter", adapter)
        # Nor does anybody look for a proxy.
        patch.setattr(requests.sessions, "get_environ_proxies", lambda *_, **__: {})
        yield
    shortcut.close()
