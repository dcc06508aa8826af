"""Drop the durations of tests that are no more."""

from __future__ import annotations

import argparse

from pytest_markersteal.cli.durations.files import (
    add_collected,
    add_file,
    as_of_today,
    read_collected,
    read_file,
    root_of,
    there,
    write_file,
)
from pytest_markersteal.cli.usage import OK, WRONG_USAGE
from pytest_markersteal.durations.differences import differences
from pytest_markersteal.durations.exporting import shown
from pytest_markersteal.durations.pruning import prune
from pytest_markersteal.words import count

HELP = "drop the durations of tests that are no more"
USAGE = "[--collected FILE] [--dry-run] [--file FILE]"
EPILOG = f"""\
A run of all tests that passes does the same, for what it was asked to run, where it writes the
file.

examples:
  markersteal durations prune --dry-run
  pytest --collect-only -q | markersteal durations prune --collected -

exit codes: {OK} done, also where there was nothing to drop, {WRONG_USAGE} wrong usage, or a file
that can't be read or written
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_collected(parser, "drop all others")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be dropped")
    add_file(parser)


def run(chosen: argparse.Namespace) -> int:
    """Drop, and say what."""
    history = read_file(chosen.file)
    collected = None if chosen.collected is None else read_collected(chosen.collected)
    left = prune(history, there(root_of(chosen.file)), collected)
    dropped = differences(history, left)
    for one in dropped:
        print(f"{'-' if one.after_s is None else '~'} {shown(one.name)}")
    if not dropped:
        print(f"nothing to drop from {chosen.file}")
        return OK
    functions = len(history.functions) - len(left.functions)
    if not chosen.dry_run:
        write_file(chosen.file, as_of_today(left))
    verb = "would drop" if chosen.dry_run else "dropped"
    print(
        f"{verb} {functions:,} of {count(len(history.functions), 'function')} from {chosen.file}, "
        f"and of fixtures, start-ups and parameters {len(dropped) - functions:,}"
    )
    return OK
