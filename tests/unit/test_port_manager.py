"""Ports are given to one holder at a time, rest afterwards, and are free when they are given."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from doc_pages import blocks

from pytest_markersteal import PortManager, PortsExhausted
from pytest_markersteal.safety.ports.locks import PortLocks, own_folder


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.slept_s: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds


@pytest.fixture
def ports(port_manager: PortManager) -> Iterator[list[int]]:
    """Four ports that nobody else uses meanwhile: to managers with other locks they are free."""
    with ExitStack() as held:
        yield [held.enter_context(port_manager.port()) for _ in range(4)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def manager_of(ports: list[int], folder: Path, clock: Clock) -> PortManager:
    return PortManager(ports, folder=folder, quarantine_s=1.0, clock=clock, sleep=clock.sleep)


@pytest.fixture
def manager(ports: list[int], tmp_path: Path, clock: Clock) -> PortManager:
    return manager_of(ports, tmp_path, clock)


def test_no_port_is_given_twice(
    ports: list[int], manager: PortManager, tmp_path: Path, clock: Clock
) -> None:
    """Nor by another manager with the same folder, which is what another process has."""
    other = manager_of(ports, tmp_path, clock)
    with manager.port() as a, other.port() as b, manager.port() as c, other.port() as d:
        assert sorted([a, b, c, d]) == sorted(ports)


def test_threads_share_a_manager(tmp_path: Path, port_manager: PortManager) -> None:
    """They are given a port each, though they ask at the same time."""
    threads, each = 8, 4
    together = threading.Barrier(threads)
    given: list[int] = []
    with ExitStack() as outer:
        ports = [outer.enter_context(port_manager.port()) for _ in range(threads * each)]
        manager = PortManager(ports, folder=tmp_path)

        def take() -> None:
            with ExitStack() as held:
                together.wait()
                given.extend(held.enter_context(manager.port(ports[0])) for _ in range(each))
                together.wait()

        started = [threading.Thread(target=take) for _ in range(threads)]
        for thread in started:
            thread.start()
        for thread in started:
            thread.join()
        assert sorted(given) == sorted(ports)


def test_a_preferred_port_is_given_if_it_is_free(
    ports: list[int], tmp_path: Path, clock: Clock
) -> None:
    """Also one that is none of the manager's own; else there is another one."""
    narrow = manager_of(ports[:3], tmp_path, clock)
    with narrow.port(ports[3]) as first, narrow.port(ports[3]) as second:
        assert first == ports[3]
        assert second in ports[:3]


@pytest.mark.parametrize("preferred", [0, -1, 65536])
def test_a_preferred_port_that_is_none_is_refused(preferred: int, manager: PortManager) -> None:
    """The message says what ports are."""
    message = f"preferred: {preferred} is no port: those are 1 to 65535"
    with pytest.raises(ValueError, match=message), manager.port(preferred):
        pass


def test_no_ports_to_choose_from_are_refused(tmp_path: Path) -> None:
    """Rather than a manager that is exhausted from the start."""
    with pytest.raises(ValueError, match="at least one port"):
        PortManager([], folder=tmp_path)


def test_a_port_rests_when_it_was_given_back(
    ports: list[int], manager: PortManager, clock: Clock
) -> None:
    """Until then it isn't given again, not even to who prefers it; then it is."""
    with manager.port(ports[0]):
        pass
    clock.now_s += 0.9
    with manager.port(ports[0]) as other:
        assert other != ports[0]
    clock.now_s += 0.2
    with manager.port(ports[0]) as again:
        assert again == ports[0]
    assert clock.slept_s == []


def test_where_all_others_are_held_one_waits_for_the_rest(
    ports: list[int], tmp_path: Path, clock: Clock
) -> None:
    """It is short, and better than an error."""
    manager = manager_of(ports[:1], tmp_path, clock)
    with manager.port():
        pass
    clock.now_s += 0.75
    with manager.port() as again:
        assert again == ports[0]
    assert clock.slept_s == [0.25]


