"""What the tests of a sleeping suite do: sleep, and note when, for the check afterwards."""

from __future__ import annotations

import os
import time

_LOG = os.open(os.environ["BENCH_PAUSES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def pause(test: int, seconds: float) -> None:
    """Be the body of a test; one write in append mode keeps lines of several workers whole."""
    started_s = time.monotonic()
    time.sleep(seconds)
    os.write(_LOG, f"{test} {started_s!r} {time.monotonic()!r}\n".encode())
