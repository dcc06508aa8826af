"""Files that come from anywhere: nothing crashes the readers, or takes much memory."""

from __future__ import annotations

import contextlib
import itertools
import json
import string
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
from anything import values
from hypothesis import given
from hypothesis import strategies as st
from known import histories

from pytest_markersteal.durations import format as durations_format
from pytest_markersteal.durations.exporting import as_json, as_pytest_split, as_text
from pytest_markersteal.durations.format import MAX_BYTES, FormatError, decode, encode
from pytest_markersteal.durations.history import Buckets, Function, History
from pytest_markersteal.durations.importing import ImportFileError, read_any
from pytest_markersteal.durations.junit import node_id_of

MOST_MEMORY = 100_000_000

# What a file of our own begins with, up to the map of files.
HEAD = (
    b"\x87"
    + b"".join(
        map(
            msgpack.packb,
            ("format", durations_format.FORMAT, "version", durations_format.VERSION),
        )
    )
    + b"".join(map(msgpack.packb, ("platform", "", "written", "", "files")))
)
FIXTURES, STARTUPS = msgpack.packb("fixtures"), msgpack.packb("startups")
TAIL = FIXTURES + b"\x80" + STARTUPS + b"\x90"
FUNCTION = b"\x94\1\1\1\1"


def names(count: int) -> Iterator[bytes]:
    """So many different names of four letters, packed."""
    letters = itertools.product(string.ascii_letters + string.digits, repeat=4)
    return (msgpack.packb("".join(name)) for name in itertools.islice(letters, count))


def mapping(count: int, value: bytes) -> bytes:
    """A map from so many names to ``value``."""
    return b"\xdf" + count.to_bytes(4, "big") + b"".join(name + value for name in names(count))


def listing(count: int, value: bytes) -> bytes:
    """A list of so many times ``value``."""
    return b"\xdd" + count.to_bytes(4, "big") + value * count


def in_files(functions: bytes, file: bytes = b"\xa1a") -> bytes:
    """A file with this map of functions."""
    return HEAD + b"\x81" + file + b"\x81\xa2::" + functions + TAIL


def in_function(fields: bytes) -> bytes:
    """A file with one function of these fields."""
    return in_files(b"\x81\xa1t" + fields)


WIDE = "\U0001f600"
"""One such letter makes every letter of a text take four bytes."""

LARGE: dict[str, Callable[[], bytes]] = {
    "as many functions as are read": lambda: in_files(mapping(271_000, FUNCTION)),
    "more functions": lambda: in_files(mapping(590_000, FUNCTION)),
    "values of their own": lambda: in_function(b"\x96\1\1\1\1\1" + mapping(980_000, b"\1")),
    "demands": lambda: in_function(
        b"\x97\1\1\1\1\1\x80" + mapping(500_000, b"\x94\x90\xc2\xc2\xc0")
    ),
    "claims": lambda: in_function(
        b"\x97\1\1\1\1\1\x80\x81\xa0\x94"
        + listing(590_000, b"\x93\xa1a\xa4read\1")
        + b"\xc2\xc2\xc0"
    ),
    "platforms": lambda: in_function(b"\x98\1\1\1\1\1\x80\x80" + mapping(900_000, b"\x80")),
    "fixtures": lambda: HEAD + b"\x80" + FIXTURES + b"\x81\xa0\x81\xa0" + mapping(900_000, b"\1"),
    "start-ups": lambda: (
        HEAD
        + b"\x80"
        + FIXTURES
        + b"\x80"
        + STARTUPS
        + b"\xdd\x00\x07\x00\x00"
        + b"".join(b"\x97" + name + b"\xa0\1\1\1\1\1" for name in names(458_752))
    ),
    "a long file name": lambda: in_files(
        mapping(500_000, FUNCTION), msgpack.packb(WIDE + "x" * 990_000)
    ),
    "a file name that is too long": lambda: in_files(
        mapping(2, FUNCTION), msgpack.packb(WIDE + "x" * 5_900_000)
    ),
    "long names of functions": lambda: in_files(
        b"\x86"
        + b"".join(msgpack.packb(WIDE + str(n) + "x" * 980_000) + FUNCTION for n in range(6))
    ),
    "lists in a list": lambda: in_function(listing(23_000, b"\xdc\1\0" + b"\x90" * 256)),
    "lists in lists": lambda: in_function(b"\x91" * 5_900_000),
    "maps in maps": lambda: in_function(b"\x81\xa0" * 2_900_000),
    "lists for a version": lambda: (
        b"\x87"
        + msgpack.packb("format")
        + msgpack.packb(durations_format.FORMAT)
        + msgpack.packb("version")
        + listing(5_900_000, b"\x90")
    ),
    "lists for all": lambda: listing(5_900_000, b"\x90"),
    "a text that is not there": lambda: HEAD + b"\xdb\xff\xff\xff\xff",
    "a map that is not there": lambda: HEAD + b"\xdf\xff\xff\xff\xff",
    "functions that are not there": lambda: in_files(b"\xdf\xff\xff\xff\xff"),
    "start-ups that are not there": lambda: HEAD + b"\x80" + TAIL[:-1] + b"\xdd\xff\xff\xff\xff",
    "bytes that are not there": lambda: HEAD + b"\xc6\xff\xff\xff\xff",
    "an extension that is not there": lambda: HEAD + b"\xc9\xff\xff\xff\xff\1",
    "more than is read": lambda: b"\x90" * (MAX_BYTES + 1),
}


