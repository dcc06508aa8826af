"""What ran when in a simulated run, and whether it may have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pytest_markersteal.core.suite import Mode
from pytest_markersteal.simulate.outcome import Outcome
from pytest_markersteal.simulate.workloads import Workload

Span = tuple[float, float, int]
"""Begin, end, test."""


def spans_of(outcome: Outcome) -> list[Span]:
    """By begin."""
    return sorted((begin_s, outcome.ended_s[test], test) for begin_s, _, test in outcome.started)


def overlapping(spans: Iterable[Span]) -> list[tuple[int, int]]:
    """Tests of which one starts before an earlier one has ended."""
    found = []
    last: Span | None = None
    for span in sorted(spans):
        if last is not None and span[0] < last[1]:
            found.append((last[2], span[2]))
        last = span if last is None or span[1] > last[1] else last
    return found


def assert_each_once(workload: Workload, outcome: Outcome) -> None:
    """Each test started and ended exactly once."""
    tests = list(range(len(workload.ids)))
    assert sorted(test for _, _, test in outcome.started) == tests
    assert sorted(outcome.ran) == tests
    assert set(outcome.ran.values()) <= {1}


def assert_marks_are_kept(workload: Workload, outcome: Outcome) -> None:
    """What the marks promise, read off the times alone."""
    suite = workload.suite
    spans = spans_of(outcome)
    writers: dict[str, list[Span]] = defaultdict(list)
    readers: dict[str, list[Span]] = defaultdict(list)
    serial, alone = [], []
    for span in spans:
        demand = suite.demand(span[2])
        for claim in demand.claims:
            if claim.mode is Mode.READ:
                readers[claim.key].append(span)
            elif suite.capacity(claim.key) == 1:
                writers[claim.key].append(span)
        if demand.serial:
            serial.append(span)
        if demand.exclusive:
            alone.append(span)
    assert not overlapping(serial)
    for key, several in writers.items():
        assert not overlapping(several), key
        for reader in readers[key]:
            assert not _meet([reader], several), key
    assert not _meet(alone, spans)


def assert_time_adds_up(outcome: Outcome, workers: int) -> None:
    """All workers' time is tests, set-ups and idle time of some cause, none of it negative."""
    spent_s = outcome.test_s + outcome.setup_s + sum(outcome.idle_s.values())
    assert abs(spent_s - workers * outcome.makespan_s) < 1e-6
    assert min(outcome.idle_s.values()) > -1e-6, outcome.idle_s


def _meet(some: Iterable[Span], others: Iterable[Span]) -> list[tuple[int, int]]:
    return [
        (one[2], other[2])
        for one in some
        for other in others
        if one[2] != other[2] and one[0] < other[1] and other[0] < one[1]
    ]