def test_a_clock_that_was_set_back_does_not_prolong_the_rest(
    ports: list[int], tmp_path: Path, clock: Clock
) -> None:
    """When the port was given back is not known then, and nobody waits an hour for it."""
    manager = manager_of(ports[:1], tmp_path, clock)
    with manager.port():
        pass
    clock.now_s -= 3600
    with manager.port() as again:
        assert again == ports[0]
    assert clock.slept_s == []


def test_a_block_that_fails_gives_its_port_back(
    ports: list[int], tmp_path: Path, clock: Clock
) -> None:
    """As every other does."""
    manager = manager_of(ports[:1], tmp_path, clock)
    with pytest.raises(ZeroDivisionError), manager.port():
        raise ZeroDivisionError
    clock.now_s += 2
    with manager.port() as again:
        assert again == ports[0]


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, "0.0.0.0"),
        (socket.AF_INET, "127.0.0.1"),
        (socket.AF_INET6, "::"),
        (socket.AF_INET6, "::1"),
    ],
)
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_with_a_socket_is_not_free(
    family: socket.AddressFamily,
    address: str,
    kind: socket.SocketKind,
    ports: list[int],
    manager: PortManager,
) -> None:
    """TCP and UDP, IPv4 and IPv6, on all addresses or on one, also of who asks no manager."""
    with socket.socket(family, kind) as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind((address, ports[0]))
        with manager.port(ports[0]) as other:
            assert other != ports[0]


