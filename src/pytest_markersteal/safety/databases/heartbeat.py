"""Signs of life of a process, for as long as it uses a database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

NAME = "markersteal-heartbeat"
"""The name of the thread. It belongs to no test: the first to ask for a database only begins it."""

PERIOD_S = 15.0
"""How long after one the next one comes."""


@contextmanager
def beating(beat: Callable[[], None], period_s: float = PERIOD_S) -> Iterator[None]:
    """Call ``beat`` now and then, in a thread, until the block is left."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(period_s):
            beat()

    thread = threading.Thread(target=run, name=NAME, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
