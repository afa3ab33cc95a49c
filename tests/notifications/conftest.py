"""The engine's world, and a mail server."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.conftest import world
from tests.notifications.telling import Server

__all__ = ["world"]


@pytest.fixture
def server(settings: Any) -> Iterator[type[Server]]:
    settings.EMAIL_BACKEND = f"{Server.__module__}.Server"
    yield Server
    Server.at_open = Server.at_send = None
