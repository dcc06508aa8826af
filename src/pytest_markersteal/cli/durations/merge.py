"""Make one durations file of several: of two branches, or of parallel CI jobs.

Without -o this is git's merge driver, see 'markersteal durations install-git': it takes three
files, writes to the second, never asks, and never fails.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from pytest_markersteal.cli.durations.files import read_file, read_if_there, write_file
from pytest_markersteal.cli.usage import OK, WRONG_USAGE, UsageError
from pytest_markersteal.durations import merging
from pytest_markersteal.durations.format import FormatError, NewerVersionError
from pytest_markersteal.durations.history import History
from pytest_markersteal.durations.store import read, reason, write
from pytest_markersteal.words import count

HELP = "make one durations file of several"
USAGE = "BASE OURS THEIRS | -o OUT FILE ..."
EPILOG = f"""\
What only one side changed is taken from it; what several changed lies between them; what one
dropped stays if another changed it. The order of the sides makes no difference.

With -o, OUT is what the files began as, if it is there: each job began with the committed file.
What any of them has is kept, as another may have run other tests.

examples:
  markersteal durations merge -o .markersteal/durations.msgpack job-*/durations.msgpack
  markersteal durations merge BASE OURS THEIRS

exit codes: {OK} done, {WRONG_USAGE} wrong usage, or with -o a file that can't be read or written;
without -o always {OK}: what can't be read is left out, and told on stderr
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="the files, or BASE OURS THEIRS"
    )
    parser.add_argument("-o", dest="out", metavar="OUT", type=Path, help="where to write")


def run(chosen: argparse.Namespace) -> int:
    """Merge."""
    if chosen.out is None:
        if len(chosen.files) != 3:
            raise UsageError(
                f"{len(chosen.files)} files where git gives three, BASE OURS THEIRS; to join files "
                "of parallel jobs, say where to with -o OUT"
            )
        _drive(*chosen.files)
        return OK
    sides = [read_file(path) for path in chosen.files]
    base = read_if_there(chosen.out)
    merged = merging.merge(sides, base, are_parts=True)
    write_file(chosen.out, merged)
    tests = sum(function.tests for function in merged.functions.values())
    print(f"{chosen.out}: {count(tests, 'test')}, from {count(len(sides), 'file')}")
    return OK


def _drive(base: Path, ours: Path, theirs: Path) -> None:
    """Merge into ``ours``, whatever happens; no side that can be read is lost."""
    common = _tried(base, "the common base")
    our, their = _tried(ours, "our side"), _tried(theirs, "their side")
    try:
        if our is not None and their is not None:
            write(ours, merging.merge([our, their], common))
        elif their is not None and not _is_newer(ours):
            shutil.copyfile(theirs, ours)
    except (FormatError, OSError) as error:
        _tell(f"our side stays as it is, as the merged one can't be written: {reason(error)}")


def _tried(path: Path, what: str) -> History | None:
    try:
        return read(path)
    except (FormatError, OSError) as error:
        # Where both sides added the file, git's base is empty: nothing to tell.
        if what != "the common base" or _has_content(path):
            _tell(f"{what} is left out: {reason(error)}")
        return None


def _is_newer(path: Path) -> bool:
    try:
        read(path)
    except NewerVersionError:
        return True
    except (FormatError, OSError):
        pass
    return False


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _tell(message: str) -> None:
    print(f"markersteal: durations: {message}", file=sys.stderr)
