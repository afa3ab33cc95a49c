"""So many requests at a time, from processes of their own: one process of Python would itself be
what is measured."""

import http.client
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from statistics import median
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    url: str
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answers:
    """``seconds`` that each took, ``statuses`` in the same order, and ``took`` for all."""

    seconds: list[float]
    statuses: list[int]
    took: float

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.took

    @property
    def median(self) -> float:
        return median(self.seconds)

    def percentile(self, share: float) -> float:
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


def send(requests: Sequence[Request], *, at_a_time: int) -> Answers:
    """Each connection is kept and sends its share, one after the other."""
    shares = [list(requests[place::at_a_time]) for place in range(at_a_time)]
    with ProcessPoolExecutor(at_a_time, mp_context=get_context("spawn")) as pool:
        list(pool.map(_awake, range(at_a_time)))
        began = time.perf_counter()
        found = [pair for share in pool.map(_one_after_the_other, shares) for pair in share]
        took = time.perf_counter() - began
    return Answers([seconds for seconds, _ in found], [status for _, status in found], took)


def _awake(_number: int) -> None:
    """So that starting the processes is not measured."""


def _one_after_the_other(requests: Sequence[Request]) -> list[tuple[float, int]]:
    place = urlsplit(requests[0].url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    found = []
    for request in requests:
        began = time.perf_counter()
        path = request.url.partition(place.netloc)[2]
        connection.request(request.method, path, request.body.encode() or None, request.headers)
        answer = connection.getresponse()
        answer.read()
        found.append((time.perf_counter() - began, answer.status))
    connection.close()
    return found
