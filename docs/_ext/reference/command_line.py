"""The commands of ``markersteal``: what each takes, and its exit codes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping

from pytest_markersteal.cli.command import Command
from pytest_markersteal.cli.main import COMMANDS
from reference.declared import Declared
from reference.markdown import docstring, plain, table

_CODES = re.compile(r"exit codes[^:]*:")


def commands() -> Iterator[str]:
    """Each command under a heading: its usage, what it does and takes, and the end of its help."""
    for name, command in _all("markersteal", COMMANDS):
        yield from (f"## `{name}`", "", "```text", f"{name} {command.USAGE}", "```", "")
        yield from (plain(docstring(command)), "")
        declared = Declared()
        if not hasattr(command, "COMMANDS"):
            command.add_arguments(declared)  # type: ignore[arg-type] # It has what is used of one.
        rows = [
            (f"`{one.usage}`", plain(one.help))
            for one in declared.arguments
            if one.help != argparse.SUPPRESS
        ]
        if rows:
            yield from (*table(("argument", "meaning"), rows), "")
        for paragraph in command.EPILOG.strip().split("\n\n"):
            yield from (*_paragraph(paragraph), "")


def exit_codes() -> Iterator[str]:
    """A table of all commands and their exit codes."""
    rows = [
        (f"`{name}`", "; ".join(f"**{code}** {plain(means)}" for code, means in codes))
        for name, command in _all("markersteal", COMMANDS)
        if (codes := _codes(command.EPILOG))
    ]
    yield from table(("command", "exit codes"), rows)


def _all(program: str, known: Mapping[str, Command]) -> Iterator[tuple[str, Command]]:
    """The commands, each followed by those of which it is the group."""
    for name, command in known.items():
        full_name = f"{program} {name}"
        yield full_name, command
        yield from _all(full_name, getattr(command, "COMMANDS", {}))


def _codes(epilog: str) -> list[tuple[str, str]]:
    *_, said = _CODES.split(" ".join(epilog.split()))
    return re.findall(r"(\d+) (.*?)(?=, \d+ |$)", said)


def _paragraph(text: str) -> Iterator[str]:
    first, _, rest = text.partition("\n")
    codes = _codes(text)
    if _CODES.match(text) and codes:
        yield from ("Exit codes:", "")
        yield from (f"- {code}: {plain(meaning)}" for code, meaning in codes)
    elif first.endswith(":") and rest.startswith("  "):
        is_console = first in ("example:", "examples:")
        yield from (f"{first[0].upper()}{first[1:]}", "")
        yield "```console" if is_console else "```text"
        yield from (("$ " if is_console else "") + line[2:] for line in rest.splitlines())
        yield "```"
    else:
        yield plain(text)
