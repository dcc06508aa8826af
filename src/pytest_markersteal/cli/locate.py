"""Find the tests on which the failure of another one depends, and a command that shows it.

For a test that fails in some runs and passes alone: those that break it by running before it in its
process, or beside it in another. For one that fails alone: those that it needs before it. What is
found is tried three times, with and without.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path

from pytest_markersteal.cli.progress import StatusLine
from pytest_markersteal.cli.traces import read_trace
from pytest_markersteal.cli.usage import NOT_GOOD, OK, WRONG_USAGE, UsageError, number, whole
from pytest_markersteal.races.findings import Finding, as_json
from pytest_markersteal.races.locate import telling
from pytest_markersteal.races.locate.locating import Locating
from pytest_markersteal.races.locate.oracle import Oracle, OutOfTrialsError
from pytest_markersteal.races.locate.reproducing import Reproducing
from pytest_markersteal.races.trials.model import Project
from pytest_markersteal.races.trials.running import TrialError, Trials
from pytest_markersteal.trace import folder
from pytest_markersteal.trace.format import TraceError
from pytest_markersteal.trace.model import Trace
from pytest_markersteal.trace.reader import read
from pytest_markersteal.words import count

TRIALS = 300
_CLOSE = 5
"""How many node ids are named in place of one that does not exist."""

HELP = "find the tests that make another one fail, or that it needs before it"
USAGE = "NODEID [--trace TRACE] [option ...] [-- PYTEST_ARGUMENT ...]"
EPILOG = f"""\
A trial is a run of pytest in the current folder, with what is behind -- as its arguments. Traces of
earlier runs in which the test failed tell where to look first; without one, other orders and runs
on several workers are tried.

examples:
  markersteal locate tests/test_shop.py::test_total
  markersteal locate tests/test_shop.py::test_total --trace ci/run.trace
  markersteal locate 'tests/test_shop.py::test_total[eur]' --limit 60 -- -p no:cacheprovider tests

exit codes: {OK} found, {NOT_GOOD} not found, {WRONG_USAGE} wrong usage, or pytest can't run
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("test", metavar="NODEID", help="the test that fails, as pytest -v names it")
    parser.add_argument(
        "--trace",
        metavar="TRACE",
        type=Path,
        help="the trace of a run (default: the newest in .markersteal/runs in which it failed)",
    )
    parser.add_argument(
        "--trials",
        metavar="N",
        type=whole(1),
        default=TRIALS,
        help=f"give up after so many trials (default: {TRIALS})",
    )
    parser.add_argument(
        "--limit",
        metavar="S",
        type=number(1),
        help="end a trial after S seconds, as one that hangs (default: 30 s and ten times what its "
        "tests are known to take)",
    )
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.set_defaults(pytest_arguments=[])


def run(chosen: argparse.Namespace) -> int:
    """Search, and tell what was found."""
    with tempfile.TemporaryDirectory(
        prefix="markersteal-locate-", ignore_cleanup_errors=True
    ) as scratch:
        search = _Search(chosen, Path(scratch))
        try:
            search.run()
        except TrialError as error:
            raise UsageError(str(error)) from error
        finally:
            # Also where it was interrupted.
            search.tell()
    return OK if search.found else NOT_GOOD


class _Search:
    """One call of the command."""

    def __init__(self, chosen: argparse.Namespace, scratch: Path) -> None:
        self._chosen = chosen
        self._line = StatusLine()
        own = chosen.pytest_arguments
        self._trials = Trials(Project(Path(), own), scratch / "trials")
        self._bare = Trials(Project(Path()), scratch / "bare")
        self._locating: Locating | None = None
        self._ending = "stopped early"
        self._commands: list[str] = []
        """For each that was found, as far as they are known."""

    def run(self) -> None:
        """Search until something is found, all was tried or there are no more trials."""
        victim = self._chosen.test
        self._line.show("collecting")
        collected = self._trials.collect()
        if victim not in collected:
            raise UsageError(_unknown(victim, collected))
        traces = self._traces(victim)
        oracle = Oracle(
            self._trials,
            victim,
            collected,
            self._chosen.trials,
            self._chosen.limit,
            self._about,
        )
        oracle.start_s = self._trials.seconds
        self._locating = Locating(oracle, traces)
        case = self._locating.case
        try:
            self._locating.run()
            reproducing = Reproducing(oracle, Path(), self._chosen.pytest_arguments, self._bare)
            for one in case.found:
                case.doing = "a command that shows it"
                self._commands.append(reproducing.command(one))
            self._ending = ""
        except OutOfTrialsError:
            self._ending = f"gave up after {count(self._chosen.trials, 'trial')}"

    @property
    def found(self) -> list[Finding]:
        """What was found until now."""
        located = self._locating.case.found if self._locating else []
        return [
            telling.finding(self._chosen.test, one, command)
            for one, command in zip(located, chain(self._commands, repeat("")), strict=False)
        ]

    def tell(self) -> None:
        """Print what was found, or what is known."""
        self._line.clear()
        if self._locating is None:
            return
        case = self._locating.case
        trials = self._trials.count + self._bare.count
        seconds = self._trials.seconds + self._bare.seconds
        if self._chosen.json:
            known = {"tried": case.tried, "narrowed": case.narrowed, "ended": self._ending}
            print(as_json(self.found, trials=trials, seconds=round(seconds, 2), **known), end="")
            return
        lines = [line for found in self.found for line in (*telling.lines(found), "")]
        ending = f" ({self._ending})" if self._ending else ""
        lines += [] if lines else telling.vain(case)
        lines.append(f"{count(trials, 'trial')} in {seconds:.1f} s{ending}")
        print("\n".join(lines), flush=True)

    def _about(self, number: int) -> None:
        doing = self._locating.case.doing if self._locating else ""
        self._line.show(f"trial {number}: {doing}")

    def _traces(self, victim: str) -> Iterable[Trace]:
        """The one that was named, or those that are there, the newest first."""
        path = self._chosen.trace
        if path is None:
            return _readable(folder.traces(Path()))
        trace = read_trace(path)
        if all(trace.ids[run.test] != victim for run in trace.tests):
            raise UsageError(
                f"{victim} did not run in {path}; name the trace of a run in which it failed, or "
                "none"
            )
        return [trace]


def _readable(paths: Sequence[Path]) -> Iterator[Trace]:
    for path in reversed(paths):
        # One may be of another version, or removed meanwhile.
        with contextlib.suppress(OSError, TraceError):
            yield read(path)


def _unknown(test: str, collected: Sequence[str]) -> str:
    name = test.rpartition("::")[2]
    same = [node_id for node_id in collected if node_id.rpartition("::")[2] == name]
    close = [*same, *difflib.get_close_matches(test, collected, _CLOSE)]
    named = ", ".join(list(dict.fromkeys(close))[:_CLOSE])
    instead = f"did you mean {named}?" if named else f"the first of them is {collected[0]}"
    return f"there is no {test} among {count(len(collected), 'collected test')}; {instead}"
