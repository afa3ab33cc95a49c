"""What can go wrong on the way, in the three kinds that callers treat differently."""

from typing import Literal

Cause = Literal["connection", "limit", "server", "credentials", "busy"]


class Unavailable(Exception):
    """Not now: the call may or may not have been carried out.

    ``cause`` is "connection" (refused, cut, timed out), "limit" (429, error 20429), "server" (5xx
    or an answer that is not the API's), "credentials" (401, error 20003: nothing works until a
    person mends them) or "busy" (so many of our own calls are under way that this one was not
    made). ``retry_after`` is in seconds, where Twilio named a time.
    """

    def __init__(
        self, cause: Cause, message: str = "", *, retry_after: float | None = None
    ) -> None:
        super().__init__(message or cause)
        self.cause = cause
        self.retry_after = retry_after


class Refused(Exception):
    """Twilio understood and said no. ``code`` is from its error dictionary, 0 if it gave none."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Gone(Exception):
    """There is no such object in this account (404, error 20404)."""
