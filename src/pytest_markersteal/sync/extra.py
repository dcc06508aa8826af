"""Libraries that come with the ``sync`` extra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def needed_by(what: str) -> Iterator[None]:
    """Around an import: where the library is missing, say how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{what} needs {error.name}: pip install 'pytest-markersteal[sync]'", name=error.name
        ) from error
