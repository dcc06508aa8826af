"""Variables of the environment that differ from worker to worker: ``markersteal_env``."""

from __future__ import annotations

import re
import string
from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence

import pytest

from pytest_markersteal.options import ENVIRONMENT

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def expanded(
    lines: Sequence[str], words: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, str]:
    """The variables that ``lines`` of the form ``NAME=template`` set, by name.

    A template may have ``{word}`` for each of ``words``, and ``{NAME}`` for a variable that is in
    ``environ`` or was set by a line before; ``{{`` and ``}}`` are braces. ``UsageError`` for any
    other.
    """
    found: dict[str, str] = {}
    known = ChainMap(dict(words), found, dict(environ))
    for line in lines:
        name, equals, template = (part.strip() for part in line.partition("="))
        if not (equals and _NAME.fullmatch(name)):
            raise pytest.UsageError(
                f"{ENVIRONMENT}: {line!r} is not of the form 'NAME=template', for example "
                "'DATABASE_URL=postgresql://localhost/shop_{slot}'"
            )
        if name in found:
            raise pytest.UsageError(f"{ENVIRONMENT}: {name} is given twice")
        try:
            found[name] = "".join(_pieces(template, known))
        except ValueError as error:
            choices = ", ".join(f"{{{word}}}" for word in words)
            raise pytest.UsageError(
                f"{ENVIRONMENT}: {line!r}: {error}; there are {choices}, and {{NAME}} for each "
                "variable of the environment that is set; for a brace itself write {{ or }}"
            ) from None
    return found


def _pieces(template: str, known: Mapping[str, str]) -> list[str]:
    """The parts of a template, filled in; ``ValueError`` where one can't be."""
    pieces = []
    for literal, name, form, conversion in string.Formatter().parse(template):
        pieces.append(literal)
        if name is None:
            continue
        if form or conversion or name not in known:
            written = name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
            raise ValueError(f"there is no {{{written}}}")
        pieces.append(known[name])
    return pieces


class Changes:
    """Variables of an environment that are set for a while."""

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        self._environ = environ
        self._made: list[tuple[str, str | None, str]] = []

    def make(self, variables: Mapping[str, str]) -> None:
        """Set each variable, by name."""
        for name, value in variables.items():
            self._made.append((name, self._environ.get(name), value))
            self._environ[name] = value

    def undo(self) -> None:
        """Make the variables what they were, but those that somebody else has changed since."""
        for name, before, value in reversed(self._made):
            if self._environ.get(name) != value:
                continue
            if before is None:
                del self._environ[name]
            else:
                self._environ[name] = before
        self._made.clear()
