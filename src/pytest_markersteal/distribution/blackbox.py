"""What a worker has not sent yet, kept where it outlives the worker.

To send is dear, so a worker that runs small tests sends several of them at once. If it dies before,
the controller must know all the same which tests are done and which was running. So each message is
first written to a file that the worker has mapped into memory: what was written survives the
process, however it dies, and the controller reads it when the connection ends.

The file holds the number of the first message in it, how many bytes are used (both 8 bytes, little
endian), and the messages. Only workers on the controller's machine have one.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

SIZE = 1 << 20
"""Bytes of a file; a batch that does not fit is sent at once."""

_HEADER = struct.Struct("<QQ")


def create(path: Path) -> None:
    """Make an empty file for one worker, readable by its user alone."""
    path.touch(mode=0o600)
    # Written, not truncated: in a hole, a worker would die of a full disk.
    path.write_bytes(bytes(SIZE))


def read(path: Path) -> tuple[int, bytes]:
    """The number of the first message that was not sent, and the messages from there on."""
    data = path.read_bytes()
    first, used = _HEADER.unpack_from(data)
    return first, data[_HEADER.size : _HEADER.size + used]


def opened(path: Path) -> BlackBox | None:
    """The box in the file at ``path``; None where it is not there, so that nothing is kept.

    The interpreter that ``popen//python=`` names may be one in a container, with other files.
    """
    try:
        return BlackBox(path)
    except OSError:
        return None


class BlackBox:
    """A worker's side of the file."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), SIZE)
        self._used = 0
        self.restart(0)

    def add(self, message: bytes) -> bool:
        """Keep ``message`` after those before; False, keeping nothing, if it doesn't fit."""
        begin = _HEADER.size + self._used
        if begin + len(message) > SIZE:
            return False
        self._map[begin : begin + len(message)] = message
        self._used += len(message)
        # Counted only when it is there as a whole.
        struct.pack_into("<Q", self._map, 8, self._used)
        return True

    def restart(self, first: int) -> None:
        """All before message number ``first`` is sent."""
        self._used = 0
        struct.pack_into("<Q", self._map, 8, 0)
        struct.pack_into("<Q", self._map, 0, first)
