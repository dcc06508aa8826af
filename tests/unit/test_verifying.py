"""What a verification finds, of a suite that does what it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_markersteal.neighbours.model import Neighbours
from pytest_markersteal.races.trials.model import Ran, Round, TestResult, Trial
from pytest_markersteal.races.trials.running import TrialError
from pytest_markersteal.races.verify import forking
from pytest_markersteal.races.verify.telling import always_failing, findings
from pytest_markersteal.races.verify.verifying import Verifying

TESTS = [f"test_{module}.py::{name}" for module in "abc" for name in ("one", "two")]
A1, A2, B1, B2, C1, C2 = TESTS


class Suite:
    """Stands for trials: ``fails`` is asked for each test, and for those before it.

    A run of one process takes ten seconds.
    """

    def __init__(self, fails: Callable[[str, Sequence[str]], bool]) -> None:
        self.fails = fails
        self.now_s = 0.0
        self.orders: list[list[str]] = []

    def run(self, trial: Trial, heard: Any = None) -> Ran:
        self.now_s += 10.0
        asked = [word for word in trial.arguments if ".py" in word]
        order = [
            test
            for test in (trial.slots[0] if trial.slots else TESTS)
            if not asked or any(test.startswith(word) for word in asked)
        ]
        self.orders.append(order)
        copies = forking.ARGUMENTS[-1] in trial.arguments
        before: list[str] = []
        rounds = []
        for _ in range(trial.rounds):
            results = {}
            for test in order:
                failed = self.fails(test, [] if copies else before)
                results[test] = TestResult("failed" if failed else "passed", message="boom")
                before.append(test)
            rounds.append(Round(results, 0))
        return Ran(rounds, 10.0 * trial.rounds, None, Path("output.txt"))

    def discard(self, ran: Ran) -> None:
        pass


class Deaf:
    def began(self, what: str) -> None: ...

    def heard(self, result: object) -> None: ...


def verified(
    suite: Suite, *, budget_s: float | None = None, pairs: Neighbours | None = None
) -> Verifying:
    own = Verifying(suite, (), Deaf(), budget_s, lambda: suite.now_s)  # type: ignore[arg-type] # stands for trials
    own.begin()
    own.quick()
    if pairs is not None:
        own.deep(pairs)
    return own


def stories(own: Verifying, folder: Path) -> dict[str, str]:
    return {found.victims[0]: found.story for found in findings(own.seen, [], [], folder)}


@pytest.mark.parametrize("can_copy", [True, False])
@pytest.mark.parametrize(
    ("fails", "story"),
    [
        (lambda test, before: test == B1 and A2 not in before, "fails alone, and passes"),
        (lambda test, before: test == B1 and A2 in before, "fails after the tests before"),
        (lambda test, before: test == B1 and C1 in before and B2 in before, "fails in reverse"),
        (lambda test, before: test == B1 and B1 in before, "runs twice in one process"),
        (
            lambda test, before: test == B1 and C2 in before and before[-1] == A2,
            "suite runs twice in one process, and not after itself",
        ),
    ],
)
def test_what_a_test_depends_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    can_copy: bool,
    fails: Callable[[str, Sequence[str]], bool],
    story: str,
) -> None:
    """It is told of the test, and of no other, whether processes can be copied or not."""
    monkeypatch.setattr(forking, "AVAILABLE", can_copy)

    told = stories(verified(Suite(fails)), tmp_path)

    assert list(told) == [B1]
    assert story in told[B1]


def test_an_independent_suite(tmp_path: Path) -> None:
    """Nothing is found; every test ran alone, and every pair of modules was covered."""
    own = verified(Suite(lambda test, before: False), pairs=Neighbours())

    assert not stories(own, tmp_path)
    assert own.seen.alone == set(TESTS)
    assert own.seen.pairs is not None
    assert (own.seen.pairs.total, own.seen.pairs.now) == (6, 6)


def test_a_test_that_always_fails(tmp_path: Path) -> None:
    """It is no matter of order."""
    own = verified(Suite(lambda test, before: test == B1))

    assert not stories(own, tmp_path)
    assert always_failing(own.seen) == [B1]


def test_a_test_that_fails_once(tmp_path: Path) -> None:
    """Where the same order is fine the next time, it is flaky."""
    times = iter([False, False, True])
    own = verified(Suite(lambda test, before: test == B1 and next(times, False)))

    (finding,) = findings(own.seen, [], [], tmp_path)
    assert (finding.kind, finding.victims) == ("flaky", (B1,))
    assert "failed in 1 of 2 runs" in finding.story


def test_only_next_to_each_other(tmp_path: Path) -> None:
    """What takes one module directly after another is found by the pair cover, and not before."""

    def fails(test: str, before: Sequence[str]) -> bool:
        return test == A1 and before[-1:] == [B2]

    assert not stories(verified(Suite(fails)), tmp_path)
    told = stories(verified(Suite(fails), pairs=Neighbours()), tmp_path)
    assert f"after {B2}" in told[A1]


def test_known_pairs_are_skipped() -> None:
    """A second call runs no order of modules."""
    pairs = Neighbours()
    verified(Suite(lambda test, before: False), pairs=pairs)
    suite = Suite(lambda test, before: False)
    own = verified(suite, pairs=pairs)

    assert own.seen.pairs is not None
    assert (own.seen.pairs.earlier, own.seen.pairs.now) == (6, 0)


@pytest.mark.parametrize(
    ("budget_s", "left_out"),
    [
        (15.0, ["in reverse", "each test alone: 4 tests left", "pairs of modules"]),
        (22.0, ["each test alone: 6 tests left", "pairs of modules"]),
        (1000.0, []),
    ],
)
def test_a_budget_is_kept(budget_s: float, left_out: list[str]) -> None:
    """What does not fit in is told."""
    own = verified(Suite(lambda test, before: False), budget_s=budget_s, pairs=Neighbours())

    assert [what.partition(", as")[0] for what in own.seen.not_covered] == left_out


def test_a_module_that_can_not_be_collected_alone(tmp_path: Path) -> None:
    """Its tests need what another module imports."""
    suite = Suite(lambda test, before: False)
    run = suite.run

    def refusing(trial: Trial, heard: Any = None) -> Ran:
        if any(word.startswith("test_b.py") for word in trial.arguments):
            raise TrialError("pytest ran no test:\n  ImportError: no rules")
        return run(trial, heard)

    suite.run = refusing  # type: ignore[method-assign] # another one stands in
    own = verified(suite)

    assert {*stories(own, tmp_path)} == {B1, B2}
    assert own.seen.failures[B1, "alone"].message == "ImportError: no rules"
