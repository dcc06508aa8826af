"""A run in the JSON of Chrome's trace event format, which Perfetto and ``chrome://tracing`` open.

A slot is a thread; a test is a complete event on it, with its phases and the fixtures that were set
up for it below, and idle time beside it. A counter tells how many slots had a test. Flows lead from
each test that had a key to the one, on another slot, that had it next. Times are microseconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any, TypeAlias

from pytest_markersteal.core.suite import Demand, Mode
from pytest_markersteal.trace.idle import idle_spans
from pytest_markersteal.trace.model import Span, TestRun, Trace

Event: TypeAlias = dict[str, Any]

_PROCESS = 1
"""The number of the only process: some viewers take 0 for none."""


def as_perfetto(name: str, trace: Trace) -> str:
    """The text of a file, in ASCII; ``name`` is what people call the run."""
    events = [
        *_names(name, trace),
        *(event for run in trace.tests for event in _test(trace, run)),
        *_idle(trace),
        *_busy(trace),
        *_handed_over(trace),
    ]
    about = {"began": trace.head.began, "arguments": " ".join(trace.head.arguments)}
    content = {"traceEvents": events, "displayTimeUnit": "ms", "otherData": about}
    return json.dumps(content, allow_nan=False, separators=(",", ":"))


def _names(name: str, trace: Trace) -> Iterator[Event]:
    yield _metadata("process_name", 0, {"name": f"{trace.head.dist or 'pytest'} {name}"})
    for slot in sorted({worker.slot for worker in trace.workers}):
        workers = ", ".join(worker.name for worker in trace.workers if worker.slot == slot)
        yield _metadata("thread_name", slot, {"name": f"slot {slot} ({workers})"})
        yield _metadata("thread_sort_index", slot, {"sort_index": slot})


def _metadata(name: str, slot: int, args: Event) -> Event:
    return {"ph": "M", "name": name, "pid": _PROCESS, "tid": _thread(slot), "ts": 0, "args": args}


def _test(trace: Trace, run: TestRun) -> Iterator[Event]:
    slot = trace.slot(run)
    args = {
        "outcome": run.outcome,
        "own_s": run.own_s,
        "cpu_s": run.cpu_s,
        "predicted_s": trace.predicted_s[run.test],
        "worker": trace.workers[run.worker].name,
        "demand": _demand(trace.demand(run.test)),
    }
    yield _complete(trace.ids[run.test], f"test,{run.outcome}", slot, run.span, args)
    for phase, span in run.phases():
        yield _complete(phase, "phase", slot, span, {})
    for fixture in run.fixtures:
        args = {"scope": fixture.scope, "node": fixture.node, "own_s": fixture.own_s}
        yield _complete(fixture.name, "fixture", slot, fixture.span, args)


def _demand(demand: Demand) -> Event:
    claims, exclusive, serial, group = demand.fields()
    return {"claims": claims, "no_parallel": exclusive, "serial": serial, "group": group}


def _idle(trace: Trace) -> Iterator[Event]:
    for one in idle_spans(trace):
        slot = trace.workers[one.worker].slot
        yield _complete(f"idle: {one.cause}", "idle", slot, one.span, {})


def _complete(name: str, category: str, slot: int, span: Span, args: Event) -> Event:
    since_us = _us(span.since_s)
    return {
        "ph": "X",
        "name": name,
        "cat": category,
        "pid": _PROCESS,
        "tid": _thread(slot),
        "ts": since_us,
        "dur": max(0, _us(span.until_s) - since_us),
        "args": args,
    }


def _busy(trace: Trace) -> Iterator[Event]:
    """How many slots have a test, where that changes."""
    changes: dict[int, int] = {}
    for run in trace.tests:
        for at_s, change in ((run.span.since_s, 1), (run.span.until_s, -1)):
            at_us = _us(at_s)
            changes[at_us] = changes.get(at_us, 0) + change
    busy = 0
    for at_us in sorted(changes):
        if changes[at_us]:
            busy += changes[at_us]
            yield {
                "ph": "C",
                "name": "busy slots",
                "pid": _PROCESS,
                "tid": 0,
                "ts": at_us,
                "args": {"tests": busy},
            }


def _handed_over(trace: Trace) -> Iterator[Event]:
    """From the test that wrote a key to the next that writes it, on another slot."""
    last: dict[tuple[str, str], TestRun] = {}
    numbers = count(1)
    for run in trace.tests:
        for claim in trace.demand(run.test).claims:
            if claim.mode is not Mode.WRITE:
                continue
            at = claim.key, trace.host(run, claim)
            before = last.get(at)
            last[at] = run
            if before is None or trace.slot(before) == trace.slot(run):
                continue
            if before.span.until_s > run.span.since_s:
                continue  # They hold different units of it.
            common = {"name": claim.key, "cat": "key", "id": next(numbers), "pid": _PROCESS}
            # A flow belongs to the event that encloses its end.
            end_us = max(_us(before.span.since_s), _us(before.span.until_s) - 1)
            yield {"ph": "s", **common, "tid": _thread(trace.slot(before)), "ts": end_us}
            begin_us = _us(run.span.since_s)
            yield {"ph": "f", "bp": "e", **common, "tid": _thread(trace.slot(run)), "ts": begin_us}


def _thread(slot: int) -> int:
    return slot + 1


def _us(seconds: float) -> int:
    return round(seconds * 1e6)
