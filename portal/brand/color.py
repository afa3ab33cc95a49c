"""Colours as people see them: how much two differ, and the same one lighter or darker.

Lightness is moved in OKLCH (https://www.w3.org/TR/css-color-4/#ok-lab), in which a step looks
alike for every hue; contrast is WCAG's (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

STEP = 0.002


@dataclass(frozen=True)
class Color:
    """Red, green and blue from 0 to 255."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


def parse(text: str) -> Color | None:
    """``#0d5c63``, with or without the ``#`` at which some programs begin a comment."""
    digits = re.fullmatch(r"#?([0-9a-fA-F]{6})", text.strip())
    return Color(*bytes.fromhex(digits[1])) if digits else None


def contrast(one: Color, other: Color) -> float:
    """From 1, alike, to 21, black and white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def least_contrast(color: Color, others: Iterable[Color]) -> float:
    return min(contrast(color, other) for other in others)


def moved(color: Color, *, by: float, until: Callable[[Color], bool]) -> Color:
    """The nearest colour of this hue for which ``until`` holds; at the latest black or white.

    :param by: the sign says whether it becomes lighter or darker.
    """
    lightness, chroma, hue = oklch(color)
    while not until(color) and 0 < lightness < 1:
        lightness += math.copysign(STEP, by)
        color = from_oklch(lightness, chroma, hue)
    return color


def oklch(color: Color) -> tuple[float, float, float]:
    """Lightness from 0 to 1, chroma from 0 to about 0.4, hue in radians."""
    red, green, blue = (_linear(part) for part in (color.red, color.green, color.blue))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def from_oklch(lightness: float, chroma: float, hue: float) -> Color:
    """With as much of the chroma as a screen can show at this lightness."""
    lightness = min(max(lightness, 0), 1)
    while chroma > 0:
        parts = _srgb(lightness, chroma, hue)
        if all(-0.0005 <= part <= 1.0005 for part in parts):
            break
        chroma -= STEP
    parts = _srgb(lightness, max(chroma, 0), hue)
    return Color(*(round(255 * min(max(part, 0), 1)) for part in parts))


def _srgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _companded(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _companded(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _companded(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _luminance(color: Color) -> float:
    return (
        0.2126 * _linear(color.red) + 0.7152 * _linear(color.green) + 0.0722 * _linear(color.blue)
    )


def _linear(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def _companded(part: float) -> float:
    if part <= 0.0031308:
        return 12.92 * part
    return 1.055 * float(part ** (1 / 2.4)) - 0.055
