"""Arbitrary runs, as the records of their traces."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from suites import CAPACITIES, demands

from pytest_markersteal.trace.names import OUTCOMES
from pytest_markersteal.trace.records import (
    FORMAT,
    VERSION,
    Command,
    End,
    Finished,
    Head,
    Isolation,
    Left,
    Record,
    Started,
    Tests,
    Worker,
)

JOINED_US = 1_000_000
HOSTS = ("build1", "build2")

moments_us = st.integers(0, 500_000)
scopes = st.sampled_from(["class", "module", "package", "session"])
heads = st.builds(
    Head,
    st.just(FORMAT),
    st.just(VERSION),
    st.just("2026-01-02T03:04:05+00:00"),
    st.lists(st.text(max_size=5), max_size=2),
    st.sampled_from(["markersteal", "load", ""]),
    st.just(0),
    st.integers(1, 64),
    st.text(max_size=5),
    st.none() | st.text(max_size=5),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
)


isolations = st.builds(
    Isolation,
    st.just("pool"),
    st.integers(0, CAPACITIES["pool"] - 1),
    st.integers(JOINED_US, 3 * JOINED_US),
    st.booleans(),
    st.sampled_from([None, "healthy", "unhealthy", "failed", "late", "unknown"]),
    st.sampled_from(["", *HOSTS]),
)


@st.composite
def finished(draw: st.DrawFn, test: int, worker: int, began_us: int) -> Finished:
    """A test that ran, with set-ups at its begin and a wait at its end, or without."""
    setup_us, call_us, wait_us = draw(moments_us), 1 + draw(moments_us), draw(moments_us)
    shared_us = draw(st.integers(0, setup_us))
    ended_us = began_us + setup_us + call_us + wait_us
    node = f"test_{draw(st.integers(0, 2))}.py"
    fixtures: list[list[Any]] = [[draw(scopes), node, "f", shared_us, 0, shared_us]]
    return Finished(
        test,
        worker,
        began_us,
        ended_us,
        setup_us - shared_us + call_us if shared_us else setup_us + call_us,
        draw(moments_us),
        draw(st.integers(0, len(OUTCOMES) - 1)),
        [0, 0, setup_us, 1, setup_us, setup_us + call_us],
        [setup_us + call_us, setup_us + call_us + wait_us] if wait_us else [],
        fixtures if shared_us else [],
        draw(st.booleans()),
    )


@st.composite
def recordings(draw: st.DrawFn, max_tests: int = 12) -> list[Record]:
    """A run on up to three workers; each test runs once, or crashes a worker, or never ends."""
    workers = draw(st.integers(1, 3))
    count = draw(st.integers(0, max_tests))
    listed = draw(st.lists(demands, min_size=1, max_size=4))
    head = draw(heads)
    ids = [f"test_{draw(st.integers(0, 2))}.py::test_{number}" for number in range(count)]
    start: list[Record] = [
        Head(**{**{name: getattr(head, name) for name in head.__slots__}, "slots": workers}),
        Tests(
            ids,
            [demand.fields() for demand in listed],
            [draw(st.integers(0, len(listed) - 1)) for _ in ids],
            CAPACITIES,
            [draw(st.integers(-1, 10**6)) for _ in ids],
        ),
        *(
            Worker(f"gw{n}", n, n, 500_000, 800_000, JOINED_US, draw(st.sampled_from(HOSTS)))
            for n in range(workers)
        ),
    ]
    free_us = [JOINED_US] * workers
    later: list[tuple[int, int, Record]] = []
    for test in range(count):
        worker = draw(st.integers(0, workers - 1))
        began_us = free_us[worker] + draw(moments_us)
        later.append((began_us, 1, Started(test, worker, began_us)))
        later.append((began_us, 0, Command(worker, began_us, 0, [test], {test: {"pool": [0]}})))
        record = draw(finished(test, worker, began_us))
        later.append((record.ended_us, -1, record))
        free_us[worker] = record.ended_us + 1
    end_us = max(free_us)
    if draw(st.booleans()):
        later.append((end_us, 2, Left(draw(st.integers(0, workers - 1)), end_us, -1)))
    for _ in range(draw(st.integers(0, 3))):
        isolation = draw(isolations)
        later.append((isolation.at_us, 0, isolation))
    records = [*start, *(record for _, _, record in sorted(later, key=lambda item: item[:2]))]
    return [*records, End(end_us, 0, None)] if draw(st.booleans()) else records
