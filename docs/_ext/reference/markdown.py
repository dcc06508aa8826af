"""Lines of Markdown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

_CODE = re.compile(
    r"""
      pip\ install\ '[^'\n]+'
    | (?<!\w)'[^'\n]+'(?!\w)             # what is in quotes
    | (?<![\w-])--[a-z][\w-]*            # options
    | \.markersteal/[\w./*-]*\w          # files
    | \b(?:pytest_)?markersteal_\w+      # ini values and hooks
    """,
    re.VERBOSE,
)
_SPECIAL = re.compile(r"([\\`*_<>\[\]|#])")


def plain(text: str) -> str:
    """``text`` that is no Markdown, to be shown as it is, and what looks like code as code."""
    shown = ""
    end = 0
    for found in _CODE.finditer(text):
        code = found[0][1:-1] if found[0].startswith("'") else found[0]
        shown += f"{_escaped(text[end : found.start()])}`{code}`"
        end = found.end()
    return shown + _escaped(text[end:])


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


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
