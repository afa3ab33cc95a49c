"""(stub)"""

from collections.abc import Callable

from werkzeug.wrappers import Request, Response

from compliance.sandbox.state import State


def answer(state: State, request: Request, reset: Callable[[bool], None]) -> Response:
    return Response("sandbox")
