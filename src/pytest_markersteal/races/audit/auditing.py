"""Puts together what is known of a suite."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pytest_markersteal.core.apart import may_meet, pairs
from pytest_markersteal.core.suite import Demand
from pytest_markersteal.races.audit.measured import run_of, seconds_of, setups, waiting
from pytest_markersteal.races.audit.model import (
    AsyncUse,
    Audit,
    FixtureUse,
    MarkUse,
    Reason,
    Risk,
    Waiting,
)
from pytest_markersteal.races.audit.rules import RULES, level
from pytest_markersteal.races.audit.statics import Fact, facts_in
from pytest_markersteal.races.collecting.model import CollectedTest, Collection
from pytest_markersteal.races.collecting.runners import NOTHING
from pytest_markersteal.races.findings import LATENT, Finding
from pytest_markersteal.races.inside import inside
from pytest_markersteal.trace.model import Trace

_SHOWN = 3
"""Of how many things a reason says where they are."""


def audit(
    collected: Collection,
    sources: Mapping[str, str],
    findings: Sequence[Finding],
    run: tuple[str, Trace] | None,
    unread: Sequence[str] = (),
) -> Audit:
    """What is to be told.

    ``sources`` are by path, ``unread`` those that could not be read, with reasons; ``run`` is a
    trace with its name.
    """
    tests = collected.tests
    facts, no_python = _facts(sources)
    waits = waiting(run[1]) if run else []
    asks = {test.id: test.asks for test in tests}
    places, capacities = inside(asks), collected.capacities
    risky = [one for one in findings if not _is_settled(one, asks, places, capacities)]
    return Audit(
        tests=len(tests),
        files=len({_file(test.id) for test in tests}),
        findings=len(findings),
        asyncio_mode=collected.asyncio_mode,
        run=run_of(*run) if run else None,
        risks=_risks(tests, facts, risky, waits),
        marks=_marks(tests, seconds_of(run[1]) if run else None),
        asynchronous=_asynchronous(tests),
        fixtures=_fixtures(collected, run[1] if run else None),
        waiting=waits,
        facts=facts,
        unread=[*unread, *no_python],
    )


def python_files(collected: Collection) -> list[str]:
    """The test modules and conftests, relative to the rootdir, sorted."""
    modules = {_file(test.id) for test in collected.tests if test.function}
    return sorted(modules.union(collected.conftests))


def _is_settled(
    finding: Finding,
    asks: Mapping[str, Demand],
    places: Mapping[str, Sequence[str]],
    capacities: Mapping[str, int],
) -> bool:
    """Whether marks keep the tests of a conflict that has not happened yet from it."""
    if finding.kind != LATENT or not finding.mark:
        return False
    tests = [test for name in finding.tests for test in places.get(name, (name,))]
    if not asks.keys() >= set(tests):
        return False  # Of the others nothing is known.
    demands = [asks[test] for test in dict.fromkeys(tests)]
    return not any(may_meet(one, other, capacities) for one, other in pairs(demands))


def _facts(sources: Mapping[str, str]) -> tuple[list[Fact], list[str]]:
    facts: list[Fact] = []
    no_python: list[str] = []
    for path, source in sorted(sources.items()):
        try:
            facts += facts_in(path, source)
        except (SyntaxError, ValueError, RecursionError) as error:
            no_python.append(f"{path}: {error}")
    return facts, no_python


def _marks(tests: Sequence[CollectedTest], seconds: Mapping[str, float] | None) -> list[MarkUse]:
    holders: dict[str, dict[str, None]] = defaultdict(dict)
    for test in tests:
        for mark in test.marks:
            holders[mark][test.id] = None
        demand = test.asks
        for claim in demand.claims:
            holders[f"shared_resource {claim.key}"][test.id] = None
        if demand.group is not None:
            holders[f"xdist_group {demand.group}"][test.id] = None
    return [
        MarkUse(
            name,
            len(ids),
            None if seconds is None else sum(seconds.get(test, 0.0) for test in ids),
        )
        for name, ids in sorted(holders.items())
    ]


def _asynchronous(tests: Sequence[CollectedTest]) -> list[AsyncUse]:
    found = Counter((test.runner, test.loop_scope) for test in tests if test.runner)
    return [AsyncUse(*how, count) for how, count in sorted(found.items())]


def _fixtures(collected: Collection, trace: Trace | None) -> list[FixtureUse]:
    users = Counter(number for test in collected.tests for number in test.fixtures)
    took = setups(trace) if trace else {}
    found = []
    for number, one in enumerate(collected.fixtures):
        seen = took.get((one.scope, one.name))
        found.append(
            FixtureUse(
                one.name,
                one.scope,
                one.where,
                one.autouse,
                one.is_async,
                users[number],
                seen.times if seen else None,
                seen.workers if seen else None,
                seen.seconds if seen else None,
            )
        )
    return sorted(found, key=lambda one: (-(one.seconds or 0.0), -one.tests, one.name, one.where))


def _risks(
    tests: Sequence[CollectedTest],
    facts: Iterable[Fact],
    findings: Iterable[Finding],
    waits: Iterable[Waiting],
) -> list[Risk]:
    sizes = Counter(_folder(_file(test.id)) for test in tests)
    places: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    """Where there is something, by folder and kind."""
    for folder, kind, place in _all_reasons(tests, facts, findings, waits):
        places[folder, kind][place] = None
    by_folder: dict[str, list[Reason]] = defaultdict(list)
    for (folder, kind), where in places.items():
        by_folder[folder].append(Reason(kind, len(where), list(where)[:_SHOWN]))
    found = []
    for folder in {*sizes, *by_folder}:
        reasons = sorted(by_folder[folder], key=lambda one: (-RULES[one.kind].weight, one.kind))
        weights = sum(RULES[reason.kind].weight for reason in reasons)
        found.append(Risk(folder, sizes[folder], level(weights), weights, reasons))
    return sorted(found, key=lambda risk: (-risk.weights, risk.folder))


def _all_reasons(
    tests: Sequence[CollectedTest],
    facts: Iterable[Fact],
    findings: Iterable[Finding],
    waits: Iterable[Waiting],
) -> Iterator[tuple[str, str, str]]:
    """Folder, kind and place of everything that rules are about."""
    kept = _kept_apart(tests)
    for fact in facts:
        function = f"{fact.path}::{fact.function}"
        if not (RULES[fact.kind].kept_by_marks and kept.get(function, False)):
            yield _folder(fact.path), fact.kind, f"{fact.path}:{fact.line}"
    for finding in findings:
        for node_id in finding.tests:
            where = finding.thing or finding.story
            yield _folder(_file(node_id)), f"found {finding.kind}", where
    for test in tests:
        if test.runner == NOTHING:
            yield _folder(_file(test.id)), "nothing", test.id
    for one in waits:
        yield _folder(_file(one.test)), "slept", one.test


def _kept_apart(tests: Iterable[CollectedTest]) -> dict[str, bool]:
    """Whether marks keep the tests of a function apart from others, by its node id."""
    kept: dict[str, bool] = {}
    for test in tests:
        demand: Demand = test.asks
        function = "::".join([_file(test.id), *test.classes, test.function])
        is_kept = bool(demand.claims) or demand.serial or demand.exclusive
        kept[function] = kept.get(function, True) and is_kept
    return kept


def _file(node_id: str) -> str:
    return node_id.partition("::")[0]


def _folder(path: str) -> str:
    return Path(path).parent.as_posix()
