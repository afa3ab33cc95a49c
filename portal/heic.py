"""Makes a JPEG of the HEIC photo that a phone took. For ``portal.inspection``, in its process."""

import io

# The first that is small enough is taken.
QUALITIES = (92, 85, 75, 60)


def jpeg_of(data: bytes, *, most_pixels: int, most_bytes: int) -> bytes:
    """Upright, in its colours, without anything else that the phone wrote down.

    :raises Exception: it can't be read, or has more pixels.
    """
    import pillow_heif

    pillow_heif.options.DECODE_THREADS = 1
    photo = pillow_heif.open_heif(data, convert_hdr_to_8bit=True)
    width, height = photo.size
    if width * height > most_pixels:
        raise ValueError(photo.size)
    image = photo.to_pillow()
    profile = image.info.get("icc_profile")
    image = image.convert("RGB")
    image.info = {}
    made = b""
    for quality in QUALITIES:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, icc_profile=profile)
        made = out.getvalue()
        if len(made) <= most_bytes:
            break
    return made
