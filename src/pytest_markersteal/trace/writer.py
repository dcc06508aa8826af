"""Writes a trace while the run goes on, and never stands in its way."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from pytest_markersteal.descriptors import open_descriptor
from pytest_markersteal.trace.format import encoder
from pytest_markersteal.trace.records import Record

PAUSE_S = 0.1
"""How long a record may stay in memory: what a killed run has lost at most."""


class TraceWriter:
    """Appends records to a file. After a failure it is mute, and ``trouble`` says why."""

    def __init__(self, path: Path) -> None:
        """Create the file at ``path``, which must not exist; its folder must."""
        self.path = path
        self.trouble: str | None = None
        self._encode = encoder()
        self._gathered: list[bytes] = []
        self._lock = threading.Lock()
        self._some = threading.Event()
        self._closed = threading.Event()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._file = open_descriptor(path, flags, 0o644)
        threading.Thread(target=self._write_in_time, daemon=True).start()

    def write(self, record: Record) -> None:
        """Add ``record``, from any thread."""
        with self._lock:
            if not self._closed.is_set():
                self._gathered.append(self._encode(record))
        if not self._some.is_set():
            self._some.set()

    def close(self) -> None:
        """Write what has gathered, for the last time."""
        with self._lock:
            if not self._closed.is_set():
                self._flush()
                self._closed.set()
                self._some.set()
                os.close(self._file)

    def _flush(self) -> None:
        data, self._gathered = b"".join(self._gathered), []
        while data and self.trouble is None:
            try:
                data = data[os.write(self._file, data) :]
            except OSError as error:
                self.trouble = f"the trace {self.path} is not complete: {error.strerror or error}"

    def _write_in_time(self) -> None:
        # Waits for something to write first, so that a run of long tests wakes nobody.
        while self._some.wait() and not self._closed.wait(PAUSE_S):
            with self._lock:
                self._some.clear()
                if not self._closed.is_set():
                    self._flush()
