"""Durations that other tools wrote: found out which tool, and read.

Only tests that passed teach, as in runs of our own; ``.test_durations`` files don't tell which
did, so of those all are taken. None of the formats has CPU time: until a run measures a test, it
counts as busy all the time, so that ``-n auto`` does not start more workers than there are cores
on the strength of a guess.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from pytest_markersteal.durations.history import History, Times

LONGEST_S = 1e8
"""Three years: more is no duration."""
PHASES = ("setup", "call", "teardown")

_HEADER = re.compile(r"=+ slowest (?:(\d+) )?durations =+")
_DURATION = re.compile(r"^(?:\S+Z )?(\d+\.\d+)s (setup|call|teardown) +(.*\S)")
_OUTCOME = re.compile(
    r"^(?:\S+Z )?(?:\[gw\d+\] \[ *\d+%\] )?"
    r"(?:FAILED|ERROR|SKIPPED|XFAIL|XPASS|RERUN|SUBFAILED\S*) (?P<after>\S.*)$"
    r"|^(?:\S+Z )?(?P<before>\S.*?) (?:FAILED|ERROR|SKIPPED|XFAIL|XPASS|RERUN)\b[^:]*$"
)
_HIDDEN = re.compile(r"\(\d+ durations < [\d.]+s hidden")
_COLOUR = re.compile(r"\x1b\[[\d;]*m")


class ImportFileError(ValueError):
    """A file that can't be read as what it seems to be; the message says why."""


class UnknownFormatError(ImportFileError):
    """A file of none of the formats."""


@dataclass(slots=True)
class Found:
    """What one file tells.

    ``what`` is the format in words; ``tests``: durations of tests that passed, by node id;
    ``not_passed``: how many others there were; ``unnamed``: JUnit cases, ``(class name, name,
    file, seconds)``, that have yet to be given a node id, see ``durations.junit``.
    """

    what: str
    tests: dict[str, Times] = field(default_factory=dict)
    not_passed: int = 0
    unnamed: list[tuple[str, str, str, float]] = field(default_factory=list)


def read_any(data: bytes) -> Found:
    """What ``data`` tells; ``ImportFileError`` if it is of no format that can be read."""
    # Imported only here: its parser takes time to import, and it needs what is above.
    from pytest_markersteal.durations.junit import read_junit

    text = _text(data)
    start = text.lstrip()[:1]
    if start == "<":
        return read_junit(data)
    if start in ("{", "["):
        first = text.lstrip().partition("\n")[0]
        return read_reportlog(text) if '"$report_type"' in first else read_pytest_split(text)
    if _HEADER.search(text):
        return read_output(text)
    raise UnknownFormatError("it is none of the formats that can be read")


def read_pytest_split(text: str) -> Found:
    """``.test_durations`` of pytest-split: node ids and seconds in a map, or once in a list."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnknownFormatError(f"it is no JSON ({str(error)[:100]})") from None
    try:
        content = dict(content)
    except (TypeError, ValueError):
        raise UnknownFormatError("it is JSON, but not of pytest-split") from None
    found = Found("pytest-split durations")
    for node_id, seconds in content.items():
        found.tests[_node_id(node_id)] = whole(seconds_of(seconds))
    return found


def read_reportlog(text: str) -> Found:
    """The lines of pytest-reportlog: one report of a phase of a test each."""
    phases_s: dict[str, dict[str, float]] = {}
    others: set[str] = set()
    for line in text.splitlines():
        report = _json(line) if line.strip() else {}
        if not isinstance(report, dict):
            raise ImportFileError("a line of it is no report of pytest-reportlog")
        kind, phase = report.get("$report_type"), report.get("when")
        if kind == "SubTestReport" and report.get("outcome") == "failed":
            others.add(_node_id(report.get("nodeid")))
        if kind != "TestReport" or phase not in PHASES:
            continue
        node_id = _node_id(report.get("nodeid"))
        if report.get("outcome") != "passed" or "wasxfail" in report:
            others.add(node_id)
        phases_s.setdefault(node_id, {})[str(phase)] = seconds_of(report.get("duration"))
    return _by_phase("pytest-reportlog", phases_s, others, lambda phases: "call" in phases)


def read_output(text: str) -> Found:
    """What pytest printed with ``--durations``; the lines of tests that failed must be in it too.

    Phases that it hides are shorter than 5 ms and count as nothing.
    """
    lines = _COLOUR.sub("", text).splitlines()
    phases_s: dict[str, dict[str, float]] = {}
    complete = not _HIDDEN.search(text)
    outcomes: set[str] = set()
    for line in lines:
        if header := _HEADER.search(line):
            complete = complete and header[1] is None
        elif match := _DURATION.match(line):
            seconds, phase, node_id = match.groups()
            phases_s.setdefault(node_id, {})[phase] = seconds_of(float(seconds))
        elif match := _OUTCOME.match(line):
            outcomes.update(_beginnings(match["after"] or match["before"]))
    others = phases_s.keys() & outcomes
    # With -vv every phase is shown, and a test without a call is one that was skipped.
    return _by_phase(
        "pytest --durations", phases_s, others, lambda phases: not complete or "call" in phases
    )


def divided(history: History, tests: dict[str, Times]) -> dict[str, Times]:
    """``tests`` with what ``history`` knows and other tools do not: how they divide their time."""
    found = {}
    for node_id, times in tests.items():
        known = history.times(node_id)
        if known is not None and known.total_s:
            same = known.scaled_to(times.total_s)
            only_whole = times.total_s == times.call_s
            times = same if only_whole else times._replace(cpu_s=same.cpu_s)
        found[node_id] = times
    return found


def whole(seconds: float) -> Times:
    """A test of which only the time as a whole is known."""
    return Times(0.0, seconds, 0.0, seconds)


def seconds_of(value: Any) -> float:
    """A duration; ``ImportFileError`` if ``value`` can't be one."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_S:
        return float(value)
    if isinstance(value, float) and isfinite(value) and -1 < value < 0:
        return 0.0  # A clock that was put back a little.
    raise ImportFileError(f"it has {str(value)[:40]!r} where there should be seconds")


def _by_phase(
    what: str,
    phases_s: dict[str, dict[str, float]],
    others: set[str],
    ran: Callable[[dict[str, float]], bool],
) -> Found:
    found = Found(what)
    for node_id, phases in phases_s.items():
        if node_id in others or not ran(phases):
            found.not_passed += 1
            continue
        setup_s, call_s, teardown_s = (phases.get(phase, 0.0) for phase in PHASES)
        total_s = setup_s + call_s + teardown_s
        found.tests[node_id] = Times(setup_s, call_s, teardown_s, total_s)
    return found


def _beginnings(text: str) -> Iterator[str]:
    """``text``, and what may be the node id in it, where a message follows."""
    yield text
    at = text.find(" - ")
    while at >= 0:
        yield text[:at]
        at = text.find(" - ", at + 1)


def _node_id(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ImportFileError(f"it has {str(value)[:40]!r} where there should be a node id")
    return value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ImportFileError(f"it is damaged ({str(error)[:100]})") from None


def _text(data: bytes) -> str:
    """Text in UTF-8, or in what PowerShell writes."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="surrogateescape")
