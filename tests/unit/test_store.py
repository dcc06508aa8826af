"""The durations file on disk: trouble is told and never raised."""

from __future__ import annotations

from pathlib import Path

import msgpack
import pytest

from pytest_markersteal.durations import format as durations_format
from pytest_markersteal.durations.history import Fixture, History, Times
from pytest_markersteal.durations.store import FILE, Store

ONE = Times(0.1, 0.2, 0.3, 0.05)


def history() -> History:
    return History({"a.py::t": ONE}, {Fixture("module", "a.py", "db"): 2.0})


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    """And nothing else is left in the folder."""
    store = Store(tmp_path)
    assert store.save(history())
    assert store.load() == history()
    assert [path.name for path in store.path.parent.iterdir()] == [FILE.name]
    assert not store.trouble


def test_no_file_is_no_trouble(tmp_path: Path) -> None:
    """The first run of a project has none."""
    store = Store(tmp_path)
    assert store.load() == History()
    assert not store.trouble


@pytest.mark.parametrize("content", [b"", b"\x00", b"<<<<<<< HEAD\n", b"\x81\xa1a\x01"])
def test_a_damaged_file_is_told_and_replaced(tmp_path: Path, content: bytes) -> None:
    """The run goes on without history, and the next one has a good file."""
    store = Store(tmp_path)
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    assert store.load() == History()
    assert "can't be used" in store.trouble[0]
    assert store.save(history())
    assert Store(tmp_path).load() == history()


def test_the_file_of_a_newer_version_is_left_as_it_is(tmp_path: Path) -> None:
    """An old installation must not take it back."""
    store = Store(tmp_path)
    store.path.parent.mkdir()
    newer = msgpack.packb({"format": durations_format.FORMAT, "version": 99})
    store.path.write_bytes(newer)
    assert store.load() == History()
    assert "upgrade" in store.trouble[0]
    assert not store.save(history())
    assert store.path.read_bytes() == newer


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Here a file is where the folder should be."""
    (tmp_path / FILE.parent).write_text("in the way")
    store = Store(tmp_path)
    assert not store.save(history())
    assert "were not written" in store.trouble[0]


def test_a_measurement_moves_what_is_known_half_way() -> None:
    """One outlier fades; what was not measured stays."""
    known = History({"a": ONE, "b": ONE})
    known.learn({"a": Times(0.1, 1.2, 0.3, 0.05), "c": ONE}, {})
    assert known.tests["a"].call_s == pytest.approx(0.7)
    assert known.tests["b"] == known.tests["c"] == ONE
