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
from tests.personal.canary import FAR_AHEAD, LONG_AGO, REACH, Canaries
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
# The first day and the first phone number of a run.
BORN = (17, 10, LONG_AGO)
DAYS = (
    f"{LONG_AGO}-10-17",
    f"17.10.{LONG_AGO}",
    f"17/10/{LONG_AGO}",
    f"10/17/{LONG_AGO}",
    f"17 10 {LONG_AGO}",
    f"17. Oktober {LONG_AGO}",
    f"17 octobre {LONG_AGO}",
    f"17 October {LONG_AGO}",
    f"Oct. 17, {LONG_AGO}",
    f"17 Oct {LONG_AGO}",
    f"datetime.date({LONG_AGO}, 10, 17)",
    f"('17', '10', '{LONG_AGO}')",
    f'["17", "10", "{LONG_AGO}"]',
)
PHONES = (
    "+442079460800",
    "442079460800",
    "02079460800",
    "+44 20 7946 0800",
    "0044 20 7946 0800",
    "+44 (0)20 7946 0800",
    "020 7946 0800",
    "020\u00a07946\u00a00800",
    "020.7946.0800",
    "tel:+44-20-7946-0800",
)
IN_ADDRESSES = {
    f"17%2F10%2F{LONG_AGO}": "born",
    f"17+October+{LONG_AGO}": "born",
    f"17%20octobre%20{LONG_AGO}": "born",
    "%2B442079460800": "mine",
    "%2B44+20+7946+0800": "mine",
    "%2B44%2020%207946%200800": "mine",
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


@pytest.mark.parametrize("written", DAYS)
def test_a_day_is_found_however_it_is_written(written: str) -> None:
    canaries = Canaries()
    assert canaries.day("born").timetuple()[:3] == BORN[::-1]
    canaries.day("passport", year=FAR_AHEAD)
    canaries.day("another")

    assert whose(canaries, written.encode()) == {"born"}
    assert ways_it_is_missed_in(canaries, written, "born") == set()


@pytest.mark.parametrize("written", PHONES)
def test_a_phone_number_is_found_however_it_is_written(written: str) -> None:
    canaries = Canaries()
    assert canaries.phone("mine") == "+44 20 7946 0800"
    canaries.phone("another")

    assert whose(canaries, written.encode()) == {"mine"}
    assert ways_it_is_missed_in(canaries, written, "mine") == set()


@pytest.mark.parametrize("written", IN_ADDRESSES)
def test_a_day_and_a_phone_number_are_found_in_addresses(written: str) -> None:
    days, phones = Canaries(), Canaries()
    days.day("born")
    phones.phone("mine")

    found = whose(days, written.encode()) | whose(phones, written.encode())
    assert found == {IN_ADDRESSES[written]}


def whose(canaries: Canaries, data: bytes) -> set[str]:
    noisy = b"\x00noise" * 99 + data + b"noise\xff"
    return {place.split()[0] for place in canaries.found_in(noisy)}


def ways_it_is_missed_in(canaries: Canaries, written: str, place: str) -> set[str]:
    """In base64 its last letter is lost, so others that differ in that alone are found as well."""
    coded = {name: way(written.encode()) for name, way in WAYS.items()}
    coded["utf-16"] = written.encode("utf-16")
    return {name for name, data in coded.items() if place not in whose(canaries, data)}


def test_of_many_marks_each_is_found_far_from_the_others() -> None:
    """And on both sides of where the search goes on, after what marks have in common."""
    canaries = Canaries()
    marks = [canaries.word("a word") for _ in range(300)]
    for gap in (0, 1, REACH - len(marks[0]), REACH - 1, REACH, 2 * REACH + 1):
        data = (b"-" * gap).join(mark.encode() for mark in marks)
        assert canaries.found_in(data) == set(canaries.given)


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
