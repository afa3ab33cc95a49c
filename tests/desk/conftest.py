"""The desk's tests use the engine's world."""

from tests.engine.conftest import world

__all__ = ["world"]
