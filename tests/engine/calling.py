"""A process that calls Twilio, for tests that need several: ``python -m tests.engine.calling
<bundle> <threads> <calls of each>`` prints how each call ended, as JSON: {outcome: number}."""

import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import django


def main(sid: str, threads: int, calls: int) -> None:
    from compliance.accounts import main_credentials
    from compliance.gateway import Twilio, Unavailable

    def call(_number: int) -> str:
        try:
            Twilio(main_credentials()).bundle(sid)
        except Unavailable as error:
            return error.cause
        return "ok"

    with ThreadPoolExecutor(threads) as pool:
        outcomes = Counter(pool.map(call, range(threads * calls)))
    print(json.dumps(outcomes))  # noqa: T201


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