@pytest.mark.parametrize("name", LARGE)
def test_no_file_takes_much_memory(name: str) -> None:
    """However it is made: it is read or refused within 100 MB."""
    data = LARGE[name]()
    assert len(data) <= MAX_BYTES + 1
    tracemalloc.start()
    try:
        with contextlib.suppress(FormatError):
            decode(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most <= MOST_MEMORY


def test_what_could_not_be_read_is_not_written() -> None:
    """A history that takes too much is refused before it replaces a file."""
    function = Function(Buckets(1, 1, 1, 1))
    many = History({f"a.py::test_{number}": function for number in range(300_000)})
    with pytest.raises(FormatError, match="MB of memory"):
        encode(many)


@given(histories)
def test_a_history_comes_back(history: History) -> None:
    """Whatever its names hold."""
    assert decode(encode(history)) == history


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    """Not by themselves, nor where the files should be."""
    for content in (data, HEAD + data, in_function(data)):
        with contextlib.suppress(FormatError):
            decode(content)


@given(st.lists(values, max_size=8), st.sampled_from(["files", "function", "demand", "startup"]))
def test_no_values_crash_the_reader(fields: list[Any], place: str) -> None:
    """Anywhere in a good file."""
    packed = msgpack.packb(fields, unicode_errors="surrogatepass")
    content = {
        "files": HEAD + packed + TAIL,
        "function": in_function(packed),
        "demand": in_function(b"\x97\1\1\1\1\1\x80\x81\xa0" + packed),
        "startup": HEAD + b"\x80" + TAIL[:-1] + b"\x91" + packed,
    }[place]
    with contextlib.suppress(FormatError):
        decode(content)


@given(histories, st.data())
def test_a_damaged_file_is_read_or_refused(history: History, data: st.DataObject) -> None:
    """Cut off, with a byte changed, or with something after its end."""
    whole = bytearray(encode(history))
    at = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(FormatError):
        decode(bytes(whole[:at]))
    with pytest.raises(FormatError):
        decode(bytes(whole) + b"\0")
    whole[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError):
        decode(bytes(whole))


@given(histories, st.data())
def test_conflict_markers_are_told_wherever_they_are(history: History, data: st.DataObject) -> None:
    """With the remedy."""
    whole = encode(history)
    at = data.draw(st.integers(0, len(whole)))
    conflict = b"\n<<<<<<< HEAD\n" + whole[at:] + b"\n=======\n" + whole[at:] + b"\n>>>>>>> b\n"
    with pytest.raises(FormatError, match=r"conflict markers.*--ours"):
        decode(whole[:at] + conflict)


@given(histories)
def test_every_history_can_be_exported(history: History) -> None:
    """As text with no line broken, and as JSON that is JSON."""
    assert all(line.isprintable() for line in as_text(history))
    assert json.loads(as_json(history))["functions"].keys() == history.functions.keys()
    text, missing = as_pytest_split(history)
    tests = sum(function.tests for function in history.functions.values())
    assert len(json.loads(text)) + missing == tests


STARTS = [
    b"",
    b"{",
    b"[[",
    b'{"$report_type": "TestReport", ',
    b'{"a.py::t": ',
    b"<testsuites><testsuite><testcase ",
    b'<?xml version="1.0" encoding="utf-16"?><testsuite>',
    b"<!DOCTYPE a [<!ENTITY b 'c'>]><testsuite>",
    b"\xff\xfe",
    b"=== slowest durations ===\n0.01s call     ",
    b"=== slowest 5 durations ===\n99999999999999999999999.0s call     ",
]


@given(st.sampled_from(STARTS), st.binary(max_size=100) | st.text(max_size=100).map(str.encode))
def test_no_bytes_crash_the_importers(start: bytes, rest: bytes) -> None:
    """They raise nothing but their own error."""
    with contextlib.suppress(ImportFileError):
        read_any(start + rest)


@given(values)
def test_no_json_crashes_the_importers(content: Any) -> None:
    """As a file of pytest-split, and as a line of pytest-reportlog."""
    text = json.dumps(content, default=repr)
    report = '{"$report_type": "TestReport", "nodeid": %s, "when": "call", "duration": %s}'
    for data in (text, f'{{"a": {text}}}', f"[[{text}, {text}]]", report % (text, text)):
        with contextlib.suppress(ImportFileError):
            read_any(data.encode("utf-8", errors="surrogatepass"))


@given(st.text(max_size=40), st.text(max_size=10), st.text(max_size=20))
def test_no_names_crash_the_search_for_a_file(classname: str, name: str, file: str) -> None:
    """And none leads out of the rootdir."""
    found = node_id_of(Path(__file__).parent, classname, name, file)
    assert found is None or not found.startswith(("/", ".."))


@pytest.mark.parametrize(
    "bomb",
    [
        b'<!DOCTYPE a [<!ENTITY x "%s">%s]><testsuite><testcase name="&x9;"/></testsuite>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><testsuite/>%s%s',
    ],
)
def test_a_document_type_is_refused(bomb: bytes) -> None:
    """So no entity can blow up, or read a file."""
    entities = b"".join(
        b'<!ENTITY x%d "%s">' % (level, b"&x%d;" % (level - 1) * 10 if level > 1 else b"&x;" * 10)
        for level in range(1, 10)
    )
    with pytest.raises(ImportFileError, match="document type"):
        read_any(bomb % (b"x" * 1000, entities))


def test_json_that_is_nested_deep_is_refused() -> None:
    """Python's reader gives up, and so does the importer."""
    for data in (b"[" * 100_000, b'{"$report_type":' + b"[" * 100_000):
        with pytest.raises(ImportFileError):
            read_any(data)
