"""The search for marked values bites: planted in each way of writing, each is found."""

import base64
import json
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.core import signing
from redis import Redis

from tests.conftest import cannot_run
from tests.patience import until
from tests.personal.canary import Canaries
from tests.personal.listening import RedisEars
from tests.servers import Missing, redis_url

VALUES = {
    "a word": "zqkanari777x",
    "with others": "zoë@zqkanari778x.example",
    "a number": "+4930999888777",
    "a company's number": Canaries().number("answer").strip(),
    "a date": "1913-07-29",
    "a piece of a file": bytes(range(120, 180)),
}
WAYS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": bytes,
    "base64": base64.b64encode,
    "base64, one further": lambda value: base64.b64encode(b"x" + value),
    "base64, two further": lambda value: base64.b64encode(b"xy" + value + b"more"),
    "base64 for addresses": lambda value: base64.urlsafe_b64encode(b"???" + value),
    "hex": lambda value: value.hex().encode(),
    "capital hex": lambda value: value.hex().upper().encode(),
    "zlib": zlib.compress,
    "zlib in the middle": lambda value: b"before" + zlib.compress(b"x" * 99 + value, 9) + b"after",
    "zlib in base64": lambda value: base64.urlsafe_b64encode(zlib.compress(b"ab" * 40 + value)),
}
TEXT_WAYS: dict[str, Callable[[str], bytes]] = {
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16 the other way round": lambda text: text.encode("utf-16-be"),
    "in an address": lambda text: quote(text, safe="").encode(),
    "json": lambda text: json.dumps({"is": text}).encode(),
    "repr of bytes": lambda text: repr(text.encode()).encode(),
    "capitals": lambda text: text.upper().encode(),
    "as a session": lambda text: signing.dumps({"x": text * 20}, key="k", compress=True).encode(),
}


@pytest.mark.parametrize("what", VALUES)
@pytest.mark.parametrize("way", WAYS)
def test_it_is_found_however_it_is_written(what: str, way: str) -> None:
    value = VALUES[what]
    raw = value.encode() if isinstance(value, str) else value
    canaries = Canaries({what: raw, "another": b"zqkanari999x"})

    assert canaries.found_in(b"\x00noise" + WAYS[way](raw) + b"noise\xff") == {what}


@pytest.mark.parametrize("way", TEXT_WAYS)
def test_a_text_is_found_however_it_is_written(way: str) -> None:
    text = "zoë@zqkanari778x.example"
    if way == "repr of bytes":
        text = "zqkanari778x"
    canaries = Canaries({"a text": text.encode(), "another": b"zqkanari999x"})

    assert canaries.found_in(b"noise " + TEXT_WAYS[way](text) + b" noise") == {"a text"}


def test_what_redis_is_told_is_heard_though_it_holds_it_no_more() -> None:
    try:
        url = redis_url()
    except Missing as missing:
        cannot_run(str(missing))
    canaries = Canaries()
    word, number = canaries.word("a message"), canaries.number("its header")
    piece = bytes(range(120, 180))
    canaries.value("bytes", piece)
    ears, redis = RedisEars(url), Redis.from_url(url)
    body = base64.b64encode(json.dumps([[word], {}, {}]).encode()).decode()
    redis.lpush("passing", json.dumps({"body": body, "headers": {"x": number}}), piece)
    redis.delete("passing")

    until(lambda: b'"DEL" "passing"' in ears.told())
    assert canaries.found_in(ears.told()) == set(canaries.given)
    assert canaries.found_in(ears.everything()) == set()
    ears.stop()


def test_what_is_not_there_is_not_found() -> None:
    canaries = Canaries(
        {what: v if isinstance(v, bytes) else v.encode() for what, v in VALUES.items()}
    )

    assert canaries.found_in(b"nothing " * 1000 + zlib.compress(b"nothing")) == set()