def test_a_port_with_a_connection_that_was_just_closed_is_not_free(
    ports: list[int], manager: PortManager
) -> None:
    """Most servers can't bind to it for a minute."""
    with socket.create_server(("127.0.0.1", ports[0])) as server:
        client = socket.create_connection(server.getsockname())
        connection, _ = server.accept()
        connection.close()
        assert client.recv(1) == b""
        client.close()
    with manager.port(ports[0]) as other:
        assert other != ports[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_bound_socket_is_handed_over(
    host: str, kind: socket.SocketKind, ports: list[int], manager: PortManager
) -> None:
    """It has the port until the end of the block, when it is closed."""
    with manager.bound_socket(ports[2], host=host, kind=kind) as opened:
        assert opened.getsockname()[:2] == (host, ports[2])
        assert opened.type == kind
        with pytest.raises(OSError, match=r"in use"), socket.socket(opened.family, kind) as other:
            other.bind((host, ports[2]))
    assert opened.fileno() == -1


def test_a_server_may_close_the_socket_that_it_was_given(manager: PortManager) -> None:
    """Most do."""
    with manager.bound_socket() as opened:
        opened.close()


def test_a_host_that_is_elsewhere_is_an_error(
    ports: list[int], manager: PortManager, tmp_path: Path
) -> None:
    """And leaves no port behind that nobody can have."""
    with pytest.raises(OSError, match="assign"), manager.bound_socket(ports[0], host="192.0.2.1"):
        pass
    lock = PortLocks(tmp_path).try_lock(ports[0])
    assert lock is not None
    lock.close()


@pytest.mark.runs_examples("docs/ports.md", "text")
def test_where_no_port_is_left_the_error_names_the_holders(
    ports: list[int], manager: PortManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the most ports first, with what ran there; and what else has ports."""
    monkeypatch.setenv("PYTEST_MARKERSTEAL_SLOT", "3")
    monkeypatch.setenv("PYTEST_MARKERSTEAL_RUN", "5ca1ab1e5ca1ab1e")
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "test_shop.py::test_order (setup)")
    with manager.port(ports[0]), manager.port(ports[1]), socket.socket() as stranger:
        monkeypatch.delenv("PYTEST_MARKERSTEAL_RUN")
        monkeypatch.delenv("PYTEST_CURRENT_TEST")
        stranger.bind(("127.0.0.1", ports[2]))
        with (
            manager.port(ports[3]),
            pytest.raises(PortsExhausted) as raised,
            manager.port(),
        ):
            pass
    first, second = sorted(ports[:2])
    pid = os.getpid()
    lines = str(raised.value).splitlines()
    assert lines[:2] == [
        "no port is free:",
        f"  {first}, {second}: held by pid {pid} (slot 3 of run 5ca1ab1e) "
        "in test_shop.py::test_order (setup)",
    ]
    assert sorted(lines[2:4]) == sorted(
        [
            f"  {ports[2]}: in use by processes that do not ask for ports here",
            f"  {ports[3]}: held by pid {pid}",
        ]
    )
    assert "markersteal_ports" in lines[4]
    numbers = re.compile(r"\d+(, \d+)*( and \d+ more)?")
    told = [numbers.sub("0", line) for line in lines]
    (shown,) = blocks("docs/ports.md", "text")
    for line in shown.removeprefix("PortsExhausted: ").replace("tests/", "").splitlines():
        assert numbers.sub("0", line) in told


def test_many_ports_of_a_holder_are_not_all_listed(
    tmp_path: Path, port_manager: PortManager
) -> None:
    """A message of ten thousand numbers helps nobody."""
    with ExitStack() as held:
        ports = sorted(held.enter_context(port_manager.port()) for _ in range(8))
        manager = PortManager(ports, folder=tmp_path)
        for _ in ports:
            held.enter_context(manager.port())
        with pytest.raises(PortsExhausted, match=f"{ports[4]} and 3 more: held by"), manager.port():
            pass


def test_a_test_with_a_very_long_name_is_named_in_part(
    ports: list[int], tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parameters may be whole files, of any characters."""
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "test_long[" + "\N{SNOWMAN}" * 10_000)
    manager = manager_of(ports[:1], tmp_path, clock)
    message = f"held by pid {os.getpid()} .* in test_long"
    with manager.port(), pytest.raises(PortsExhausted, match=message), manager.port():
        pass


def test_a_port_that_another_only_looks_at_is_asked_for_again(
    ports: list[int], tmp_path: Path
) -> None:
    """Its lock is held for the moment in which somebody finds that it still rests."""
    looking = PortLocks(tmp_path).try_lock(ports[0])
    assert looking is not None
    manager = PortManager(ports[:1], folder=tmp_path, sleep=lambda _: looking.close())
    with manager.port() as given:
        assert given == ports[0]


def test_one_who_never_says_who_it_is_does_not_hold_up_others_for_ever(
    ports: list[int], tmp_path: Path, clock: Clock
) -> None:
    """A process may be stopped in that moment."""
    looking = PortLocks(tmp_path).try_lock(ports[0])
    assert looking is not None
    manager = manager_of(ports[:1], tmp_path, clock)
    with pytest.raises(PortsExhausted, match="a process that has not said"), manager.port():
        pass
    looking.close()


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"pid": "x"}', '{"released_s": "x"}'])
def test_a_lock_file_may_say_anything(
    text: str, ports: list[int], manager: PortManager, tmp_path: Path
) -> None:
    """What counts is the lock."""
    (tmp_path / f"{ports[0]}.lock").write_text(text, encoding="utf-8")
    with manager.port(ports[0]) as given:
        assert given == ports[0]


def test_managers_begin_where_they_are_told(ports: list[int], tmp_path: Path, clock: Clock) -> None:
    """So that workers seldom ask for the same port."""
    manager = PortManager(ports, first=2, folder=tmp_path, clock=clock, sleep=clock.sleep)
    with manager.port() as a, manager.port() as b, manager.port() as c:
        assert [a, b, c] == [ports[2], ports[3], ports[0]]


@pytest.mark.skipif(os.name == "nt", reason="there each user has a folder for temporary files")
def test_a_folder_that_others_can_write_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who can remove lock files can make two processes have one port."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = own_folder()
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    with pytest.raises(RuntimeError, match=r"not a folder that only this user.*set TMPDIR"):
        own_folder()
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RuntimeError, match="not a folder that only this user"):
        own_folder()
