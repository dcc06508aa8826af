"""Gives out ports: each to one holder on this machine at a time, whatever process it is in."""

from __future__ import annotations

import enum
import math
import os
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pytest_markersteal.place import run_id, worker_slot
from pytest_markersteal.safety.ports.locks import Holder, PortLock, PortLocks, own_folder
from pytest_markersteal.safety.ports.probing import bound_socket, is_free

QUARANTINE_S = 1.0
"""How long a port that was given back rests, so that late packets find nobody."""

_LOOK_S = 0.001
_MOST_LOOKS = 100
"""How often to come back to a port that somebody else has just locked, and after what time."""

_PORTS_LISTED = 5
_LONGEST_TEST = 300
"""In characters; node ids can have whole files in them."""


class PortsExhausted(RuntimeError):  # noqa: N818 - reads as what happened
    """No port is left; the message says who has them."""


class _Refusal(enum.Enum):
    """Why a port is not to be had."""

    HELD = enum.auto()
    IN_USE = enum.auto()


@dataclass(frozen=True, slots=True)
class _Held:
    port: int
    lock: PortLock
    socket: socket.socket | None


class PortManager:
    """Ports that nobody else on this machine has who asks a manager, or has a socket there.

    It may be shared by threads. What a process holds is free again once it is dead, however it
    died. A port is a free number at the moment when it is given out; only a socket that is handed
    over keeps those away who don't ask a manager.
    """

    def __init__(
        self,
        ports: Sequence[int],
        *,
        first: int = 0,
        folder: Path | None = None,
        quarantine_s: float = QUARANTINE_S,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``ports``: those to choose from, at least one; ``first``: where among them to begin.

        ``folder``: of the lock files, one for each user unless given; managers exclude each other
        only where it is the same. ``clock``: seconds, the same for all processes.
        """
        if not ports:
            raise ValueError("a PortManager needs at least one port to choose from")
        self._ports = ports
        self._next = first % len(ports)
        self._locks = PortLocks(own_folder() if folder is None else folder)
        self._quarantine_s = quarantine_s
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def port(self, preferred: int | None = None) -> Generator[int]:
        """A port, for the time of the block; ``preferred`` if it is free.

        It is free for TCP and UDP, IPv4 and IPv6. ``preferred`` may be any from 1 to 65535.
        ``PortsExhausted`` where none is left.
        """
        held = self._take(preferred)
        try:
            yield held.port
        finally:
            held.lock.give_back(self._clock())

    @contextmanager
    def bound_socket(
        self,
        preferred: int | None = None,
        *,
        host: str = "127.0.0.1",
        kind: socket.SocketKind = socket.SOCK_STREAM,
    ) -> Generator[socket.socket]:
        """A socket bound to such a port of ``host``, an IPv4 or IPv6 address, for the block.

        It does not listen yet. Nobody can take its port, from now until it is closed at the end.
        """
        held = self._take(preferred, lambda port: bound_socket(host, kind, port))
        assert held.socket is not None
        try:
            yield held.socket
        finally:
            held.socket.close()
            held.lock.give_back(self._clock())

    def _take(
        self,
        preferred: int | None,
        bind: Callable[[int], socket.socket | None] | None = None,
    ) -> _Held:
        if preferred is not None and not 0 < preferred < 65536:
            raise ValueError(f"preferred: {preferred} is no port: those are 1 to 65535")
        looks = 0
        while True:
            refused: dict[int, _Refusal] = {}
            rest_s = math.inf
            for port in self._candidates(preferred):
                match self._try(port, bind):
                    case _Held() as held:
                        return held
                    case _Refusal() as refusal:
                        refused[port] = refusal
                    case left_s:
                        rest_s = min(rest_s, left_s)
            if rest_s == math.inf:
                if looks == _MOST_LOOKS or not self._some_are_looked_at(refused):
                    raise PortsExhausted(self._explanation(refused))
                looks += 1
                rest_s = _LOOK_S
            self._sleep(rest_s)

    def _candidates(self, preferred: int | None) -> Iterator[int]:
        """The preferred port, then all in turn, beginning after the last one that was taken.

        Threads may begin at the same one: the lock decides who gets it.
        """
        if preferred is not None:
            yield preferred
        first = self._next
        for step in range(len(self._ports)):
            index = (first + step) % len(self._ports)
            self._next = index + 1
            yield self._ports[index]

    def _try(
        self, port: int, bind: Callable[[int], socket.socket | None] | None
    ) -> _Held | _Refusal | float:
        """The port, or why it is not to be had, or for how many seconds it still rests."""
        lock = self._locks.try_lock(port)
        if lock is None:
            return _Refusal.HELD
        with ExitStack() as refusing:
            refusing.callback(lock.close)
            rest_s = self._rest_s(lock)
            if rest_s > 0:
                return rest_s
            if not is_free(port):
                return _Refusal.IN_USE
            opened = None
            if bind is not None:
                opened = bind(port)
                if opened is None:
                    return _Refusal.IN_USE
                refusing.enter_context(opened)
            lock.describe(_holder())
            refusing.pop_all()
            return _Held(port, lock, opened)

    def _some_are_looked_at(self, refused: dict[int, _Refusal]) -> bool:
        """Whether some port may only be locked for the moment in which another finds out about it.

        Whoever keeps a port says who it is.
        """
        return any(
            refusal is _Refusal.HELD and self._locks.holder(port) is None
            for port, refusal in refused.items()
        )

    def _rest_s(self, lock: PortLock) -> float:
        released_s = lock.released_s()
        if released_s is None:
            return 0.0
        rested_s = self._clock() - released_s
        # Less than nothing where the clock was set back: how long it rested is not known then.
        return self._quarantine_s - rested_s if rested_s >= 0 else 0.0

    def _explanation(self, refused: dict[int, _Refusal]) -> str:
        """Who has the ports, the most first."""
        by_holder: dict[str, list[int]] = defaultdict(list)
        for port in sorted(refused):
            if refused[port] is _Refusal.IN_USE:
                by_holder["in use by processes that do not ask for ports here"].append(port)
            else:
                holder = self._locks.holder(port) or "a process that has not said who it is"
                by_holder[f"held by {holder}"].append(port)
        lines = [
            f"  {_listed(ports)}: {holder}"
            for holder, ports in sorted(by_holder.items(), key=lambda item: -len(item[1]))
        ]
        return "\n".join(
            [
                "no port is free:",
                *lines,
                "give some back sooner, or choose more with markersteal_ports in the ini file",
            ]
        )


def _listed(ports: Sequence[int]) -> str:
    shown = ", ".join(map(str, ports[:_PORTS_LISTED]))
    more = len(ports) - _PORTS_LISTED
    return f"{shown} and {more:,} more" if more > 0 else shown


def _holder() -> Holder:
    try:
        run = run_id()
    except LookupError:
        run = ""
    test = os.environ.get("PYTEST_CURRENT_TEST", "")[:_LONGEST_TEST]
    return Holder(os.getpid(), worker_slot(), run, test)
