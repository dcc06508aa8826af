"""The durations file on disk: trouble is told and never raised."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import msgpack
import pytest
from builders import remembered

from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.durations import format as durations_format
from pytest_markersteal.durations.history import Fixture, History, Selection, Startup, Times
from pytest_markersteal.durations.store import FILE, Store, write

ONE = Times(0.1, 0.2, 0.3, 0.05)
KEYED = Demand((Claim("db"),))
ALL = Selection("", "")
STARTUP = Startup(0.03, 0.4, 1.5, 0.001, 0.25)


def history() -> History:
    return remembered(
        {"a.py::t": ONE, "a.py::u": ONE},
        {Fixture("module", "a.py", "db"): 2.0},
        {"a.py::u": KEYED},
        {ALL: STARTUP},
    )


def today(known: History) -> History:
    return replace(known, written=date.today().isoformat())


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    """And nothing else is left in the folder."""
    store = Store(tmp_path)
    assert store.save(history())
    assert store.load() == today(history())
    assert store.exists
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
    assert Store(tmp_path).load() == today(history())


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


def test_a_history_too_large_to_be_read_is_not_written(tmp_path: Path) -> None:
    """What is there stays, and the run says why."""
    store = Store(tmp_path)
    store.save(history())
    names = (f"a.py::test_{'x' * 1000}{number}" for number in range(7000))
    assert not store.save(remembered(dict.fromkeys(names, ONE)))
    assert "bytes are more than" in store.trouble[0]
    assert store.load() == today(history())
    assert [path.name for path in store.path.parent.iterdir()] == [FILE.name]


def test_a_reader_never_finds_half_a_file(tmp_path: Path) -> None:
    """The file is replaced as a whole: who had it open goes on with the old one."""
    path = tmp_path / "file"
    write(path, history())
    with path.open("rb") as reader:
        write(path, History())
        assert durations_format.decode(reader.read()) == history()


def test_a_selection_covers_what_is_below_it() -> None:
    """With the same expression of -m, or without any; names that begin alike are other folders."""
    assert Selection("", "").covers(Selection("a/b.py", "slow"))
    assert Selection("a", "slow").covers(Selection("a/b.py", "slow"))
    assert not Selection("a", "slow").covers(Selection("a", ""))
    assert not Selection("a", "slow").covers(Selection("a", "not slow"))
    assert not Selection("a", "").covers(Selection("ab", ""))
    assert not Selection("a/b.py", "").covers(Selection("a", ""))


def test_the_narrowest_selection_tells_of_the_start_up() -> None:
    """What is known of a folder says more of a file in it than what is known of all."""
    near = Startup(0.01, 0.1, 0.2, 0.001, None)
    known = History(startups={Selection("a", ""): near, ALL: STARTUP})
    assert known.startup_of(Selection("a/b.py", "")) == (Selection("a", ""), near)
    assert known.startup_of(Selection("c", "")) == (ALL, STARTUP)
    assert History().startup_of(ALL) is None
