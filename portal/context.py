"""What every page's template knows."""

from django.conf import settings
from django.http import HttpRequest

from portal.brand import current
from portal.session import seconds_left


def installation() -> dict[str, object]:
    """Needs no request, no session and no database."""
    brand = current()
    return {"brand": brand, "brand_name": brand.name, "support_email": brand.support_email}


def brand(request: HttpRequest) -> dict[str, object]:
    return {
        **installation(),
        "reviewer": settings.REVIEWER_NAME,
        "demo": settings.DEMO,
        "session_seconds": _session_seconds(request),
        "acting": getattr(request, "acting", None),
    }


def _session_seconds(request: HttpRequest) -> int:
    """How long a signed-in person's session lasts; 0 for others, and where there is no session."""
    user = getattr(request, "user", None)
    return seconds_left(request) if user is not None and user.is_authenticated else 0
