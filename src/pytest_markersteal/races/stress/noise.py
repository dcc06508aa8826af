"""Processes that keep cores busy, beside a run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_BUSY = """
import os, sys, threading
def end_with_the_pipe():
    sys.stdin.read()
    os._exit(0)
threading.Thread(target=end_with_the_pipe, daemon=True).start()
while True:
    pass
"""
"""It must not outlive who started it, even one that was killed: then the pipe to it ends."""


@contextmanager
def noise(cores: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Keep so many cores busy, until the end of the block."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(cores):
            # Ctrl-C is not for them: they end with the block.
            own = subprocess.Popen(
                [sys.executable, "-c", _BUSY], stdin=subprocess.PIPE, start_new_session=True
            )
            processes.append(own)
        yield processes
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.communicate()
