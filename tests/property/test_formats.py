"""What is read from disk and wire: everything comes back, and nothing crashes the reader."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_markersteal.core.suite import Claim, Demand, Mode
from pytest_markersteal.distribution import blackbox, protocol
from pytest_markersteal.durations import format as durations_format
from pytest_markersteal.durations.history import Fixture, History, Selection, Startup, Times

# Node ids may hold any character, also surrogates from undecodable file names.
texts = st.text(max_size=20) | st.text(st.characters(categories=("Cs", "Ll", "Po")), max_size=8)
seconds = st.integers(0, 10**12).map(lambda microseconds: microseconds / 1_000_000)
times = st.builds(Times, seconds, seconds, seconds, seconds)
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
startups = st.builds(
    Startup, *[seconds] * 4, st.none() | st.integers(0, 10**6).map(lambda part: part / 10**6)
)


@st.composite
def histories_of(draw: st.DrawFn) -> History:
    """Histories; only tests with durations have demands, or are gone."""
    tests = draw(st.dictionaries(node_ids, times, max_size=20))
    marked = draw(st.lists(st.sampled_from(sorted(tests)), unique=True)) if tests else []
    history = History(tests, draw(st.dictionaries(fixtures, seconds, max_size=10)))
    history.learn_demands([(node_id, draw(demands)) for node_id in marked])
    history.gone = set(tests) - set(marked) if draw(st.booleans()) else set()
    history.startups = draw(st.dictionaries(selections, startups, max_size=4))
    return history


histories = histories_of()

values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(histories)
def test_a_history_comes_back_as_it_was_written(history: History) -> None:
    """Whatever the node ids hold; times to the microsecond."""
    back = durations_format.decode(durations_format.encode(history))
    assert back.tests.keys() == history.tests.keys()
    assert back.fixtures_s.keys() == history.fixtures_s.keys()
    assert back.demands == history.demands
    assert back.gone == history.gone
    assert back.startups.keys() == history.startups.keys()
    for selection, startup in history.startups.items():
        assert back.startups[selection][:4] == pytest.approx(startup[:4], abs=1e-6)
        assert back.startups[selection].waiting_share == startup.waiting_share
    for node_id, known in history.tests.items():
        assert back.tests[node_id].call_s == pytest.approx(known.call_s, abs=1e-6)


@given(histories)
def test_equal_content_is_equal_bytes(history: History) -> None:
    """The order in which tests ran leaves no trace in the file."""
    turned = History(
        dict(reversed(history.tests.items())),
        dict(reversed(history.fixtures_s.items())),
        dict(reversed(history.demands.items())),
        dict(reversed(history.startups.items())),
        history.gone,
    )
    assert durations_format.encode(turned) == durations_format.encode(history)


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader_of_durations(data: bytes) -> None:
    """Anything that is no durations file is a FormatError."""
    with pytest.raises(durations_format.FormatError):
        durations_format.decode(data)


parts = ["tests", "fixtures", "demands", "startups"]


@given(st.dictionaries(st.sampled_from(parts), values))
def test_no_content_crashes_the_reader_of_durations(content: dict[str, Any]) -> None:
    """A file with our header and anything inside is read or refused, nothing else."""
    header = {"format": durations_format.FORMAT, "version": durations_format.VERSION}
    try:
        durations_format.decode(msgpack.packb(header | content))
    except durations_format.FormatError:
        return


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
    while holder and data.draw(st.booleans()):
        keys = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(holder[key], list | dict) or data.draw(st.booleans()):
            holder[key] = data.draw(values)
            break
        holder = holder[key]
    try:
        durations_format.decode(msgpack.packb(content, unicode_errors="surrogatepass"))
    except durations_format.FormatError:
        return


@given(histories)
def test_a_file_of_version_1_is_read(history: History) -> None:
    """It had neither demands nor start-ups."""
    content = msgpack.unpackb(durations_format.encode(history), unicode_errors="surrogatepass")
    del content["demands"], content["startups"]
    content["version"] = 1
    for tests in content["tests"].values():
        for fields in tests.values():
            del fields[4:]
    back = durations_format.decode(msgpack.packb(content, unicode_errors="surrogatepass"))
    assert back.tests.keys() == history.tests.keys()
    assert back.fixtures_s.keys() == history.fixtures_s.keys()
    assert not back.demands
    assert not back.startups


def test_a_newer_version_is_refused_by_its_number() -> None:
    """The message says which version this one reads."""
    newer = msgpack.packb({"format": durations_format.FORMAT, "version": 99})
    with pytest.raises(durations_format.FormatError, match="version 99"):
        durations_format.decode(newer)


numbers = st.integers(0, 2**31)
timings = st.builds(
    protocol.Timing,
    *[seconds] * 5,
    st.booleans(),
    st.lists(st.tuples(texts, texts, texts, seconds).map(list), max_size=3),
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
        seconds,
        seconds,
    ),
    st.builds(
        protocol.Run,
        st.lists(numbers),
        st.dictionaries(numbers, st.dictionaries(texts, st.lists(numbers))),
    ),
    st.sampled_from([protocol.Adopt(), protocol.Recall(), protocol.Park(), protocol.Stop()]),
)


@given(messages)
def test_a_message_comes_back_as_it_was_sent(message: protocol.Message) -> None:
    """All kinds, both directions."""
    assert protocol.decode(protocol.encode(message)) == message


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
    packed = protocol.Encoder().event("testreport", kwargs)
    if packed is not None:
        assert repr(protocol.decode(packed)) == repr(protocol.Event("testreport", kwargs))


@given(st.lists(messages, min_size=1, max_size=4), st.integers(0, 2**40), st.data())
def test_a_batch_arrives_whole_or_is_refused(
    batch: list[protocol.Message], first: int, data: st.DataObject
) -> None:
    """All messages in order; one that ends within a message is an error."""
    encoded = [protocol.encode(message) for message in batch]
    assert protocol.decode_batch(protocol.encode_batch_of(batch[0])) == (None, batch[:1])
    whole = protocol.Encoder().batch(first, encoded)
    assert protocol.decode_batch(whole) == (first, batch)
    cut = data.draw(st.integers(1, len(encoded[-1])))
    if cut < len(encoded[-1]):
        with pytest.raises(protocol.ProtocolError):
            protocol.decode_batch(whole[:-cut])


@given(st.lists(messages, max_size=6), st.integers(0, 2**40))
def test_a_black_box_gives_back_what_was_put_in(kept: list[protocol.Message], first: int) -> None:
    """All messages since the last restart, whoever reads them; arbitrary bytes are an error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "box")
        blackbox.create(path)
        box = blackbox.BlackBox(path)
        assert box.add(protocol.encode(protocol.Park()))
        box.restart(first)
        for message in kept:
            assert box.add(protocol.encode(message))
        number, data = blackbox.read(path)
    assert number == first
    assert protocol.decode_stream(data) == kept


@given(st.binary(max_size=60))
def test_arbitrary_bytes_in_a_black_box_are_messages_or_an_error(data: bytes) -> None:
    """Nothing but ``ProtocolError`` comes out."""
    with contextlib.suppress(protocol.ProtocolError):
        protocol.decode_stream(data)


@given(timings)
def test_a_timing_comes_back_as_it_was_sent(timing: protocol.Timing) -> None:
    """It travels inside a step."""
    assert protocol.timing_of(protocol.timing_fields(timing)) == timing


@given(st.binary(max_size=100) | values.map(msgpack.packb))
def test_no_bytes_crash_the_reader_of_messages(data: bytes) -> None:
    """Anything that is no message is a ProtocolError."""
    try:
        protocol.decode(data)
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
