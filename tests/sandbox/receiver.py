"""A small server that notes which callbacks reach it."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.patience import PATIENCE


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))


class Receiver:
    def __init__(self) -> None:
        self.calls: list[Received] = []
        self._arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                call = Received(self.command, self.path, dict(self.headers), body)
                self.send_response(204)
                self.end_headers()
                with receiver._arrived:
                    receiver.calls.append(call)
                    receiver._arrived.notify_all()

            do_GET = do_POST

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook?token=1"

    def wait_for(self, count: int, timeout: float = PATIENCE) -> list[Received]:
        """The calls, once there are this many; fails if they do not come."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.calls) >= count, timeout), self.calls
            return list(self.calls)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
