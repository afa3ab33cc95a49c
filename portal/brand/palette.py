"""The four colours that a brand brings, for light and for dark, out of the one it names.

What is readable is not left to taste: the accent is text (links) and the ground of text (buttons),
so it is moved, lighter or darker in its own hue, until it has the contrast for both.
"""

from dataclasses import dataclass

from portal.brand.color import Color, contrast, from_oklch, least_contrast, moved, oklch, parse

# WCAG 2.2, 1.4.3: text against what it stands on. Edges and signs need 3 (1.4.11) and so have it.
TEXT = 4.5
EDGE = 3.0

WHITE, BLACK = Color(255, 255, 255), Color(0, 0, 0)
DEFAULT = "#0d5c63"
# What an accent stands on, as in portal.css: paper, surface, sunken and the washes.
LIGHT = ("#f6f5f1", "#ffffff", "#efede7", "#fdf0d2", "#fdeae7", "#e6eefa", "#e9e8e3", "#e4f3e9")
DARK = ("#14191b", "#1c2326", "#232c2f", "#3b2f12", "#43201d", "#1a2e4b", "#2c3639", "#17362a")


@dataclass(frozen=True, kw_only=True)
class Accents:
    accent: Color
    # Under the pointer.
    strong: Color
    # The ground of what is chosen.
    wash: Color
    # Text on a button.
    on: Color

    def css(self) -> str:
        return (
            f"--accent:{self.accent};--accent-strong:{self.strong};"
            f"--accent-wash:{self.wash};--on-accent:{self.on}"
        )


@dataclass(frozen=True, kw_only=True)
class Palette:
    light: Accents
    dark: Accents

    def css(self) -> str:
        """Tokens that take the place of portal.css's own."""
        dark = f"@media (prefers-color-scheme: dark){{:root{{{self.dark.css()}}}}}"
        return f":root{{{self.light.css()}}}\n{dark}\n"


def palette(color: Color, dark: Color | None = None) -> Palette:
    """:param dark: the accent on dark ground; by default the same hue, light enough."""
    return Palette(light=light_accents(color), dark=dark_accents(dark or _lightened(color)))


def light_accents(color: Color) -> Accents:
    lightness, chroma, hue = oklch(color)
    wash = from_oklch(0.95, min(chroma, 0.025), hue)
    accent = moved(color, by=-1, until=lambda one: reads(one, (*_all(LIGHT), wash)))
    lightness = oklch(accent)[0]
    strong = from_oklch(lightness + (-0.09 if lightness > 0.2 else 0.3), chroma, hue)
    return Accents(accent=accent, strong=strong, wash=wash, on=WHITE)


def dark_accents(color: Color) -> Accents:
    lightness, chroma, hue = oklch(color)
    wash = from_oklch(0.31, min(chroma, 0.04), hue)
    accent = moved(color, by=1, until=lambda one: reads(one, (*_all(DARK), wash)))
    lightness = oklch(accent)[0]
    strong = from_oklch(lightness + (0.07 if lightness < 0.92 else -0.07), chroma, hue)
    ink = from_oklch(0.25, min(chroma, 0.04), hue)
    on = moved(ink, by=-1, until=lambda one: reads(one, (accent, strong)))
    return Accents(accent=accent, strong=strong, wash=wash, on=on)


def reads(color: Color, grounds: tuple[Color, ...]) -> bool:
    return least_contrast(color, grounds) >= TEXT


def poorest(color: Color, grounds: tuple[str, ...]) -> tuple[float, Color]:
    """The ground on which it is hardest to read, and the contrast there."""
    worst = min(_all(grounds), key=lambda ground: contrast(color, ground))
    return contrast(color, worst), worst


def _lightened(color: Color) -> Color:
    lightness, chroma, hue = oklch(color)
    return from_oklch(max(lightness, 0.79), min(chroma, 0.13), hue)


def _all(grounds: tuple[str, ...]) -> tuple[Color, ...]:
    return tuple(color for text in grounds if (color := parse(text)))
