"""What ``manage.py check`` says about how the portal presents itself."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from portal.brand.color import Color, parse
from portal.brand.logo import Unusable, read_logo
from portal.brand.palette import DARK, EDGE, LIGHT, TEXT, dark_accents, light_accents, poorest
from portal.checks import TAG, web_address


@register(TAG)
def colors(**kwargs: Any) -> Iterator[CheckMessage]:
    for name, grounds, accents in (
        ("BRAND_COLOR", LIGHT, light_accents),
        ("BRAND_COLOR_DARK", DARK, dark_accents),
    ):
        given = getattr(settings, name)
        color = parse(given)
        if color:
            yield from _poor_contrast(name, color, accents(color).accent, grounds)
        elif given:
            yield Error(
                f"{name} should look like #0d5c63: six hexadecimal digits.", id="portal.E020"
            )


def _poor_contrast(
    name: str, color: Color, used: Color, grounds: tuple[str, ...]
) -> Iterator[CheckMessage]:
    if used == color:
        return
    found, ground = poorest(color, grounds)
    edge = "" if found >= EDGE else f", and the edge of a button {EDGE:g}:1"
    yield checks.Warning(
        f"{name} is hard to read: {color} on the page's {ground} has a contrast of {found:.1f}:1, "
        f"and text needs {TEXT:g}:1{edge}. Pages, mails and records use {used} instead, the "
        "nearest colour that has it.",
        id="portal.W020",
    )


@register(TAG)
def logos(**kwargs: Any) -> Iterator[CheckMessage]:
    for name in ("BRAND_LOGO", "BRAND_LOGO_DARK"):
        if path := getattr(settings, name):
            try:
                read_logo(Path(path))
            except Unusable as reason:
                yield Error(f"{name} ({path}) {reason}.", id="portal.E021")
    if settings.BRAND_LOGO_DARK and not settings.BRAND_LOGO:
        yield checks.Warning(
            "BRAND_LOGO_DARK is not shown without BRAND_LOGO, whose place it takes.",
            id="portal.W021",
        )


@register(TAG)
def help_(**kwargs: Any) -> Iterator[CheckMessage]:
    if settings.SUPPORT_PHONE and not re.fullmatch(r"\+?[\d\s()/.-]{4,30}", settings.SUPPORT_PHONE):
        yield Error("SUPPORT_PHONE should look like +49 30 901820.", id="portal.E022")
    if settings.SUPPORT_URL and web_address(settings.SUPPORT_URL) is None:
        yield Error("SUPPORT_URL should look like https://help.example.com.", id="portal.E023")
