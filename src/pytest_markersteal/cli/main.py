"""The entry point: finds the command and runs it.

A new command is a module like ``simulate`` and its name in ``COMMANDS``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Protocol

import pytest_markersteal
from pytest_markersteal.cli import simulate
from pytest_markersteal.cli.usage import OK, WRONG_USAGE, UsageError

_INTERRUPTED = 130


class Command(Protocol):
    """A module of this package that is a command."""

    HELP: str
    """What it does, in one line."""
    USAGE: str
    """Its arguments in one line, without the name."""
    EPILOG: str
    """Examples and whatever else ``--help`` should end with."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what it takes."""

    def run(self, chosen: argparse.Namespace) -> int:
        """Do it and return the exit code; ``UsageError`` where it can't be done."""


COMMANDS: dict[str, Command] = {"simulate": simulate}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``markersteal`` with ``arguments``, those of the process if None; the exit code."""
    parser, parsers = _parser()
    chosen = parser.parse_args(arguments)
    try:
        return COMMANDS[chosen.command].run(chosen)
    except UsageError as error:
        parsers[chosen.command].error(str(error))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read this has read enough; the interpreter's last flush must not fail over it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    parser = argparse.ArgumentParser(
        prog="markersteal",
        description="Tools around pytest's --dist markersteal.",
        epilog=f"exit codes: {OK} done, {WRONG_USAGE} wrong usage",
        allow_abbrev=False,
    )
    version = f"pytest-markersteal {pytest_markersteal.__version__}"
    parser.add_argument("--version", action="version", version=version)
    chooser = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    parsers = {}
    for name, command in COMMANDS.items():
        parsers[name] = chooser.add_parser(
            name,
            help=command.HELP,
            usage=f"markersteal {name} {command.USAGE}",
            description=command.__doc__,
            epilog=command.EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_arguments(parsers[name])
    for each in (parser, *parsers.values()):
        each.color = False  # type: ignore[attr-defined] # Python 3.14 would colour it.
    return parser, parsers
