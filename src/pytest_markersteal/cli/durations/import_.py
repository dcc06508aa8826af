"""Take over durations that other tools wrote, so that the first run is balanced already."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_markersteal.cli.durations.files import (
    add_file,
    as_of_today,
    read_if_there,
    root_of,
    there,
    write_file,
)
from pytest_markersteal.cli.usage import OK, WRONG_USAGE, UsageError
from pytest_markersteal.durations.exporting import shown
from pytest_markersteal.durations.history import Times
from pytest_markersteal.durations.importing import (
    Found,
    ImportFileError,
    UnknownFormatError,
    divided,
    read_any,
    whole,
)
from pytest_markersteal.durations.junit import node_id_of
from pytest_markersteal.durations.learning import Measured, learn
from pytest_markersteal.words import count

HELP = "take over durations that other tools wrote"
USAGE = "SOURCE ... [--file FILE]"
FORMATS = (
    "pytest-split's .test_durations, JUnit XML, pytest's output with --durations=0 -vv, and the "
    "lines of pytest-reportlog"
)
EPILOG = f"""\
Read are {FORMATS};
which one it is shows in the content. Only tests that passed are taken, and only those whose file is
there. What is known already changes as it would after a run: not for a factor of less than 2.8.

examples:
  markersteal durations import .test_durations
  markersteal durations import reports/junit-*.xml

exit codes: {OK} done, {WRONG_USAGE} wrong usage, or a file that can't be read or written;
then nothing is written
"""

_NAMED = 5
"""How many tests that can't be taken are named."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("sources", metavar="SOURCE", nargs="+", type=Path, help="what to read")
    add_file(parser)


def run(chosen: argparse.Namespace) -> int:
    """Read all, learn once, write."""
    history = read_if_there(chosen.file)
    root = root_of(chosen.file)
    tests: dict[str, Times] = {}
    for source in chosen.sources:
        found = _read(source)
        taken, unknown = _placed(found, root)
        tests.update(taken)
        left_out = _left_out(found, unknown, root)
        print(f"{source}: {found.what}, {count(len(taken), 'test')} taken{left_out}")
    if not tests:
        raise UsageError(
            f"no test to take in {', '.join(map(str, chosen.sources))}; {chosen.file} was left as "
            "it is; import where the tests are, in pytest's rootdir"
        )
    learned = learn(history, Measured(divided(history, tests)))
    if learned == history:
        print(f"{chosen.file} knows all of that already")
        return OK
    write_file(chosen.file, as_of_today(learned))
    known = sum(function.tests for function in learned.functions.values())
    print(f"{chosen.file}: {count(known, 'test')} of {count(len(learned.functions), 'function')}")
    return OK


def _read(source: Path) -> Found:
    try:
        return read_any(source.read_bytes())
    except OSError as error:
        raise UsageError(f"can't read {source}: {error.strerror}; name another file") from error
    except UnknownFormatError as error:
        raise UsageError(f"can't import {source}: {error}; there are {FORMATS}") from error
    except ImportFileError as error:
        raise UsageError(
            f"can't import {source}: {error}; write it anew, or leave it out"
        ) from error


def _placed(found: Found, root: Path) -> tuple[dict[str, Times], list[str]]:
    """The tests whose file is there, and the names of the others."""
    taken, unknown = {}, []
    for classname, name, file, seconds in found.unnamed:
        node_id = node_id_of(root, classname, name, file)
        if node_id is None:
            unknown.append(f"{classname}.{name}")
        else:
            taken[node_id] = whole(seconds)
    is_there = there(root)
    files: dict[str, bool] = {}
    for node_id, times in found.tests.items():
        file = node_id.partition("::")[0]
        if file not in files:
            files[file] = is_there(file)
        if files[file]:
            taken[node_id] = times
        else:
            unknown.append(node_id)
    return taken, unknown


def _left_out(found: Found, unknown: list[str], root: Path) -> str:
    text = f"; {found.not_passed:,} did not pass" if found.not_passed else ""
    if unknown:
        named = ", ".join(map(shown, unknown[:_NAMED]))
        more = ", ..." if len(unknown) > _NAMED else ""
        text += f"; {len(unknown):,} of no file under {root}: {named}{more}"
    return text
