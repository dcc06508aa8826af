"""Footprints: everything comes back, nothing crashes the reader, and joining misses nothing."""

from __future__ import annotations

import contextlib
import itertools
import json
from dataclasses import replace
from typing import Any

import msgpack
import pytest
from anything import values
from hypothesis import given
from hypothesis import strategies as st

from pytest_markersteal.races.watch import findings, footprint
from pytest_markersteal.races.watch.concluding import conclude
from pytest_markersteal.races.watch.findings import Watched, WatchError
from pytest_markersteal.races.watch.footprint import (
    Footprint,
    FootprintError,
    Held,
    Hello,
    Record,
    Released,
    Touch,
    Trouble,
)
from pytest_markersteal.races.watch.join import Join, Source
from pytest_markersteal.races.watch.marked import Marks

texts = st.text(max_size=12) | st.text(st.characters(categories=("Cs", "Ll", "Po")), max_size=5)
times_s = st.floats(allow_nan=False, allow_infinity=False)
numbers = st.integers(0, 2**31)
hows = st.sampled_from(["read", "written", "created", "bound", "listed", "set", "locked"])
kinds = st.sampled_from(["file", "port", "lock", "variable", "process"])
touches = st.lists(st.tuples(kinds, texts, hows, st.integers(0, 2), times_s).map(list), max_size=3)
lefts = st.lists(
    st.tuples(texts, texts, st.integers(-1, 2), texts, texts, st.booleans()).map(list), max_size=2
)
records: st.SearchStrategy[Record] = st.one_of(
    st.builds(Hello, numbers, texts, times_s),
    st.builds(Footprint, texts, times_s, times_s, touches, lefts),
    st.builds(Held, numbers, texts, texts, texts, texts, times_s, touches),
    st.builds(Released, numbers, texts, times_s, touches, lefts),
    st.builds(Trouble, texts),
)


@given(st.lists(records, max_size=4))
def test_records_come_back_as_they_were_sent(sent: list[Record]) -> None:
    """All kinds, whatever node ids and paths hold."""
    assert footprint.decode(footprint.encode(sent)) == sent


@given(st.binary(max_size=100) | values.map(msgpack.packb))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    """Anything that is no list of records is a FootprintError."""
    with contextlib.suppress(FootprintError):
        footprint.decode(data)


@given(st.lists(records, min_size=1, max_size=3), values, st.data())
def test_no_damaged_record_crashes_the_reader(
    sent: list[Record], other: Any, data: st.DataObject
) -> None:
    """One value somewhere is anything: what is read can be joined, or is refused there."""
    content: Any = msgpack.unpackb(footprint.encode(sent), unicode_errors="surrogatepass")
    holder = content
    while True:
        place = data.draw(st.integers(0, len(holder) - 1))
        if not (isinstance(holder[place], list) and holder[place] and data.draw(st.booleans())):
            holder[place] = other
            break
        holder = holder[place]
    join = Join()
    with contextlib.suppress(FootprintError):
        read = footprint.decode(msgpack.packb(content, unicode_errors="surrogatepass"))
        for record in read:
            join.add(Source("gw0", 0), record)


@given(st.lists(records, min_size=1, max_size=3), st.data())
def test_records_that_are_cut_off_are_refused(sent: list[Record], data: st.DataObject) -> None:
    """Half a message is none."""
    whole = footprint.encode(sent)
    with pytest.raises(FootprintError):
        footprint.decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


Run = tuple[str, int, float, float, list[Touch]]
"""Test, worker, since, until, and touches."""


@st.composite
def runs(draw: st.DrawFn) -> list[Run]:
    """Tests one after another on each of a few workers, in the order in which they end."""
    found: list[Run] = []
    names = itertools.count()
    for worker in range(draw(st.integers(1, 3))):
        now_s = 0.0
        for _ in range(draw(st.integers(0, 5))):
            since_s = now_s + draw(st.integers(0, 2))
            now_s = since_s + draw(st.integers(1, 4))
            things = draw(st.lists(st.sampled_from("abc"), unique=True, max_size=2))
            some = [
                Touch("file", thing, draw(st.sampled_from(["read", "written"])), 1, since_s)
                for thing in things
            ]
            found.append((f"t{next(names)}", worker, since_s, now_s, some))
    return sorted(found, key=lambda run: run[3])


@given(runs())
def test_joining_finds_what_comparing_all_pairs_finds(tests: list[Run]) -> None:
    """Every pair that overlaps, and every thing that is shared and changed."""
    join = Join()
    for test, worker, since_s, until_s, some in tests:
        record = Footprint(test, since_s, until_s, footprint.fields_of(some), [])
        join.add(Source(f"gw{worker}", worker), record)
    found = {finding.thing: finding for finding in conclude(join, 0.0, Marks())}
    for thing in "abc":
        users = [
            (test, worker, since_s, until_s, touch.writes)
            for test, worker, since_s, until_s, some in tests
            for touch in some
            if touch.name == thing
        ]
        pairs = {
            frozenset((one[0], other[0]))
            for one, other in itertools.combinations(users, 2)
            if one[1] != other[1]
            and one[2] < other[3]
            and other[2] < one[3]
            and (one[4] or other[4])
        }
        if len(users) < 2 or not any(user[4] for user in users):
            assert thing not in found
            continue
        finding = found[thing]
        assert finding.kind == ("conflict" if pairs else "latent")
        assert finding.overlap_count == len(pairs)
        named = [
            frozenset(finding.uses[number].test for number in pair) for pair in finding.overlaps
        ]
        assert len(named) == len(pairs)
        assert set(named) == pairs
        assert set(finding.tests) == {user[0] for user in users}


def watched_of(tests: list[Run]) -> Watched:
    join = Join()
    for test, worker, since_s, until_s, some in tests:
        left = [["variable", "SHOP", 1, "was not set", "is set", False]]
        record = Footprint(test, since_s, until_s, footprint.fields_of(some), left)
        join.add(Source(f"gw{worker}", worker), record)
    return Watched(
        "2026-01-01T00:00:00+00:00",
        ("-n2",),
        3,
        1,
        ("trouble",),
        tuple(conclude(join, 0.0, Marks())),
    )


@given(runs())
def test_findings_come_back_from_their_file(tests: list[Run]) -> None:
    """All that a command may want to know."""
    watched = watched_of(tests)
    assert findings.loads(findings.as_json(watched)) == watched


@given(runs(), values, st.data())
def test_no_damaged_file_crashes_the_reader_of_findings(
    tests: list[Run], other: Any, data: st.DataObject
) -> None:
    """One value somewhere is anything: it is read, or refused with a reason."""
    content = json.loads(findings.as_json(watched_of(tests)))
    holder = content
    while True:
        keys = sorted(holder) if isinstance(holder, dict) else range(len(holder))
        key = data.draw(st.sampled_from(list(keys)))
        inner = holder[key]
        if not (isinstance(inner, dict | list) and inner and data.draw(st.booleans())):
            holder[key] = repr(other) if isinstance(other, bytes) else other
            break
        holder = inner
    with contextlib.suppress(WatchError):
        findings.loads(json.dumps(content, default=repr))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other"}', '"\\ud800"', "[" * 9999])
def test_what_are_no_findings_is_refused(text: str) -> None:
    """Whatever else it is."""
    with pytest.raises(WatchError):
        findings.loads(text)


def test_a_newer_version_is_refused_by_its_number() -> None:
    """The message says which version this one reads."""
    newer = findings.as_json(replace(watched_of([]))).replace('"version": 1', '"version": 99')
    with pytest.raises(WatchError, match="version 99"):
        findings.loads(newer)
