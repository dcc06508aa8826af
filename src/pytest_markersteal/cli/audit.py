"""Tell what a suite is like, and in which folders running it in parallel is a risk.

It collects the tests, reads their source and that of conftests, the trace of a run and what other
commands found. No test is run. It tells of marks, asynchronous tests, fixtures and what they cost,
session fixtures that each worker repeats, tests that wait rather than work, and state touched.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pytest_markersteal.cli.project import collection, found
from pytest_markersteal.cli.table import table
from pytest_markersteal.cli.traces import read_trace
from pytest_markersteal.cli.usage import OK, WRONG_USAGE, UsageError
from pytest_markersteal.races.audit.auditing import audit, python_files
from pytest_markersteal.races.audit.model import Audit
from pytest_markersteal.races.audit.rules import RULES
from pytest_markersteal.races.collecting.model import Collection
from pytest_markersteal.report.audit.tables import facts_table, reasons_table, tables
from pytest_markersteal.report.page.tables import MOST_ROWS, Table
from pytest_markersteal.trace import folder

FORMAT = "pytest-markersteal audit"
VERSION = 1
"""Raised when a field changes its meaning or goes; not when one is added."""

HELP = "tell what a suite is like, and where it risks something in parallel"
USAGE = "[TRACE] [--json | --html FILE] [-- PYTEST_ARGUMENT ...]"
EPILOG = f"""\
What is behind -- goes to pytest, which collects the tests. Times are those of TRACE; without any
trace they are not known.

examples:
  markersteal audit
  markersteal audit --html audit.html -- tests/unit
  markersteal audit .markersteal/runs/2026-11-22T10-30-00.trace --json

exit codes: {OK} done, {WRONG_USAGE} wrong usage, or pytest can't collect the tests
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "trace",
        metavar="TRACE",
        nargs="?",
        type=Path,
        help="the trace of a run (default: the newest in .markersteal/runs, if there is one)",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print all of it as JSON")
    how.add_argument(
        "--html",
        metavar="FILE",
        type=Path,
        help="write a page for the browser, one file that works offline; needs pip install "
        "'pytest-markersteal[report]'",
    )
    parser.set_defaults(pytest_arguments=[])


def run(chosen: argparse.Namespace) -> int:
    """Look, and tell."""
    if chosen.html and importlib.util.find_spec("jinja2") is None:
        raise UsageError(
            "--html needs Jinja: pip install 'pytest-markersteal[report]', or leave it out"
        )
    collected = collection(chosen.pytest_arguments)
    told = _audit(chosen.trace, collected)
    if chosen.json:
        print(_json(told), end="")
    elif chosen.html:
        _write_page(chosen.html, Path(collected.rootdir).name, told)
    else:
        print("\n".join(_lines(told)))
    return OK


def _audit(named: Path | None, collected: Collection) -> Audit:
    root = Path(collected.rootdir)
    traces = folder.traces(Path())
    path = named or (traces[-1] if traces else None)
    sources = {}
    unread = []
    for name in python_files(collected):
        try:
            sources[name] = (root / name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            unread.append(f"{name}: {error}")
    run = (path.stem, read_trace(path)) if path else None
    return audit(collected, sources, found().findings, run, unread)


def _json(told: Audit) -> str:
    rules = {kind: asdict(rule) for kind, rule in RULES.items()}
    content: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "rules": rules,
        **asdict(told),
    }
    return json.dumps(content, indent=1) + "\n"


def _write_page(path: Path, title: str, told: Audit) -> None:
    # It is not there for everybody.
    from pytest_markersteal.report.audit.page import page

    try:
        path.write_text(
            page(title, told), encoding="utf-8", errors="backslashreplace", newline="\n"
        )
    except OSError as error:
        raise UsageError(
            f"can't write {path}: {error.strerror or error}; name a place that you may write to"
        ) from error
    print(f"wrote {path}; open it in a browser: {path.absolute().as_uri()}")


def _lines(told: Audit) -> Iterator[str]:
    long = (facts_table(told).title, reasons_table(told.risks).title)
    for one in tables(told):
        if one.title not in long:
            yield from _table_lines(one)
            yield ""
    yield "all places and reasons: markersteal audit --html FILE, or --json"


def _table_lines(one: Table) -> Iterator[str]:
    yield one.title
    shown = one.rows[:MOST_ROWS]
    sides = "".join("<>"[number] for number in one.numbers)
    lines = table(one.head, shown, sides)
    yield from (f"  {line}" for line in (lines if any(one.head) else lines[1:]))
    if len(one.rows) > len(shown):
        yield f"  and {len(one.rows) - len(shown):,} more"
    if one.note:
        yield f"  {one.note}"
