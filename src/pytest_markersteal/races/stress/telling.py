"""What a tally found, in the form that all commands share."""

from __future__ import annotations

import shlex
from pathlib import Path

from pytest_markersteal.options import REPLAY_OPTION, SLOT_OPTION
from pytest_markersteal.races.findings import CONFLICT, FLAKY, ORDER, Finding
from pytest_markersteal.races.rounds import twice
from pytest_markersteal.races.stress.attribution import Attribution, Cause, attribute
from pytest_markersteal.races.stress.plan import COLLECTED, Settings
from pytest_markersteal.races.stress.tally import Run, Tally

FOUND_BY = "stress"

_ORDER = ("workers", "order", "split", "process")
"""Factors that decide what ran before a test; the others leave it flaky."""

_ADVICE = {
    "workers": "find what it conflicts with: markersteal locate {test}",
    "order": "find what must, or must not, run before it: markersteal locate {test}",
    "split": "find what must, or must not, run before it: markersteal locate {test}",
    "process": "find what is left behind: markersteal verify",
    "hashing": "make it independent of the order of sets and of hashes",
    "noise": "wait for what it needs instead of a time: docs/sync.md",
}


def findings(tally: Tally, folder: Path) -> list[Finding]:
    """One for each flaky test; traces that were kept are in ``folder``."""
    return [_finding(tally, test, folder) for test in tally.flaky()]


def explained(tally: Tally, test: int) -> Attribution:
    """What explains the failures of ``test``."""
    return attribute(tally.of_test(test), tally.settings.confidence)


def _finding(tally: Tally, test: int, folder: Path) -> Finding:
    outcomes = tally.of_test(test)
    failures = sum(failed for _, failed in outcomes)
    node_id = tally.ids[test]
    found = explained(tally, test)
    runs = tally.first_failing(test)
    messages = dict.fromkeys(_message(run, test) for run in runs)
    factor = found.causes[0].side.factor if found.causes else None
    return Finding(
        _kind(found),
        FOUND_BY,
        (node_id,),
        (),
        "",
        f"{node_id} failed in {failures} of {len(outcomes)} runs; {why(found)}.",
        (*map(evidence, found.causes), *messages),
        next((said for run in runs if (said := reproduction(run, tally.settings, folder))), ""),
        "",
        _advice(factor, tally.settings).format(test=shlex.quote(node_id)),
    )


def _kind(found: Attribution) -> str:
    """Of what the first cause is of; tests that fail on many workers may meet there."""
    if not found.causes:
        return FLAKY
    side = found.causes[0].side
    if side.factor == "workers" and min(map(int, side.levels)) > 1:
        return CONFLICT
    return ORDER if side.factor in _ORDER else FLAKY


def why(found: Attribution) -> str:
    """What ``found`` says, in words."""
    if not found.causes:
        if found.is_enough:
            return "no condition that was varied explains it"
        return "these are not enough runs to say why"
    sides = " and ".join(cause.side.words for cause in found.causes)
    only = "only" if not found.causes[0].failed_without else "more often"
    return f"it fails {only} with {sides}"


def evidence(cause: Cause) -> str:
    """In how many runs it failed on each side."""
    return (
        f"with {cause.side.words}: {cause.failed_with} of {cause.runs_with} runs, "
        f"otherwise {cause.failed_without} of {cause.runs_without} (p = {cause.chance:.2g})"
    )


def reproduction(run: Run, settings: Settings, folder: Path) -> str:
    """A command that does once more what ``run`` did; empty if there is none."""
    hashes = f"PYTHONHASHSEED={run.hash_seed}"
    own = shlex.join(settings.arguments)
    if run.trace:
        slot = "" if run.condition.workers else f" {SLOT_OPTION} 0"
        trace = shlex.quote((folder / run.trace).as_posix())
        return f"{hashes} pytest {REPLAY_OPTION}={trace}{slot} {own}".rstrip()
    if run.round and run.condition.order == COLLECTED:
        return f"{hashes} {twice(settings.arguments)}"
    return ""


def _message(run: Run, test: int) -> str:
    result = run.results[test]
    where = f" ({result.where})" if result.where else ""
    phase = f" in {result.phase}" if result.phase else ""
    return f"{result.outcome}{phase}: {result.message}{where}".rstrip(": ")


def _advice(factor: str | None, settings: Settings) -> str:
    if factor is not None:
        return _ADVICE[factor]
    if not settings.perturb:
        return "let stress vary more than workers: markersteal stress --perturb"
    return "look at what it waits for, and at what it draws by chance"
