"""Records as msgpack arrays ``[kind, field, ...]``, on the wire and in files.

The types of a record's fields are those of its annotations, and are checked on the way in: what
comes from another process or from disk may be anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints


class Kinds:
    """The dataclasses that may travel, each known by its place among them."""

    def __init__(self, kinds: Sequence[type[Any]], error: type[ValueError]) -> None:
        """``error`` is raised for what is no record of ``kinds``."""
        self._kinds = tuple(kinds)
        self._error = error
        self._numbers = {kind: number for number, kind in enumerate(kinds)}
        self._types: Mapping[type[Any], tuple[tuple[type, ...], ...]] = {
            kind: tuple(map(_accepted, get_type_hints(kind).values())) for kind in kinds
        }

    def number(self, kind: type[Any]) -> int:
        """How ``kind`` is known."""
        return self._numbers[kind]

    def fields(self, record: Any) -> list[Any]:
        """``record`` as it travels."""
        kind = type(record)
        return [self._numbers[kind], *[getattr(record, name) for name in kind.__slots__]]

    def record(self, fields: Any) -> Any:
        """The record that travelled as ``fields``."""
        if type(fields) is not list or not fields or type(fields[0]) is not int:
            raise self._error(f"not a record: {fields!r}")
        number, *rest = fields
        if not 0 <= number < len(self._kinds):
            raise self._error(f"there is no record of kind {number}")
        return self.checked(self._kinds[number], rest)

    def checked(self, kind: type[Any], fields: Any) -> Any:
        """A record of ``kind`` with ``fields``, if they are of the right types."""
        types = self._types[kind]
        if type(fields) is not list:
            raise self._error(f"{kind.__name__} must be a list of fields, not {fields!r}")
        if len(fields) != len(types):
            raise self._error(f"{kind.__name__} has {len(types)} fields, not {len(fields)}")
        for value, allowed in zip(fields, types, strict=True):
            if type(value) not in allowed:
                raise self._error(f"{value!r} in {kind.__name__} is none of {allowed}")
        return kind(*fields)


def _accepted(hint: Any) -> tuple[type, ...]:
    """The types that a field annotated with ``hint`` accepts."""
    parts = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    return tuple(get_origin(part) or part for part in parts)
