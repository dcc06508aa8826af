"""A worker's events, batched: one message a test where xdist sends six.

execnet's serializer is written in Python, and for small tests it costs more than the tests do. So
the events of a test are packed with msgpack and travel together, when the next test starts at the
latest. What the controller's hooks see, and in which order, is unchanged:

- a test's ``logstart`` goes out at once, with all that came before it: a crash is blamed on the
  right test, and ``-v`` shows a test when it starts;
- a report that is not a plain pass goes out at once, so ``-x`` stops as early as before;
- everything goes out before the worker waits for anything, and before any event of another kind;
- tuples arrive as tuples; what msgpack can't carry exactly goes xdist's own way, in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_markersteal.distribution import protocol

_CARRIED = frozenset({"logstart", "logfinish", "testreport"})

_SendEvent = Callable[..., None]


class Transport:
    """Stands between xdist's worker plugin, the worker loop and the channels; main thread only."""

    def __init__(self, send: Callable[[bytes], None], send_plainly: _SendEvent) -> None:
        """``send`` puts bytes on our channel, ``send_plainly`` an event on xdist's."""
        self._send = send
        self._send_plainly = send_plainly
        self._encoder = protocol.Encoder()
        self._batch: list[bytes] = []

    def sendevent(self, name: str, **kwargs: Any) -> None:
        """Take the place of ``sendevent`` of xdist's worker plugin."""
        packed = self._encoder.event(name, kwargs) if name in _CARRIED else None
        if packed is None:
            self.flush()
            self._send_plainly(name, **kwargs)
            return
        self._batch.append(packed)
        if name == "logstart" or (name == "testreport" and not _is_plain_pass(kwargs["data"])):
            self.flush()

    def step(self, step: protocol.Step) -> None:
        """Send with the events around it; at once unless a test starts, which sends it."""
        self._batch.append(self._encoder.message(step))
        if step.started is None:
            self.flush()

    def flush(self) -> None:
        """Send what has gathered."""
        if self._batch:
            batch, self._batch = self._batch, []
            self._send(self._encoder.batch(batch))


def _is_plain_pass(data: dict[str, Any]) -> bool:
    return data.get("outcome") == "passed" and not data.get("longrepr")
