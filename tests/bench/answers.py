"""A floor is one only if it gives the same answer."""

import difflib
import re

LINES_SHOWN = 20


def assert_same(ours: object, floor: object) -> None:
    """Texts are compared by line, so that the error shows where they differ."""
    if ours == floor:
        return
    lines = (str(ours).splitlines(), str(floor).splitlines())
    differing = difflib.unified_diff(*lines, "ours", "floor", lineterm="", n=0)
    shown = "\n".join(line[:300] for _, line in zip(range(LINES_SHOWN), differing, strict=False))
    raise AssertionError(f"the floor's answer is another one:\n{shown}")


def without_secrets(html: str) -> str:
    """A page without what differs from one rendering to the next."""
    html = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)
    return re.sub(r'data-seconds="\d+"', "", html)
