"""How a slot comes to its database, and when one is taken to be left over; with SQLite's files."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_markersteal.safety.databases import lifetime
from pytest_markersteal.safety.databases.heartbeat import beating
from pytest_markersteal.safety.databases.leftovers import SILENT_S, UNUSED_S, Leftovers, ago
from pytest_markersteal.safety.databases.lifetime import slot_database
from pytest_markersteal.safety.databases.names import run_digits, slot_name, template_name
from pytest_markersteal.safety.databases.records import (
    Owner,
    Prepared,
    owner,
    owner_here,
    prepared,
    written,
)
from pytest_markersteal.safety.databases.server import DatabaseInUse
from pytest_markersteal.safety.databases.sqlite import SqliteFiles
from pytest_markersteal.safety.databases.templates import PreparationFailed, Template, key_of
from pytest_markersteal.safety.databases.urls import DatabaseUrl, parse

RUN = "5ca1ab1e" * 4
SLOT = slot_name("shop", RUN, 0)


@pytest.fixture(autouse=True)
def run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that this process belongs to, without workers."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("PYTEST_MARKERSTEAL_RUN", RUN)


@pytest.fixture
def url(tmp_path: Path) -> DatabaseUrl:
    """Of slot 0."""
    return parse(f"sqlite:///{tmp_path}/{SLOT}.db")


class LateFiles(SqliteFiles):
    """At a time that a test chooses."""

    now: float | None = None

    def now_s(self) -> float:
        """That time, or what it is."""
        return super().now_s() if self.now is None else self.now


@pytest.fixture
def server(url: DatabaseUrl) -> Iterator[LateFiles]:
    """A folder without databases."""
    with closing(LateFiles(url)) as server:
        yield server


@pytest.fixture
def other(url: DatabaseUrl) -> Iterator[LateFiles]:
    """The same, as another process has it."""
    with closing(LateFiles(url)) as server:
        yield server


class Hook:
    """Prepares a template, or fails, and counts."""

    def __init__(self, folder: Path, fails: str = "") -> None:
        self.calls = 0
        self._folder = folder
        self._fails = fails

    def __call__(self, name: str) -> None:
        """Make a table."""
        self.calls += 1
        if self._fails:
            raise ValueError(self._fails)
        with closing(sqlite3.connect(self._folder / f"{name}.db")) as connection:
            connection.execute("CREATE TABLE item (name)")


def files(folder: Path) -> set[str]:
    """The names of what is there."""
    return {path.name for path in folder.glob("shop*")}


def test_a_template_is_prepared_once(server: LateFiles, tmp_path: Path) -> None:
    """Whoever asks first prepares it; later it is only used."""
    hook = Hook(tmp_path)
    names = [slot_name("shop", run, 0) for run in ("one", "two")]
    for name in names:
        Template(server, "shop", b"key", "", hook, tmp_path).clone(name)
    assert hook.calls == 1
    for name in names:
        with closing(sqlite3.connect(tmp_path / f"{name}.db")) as connection:
            connection.execute("INSERT INTO item VALUES ('apple')")


def test_a_half_made_template_is_made_anew(server: LateFiles, tmp_path: Path) -> None:
    """It is one without a note, as its maker was killed."""
    name = template_name("shop", b"key")
    server.create(name)
    with closing(sqlite3.connect(tmp_path / f"{name}.db")) as connection:
        connection.execute("CREATE TABLE item (half)")
    Template(server, "shop", b"key", "", Hook(tmp_path), tmp_path).clone(SLOT)
    with closing(sqlite3.connect(tmp_path / f"{SLOT}.db")) as connection:
        assert connection.execute("SELECT name FROM item").fetchall() == []


def test_a_preparation_that_fails_is_told_to_all(server: LateFiles, tmp_path: Path) -> None:
    """It is tried once in a run, and leaves nothing; the next run tries again."""
    hook = Hook(tmp_path, fails="no such column")
    template = Template(server, "shop", b"key", "", hook, tmp_path)
    with pytest.raises(ValueError, match="no such column"):
        template.clone(SLOT)
    with pytest.raises(
        PreparationFailed, match=r"(?s)in master with ValueError.*Traceback.*no such column"
    ):
        template.clone(SLOT)
    assert hook.calls == 1
    assert not {name for name in files(tmp_path) if not name.endswith(".failed")}
    Template(server, "shop", b"key", "", Hook(tmp_path), tmp_path / "next run").clone(SLOT)


def test_a_transaction_left_open_fails_the_preparation(url: DatabaseUrl, tmp_path: Path) -> None:
    """A copy of the file would lack what it has changed."""
    with (
        closing(SqliteFiles(url, busy_s=0.0)) as server,
        closing(sqlite3.connect(tmp_path / f"{SLOT}.db", isolation_level=None)) as connection,
    ):
        connection.execute("CREATE TABLE item (name)")
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseInUse, match=f"{SLOT}.db: .*must end its transactions"):
            server.seal(SLOT)


def test_what_is_in_a_write_ahead_log_is_cloned(server: LateFiles, tmp_path: Path) -> None:
    """Though it is not in the file yet when the hook returns with its connection open."""
    with closing(sqlite3.connect(tmp_path / f"{SLOT}.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE item (name)")
        connection.commit()
        server.seal(SLOT)
        clone = slot_name("shop", RUN, 1)
        server.clone(SLOT, clone)
        with closing(sqlite3.connect(tmp_path / f"{clone}.db")) as copy:
            assert copy.execute("SELECT * FROM item").fetchall() == []


def test_the_template_of_one_run_goes_with_its_last_database(
    url: DatabaseUrl, server: LateFiles, other: LateFiles, tmp_path: Path
) -> None:
    """Not before."""
    hook = Hook(tmp_path)
    second = url.named(slot_name("shop", RUN, 1))
    with slot_database(
        server, url, Template(server, "shop", b"run", RUN, hook, tmp_path), keep=False
    ):
        with slot_database(
            other, second, Template(other, "shop", b"run", RUN, hook, tmp_path), keep=False
        ):
            assert len(server.databases("shop")) == 3
        assert len(server.databases("shop")) == 2
    assert hook.calls == 1
    assert not files(tmp_path)


def test_a_database_in_use_is_not_taken(
    url: DatabaseUrl, server: LateFiles, other: LateFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says who has it."""
    monkeypatch.setattr(lifetime, "TAKEOVER_S", 0.0)
    with (
        slot_database(server, url, None, keep=False),
        pytest.raises(
            DatabaseInUse, match=rf"{SLOT} is in use by pid {os.getpid()} on .*{RUN[:8]}"
        ),
        slot_database(other, url, None, keep=False),
    ):
        pass


