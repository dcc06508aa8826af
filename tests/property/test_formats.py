"""What is read from disk and wire: everything comes back, and nothing crashes the reader."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgpack
import pytest
from anything import values
from hypothesis import given
from hypothesis import strategies as st

from pytest_markersteal.core.suite import Claim, Demand, Mode
from pytest_markersteal.distribution import blackbox, protocol, wire
from pytest_markersteal.durations import format as durations_format
from pytest_markersteal.durations.buckets import LARGEST, seconds_of
from pytest_markersteal.durations.history import (
    Buckets,
    Fixture,
    Function,
    History,
    Selection,
    Startup,
    split,
)

# Node ids may hold any character, also surrogates from undecodable file names.
texts = st.text(max_size=20) | st.text(st.characters(categories=("Cs", "Ll", "Po")), max_size=8)
seconds = st.integers(0, 10**12).map(lambda microseconds: microseconds / 1_000_000)
node_ids = st.builds("{}::{}".format, texts, texts) | texts
fixtures = st.builds(
    Fixture, st.sampled_from(["class", "module", "package", "session"]), texts, texts
)
claims = st.builds(Claim, st.text(min_size=1, max_size=5), st.sampled_from(Mode), st.integers(1, 9))
demands = st.builds(
    Demand,
    st.lists(claims, max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
    st.none() | texts,
)
selections = st.builds(Selection, texts, texts)

buckets = st.integers(0, LARGEST)
# What follows the name of a function: brackets, of which the last one may be missing.
parameters = texts.map("[{}]".format) | st.text("abc", max_size=3).map("[{}".format)
own = st.dictionaries(parameters, buckets, max_size=4)
functions = st.builds(
    Function,
    st.builds(Buckets, *[buckets] * 4),
    st.integers(0, 100_000),
    own,
    st.dictionaries(parameters | st.just(""), demands, max_size=3),
    st.dictionaries(texts, own | st.dictionaries(st.just(""), buckets), max_size=2),
)
durations_s = buckets.map(seconds_of)
reports_s = durations_s.map(lambda seconds: seconds / 1000)
startups = st.builds(
    Startup, *[durations_s] * 3, reports_s, st.none() | st.integers(0, 10).map(lambda n: n / 10)
)
names = node_ids.map(lambda node_id: split(node_id)[0])
histories = st.builds(
    History,
    st.dictionaries(names, functions, max_size=8),
    st.dictionaries(fixtures, buckets, max_size=8),
    st.dictionaries(selections, startups, max_size=4),
    texts,
    texts,
)


@given(histories)
def test_a_history_comes_back_as_it_was_written(history: History) -> None:
    """Whatever the node ids hold."""
    assert durations_format.decode(durations_format.encode(history)) == history


def turned(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    return {
        key: turned(value) if isinstance(value, dict) else value
        for key, value in reversed(mapping.items())  # type: ignore[call-overload]
    }


@given(histories)
def test_equal_content_is_equal_bytes(history: History) -> None:
    """The order in which tests ran leaves no trace in the file."""
    other = replace(
        history,
        functions={
            name: replace(
                function,
                own=turned(function.own),
                demands=turned(function.demands),
                platforms=turned(function.platforms),
            )
            for name, function in turned(history.functions).items()
        },
        fixtures=turned(history.fixtures),
        startups=turned(history.startups),
    )
    assert durations_format.encode(other) == durations_format.encode(history)


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader_of_durations(data: bytes) -> None:
    """Anything that is no durations file is a FormatError."""
    with pytest.raises(durations_format.FormatError):
        durations_format.decode(data)


parts = ["platform", "written", "files", "fixtures", "startups"]


@given(st.dictionaries(st.sampled_from(parts), values))
def test_no_content_crashes_the_reader_of_durations(content: dict[str, Any]) -> None:
    """A file with our header and anything inside is read or refused, nothing else."""
    whole = msgpack.unpackb(durations_format.encode(History())) | content
    with contextlib.suppress(durations_format.FormatError):
        durations_format.decode(msgpack.packb(whole))


@given(histories, st.data())
def test_a_truncated_file_is_refused(history: History, data: st.DataObject) -> None:
    """Half a file is no file."""
    whole = durations_format.encode(history)
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(durations_format.FormatError):
        durations_format.decode(part)


@given(histories, st.sampled_from(parts), st.data())
def test_no_part_that_is_damaged_crashes_the_reader(
    history: History, part: str, data: st.DataObject
) -> None:
    """One value somewhere in a good file is anything: the file is read or refused."""
    content = msgpack.unpackb(durations_format.encode(history), unicode_errors="surrogatepass")
    holder: Any = content[part]
    while isinstance(holder, list | dict) and holder and data.draw(st.booleans()):
        keys = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(holder[key], list | dict) or data.draw(st.booleans()):
            holder[key] = data.draw(values)
            break
        holder = holder[key]
    with contextlib.suppress(durations_format.FormatError):
        durations_format.decode(msgpack.packb(content, unicode_errors="surrogatepass"))


@given(histories, st.binary(min_size=1, max_size=5))
def test_what_follows_a_file_is_refused(history: History, more: bytes) -> None:
    """Two files in one, as a merge of text may leave them, are none."""
    with pytest.raises(durations_format.FormatError):
        durations_format.decode(durations_format.encode(history) + more)


def test_a_newer_version_is_refused_by_its_number() -> None:
    """The message says which version this one reads."""
    newer = msgpack.packb({"format": durations_format.FORMAT, "version": 99})
    with pytest.raises(durations_format.FormatError, match="version 99"):
        durations_format.decode(newer)


numbers = st.integers(0, 2**31)
offsets = st.integers(-(2**63), 2**63)
phases = st.tuples(st.integers(0, 2), offsets, offsets)
timings = st.builds(
    protocol.Timing,
    *[seconds] * 5,
    st.booleans(),
    st.lists(st.tuples(texts, texts, texts, seconds, numbers, numbers).map(list), max_size=3),
    seconds,
    numbers,
    st.integers(0, 5),
    st.lists(phases, max_size=4).map(lambda parts: [number for part in parts for number in part]),
    st.lists(st.tuples(offsets, offsets), max_size=2).map(lambda waits: list(sum(waits, ()))),
)
messages = st.one_of(
    st.builds(
        protocol.Step,
        st.none() | numbers,
        st.none() | timings.map(protocol.timing_fields),
        st.none() | numbers,
        st.booleans(),
    ),
    st.builds(protocol.Hungry, numbers),
    st.builds(protocol.Recalled, st.lists(numbers)),
    st.builds(
        protocol.Catalog,
        numbers,
        texts,
        st.just([]),
        st.lists(numbers),
        st.lists(texts),
        *[seconds] * 4,
        numbers,
    ),
    st.builds(
        protocol.Run,
        st.lists(numbers),
        st.dictionaries(numbers, st.dictionaries(texts, st.lists(numbers))),
    ),
    st.builds(protocol.Recall, st.none() | st.lists(numbers)),
    st.builds(protocol.Ping, seconds),
    st.builds(protocol.Pong, seconds, seconds),
    st.sampled_from([protocol.Park(), protocol.Stop()]),
)


@given(messages)
def test_a_message_comes_back_as_it_was_sent(message: protocol.Message) -> None:
    """All kinds, both directions."""
    assert wire.decode(wire.encode(message)) == message


exact: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=8) | st.integers(0, 9), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), exact, max_size=4))
def test_an_event_arrives_exactly_or_is_not_carried(kwargs: dict[str, Any]) -> None:
    """Values and types: a tuple stays a tuple, at any depth, also beside lists."""
    packed = wire.Encoder().event("testreport", kwargs)
    if packed is not None:
        assert repr(wire.decode(packed)) == repr(protocol.Event("testreport", kwargs))


@given(st.lists(messages, min_size=1, max_size=4), st.integers(0, 2**40), st.data())
def test_a_batch_arrives_whole_or_is_refused(
    batch: list[protocol.Message], first: int, data: st.DataObject
) -> None:
    """All messages in order; one that ends within a message is an error."""
    encoded = [wire.encode(message) for message in batch]
    assert wire.decode_batch(wire.encode_batch_of(batch[0])) == (None, batch[:1])
    whole = wire.Encoder().batch(first, encoded)
    assert wire.decode_batch(whole) == (first, batch)
    cut = data.draw(st.integers(1, len(encoded[-1])))
    if cut < len(encoded[-1]):
        with pytest.raises(protocol.ProtocolError):
            wire.decode_batch(whole[:-cut])


@given(st.lists(messages, max_size=6), st.integers(0, 2**40))
def test_a_black_box_gives_back_what_was_put_in(kept: list[protocol.Message], first: int) -> None:
    """All messages since the last restart, whoever reads them; arbitrary bytes are an error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "box")
        blackbox.create(path)
        box = blackbox.BlackBox(path)
        assert box.add(wire.encode(protocol.Park()))
        box.restart(first)
        for message in kept:
            assert box.add(wire.encode(message))
        number, data = blackbox.read(path)
    assert number == first
    assert wire.decode_stream(data) == kept


@given(st.binary(max_size=60))
def test_arbitrary_bytes_in_a_black_box_are_messages_or_an_error(data: bytes) -> None:
    """Nothing but ``ProtocolError`` comes out."""
    with contextlib.suppress(protocol.ProtocolError):
        wire.decode_stream(data)


@given(timings)
def test_a_timing_comes_back_as_it_was_sent(timing: protocol.Timing) -> None:
    """It travels inside a step."""
    assert protocol.timing_of(protocol.timing_fields(timing)) == timing


@given(st.binary(max_size=100) | values.map(msgpack.packb))
def test_no_bytes_crash_the_reader_of_messages(data: bytes) -> None:
    """Anything that is no message is a ProtocolError."""
    try:
        wire.decode(data)
    except protocol.ProtocolError:
        return


@given(values)
def test_no_fields_crash_the_reader_of_demands_and_timings(fields: Any) -> None:
    """A malformed part of a message is a ProtocolError too."""
    for read in (protocol.demand_from, protocol.timing_of):
        try:
            read(fields)
        except protocol.ProtocolError:
            continue


@given(demands)
def test_a_demand_comes_back_as_it_was_sent(demand: Demand) -> None:
    """Claims, flags and group."""
    assert protocol.demand_from(demand.fields()) == demand
