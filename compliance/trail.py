"""Which request and which renewal the present work is for: every line of the log says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Of the request, or of the task's message.
request_id: ContextVar[str] = ContextVar("request_id", default="")
# The renewal's reference, which names nobody.
reference: ContextVar[str] = ContextVar("reference", default="")


@contextmanager
def of_request(identifier: str) -> Iterator[None]:
    token = request_id.set(identifier)
    try:
        yield
    finally:
        request_id.reset(token)


@contextmanager
def about(renewal_reference: str) -> Iterator[None]:
    token = reference.set(renewal_reference)
    try:
        yield
    finally:
        reference.reset(token)
