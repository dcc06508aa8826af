"""What a command is, and how parsers are made of commands."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Protocol


class Command(Protocol):
    """A module that is a command."""

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


def add_commands(
    parser: argparse.ArgumentParser, commands: Mapping[str, Command], program: str
) -> None:
    """Let ``parser``, that of ``program``, take one of ``commands``.

    What is parsed then has the function to ``run`` and the ``parser`` of the command.
    """
    without_colours(parser)
    chooser = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in commands.items():
        full_name = f"{program} {name}"
        own = chooser.add_parser(
            name,
            help=command.HELP,
            usage=f"{full_name} {command.USAGE}",
            description=command.__doc__,
            epilog=command.EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            prog=full_name,
        )
        without_colours(own)
        own.set_defaults(run=command.run, parser=own)
        command.add_arguments(own)


def without_colours(parser: argparse.ArgumentParser) -> None:
    """Python 3.14 would colour the help."""
    parser.color = False  # type: ignore[attr-defined] # The typed versions don't have it.
