"""What a task asks, and in which of its ways it is answered. Knows neither the request nor how any
of it is drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance import answers
from compliance.models import Answer, Renewal
from compliance.requirements import Option, Task

CORRECTION = "correction"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A task, and whether it is really open or only shown because somebody wants to change it."""

    task: Task
    is_open: bool


def asked_for(renewal: Renewal, key: str) -> Asked | None:
    found = answers.checklist_of(renewal).task(key)
    if found is not None:
        return Asked(task=found, is_open=True)
    found = answers.everything_of(renewal, answers.held_items(renewal)).task(key)
    return Asked(task=found, is_open=False) if found is not None else None


def token_of(option: Option) -> str:
    """Names an option in an address. Stays the same when the order of the options changes."""
    return CORRECTION if option.changes_sid else option.type


def option_of(task: Task, wanted: str, answer: Answer | None) -> Option:
    """The option asked for, or the one answered before, or the one proposed."""
    by_token: Mapping[str, Option] = {token_of(option): option for option in task.options}
    if wanted in by_token:
        return by_token[wanted]
    if answer is not None and answer.state != Answer.State.DELIVERED:
        before: Any = CORRECTION if answer.changes_sid else answer.type
        if before in by_token:
            return by_token[before]
    return task.options[0]
