"""Sending an SMS: what is taken, and what is refused."""

import pytest
from twilio.rest import Client

from compliance.sandbox import Sandbox
from tests.sandbox.client import refused

MOBILE = "+4915123456789"


def test_a_message_from_a_number_of_the_account_is_queued(main: Client, sandbox: Sandbox) -> None:
    sender = main.incoming_phone_numbers.list()[0].phone_number

    message = main.messages.create(to=MOBILE, from_=sender, body="Send it by Thursday.")

    assert message.sid
    assert message.sid.startswith("SM")
    assert (message.status, message.direction, message.num_segments) == (
        "queued",
        "outbound-api",
        "1",
    )
    assert [(m["to"], m["from"], m["body"]) for m in sandbox.state.messages] == [
        (MOBILE, sender, "Send it by Thursday.")
    ]


def test_a_name_or_a_messaging_service_may_be_the_sender(main: Client) -> None:
    named = main.messages.create(to=MOBILE, from_="Example", body="Hello")
    served = main.messages.create(to=MOBILE, messaging_service_sid=f"MG{'1' * 32}", body="Hello")

    assert named.from_ == "Example"
    assert (served.status, served.from_) == ("accepted", None)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (21211, {"to": "030 901820"}),
        (21602, {"body": " "}),
        (21603, {"from_": ""}),
        (21604, {"to": ""}),
        (21606, {"from_": "+4930999999"}),
        (21617, {"body": "x" * 1601}),
    ],
)
def test_what_cannot_be_sent_is_refused(
    main: Client, sandbox: Sandbox, code: int, changes: dict[str, str]
) -> None:
    with refused(code):
        main.messages.create(**{"to": MOBILE, "from_": "Example", "body": "Hello"} | changes)

    assert not sandbox.state.messages


def test_a_long_message_takes_several_segments(main: Client) -> None:
    message = main.messages.create(to=MOBILE, from_="Example", body="x" * 161)

    assert message.num_segments == "2"
