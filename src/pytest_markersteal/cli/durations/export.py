"""Print the durations as text, as JSON, or for pytest-split."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from pytest_markersteal.cli.durations.files import (
    add_collected,
    add_file,
    read_collected,
    read_file,
)
from pytest_markersteal.cli.usage import OK, WRONG_USAGE, UsageError, one_of
from pytest_markersteal.durations.exporting import as_json, as_pytest_split, as_text
from pytest_markersteal.durations.format import FormatError
from pytest_markersteal.durations.history import History
from pytest_markersteal.durations.store import read, reason
from pytest_markersteal.words import count

HELP = "print the durations as text, as JSON, or for pytest-split"
USAGE = "[--format FORMAT] [--collected FILE] [--file FILE]"
EPILOG = f"""\
formats:
  text          one line for each function, test of its own duration, and fixture (default)
  json          the same and more, documented in docs/durations.md
  pytest-split  what pytest-split keeps in .test_durations

The file does not have the names of tests that share the duration of their function. For
pytest-split they are left out and counted on stderr, unless --collected names them.

examples:
  markersteal durations export --format json > durations.json
  pytest --collect-only -q > ids
  markersteal durations export --format pytest-split --collected ids > .test_durations

exit codes: {OK} done, {WRONG_USAGE} wrong usage, or a file that can't be read
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        type=one_of(_FORMATS),
        default="text",
        help=f"one of {', '.join(_FORMATS)}",
    )
    add_collected(parser, "for pytest-split")
    parser.add_argument("--textconv", metavar="FILE", type=Path, help=argparse.SUPPRESS)
    add_file(parser)


def run(chosen: argparse.Namespace) -> int:
    """Print it."""
    if chosen.textconv is not None:
        print(_for_git(chosen.textconv))
        return OK
    if chosen.collected is not None and chosen.format != "pytest-split":
        raise UsageError("argument --collected: only for --format pytest-split")
    print(_FORMATS[chosen.format](read_file(chosen.file), chosen))
    return OK


def _text(history: History, _chosen: argparse.Namespace) -> str:
    return "\n".join(as_text(history))


def _json(history: History, _chosen: argparse.Namespace) -> str:
    return as_json(history)


def _pytest_split(history: History, chosen: argparse.Namespace) -> str:
    collected = [] if chosen.collected is None else read_collected(chosen.collected)
    text, missing = as_pytest_split(history, collected)
    if missing and collected:
        print(f"left out {count(missing, 'test')} of which nothing is known", file=sys.stderr)
    elif missing:
        print(
            f"left out {count(missing, 'test')}: the file does not have their names; give them "
            "with --collected",
            file=sys.stderr,
        )
    return text


def _for_git(path: Path) -> str:
    """Text in any case: if this failed, so would all of ``git diff``."""
    try:
        return "\n".join(as_text(read(path)))
    except (FormatError, OSError) as error:
        return f"# durations that can't be read: {reason(error)}"


_FORMATS: dict[str, Callable[[History, argparse.Namespace], str]] = {
    "text": _text,
    "json": _json,
    "pytest-split": _pytest_split,
}