def test_a_replacement_begins_afresh(url: DatabaseUrl, server: LateFiles, tmp_path: Path) -> None:
    """What the worker before it left is gone."""
    (tmp_path / f"{SLOT}.db").write_text("left")
    (tmp_path / f"{SLOT}.db-wal").write_text("left")
    with slot_database(server, url, None, keep=False):
        assert (tmp_path / f"{SLOT}.db").read_text() == ""
        assert files(tmp_path) == {f"{SLOT}.db", f"{SLOT}.db.owner"}
    assert not files(tmp_path)


def test_nothing_is_left_where_a_database_could_not_be_made(
    url: DatabaseUrl, server: LateFiles, tmp_path: Path
) -> None:
    """Not even one that was to be kept."""
    template = Template(server, "shop", b"key", "", Hook(tmp_path, fails="no"), tmp_path / "run")
    (tmp_path / "run").mkdir()
    with pytest.raises(ValueError, match="no"), slot_database(server, url, template, keep=True):
        pass
    assert not files(tmp_path)


def test_signs_of_life_are_given_until_the_end() -> None:
    """And not after it."""
    beats: list[int] = []
    with beating(lambda: beats.append(1), period_s=0.0):
        while len(beats) < 3:
            pass
    count = len(beats)
    with beating(lambda: beats.append(1), period_s=1e6):
        pass
    assert len(beats) == count


def test_notes_are_read_as_they_were_written() -> None:
    """With whatever a name can have; what somebody else wrote is none."""
    mine = dataclasses.replace(owner_here("run & 'more'=\\ é", 1.5), kept=True)
    assert owner(written(mine)) == mine
    template = Prepared("", 1.0, 2.5)
    assert prepared(written(template)) == template
    assert owner(written(template)) is None
    for text in ("", "a comment", "markersteal/1 kind=owner", written(mine).replace("1.5", "x")):
        assert owner(text) is None
    assert set(written(mine)).isdisjoint("'\"\\`")


def left(server: LateFiles, note: str, name: str = SLOT) -> None:
    """A database that nobody has locked."""
    assert server.lock(name, 0.0)
    server.create(name)
    server.note(name, note)
    server.unlock(name)


