"""Fixtures for every test: the sandbox, which runs once a session and is fresh for each test."""

from collections.abc import Iterator

import pytest

from compliance.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Sandbox]:
    server = Sandbox()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sandbox(sandbox_server: Sandbox) -> Sandbox:
    """Running, and as on its first day."""
    sandbox_server.reset()
    sandbox_server.start()
    return sandbox_server
