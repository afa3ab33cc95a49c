"""What the engine's tests use, and the demo's cast with its bundles."""

from tests.engine.conftest import world

__all__ = ["world"]
