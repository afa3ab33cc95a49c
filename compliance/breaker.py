"""For what is worth asking only if it answers at once: after a failure it is left alone for a
while, so that not everybody waits for it. Nor does whoever tries it again after that."""

import logging
import time
from collections.abc import Callable
from threading import Lock, Thread
from typing import TypeVar

logger = logging.getLogger(__name__)

REST_SECONDS = 30.0

Answer = TypeVar("Answer")


class Breaker:
    def __init__(
        self, *errors: type[Exception], says: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """:param errors: that mean that it does not answer.
        :param says: what that costs, for the log.
        """
        self._errors = errors
        self._says = says
        self._clock = clock
        self._lock = Lock()
        # None as long as it answers.
        self._rests_until: float | None = None

    def ask(self, question: Callable[[], Answer], *, instead: Answer) -> Answer:
        """The answer; or ``instead``, where there is none or it is not worth waiting for one."""
        with self._lock:
            if self._rests_until is None:
                wait = True
            elif self._clock() < self._rests_until:
                return instead
            else:
                # One tries, and the others go on without.
                self._rests_until = self._clock() + REST_SECONDS
                wait = False
        if wait:
            return self._try(question, instead)
        Thread(target=self._try, args=(question, instead), daemon=True).start()
        return instead

    def forget(self) -> None:
        """For tests: as if nobody had asked yet."""
        with self._lock:
            self._rests_until = None

    def _try(self, question: Callable[[], Answer], instead: Answer) -> Answer:
        try:
            answer = question()
        except self._errors as error:
            with self._lock:
                self._rests_until = self._clock() + REST_SECONDS
            logger.warning("%s (%s)", self._says, type(error).__name__)
            return instead
        with self._lock:
            self._rests_until = None
        return answer
