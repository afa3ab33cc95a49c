"""How an answer looks on the wire, whatever is in it: headers, JSON, and connections that break."""

import json
import socket
import struct
from typing import Any

from werkzeug.wrappers import Request, Response

from compliance.sandbox import sids
from compliance.sandbox.errors import Refusal
from compliance.sandbox.records import Json


class Cut(ConnectionAbortedError):
    """The connection is gone; there is no one to answer."""


def respond(payload: Json | None, status: int) -> Response:
    """204 has no body; everything else is JSON."""
    if payload is None:
        return Response(status=status)
    return Response(json.dumps(payload), status=status, content_type="application/json")


def refuse(refusal: Refusal) -> Response:
    response = respond(refusal.body(), refusal.status)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response


def dress(response: Response, host: str, seconds: float, concurrent: int) -> None:
    """The headers that Twilio puts on every answer."""
    response.headers.update(
        {
            "Twilio-Request-Id": sids.new("RQ"),
            "Twilio-Request-Duration": f"{seconds:.3f}",
            "Twilio-Concurrent-Requests": str(concurrent),
            "X-Home-Region": "us1",
            "X-Api-Domain": host,
            "X-Powered-By": "AT-5000",
            "X-Shenanigans": "none",
            "Strict-Transport-Security": "max-age=31536000",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
            "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-Match",
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Expose-Headers": "ETag",
        }
    )


def cut(request: Request, *, reset: bool) -> Cut:
    """Break the client's connection; with ``reset`` the hard way, by RST. To be raised."""
    connection: Any = request.environ.get("werkzeug.socket")
    if connection is not None:
        if reset:
            # Lingering for zero seconds makes the close a reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        else:
            connection.shutdown(socket.SHUT_RDWR)
    return Cut("The sandbox cut the connection on purpose")
