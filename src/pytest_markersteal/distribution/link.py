"""The controller's end of the channel to one worker."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

import pytest_markersteal
from pytest_markersteal.distribution import blackbox, protocol, tx, wire
from pytest_markersteal.distribution.distance import Distance
from pytest_markersteal.distribution.errands import Event, event_of

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

    from pytest_markersteal.distribution.scheduling import MarkerStealScheduling


class Link:
    """Carries messages between the scheduler and the worker of ``node``."""

    def __init__(self, node: WorkerController, boxes: Path | None) -> None:
        """Open the channel and hand its other end to the worker.

        A worker on this machine also gets a black box, in the folder ``boxes``, if there is one.
        """
        self._node = node
        self.name = worker_name(node)
        self.machine = tx.machine_of(node.gateway.spec)
        """As durations files know it."""
        self._channel = node.gateway.newchannel()
        self.catalog: protocol.Catalog | None = None
        self._distance = Distance()
        self._ahead_s = 0.0
        """How far this process's clock seemed ahead when the catalog came; its way is in it."""
        self._expected = 0
        """The number of the next message."""
        self._box: Path | None = None
        node.workerinput[protocol.INPUT_KEY] = self._channel
        spec = node.gateway.spec
        # Processes of one machine share the clock.
        self._is_local = bool(spec.popen and not spec.via)
        if self._is_local and boxes is not None:
            box = boxes / self.name
            with contextlib.suppress(OSError):  # Without one, each start is sent at once.
                blackbox.create(box)
                node.workerinput[protocol.BOX_KEY] = str(box)
                self._box = box
        # Ours is registered before xdist's, so it also hears of the end before xdist does.
        self._channel.setcallback(self._receive, endmarker=None)

    @property
    def round_trip_s(self) -> float:
        """What a message to the worker and its answer take at least; 0 while nobody knows."""
        return self._distance.round_trip_s

    @property
    def ahead_s(self) -> float:
        """How far this process's clock is ahead of the worker's, as far as is known."""
        if self._is_local:
            return 0.0
        measured_s = self._distance.ahead_s
        return self._ahead_s if measured_s is None else measured_s

    def _receive(self, data: bytes | None) -> None:
        """Take in messages: in execnet's receiver thread, so nothing is decided here."""
        try:
            messages = self._left_over() if data is None else self._in_order(data)
        except protocol.ProtocolError as error:
            self._tell([self._failure(error)])
            return
        try:
            events = [event for message in messages for event in self._events_of(message)]
        except Exception:
            # A plugin here can't make a report of what another one made of it there. If this were
            # raised, it would close the channel, and nobody hear of it: so it goes xdist's way.
            error_info = pytest.ExceptionInfo.from_current()
            self._node.config.notify_exception(error_info)
            self._tell([("errordown", {"node": self._node, "error": error_info})])
            return
        self._tell(events)
        if self._distance.is_due(time.perf_counter()):
            self._ping()

    def _ping(self) -> None:
        """Ask, in another thread: this one must not wait, but take in what comes.

        A worker that waits until its report is taken takes nothing itself.
        """
        self._distance.asked(time.perf_counter())
        start_thread(lambda: self.send(protocol.Ping(time.perf_counter())))

    def _events_of(self, message: protocol.Message) -> list[Event]:
        match message:
            case protocol.Event("testreport", {"data": report}):
                config = self._node.config
                loaded = config.hook.pytest_report_from_serializable(config=config, data=report)
                return [("testreport", {"node": self._node, "rep": loaded})]
            case protocol.Event(name, arguments):
                return [(name, {"node": self._node, **arguments})]
            case protocol.Catalog():
                self.catalog = message
                self._ahead_s = time.perf_counter() - message.collected_s
                if message.version == protocol.VERSION:  # Others are refused in a moment.
                    self._ping()
                return []
            case protocol.Pong(sent_s, worker_s):
                self._distance.answered(sent_s, worker_s, time.perf_counter())
                if not self._distance.is_known:
                    self._ping()
        return [event_of(lambda scheduling: scheduling.take(self._node, message))]

    def _in_order(self, data: bytes) -> list[protocol.Message]:
        first, messages = wire.decode_batch(data)
        if first is not None:
            if first != self._expected:
                raise protocol.ProtocolError(f"message {first} came instead of {self._expected}")
            self._expected += len(messages)
        return messages

    def _left_over(self) -> list[protocol.Message]:
        """What the worker, which is gone, did not send any more."""
        if self._box is None:
            return []
        try:
            first, data = blackbox.read(self._box)
        except OSError:
            return []  # The run is over, and the folder is removed.
        return wire.decode_stream(data)[max(0, self._expected - first) :]

    def _failure(self, error: protocol.ProtocolError) -> Event:
        """Something that it said is lost, so nothing that it does can be relied on."""

        def fail(scheduling: MarkerStealScheduling) -> NoReturn:
            raise protocol.ProtocolError(f"worker {self.name}: {error}") from error

        return event_of(fail)

    def _tell(self, events: list[Event]) -> None:
        """Put ``events`` before xdist's session, in the main thread and in order.

        Those of a batch are one event in its queue, because each costs a turn of xdist's loop.
        """
        if len(events) == 1:
            self._node.putevent(events[0])
        elif events:
            self._node.putevent(event_of(lambda scheduling: scheduling.take_events(events)))

    def send(self, message: protocol.Message) -> None:
        """Send, unless the worker is gone: then xdist is about to say so."""
        with contextlib.suppress(OSError):
            self._channel.send(wire.encode(message))

    def take_catalog(self, tests: int) -> protocol.Catalog:
        """The worker's catalog of its ``tests`` tests; ``UsageError`` if it is unusable."""
        catalog, self.catalog = self.catalog, None
        name = tx.named(self._node.gateway)
        here = f"pytest-markersteal {pytest_markersteal.__version__}"
        if catalog is None:
            raise pytest.UsageError(
                f"worker {name} sent no list of marks: it does not run {here}; "
                "install the same version where that worker runs"
            )
        if catalog.version != protocol.VERSION:
            raise pytest.UsageError(
                f"worker {name} has pytest-markersteal {catalog.package}, here is {here}; "
                "install the same version where that worker runs"
            )
        if len(catalog.demand_of) != tests or (
            tests and max(catalog.demand_of) >= len(catalog.demands)
        ):
            raise pytest.UsageError(f"worker {name} sent marks for other tests than it collected")
        return catalog


def worker_name(node: Any) -> str:
    """The name of the worker of ``node``, as xdist shows it."""
    return str(node.gateway.id)


def start_thread(target: Callable[[], None]) -> None:
    """Have ``target`` done while others go on, for which nobody waits."""
    threading.Thread(target=target, daemon=True).start()
