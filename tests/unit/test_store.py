"""The durations file on disk: trouble is told and never raised."""

from __future__ import annotations

from pathlib import Path

import msgpack
import pytest

from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.durations import format as durations_format
from pytest_markersteal.durations.history import Fixture, History, Selection, Startup, Times
from pytest_markersteal.durations.store import FILE, Store

ONE = Times(0.1, 0.2, 0.3, 0.05)
KEYED = Demand((Claim("db"),))
ALL = Selection("", "")
STARTUP = Startup(0.03, 0.4, 1.5, 0.001, 0.25)


def history() -> History:
    return History(
        {"a.py::t": ONE, "a.py::u": ONE},
        {Fixture("module", "a.py", "db"): 2.0},
        {"a.py::u": KEYED},
        {ALL: STARTUP},
    )


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


def test_marks_are_known_as_the_latest_run_found_them() -> None:
    """A mark that was taken off is forgotten; tests that were not collected keep theirs."""
    known = history()
    known.learn_demands([("a.py::t", KEYED), ("a.py::u", Demand())])
    assert known.demands == {"a.py::t": KEYED}
    known.learn_demands([("b.py::v", Demand(serial=True))])
    assert known.demands.keys() == {"a.py::t", "b.py::v"}


def test_demands_of_tests_without_durations_are_not_written(tmp_path: Path) -> None:
    """Nothing could be said of such tests."""
    known = history()
    known.learn_demands([("a.py::never_passed", KEYED)])
    store = Store(tmp_path)
    store.save(known)
    assert store.load() == history()


def test_start_ups_move_half_way() -> None:
    """As durations do; a share of waiting that could not be told changes nothing."""
    known = history()
    known.learn_startup(ALL, Startup(0.05, 0.4, 2.5, 0.001, 0.75), known.tests)
    assert known.startups[ALL] == pytest.approx(Startup(0.04, 0.4, 2.0, 0.001, 0.5))
    known.learn_startup(ALL, Startup(0.04, 0.4, 2.0, 0.001, None), known.tests)
    assert known.startups[ALL] == pytest.approx(Startup(0.04, 0.4, 2.0, 0.001, 0.5))
    first = Startup(0.04, 0.4, 2.0, 0.001, None)
    assert first.moved_to(first) == first
    assert first.moved_to(first._replace(waiting_share=0.0)).waiting_share == 0.0


def test_tests_that_a_run_of_all_did_not_find_are_gone(tmp_path: Path) -> None:
    """Until a run finds them again; their durations are kept, and other folders left alone."""
    known = History(dict.fromkeys(["a.py::t", "a.py::u", "b.py::v"], ONE), {}, {"a.py::u": KEYED})
    known.learn_startup(Selection("a.py", "not slow"), STARTUP, ["a.py::t"])
    assert not known.gone
    known.learn_startup(Selection("a.py", ""), STARTUP, ["a.py::t"])
    assert known.gone == {"a.py::u"}
    assert known.present() == ["a.py::t", "b.py::v"]
    store = Store(tmp_path)
    store.save(known)
    known = store.load()
    assert known.gone == {"a.py::u"}
    assert known.tests["a.py::u"] == ONE
    known.learn_demands([("a.py::u", KEYED)])
    assert not known.gone
    assert known.demands == {"a.py::u": KEYED}


def test_one_start_up_for_all_that_is_within_a_selection() -> None:
    """So that runs of single files don't fill the file."""
    known = History()
    for path in ("tests/a.py", "tests/unit", "docs"):
        known.learn_startup(Selection(path, ""), STARTUP, ())
    known.learn_startup(Selection("tests", ""), STARTUP, ())
    assert {path for path, _ in known.startups} == {"tests", "docs"}
    known.learn_startup(Selection("tests/b.py", "not slow"), STARTUP, ())
    assert {path for path, _ in known.startups} == {"tests", "docs"}


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
    known = History(startups={Selection("a", ""): near})
    known.startups[ALL] = STARTUP
    assert known.startup_of(Selection("a/b.py", "")) == (Selection("a", ""), near)
    assert known.startup_of(Selection("c", "")) == (ALL, STARTUP)
    assert History().startup_of(ALL) is None
