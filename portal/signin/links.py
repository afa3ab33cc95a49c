"""The mailed links: one at a time for a person, each good for one sign-in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext

from compliance.models import SignInLink, User
from compliance.models.people import hashed


class Standing(Enum):
    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"
    REPLACED = "replaced"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an address leads to. ``link`` is None for one that was never sent."""

    standing: Standing
    link: SignInLink | None = None


def new_link(user: User | None, *, wanted: str = "", now: datetime) -> str:
    """The address of a fresh link; every earlier one of this person stops working.

    :param user: None when nobody has the address that was typed.
    :param wanted: the page to go to afterwards; ignored unless it is one of ours.
    """
    token = SignInLink.issue(user, wanted=own_page(wanted), now=now)
    return f"{settings.PUBLIC_URL}{reverse('sign-in-link', args=[token])}"


def find(token: str, *, now: datetime) -> Found:
    link = SignInLink.objects.select_related("user").filter(token_hash=hashed(token)).first()
    if link is None or link.user is None or not link.user.is_active:
        return Found(standing=Standing.UNKNOWN)
    if link.used_at:
        return Found(standing=Standing.USED, link=link)
    if link.replaced_at:
        return Found(standing=Standing.REPLACED, link=link)
    if link.stops_at <= now:
        return Found(standing=Standing.EXPIRED, link=link)
    return Found(standing=Standing.GOOD, link=link)


def consume(link: SignInLink, *, now: datetime) -> bool:
    """Spend the link. Of two that try at once, one gets True."""
    return bool(
        SignInLink.objects.filter(
            pk=link.pk,
            used_at=None,
            replaced_at=None,
            created_at__gt=now - link.lifetime,
        ).update(used_at=now)
    )


def wanted_page(request: HttpRequest) -> str:
    """The page that this person came for, as far as the request knows."""
    address = getattr(request, "wanted_page", "")
    return own_page(address or request.POST.get("next") or request.GET.get("next") or "")


def own_page(address: str) -> str:
    """``address`` if it is a path on this site, else nothing: nobody is sent elsewhere."""
    fits = len(address) <= SignInLink.WANTED_LENGTH
    is_path = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, allowed_hosts=None
    )
    return address if fits and is_path else ""


def lifetime_in_words(lifetime: timedelta) -> str:
    minutes = int(lifetime.total_seconds() // 60)
    if minutes % (24 * 60) == 0:
        days = minutes // (24 * 60)
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    if minutes % 60 == 0:
        hours = minutes // 60
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
