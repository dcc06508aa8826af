"""Lines of Markdown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

_QUOTED = re.compile(r"(?<!\w)'([^'\n]+)'(?!\w)")
_SPECIAL = re.compile(r"([\\`*_<>\[\]|#])")


def plain(text: str) -> str:
    """``text`` that is no Markdown, to be shown as it is; what is in single quotes as code."""
    parts = _QUOTED.split(text)
    return "".join(
        f"`{part}`" if number % 2 else _SPECIAL.sub(r"\\\1", part)
        for number, part in enumerate(parts)
    )


def docstring(of: object) -> str:
    """What ``of`` says of itself, which is Markdown as long as it marks up nothing but code."""
    return inspect.cleandoc(getattr(of, "__doc__", None) or "")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A table, whose cells are Markdown too."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *map(list, rows)]
    return ["| " + " | ".join(map(_cell, line)) + " |" for line in lines]


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))
