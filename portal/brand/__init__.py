"""Who we are to the customer: name, logo, colours, and where help is, all from the settings.

Pages, mails and the record ask :func:`current`. It never raises: what can't be used is left out
until it is put right, and ``manage.py check`` says what and why (``portal.brand.checks``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from portal.brand.color import parse
from portal.brand.logo import Logo, Unusable, read_logo
from portal.brand.palette import DEFAULT, Palette, palette


@dataclass(frozen=True)
class File:
    """What a browser asks for. The address changes with the contents."""

    url: str
    data: bytes
    content_type: str


@dataclass(frozen=True, kw_only=True)
class Brand:
    name: str
    support_email: str
    support_phone: str
    support_url: str
    palette: Palette
    # Without a colour of the installation's own there is no stylesheet to be fetched.
    has_own_colors: bool
    logo: Logo | None
    logo_dark: Logo | None

    @property
    def support_phone_url(self) -> str:
        return "tel:" + re.sub(r"[^+\d]", "", self.support_phone)

    @property
    def icon(self) -> Logo | None:
        """For the browser's tab, where a wide one can't be recognized."""
        return self.logo if self.logo and not self.logo.says_the_name else None

    @cached_property
    def stylesheet(self) -> File | None:
        if not self.has_own_colors:
            return None
        data = self.palette.css().encode()
        return File(f"/brand/{sha256(data).hexdigest()[:16]}.css", data, "text/css; charset=utf-8")

    @cached_property
    def files(self) -> Mapping[str, File]:
        """By address."""
        logos = [logo for logo in (self.logo, self.logo_dark) if logo]
        files = [File(logo.url, logo.data, logo.content_type) for logo in logos]
        return {file.url: file for file in (*files, self.stylesheet) if file}


def current() -> Brand:
    return _brand(
        settings.BRAND_NAME,
        settings.SUPPORT_EMAIL,
        settings.SUPPORT_PHONE,
        settings.SUPPORT_URL,
        settings.BRAND_COLOR,
        settings.BRAND_COLOR_DARK,
        settings.BRAND_LOGO,
        settings.BRAND_LOGO_DARK,
    )


@lru_cache(maxsize=4)
def _brand(
    name: str, email: str, phone: str, url: str, color: str, dark: str, logo: str, logo_dark: str
) -> Brand:
    own, own_dark, default = parse(color), parse(dark), parse(DEFAULT)
    assert default  # noqa: S101 (written by us)
    light_logo = _logo(logo)
    return Brand(
        name=name,
        support_email=email,
        support_phone=phone,
        support_url=url,
        palette=palette(own or default, own_dark),
        has_own_colors=bool(own or own_dark),
        logo=light_logo,
        logo_dark=_logo(logo_dark) if light_logo else None,
    )


def _logo(path: str) -> Logo | None:
    try:
        return read_logo(Path(path)) if path else None
    except Unusable:
        return None
