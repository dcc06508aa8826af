"""Show which durations are different in two files, or since the last commit.

With no file, what is committed is compared with the durations file; with one, that file with the
durations file; with two, the first with the second.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from pytest_markersteal.cli.durations.files import add_file, read_file, remedy
from pytest_markersteal.cli.durations.git import GitError, git
from pytest_markersteal.cli.usage import NOT_GOOD, OK, WRONG_USAGE, UsageError
from pytest_markersteal.durations.differences import Difference, differences
from pytest_markersteal.durations.exporting import seconds_text, shown
from pytest_markersteal.durations.format import FormatError, decode
from pytest_markersteal.durations.history import History
from pytest_markersteal.durations.summing import sums_of

HELP = "show which durations are different"
USAGE = "[A [B]] [--revision REV] [--json] [--file FILE]"
EPILOG = f"""\
Lines begin with + for what is new, - for what is gone, and ~ for what changed; seconds are those of
all tests of a function. Only the day on which a file was written makes no difference.

examples:
  markersteal durations diff
  markersteal durations diff --revision origin/main
  markersteal durations diff before.msgpack after.msgpack

exit codes, as of diff: {OK} no difference, {NOT_GOOD} there are differences, {WRONG_USAGE} wrong
usage, or a file that can't be read
"""

JSON_VERSION = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("files", metavar="A B", nargs="*", type=Path, help="files to compare")
    parser.add_argument(
        "--revision",
        metavar="REV",
        help="compare with what is committed there (default: HEAD)",
    )
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")
    add_file(parser)


def run(chosen: argparse.Namespace) -> int:
    """Compare and print."""
    if len(chosen.files) > 2:
        raise UsageError(f"{len(chosen.files)} files are too many to compare; name two at most")
    if chosen.files and chosen.revision:
        raise UsageError("argument --revision: not with files to compare; leave one out")
    if len(chosen.files) == 1 and not chosen.files[0].exists():
        raise UsageError(
            f"there is no file {chosen.files[0]}; to compare with a commit: "
            f"--revision {chosen.files[0]}"
        )
    if chosen.files:
        before = read_file(chosen.files[0])
    else:
        before = _committed(chosen.file, chosen.revision or "HEAD")
    after = read_file(chosen.files[1] if len(chosen.files) == 2 else chosen.file)
    found = differences(before, after)
    print(_json(found) if chosen.json else "\n".join(_lines(found, before, after)))
    return NOT_GOOD if found else OK


def _committed(path: Path, revision: str) -> History:
    """The history in what is committed of ``path``."""
    place = f"{revision}:./{path.name}"
    try:
        return decode(git(path.absolute().parent, "show", "--end-of-options", place))
    except GitError as error:
        raise UsageError(
            f"can't compare {path} with {revision}: {error}; commit the file, or name two files"
        ) from error
    except FormatError as error:
        raise UsageError(
            f"can't use {path} of {revision}: {error}; {remedy(error)}; or choose another "
            "--revision"
        ) from error


def _lines(found: list[Difference], before: History, after: History) -> list[str]:
    if not found:
        return ["no difference"]
    signs = [_sign(one) for one in found]
    lines = [
        f"{sign} {shown(one.name)}  {_seconds(one)}" for sign, one in zip(signs, found, strict=True)
    ]
    totals = (seconds_text(sums_of(history).tests.total_s) for history in (before, after))
    lines.append(
        f"{signs.count('+')} new, {signs.count('-')} gone, {signs.count('~')} changed; all tests: "
        + " -> ".join(totals)
    )
    return lines


def _sign(one: Difference) -> str:
    return "+" if one.before_s is None else "-" if one.after_s is None else "~"


def _seconds(one: Difference) -> str:
    if one.before_s is None or one.after_s is None:
        return seconds_text(abs(one.change_s))
    if one.before_s == one.after_s:
        return f"{seconds_text(one.after_s)}, otherwise divided, or other marks"
    return f"{seconds_text(one.before_s)} -> {seconds_text(one.after_s)}"


def _json(found: list[Difference]) -> str:
    content = {
        "format": "pytest-markersteal differences of durations",
        "version": JSON_VERSION,
        "differences": [asdict(one) for one in found],
    }
    return json.dumps(content, indent=1)
