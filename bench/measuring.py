"""One measured command: wall time, and the processor time of all its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LONGEST_S = 600.0


@dataclass(frozen=True)
class Measured:
    """What came of a command; ``cpu_s`` is user and system time of it and its descendants."""

    wall_s: float
    cpu_s: float
    exit_code: int
    output: str


def measure(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]
) -> Measured:
    """Run ``command`` in ``folder`` to its end."""
    with tempfile.TemporaryFile() as output:
        started_s = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "CI": "", **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        # The session holds only what the command started.
        stop = threading.Timer(_LONGEST_S, os.killpg, (process.pid, signal.SIGKILL))
        stop.start()
        # Unlike Popen.wait(), it tells the times of this process and those it waited for.
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started_s
        stop.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Measured(wall_s, usage.ru_utime + usage.ru_stime, process.returncode, text)
