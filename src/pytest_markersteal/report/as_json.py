"""A run as JSON, documented in docs/report.md."""

from __future__ import annotations

import json
from typing import Any

from pytest_markersteal.report.findings import Findings
from pytest_markersteal.trace.model import Span, TestRun, Trace
from pytest_markersteal.trace.names import COMMANDS

VERSION = 1
"""Raised when a field changes its meaning or goes; not when one is added."""


def as_json(found: Findings) -> str:
    """The text of a file, in ASCII."""
    trace, head = found.trace, found.trace.head
    content = {
        "format": "pytest-markersteal report",
        "version": VERSION,
        "name": found.name,
        "began": head.began,
        "arguments": head.arguments,
        "dist": head.dist,
        "slots": head.slots,
        "cores": head.cores,
        "platform": head.platform,
        "seed": head.seed,
        "versions": head.versions,
        "end": None
        if trace.end is None
        else {
            "at_s": trace.end.at_us / 1e6,
            "exit_status": trace.end.exit_status,
            "why": trace.end.why,
        },
        "capacities": dict(trace.capacities),
        "workers": [
            {
                "name": worker.name,
                "slot": worker.slot,
                "host": worker.host,
                "launched_s": worker.launched_s,
                "ready_s": worker.ready_s,
                "collected_s": worker.collected_s,
                "joined_s": worker.joined_s,
                "left_s": worker.left_s,
            }
            for worker in trace.workers
        ],
        "tests": [_test(trace, run) for run in trace.tests],
        "idle": [
            {
                "worker": one.worker,
                **_span(one.span),
                "cause": one.cause.kind,
                "name": one.cause.name,
            }
            for one in found.idle
        ],
        "commands": [
            {
                "worker": command.worker,
                "at_s": command.at_us / 1e6,
                "command": COMMANDS[command.command],
                "tests": [trace.ids[test] for test in command.tests],
            }
            for command in trace.commands
        ],
        "isolations": [
            {
                "key": one.key,
                "instance": one.instance,
                **_span(one.span),
                "finding": one.finding,
                "host": one.host,
            }
            for one in trace.isolations
        ],
        "explain": _explain(found),
    }
    return json.dumps(content, separators=(",", ":"))


def _test(trace: Trace, run: TestRun) -> dict[str, Any]:
    demand = trace.demand(run.test)
    return {
        "id": trace.ids[run.test],
        "worker": run.worker,
        "slot": trace.slot(run),
        **_span(run.span),
        "own_s": run.own_s,
        "cpu_s": run.cpu_s,
        "predicted_s": trace.predicted_s[run.test],
        "outcome": run.outcome,
        "phases": [{"phase": phase, **_span(span)} for phase, span in run.phases()],
        "waits": [_span(span) for span in run.waits],
        "fixtures": [
            {
                "scope": fixture.scope,
                "node": fixture.node,
                "name": fixture.name,
                "own_s": fixture.own_s,
                **_span(fixture.span),
            }
            for fixture in run.fixtures
        ],
        "claims": [
            {
                "key": claim.key,
                "mode": claim.mode.value,
                "units": claim.units,
                "scope": claim.scope.value,
            }
            for claim in demand.claims
        ],
        "no_parallel": demand.exclusive,
        "serial": demand.serial,
        "group": demand.group,
        "instances": {key: list(held) for key, held in trace.instances.get(run.test, {}).items()},
    }


def _explain(found: Findings) -> dict[str, Any]:
    gap, limit = found.explanation.gap, found.explanation.gap.floor.limit
    return {
        "startup_s": gap.startup_s,
        "wall_s": gap.wall_s,
        "floor_s": gap.floor.total_s,
        "limit": {
            "kind": limit.kind,
            "name": limit.name,
            "test": found.limit_test(),
            "tests": limit.tests,
            "seconds": limit.seconds,
        },
        "gap": [
            {"cause": cause.kind, "name": cause.name, "seconds": seconds}
            for cause, seconds in gap.by_cause_s.items()
        ],
        "changes": [
            {"change": change.text, "before_s": change.before_s, "after_s": change.after_s}
            for change in found.explanation.changes
        ],
        "critical_path": [
            {
                "id": found.trace.ids[step.run.test],
                "since_s": step.run.span.since_s,
                "wait_s": step.wait_s,
                "cause": None if step.cause is None else step.cause.kind,
                "name": None if step.cause is None else step.cause.name,
            }
            for step in found.explanation.path
        ],
    }


def _span(span: Span) -> dict[str, float]:
    return {"since_s": span.since_s, "until_s": span.until_s}
