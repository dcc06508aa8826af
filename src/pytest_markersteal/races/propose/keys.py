"""Names for keys: readable, different for different things, the same for the same one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from itertools import count

_MOST = 40
"""Characters of a key that is made here."""
_TOLD_BY_THE_NAME = ("file", "folder", "directory")
"""Kinds of things that nobody needs to be told."""


def key_for(thing: str, wished: str, taken: Set[str]) -> str:
    """A key for ``thing`` that is none of ``taken``; ``wished`` if it may be, which may be empty.

    Otherwise the shortest that says what it is: the last part of a path, then all of it, then with
    a number.
    """
    return next(key for key in _candidates(thing, wished) if key and key not in taken)


def _candidates(thing: str, wished: str) -> Iterator[str]:
    yield wished
    kind, _, name = thing.partition(" ")
    if kind not in _TOLD_BY_THE_NAME:
        name = thing
    yield _slug(re.split(r"[/\\]", name.rstrip("/\\"))[-1])
    whole = _slug(name) or "shared"
    yield whole
    for number in count(2):
        yield f"{whole}-{number}"


def _slug(text: str) -> str:
    """``text`` in lower case, with ``-`` for whatever is neither a letter, a digit nor a dot."""
    slug = re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")
    return slug[-_MOST:].strip("-.")
