"""The tests reach nothing but this machine."""

import socket
import urllib.request

import pytest
from pytest_socket import SocketConnectBlockedError

# Reserved for documentation: nobody answers there, and nobody is bothered.
ELSEWHERE = "192.0.2.1"


# It warns as well, which is an error here, and would come first.
pytestmark = pytest.mark.filterwarnings("ignore:A test tried to use")


def test_an_address_elsewhere_is_shut() -> None:
    with socket.socket() as caller, pytest.raises(SocketConnectBlockedError):
        caller.connect((ELSEWHERE, 443))


def test_a_request_elsewhere_is_shut() -> None:
    with pytest.raises(SocketConnectBlockedError):
        urllib.request.urlopen(f"http://{ELSEWHERE}/", timeout=1)


def test_this_machine_is_open() -> None:
    with socket.socket() as listener, socket.socket() as caller:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        caller.connect(listener.getsockname())
