"""The file of a trace, and the folder of traces."""

from __future__ import annotations

import errno
import os
import threading
from datetime import datetime
from itertools import islice
from pathlib import Path

import pytest
from traces import HEAD

from pytest_markersteal.trace import folder
from pytest_markersteal.trace import writer as writer_module
from pytest_markersteal.trace.format import records
from pytest_markersteal.trace.records import Started
from pytest_markersteal.trace.writer import TraceWriter


def test_a_record_is_written_although_nothing_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that hangs in a test has told that the test started, without being asked again."""
    written = threading.Event()
    write = os.write

    def observed(file: int, data: bytes) -> int:
        count = write(file, data)
        written.set()
        return count

    monkeypatch.setattr(writer_module.os, "write", observed)
    writer = TraceWriter(tmp_path / "a.trace")
    writer.write(HEAD)
    assert written.wait(60)
    assert list(records(writer.path)) == [HEAD]
    writer.close()


def test_what_can_not_be_written_is_told_once_and_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk costs the trace, not the run."""

    def full(file: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    writer = TraceWriter(tmp_path / "a.trace")
    monkeypatch.setattr(writer_module.os, "write", full)
    writer.write(HEAD)
    writer.close()
    assert writer.trouble == f"the trace {writer.path} is not complete: {os.strerror(errno.ENOSPC)}"


def test_nothing_is_written_once_it_is_closed(tmp_path: Path) -> None:
    """A worker's last message may come late, from another thread."""
    writer = TraceWriter(tmp_path / "a.trace")
    writer.write(HEAD)
    writer.close()
    writer.write(Started(0, 0, 0))
    writer.close()
    assert list(records(writer.path)) == [HEAD]


def test_a_trace_never_replaces_another(tmp_path: Path) -> None:
    """Two runs may begin in the same second."""
    TraceWriter(tmp_path / "a.trace").close()
    with pytest.raises(FileExistsError):
        TraceWriter(tmp_path / "a.trace")
    names = [path.name for path in islice(folder.paths(tmp_path, datetime(2026, 1, 2, 3, 4, 5)), 3)]
    assert names == [
        "2026-01-02T03-04-05.trace",
        "2026-01-02T03-04-05-2.trace",
        "2026-01-02T03-04-05-3.trace",
    ]


def test_the_newest_are_kept(tmp_path: Path) -> None:
    """With the one to come there are as many as are allowed; other files stay."""
    own = folder.own_folder(tmp_path)
    names = [f"2026-01-02T03-04-{second:02}.trace" for second in range(folder.KEPT)]
    names += [f"2026-01-02T03-04-19-{number}.trace" for number in (10, 2, 9)]
    for name in (*names, "drift.json"):
        (own / name).touch()
    in_order = [path.name for path in folder.traces(tmp_path)]
    assert in_order[-3:] == [f"2026-01-02T03-04-19-{number}.trace" for number in (2, 9, 10)]
    folder.make_room(tmp_path)
    assert [path.name for path in folder.traces(tmp_path)] == in_order[-(folder.KEPT - 1) :]
    assert (own / "drift.json").exists()


def test_git_does_not_see_the_folder(tmp_path: Path) -> None:
    """By a file that stays as it is once it is there."""
    own = folder.own_folder(tmp_path)
    assert (own / ".gitignore").read_text() == "*\n"
    (own / ".gitignore").write_text("# mine\n")
    folder.own_folder(tmp_path)
    assert (own / ".gitignore").read_text() == "# mine\n"
