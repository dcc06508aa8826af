"""Run a suite many times, on several numbers of workers, and say what that proves.

What a number of passes proves is little: ten of ten leave it possible that every fourth run fails.
The table says so, beside the pass rate, and for tests that pass only sometimes what explains it.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Any

from pytest_markersteal.cli.progress import StatusLine
from pytest_markersteal.cli.stress.shown import document, lines
from pytest_markersteal.cli.stress.status import Status
from pytest_markersteal.cli.usage import (
    NOT_GOOD,
    OK,
    WRONG_USAGE,
    UsageError,
    duration,
    number,
    whole,
    wholes,
)
from pytest_markersteal.races import hashes
from pytest_markersteal.races.findings import keep
from pytest_markersteal.races.stress.bounds import runs_to_prove
from pytest_markersteal.races.stress.plan import Settings
from pytest_markersteal.races.stress.session import Session, SuiteChangedError
from pytest_markersteal.races.stress.state import FOLDER, Done, State, StateError
from pytest_markersteal.races.stress.tally import FAILING, FLAKY, STABLE
from pytest_markersteal.races.stress.telling import FOUND_BY, findings
from pytest_markersteal.races.trials.model import Project
from pytest_markersteal.races.trials.running import TrialError, Trials

_LEVELS = (1, 2, 4)
_ITERATIONS = 10
_CONFIDENCE = 0.95
_ALL_FAIL = 3
_CODES = {STABLE: OK, FLAKY: NOT_GOOD, FAILING: _ALL_FAIL}

HELP = "run a suite many times, and say what that proves"
USAGE = "[PATH ...] [option ...] [-- PYTEST-ARGUMENT ...]"
EPILOG = f"""\
What --perturb varies, each alone and then all by lot: the number of workers, also above the cores;
the order of tests (reversed, shuffled); which modules share a worker; PYTHONHASHSEED; busy cores
beside the run; a process in which the suite ran before. With the default levels that are ten or
eleven runs an iteration instead of three, of which one or two run the suite twice.

A session is kept in {FOLDER.as_posix()}, with the traces of runs in which a test first failed.

examples:
  markersteal stress
  markersteal stress tests/unit --levels 1,8 --iterations 30 -- -m "not slow"
  markersteal stress --confidence 0.95 --rate 0.01 --budget 1h
  markersteal stress --perturb
  markersteal stress --resume

exit codes: {OK} stable, {NOT_GOOD} flaky, {_ALL_FAIL} failing in every run, {WRONG_USAGE} wrong
usage, 130 interrupted
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.set_defaults(pytest_arguments=[])
    # Without defaults, so that --resume can tell what is asked for anew.
    parser.add_argument("paths", metavar="PATH", nargs="*", help="tests, as for pytest")
    parser.add_argument(
        "--levels",
        metavar="N[,N...]",
        type=wholes(1),
        help=f"numbers of workers (default: {','.join(map(str, _LEVELS))})",
    )
    parser.add_argument(
        "--iterations",
        metavar="N",
        type=whole(1),
        help=f"runs of each (default: {_ITERATIONS}, or with --rate as many as that takes)",
    )
    parser.add_argument(
        "--perturb", action="store_true", default=None, help="vary more than workers, see below"
    )
    parser.add_argument(
        "--rate",
        metavar="RATE",
        type=number(1e-6, 0.999),
        help="a level is done once it is proven to fail in less, or in more, of all runs than this",
    )
    parser.add_argument(
        "--confidence",
        metavar="C",
        type=number(0.5, 0.999999),
        help=f"how sure to be of what is called proven (default: {_CONFIDENCE})",
    )
    parser.add_argument(
        "--seed", metavar="N", type=whole(0), help="what is drawn, is drawn with it (default: 0)"
    )
    parser.add_argument(
        "--budget", metavar="TIME", type=duration, help="for example 90s, 10m or 1h30m"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with the last session, as it was begun"
    )
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")


