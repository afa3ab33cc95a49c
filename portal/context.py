"""What every page's template knows."""

from django.conf import settings
from django.http import HttpRequest


def brand(request: HttpRequest) -> dict[str, object]:
    return {
        "brand_name": settings.BRAND_NAME,
        "support_email": settings.SUPPORT_EMAIL,
        "reviewer": settings.REVIEWER_NAME,
        "demo": settings.DEMO,
    }
