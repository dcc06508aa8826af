"""What was found, for people and in the common form of findings."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_markersteal.races.findings import CONFLICT, FLAKY, ORDER, Finding
from pytest_markersteal.races.locate.case import Bond, Case, Located
from pytest_markersteal.races.trials.model import CRASHED, HUNG, TestResult
from pytest_markersteal.trace.model import RUNNING

FOUND_BY = "locate"
_NAMED = 10
"""How many tests are named where there are many."""
KEY = "shared"
"""The key of the bare mark: what the tests share is not known here."""

_KINDS = {
    Bond.AFTER: ORDER,
    Bond.BESIDE: CONFLICT,
    Bond.NEEDS: ORDER,
    Bond.ITSELF: FLAKY,
}


def finding(victim: str, located: Located, reproduce: str) -> Finding:
    """``located`` as a finding."""
    return Finding(
        _KINDS[located.bond],
        FOUND_BY,
        (victim,),
        located.culprits,
        "",
        _story(victim, located),
        tuple(_evidence(located)),
        reproduce,
        f"shared_resource:{KEY}" if located.bond is Bond.BESIDE else "",
        _advice(victim, located, reproduce),
    )


def lines(found: Finding) -> list[str]:
    """``found`` for people."""
    shown = [found.story, *(f"  {line}" for line in found.evidence)]
    shown.append(f"  reproduce: {found.reproduce or 'no command is known that shows it'}")
    if found.mark:
        shown.append(f"  mark: {_as_python(found.mark)}")
    shown.append(f"  next: {found.advice}")
    return shown


def _story(victim: str, located: Located) -> str:
    together, alone = located.together, located.alone
    *others, last = located.culprits or ("",)
    tests = f"{', '.join(others)} and {last}" if others else last
    passes = f"{alone.trials - alone.shown} of {alone.trials}"
    match located.bond:
        case Bond.AFTER:
            return (
                f"{victim} fails after {tests} in the same process ({together}), "
                f"and passes without ({passes})."
            )
        case Bond.BESIDE:
            run = "runs" if len(located.culprits) == 1 else "run"
            return (
                f"{victim} fails while {tests} {run} in another process ({together}), "
                f"and passes without ({passes})."
            )
        case Bond.NEEDS:
            return (
                f"{victim} passes after {tests} in the same process ({together}), "
                f"and fails without ({alone.shown} of {alone.trials})."
            )
        case Bond.ITSELF:
            return f"{victim} fails by itself, with no other test before it ({alone})."


def _evidence(located: Located) -> list[str]:
    shown = [failure(located.result)]
    if located.seen:
        how = {"error": "failed in set-up or teardown", RUNNING: "was running at the end"}
        outcome = located.seen.outcome
        shown.append(f"in the run of {located.seen.began} it {how.get(outcome, outcome)}")
    return shown


def failure(result: TestResult) -> str:
    """How a test failed, in one line."""
    if result.outcome == HUNG:
        return "it hung, and was ended"
    if result.outcome == CRASHED:
        return "it ended its process" + (f": {result.message}" if result.message else "")
    said = f": {result.message}" if result.message else ""
    where = f" ({_shortened(result.where)})" if result.where else ""
    return f"it failed in {result.phase}{said}{where}"


def _shortened(where: str) -> str:
    """A place below the current folder without what is the same for all."""
    return where.removeprefix(f"{Path.cwd()}{os.sep}")


def _as_python(mark: str) -> str:
    name, _, argument = mark.partition(":")
    return f'@pytest.mark.{name}("{argument}")'


def _advice(victim: str, located: Located, reproduce: str) -> str:
    watched = f"{reproduce} --markersteal-watch" if reproduce else "pytest --markersteal-watch"
    match located.bond:
        case Bond.AFTER:
            undo = "undo what it leaves" if len(located.culprits) == 1 else "undo what they leave"
            return (
                f"{undo} behind, in a fixture with yield or with monkeypatch; no mark mends it. "
                f"To see what it is: {watched}"
            )
        case Bond.BESIDE:
            return (
                "give each test its own, by tmp_path or by worker; or keep them apart: put the "
                "mark on all of them, with a key named after what they share. "
                f"To see what it is: {watched}"
            )
        case Bond.NEEDS:
            # Not a mark that mends it: whatever its marks, it fails where it runs alone.
            module = victim.partition("::")[0].rpartition("/")[2].removesuffix(".py")
            group = _as_python(f"xdist_group:{module.removeprefix('test_')}")
            return (
                "let the test set up what it needs by itself, in a fixture; until then, "
                f"{group} on all of them keeps them on one worker"
            )
        case Bond.ITSELF:
            return "mend the test itself first: time, randomness, the network, the machine"


def vain(case: Case) -> list[str]:
    """What is known where nothing was found."""
    shown = [f"Found no test on which {case.oracle.victim} depends."]
    shown += [f"  {line}" for line in case.tried]
    if case.narrowed:
        tests = case.narrowed
        named = ", ".join(tests[:_NAMED]) + (", ..." if len(tests) > _NAMED else "")
        shown.append(f"  it showed with these, perhaps with fewer: {named}")
    return [
        *shown,
        "  next: keep the trace of a run in which it fails (.markersteal/runs) and name it with "
        "--trace",
    ]
