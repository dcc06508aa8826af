"""Traces: what is written is read, nothing crashes the reader, what is said of a run adds up."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgpack
import pytest
from anything import values
from hypothesis import given
from hypothesis import strategies as st
from recordings import recordings

from pytest_markersteal.explain.critical import critical_path
from pytest_markersteal.explain.gap import gap_of
from pytest_markersteal.simulate.traced import traced
from pytest_markersteal.trace.format import TraceError, encoder, records
from pytest_markersteal.trace.idle import idle_spans
from pytest_markersteal.trace.model import Span, Trace
from pytest_markersteal.trace.reader import read
from pytest_markersteal.trace.records import (
    FORMAT,
    READABLE,
    VERSION,
    Finished,
    Isolation,
    Record,
    Worker,
)
from pytest_markersteal.trace.writer import TraceWriter

EXACTLY_S = 1e-6
"""What floating point may lose."""


@contextmanager
def file_of(data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.trace")
        path.write_bytes(data)
        yield path


def encoded(run: Sequence[Record]) -> bytes:
    encode = encoder()
    return b"".join(map(encode, run))


def trace_of(run: Sequence[Record]) -> Trace:
    with file_of(encoded(run)) as path:
        return read(path)


@given(recordings())
def test_what_is_written_is_read(run: list[Record]) -> None:
    """All records, in order, however they were gathered on the way."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.trace")
        writer = TraceWriter(path)
        for record in run:
            writer.write(record)
        writer.close()
        assert writer.trouble is None
        assert list(records(path)) == run


@given(recordings(), st.data())
def test_a_cut_off_trace_is_read_up_to_there(run: list[Record], data: st.DataObject) -> None:
    """A run that was killed leaves all records but the one that was being written."""
    whole = encoded(run)
    cut = data.draw(st.integers(len(encoded(run[:2])), len(whole)))
    with file_of(whole[:cut]) as path:
        read_back = list(records(path))
        trace = read(path)
    assert read_back == run[: len(read_back)]
    assert len(encoded(run[: len(read_back) + 1])) > cut or len(read_back) == len(run)
    assert len(trace.tests) <= sum(type(record) is Finished for record in run) + len(trace.workers)


@given(recordings())
def test_a_model_has_every_test_that_ran(run: list[Record]) -> None:
    """With its worker, its times in seconds, and its phases within them."""
    trace = trace_of(run)
    ran = {record.test: record for record in run if type(record) is Finished}
    assert len(trace.tests) == len(ran)
    for test in trace.tests:
        record = ran[test.test]
        assert test.worker == record.worker
        assert test.span == (record.began_us / 1e6, record.ended_us / 1e6)
        for _, phase in test.phases():
            assert test.span.since_s - EXACTLY_S <= phase.since_s <= phase.until_s
            assert phase.until_s <= test.span.until_s + EXACTLY_S


@given(st.binary(max_size=80) | values.map(msgpack.packb))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    """Anything that is no trace is a TraceError."""
    with file_of(data) as path, pytest.raises(TraceError):
        read(path)


@given(recordings(), st.integers(0, 40), values)
def test_no_record_crashes_the_reader(run: list[Record], at: int, value: object) -> None:
    """Where any record or any field of it is replaced, the trace is refused or can be read."""
    fields = [msgpack.unpackb(encoded([record]), strict_map_key=False) for record in run]
    victim = fields[at % len(fields)]
    victim[at % len(victim)] = value
    with file_of(b"".join(map(msgpack.packb, fields))) as path:
        try:
            read(path)
        except TraceError:
            return


@given(recordings(), st.sampled_from(READABLE[:-1]))
def test_traces_of_earlier_versions_are_read(run: list[Record], version: int) -> None:
    """It is as if all workers had been on one host; and before that, as if nothing isolated."""
    earlier = [record for record in run if version > 1 or type(record) is not Isolation]
    on_one_host = [
        replace(record, host="") if isinstance(record, Worker | Isolation) else record
        for record in earlier
    ]
    fields = [msgpack.unpackb(encoded([record]), strict_map_key=False) for record in on_one_host]
    fields[0][2] = version
    for record, some in zip(on_one_host, fields, strict=True):
        if isinstance(record, Worker | Isolation):
            some.pop()
    with file_of(b"".join(map(msgpack.packb, fields))) as path:
        trace = read(path)
    expected = trace_of(on_one_host)
    assert trace == replace(expected, head=replace(expected.head, version=version))


def test_a_newer_trace_is_refused_by_its_number() -> None:
    """The message says which version this one reads, whatever else is in it."""
    newer = msgpack.packb([0, FORMAT, VERSION + 1, "something new"])
    with file_of(newer) as path, pytest.raises(TraceError, match=f"reads 1, 2 and {VERSION}"):
        read(path)


@given(recordings())
def test_each_worker_is_busy_or_idle_until_the_end(run: list[Record]) -> None:
    """Spans of tests and of idle time cover it once."""
    trace = trace_of(run)
    idle = idle_spans(trace)
    for worker in trace.workers:
        spans = [one.span for one in idle if one.worker == worker.number]
        for test in trace.tests:
            if test.worker == worker.number:
                begins = [test.span.since_s, *(wait.until_s for wait in test.waits)]
                ends = [*(wait.since_s for wait in test.waits), test.span.until_s]
                spans += map(Span, begins, ends)
        spans = sorted(span for span in spans if span.seconds > 0)
        covered = sum(span.seconds for span in spans)
        assert covered == pytest.approx(min(worker.left_s, trace.ended_s), abs=EXACTLY_S)
        for before, after in itertools.pairwise(spans):
            assert after.since_s == pytest.approx(before.until_s, abs=EXACTLY_S)


@given(recordings())
def test_the_causes_of_a_gap_add_up_to_it(run: list[Record]) -> None:
    """Start-up, floor and causes are all the time until the last test ended."""
    trace = trace_of(run)
    workload = traced("", trace)
    if workload.ids:
        gap = gap_of(trace, workload)
        assert sum(gap.by_cause_s.values()) == pytest.approx(gap.seconds, abs=EXACTLY_S)
        assert gap.startup_s + gap.wall_s == pytest.approx(trace.ended_s, abs=EXACTLY_S)


@given(recordings())
def test_a_critical_path_leads_from_the_start_to_the_end(run: list[Record]) -> None:
    """Its tests follow each other, and with what was waited between they take all the time."""
    trace = trace_of(run)
    path = critical_path(trace)
    assert bool(path) == bool(trace.tests)
    for before, after in itertools.pairwise(path):
        assert before.run.span.until_s <= after.run.span.since_s + EXACTLY_S
    taken_s = sum(step.wait_s + step.run.span.seconds for step in path)
    assert taken_s == pytest.approx(trace.ended_s, abs=EXACTLY_S)
