"""Several at the same moment."""

import threading
from collections.abc import Callable

from django.db import connection

from tests.patience import PATIENCE


def at_the_same_moment(do: Callable[[], object], *, times: int) -> None:
    """In threads, each with a line to the database of its own. Fails with what any of them raised.

    SQLite in memory is no place for it: threads that share it do not wait for a lock.
    """
    together, problems = threading.Barrier(times), list[Exception]()

    def run() -> None:
        try:
            together.wait(timeout=PATIENCE)
            do()
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()

    runs = [threading.Thread(target=run) for _ in range(times)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join()
    assert problems == []
