"""The entry point: finds the command and runs it.

A new command is a module like ``simulate`` and its name in ``COMMANDS``.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

import pytest_markersteal
from pytest_markersteal.cli import audit, doctor, locate, report, verify
from pytest_markersteal.cli.command import Command, add_commands
from pytest_markersteal.cli.durations import group as durations
from pytest_markersteal.cli.ending import Ending
from pytest_markersteal.cli.propose import command as propose
from pytest_markersteal.cli.simulate import command as simulate
from pytest_markersteal.cli.stress import command as stress
from pytest_markersteal.cli.usage import OK, WRONG_USAGE, UsageError
from pytest_markersteal.descriptors import open_descriptor

COMMANDS: dict[str, Command] = {
    "audit": audit,
    "doctor": doctor,
    "durations": durations,
    "locate": locate,
    "propose": propose,
    "report": report,
    "simulate": simulate,
    "stress": stress,
    "verify": verify,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``markersteal`` with ``arguments``, those of the process if None; the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Node ids may hold what the terminal can't show.
        sys.stdout.reconfigure(errors="backslashreplace")
    chosen = _chosen(sys.argv[1:] if arguments is None else arguments)
    with Ending() as ending:
        try:
            code: int = chosen.run(chosen)
            sys.stdout.flush()
        except UsageError as error:
            chosen.parser.error(str(error))
        except KeyboardInterrupt:
            return ending.exit_code
        except BrokenPipeError:
            # Whoever read this has read enough; the interpreter's last flush must not fail over it.
            os.dup2(open_descriptor(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return OK
    return code


def _chosen(arguments: Sequence[str]) -> argparse.Namespace:
    """What is asked for; what is behind ``--`` goes to pytest, by commands that run it.

    It is cut off here, as argparse takes it for arguments only where no option is before it.
    """
    own, behind = list(arguments), []
    if "--" in own:
        place = own.index("--")
        own, behind = own[:place], own[place + 1 :]
    chosen = _parser().parse_args(own)
    if hasattr(chosen, "pytest_arguments"):
        chosen.pytest_arguments = behind
    elif behind:
        chosen.parser.error(f"it runs no pytest, so there is nothing to do with {behind[0]!r}")
    return chosen


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="markersteal",
        description="Tools around pytest's --dist markersteal.",
        epilog=f"exit codes: {OK} done, {WRONG_USAGE} wrong usage; some commands have others, "
        "see their --help",
        allow_abbrev=False,
    )
    version = f"pytest-markersteal {pytest_markersteal.__version__}"
    parser.add_argument("--version", action="version", version=version)
    add_commands(parser, COMMANDS, "markersteal")
    return parser
