"""What every page's template knows."""

from django.conf import settings
from django.http import HttpRequest

from portal.session import seconds_left


def brand(request: HttpRequest) -> dict[str, object]:
    return {
        "brand_name": settings.BRAND_NAME,
        "support_email": settings.SUPPORT_EMAIL,
        "reviewer": settings.REVIEWER_NAME,
        "demo": settings.DEMO,
        "session_seconds": _session_seconds(request),
    }


def _session_seconds(request: HttpRequest) -> int:
    """How long a signed-in person's session lasts; 0 for others, and where there is no session."""
    user = getattr(request, "user", None)
    return seconds_left(request) if user is not None and user.is_authenticated else 0
