"""What a verification found, in the form that all commands share."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from pytest_markersteal.options import REPLAY_OPTION, SLOT_OPTION
from pytest_markersteal.races.findings import FLAKY, ORDER, Finding
from pytest_markersteal.races.rounds import twice
from pytest_markersteal.races.trials.script import write_script
from pytest_markersteal.races.verify.model import (
    AGAIN,
    ALONE,
    COVER,
    FORWARD,
    REVERSE,
    TWICE,
    Failure,
    Seen,
)
from pytest_markersteal.races.verify.verifying import hash_seed

FOUND_BY = "verify"

_STORIES = {
    FORWARD: "{test} fails after the tests before it, and passes alone.",
    ALONE: "{test} fails alone, and passes after the tests before it: it needs what they leave.",
    REVERSE: "{test} fails in reverse order, and passes alone: a test after it leaves something.",
    COVER: "{test} fails in another order than that of collection, after {last}.",
    TWICE: "{test} fails when it runs twice in one process: it leaves something to itself.",
    AGAIN: "{test} fails when the suite runs twice in one process, and not after itself.",
}
_ORDER = (FORWARD, ALONE, REVERSE, TWICE, AGAIN, COVER)
"""What explains most comes first; a test is told of once."""


def always_failing(seen: Seen) -> list[str]:
    """The tests that fail forward, and alone too as far as that was tried."""
    return [
        test
        for test, kind in seen.failures
        if kind == FORWARD and (test not in seen.alone or (test, ALONE) in seen.failures)
    ]


def findings(
    seen: Seen, paths: Sequence[str], options: Sequence[str], folder: Path
) -> list[Finding]:
    """One for each test that depends on others, or on chance.

    ``paths`` and ``options`` are those for pytest. Orders to run again are written to ``folder``,
    in which nothing else may be.
    """
    shutil.rmtree(folder, ignore_errors=True)
    failing = set(always_failing(seen))
    victims = dict.fromkeys(test for test, _ in seen.failures if test not in failing)
    return [_finding(seen, test, [*options, *paths], [*options, test], folder) for test in victims]


def _finding(
    seen: Seen, test: str, suite: Sequence[str], alone: Sequence[str], folder: Path
) -> Finding:
    """``suite`` is what makes pytest run all tests, ``alone`` what makes it run this one."""
    failures = [seen.failures[test, kind] for kind in _ORDER if (test, kind) in seen.failures]
    sure = [failure for failure in failures if failure.seen == failure.runs]
    told = (sure or failures)[0]
    last = told.before[-1] if told.before else ""
    story = _STORIES[told.kind].format(test=test, last=last)
    if told.kind == REVERSE and (test, ALONE) not in seen.failures and test not in seen.alone:
        story = f"{test} fails in reverse order, and passes in the order of collection."
    if not sure:
        story = f"{test} failed in {told.seen} of {told.runs} runs in one and the same order."
    return Finding(
        ORDER if sure else FLAKY,
        FOUND_BY,
        (test,),
        (test,) if told.kind == TWICE else (),
        "",
        story,
        tuple(map(_evidence, failures)),
        _reproduction(told, suite, alone, folder),
        "",
        _advice(told, sure=bool(sure)),
    )


def _evidence(failure: Failure) -> str:
    where = failure.kind
    if failure.before and failure.kind != TWICE:
        others = len(failure.before) - 1
        where += f", after {failure.before[-1]}" + (f" and {others} before it" if others else "")
    return f"{where}: failed {failure.seen} of {failure.runs} times: {failure.message}"


def _reproduction(
    failure: Failure, suite: Sequence[str], alone: Sequence[str], folder: Path
) -> str:
    hashes = f"PYTHONHASHSEED={hash_seed()}"
    if failure.kind in (ALONE, FORWARD):
        own = alone if failure.kind == ALONE else suite
        return f"{hashes} {shlex.join(['pytest', '-n', '0', *own])}"
    if failure.kind in (TWICE, AGAIN):
        return f"{hashes} {twice(alone if failure.kind == TWICE else suite)}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="ascii")
    path = folder / f"order-{len([*folder.glob('order-*.trace')]) + 1}.trace"
    write_script(path, [[*failure.before, failure.test]])
    replay = ["pytest", f"{REPLAY_OPTION}={path.as_posix()}", SLOT_OPTION, "0", *suite]
    return f"{hashes} {shlex.join(replay)}"


def _advice(failure: Failure, *, sure: bool) -> str:
    test = shlex.quote(failure.test)
    if not sure:
        return "see how often: markersteal stress " + test
    if failure.kind == TWICE:
        return "mend it, so that it takes back what it changed"
    return f"find the test that it depends on: markersteal locate {test}"
