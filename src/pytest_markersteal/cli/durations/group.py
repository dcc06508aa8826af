"""Look into the durations file, keep it in order, and live with it in git.

Without --file it is .markersteal/durations.msgpack of the current folder, which should be pytest's
rootdir.
"""

from __future__ import annotations

import argparse

from pytest_markersteal.cli.command import Command, add_commands
from pytest_markersteal.cli.durations import (
    diff,
    doctor,
    export,
    import_,
    install_git,
    merge,
    prune,
    show,
)

HELP = "look into the durations file, keep it in order, and live with it in git"
USAGE = "COMMAND ..."
EPILOG = """\
examples:
  markersteal durations show
  markersteal durations doctor

exit codes: those of the commands, see 'markersteal durations COMMAND --help'
"""

COMMANDS: dict[str, Command] = {
    "show": show,
    "diff": diff,
    "doctor": doctor,
    "prune": prune,
    "merge": merge,
    "import": import_,
    "export": export,
    "install-git": install_git,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands."""
    add_commands(parser, COMMANDS, "markersteal durations")


def run(chosen: argparse.Namespace) -> int:
    """Never called: the parser insists on a subcommand, which has its own."""
    raise AssertionError(chosen)
