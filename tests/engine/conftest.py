"""The engine against the sandbox."""

from typing import Any

import pytest
from django.core.cache import cache

from compliance.sandbox import Sandbox, seed
from tests.world import World


@pytest.fixture
def world(sandbox: Sandbox, settings: Any, db: None) -> World:
    settings.TWILIO_BASE_URL = sandbox.base_url
    settings.TWILIO_ACCOUNT_SID = seed.ACCOUNT_SID
    settings.TWILIO_AUTH_TOKEN = seed.AUTH_TOKEN
    cache.clear()
    return World(sandbox)
