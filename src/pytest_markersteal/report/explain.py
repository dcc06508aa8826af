"""Why a run took as long as it did, on the terminal: ``--markersteal-explain``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from pytest_markersteal.explain import causes
from pytest_markersteal.explain.critical import Step
from pytest_markersteal.explain.explanation import Explanation
from pytest_markersteal.explain.gap import Gap
from pytest_markersteal.trace import idle
from pytest_markersteal.trace.idle import Cause
from pytest_markersteal.trace.model import RUNNING, Trace
from pytest_markersteal.words import count

_LEAST_SHOWN_S = 0.005
"""Less would be shown as 0.00."""

_PATH_ROWS = 20
"""How many tests of the critical path are shown; the others are counted."""

_WORDS = {
    Cause(idle.STARTUP): "starting workers again, after crashes",
    Cause(idle.TRANSPORT): "transport: between a worker's tests, to and from the controller",
    Cause(idle.TAIL): "tail: idle while others had tests that had not started",
    Cause(idle.NOTHING_LEFT): "tail: idle at the end, when every test had started",
    Cause(idle.NO_PARALLEL): "waiting for no_parallel",
    Cause(idle.SERIAL): "waiting for serial",
    causes.SETUPS: "repeated set-ups, beyond those that the floor counts",
    causes.OTHER_TESTS: "other tests were run first",
    causes.AFTERWARDS: "other tests were run last",
    causes.OTHER: "other: reruns, failing fixtures and the like",
}


def cause_words(cause: Cause) -> str:
    """Why workers had no test, for people."""
    if cause.kind in (idle.KEY, idle.GROUP):
        return f"waiting for {cause.kind} {cause.name!r}"
    return _WORDS[cause]


def explain_lines(trace: Trace, explanation: Explanation) -> list[str]:
    """The gap to the floor by cause, the critical path, and what would help most."""
    return [
        *_early_end(trace),
        *_gap(explanation.gap),
        "",
        *_path(trace, explanation.path),
        "",
        *_changes(explanation),
    ]


def _early_end(trace: Trace) -> Iterator[str]:
    if trace.end is not None and trace.end.why is None:
        return
    why = "pytest was killed" if trace.end is None else trace.end.why
    running = sum(run.outcome == RUNNING for run in trace.tests)
    midst = f", in the midst of {count(running, 'test')}" if running else ""
    yield f"the run ended early ({why}){midst}; what follows is of what it ran"
    yield ""


def _gap(gap: Gap) -> Iterator[str]:
    total_s = gap.startup_s + gap.wall_s
    yield f"{total_s:.2f} s until the last test ended, of which the floor is:"
    yield _row(gap.floor.total_s, "the floor: no schedule on as many workers is faster")
    yield _row(gap.startup_s, "start-up and collection")
    for cause, seconds in gap.by_cause_s.items():
        if seconds >= _LEAST_SHOWN_S:
            yield _row(seconds, cause_words(cause))
        elif seconds <= -_LEAST_SHOWN_S:
            yield _row(
                -seconds, "less than the floor: fixtures took less, or tests did not need them"
            )


def _row(seconds: float, words: str) -> str:
    return f"{seconds:10.2f} s  {words}"


def _path(trace: Trace, path: Sequence[Step]) -> Iterator[str]:
    yield f"the critical path to the end, {count(len(path), 'test')}:"
    for steps in _parts(path):
        if len(steps) > 1:
            seconds = sum(step.run.span.seconds + step.wait_s for step in steps)
            yield _row(seconds, f"... {len(steps):,} more tests ...")
            continue
        step = steps[0]
        waited = ""
        if step.wait_s >= _LEAST_SHOWN_S:
            waited = f", after {step.wait_s:.2f} s: {_why(step)}"
        worker = trace.workers[step.run.worker].name
        yield _row(step.run.span.seconds, f"{worker}  {trace.ids[step.run.test]}{waited}")


def _parts(path: Sequence[Step]) -> Iterator[list[Step]]:
    """The path in order: steps to be shown one by one, and those between, together."""
    shown = _most_telling(path)
    for is_shown, group in itertools.groupby(enumerate(path), lambda item: item[0] in shown):
        steps = [step for _, step in group]
        yield from ([step] for step in steps) if is_shown else [steps]


def _most_telling(path: Sequence[Step]) -> set[int]:
    """The numbers of the steps to show: where the path changes worker or waits, and long tests."""
    if len(path) <= _PATH_ROWS:
        return set(range(len(path)))
    turns = {number for number, step in enumerate(path) if step.cause is not None}
    longest = sorted(range(len(path)), key=lambda number: -path[number].run.span.seconds)
    telling = [len(path) - 1, *sorted(turns, key=lambda number: -path[number].wait_s), *longest]
    return set(list(dict.fromkeys(telling))[:_PATH_ROWS])


def _why(step: Step) -> str:
    """Why the worker of a test had none before it."""
    cause = step.cause
    if cause is None or cause.kind == idle.TAIL:
        return "its worker was idle"
    return cause_words(cause) if cause.kind != idle.STARTUP else "start-up and collection"


def _changes(explanation: Explanation) -> Iterator[str]:
    if not explanation.changes:
        yield "no change that was tried is predicted to make the run faster"
        return
    yield "what would help most, as simulated runs predict:"
    yield from (f"  {change}" for change in explanation.changes)
