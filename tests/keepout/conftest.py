"""These tests use the engine's world, and the cast of the pages."""

from tests.engine.conftest import world
from tests.pages.conftest import acme, ada, bob, client, fixing, kinds, now, signed_in, vera

__all__ = ["acme", "ada", "bob", "client", "fixing", "kinds", "now", "signed_in", "vera", "world"]
