"""Keeps other web sites from pressing the sandbox's buttons through somebody's browser."""

from werkzeug.wrappers import Request


def is_own(request: Request) -> bool:
    """A browser says where a form comes from; what is not a browser says nothing and may pass."""
    if request.method in ("GET", "HEAD"):
        return True
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin == request.host_url.rstrip("/")
