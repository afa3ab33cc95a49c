"""Refusals, as Twilio words them on the wire: a body of the four members code, message,
more_info and status. Codes are those of Twilio's error dictionary; the sentences are ours.
"""

from typing import Any


class Refusal(Exception):
    """The request is refused. ``status`` is the HTTP status; the dictionary gives none, so 400
    stands for everything that is neither about credentials, nor absence, nor load.
    """

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status

    def body(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def unauthenticated() -> Refusal:
    """20003: no credentials, wrong ones, or those of a closed account."""
    return Refusal(20003, "Authenticate", 401)


def not_found(path: str) -> Refusal:
    """20404: no such resource, or somebody else's: the two cannot be told apart."""
    return Refusal(20404, f"The requested resource {path} was not found", 404)


def method_not_allowed(method: str) -> Refusal:
    return Refusal(20004, f"Method {method} is not allowed for this resource", 405)


def too_many_requests() -> Refusal:
    """20429: the limit is one of concurrency and stands in no answer."""
    return Refusal(20429, "Too Many Requests", 429)


def invalid(message: str) -> Refusal:
    """20001: a parameter is missing or cannot be used."""
    return Refusal(20001, message)


def missing(name: str) -> Refusal:
    return invalid(f"The parameter {name} is required and was not sent")


def broken(message: str = "An internal server error has occurred") -> Refusal:
    """20500: Twilio's own fault."""
    return Refusal(20500, message, 500)
