"""Tell whether the durations file is in order, and what to do where it is not."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from pytest_markersteal.cli.durations.driver import driver_works, has_attributes
from pytest_markersteal.cli.durations.files import add_file, remedy, root_of, there
from pytest_markersteal.cli.durations.git import ask, is_repository
from pytest_markersteal.cli.usage import NOT_GOOD, OK, WRONG_USAGE
from pytest_markersteal.durations.format import MAX_BYTES, FormatError
from pytest_markersteal.durations.history import History
from pytest_markersteal.durations.pruning import stale_share
from pytest_markersteal.durations.store import FILE, read, reason
from pytest_markersteal.recording import drift
from pytest_markersteal.words import count

HELP = "tell whether the durations file is in order"
USAGE = "[--json] [--file FILE]"
EPILOG = f"""\
Looked at are: whether the file can be read, its size, its age, how many of its tests are of files
that are gone, how much faster the latest run here would have been with a new file, and git. Age
alone is no fault: the file is written when that pays.

examples:
  markersteal durations doctor
  markersteal durations doctor --json

exit codes: {OK} all is well, {NOT_GOOD} there is something to do, {WRONG_USAGE} wrong usage
"""

JSON_VERSION = 1
MOST_STALE = 0.1
"""A share of tests that are gone. Some always are, on a branch or another."""
MOST_FULL = 0.8
"""A share of the size at which the file is no longer read."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what was found, and what to do if that is not well."""

    name: str
    found: str
    remedy: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_file(parser)


def run(chosen: argparse.Namespace) -> int:
    """Look at all, and print it."""
    checks = list(_checks(chosen.file))
    to_do = sum(bool(check.remedy) for check in checks)
    if chosen.json:
        content = {
            "format": "pytest-markersteal durations doctor",
            "version": JSON_VERSION,
            "file": str(chosen.file),
            "ok": not to_do,
            "checks": [asdict(check) for check in checks],
        }
        print(json.dumps(content, indent=1))
    else:
        for check in checks:
            print(f"{'DO' if check.remedy else 'ok'}  {check.name}: {check.found}")
            if check.remedy:
                print(f"    -> {check.remedy}")
        print(f"{chosen.file}: {f'{to_do} to do' if to_do else 'all is well'}")
    return NOT_GOOD if to_do else OK


def _checks(path: Path) -> Iterator[Check]:
    root = root_of(path)
    try:
        history = read(path)
    except (FormatError, OSError) as error:
        yield Check("file", f"it can't be used: {reason(error)}", remedy(error))
    else:
        tests = sum(function.tests for function in history.functions.values())
        yield Check(
            "file", f"{count(tests, 'test')} of {count(len(history.functions), 'function')}"
        )
        yield _size(path)
        yield Check("age", _age(history))
        yield _stale(history, root)
    yield _drift(path, root)
    yield from _git(path, root)


def _size(path: Path) -> Check:
    size = path.stat().st_size
    full = size / MAX_BYTES
    found = f"{size:,} bytes of {MAX_BYTES:,} at most"
    if full < MOST_FULL:
        return Check("size", found)
    return Check("size", found, "drop what is gone, with 'markersteal durations prune'")


def _age(history: History) -> str:
    try:
        days = (date.today() - date.fromisoformat(history.written)).days
    except ValueError:
        return "unknown"
    return f"written {history.written}, {count(days, 'day')} ago"


def _stale(history: History, root: Path) -> Check:
    share = stale_share(history, there(root))
    found = f"{share:.0%} of the tests are of files that are gone"
    if share <= MOST_STALE:
        return Check("stale", found)
    return Check(
        "stale",
        found,
        "run 'markersteal durations prune', or all tests with --markersteal-record=always: if they "
        "pass, that does it",
    )


def _drift(path: Path, root: Path) -> Check:
    latest = drift.kept(root)
    if latest is not None and _is_newer(path, root / drift.FILE):
        return Check("drift", "unknown: the file is newer than what the latest run here told")
    if latest is None:
        return Check("drift", "unknown, as no run here has told yet")
    day, told = latest
    found = (
        f"with a new file, the latest run here ({day}) would take {told.after_s:.1f} s instead of "
        f"{told.before_s:.1f} s; {told.new:,} of its {told.tests:,} tests are new"
    )
    if not told.pays:
        return Check("drift", found)
    return Check(
        "drift",
        found,
        "run pytest with --markersteal-record=always, and commit the file",
    )


def _is_newer(path: Path, other: Path) -> bool:
    """Whether ``path`` was written after ``other``; both may be gone."""
    try:
        return path.stat().st_mtime_ns > other.stat().st_mtime_ns
    except OSError:
        return False


def _git(path: Path, root: Path) -> Iterator[Check]:
    folder = path.absolute().parent
    while not folder.is_dir():
        folder = folder.parent
    if not is_repository(folder):
        yield Check("git", "not in a repository")
        return
    file = str(path.absolute())
    tracked = ask(folder, "ls-files", "--error-unmatch", "--", file) is not None
    ignoring = None if tracked else ask(folder, "check-ignore", "-v", "--", file)
    if ignoring is not None:
        rule = ignoring.partition("\t")[0]
        yield Check(
            "git",
            f"the file is ignored, by {rule}, so nobody else has it",
            f"take that line away, then 'git add {path}'",
        )
    elif not tracked and path.exists():
        yield Check("git", "the file is not committed", f"run 'git add {path}', and commit")
    else:
        yield Check("git", "the file is committed" if tracked else "no file yet to commit")
    if path.absolute() != root / FILE:
        return
    if not has_attributes(root):
        found = "not set up: .gitattributes does not say how to merge and show the file"
    elif not driver_works(root):
        found = "not set up in this clone, or its program is gone"
    else:
        yield Check("merges and diffs", "set up")
        return
    yield Check("merges and diffs", found, f"run 'markersteal durations install-git' in {root}")
