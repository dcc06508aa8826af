"""Descriptors of files that hold bytes."""

from __future__ import annotations

import os
from pathlib import Path


def open_descriptor(path: Path | str, flags: int, mode: int = 0o666) -> int:
    r"""What ``os.open`` gives, with bytes written and read as they are on every system.

    Windows would otherwise write each ``\n`` as two bytes, which damages what is no text.
    """
    return os.open(path, flags | getattr(os, "O_BINARY", 0), mode)
