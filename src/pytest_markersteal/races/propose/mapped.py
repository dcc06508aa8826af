"""Proposals in ``markersteal.toml``: lines put in, or in place of one; the others stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_markersteal.mark_map import SETTINGS, VERSION
from pytest_markersteal.races.propose.model import SHARED_RESOURCE, XDIST_GROUP, Mark
from pytest_markersteal.toml import TomlError, parsed, quoted

_HEAD = f"""\
# Marks for tests, by node id; see docs/propose.md of pytest-markersteal.
version = {VERSION}

[marks]
"""


class MapEditError(ValueError):
    """A map that can't be edited; the message has the lines to be put in by hand."""


def with_lines(text: str, marks: Mapping[str, Sequence[Mark]]) -> str:
    """The map ``text``, or a new one if it is empty, with ``marks`` by pattern.

    ``MapEditError`` where it is written in a way that nothing can be put into.
    """
    content = parsed(text) if text else {"marks": {}}
    present: Mapping[str, Any] = content.get("marks", {})
    wanted = {
        pattern: merged
        for pattern, some in sorted(marks.items())
        if (merged := _merged(pattern, present.get(pattern, {}), some)) != present.get(pattern)
    }
    if not wanted:
        return text
    lines = (text or _HEAD).splitlines(keepends=True)
    for pattern, named in wanted.items():
        line = f"{quoted(pattern)} = {_inline(named)}\n"
        places = [at for at, old in enumerate(lines) if old.startswith(f"{quoted(pattern)} =")]
        if places:
            lines[places[0]] = line
        else:
            if lines and not lines[-1].endswith("\n"):
                lines[-1] += "\n"
            lines.append(line)
    edited = "".join(lines)
    expected = {**content, "version": VERSION, "marks": {**present, **wanted}}
    if _parsed_or_none(edited) != expected:
        by_hand = "".join(
            f"  {quoted(pattern)} = {_inline(named)}\n" for pattern, named in wanted.items()
        )
        raise MapEditError(f"put these lines into the table 'marks' by hand:\n{by_hand}".rstrip())
    return edited


def _merged(pattern: str, present: Mapping[str, Any], marks: Sequence[Mark]) -> dict[str, Any]:
    """What ``pattern`` is to have: what is there, and ``marks``.

    ``MapEditError`` where what is there says how its keys are claimed, which is not for others.
    """
    named = dict(present)
    for mark in marks:
        if mark.name == SHARED_RESOURCE:
            keys = named.get(SHARED_RESOURCE, [])
            if mark.argument in keys:
                continue
            settings = [setting for setting in SETTINGS if setting in named]
            if settings:
                raise MapEditError(
                    f"{pattern!r} has {settings[0]}, which would hold for {mark.argument!r} too; "
                    "give that key to these tests by another pattern, by hand:\n"
                    f"  {quoted(f'{pattern}*')} = {_inline({SHARED_RESOURCE: [mark.argument]})}"
                )
            named[SHARED_RESOURCE] = [*keys, mark.argument]
        elif mark.name == XDIST_GROUP:
            named[XDIST_GROUP] = mark.argument
        else:
            named[mark.name] = True
    return named


def _inline(named: Mapping[str, Any]) -> str:
    return f"{{ {', '.join(f'{name} = {_value(value)}' for name, value in named.items())} }}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return quoted(value) if isinstance(value, str) else str(value)


def _parsed_or_none(text: str) -> Any:
    try:
        return parsed(text)
    except TomlError:
        return None
