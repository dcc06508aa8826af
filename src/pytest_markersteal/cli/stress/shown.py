"""What a tally says, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from pytest_markersteal.cli.table import table
from pytest_markersteal.races import findings
from pytest_markersteal.races.stress.plan import Condition
from pytest_markersteal.races.stress.tally import FAILING, FLAKY, STABLE, Level, Tally
from pytest_markersteal.words import count

_SHOWN = 20
"""How many tests and findings are shown at most; ``--json`` has all of them."""

_VERDICTS = {
    STABLE: "stable: every run passed",
    FLAKY: "flaky: outcomes change from run to run",
    FAILING: "failing: the same tests fail in every run",
}

_VARIED = {
    ("order", "reversed"): "reversed order",
    ("order", "shuffled"): "shuffled order",
    ("split", "drawn"): "drawn split",
    ("hashing", "drawn"): "drawn hashes",
    ("noise", "busy"): "busy cores",
    ("process", "reused"): "reused process",
}
"""Of factors and levels, in as few words as a table has room for."""


def lines(tally: Tally, found: Sequence[findings.Finding], *, out_of_time: bool) -> list[str]:
    """All of it, for the terminal."""
    shown = [*_head(tally, out_of_time), "", *_levels(tally)]
    not_stable = [*tally.flaky(), *tally.failing(), *tally.inconsistent()]
    if not_stable:
        shown += ["", "runs in which it did not fail:", *_matrix(tally, not_stable[:_SHOWN])]
        shown += _more(len(not_stable), "test")
    for trouble in dict.fromkeys(run.trouble for run in tally.runs if run.trouble):
        shown += ["", "a run could not begin: " + trouble]
    for finding in found[:_SHOWN]:
        shown += ["", f"{finding.kind}: {finding.story}"]
        shown += [f"  {line}" for line in finding.evidence]
        shown += [f"  to see it: {finding.reproduce}"] if finding.reproduce else []
        shown += [f"  next: {finding.advice}"] if finding.advice else []
    shown += _more(len(found), "finding")
    return [*shown, "", _VERDICTS[tally.verdict()]]


def document(tally: Tally, found: Sequence[findings.Finding], *, out_of_time: bool) -> str:
    """All of it, for programs; tests that always passed are only counted."""
    told = [*tally.flaky(), *tally.failing(), *tally.inconsistent()]
    levels = tally.levels()
    return findings.as_json(
        found,
        verdict=tally.verdict(),
        settings=tally.settings.fields(),
        out_of_budget=out_of_time,
        tests=len(tally.ids),
        always_alike=len(tally.ids) - len(told),
        levels=[
            {
                **asdict(level),
                "condition": asdict(level.condition) if level.condition else None,
                "pass_rate": level.passed / level.runs,
                "speed_up": _speed_up(level, levels),
            }
            for level in levels
        ],
        outcomes=[_outcomes(tally, test) for test in told],
        runs=[
            {
                "number": run.number + 1,
                "round": run.round + 1,
                "condition": asdict(run.condition),
                "hash_seed": run.hash_seed,
                "seconds": round(run.seconds, 3),
                "passed": run.passed,
                "trouble": run.trouble,
                "trace": run.trace,
            }
            for run in tally.runs
        ],
    )


def _head(tally: Tally, out_of_time: bool) -> list[str]:
    seconds = sum(run.seconds for run in tally.runs)
    said = f"{count(len(tally.ids), 'test')}, {count(len(tally.runs), 'run')} in {seconds:.0f} s"
    return [said + ("; the budget is spent" if out_of_time else "")]


def _levels(tally: Tally) -> list[str]:
    levels = tally.levels()
    perturbed = tally.settings.perturb
    head = ["#", "workers", "condition"] if perturbed else ["workers"]
    head += ["passed", "fails at most", "consistent", "seconds", "speed-up"]
    rows = []
    for number, level in enumerate(levels, 1):
        workers = "drawn" if level.condition is None else str(level.condition.workers or "none")
        speed_up = _speed_up(level, levels)
        rows.append(
            [
                *([str(number), workers, _label(level.condition)] if perturbed else [workers]),
                f"{level.passed}/{level.runs}",
                f"{100 * level.most:.1f}%",
                f"{level.consistent}/{len(tally.ids)}",
                f"{level.seconds:.2f}",
                "" if speed_up is None else f"{speed_up:.2f}",
            ]
        )
    left = (">><" if perturbed else ">") + ">>>>>"
    note = f"fails at most: of runs, with {100 * tally.settings.confidence:g}% confidence"
    return [*table(head, rows, left), note]


def _matrix(tally: Tally, tests: Sequence[int]) -> list[str]:
    levels = tally.levels()
    names = [
        f"#{number}" if tally.settings.perturb or not level.condition else _n(level.condition)
        for number, level in enumerate(levels, 1)
    ]
    rows = []
    for test in tests:
        passes = tally.passes(test)
        cells = [passes.get(level.condition, (0, 0)) for level in levels]
        rows.append([tally.ids[test], *(f"{good}/{ran}" if ran else "-" for good, ran in cells)])
    return table(["test", *names], rows, "<" + ">" * len(names))


def _n(condition: Condition) -> str:
    return f"-n {condition.workers}"


def _label(condition: Condition | None) -> str:
    if condition is None:
        return "all drawn"
    return ", ".join(
        words for (factor, level), words in _VARIED.items() if getattr(condition, factor) == level
    )


def _speed_up(level: Level, levels: Sequence[Level]) -> float | None:
    """How many times as fast as on the fewest workers; None where more than workers differ."""
    plain = {
        one.condition.workers: one
        for one in levels
        if one.condition and _differs_by_workers(one.condition, levels[0])
    }
    if level not in plain.values():
        return None
    return plain[min(plain)].seconds / level.seconds


def _differs_by_workers(condition: Condition, first: Level) -> bool:
    """Whether it differs from the ``first`` level, which is a plain one, by workers only."""
    if first.condition is None or not condition.workers:
        return False
    return replace(condition, workers=first.condition.workers) == first.condition


def _outcomes(tally: Tally, test: int) -> dict[str, Any]:
    passes = tally.passes(test)
    return {
        "test": tally.ids[test],
        "passed_of": [list(passes.get(level.condition, (0, 0))) for level in tally.levels()],
    }


def _more(number: int, noun: str) -> list[str]:
    return [f"and {count(number - _SHOWN, noun)} more: see --json"] if number > _SHOWN else []
