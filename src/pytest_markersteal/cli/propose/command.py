"""Turn what was found into marks: propose them, and apply those that a review has left.

Without options it reads findings, and traces, and writes proposals to .markersteal/proposals.toml,
where people review them; no test is changed. Those that would remove a mark are off until somebody
sets "apply = true" there. With --apply, those that are on go into the source of the tests, or into
markersteal.toml, which says by node id which tests have which marks. With --check, a run of the
suite shows whether the conflicts are gone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_markersteal.cli.propose import applying, checking, proposing
from pytest_markersteal.cli.usage import (
    NOT_GOOD,
    OK,
    WRONG_USAGE,
    UsageError,
    one_of,
    whole,
)
from pytest_markersteal.races.propose.file import FILE
from pytest_markersteal.races.propose.reading import FOLDER

HELP = "propose marks for what was found, and apply them"
USAGE = "[FINDINGS ... | --apply WHERE | --check [-n N]] [-- PYTEST_ARGUMENT ...]"
EPILOG = f"""\
where marks go:
  source   into the files of the tests; needs pip install 'pytest-markersteal[propose]'
  map      into markersteal.toml of pytest's rootdir, for tests whose source is not to be changed

FINDINGS are files that stress, verify, locate and --markersteal-watch write; without any, what the
last watched run left in .markersteal/runs, and all in {FOLDER.as_posix()}. What is behind --
goes to pytest, which collects the tests, or runs them.

examples:
  markersteal propose
  markersteal propose found.json -- tests
  markersteal propose --apply source
  markersteal propose --check -n 4

exit codes: {OK} done, {NOT_GOOD} something could not be applied, or a conflict is not gone,
{WRONG_USAGE} wrong usage
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "findings",
        metavar="FINDINGS",
        nargs="*",
        type=Path,
        help="files with what commands found (default: see below)",
    )
    parser.add_argument(
        "--apply",
        metavar="WHERE",
        type=one_of(applying.WAYS),
        help=f"put what {FILE.as_posix()} says into the source, or into the map",
    )
    parser.add_argument(
        "--check", action="store_true", help="run the suite, and tell which conflicts are gone"
    )
    parser.add_argument(
        "-n",
        dest="workers",
        metavar="N",
        type=whole(2),
        help=f"with --check: how many workers (default: {checking.WORKERS})",
    )
    parser.set_defaults(pytest_arguments=[])


def run(chosen: argparse.Namespace) -> int:
    """Propose, apply, or check."""
    if chosen.findings and (chosen.apply or chosen.check):
        option = "--apply" if chosen.apply else "--check"
        raise UsageError(
            f"argument {option}: it takes what {FILE.as_posix()} says; run 'markersteal propose "
            f"{chosen.findings[0]}' first, and then leave it out here"
        )
    if chosen.apply and chosen.check:
        raise UsageError("argument --check: look at what --apply changes first, then check")
    if chosen.workers and not chosen.check:
        raise UsageError("argument -n: is for --check; leave it out here")
    if chosen.apply:
        return applying.apply(chosen.apply, chosen.pytest_arguments)
    if chosen.check:
        return checking.check(chosen.workers or checking.WORKERS, chosen.pytest_arguments)
    return proposing.propose(chosen.findings, chosen.pytest_arguments)
