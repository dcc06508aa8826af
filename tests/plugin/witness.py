"""How an inner test tells the outer one what happened, and when.

The fixture ``witness`` copies this file next to the inner tests, where all workers import it. What
they tell goes into one file, a line each, appended in one write.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

HERE = Path(__file__).resolve().parent
LOG = HERE / "witness.log"
PATIENCE_S = 30.0
"""How long a test waits for others that must come, before it fails."""
LINGER_S = 0.02
"""How long a test stays where it must be alone, so that a wrong schedule is likely to show."""


def tell(name: str, **facts: object) -> None:
    """Record that ``name`` happened now, in this process."""
    line = {"name": name, "ns": time.monotonic_ns(), "pid": os.getpid(), **facts}
    line["worker"] = os.environ.get("PYTEST_XDIST_WORKER", "main")
    descriptor = os.open(LOG, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    try:
        os.write(descriptor, (json.dumps(line) + "\n").encode())
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def span(name: str, **facts: object) -> Iterator[None]:
    """Record that ``name`` goes on while the body runs."""
    identity = uuid.uuid4().hex
    tell(name, edge="begin", span=identity, **facts)
    try:
        linger()
        yield
    finally:
        tell(name, edge="end", span=identity)


def linger() -> None:
    """Give others the time to be here too, if nothing keeps them away."""
    time.sleep(LINGER_S)


def meet(place: str, parties: int) -> None:
    """Wait until ``parties`` tests are at ``place`` at the same time; fail after PATIENCE_S."""
    (HERE / f"{place}.{uuid.uuid4().hex}.here").touch()
    deadline_s = time.monotonic() + PATIENCE_S
    while len(list(HERE.glob(f"{place}.*.here"))) < parties:
        assert time.monotonic() < deadline_s, f"too few tests came to {place}"
        time.sleep(0.005)


def crash(request: Any) -> NoReturn:
    """Take this worker down.

    pytest-rerunfailures tells the controller through a socket of its own how often a test may run
    again, and forgets to wait; asking it for anything makes sure that it has been heard.
    """
    known = getattr(request.config, "failures_db", None)
    if known is not None:
        known.get_test_reruns(request.node.nodeid)
    os._exit(1)


def first_time(name: str) -> bool:
    """Whether nobody asked for ``name`` before, in any process."""
    try:
        os.close(os.open(HERE / f"{name}.once", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
