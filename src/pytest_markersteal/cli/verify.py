"""Find out whether tests are independent: of each other, of their order, and of having run before.

Quickly: all of them in order, again in the same process, in reverse, and each as the first test of
its process. Deeply: besides, each module directly after each other one, and then the same with the
tests of modules in which something failed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pytest_markersteal.cli.progress import StatusLine
from pytest_markersteal.cli.table import table
from pytest_markersteal.cli.usage import NOT_GOOD, OK, WRONG_USAGE, UsageError, duration
from pytest_markersteal.neighbours.store import load, save
from pytest_markersteal.races.findings import Finding, as_json, keep
from pytest_markersteal.races.trials.model import Project
from pytest_markersteal.races.trials.results import PHASES, Reported, Result
from pytest_markersteal.races.trials.running import TrialError, Trials
from pytest_markersteal.races.verify.model import Seen
from pytest_markersteal.races.verify.telling import FOUND_BY, always_failing, findings
from pytest_markersteal.races.verify.verifying import Verifying
from pytest_markersteal.words import count

HELP = "find out whether tests are independent of each other"
USAGE = "[PATH ...] [--deep] [option ...] [-- PYTEST-ARGUMENT ...]"
FOLDER = Path(".markersteal", "verify")
EPILOG = f"""\
Run it in pytest's rootdir. Orders in which tests failed are kept in {FOLDER.as_posix()}.

examples:
  markersteal verify
  markersteal verify tests/unit --budget 10m -- -m "not slow"
  markersteal verify --deep

exit codes: {OK} nothing was found, {NOT_GOOD} tests depend on others, or fail, {WRONG_USAGE} wrong
usage, 130 interrupted
"""

_SHOWN = 20
_TEARDOWN = PHASES.index("teardown")


class _Status:
    """Shows what goes on."""

    def __init__(self) -> None:
        self._line = StatusLine()
        self._what = ""
        self._tests = 0

    def began(self, what: str) -> None:
        self._what, self._tests = what, 0
        self._line.show(what)

    def heard(self, result: Result) -> None:
        if isinstance(result, Reported) and result.phase >= _TEARDOWN:
            self._tests += 1
            self._line.show(f"{self._what}: {count(self._tests, 'test')} done")

    def clear(self) -> None:
        self._line.clear()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.set_defaults(pytest_arguments=[])
    parser.add_argument("paths", metavar="PATH", nargs="*", help="tests, as for pytest")
    depth = parser.add_mutually_exclusive_group()
    depth.add_argument(
        "--quick", action="store_false", dest="deep", help="only what is quick (default)"
    )
    depth.add_argument(
        "--deep", action="store_true", help="each module directly after each other one too"
    )
    parser.add_argument(
        "--budget",
        metavar="TIME",
        type=duration,
        help="how long it may take, for example 90s, 10m or 1h30m; what was left out is told",
    )
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")


def run(chosen: argparse.Namespace) -> int:
    """Verify, print what came of it, and leave the findings for ``markersteal propose``."""
    status = _Status()
    neighbours = load(Path())
    interrupted = False
    with tempfile.TemporaryDirectory(prefix="markersteal-") as scratch:
        trials = Trials(Project(Path.cwd(), chosen.pytest_arguments), Path(scratch))
        verifying = Verifying(trials, chosen.paths, status, chosen.budget)
        try:
            verifying.begin()
            _check_folder(verifying.seen)
            verifying.quick()
            if chosen.deep:
                verifying.deep(neighbours)
        except KeyboardInterrupt:
            interrupted = True
        except TrialError as error:
            raise UsageError(str(error)) from error
        finally:
            status.clear()
    try:
        save(Path(), neighbours)
        found = findings(verifying.seen, chosen.paths, chosen.pytest_arguments, FOLDER)
        told = _document(verifying.seen, found, trials)
        kept = keep(FOUND_BY, told)
    except OSError as error:
        why = error.strerror or error
        raise UsageError(f"can't write to .markersteal: {why}; run this where you may") from error
    if chosen.json:
        print(told, end="")
    else:
        print("\n".join(_lines(verifying.seen, found, trials)))
        if found:
            print(f"findings: {kept.as_posix()}")
    if interrupted:
        raise KeyboardInterrupt
    return NOT_GOOD if verifying.seen.failures else OK


def _check_folder(seen: Seen) -> None:
    """Node ids are paths from the rootdir, and given to pytest as such."""
    for test in seen.ids:
        if not Path(test.partition("::")[0]).exists():
            raise UsageError(f"there is no file of {test} here; run this in pytest's rootdir")


def _document(seen: Seen, found: Sequence[Finding], trials: Trials) -> str:
    return as_json(
        found,
        tests=len(seen.ids),
        runs=trials.count,
        seconds=round(trials.seconds, 3),
        kinds=seen.ran,
        alone=len(seen.alone),
        failing=always_failing(seen),
        pairs_of_modules=asdict(seen.pairs) if seen.pairs else None,
        not_covered=seen.not_covered,
    )


def _lines(seen: Seen, found: Sequence[Finding], trials: Trials) -> list[str]:
    runs = f"{count(trials.count, 'run')} of pytest in {trials.seconds:.0f} s"
    shown = [f"{count(len(seen.ids), 'test')}, {runs}", ""]
    rows = [[kind, f"{_failed(seen, kind)} failed"] for kind in seen.ran]
    shown += table(["how", "tests"], rows, "<>")
    if seen.pairs:
        pairs = seen.pairs
        shown.append(
            f"pairs of modules: {pairs.now:,} of {pairs.total:,} ran next to each other now, "
            f"{pairs.earlier:,} did in earlier runs"
        )
    shown += [f"left out: {what}" for what in seen.not_covered]
    failing = always_failing(seen)
    shown += [f"fails alone too, or always: {test}" for test in failing[:_SHOWN]]
    for finding in found[:_SHOWN]:
        shown += ["", f"{finding.kind}: {finding.story}"]
        shown += [f"  {line}" for line in finding.evidence]
        shown += [f"  to see it: {finding.reproduce}", f"  next: {finding.advice}"]
    if max(len(found), len(failing)) > _SHOWN:
        shown += ["", "there is more: see --json"]
    if not seen.failures:
        shown += ["", "no test was seen to depend on others"]
    return shown


def _failed(seen: Seen, kind: str) -> int:
    return sum(own == kind for _, own in seen.failures)
