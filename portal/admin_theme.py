"""How the admin looks: our name and colour on its theme (``UNFOLD`` in the settings)."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext

from compliance.admin import dashboard as desk
from portal.brand import current
from portal.operations import readiness

# How much of the brand's colour is in each of the theme's shades; below 0 the rest is black. 600 is
# the ground of buttons, 500 stands on dark ground.
SHADES = {
    "50": 5,
    "100": 10,
    "200": 22,
    "300": 40,
    "400": 60,
    "700": -88,
    "800": -72,
    "900": -56,
    "950": -40,
}

# The one of the customers' pages.
TICK = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
    "<rect width='32' height='32' rx='9' fill='{color}'/>"
    "<path d='m9 16.5 5 5L23.5 11' fill='none' stroke='#fff' stroke-width='3.5'"
    " stroke-linecap='round' stroke-linejoin='round'/></svg>"
)


def name(request: HttpRequest) -> str:
    return current().name


def colors(request: HttpRequest) -> dict[str, str]:
    palette = current().palette
    accent = palette.light.accent
    shades = {
        shade: f"color-mix(in oklab, {accent} {abs(share)}%, {'white' if share > 0 else 'black'})"
        for shade, share in SHADES.items()
    }
    return {**shades, "500": str(palette.dark.accent), "600": str(accent)}


def icon(request: HttpRequest) -> str:
    brand = current()
    if brand.icon:
        return brand.icon.url
    return "data:image/svg+xml," + quote(TICK.format(color=brand.palette.light.accent))


def stylesheet(request: HttpRequest) -> str:
    return static("desk.css")


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    now = timezone.now()
    # Nothing behind it is asked.
    broker = next((part for name, part in readiness.look(now=now) if name == "broker"), None)
    return {
        **context,
        **desk.context_of(request, now=now),
        "title": gettext("Dashboard"),
        "broker": broker,
        "broker_is_there": broker is not None and broker.state == readiness.OK,
    }
