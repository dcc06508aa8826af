"""Trace events: what ``report --format perfetto`` writes keeps the rules of the format.

They are those of "Trace Event Format", as far as the kinds of events go that are written.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from hypothesis import given
from recordings import recordings
from test_traces import trace_of

from pytest_markersteal.report.perfetto import as_perfetto
from pytest_markersteal.trace.records import Record

COMMON = {"ph": str, "name": str, "pid": int, "ts": int}
FIELDS: dict[str, dict[str, type]] = {
    "X": {"cat": str, "tid": int, "dur": int, "args": dict},
    "M": {"tid": int, "args": dict},
    "C": {"tid": int, "args": dict},
    "s": {"cat": str, "tid": int, "id": int},
    "f": {"cat": str, "tid": int, "id": int, "bp": str},
}
"""The fields of each kind of event besides ``COMMON``: complete, metadata, counter, flow."""

METADATA = {
    "process_name": {"name": str},
    "thread_name": {"name": str},
    "thread_sort_index": {"sort_index": int},
}


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def events_of(run: list[Record]) -> tuple[list[dict[str, Any]], int]:
    """The events of a run, and how many tests it had."""
    trace = trace_of(run)
    content = json.loads(as_perfetto("a run", trace), parse_constant=refuse)
    assert content["displayTimeUnit"] in ("ms", "ns")
    events: list[dict[str, Any]] = content["traceEvents"]
    return events, len(trace.tests)


@given(recordings())
def test_each_event_has_the_fields_of_its_kind(run: list[Record]) -> None:
    """All of them, of the right types, no time or duration negative, and nothing else."""
    for event in events_of(run)[0]:
        fields = COMMON | FIELDS[event["ph"]]
        assert {name: type(value) for name, value in event.items()} == fields
        assert event["ts"] >= 0
        assert event.get("dur", 0) >= 0
        if event["ph"] == "M":
            args = {name: type(value) for name, value in event["args"].items()}
            assert args == METADATA[event["name"]]
        if event["ph"] == "C":
            assert all(type(value) is int and value >= 0 for value in event["args"].values())
        if event["ph"] == "f":
            assert event["bp"] == "e"


@given(recordings())
def test_each_test_is_one_event_on_a_thread_with_a_name(run: list[Record]) -> None:
    """Idle time is on the same threads, and the counter ends at none."""
    events, tests = events_of(run)
    named = {event["tid"] for event in events if event["name"] == "thread_name"}
    complete = [event for event in events if event["ph"] == "X"]
    assert {event["tid"] for event in complete} <= named
    assert sum(event["cat"].startswith("test,") for event in complete) == tests
    counted = [event["args"]["tests"] for event in events if event["ph"] == "C"]
    assert counted[-1:] in ([], [0])


@given(recordings())
def test_complete_events_of_a_thread_nest(run: list[Record]) -> None:
    """Each is within another or apart from it: viewers drop what is neither."""
    threads: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for event in events_of(run)[0]:
        if event["ph"] == "X":
            threads[event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    for spans in threads.values():
        open_until: list[int] = []
        for since, until in sorted(spans, key=lambda span: (span[0], -span[1])):
            while open_until and open_until[-1] <= since:
                open_until.pop()
            assert not open_until or until <= open_until[-1]
            open_until.append(until)


@given(recordings())
def test_each_flow_leads_from_one_test_to_a_later_one(run: list[Record]) -> None:
    """Both ends are there once, and each within a test."""
    events, _ = events_of(run)
    tests = [event for event in events if event.get("cat", "").startswith("test,")]
    starts = {event["id"]: event for event in events if event["ph"] == "s"}
    ends = {event["id"]: event for event in events if event["ph"] == "f"}
    assert starts.keys() == ends.keys()
    for number, start in starts.items():
        end = ends[number]
        assert start["tid"] != end["tid"]
        assert start["ts"] <= end["ts"]
        for edge in (start, end):
            assert any(
                test["tid"] == edge["tid"] and test["ts"] <= edge["ts"] <= test["ts"] + test["dur"]
                for test in tests
            )
