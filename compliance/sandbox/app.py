"""The WSGI application: sorts requests to the API, the control API and the page, and keeps the
order of things in an API call: fault, credentials, work, log.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

from werkzeug.exceptions import (
    ClientDisconnected,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Request, Response

from compliance.sandbox import authentication, control, due, faults, requestlog, wire
from compliance.sandbox.context import Answer, Call, Upload
from compliance.sandbox.errors import (
    Refusal,
    method_not_allowed,
    not_found,
    too_many_requests,
)
from compliance.sandbox.page import page
from compliance.sandbox.records import Fault
from compliance.sandbox.routes import API, HOSTS, MAP
from compliance.sandbox.state import State

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# Far above every limit that the API tells of; keeps one request from filling the memory.
LARGEST_BODY = 60_000_000


class _Request(Request):
    def _get_file_stream(self, *_: object, **__: object) -> BytesIO:
        """A file is kept in memory: if the client hangs up in the middle of it, nobody would close
        a temporary one."""
        return BytesIO()


class Application:
    """``wake`` is called when something may be due that another thread carries out."""

    def __init__(
        self, state: State, reset: Callable[[bool], None], wake: Callable[[], None]
    ) -> None:
        self.state = state
        self._reset = reset
        self._wake = wake
        self._life = _Life()

    def begin_anew(self) -> None:
        """Requests that are still under way belong to what was before: they end without an
        answer and without touching what comes now.
        """
        self._life.over.set()
        self._life = _Life()
        faults.release(self.state)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request = _Request(environ)
        request.max_content_length = LARGEST_BODY
        request.max_form_memory_size = LARGEST_BODY
        host, _, rest = request.path.removeprefix("/").partition("/")
        is_api = host in HOSTS
        response = self._api(request, host, f"/{rest}") if is_api else self._own(request)
        return response(environ, start_response)

    def _own(self, request: Request) -> Response:
        with self.state.lock:
            due.run(self.state)
            if request.path == "/sandbox" or request.path.startswith("/sandbox/"):
                response = control.answer(self.state, request, self._reset)
            else:
                response = page.answer(self.state, request, self._reset)
            if request.method != "GET":
                due.run(self.state)
                self.state.save()
        self._wake()
        return response

    def _api(self, request: Request, host: str, path: str) -> Response:
        started, life = time.monotonic(), self._life
        entry = requestlog.open_entry(self.state, request, host, path)
        username = request.authorization.username if request.authorization else None
        with self._counted(life, username or "") as concurrent:
            task = _Task(request, host, path, entry, concurrent, life)
            try:
                response = self._answer(task)
            except wire.Cut:
                entry["status"] = None
                raise
            finally:
                entry["seconds"] = round(time.monotonic() - started, 3)
        entry |= {
            "status": response.status_code,
            "answer": requestlog.cut(response.get_data(as_text=True)),
        }
        wire.dress(response, host, time.monotonic() - started, concurrent)
        return response

    def _answer(self, task: "_Task") -> Response:
        if task.request.method == "OPTIONS":
            return wire.respond(None, 204)
        upload = self._read(task.request)
        requestlog.add_body(task.entry, task.request, upload)
        with self.state.lock:
            where = f"/{task.host}{task.path}"
            fault = faults.take(self.state, task.request.method, where)
            released = self.state.released
        if fault is not None:
            task.entry["fault"] = fault.kind
            instead = self._suffer(task, fault, released)
            if instead is not None:
                return instead
        response = self._work(task, upload)
        if fault is None:
            return response
        if fault.kind == "drop_after":
            raise wire.cut(task.request, reset=False)
        return faults.spoil(response, fault)

    def _suffer(self, task: "_Task", fault: Fault, released: threading.Event) -> Response | None:
        """The part of a fault that comes before the work."""
        if fault.kind in ("latency", "late"):
            released.wait(fault.seconds)
        if fault.kind == "refuse_before":
            raise wire.cut(task.request, reset=True)
        return faults.answer(fault)

    def _work(self, task: "_Task", upload: Upload | None) -> Response:
        request, entry = task.request, task.entry
        base = request.host_url.rstrip("/")
        with self.state.lock:
            if task.life.over.is_set():
                raise wire.cut(request, reset=False)
            changed = due.run(self.state)
            try:
                account = authentication.caller(self.state, request)
                entry["account"] = account.sid
                limit = self.state.number("concurrency_limit")
                if limit and task.concurrent > limit:
                    raise too_many_requests()
                call = Call(self.state, account, request, task.host, task.path, base, upload)
                answer = self._route(call)
                response = wire.respond(answer.payload, answer.status)
            except Refusal as refusal:
                entry["code"] = refusal.code
                response = wire.refuse(refusal)
            if changed or request.method != "GET":
                self.state.save()
        self._wake()
        return response

    def _route(self, call: Call) -> Answer:
        matcher = MAP.bind("localhost")
        try:
            function, values = matcher.match(f"/{call.host}{call.path}", call.request.method)
        except (NotFound, RequestRedirect):
            raise call.not_found() from None
        except MethodNotAllowed:
            raise method_not_allowed(call.request.method) from None
        if call.host == API and "account_sid" in values:
            owner = self.state.accounts.get(values["account_sid"])
            if not authentication.may_act_for(call.account, owner):
                raise not_found(call.path)
        answer: Answer = function(call, **values)
        return answer

    def _read(self, request: Request) -> Upload | None:
        """Take the whole body in before the lock is asked for: the client may be slow."""
        try:
            part = request.files.get("File")
            _ = request.form
        except RequestEntityTooLarge:
            raise wire.cut(request, reset=True) from None
        except ClientDisconnected:
            raise wire.cut(request, reset=False) from None
        if part is None:
            return None
        return Upload(part.filename or "", part.mimetype, part.read())

    @contextmanager
    def _counted(self, life: "_Life", username: str) -> Iterator[int]:
        with self.state.lock:
            life.busy[username] += 1
            count = life.busy[username]
        try:
            yield count
        finally:
            with self.state.lock:
                life.busy[username] -= 1


@dataclass
class _Life:
    """From one start or reset to the next; ``busy`` counts the requests under way by caller."""

    over: threading.Event = field(default_factory=threading.Event)
    busy: "Counter[str]" = field(default_factory=Counter)


@dataclass(frozen=True)
class _Task:
    request: Request
    host: str
    path: str
    entry: requestlog.Entry
    concurrent: int
    life: _Life
