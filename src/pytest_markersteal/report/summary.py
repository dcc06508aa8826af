"""The summary on the terminal: at most five lines, one with -q, none with -qq."""

from __future__ import annotations

from pytest_markersteal.core.floor import Limit
from pytest_markersteal.distribution.record import RunRecord
from pytest_markersteal.recording.recorded import Fate, Recorded

_NAMED = 3
"""How many tests that did not run are named."""


def summary_lines(record: RunRecord, recorded: Recorded | None, verbosity: int) -> list[str]:
    """The lines for ``verbosity``: 0 and above all of them, -1 one, below none."""
    if verbosity < -1:
        return []
    lines = [_speed(record)]
    if verbosity < 0:
        not_run = f"; {len(record.not_run)} not run" if record.not_run else ""
        return [f"markersteal: {lines[0]}{not_run}"]
    if record.limit is not None:
        lines.append(f"limited by {_limit(record.limit, record)}")
    lines.append(_durations(record, recorded))
    if record.not_run:
        lines.append(not_run_line(record))
    if record.trouble:
        lines.append(f"warning: {'; '.join(record.trouble)}")
    return lines


def _speed(record: RunRecord) -> str:
    tests = _count(record.tests, "test")
    line = f"{tests} on {_count(record.workers, 'worker')} in {record.wall_s:.2f} s"
    if record.floor_s:
        ratio = record.wall_s / record.floor_s
        line += f"; the floor is {record.floor_s:.2f} s ({ratio:.2f} times that)"
    return line


def _limit(limit: Limit, record: RunRecord) -> str:
    longest = f", the longest {record.limit_test}" if limit.tests > 1 and record.limit_test else ""
    tests = _count(limit.tests, "test")
    match limit.kind:
        case "work":
            workers = _count(record.workers, "worker")
            return f"the work itself: {limit.seconds:.2f} s for each of {workers}"
        case "test":
            return f"the longest test: {record.limit_test} ({limit.seconds:.2f} s)"
        case "tests":
            workers = _count(record.workers, "worker")
            return f"the {tests} that are longest: {limit.seconds:.2f} s on {workers}"
        case "key":
            return f"key {limit.name!r}: {tests}, {limit.seconds:.2f} s one after another{longest}"
        case "group":
            return f"group {limit.name!r}: {tests}, {limit.seconds:.2f} s on one worker{longest}"
        case "serial":
            return f"serial: {tests}, {limit.seconds:.2f} s one after another{longest}"
        case _:
            return f"no_parallel: {tests}, {limit.seconds:.2f} s alone{longest}"


def _durations(record: RunRecord, recorded: Recorded | None) -> str:
    if record.known == 0:
        line = "durations: none were known"
        if recorded and recorded.fate is Fate.WRITTEN:
            line += ", so the next run will be better balanced"
    else:
        line = f"durations: known for {record.known} of {_count(record.tests, 'test')}"
    return f"{line}{_fate(recorded)}" if recorded else line


def _fate(recorded: Recorded) -> str:
    match recorded.fate:
        case Fate.WRITTEN:
            return f"; updated {recorded.path}"
        case Fate.MISSING:
            return f"; to keep them, run this and commit the file: {recorded.command}"
        case Fate.PAYS if recorded.drift is not None:
            gain = f"{recorded.drift.gain_s:.1f} s ({recorded.drift.gain_share:.0%})"
            return f"; new ones would save {gain}: run {recorded.command} and commit the file"
        case _:
            return ""


def not_run_line(record: RunRecord) -> str:
    """Which tests did not run to their end, and why."""
    named = ", ".join(record.not_run[:_NAMED])
    more = ", ..." if len(record.not_run) > _NAMED else ""
    tests = _count(len(record.not_run), "test")
    return f"not run: {tests} ({record.why_not}): {named}{more}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
