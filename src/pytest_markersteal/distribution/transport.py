"""A worker's events, batched: a few messages where xdist sends six a test.

execnet's serializer is written in Python, and for small tests it costs more than the tests do; so
does each write to a pipe. So the events are packed with msgpack and travel together. What the
controller's hooks see, and in which order, is unchanged:

- a test's ``logstart`` goes out at once, with all that came before it, unless something went out in
  the last ``PAUSE_S``: then it waits for the rest of that time, in the black box (see there), so a
  crash is blamed on the right test, and ``-v`` shows a test when it starts;
- a report that is not a plain pass goes out at once, so ``-x`` stops as early as before;
- everything goes out before the worker waits for anything, and before any event of another kind;
- tuples arrive as tuples; what msgpack can't carry exactly goes xdist's own way, in its place, and
  text that execnet can't carry is escaped (pytest-dev/pytest-xdist#843).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import execnet

from pytest_markersteal.distribution import protocol, wire
from pytest_markersteal.distribution.blackbox import BlackBox

PAUSE_S = 0.02
"""How long the start of a test may wait for company: too short to be noticed by people."""

_CARRIED = frozenset({"logstart", "logfinish", "testreport"})

_SendEvent = Callable[..., None]


class Transport:
    """Stands between xdist's worker plugin, the worker loop and the channels."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        send_plainly: _SendEvent,
        clock_s: Callable[[], float],
        box: BlackBox | None = None,
        *,
        batched: bool = True,
    ) -> None:
        """``send`` puts bytes on our channel, ``send_plainly`` an event on xdist's.

        Without a ``box``, the start of a test never waits. If not ``batched``, xdist's events go
        their own way and nothing waits for them.
        """
        self._batched = batched
        self._send = send
        self._send_plainly = send_plainly
        self._clock_s = clock_s
        self._box = box
        self._encoder = wire.Encoder()
        self._batch: list[bytes] = []
        self._first = 0
        self._sent_at_s = -PAUSE_S
        self._lock = threading.Lock()
        self._ended = threading.Event()
        if box is not None:
            threading.Thread(target=self._send_in_time, daemon=True).start()

    def sendevent(self, name: str, **kwargs: Any) -> None:
        """Take the place of ``sendevent`` of xdist's worker plugin."""
        packed = self._encoder.event(name, kwargs) if name in _CARRIED else None
        if packed is None:
            self.flush()
            try:
                self._send_plainly(name, **kwargs)
            except execnet.DumpError:
                # Lone surrogates, as in names of files that are no UTF-8, would end the worker.
                self._send_plainly(name, **_escaped(kwargs))
            return
        self._add(packed)
        if name == "logstart":
            if self._box is None or self._clock_s() - self._sent_at_s >= PAUSE_S:
                self.flush()
        elif name == "testreport" and not _is_plain_pass(kwargs["data"]):
            self.flush()

    def step(self, step: protocol.Step) -> None:
        """Send with the events around it; at once unless a test starts, which sends it."""
        self._add(self._encoder.message(step))
        if step.started is None or not self._batched:
            self.flush()

    def begin(self) -> None:
        """A test is about to be set up: some plugins leave its ``logstart`` out.

        Without a box, that it has started would not be known if the worker died in it.
        """
        if self._box is None:
            self.flush()

    def flush(self) -> None:
        """Send what has gathered."""
        with self._lock:
            self._flush()

    def end(self) -> None:
        """Send what has gathered, for the last time."""
        self._ended.set()
        self.flush()

    def _add(self, packed: bytes) -> None:
        with self._lock:
            if self._box is not None and not self._box.add(packed):
                self._flush()
                if not self._box.add(packed):
                    self._batch.append(packed)
                    self._flush()
                    return
            self._batch.append(packed)

    def _flush(self) -> None:
        if self._batch:
            batch, self._batch = self._batch, []
            self._send(self._encoder.batch(self._first, batch))
            self._first += len(batch)
            self._sent_at_s = self._clock_s()
            if self._box is not None:
                self._box.restart(self._first)

    def _send_in_time(self) -> None:
        # The clock is the worker's own, the event waits by none that tests could patch.
        while not self._ended.wait(PAUSE_S):
            if self._batch:
                self.flush()


def _escaped(value: Any) -> Any:
    """``value`` with what UTF-8 can't encode written as Python escapes it."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_escaped(key): _escaped(part) for key, part in value.items()}
        case list() | tuple():
            return type(value)(map(_escaped, value))
    return value


def _is_plain_pass(data: dict[str, Any]) -> bool:
    return data.get("outcome") == "passed" and not data.get("longrepr")
