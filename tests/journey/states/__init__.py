"""The pages in their states, each named once."""

from tests.journey.states import (  # noqa: F401 (they name them)
    door,
    faults,
    home,
    people,
    registration,
    task,
)
from tests.journey.states.state import STATES, State, build_as_asked

__all__ = ["STATES", "State", "build_as_asked"]
