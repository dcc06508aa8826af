"""Touches, from the events that the interpreter raises."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest

from pytest_markersteal.races.watch.audit import Tap, Touches
from pytest_markersteal.races.watch.noise import Noise

LASTING = 28731
"""A port that the tests' system gives to nobody who asks for any."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The rootdir."""
    return tmp_path_factory.mktemp("project")


@pytest.fixture(scope="module")
def tap(place):
    """One for all tests, as a hook can't be removed."""
    tap = Tap(Noise(place), iter(range(10**9)).__next__, lambda port: port == LASTING)
    tap.install()
    yield tap
    tap.close()


@pytest.fixture
def touched(tap, place, monkeypatch):
    """What the test has touched until it is asked: pairs of name and how."""
    monkeypatch.chdir(place)
    touches = Touches()
    tap.owners.append(touches)
    yield lambda: [(name, how) for _, name, how, *_ in tap.finish(touches)]
    tap.owners.clear()
    assert tap.trouble is None


def test_files_that_are_opened(touched, place):
    """In each way, by any function, relative or not, and each way once."""
    Path("new").write_text("x")
    Path("new").write_text("y")
    Path("new").read_text()
    with open(os.fsencode(place / "new"), "ab"):
        pass
    os.close(os.open("low", os.O_CREAT | os.O_WRONLY))
    assert touched() == [
        ("new", "created"),
        ("new", "written"),
        ("new", "read"),
        ("low", "created"),
    ]


def test_files_that_are_moved_and_removed(touched):
    """A rename touches both names."""
    Path("a").touch()
    os.replace("a", "b")
    Path("b").unlink()
    assert touched() == [("a", "created"), ("a", "renamed"), ("b", "renamed"), ("b", "removed")]


def test_folders(touched):
    """To make one that is there is to touch nothing; what is in one that goes is not told apart."""
    Path("out").mkdir()
    Path("out").mkdir(exist_ok=True)
    Path("out", "x").touch()
    assert os.listdir("out") == ["x"]
    shutil.rmtree("out")
    assert touched()[:3] == [("out", "made"), ("out/x", "created"), ("out", "listed")]
    assert touched()[3] == ("out", "removed with all that is in it")


def test_temporary_files_are_the_test_s_own(touched, place):
    """With a name or without, and what is in a temporary folder."""
    with tempfile.TemporaryFile(dir=place) as file:
        file.write(b"x")
    with tempfile.NamedTemporaryFile(dir=place), tempfile.TemporaryDirectory(dir=place) as folder:
        Path(folder, "file").touch()
    assert touched() == []


def test_a_file_that_locks_is_a_lock(touched, tap):
    """It is no thing to be kept apart for."""
    Path("data.json.lock").touch()
    (touch,) = tap.owners[-1].seen.values()
    assert (touch.kind, touch.name) == ("lock", "data.json.lock")


def test_a_database_is_read_or_written(touched):
    """Which of it shows in the file, once its user is done; one in memory is nobody else's."""
    with closing(sqlite3.connect("shop.db")) as connection, connection:
        connection.execute("create table orders (cents)")
    assert touched() == [("shop.db", "written as an SQLite database")]


def test_a_database_that_is_only_read(touched, tap):
    """By a test of its own, as only the first connection is looked at."""
    with closing(sqlite3.connect(":memory:")), closing(sqlite3.connect("shop.db")) as connection:
        assert connection.execute("select count(*) from orders").fetchone() == (0,)
    assert touched() == [("shop.db", "read as an SQLite database")]


def test_ports(touched):
    """Bound or connected to, TCP and UDP; any port is no port in particular."""
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
        port = server.getsockname()[1]
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        udp.bind(("", LASTING))
    assert touched() == [(str(port), "connected to"), (f"{LASTING}/udp", "bound")]


def test_a_port_that_was_asked_for_is_bound_later(touched):
    """As functions do that look for a free one: it is not the test that chose it."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        port = asking.getsockname()[1]
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
    assert touched() == []


def test_variables_folders_and_processes(touched, tap, monkeypatch, place):
    """They are the process's own, and told to the aspects that want to know of changes."""
    tap.variables.clear()
    monkeypatch.setenv("SHOP_MODE", "fast")
    monkeypatch.setenv("PYTEST_SOMETHING", "noise")
    os.chdir(place)
    subprocess.run([sys.executable, "-c", ""], check=True)
    assert tap.variables == {"SHOP_MODE"}
    assert tap.moved
    how = dict(touched())
    assert how["SHOP_MODE"] == "set"
    assert how[str(place)] == "entered"
    assert how[os.path.basename(sys.executable)] == "started"


def test_other_threads_are_of_whoever_is_at_work(touched):
    """There is no telling who has started them."""
    thread = threading.Thread(target=Path("threaded").touch)
    thread.start()
    thread.join()
    assert touched() == [("threaded", "created")]


def test_nobody_at_work(tap, place):
    """Nothing is kept of it."""
    assert tap.owners == []
    (place / "unseen").touch()
    assert tap.trouble is None


def test_a_failing_handler_fails_no_test(place):
    """What was not understood is told."""

    def broken() -> float:
        raise RuntimeError("no clock")

    tap = Tap(Noise(place), broken, lambda port: True)
    tap.install()
    tap.owners.append(Touches())
    (place / "file").touch()
    tap.close()
    assert tap.trouble == "open: RuntimeError('no clock')"
