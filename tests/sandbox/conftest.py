"""The sandbox's tests: the SDK as the main account and as the subaccount."""

from typing import Any

import pytest
from twilio.rest import Client

from compliance.sandbox import Sandbox
from tests.sandbox import client


@pytest.fixture
def main(sandbox: Sandbox) -> Client:
    return client.main_account(sandbox.base_url)


@pytest.fixture
def api(main: Client) -> Any:
    """Regulatory compliance as the main account."""
    return client.compliance(main)


@pytest.fixture
def sub_api(sandbox: Sandbox) -> Any:
    """Regulatory compliance as the subaccount."""
    return client.compliance(client.subaccount(sandbox.base_url))
