"""Who may see how the portal is doing: staff, or a program that brings the token."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from compliance.models import User
from portal.signin.second_factor import is_missing


def has_token(request: HttpRequest) -> bool:
    """``Authorization: Bearer ...``; without a token in the settings nobody has one."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    is_one = bool(settings.OPERATIONS_TOKEN) and scheme.lower() == "bearer"
    return is_one and constant_time_compare(given.strip(), settings.OPERATIONS_TOKEN)


def may_see_details(request: HttpRequest) -> bool:
    """Asked last: it reads the session, which lies in the database."""
    if has_token(request):
        return True
    user = request.user
    return isinstance(user, User) and user.is_staff and not is_missing(request, user)
