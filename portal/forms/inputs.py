"""What a task's form holds as it is typed, before anything is made of it: for drafts, and to tell
which answer it builds on. Knows nothing of what may be entered."""

from collections.abc import Mapping

from django.http import QueryDict

from portal.forms.answer import PREFIX

# More than the longest text that a field takes, and more than any form of ours comes to.
LONGEST, LONGEST_TOGETHER = 8_000, 100_000


def inputs_of(data: QueryDict) -> dict[str, str]:
    """The regulation's fields by the names of their inputs; files are none of them."""
    found: dict[str, str] = {}
    room = LONGEST_TOGETHER
    for name in data:
        value = data.get(name)
        if name.startswith(PREFIX) and isinstance(value, str):
            room -= len(name) + len(value)
            if len(value) <= LONGEST and room >= 0:
                found[name] = value
    return found


def inputs_in(draft: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in draft.items() if name.startswith(PREFIX)}


def version_in(data: QueryDict) -> int:
    """The answer on which the page builds that was sent."""
    version = data.get("version", "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
