"""Guesses whether a person could read a photo. For ``portal.inspection``, in its process.

Only a guess, so only ever a warning: the limits are such that a clear photo never gets one, and a
poor one may pass.
"""

import io
from typing import Any

# Longest side in pixels; text of a whole page is lost below.
SMALL = 600
# What the photo is looked at with; sharpness depends on it.
SIDE = 1000
TILES = 4
# Grey values out of 255: spread of an empty sheet, and mean of a photo taken in the dark.
EMPTY_SPREAD = 3.0
DARK_MEAN = 35.0
# Variance of the Laplacian in the sharpest tile. Print in focus has many hundreds.
BLURRED = 60.0


def doubts_about(data: bytes) -> list[str]:
    """Codes: small, blank, dark, blurred."""
    from PIL import Image, ImageStat

    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
        found = ["small"] if max(image.size) < SMALL else []
        image.draft("L", (SIDE, SIDE))
        if image.has_transparency_data:
            picture = image.convert("RGBA")
            white = Image.new("RGBA", picture.size, "white")
            grey = Image.alpha_composite(white, picture).convert("L")
        else:
            grey = (image.convert("RGB") if image.mode != "L" else image).convert("L")
    grey.thumbnail((SIDE, SIDE))
    light = ImageStat.Stat(grey)
    if light.stddev[0] < EMPTY_SPREAD:
        return [*found, "blank"]
    if light.mean[0] < DARK_MEAN:
        return [*found, "dark"]
    if sharpness(grey) < BLURRED:
        return [*found, "blurred"]
    return found


def sharpness(grey: Any) -> float:
    """Of the sharpest part: a document may lie on an even table."""
    from PIL import ImageFilter, ImageStat

    edges = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    # The outermost pixels are none of the filter's.
    drawn = grey.filter(edges).crop((1, 1, grey.width - 1, grey.height - 1))
    wide, high = drawn.width // TILES, drawn.height // TILES
    if not wide or not high:
        return BLURRED
    return max(
        float(ImageStat.Stat(drawn.crop((x, y, x + wide, y + high))).var[0])
        for x in range(0, wide * TILES, wide)
        for y in range(0, high * TILES, high)
    )
