"""The sandbox as a thing to start and stop: a threaded server, the courier of callbacks, and a
ticker for what falls due.
"""

import contextlib
import socket
import threading
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from compliance.sandbox import due, seed
from compliance.sandbox.app import Application
from compliance.sandbox.courier import Courier
from compliance.sandbox.records import ReviewSettings
from compliance.sandbox.state import State

TICK = 0.2


class Sandbox:
    """``state_path`` None keeps everything in memory; else the file is read if it exists and
    written after every change. ``auto_review_seconds`` None: no automatic reviewer; it holds from
    each start on, whatever the file says.
    Raises OSError on ``start`` when the port is taken, ValueError when the file is not ours.
    """

    def __init__(
        self,
        state_path: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: bool = True,
        auto_review_seconds: float | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.state = State(state_path, ReviewSettings(seconds=auto_review_seconds))
        self._seeded = seed
        self._courier = Courier(self.state)
        self.application = Application(self.state, self.reset, self._courier.wake)
        self._server: BaseWSGIServer | None = None
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._fill()

    @property
    def base_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        """Again after ``stop``: the same port, the same state."""
        if self._server is not None:
            return
        self._server = _bind(self.host, self.port, self.application)
        self.port = self._server.port
        self._stopping.clear()
        self._courier.start()
        self._threads = [
            threading.Thread(target=self._serve, name="sandbox-server", daemon=True),
            threading.Thread(target=self._tick, name="sandbox-ticker", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        if self._server is None:
            return
        self._stopping.set()
        self.application.begin_anew()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join()
        self._courier.stop()
        self._server = None
        with self.state.lock:
            self.state.save()

    def reset(self, seed: bool = True) -> None:
        """As on the first day: fresh rows, every switch and the clock at its default."""
        with self.state.lock:
            self.application.begin_anew()
            self.state.clear()
            self._seeded = seed
            if seed:
                self._sow()
            self.state.save()

    def _fill(self) -> None:
        with self.state.lock:
            if not self.state.load() and self._seeded:
                self._sow()
                self.state.save()

    def _sow(self) -> None:
        seed.sow(self.state)

    def _serve(self) -> None:
        if self._server is not None:
            self._server.serve_forever(poll_interval=0.05)

    def _tick(self) -> None:
        while not self._stopping.wait(TICK):
            with self.state.lock:
                if due.run(self.state):
                    self.state.save()
                    self._courier.wake()


def _bind(host: str, port: int, app: Application) -> BaseWSGIServer:
    # Bound here and handed over as a descriptor: werkzeug itself would leave the whole process
    # when the port is taken.
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(128)
        return make_server(
            host,
            bound.getsockname()[1],
            app,
            threaded=True,
            request_handler=_Handler,
            fd=bound.fileno(),
        )


class _Handler(WSGIRequestHandler):
    """Silent: the request log tells more than a line on the terminal."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        pass

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        # Otherwise the next request would be waited for on what a fault has cut.
        self.close_connection = True

    def finish(self) -> None:
        # A fault may have closed the socket under the handler.
        with contextlib.suppress(OSError, ValueError):
            super().finish()
