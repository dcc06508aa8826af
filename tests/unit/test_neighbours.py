"""What is known of modules that ran next to and beside each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from traces import Ran, trace_of

from pytest_markersteal.neighbours.learning import learn
from pytest_markersteal.neighbours.model import Neighbours
from pytest_markersteal.neighbours.store import FOLDER, load, save


def test_what_a_run_tells() -> None:
    """Modules after each other on one worker, and at the same time on two; not where one failed."""
    known = Neighbours()
    learn(
        known,
        trace_of(
            Ran(0, 0.0, 1.0, name="a.py::one"),
            Ran(0, 1.0, 2.0, name="a.py::two"),
            Ran(0, 2.0, 3.0, name="b.py::one"),
            Ran(0, 3.0, 4.0, name="c.py::one", outcome="failed"),
            Ran(1, 0.5, 1.5, name="d.py::one"),
            Ran(1, 2.0, 3.5, name="e.py::one"),
        ),
    )

    assert known.is_seen("a.py", "b.py")
    assert known.is_seen("d.py", "e.py")
    assert not known.is_seen("b.py", "a.py")
    assert not known.is_seen("b.py", "c.py")
    modules = ["a.py", "b.py", "c.py", "d.py", "e.py"]
    beside = known.rows(modules)[1]
    pairs = {
        (one, other)
        for one in range(5)
        for other in range(5)
        if one < other and beside[one] >> other & 1
    }
    assert pairs == {(0, 3), (1, 4)}


def test_there_and_back(tmp_path: Path) -> None:
    """What is saved is loaded, but for modules that have changed or are gone."""
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_text(name)
    known = Neighbours()
    known.saw("a.py", "b.py")
    known.saw("b.py", "c.py")
    known.saw("gone.py", "a.py")
    known.saw_beside("a.py", "c.py")
    save(tmp_path, known)

    loaded = load(tmp_path)
    assert loaded.is_seen("a.py", "b.py")
    assert loaded.rows(["c.py", "a.py"]) == ([0, 0], [2, 1])
    assert "gone.py" not in loaded.contents

    (tmp_path / "b.py").write_text("something else")
    loaded = load(tmp_path)
    assert not loaded.is_seen("a.py", "b.py")
    assert loaded.rows(["c.py", "a.py"]) == ([0, 0], [2, 1])
    assert (tmp_path / FOLDER / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize(
    "content", [b"", b"\xc1", b"\x01", b"\x95\xa1a\x01\x90\x90\x90", b"\x93\x01\x02\x03"]
)
def test_what_is_no_such_file(tmp_path: Path, content: bytes) -> None:
    """It is as good as none."""
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "pairs.msgpack").write_bytes(content)

    assert load(tmp_path) == Neighbours()


def test_size() -> None:
    """Of a thousand modules that all met, a million pairs take a bit each."""
    known = Neighbours()
    for number in range(1000):
        known.saw(f"{number}.py", "0.py")
        known.after[-1] = 2**1000 - 1

    assert sum((row.bit_length() + 7) // 8 for row in known.after) <= 125_000
