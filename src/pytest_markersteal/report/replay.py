"""What a replay tells: which run it replays, and which tests of it are not as they were."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

import pytest

from pytest_markersteal.distribution.record import RunRecord
from pytest_markersteal.distribution.replaying import Matched, Replaying
from pytest_markersteal.report.summary import not_run_line, quiet_warning
from pytest_markersteal.words import count

_NAMED = 5
"""How many tests a line names."""


class ReplayLines:
    """Writes what there is to tell; of workers, what the ``record`` of this run has."""

    def __init__(
        self, replaying: Replaying, record: Callable[[], RunRecord | None] = lambda: None
    ) -> None:
        self._replaying = replaying
        self._record = record

    @pytest.hookimpl
    def pytest_report_header(self) -> str:
        """Say what is about to be replayed."""
        return f"markersteal: {header_line(self._replaying)}"

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """Write it below what pytest itself has to tell."""
        lines = summary_lines(self._replaying, self._record(), config.get_verbosity())
        if lines and config.get_verbosity() >= 0:
            terminalreporter.write_sep("-", "markersteal")
        for line in lines:
            warns = line.startswith(("warning", "not run:"))
            terminalreporter.write_line(line, yellow=warns)


def header_line(replaying: Replaying) -> str:
    """What is about to be replayed."""
    head = replaying.trace.head
    what = f"the run of {head.began}"
    if replaying.slot is not None:
        what = f"in this process what slot {replaying.slot} ran in {what}"
    return f"replaying {what}: {shlex.join(['pytest', *head.arguments])}"


def summary_lines(replaying: Replaying, record: RunRecord | None, verbosity: int) -> list[str]:
    """The lines for ``verbosity``: 0 and above all of them, -1 one, below none."""
    matched = replaying.matched
    if matched is None or not matched.played or verbosity < -1:
        return []
    line = _replayed(replaying, matched, record)
    not_run = record.not_run if record else []
    if verbosity < 0:
        left = f"; {len(not_run)} not run" if not_run else ""
        return [f"markersteal: {line}{left}{quiet_warning(record)}"]
    lines = [line, *_differences(matched)]
    if replaying.seed is not None:
        lines.append(
            f"warning: tests were shuffled with the seed {replaying.seed} then, and no plugin "
            "takes it now; have the same plugins as that run"
        )
    if record and not_run:
        lines.append(not_run_line(record))
    if record and record.trouble:
        lines.append(f"warning: {'; '.join(record.trouble)}")
    return lines


def _replayed(replaying: Replaying, matched: Matched, record: RunRecord | None) -> str:
    whose = "" if replaying.slot is None else f"of slot {replaying.slot} "
    line = f"replayed {count(len(matched.played), 'test')} {whose}of the run of "
    line += replaying.trace.head.began
    if record:
        line += f", on {count(record.workers, 'worker')} in {record.wall_s:.2f} s"
    changes = [
        f"{len(tests):,} {'is' if len(tests) == 1 else 'are'} {state}"
        for tests, state in ((matched.gone, "gone"), (matched.new, "new"))
        if tests
    ]
    return f"{line}; {', '.join(changes)}" if changes else line


def _differences(matched: Matched) -> list[str]:
    """The tests that are not as they were in that run."""
    lists = {
        "gone, so left out": matched.gone,
        "new, so left out": matched.new,
        "did not run then, so left out": matched.never_ran,
    }
    return [f"{what}: {_named(tests)}" for what, tests in lists.items() if tests]


def _named(tests: Sequence[str]) -> str:
    more = f" and {len(tests) - _NAMED:,} more" if len(tests) > _NAMED else ""
    return ", ".join(tests[:_NAMED]) + more
