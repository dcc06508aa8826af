"""What there is several times: lines such as ``db = 4`` and ``account = alice, bob, carol``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9]*)?")
_FORM = "not of the form 'key = units' or 'key = name, name'"


class Resource(NamedTuple):
    """How many instances a key has, at least 1; ``names`` are theirs, if they have any."""

    capacity: int
    names: tuple[str, ...] = ()

    def name(self, instance: int) -> str | None:
        """The name of an instance, 0 to ``capacity`` less one; None where they have none."""
        return self.names[instance] if self.names else None


def resources_in(lines: Iterable[str]) -> dict[str, Resource]:
    """The resources by key; ``ValueError`` for a line that is wrong, which says how."""
    found: dict[str, Resource] = {}
    for line in lines:
        key, equals, value = (part.strip() for part in line.partition("="))
        if not (key and equals and value):
            raise ValueError(
                f"{line!r} is {_FORM}, for example 'db = 4' or 'account = alice, bob, carol'"
            )
        if key in found:
            raise ValueError(f"key {key!r} is given twice")
        found[key] = _resource(line, value)
    return found


def _resource(line: str, value: str) -> Resource:
    if _NUMBER.fullmatch(value):
        if not (value.isdecimal() and int(value) > 0):
            raise ValueError(f"{line!r} is {_FORM}: units are a whole number of at least 1")
        return Resource(int(value))
    names = tuple(name.strip() for name in value.split(","))
    if "" in names:
        raise ValueError(f"{line!r} has an instance without a name: leave out a comma")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(
            f"{line!r} names {twice!r} twice: two tests would have it at the same time"
        )
    return Resource(len(names), names)
