"""Show what takes long: tests, files, fixtures, and what marks keep apart."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pytest_markersteal.cli.durations.files import add_file, read_file
from pytest_markersteal.cli.table import table
from pytest_markersteal.cli.usage import OK, WRONG_USAGE, whole
from pytest_markersteal.durations.exporting import seconds_text, shown
from pytest_markersteal.durations.history import Fixture, History
from pytest_markersteal.durations.summing import Sum, Sums, sums_of
from pytest_markersteal.words import count

HELP = "show the slowest tests, files, fixtures and keys"
USAGE = "[-n COUNT] [--json] [--file FILE]"
EPILOG = f"""\
Tests of one function that differ only in parameters are one line: the longest of them is shown, and
the sum of all. Durations are in steps of a factor of 1.19.

examples:
  markersteal durations show -n 5
  markersteal durations show --json

exit codes: {OK} done, {WRONG_USAGE} wrong usage, or no file that can be read
"""

JSON_VERSION = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "-n",
        dest="count",
        metavar="COUNT",
        type=whole(1),
        default=10,
        help="how many of each to show (default: 10)",
    )
    parser.add_argument("--json", action="store_true", help="print all of them as JSON")
    add_file(parser)


def run(chosen: argparse.Namespace) -> int:
    """Print it."""
    history = read_file(chosen.file)
    sums = sums_of(history)
    print(_json(history, sums) if chosen.json else "\n".join(_lines(history, sums, chosen.count)))
    return OK


def _lines(history: History, sums: Sums, most: int) -> list[str]:
    tests = sums.tests
    lines = [
        f"{count(tests.tests, 'test')} of {count(len(sums.functions), 'function')} in "
        f"{count(len(sums.files), 'file')}: {seconds_text(tests.total_s)}, and "
        f"{seconds_text(sums.fixtures_s)} to set up {count(len(history.fixtures), 'fixture')} of "
        "wider scope",
        f"written {history.written or 'on an unknown day'}, "
        f"on {shown(history.platform) or 'an unknown platform'}",
    ]
    by_longest = sorted(sums.functions.items(), key=lambda item: (-item[1].longest_s, item[0]))
    lines += _table("slowest tests", by_longest, most)
    lines += _table("slowest files", _by_total(sums.files), most)
    fixtures = _fixtures(history)
    if fixtures:
        cells = [
            [seconds_text(seconds), f"{shown(fixture.name)} ({fixture.scope}) of {_node(fixture)}"]
            for fixture, seconds in fixtures[:most]
        ]
        lines += ["", *table(["set-up", "slowest fixtures"], cells, "><"), *_more(fixtures, most)]
    if sums.demands:
        lines += _table("keys and marks", _by_total(sums.demands), most)
    return lines


def _table(title: str, sums: list[tuple[str, Sum]], most: int) -> list[str]:
    cells = [
        [seconds_text(one.longest_s), seconds_text(one.total_s), f"{one.tests:,}", shown(name)]
        for name, one in sums[:most]
    ]
    return ["", *table(["longest", "all", "tests", title], cells, ">>><"), *_more(sums, most)]


def _more(found: list[Any], most: int) -> list[str]:
    return [f"... and {len(found) - most:,} more"] if len(found) > most else []


def _by_total(sums: Mapping[str, Sum]) -> list[tuple[str, Sum]]:
    return sorted(sums.items(), key=lambda item: (-item[1].total_s, item[0]))


def _fixtures(history: History) -> list[tuple[Fixture, float]]:
    return sorted(history.fixtures_s.items(), key=lambda item: (-item[1], item[0]))


def _node(fixture: Fixture) -> str:
    return shown(fixture.node) or "the session"


def _json(history: History, sums: Sums) -> str:
    def listed(found: Iterable[tuple[str, Sum]]) -> list[dict[str, Any]]:
        return [{"name": name, **asdict(one)} for name, one in found]

    content = {
        "format": "pytest-markersteal durations, added up",
        "version": JSON_VERSION,
        "written": history.written,
        "platform": history.platform,
        "all": asdict(sums.tests),
        "fixtures_s": sums.fixtures_s,
        "functions": listed(_by_total(sums.functions)),
        "files": listed(_by_total(sums.files)),
        "fixtures": [{**f._asdict(), "setup_s": seconds} for f, seconds in _fixtures(history)],
        "marks": listed(_by_total(sums.demands)),
    }
    return json.dumps(content, indent=1)
