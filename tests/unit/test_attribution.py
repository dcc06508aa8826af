"""What explains that a test fails in some runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_markersteal.races.stress.attribution import attribute
from pytest_markersteal.races.stress.plan import Condition, Settings, conditions, plan


def settings(iterations: int = 10, perturb: bool = True) -> Settings:
    return Settings((1, 2, 4), iterations, perturb, 0.95, 0.0, 0, 2, "", ())


def outcomes(
    fails: Callable[[Condition], bool], iterations: int = 10
) -> list[tuple[Condition, bool]]:
    """Of a whole plan, if a test fails where ``fails`` says so."""
    runs = []
    for planned in plan(settings(iterations)):
        if planned.condition.process == "reused":
            runs.append(planned.condition.first_round())
        runs.append(planned.condition)
    return [(condition, fails(condition)) for condition in runs]


@pytest.mark.parametrize(
    ("fails", "said"),
    [
        (lambda c: c.workers >= 2, "2 or more workers"),
        (lambda c: c.workers in (0, 1), "at most 1 worker"),
        (lambda c: not c.workers, "no workers"),
        (lambda c: c.order == "reversed", "tests in reversed order"),
        (lambda c: c.order == "shuffled", "tests in shuffled order"),
        (lambda c: c.split == "drawn", "modules drawn to workers by lot"),
        (lambda c: c.hashing == "drawn", "other values of PYTHONHASHSEED"),
        (lambda c: c.noise == "busy", "busy processes beside it"),
        (lambda c: c.process == "reused", "a process in which the suite ran before"),
    ],
)
def test_one_factor(fails: Callable[[Condition], bool], said: str) -> None:
    """The factor that was planted is the one that is named, and explains all failures."""
    (cause,) = attribute(outcomes(fails), 0.95).causes

    assert cause.side.words == said
    assert (cause.failed_with, cause.failed_without) == (cause.runs_with, 0)


def test_two_factors_together() -> None:
    """A failure that takes two conditions is explained by both."""
    found = attribute(outcomes(lambda c: c.noise == "busy" and c.hashing == "drawn", 20), 0.95)

    assert {cause.side.words for cause in found.causes} == {
        "busy processes beside it",
        "other values of PYTHONHASHSEED",
    }


def test_too_few_runs() -> None:
    """Nothing is claimed, and that it was too few is known."""
    few = [(Condition(1), False), (Condition(2), True), (Condition(2), True)]

    found = attribute(few, 0.95)

    assert (found.causes, found.is_enough) == ((), False)


def test_chance() -> None:
    """What fails by itself, every third run of all conditions, has no cause, whatever it is."""
    runs = [
        (condition, number % 3 == 0)
        for condition in map(Condition, (1, 2, 4))
        for number in range(12)
    ]

    found = attribute(runs, 0.95)

    assert (found.causes, found.is_enough) == ((), True)


def test_plan_varies_one_thing_at_a_time() -> None:
    """Around the baseline; equal settings give equal plans; iterations follow each other."""
    asked = settings(3)
    own = conditions(asked)
    baseline = Condition(4)

    assert baseline in own
    for condition in own:
        varied = [
            name
            for name in ("order", "split", "hashing", "noise", "process")
            if getattr(condition, name) != getattr(baseline, name)
        ]
        assert len(varied) <= 1
    assert plan(asked) == plan(asked)
    assert [planned.draw for planned in plan(asked)] == sorted(p.draw for p in plan(asked))
    assert len(plan(asked)) == 3 * 10


def test_plan_of_levels() -> None:
    """Without perturbation only workers vary, and all levels of an iteration have one hash seed."""
    asked = settings(2, perturb=False)

    assert [planned.condition.workers for planned in plan(asked)] == [1, 2, 4, 1, 2, 4]
    seeds = [planned.hash_seed(asked) for planned in plan(asked)]
    assert len(set(seeds[:3])) == len(set(seeds[3:])) == 1
    assert seeds[0] != seeds[3]
