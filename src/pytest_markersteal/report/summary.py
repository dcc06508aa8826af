"""The summary on the terminal: at most five lines, one with -q, none with -qq."""

from __future__ import annotations

from pytest_markersteal.distribution.record import RunRecord
from pytest_markersteal.recording.recorded import Fate, Recorded
from pytest_markersteal.words import count, limit_phrase

_NAMED = 3
"""How many tests that did not run are named."""


def summary_lines(record: RunRecord, recorded: Recorded | None, verbosity: int) -> list[str]:
    """The lines for ``verbosity``: 0 and above all of them, -1 one, below none."""
    if verbosity < -1:
        return []
    lines = [_speed(record)]
    if verbosity < 0:
        not_run = f"; {len(record.not_run)} not run" if record.not_run else ""
        return [f"markersteal: {lines[0]}{not_run}{quiet_warning(record)}"]
    if record.limit is not None:
        limit = limit_phrase(record.limit, record.limit_test, record.workers, record.floor_s)
        lines.append(f"limited by {limit}")
    lines.append(_durations(record, recorded))
    if record.not_run:
        lines.append(not_run_line(record))
    if record.trouble:
        lines.append(f"warning: {'; '.join(record.trouble)}")
    return lines


def quiet_warning(record: RunRecord | None) -> str:
    """The end of the one line of -q: also who asks for few words is told what is not used."""
    return f"; warning: {'; '.join(record.trouble)}" if record and record.trouble else ""


def _speed(record: RunRecord) -> str:
    tests = count(record.tests, "test")
    line = f"{tests} on {count(record.workers, 'worker')} in {record.wall_s:.2f} s"
    if record.floor_s:
        ratio = record.wall_s / record.floor_s
        line += f"; the floor is {record.floor_s:.2f} s ({ratio:.2f} times that)"
    return line


def _durations(record: RunRecord, recorded: Recorded | None) -> str:
    if record.known == 0:
        line = "durations: none were known"
        if recorded and recorded.fate is Fate.WRITTEN:
            line += ", so the next run will be better balanced"
    else:
        line = f"durations: known for {record.known} of {count(record.tests, 'test')}"
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
    tests = count(len(record.not_run), "test")
    return f"not run: {tests} ({record.why_not}): {named}{more}"