def run(chosen: argparse.Namespace) -> int:
    """Run the suite, print what came of it, and leave the findings for ``markersteal propose``."""
    trouble: Exception | None = None
    interrupted = False
    line = StatusLine()
    try:
        with tempfile.TemporaryDirectory(prefix="markersteal-") as scratch:
            session = _session(chosen, Path(scratch), line)
            try:
                session.go_on(chosen.budget)
            except KeyboardInterrupt:
                interrupted = True
            except SuiteChangedError as error:
                trouble = error
            except TrialError as error:
                raise UsageError(str(error)) from error
            finally:
                line.clear()
        if session.tally.runs:
            _tell(chosen, session)
    except OSError as error:
        why = error.strerror or error
        raise UsageError(
            f"can't use {FOLDER.as_posix()}: {why}; run this where you may write"
        ) from error
    if trouble is not None:
        raise UsageError(f"{trouble}; begin again without --resume") from trouble
    if interrupted or session.out_of_time:
        print("to go on: markersteal stress --resume", file=sys.stderr)
    if interrupted:
        raise KeyboardInterrupt
    return _CODES[session.tally.verdict()]


def _session(chosen: argparse.Namespace, scratch: Path, line: StatusLine) -> Session:
    state = State(FOLDER)
    ids: list[str] = []
    done: list[Done] = []
    if chosen.resume:
        try:
            settings, ids, done = state.read()
        except FileNotFoundError:
            raise UsageError(
                f"there is no session in {FOLDER.as_posix()} to go on with; leave out --resume"
            ) from None
        except StateError as error:
            raise UsageError(f"{error}; begin again without --resume") from error
        _check_alike(chosen, settings)
    else:
        settings = _asked(chosen)
        state.begin(settings)
    trials = Trials(Project(Path.cwd(), settings.arguments), scratch)
    session = Session(settings, state, trials, Status(line))
    session.take_up(ids, done)
    return session


def _given(chosen: argparse.Namespace) -> dict[str, Any]:
    """The settings that are on the command line."""
    given = {
        "levels": tuple(chosen.levels) if chosen.levels else None,
        "iterations": chosen.iterations,
        "perturb": chosen.perturb,
        "confidence": chosen.confidence,
        "rate": chosen.rate,
        "seed": chosen.seed,
        "arguments": (*chosen.paths, *chosen.pytest_arguments) or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _asked(chosen: argparse.Namespace) -> Settings:
    given = _given(chosen)
    rate, confidence = given.get("rate", 0.0), given.get("confidence", _CONFIDENCE)
    return Settings(
        levels=given.get("levels", _LEVELS),
        iterations=given.get(
            "iterations", runs_to_prove(rate, confidence) if rate else _ITERATIONS
        ),
        perturb=given.get("perturb", False),
        confidence=confidence,
        rate=rate,
        seed=given.get("seed", 0),
        cores=os.cpu_count() or 1,
        hash_seed=hashes.chosen(),
        arguments=given.get("arguments", ()),
    )


def _check_alike(chosen: argparse.Namespace, settings: Settings) -> None:
    for name, value in _given(chosen).items():
        begun_with = getattr(settings, name)
        if value != begun_with:
            raise UsageError(
                f"argument --resume: the session was begun with {name} {_said(begun_with)}, not "
                f"{_said(value)}; leave that out, or --resume"
            )


def _said(value: Any) -> str:
    return shlex.join(map(str, value)) if isinstance(value, tuple) else str(value)


def _tell(chosen: argparse.Namespace, session: Session) -> None:
    found = findings(session.tally, FOLDER)
    told = document(session.tally, found, out_of_time=session.out_of_time)
    kept = keep(FOUND_BY, told)
    if chosen.json:
        print(told, end="")
        return
    print("\n".join(lines(session.tally, found, out_of_time=session.out_of_time)))
    if found:
        print(f"findings: {kept.as_posix()}")