def dead() -> Owner:
    """A process of this machine that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return dataclasses.replace(owner_here(RUN, 1000.0), pid=ended.pid, started="1")


def stays(server: LateFiles) -> str:
    """Why the only database stays."""
    (found,) = Leftovers(server, "shop").look(remove=False)
    return found.stays


def test_a_database_of_a_dead_process_is_left_over(server: LateFiles, tmp_path: Path) -> None:
    """It is removed when that is asked for, and not before."""
    left(server, written(dead()))
    server.now = 1000.0 + 7200
    (found,) = Leftovers(server, "shop").look(remove=False)
    assert found.stays == ""
    assert found.what.endswith(f"run {RUN[:8]}; last heartbeat 2 hours ago")
    assert files(tmp_path)
    (found,) = Leftovers(server, "shop").look(remove=True)
    assert found.removed
    assert not files(tmp_path)


def test_a_database_of_a_process_that_lives_stays(server: LateFiles) -> None:
    """However long ago its last heartbeat was, and without its lock."""
    left(server, written(owner_here(RUN, 0.0)))
    assert stays(server) == f"pid {os.getpid()} lives"


def test_a_process_that_has_the_id_of_a_dead_one_is_another(server: LateFiles) -> None:
    """Ids are given again."""
    left(server, written(dataclasses.replace(owner_here(RUN, 0.0), started="1")))
    assert stays(server) == ("" if Path("/proc/self/stat").exists() else f"pid {os.getpid()} lives")


def test_elsewhere_silence_decides(server: LateFiles) -> None:
    """Of a process on another machine nothing else is known."""
    left(server, written(dataclasses.replace(dead(), machine="another")))
    server.now = 1000.0 + SILENT_S - 1
    assert stays(server) == f"silent for only {SILENT_S - 1:.0f} s"
    server.now = 1000.0 + SILENT_S
    assert stays(server) == ""


def test_a_locked_database_stays(server: LateFiles, other: LateFiles) -> None:
    """Whatever is noted."""
    left(server, written(dead()))
    assert other.lock(SLOT, 0.0)
    (found,) = Leftovers(server, "shop").look(remove=True)
    assert (found.stays, found.removed) == ("it is locked", False)


def test_what_was_kept_or_never_noted_is_left_over(server: LateFiles) -> None:
    """The process may well live on, as that of an editor does."""
    left(server, written(dataclasses.replace(owner_here(RUN, 0.0), kept=True)))
    left(server, "", slot_name("shop", RUN, 1))
    found = Leftovers(server, "shop").look(remove=True)
    assert [one.removed for one in found] == [True, True]
    assert "; kept on request" in found[0].what
    assert "had just begun" in found[1].what


def test_templates_stay_while_they_may_be_needed(server: LateFiles) -> None:
    """For days where any run can use them; those that are half-made are not."""
    name = template_name("shop", b"key")
    left(server, written(Prepared("", 0.0, 1000.0)), name)
    left(server, "", template_name("shop", b"half"))
    server.now = 1000.0 + UNUSED_S
    found = {one.name: one.stays for one in Leftovers(server, "shop").look(remove=False)}
    assert found.pop(name) == "any run may need it for 7 days"
    assert list(found.values()) == [""]
    server.now += 1
    assert {one.removed for one in Leftovers(server, "shop").look(remove=True)} == {True}


def test_the_template_of_one_run_stays_with_its_databases(server: LateFiles) -> None:
    """They are looked at first, so that both go at once."""
    assert run_digits(RUN) in SLOT
    left(server, written(Prepared(RUN, 0.0, 0.0)), template_name("shop", RUN.encode()))
    left(server, written(owner_here(RUN, 0.0)))
    found = Leftovers(server, "shop").look(remove=True)
    assert [one.removed for one in found] == [False, False]
    assert found[1].stays == "the run has other databases"
    server.drop(SLOT, even_if_used=True)
    left(server, written(dead()))
    found = Leftovers(server, "shop").look(remove=True)
    assert [one.removed for one in found] == [True, True]


def test_databases_of_others_are_not_looked_at(server: LateFiles, tmp_path: Path) -> None:
    """Neither those made from another one, nor any that we have not made."""
    for name in ("shop.db", "shop_1.db", "shop_markersteal.db", f"{slot_name('bank', RUN, 0)}.db"):
        (tmp_path / name).touch()
    assert Leftovers(server, "shop").look(remove=True) == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0 s ago"),
        (59, "59 s ago"),
        (60, "1 minute ago"),
        (9e4, "1 day ago"),
    ],
)
def test_times_are_told_in_their_largest_unit(seconds: float, said: str) -> None:
    """Rounded down."""
    assert ago(seconds) == said


def config(root: Path) -> pytest.Config:
    """One with the hook of a file in ``root``."""
    path = root / "hooked.py"
    if not path.exists():
        path.write_text("def hook(): pass")
    namespace: dict[str, object] = {}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    hook = SimpleNamespace(get_hookimpls=lambda: [SimpleNamespace(function=namespace["hook"])])
    return SimpleNamespace(  # type: ignore[return-value] # all that is asked of it
        rootpath=root, hook=SimpleNamespace(pytest_markersteal_prepare_database=hook)
    )


def test_the_key_is_of_all_named_files_and_of_the_hook(tmp_path: Path) -> None:
    """Of their content and their names; bytecode is none of it."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    keys = set()

    def changes() -> bool:
        before = len(keys)
        keys.add(key_of(config(tmp_path), "URL", ["migrations", "*.sql"]))
        return len(keys) > before

    (tmp_path / "schema.sql").write_text("1")
    assert changes()
    assert not changes()
    for path in (tmp_path / "schema.sql", folder / "1.py", tmp_path / "hooked.py"):
        with path.open("a") as file:
            file.write("# more")
        assert changes()
    (folder / "1.py").rename(folder / "2.py")
    assert changes()
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "1.pyc").touch()
    assert not changes()


def test_without_named_sources_there_is_no_key(tmp_path: Path) -> None:
    """Nobody knows what the hook looks at."""
    assert key_of(config(tmp_path), "URL", []) is None


def test_a_source_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    """Rather than a template that never changes; so is one from the root of all folders."""
    for source in ("migrations", "/migrations"):
        with pytest.raises(pytest.UsageError, match=f"there is no '{source}' in .*: name files"):
            key_of(config(tmp_path), "URL", [source])
