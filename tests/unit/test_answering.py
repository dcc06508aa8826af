"""Waiting for a port ends when the right server answers, and says why it does not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from pytest_markersteal import PortManager, WrongServer, greets, serves, wait_for_port


@pytest.fixture
def listener(port_manager: PortManager) -> Iterator[socket.socket]:
    """A socket whose port is known before it listens."""
    with port_manager.bound_socket() as bound:
        yield bound


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


@contextmanager
def served_by(server: Callable[[], None]) -> Iterator[None]:
    """Run ``server`` beside the block, and to its end."""
    thread = threading.Thread(target=server)
    thread.start()
    try:
        yield
    finally:
        thread.join()


@contextmanager
def answering(listener: socket.socket, *answers: bytes) -> Iterator[int]:
    """Say each of ``answers`` to one connection, in turn."""
    listener.listen()

    def answer() -> None:
        for said in answers:
            connection, _ = listener.accept()
            # Who has seen enough may hang up first.
            with connection, suppress(OSError):
                connection.sendall(said)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1024):  # Until the other side has read it all.
                    pass

    with served_by(answer):
        yield port_of(listener)


class Process:
    """A server's process that does something when it is asked whether it still runs."""

    def __init__(self, when_asked: Callable[[int], int | None]) -> None:
        self._when_asked = when_asked
        self._asked = 0

    def poll(self) -> int | None:
        self._asked += 1
        return self._when_asked(self._asked)


def test_it_returns_when_the_server_listens(listener: socket.socket) -> None:
    """However often nobody answered before."""

    def listen_at_last(asked: int) -> None:
        if asked == 3:
            listener.listen()

    process = Process(listen_at_last)
    wait_for_port(port_of(listener), process=process)
    assert process._asked == 4


def test_nobody_is_a_timeout(listener: socket.socket) -> None:
    """It names the address, and what the system says."""
    message = rf"no server on 127\.0\.0\.1:{port_of(listener)} after 0 s: .*refused"
    with pytest.raises(TimeoutError, match=message):
        wait_for_port(port_of(listener), timeout_s=0)


def test_a_process_that_has_ended_is_not_waited_for(listener: socket.socket) -> None:
    """Its status says more than a timeout would, and at once."""
    message = rf"the server for 127\.0\.0\.1:{port_of(listener)} has ended with status 3: .*refused"
    with pytest.raises(RuntimeError, match=message):
        wait_for_port(port_of(listener), process=Process(lambda _: 3))


def test_another_one_that_answers_for_an_ended_process_is_told(listener: socket.socket) -> None:
    """The usual end of a server whose port was taken."""
    listener.listen()
    with pytest.raises(RuntimeError, match="status 1; another one answers there"):
        wait_for_port(port_of(listener), process=Process(lambda _: 1))


def test_it_waits_for_the_right_greeting(listener: socket.socket) -> None:
    """A wrong one may be that of an old server that is about to leave."""
    with answering(listener, b"400 ", b"22", b"220 mail.example.org") as port:
        wait_for_port(port, check=greets(b"220 "))


@pytest.mark.parametrize("said", [b"SSH-2.0", b"22", b""])
def test_a_wrong_greeting_is_quoted(listener: socket.socket, said: bytes) -> None:
    """Where it is not to be waited for any longer."""
    with (
        answering(listener, said) as port,
        pytest.raises(TimeoutError) as raised,
    ):
        wait_for_port(port, check=greets(b"220 "), timeout_s=0)
    assert f"a server answers, but it says {said[:4]!r} instead of b'220 '" in str(raised.value)


def http(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def test_it_waits_for_the_right_page(listener: socket.socket) -> None:
    """A server may answer before it is ready."""
    answers = [http("503 Service Unavailable", "starting"), http("200 OK", "shop: ready")]
    with answering(listener, *answers) as port:
        wait_for_port(port, check=serves("/health", b"shop"))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (http("404 Not Found", "shop"), "it has the status 404 for /health"),
        (http("200 OK", "bank"), "it has no b'shop' in /health"),
        (b"220 mail.example.org\r\n", "it does not speak HTTP: BadStatusLine"),
        (b"", "it does not speak HTTP: RemoteDisconnected"),
    ],
)
def test_a_wrong_page_is_told(listener: socket.socket, said: bytes, why: str) -> None:
    """With what is wrong about it."""
    with answering(listener, said) as port, pytest.raises(TimeoutError) as raised:
        wait_for_port(port, check=serves("/health", b"shop"), timeout_s=0)
    assert f"a server answers, but {why}" in str(raised.value)


@contextmanager
def endless(listener: socket.socket) -> Iterator[int]:
    """Answer one connection until it hangs up."""
    listener.listen()

    def answer() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nshop")
            while True:
                connection.sendall(b".")

    with served_by(answer):
        yield port_of(listener)


def test_an_answer_that_never_ends_is_read_as_far_as_is_needed(listener: socket.socket) -> None:
    """Such as that of a stream of events."""
    with endless(listener) as port:
        wait_for_port(port, check=serves("/events", b"shop"))


def reads_to_the_end(connection: socket.socket) -> bool:
    while connection.recv(1024):
        pass
    return False


@pytest.mark.parametrize("check", [serves("/events", b"bank"), reads_to_the_end])
def test_an_attempt_ends_although_the_answer_goes_on(
    listener: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
    check: Callable[[socket.socket], object],
) -> None:
    """No single read would ever time out; the same for checks of one's own."""
    monkeypatch.setattr("pytest_markersteal.safety.ports.answering._CHECK_S", 0.05)
    message = r"a server answers, but not to the end within 0\.05 s"
    with endless(listener) as port, pytest.raises(TimeoutError, match=message):
        wait_for_port(port, check=check, timeout_s=0)


@pytest.mark.parametrize("path", ["health", "", "/käse"])
def test_what_is_no_path_is_refused(path: str) -> None:
    """Before a server is blamed for it."""
    with pytest.raises(ValueError, match=f"serves: '{path}' is no path"):
        serves(path)


def test_a_check_may_be_any_function(listener: socket.socket) -> None:
    """What is false is another server; so is what it says itself."""
    listener.listen()
    with pytest.raises(TimeoutError, match="the check says that it is another one"):
        wait_for_port(port_of(listener), check=lambda _: False, timeout_s=0)

    def refuse(_: socket.socket) -> bool:
        raise WrongServer("it has version 3")

    with pytest.raises(TimeoutError, match="answers, but it has version 3"):
        wait_for_port(port_of(listener), check=refuse, timeout_s=0)
    wait_for_port(port_of(listener), check=lambda _: True, timeout_s=0)


def test_ipv6_is_asked_too(port_manager: PortManager) -> None:
    """By its address."""
    with port_manager.bound_socket(host="::1") as bound:
        bound.listen()
        wait_for_port(port_of(bound), host="::1")
